//! A document filed in a chart: a DocumentReference that says what it is, and a Binary with its bytes.

use crate::{Element, Id, Kind, PatientId};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// The category system by which a document is marked as of the office rather than of care.
pub const CLASS_SYSTEM: &str = "urn:chartroom:document-class";
/// Its one code: those who see no clinical content may see the document.
pub const ADMINISTRATIVE: &str = "administrative";

/// A document about to be filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDocument<'a> {
    /// The chart.
    pub patient: &'a PatientId,
    /// What it is called.
    pub title: &'a str,
    /// What it is, in words.
    pub kind: &'a str,
    /// The same in LOINC, code and display, where LOINC has it.
    pub loinc: Option<(&'a str, &'a str)>,
    /// Whether it is of the office rather than of care.
    pub administrative: bool,
    /// The day it bears, `YYYY-MM-DD`.
    pub day: &'a str,
    /// Who wrote it, in words; empty when not said.
    pub from: &'a str,
    /// When it is filed, an instant.
    pub filed: &'a str,
    /// What its bytes are.
    pub media_type: &'a str,
}

impl NewDocument<'_> {
    /// The Binary of these bytes. Its security context is the patient: it is shown with that chart only.
    #[must_use]
    pub fn binary(&self, id: &Id, bytes: &[u8]) -> Value {
        json!({
            "resourceType": Kind::BINARY.name(), "id": id.as_str(), "contentType": self.media_type,
            "securityContext": { "reference": self.patient.key().to_string() },
            "data": STANDARD.encode(bytes),
        })
    }

    /// The DocumentReference. `date` is when it was filed (R4: "when this document reference was created"); the day the document
    /// bears is its attachment's `creation`.
    #[must_use]
    pub fn reference(&self, id: &Id, binary: &Id, size: usize) -> Value {
        let mut kind = json!({ "text": self.kind });
        if let (Some((code, display)), Some(members)) = (self.loinc, kind.as_object_mut()) {
            let coding = json!([{ "system": "http://loinc.org", "code": code, "display": display }]);
            members.shift_insert(0, "coding".to_owned(), coding);
        }
        let mut body = json!({
            "resourceType": Kind::DOCUMENT_REFERENCE.name(), "id": id.as_str(), "status": "current", "type": kind,
        });
        let Some(members) = body.as_object_mut() else { return body };
        if self.administrative {
            let coding = json!([{ "system": CLASS_SYSTEM, "code": ADMINISTRATIVE, "display": "Administrative" }]);
            members.insert("category".to_owned(), json!([{ "coding": coding, "text": "Administrative" }]));
        }
        members.insert("subject".to_owned(), json!({ "reference": self.patient.key().to_string() }));
        members.insert("date".to_owned(), json!(self.filed));
        if !self.from.is_empty() {
            members.insert("author".to_owned(), json!([{ "display": self.from }]));
        }
        members.insert("description".to_owned(), json!(self.title));
        let attachment = json!({
            "contentType": self.media_type, "url": format!("{}/{binary}", Kind::BINARY.name()), "size": size,
            "title": self.title, "creation": self.day,
        });
        members.insert("content".to_owned(), json!([{ "attachment": attachment }]));
        body
    }
}

/// Whether a DocumentReference bears the mark, and nothing that says it is a clinical note after all. What is not marked is clinical.
#[must_use]
pub fn is_administrative(document: Element<'_>) -> bool {
    document.code_of("category", CLASS_SYSTEM) == Some(ADMINISTRATIVE)
        && !document.has_code("category", "clinical-note")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Body;

    fn card() -> NewDocument<'static> {
        let patient = Box::leak(Box::new(PatientId::parse("p1").expect("id")));
        NewDocument {
            patient,
            title: "Card, front",
            kind: "Insurance card",
            loinc: Some(("64290-0", "Health insurance card")),
            administrative: true,
            day: "2026-01-02",
            from: "Harborlight",
            filed: "2026-01-03T10:00:00Z",
            media_type: "image/png",
        }
    }

    fn id(text: &str) -> Id {
        Id::parse(text).expect("id")
    }

    fn administrative(body: &Value) -> bool {
        is_administrative(Body::parse(body.to_string().as_bytes()).expect("a body").root())
    }

    #[test]
    fn both_resources_are_valid_and_name_the_patient() {
        for document in [card(), NewDocument { loinc: None, from: "", administrative: false, ..card() }] {
            let reference = document.reference(&id("d"), &id("b"), 7);
            let binary = document.binary(&id("b"), b"content");
            for (kind, body) in [(Kind::DOCUMENT_REFERENCE, &reference), (Kind::BINARY, &binary)] {
                let issues = crate::validate::validate(kind, body);
                assert!(!issues.iter().any(crate::Issue::is_error), "{issues:?}");
            }
            assert_eq!(reference.pointer("/subject/reference"), Some(&json!("Patient/p1")));
            assert_eq!(binary.pointer("/securityContext/reference"), Some(&json!("Patient/p1")));
            assert_eq!(reference.pointer("/content/0/attachment/url"), Some(&json!("Binary/b")));
            assert_eq!(administrative(&reference), document.administrative);
        }
    }

    #[test]
    fn only_our_mark_counts_and_a_clinical_note_never() {
        let marked = |categories: Value| {
            let body = json!({"resourceType": "DocumentReference", "category": categories});
            administrative(&body)
        };
        let ours = json!({"coding": [{"system": CLASS_SYSTEM, "code": ADMINISTRATIVE}]});
        let note = json!({"coding": [{"system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "code": "clinical-note"}]});
        assert!(marked(json!([ours])));
        assert!(!marked(json!([ours, note])));
        assert!(!marked(json!([{"coding": [{"system": "urn:other", "code": ADMINISTRATIVE}]}])));
        assert!(!marked(json!([{"text": "Administrative"}])));
        assert!(!marked(json!(null)));
    }
}
