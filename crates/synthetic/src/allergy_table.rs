//! Allergies seen here: substance (RxNorm code where it is a medicine), reaction and what it rules out.

use crate::drug_table::Class;

/// One allergy as it may be recorded.
#[derive(Debug)]
pub(crate) struct Allergen {
    /// RxNorm code; none for foods, pollens and the like, which are recorded in words.
    pub(crate) code: Option<&'static str>,
    pub(crate) name: &'static str,
    /// FHIR category.
    pub(crate) category: &'static str,
    /// `allergy` or `intolerance`.
    pub(crate) kind: &'static str,
    /// Reactions with their severity.
    pub(crate) reactions: &'static [(&'static str, &'static str)],
    pub(crate) rules_out: Class,
    /// Youngest age it is recorded at.
    pub(crate) from_age: i32,
}

const fn row(
    code: Option<&'static str>,
    name: &'static str,
    (category, kind): (&'static str, &'static str),
    reactions: &'static [(&'static str, &'static str)],
    rules_out: Class,
    from_age: i32,
) -> Allergen {
    Allergen { code, name, category, kind, reactions, rules_out, from_age }
}

const MEDICINE: (&str, &str) = ("medication", "allergy");
const SIDE_EFFECT: (&str, &str) = ("medication", "intolerance");
const FOOD: (&str, &str) = ("food", "allergy");
const AROUND: (&str, &str) = ("environment", "allergy");

/// The first is the most frequent.
#[rustfmt::skip]
pub(crate) const ALLERGENS: &[Allergen] = &[
    row(Some("7984"), "Penicillin V", MEDICINE, &[("Hives", "moderate"), ("Rash", "mild"), ("Anaphylaxis", "severe")], Class::Penicillin, 2),
    row(None, "Grass pollen", AROUND, &[("Sneezing and itchy eyes", "mild")], Class::None, 5),
    row(Some("10831"), "Sulfamethoxazole / Trimethoprim", MEDICINE, &[("Rash", "moderate"), ("Hives", "moderate")], Class::Sulfa, 6),
    row(None, "Peanut", FOOD, &[("Anaphylaxis", "severe"), ("Swelling of lips", "moderate")], Class::None, 1),
    row(Some("29046"), "lisinopril", SIDE_EFFECT, &[("Dry cough", "mild"), ("Swelling of lips", "severe")], Class::AceInhibitor, 40),
    row(None, "Latex", AROUND, &[("Contact rash", "mild"), ("Hives", "moderate")], Class::None, 15),
    row(Some("5640"), "Ibuprofen", MEDICINE, &[("Hives", "moderate"), ("Wheezing", "severe")], Class::Nsaid, 12),
    row(None, "Shellfish", FOOD, &[("Hives", "moderate"), ("Vomiting", "moderate")], Class::None, 8),
    row(Some("1191"), "Aspirin", SIDE_EFFECT, &[("Stomach bleeding", "severe"), ("Stomach upset", "mild")], Class::Nsaid, 35),
    row(None, "Cat dander", AROUND, &[("Wheezing", "moderate"), ("Sneezing and itchy eyes", "mild")], Class::None, 4),
    row(Some("2231"), "Cephalexin", MEDICINE, &[("Rash", "mild"), ("Hives", "moderate")], Class::Cephalosporin, 3),
    row(None, "Bee venom", AROUND, &[("Large local swelling", "moderate"), ("Anaphylaxis", "severe")], Class::None, 6),
    row(None, "Egg", FOOD, &[("Hives", "mild"), ("Eczema flare", "mild")], Class::None, 1),
    row(Some("2193"), "Ceftriaxone", MEDICINE, &[("Rash", "moderate")], Class::Cephalosporin, 2),
    row(None, "House dust mite", AROUND, &[("Stuffy nose", "mild")], Class::None, 4),
];
