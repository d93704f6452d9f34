//! An allergy as a form records it, and the record that none are known.

use super::condition::remove_choice;
use super::parts::{remove, remove_or_set, says, set, set_status, set_words, words};
use crate::{Id, Key, Kind, PatientId};
use serde_json::{Value, json};

const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";
const VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";
const SNOMED: &str = "http://snomed.info/sct";

/// "No known allergies" (SNOMED CT, as US Core's allergy substances have it).
pub const NONE_KNOWN: &str = "716186003";

/// Who records what about whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded<'a> {
    /// The chart.
    pub patient: &'a PatientId,
    /// The visit it was told in.
    pub visit: Option<&'a Key>,
    /// When, an instant.
    pub at: &'a str,
    /// The practitioner's reference, where the account is one's, and the name.
    pub by: (Option<String>, &'a str),
}

/// What is recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewAllergy {
    /// What it is to.
    pub substance: String,
    /// R4 allergy-intolerance-category.
    pub category: &'static str,
    /// `allergy` or `intolerance`; empty when not known.
    pub kind: &'static str,
    /// What happens.
    pub reactions: Vec<String>,
    /// `mild`, `moderate`, `severe`; empty when not known.
    pub severity: &'static str,
    /// `confirmed` or `unconfirmed`; of one that is changed also `refuted`.
    pub certainty: &'static str,
    /// `low`, `high`, `unable-to-assess`; empty when not said.
    pub criticality: &'static str,
    /// Since when: a date of any precision, else words; empty when not known.
    pub onset: String,
    /// A remark.
    pub note: String,
}

impl Recorded<'_> {
    /// The AllergyIntolerance.
    #[must_use]
    pub fn allergy(&self, id: &Id, new: &NewAllergy) -> Value {
        let mut body = self.base(id, new.certainty, &json!({ "text": new.substance }));
        if !new.kind.is_empty() {
            set(&mut body, "type", json!(new.kind));
        }
        set(&mut body, "category", json!([new.category]));
        if !new.criticality.is_empty() {
            set(&mut body, "criticality", json!(new.criticality));
        }
        put_onset(&mut body, &new.onset);
        if !new.note.is_empty() {
            set(&mut body, "note", json!([{ "text": new.note }]));
        }
        if !new.reactions.is_empty() {
            let manifestation: Vec<_> = new.reactions.iter().map(|words| json!({ "text": words })).collect();
            let mut reaction = json!({ "manifestation": manifestation });
            if !new.severity.is_empty() {
                set(&mut reaction, "severity", json!(new.severity));
            }
            set(&mut body, "reaction", json!([reaction]));
        }
        body
    }

    /// The record that somebody was asked and knows of none.
    #[must_use]
    pub fn none_known(&self, id: &Id) -> Value {
        let coding = json!([{ "system": SNOMED, "code": NONE_KNOWN, "display": "No known allergy" }]);
        self.base(id, "confirmed", &json!({ "coding": coding, "text": "No known allergies" }))
    }

    fn base(&self, id: &Id, certainty: &str, code: &Value) -> Value {
        let mut body = json!({
            "resourceType": Kind::ALLERGY_INTOLERANCE.name(), "id": id.as_str(),
            "clinicalStatus": { "coding": [{ "system": CLINICAL, "code": "active" }] },
            "verificationStatus": { "coding": [{ "system": VERIFICATION, "code": certainty }] },
            "code": code,
            "patient": { "reference": self.patient.key().to_string() },
            "recordedDate": self.at,
        });
        if let Some(visit) = self.visit {
            set(&mut body, "encounter", json!({ "reference": visit.to_string() }));
        }
        let mut recorder = json!({ "display": self.by.1 });
        if let Some(reference) = &self.by.0 {
            set(&mut recorder, "reference", json!(reference));
        }
        set(&mut body, "recorder", recorder);
        body
    }
}

/// Says an allergy anew, with its clinical status. What is not said of it here stays: codes of what keeps its words, other categories,
/// reactions that stay, each with its own details. A remark is for the caller to add.
pub fn put(body: &mut Value, new: &NewAllergy, status: &str) {
    set_words(body, "code", &new.substance);
    // R4 lets a refuted one be called active; nobody should take it for one.
    let status = if new.certainty == "refuted" && status == "active" { "inactive" } else { status };
    set_status(body, "clinicalStatus", CLINICAL, status);
    set_status(body, "verificationStatus", VERIFICATION, new.certainty);
    remove_or_set(body, "type", new.kind.is_empty(), json!(new.kind));
    remove_or_set(body, "criticality", new.criticality.is_empty(), json!(new.criticality));
    let there =
        body.get("category").and_then(Value::as_array).is_some_and(|all| all.iter().any(|it| it == new.category));
    if !new.category.is_empty() && !there {
        set(body, "category", json!([new.category]));
    }
    if onset(body) != new.onset {
        put_onset(body, &new.onset);
    }
    put_reactions(body, new);
}

/// When it began, as a form shows it: a date or words; empty for what a form cannot say.
#[must_use]
pub fn onset(body: &Value) -> String {
    let said = body.get("onsetDateTime").or_else(|| body.get("onsetString")).and_then(Value::as_str);
    said.unwrap_or_default().to_owned()
}

fn put_onset(body: &mut Value, onset: &str) {
    remove(body, "onsetDateTime");
    remove(body, "onsetString");
    if !onset.is_empty() {
        remove_choice(body, "onset");
        let dated = crate::date::FhirDate::parse(onset).is_some();
        set(body, if dated { "onsetDateTime" } else { "onsetString" }, json!(onset));
    }
}

/// The reactions in words, and the worst severity, as a form shows them.
#[must_use]
pub fn reactions(body: &Value) -> (Vec<String>, &'static str) {
    let all = body.get("reaction").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let said = all.iter().filter_map(|it| it.get("manifestation")?.as_array()).flatten().map(words);
    let has = |severity: &&&str| all.iter().any(|it| it.get("severity").and_then(Value::as_str) == Some(**severity));
    (said.collect(), ["severe", "moderate", "mild"].iter().find(has).copied().unwrap_or_default())
}

fn put_reactions(body: &mut Value, new: &NewAllergy) {
    let (before, severity) = reactions(body);
    let mut all = body.get("reaction").and_then(Value::as_array).cloned().unwrap_or_default();
    let wanted = |manifestation: &Value| new.reactions.iter().any(|said| says(manifestation, said));
    for reaction in &mut all {
        if let Some(said) = reaction.get_mut("manifestation").and_then(Value::as_array_mut) {
            said.retain(wanted);
        }
        if new.severity != severity {
            remove_or_set(reaction, "severity", new.severity.is_empty(), json!(new.severity));
        }
    }
    // R4: a reaction has a manifestation.
    all.retain(|reaction| reaction.get("manifestation").and_then(Value::as_array).is_some_and(|said| !said.is_empty()));
    let known = |said: &&String| before.iter().any(|known| says(&json!({ "text": known }), said));
    let fresh: Vec<_> = new.reactions.iter().filter(|said| !known(said)).map(|said| json!({ "text": said })).collect();
    match all.last_mut().and_then(|last| last.get_mut("manifestation")).and_then(Value::as_array_mut) {
        Some(said) => said.extend(fresh),
        None if fresh.is_empty() => {}
        None => {
            let mut reaction = json!({ "manifestation": fresh });
            if !new.severity.is_empty() {
                set(&mut reaction, "severity", json!(new.severity));
            }
            all.push(reaction);
        }
    }
    remove_or_set(body, "reaction", all.is_empty(), json!(all));
}

/// Ends a record: it stays in the chart as one that is no longer so.
pub fn end(body: &mut Value) {
    set(body, "clinicalStatus", json!({ "coding": [{ "system": CLINICAL, "code": "inactive" }] }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recorded_is_valid() {
        let patient = PatientId::parse("p").expect("id");
        let visit = Key::parse("Encounter/v").expect("key");
        let at = "2026-11-22T15:00:00Z";
        let by = (Some("Practitioner/d".to_owned()), "Dr Ama Okafor");
        let recorded = Recorded { patient: &patient, visit: Some(&visit), at, by };
        let id = Id::parse("a").expect("id");
        let new = NewAllergy {
            substance: "Penicillin".into(),
            category: "medication",
            kind: "allergy",
            reactions: vec!["Hives".into(), "Wheeze".into()],
            severity: "severe",
            certainty: "unconfirmed",
            criticality: "high",
            onset: "2019".into(),
            note: "As a child".into(),
        };
        let told = NewAllergy { onset: "in childhood".into(), ..new.clone() };
        let mut ended = recorded.none_known(&id);
        end(&mut ended);
        for body in [recorded.allergy(&id, &new), recorded.allergy(&id, &told), recorded.none_known(&id), ended] {
            let issues = crate::validate::validate(Kind::ALLERGY_INTOLERANCE, &body);
            assert!(!issues.iter().any(crate::Issue::is_error), "{issues:?}");
        }
        assert_eq!(recorded.allergy(&id, &new)["onsetDateTime"], "2019");
        assert_eq!(recorded.allergy(&id, &told)["onsetString"], "in childhood");
    }

    #[test]
    fn a_change_keeps_what_the_form_does_not_show() {
        let hives = json!({"coding": [{"system": "s", "code": "h", "display": "Hives"}]});
        let mut body = json!({"resourceType": "AllergyIntolerance", "code": {"coding": [{"system": "s", "code": "c"}], "text": "Penicillin  G"},
            "patient": {"reference": "Patient/p"}, "category": ["medication", "biologic"], "onsetAge": {"value": 4},
            "reaction": [{"manifestation": [hives.clone(), {"text": "Itch"}], "severity": "mild", "note": [{"text": "n"}]},
                {"manifestation": [{"text": "Wheeze"}], "severity": "severe"}]});
        assert_eq!(reactions(&body), (vec!["Hives".to_owned(), "Itch".to_owned(), "Wheeze".to_owned()], "severe"));
        let mut new = NewAllergy {
            substance: "Penicillin G".into(),
            category: "medication",
            certainty: "confirmed",
            severity: "severe",
            reactions: ["Hives", "Itch", "Wheeze"].map(str::to_owned).to_vec(),
            ..NewAllergy::default()
        };
        let before = body.clone();
        put(&mut body, &new, "active");
        for kept in ["code", "category", "onsetAge", "reaction"] {
            assert_eq!(body[kept], before[kept], "{kept}");
        }
        new.reactions = vec!["Hives".into(), "Swelling".into()];
        (new.certainty, new.severity, new.onset) = ("refuted", "moderate", "2001".into());
        put(&mut body, &new, "active");
        let said =
            json!([{"manifestation": [hives, {"text": "Swelling"}], "severity": "moderate", "note": [{"text": "n"}]}]);
        assert_eq!((&body["reaction"], &body["onsetDateTime"]), (&said, &json!("2001")));
        assert!(body.get("onsetAge").is_none());
        assert_eq!(body["clinicalStatus"]["coding"][0]["code"], "inactive", "a refuted one is not active");
        let issues = crate::validate::validate(Kind::ALLERGY_INTOLERANCE, &body);
        assert!(!issues.iter().any(crate::Issue::is_error), "{issues:?}");
        new.reactions.clear();
        put(&mut body, &new, "resolved");
        assert!(body.get("reaction").is_none());
    }
}
