//! `_summary` and `_elements` against cases worked by hand from the Σ and ?! marks of R4's pages (hl7.org/fhir/R4/patient.html and so on).
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use fhir::Kind;
use fhir::subset::Subset;
use serde_json::{Value, json};

/// What is shown, without the tag; the tag is checked here.
fn shown(subset: &Subset, body: &Value) -> Value {
    let kind = Kind::parse(body["resourceType"].as_str().expect("a type")).expect("R4");
    let bytes = subset.apply(kind, body.to_string().as_bytes()).expect("shown");
    let mut shown: Value = serde_json::from_slice(&bytes).expect("JSON");
    let meta = shown.as_object_mut().expect("an object").remove("meta").expect("meta");
    let tags = meta["tag"].as_array().expect("tags");
    assert_eq!(
        tags.last(),
        Some(&json!({"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}))
    );
    shown
}

fn patient() -> Value {
    json!({
        "resourceType": "Patient", "id": "p", "meta": {"tag": [{"code": "kept"}]}, "language": "en",
        "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">Ana</div>"},
        "extension": [{"url": "urn:race", "valueCode": "x"}],
        "identifier": [{"system": "urn:mrn", "value": "100001"}],
        "active": true,
        "name": [{"family": "Abel", "given": ["Ana"], "extension": [{"url": "urn:e", "valueCode": "x"}]}],
        "telecom": [{"system": "phone", "value": "1"}],
        "gender": "female", "birthDate": "1962-05-04", "_birthDate": {"extension": [{"url": "urn:t", "valueTime": "08:00:00"}]},
        "deceasedBoolean": false,
        "address": [{"city": "Aurora"}],
        "maritalStatus": {"text": "Married"}, "multipleBirthInteger": 2, "photo": [{"title": "desk"}],
        "contact": [{"name": {"family": "Abel"}}], "communication": [{"language": {"text": "Dutch"}}],
        "generalPractitioner": [{"reference": "Practitioner/d"}], "managingOrganization": {"reference": "Organization/o"},
        "link": [{"other": {"reference": "Patient/q"}, "type": "seealso"}]
    })
}

#[test]
fn a_patients_summary_is_what_r4_marks() {
    let expected = json!({
        "resourceType": "Patient", "id": "p",
        "identifier": [{"system": "urn:mrn", "value": "100001"}],
        "active": true,
        "name": [{"family": "Abel", "given": ["Ana"]}],
        "telecom": [{"system": "phone", "value": "1"}],
        "gender": "female", "birthDate": "1962-05-04", "_birthDate": {"extension": [{"url": "urn:t", "valueTime": "08:00:00"}]},
        "deceasedBoolean": false,
        "address": [{"city": "Aurora"}],
        "managingOrganization": {"reference": "Organization/o"},
        "link": [{"other": {"reference": "Patient/q"}, "type": "seealso"}]
    });
    assert_eq!(shown(&Subset::Summary, &patient()), expected);
}

#[test]
fn a_prescriptions_summary_says_that_it_must_not_be_given() {
    let body = json!({
        "resourceType": "MedicationRequest", "id": "m", "status": "active", "statusReason": {"text": "why"}, "intent": "order",
        "category": [{"text": "outpatient"}], "priority": "routine", "doNotPerform": true,
        "medicationCodeableConcept": {"coding": [{"code": "1", "display": "one"}], "text": "One"},
        "subject": {"reference": "Patient/p"}, "encounter": {"reference": "Encounter/e"}, "authoredOn": "2026-01-01",
        "requester": {"reference": "Practitioner/d"}, "reasonCode": [{"text": "pain"}], "note": [{"text": "n"}],
        "dosageInstruction": [{"text": "one a day"}], "dispenseRequest": {"numberOfRepeatsAllowed": 1}
    });
    let expected = json!({
        "resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", "priority": "routine", "doNotPerform": true,
        "medicationCodeableConcept": {"coding": [{"code": "1", "display": "one"}], "text": "One"},
        "subject": {"reference": "Patient/p"}, "authoredOn": "2026-01-01", "requester": {"reference": "Practitioner/d"}
    });
    assert_eq!(shown(&Subset::Summary, &body), expected);
    // Mandatory elements and modifiers are shown whatever is asked.
    let elements = Subset::Elements(vec!["medication".to_owned(), "note".to_owned()]);
    let expected = json!({
        "resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", "doNotPerform": true,
        "medicationCodeableConcept": {"coding": [{"code": "1", "display": "one"}], "text": "One"},
        "subject": {"reference": "Patient/p"}, "note": [{"text": "n"}]
    });
    assert_eq!(shown(&elements, &body), expected);
}

#[test]
fn parts_and_files_are_shown_by_their_own_marks() {
    let body = json!({
        "resourceType": "DocumentReference", "id": "d", "status": "current", "docStatus": "final",
        "subject": {"reference": "Patient/p"}, "custodian": {"reference": "Organization/o"},
        "content": [{"attachment": {"contentType": "text/plain", "data": "QQ==", "title": "Letter"}, "format": {"code": "f"}}],
        "context": {"encounter": [{"reference": "Encounter/e"}], "period": {"start": "2026-01-01"}}
    });
    let expected = json!({
        "resourceType": "DocumentReference", "id": "d", "status": "current", "docStatus": "final",
        "subject": {"reference": "Patient/p"},
        "content": [{"attachment": {"contentType": "text/plain", "title": "Letter"}, "format": {"code": "f"}}],
        "context": {"period": {"start": "2026-01-01"}}
    });
    assert_eq!(shown(&Subset::Summary, &body), expected);
    let pressure = json!({
        "resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "BP"}, "note": [{"text": "n"}],
        "valueQuantity": {"value": 1.50, "unit": "g"}, "interpretation": [{"text": "high"}],
        "component": [{"code": {"text": "sys"}, "valueQuantity": {"value": 120}, "interpretation": [{"text": "x"}],
            "modifierExtension": [{"url": "urn:m", "valueBoolean": true}]}]
    });
    let expected = json!({
        "resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "BP"},
        "valueQuantity": {"value": 1.50, "unit": "g"},
        "component": [{"code": {"text": "sys"}, "valueQuantity": {"value": 120},
            "modifierExtension": [{"url": "urn:m", "valueBoolean": true}]}]
    });
    assert_eq!(shown(&Subset::Summary, &pressure), expected);
}

#[test]
fn the_narrative_alone_and_all_but_the_narrative() {
    let text = json!({
        "resourceType": "Patient", "id": "p",
        "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">Ana</div>"},
        "active": true, "deceasedBoolean": false,
        "link": [{"other": {"reference": "Patient/q"}, "type": "seealso"}]
    });
    assert_eq!(shown(&Subset::Text, &patient()), text);
    let mut data = patient();
    let members = data.as_object_mut().expect("an object");
    members.remove("text");
    members.remove("meta");
    assert_eq!(shown(&Subset::Data, &patient()), data);
}
