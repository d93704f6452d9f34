//! The form of an allergy, checked field by field.

use crate::chart::row::Row;
use crate::error::FieldError;
use crate::visit::words::{denies, line, lines};
use fhir::edit::allergy::{self, NewAllergy};

/// The form as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllergyForm {
    /// What it is to.
    pub substance: String,
    /// A slug of [`CATEGORIES`].
    pub category: String,
    /// `allergy`, `intolerance` or empty.
    pub kind: String,
    /// What happens, with commas between.
    pub reactions: String,
    /// A code of [`SEVERITIES`].
    pub severity: String,
    /// A code of [`CERTAINTIES`]; of one that is changed, of [`JUDGEMENTS`].
    pub certainty: String,
    /// A code of [`CRITICALITIES`].
    pub criticality: String,
    /// A code of [`STATUSES`], of one that is changed.
    pub status: String,
    /// Since when.
    pub onset: String,
    /// A remark.
    pub note: String,
}

impl AllergyForm {
    /// What the form shows of an allergy that is there.
    #[must_use]
    pub fn of(row: &Row) -> Self {
        let root = row.root();
        let text = |path: &str| root.text(path).unwrap_or_default().to_owned();
        let category = root.text("category").or_else(|| root.each("category").first().and_then(|it| it.as_text()));
        let category = CATEGORIES.iter().find(|(_, code, _)| Some(*code) == category);
        let certainty = text("verificationStatus.coding.code");
        let status = text("clinicalStatus.coding.code");
        let (reactions, severity) = allergy::reactions(root.value());
        Self {
            substance: root.words("code").unwrap_or_default(),
            category: category.map(|(slug, ..)| (*slug).to_owned()).unwrap_or_default(),
            kind: text("type"),
            reactions: reactions.join(", "),
            severity: severity.to_owned(),
            certainty: if certainty.is_empty() { "unconfirmed".to_owned() } else { certainty },
            criticality: text("criticality"),
            status: if status.is_empty() { "active".to_owned() } else { status },
            onset: allergy::onset(root.value()),
            note: String::new(),
        }
    }
}

/// Slug, R4 category, words.
pub const CATEGORIES: [(&str, &str, &str); 5] = [
    ("medicine", "medication", "A medicine"),
    ("class", "medication", "A class of medicines"),
    ("food", "food", "Food"),
    ("environment", "environment", "Environment (pollen, latex, insects …)"),
    ("biologic", "biologic", "A biologic (vaccine, blood product …)"),
];
/// R4 allergy-intolerance-type.
pub const KINDS: [(&str, &str); 3] = [("", "Not known"), ("allergy", "Allergy"), ("intolerance", "Intolerance")];
/// R4 reaction-event-severity.
pub const SEVERITIES: [(&str, &str); 4] =
    [("", "Not known"), ("mild", "Mild"), ("moderate", "Moderate"), ("severe", "Severe")];
/// R4 allergyintolerance-verification, of what is in force.
pub const CERTAINTIES: [(&str, &str); 2] =
    [("unconfirmed", "Told by the patient, not confirmed"), ("confirmed", "Confirmed")];

/// As [`CERTAINTIES`], of one that is changed.
pub const JUDGEMENTS: [(&str, &str); 3] = [CERTAINTIES[0], CERTAINTIES[1], ("refuted", "Refuted: it is none")];
/// R4 allergy-intolerance-criticality.
pub const CRITICALITIES: [(&str, &str); 4] = [
    ("", "Not said"),
    ("low", "Low: a reaction is not likely to threaten life"),
    ("high", "High: a reaction may threaten life"),
    ("unable-to-assess", "Unable to assess"),
];
/// R4 allergyintolerance-clinical.
pub const STATUSES: [(&str, &str); 3] =
    [("active", "Active"), ("inactive", "No longer a risk (inactive)"), ("resolved", "Resolved: tolerated since")];

/// Checks a new one, every field at once.
///
/// # Errors
/// Every field to mend, in the order of the form.
pub fn check(form: &AllergyForm) -> Result<NewAllergy, Vec<FieldError>> {
    checked(form, &CERTAINTIES, false)
}

/// Checks one that is changed, and what has become of it. `uncategorized` says that it has no category, which may stay so.
///
/// # Errors
/// As [`check`].
pub fn check_change(form: &AllergyForm, uncategorized: bool) -> Result<(NewAllergy, &'static str), Vec<FieldError>> {
    let status = STATUSES.iter().find(|(code, _)| *code == form.status).map(|(code, _)| *code);
    match (checked(form, &JUDGEMENTS, uncategorized), status) {
        (Ok(new), Some(status)) => Ok((new, status)),
        (checked, status) => {
            let mut problems = checked.err().unwrap_or_default();
            if status.is_none() {
                problems.push(FieldError { field: "status", problem: "Now: choose one of the list".to_owned() });
            }
            Err(problems)
        }
    }
}

fn checked(
    form: &AllergyForm,
    certainties: &[(&'static str, &str)],
    uncategorized: bool,
) -> Result<NewAllergy, Vec<FieldError>> {
    let mut problems = Vec::new();
    let mut new = NewAllergy::default();
    let mut wrong = |field, problem: String| problems.push(FieldError { field, problem });
    match line(&form.substance, 200) {
        Ok(words) if words.is_empty() => wrong("substance", "Substance: write what it is to".to_owned()),
        Ok(words) if denies(&words) => {
            wrong(
                "substance",
                "Substance: that none are known is recorded by its own button, not as an allergy".to_owned(),
            );
        }
        Ok(words) => new.substance = words,
        Err(why) => wrong("substance", format!("Substance: {why}")),
    }
    match CATEGORIES.iter().find(|(slug, ..)| *slug == form.category) {
        Some((_, code, _)) => new.category = code,
        None if uncategorized && form.category.is_empty() => {}
        None => wrong("category", "Category: choose one of the list".to_owned()),
    }
    let mut coded = |field, of: &[(&'static str, &str)], value: &str| {
        let found = of.iter().find(|(code, _)| *code == value).map(|(code, _)| *code);
        found.unwrap_or_else(|| {
            wrong(field, "Choose one of the list".to_owned());
            ""
        })
    };
    new.kind = coded("kind", &KINDS, &form.kind);
    new.severity = coded("severity", &SEVERITIES, &form.severity);
    new.certainty = coded("certainty", certainties, &form.certainty);
    new.criticality = coded("criticality", &CRITICALITIES, &form.criticality);
    match line(&form.reactions, 500) {
        Ok(words) => {
            new.reactions =
                words.split([',', ';']).map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect();
        }
        Err(why) => wrong("reactions", format!("Reactions: {why}")),
    }
    if new.reactions.is_empty() && !new.severity.is_empty() {
        wrong("reactions", "Reactions: write what happened that was so severe".to_owned());
    }
    match line(&form.onset, 100) {
        Ok(words) => new.onset = words,
        Err(why) => wrong("onset", format!("Since: {why}")),
    }
    match lines(&form.note, 1000) {
        Ok(words) => new.note = words,
        Err(why) => wrong("note", format!("Remark: {why}")),
    }
    if problems.is_empty() { Ok(new) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> AllergyForm {
        AllergyForm {
            substance: "Penicillin".into(),
            category: "class".into(),
            certainty: "unconfirmed".into(),
            ..AllergyForm::default()
        }
    }

    #[test]
    fn what_is_wrong_is_named_and_a_denial_is_no_allergy() {
        let problems = |form: AllergyForm| -> Vec<_> {
            check(&form).err().unwrap_or_default().into_iter().map(|error| error.field).collect()
        };
        assert_eq!(problems(AllergyForm::default()), ["substance", "category", "certainty"]);
        for words in ["NKDA", "none", "No known drug allergies", "nil", "n/a", "No.", "nothing", "denies allergies"] {
            assert_eq!(problems(AllergyForm { substance: words.into(), ..form() }), ["substance"], "{words}");
        }
        assert_eq!(problems(AllergyForm { severity: "severe".into(), ..form() }), ["reactions"]);
        assert_eq!(problems(AllergyForm { severity: "fatal".into(), ..form() }), ["severity"]);
        assert_eq!(problems(AllergyForm { note: "a\u{202e}".into(), ..form() }), ["note"]);
    }

    #[test]
    fn one_that_is_changed_may_be_refuted_or_ended_and_stay_uncategorized() {
        let changed = |certainty: &str, status: &str, category: &str| {
            let form =
                AllergyForm { certainty: certainty.into(), status: status.into(), category: category.into(), ..form() };
            check_change(&form, true).map(|(_, status)| status).map_err(|wrong| wrong.len())
        };
        assert_eq!(changed("refuted", "inactive", ""), Ok("inactive"));
        assert_eq!(changed("confirmed", "", "class"), Err(1));
        assert_eq!(changed("entered-in-error", "gone", "pets"), Err(3));
        assert!(check(&AllergyForm { certainty: "refuted".into(), ..form() }).is_err(), "a new one is not refuted");
    }

    #[test]
    fn reactions_stand_apart() {
        let new = check(&AllergyForm { reactions: "hives, wheeze;  ".into(), ..form() }).expect("good");
        assert_eq!((new.category, new.reactions), ("medication", vec!["hives".to_owned(), "wheeze".to_owned()]));
    }
}
