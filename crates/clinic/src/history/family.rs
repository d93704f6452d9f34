//! The form of a relative's history.

use super::form::{HistoryForm, Of, Wrong};
use crate::chart::row::Row;
use crate::error::FieldError;
use crate::visit::words::denies;
use fhir::edit::family::{self, Life, Relative, years};
use serde_json::Value;

/// How many years a parent is older than a child, at least.
const GENERATION: u32 = 10;
/// The highest age of a relative.
const OLDEST: u32 = 125;

/// Relationships: HL7 v3 RoleCode and words; how many generations above the patient (below: negative), where that is sure; whether there
/// can be one only.
#[rustfmt::skip]
pub const RELATIONS: [(&str, &str, Option<i32>, bool); 23] = [
    ("MTH",     "Mother",               Some(1),  true),
    ("FTH",     "Father",               Some(1),  true),
    ("SIS",     "Sister",               None,     false),
    ("BRO",     "Brother",              None,     false),
    ("HSIS",    "Half-sister",          None,     false),
    ("HBRO",    "Half-brother",         None,     false),
    ("DAU",     "Daughter",             Some(-1), false),
    ("SON",     "Son",                  Some(-1), false),
    ("MGRMTH",  "Maternal grandmother", Some(2),  true),
    ("MGRFTH",  "Maternal grandfather", Some(2),  true),
    ("PGRMTH",  "Paternal grandmother", Some(2),  true),
    ("PGRFTH",  "Paternal grandfather", Some(2),  true),
    ("MAUNT",   "Maternal aunt",        None,     false),
    ("MUNCLE",  "Maternal uncle",       None,     false),
    ("PAUNT",   "Paternal aunt",        None,     false),
    ("PUNCLE",  "Paternal uncle",       None,     false),
    ("MCOUSN",  "Maternal cousin",      None,     false),
    ("PCOUSN",  "Paternal cousin",      None,     false),
    ("NIECE",   "Niece",                None,     false),
    ("NEPHEW",  "Nephew",               None,     false),
    ("GRNDDAU", "Granddaughter",        Some(-2), false),
    ("GRNDSON", "Grandson",             Some(-2), false),
    ("FAMMEMB", "Other relative",       None,     false),
];

/// Whether a relative lives.
pub const LIVES: [(&str, &str); 3] = [("", "Not known"), ("alive", "Alive"), ("dead", "Has died")];

/// The rows of conditions: the condition's field, its onset's, and their labels' number.
#[rustfmt::skip]
pub const ROWS: [(&str, &str); 10] = [
    ("condition-1", "onset-1"), ("condition-2", "onset-2"), ("condition-3", "onset-3"), ("condition-4", "onset-4"), ("condition-5", "onset-5"),
    ("condition-6", "onset-6"), ("condition-7", "onset-7"), ("condition-8", "onset-8"), ("condition-9", "onset-9"), ("condition-10", "onset-10"),
];

/// A form that may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    relation: Option<(&'static str, &'static str)>,
    name: String,
    life: Life,
    conditions: Vec<(String, Option<u32>)>,
    /// A remark to add.
    pub note: String,
}

impl Checked {
    /// The relationship of whom there is one only.
    #[must_use]
    pub fn only(&self) -> Option<&'static str> {
        RELATIONS
            .iter()
            .find(|(code, .., only)| *only && self.relation.is_some_and(|(it, _)| it == *code))
            .map(|it| it.0)
    }

    /// Says it in a FamilyMemberHistory.
    pub fn put(&self, body: &mut Value) {
        let Self { relation, name, life, conditions, .. } = self;
        let relative = Relative { relation: *relation, name, life: *life, conditions: conditions.clone() };
        family::put_relative(body, &relative);
    }
}

/// Checks it, every field at once. `kept` is the relationship that an entry has which the form does not offer.
///
/// # Errors
/// Every field to mend, in the order of the form.
pub fn check(form: &HistoryForm, of: &Of, kept: bool) -> Result<Checked, Vec<FieldError>> {
    let mut wrong = Wrong::default();
    let chosen = RELATIONS.iter().find(|(code, ..)| *code == form.get("relation"));
    if chosen.is_none() && !(kept && form.get("relation").is_empty()) {
        wrong.say("relation", "Relative: choose one of the list");
    }
    let name = wrong.line(form, "name", "Name", 100);
    let lives = wrong.one_of(form, "life", "Lives", &LIVES);
    let age = wrong.number(form, "age", "Age", OLDEST);
    if age.is_some() && lives.is_empty() {
        wrong.say("life", "Lives: say whether the age is that of today or at death");
    }
    if let (Some(age), Some((.., Some(above), _)), "alive", Some(own)) = (age, chosen, lives, of.age())
        && !fits(age, own, *above)
    {
        wrong.say("age", &format!("Age: a relative of that degree cannot be {age} when the patient is {own}"));
    }
    let conditions = conditions(form, age, &mut wrong);
    let note = wrong.note(form);
    if wrong.0.is_empty() && conditions.is_empty() && lives.is_empty() && note.is_empty() {
        wrong.say("condition-1", "Condition: write at least one, or whether the relative lives, or a note");
    }
    let life = match lives {
        "alive" => Life::Alive(age),
        "dead" => Life::Dead(age),
        _ => Life::Unknown,
    };
    wrong.unless(Checked { relation: chosen.map(|(code, words, ..)| (*code, *words)), name, life, conditions, note })
}

/// Whether a relative so many generations above can be of this age today.
fn fits(age: u32, own: u32, above: i32) -> bool {
    let apart = GENERATION * above.unsigned_abs();
    if above > 0 { age >= own + apart } else { age + apart <= own }
}

fn conditions(form: &HistoryForm, age: Option<u32>, wrong: &mut Wrong) -> Vec<(String, Option<u32>)> {
    let mut found = Vec::new();
    for (condition, onset) in ROWS {
        let words = wrong.line(form, condition, "Condition", 200);
        let began = wrong.number(form, onset, "Onset", OLDEST);
        if denies(&words) {
            wrong.say(condition, "Condition: that there is none is recorded by the section's own button");
        }
        if words.is_empty() && began.is_some() {
            wrong.say(condition, "Condition: write what began at that age");
        }
        if let (Some(began), Some(age)) = (began, age)
            && began > age
        {
            wrong.say(onset, &format!("Onset: at {began} is after the relative's age of {age}"));
        }
        if !words.is_empty() {
            found.push((words, began));
        }
    }
    found
}

/// What the form shows of a relative who is there.
#[must_use]
pub fn shown(row: &Row) -> HistoryForm {
    let root = row.root();
    let code = RELATIONS.iter().find(|(code, ..)| root.has_code("relationship", code)).map(|it| it.0);
    let age = |name: &str| root.get(name).and_then(|age| years(Some(age.value())));
    let dead = root.choice("deceased").is_some_and(|(form, _)| form != "Boolean")
        || root.flag("deceasedBoolean") == Some(true);
    let alive = root.flag("deceasedBoolean") == Some(false) || age("ageAge").is_some();
    let (life, said) = match (dead, alive) {
        (true, _) => ("dead", age("deceasedAge")),
        (false, true) => ("alive", age("ageAge")),
        _ => ("", None),
    };
    let mut fields = vec![
        ("relation", code.unwrap_or_default().to_owned()),
        ("name", root.text("name").unwrap_or_default().to_owned()),
        ("life", life.to_owned()),
        ("age", said.map(|age| age.to_string()).unwrap_or_default()),
    ];
    for ((condition, onset), said) in ROWS.into_iter().zip(root.each("condition")) {
        fields.push((condition, said.words("code").unwrap_or_default()));
        let began = said.get("onsetAge").and_then(|age| years(Some(age.value())));
        fields.push((onset, began.map(|age| age.to_string()).unwrap_or_default()));
    }
    HistoryForm::showing(fields)
}

/// Whether the form can show all of a relative's conditions: it never takes away what it does not show.
#[must_use]
pub fn fits_form(row: &Row) -> bool {
    row.root().each("condition").len() <= ROWS.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(fields: &[(&str, &str)]) -> Vec<&'static str> {
        let form = HistoryForm::showing(fields.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let of = Of { born: "1979-12-23".into(), today: jiff::civil::date(2026, 11, 22) };
        check(&form, &of, false).err().unwrap_or_default().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn ages_that_do_not_fit_are_named() {
        let none: [&str; 0] = [];
        let mother = [("relation", "MTH"), ("life", "alive")];
        for (age, fields) in
            [("80", vec![]), ("56", vec![]), ("50", vec!["age"]), ("126", vec!["age"]), ("x", vec!["age"])]
        {
            assert_eq!(wrong(&[&mother[..], &[("age", age)]].concat()), fields, "{age}");
        }
        assert_eq!(wrong(&[("relation", "DAU"), ("life", "alive"), ("age", "40")]), ["age"]);
        assert_eq!(wrong(&[("relation", "MTH"), ("life", "dead"), ("age", "31")]), none, "she may have died young");
        let dead = [("relation", "FTH"), ("life", "dead"), ("age", "60"), ("condition-1", "Stroke")];
        assert_eq!(wrong(&[&dead[..], &[("onset-1", "59")]].concat()), none);
        assert_eq!(wrong(&[&dead[..], &[("onset-1", "61")]].concat()), ["onset-1"]);
        assert_eq!(wrong(&[("relation", "SIS"), ("onset-2", "40"), ("condition-1", "Gout")]), ["condition-2"]);
        assert_eq!(wrong(&[("relation", "SIS"), ("age", "40"), ("condition-1", "Gout")]), ["life"]);
        assert_eq!(wrong(&[("relation", "SIS")]), ["condition-1"]);
        assert_eq!(wrong(&[("relation", "SIS"), ("condition-1", "none")]), ["condition-1"]);
        assert_eq!(wrong(&[("condition-1", "Gout")]), ["relation"]);
    }
}
