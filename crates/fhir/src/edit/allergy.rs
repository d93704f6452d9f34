//! An allergy as a form records it, and the record that none are known.

use super::parts::set;
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
    /// `confirmed` or `unconfirmed`.
    pub certainty: &'static str,
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
        if !new.onset.is_empty() {
            let element =
                if crate::date::FhirDate::parse(&new.onset).is_some() { "onsetDateTime" } else { "onsetString" };
            set(&mut body, element, json!(new.onset));
        }
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
}
