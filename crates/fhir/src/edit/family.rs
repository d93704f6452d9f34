//! A relative's history: a FamilyMemberHistory, made from a form and changed by it. Source: FHIR R4; relationships are HL7 v3 RoleCode.

use super::history::Teller;
use super::parts::{remove, remove_or_set, says, set, set_words};
use crate::{Id, Kind};
use serde_json::{Value, json};

/// What is said of a relative.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Relative<'a> {
    /// Code and display of the relationship; none keeps what is there.
    pub relation: Option<(&'a str, &'a str)>,
    /// Their name; may be empty.
    pub name: &'a str,
    /// Whether they live, and at which age, or at which age they died.
    pub life: Life,
    /// Each condition in words, with the age at which it began.
    pub conditions: Vec<(String, Option<u32>)>,
}

/// Whether a relative lives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Life {
    /// Not told.
    #[default]
    Unknown,
    /// Alive, at this age.
    Alive(Option<u32>),
    /// Died, at this age.
    Dead(Option<u32>),
}

impl Teller<'_> {
    /// A FamilyMemberHistory that [`put_relative`] has yet to fill.
    #[must_use]
    pub fn relative(&self, id: &Id) -> Value {
        json!({
            "resourceType": Kind::FAMILY_MEMBER_HISTORY.name(), "id": id.as_str(), "status": "completed",
            "patient": { "reference": self.patient.key().to_string() }, "date": self.at,
        })
    }
}

/// Says a relative's history anew. A condition in the same words keeps its codes; ages and onsets in other forms stay where the form
/// leaves theirs empty.
pub fn put_relative(body: &mut Value, relative: &Relative<'_>) {
    if let Some((code, display)) = relative.relation {
        let coding = json!([{ "system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": code, "display": display }]);
        set(body, "relationship", json!({ "coding": coding, "text": display }));
    }
    remove_or_set(body, "name", relative.name.is_empty(), json!(relative.name));
    put_life(body, relative.life);
    let before = body.get("condition").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut left: Vec<Option<Value>> = before.into_iter().map(Some).collect();
    let mut conditions = Vec::new();
    for (said, onset) in &relative.conditions {
        let same =
            |it: &&mut Option<Value>| it.as_ref().and_then(|it| it.get("code")).is_some_and(|code| says(code, said));
        let kept = left.iter_mut().find(same).and_then(Option::take);
        let mut condition = kept.unwrap_or_else(|| json!({}));
        set_words(&mut condition, "code", said);
        match onset {
            Some(age) => put_age(&mut condition, "onset", *age),
            None => forget(&mut condition, "onsetAge"),
        }
        conditions.push(condition);
    }
    remove_or_set(body, "condition", conditions.is_empty(), json!(conditions));
}

fn put_life(body: &mut Value, life: Life) {
    match life {
        Life::Unknown => {
            no_age(body);
            remove(body, "deceasedBoolean");
            forget(body, "deceasedAge");
        }
        Life::Alive(age) => {
            clear(body, "deceased");
            set(body, "deceasedBoolean", json!(false));
            match age {
                Some(age) => {
                    // R4 (fhs-1): the age or the birth, not both.
                    clear(body, "born");
                    put_age(body, "age", age);
                }
                None => no_age(body),
            }
        }
        Life::Dead(Some(age)) if years(body.get("deceasedAge")) == Some(age) => clear(body, "age"),
        Life::Dead(Some(age)) => {
            clear(body, "age");
            clear(body, "deceased");
            put_age(body, "deceased", age);
        }
        // A day or a range of the death, which the form does not show, stays.
        Life::Dead(None) => {
            clear(body, "age");
            forget(body, "deceasedAge");
            let other = ["deceasedAge", "deceasedRange", "deceasedDate", "deceasedString"]
                .iter()
                .any(|form| body.get(form).is_some());
            if other { remove(body, "deceasedBoolean") } else { set(body, "deceasedBoolean", json!(true)) }
        }
    }
}

/// An age in whole years, where it is one.
#[must_use]
pub fn years(age: Option<&Value>) -> Option<u32> {
    let unit = age?.get("code").or_else(|| age?.get("unit"))?.as_str()?;
    ["a", "y", "yr", "year", "years"].contains(&unit).then_some(())?;
    age?.get("value")?.to_string().parse().ok()
}

fn put_age(body: &mut Value, name: &str, age: u32) {
    let element = format!("{name}Age");
    if years(body.get(&element)) != Some(age) {
        clear(body, name);
        let age = json!({ "value": age, "unit": "years", "system": "http://unitsofmeasure.org", "code": "a" });
        set(body, &element, age);
    }
}

/// Without the age in years; whether it is estimated goes with it (R4, fhs-2).
fn no_age(body: &mut Value) {
    forget(body, "ageAge");
    if body.get("ageAge").is_none() {
        remove(body, "estimatedAge");
    }
}

/// Without an age in years; one that the form cannot show, as in months, stays.
fn forget(body: &mut Value, element: &str) {
    if years(body.get(element)).is_some() {
        remove(body, element);
    }
}

fn clear(body: &mut Value, name: &str) {
    if name == "age" {
        remove(body, "estimatedAge");
    }
    for form in ["Boolean", "Age", "Range", "Date", "Period", "String"] {
        remove(body, &format!("{name}{form}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PatientId;
    use crate::edit::note::Signer;

    #[test]
    fn a_relative_is_valid_and_keeps_what_the_form_does_not_show() {
        let patient = PatientId::parse("p").expect("id");
        let by = Signer { practitioner: None, name: "Ann" };
        let teller = Teller { patient: &patient, at: "2026-11-22T15:00:00Z", by };
        let mut body = teller.relative(&Id::parse("x").expect("id"));
        let mother = Relative {
            relation: Some(("MTH", "Mother")),
            life: Life::Dead(Some(71)),
            conditions: vec![("Breast cancer".to_owned(), Some(56)), ("Gout".to_owned(), None)],
            ..Relative::default()
        };
        put_relative(&mut body, &mother);
        let issues = crate::validate::validate(Kind::FAMILY_MEMBER_HISTORY, &body);
        assert!(!issues.iter().any(crate::Issue::is_error), "{issues:?}");
        assert_eq!(years(body.get("deceasedAge")), Some(71));
        let coded = json!({"coding": [{"system": "s", "code": "c"}], "text": "Gout"});
        body["condition"][1] = json!({"code": coded, "onsetString": "late", "outcome": {"text": "o"}});
        let kept = body["condition"][1].clone();
        let fewer = Relative {
            conditions: vec![("Gout".to_owned(), None)],
            life: Life::Alive(Some(80)),
            relation: None,
            ..mother
        };
        put_relative(&mut body, &fewer);
        assert_eq!(body["condition"], json!([kept]));
        assert_eq!((&body["deceasedBoolean"], years(body.get("ageAge"))), (&json!(false), Some(80)));
        assert!(body.get("deceasedAge").is_none() && body["relationship"]["text"] == "Mother");
        let months = json!({"value": 7, "unit": "mo", "system": "http://unitsofmeasure.org", "code": "mo"});
        let mut infant = json!({"deceasedAge": months.clone(), "condition": [{"code": {"text": "SIDS"}, "onsetAge": months.clone()}]});
        let said =
            Relative { life: Life::Dead(None), conditions: vec![("SIDS".to_owned(), None)], ..Relative::default() };
        put_relative(&mut infant, &said);
        assert_eq!(
            (&infant["deceasedAge"], &infant["condition"][0]["onsetAge"]),
            (&months, &months),
            "not in years: kept"
        );
    }
}
