//! Search: a small practice, and for every kind of value, prefix and modifier which of its resources answer, worked out by hand.

mod links;
mod pages;
mod values;

pub use links::*;
pub use pages::*;
pub use values::*;

use super::fixture::{Case, clinician, id, patient, reading};
use crate::access::{KindSet, Permit, Scope};
use crate::record::{Change, NewVersion, SearchPage, Write};
use crate::{Error, Result};
use bytes::Bytes;
use fhir::index::Index;
use fhir::search::{Handling, Query};
use fhir::{Key, Kind};
use serde_json::{Value, json};

/// Writes a resource as the front door does.
async fn put(case: &Case, body: Value, based_on: Option<u32>) {
    let kind = Kind::parse(body["resourceType"].as_str().expect("a type")).expect("a known type");
    let key = Key::new(kind, id(body["id"].as_str().expect("an id")));
    let version = NewVersion {
        index: Index::of(kind, &body),
        body: Bytes::from(serde_json::to_vec(&body).expect("JSON")),
        find_keys: Vec::new(),
    };
    case.commit(vec![Write { key, based_on, change: Change::Put(version) }]).await.expect("written");
}

fn query(kind: Kind, text: &str) -> Query {
    let pairs: Vec<(String, String)> = text
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').map(|(n, v)| (n.to_owned(), v.to_owned())).expect("name=value"))
        .collect();
    let now = "2024-03-11T00:00:00Z".parse().expect("a time");
    match Query::parse(kind, &pairs, Handling::Strict, now) {
        Ok((query, _)) => query,
        Err(issues) => panic!("{kind}?{text}: {issues:?}"),
    }
}

async fn page(case: &Case, permit: &Permit, query: &Query, cursor: Option<&str>) -> Result<SearchPage> {
    let sealed = case.store.search(permit, query, cursor).await?;
    case.store.release(sealed, case.entry("record.search")).await
}

/// The ids of every match, in order.
async fn ids(case: &Case, permit: &Permit, kind: Kind, text: &str) -> Vec<String> {
    let page = page(case, permit, &query(kind, text), None).await.expect(text);
    page.matches.iter().map(|found| found.key.id.to_string()).collect()
}

async fn check(case: &Case, kind: Kind, table: &[(&str, &str)]) {
    for (text, expected) in table {
        let mut found = ids(case, &reading(), kind, text).await;
        found.sort();
        assert_eq!(found.join(" "), *expected, "{kind}?{text}");
    }
}

const LOINC: &str = "http://loinc.org";
const UCUM: &str = "http://unitsofmeasure.org";

fn height(name: &str, of: &str, value: &str, effective: (&str, Value)) -> Value {
    let number: Value = serde_json::from_str(value).expect("a number");
    let mut body = json!({
        "resourceType": "Observation", "id": name, "status": "final",
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}],
        "code": {"coding": [{"system": LOINC, "code": "8302-2", "display": "Body Height"}]},
        "subject": {"reference": format!("Patient/{of}")},
        "valueQuantity": {"value": number, "unit": "centimetre", "system": UCUM, "code": "cm"}
    });
    body[effective.0] = effective.1;
    body
}

async fn practice(case: &Case) {
    let mut o1 = height("o1", "a", "170", ("effectiveDateTime", json!("2024-03-10T10:00:00Z")));
    o1["performer"] = json!([{"reference": "Practitioner/d1"}]);
    o1["encounter"] = json!({"reference": "Encounter/e1"});
    o1["meta"] = json!({"tag": [{"system": "urn:tags", "code": "seen"}], "profile": ["http://example.org/height"]});
    let part = |code: &str, value: u32| {
        json!({"code": {"coding": [{"system": LOINC, "code": code}]},
               "valueQuantity": {"value": value, "unit": "mmHg", "system": UCUM, "code": "mm[Hg]"}})
    };
    let all = [
        json!({"resourceType": "Practitioner", "id": "d1", "name": [{"family": "Okafor", "given": ["Ama"]}]}),
        json!({"resourceType": "Practitioner", "id": "d2", "name": [{"family": "Berg"}]}),
        json!({"resourceType": "Patient", "id": "a", "gender": "female", "birthDate": "1980-05-04",
            "name": [{"family": "Núñez", "given": ["María", "Luz"]}, {"use": "maiden", "family": "O'Brien"}],
            "identifier": [{"system": "urn:mrn", "value": "A-1"}],
            "telecom": [{"system": "phone", "value": "(555) 010-1234"}, {"system": "email", "value": "Maria@Example.org"}],
            "address": [{"line": ["1 Main St"], "city": "Boston", "state": "MA"}],
            "generalPractitioner": [{"reference": "Practitioner/d1"}]}),
        json!({"resourceType": "Patient", "id": "b", "gender": "male", "birthDate": "1980", "active": true,
            "name": [{"family": "Smith", "given": ["John"]}], "deceasedBoolean": false}),
        json!({"resourceType": "Patient", "id": "c", "gender": "female", "birthDate": "1990-01-01",
            "name": [{"family": "Smithson", "given": ["Anna"]}], "deceasedDateTime": "2020-01-02"}),
        json!({"resourceType": "Encounter", "id": "e1", "status": "finished", "class": {"system": "urn:act", "code": "AMB"},
            "subject": {"reference": "Patient/a"}, "period": {"start": "2024-03-10T09:00:00Z", "end": "2024-03-10T11:00:00Z"},
            "participant": [{"individual": {"reference": "Practitioner/d1"}}], "length": {"value": 2, "code": "h", "system": UCUM}}),
        o1,
        json!({"resourceType": "Observation", "id": "o2", "status": "final",
            "code": {"coding": [{"system": LOINC, "code": "85354-9", "display": "Blood pressure panel"}]},
            "subject": {"reference": "Patient/a"}, "effectiveDateTime": "2024-03-11",
            "performer": [{"identifier": {"system": "urn:npi", "value": "99"}}],
            "component": [part("8480-6", 120), part("8462-4", 80)]}),
        height("o3", "a", "170.4", ("effectiveDateTime", json!("2024-04-01"))),
        height("o4", "b", "180", ("effectivePeriod", json!({"start": "2024-03-09", "end": "2024-03-12"}))),
        json!({"resourceType": "Observation", "id": "o5", "status": "preliminary", "code": {"text": "Pain score"},
            "subject": {"reference": "Patient/b"}, "valueString": "Severe pain, worse at night"}),
        json!({"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/a"},
            "text": {"status": "generated", "div": "<div>Poorly <b>controlled</b> since spring</div>"},
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "E11.9",
                "display": "Type 2 diabetes mellitus without complications"}]},
            "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/condition-assertedDate", "valueDateTime": "2011"}],
            "onsetDateTime": "2010", "recordedDate": "2010-02-01", "encounter": {"reference": "Encounter/e1"}}),
        json!({"resourceType": "Condition", "id": "c2", "subject": {"reference": "Patient/b"}, "onsetAge": {"value": 52,
            "unit": "years", "system": UCUM, "code": "a"}, "abatementString": "after surgery",
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I10"}], "text": "High blood pressure"}}),
        json!({"resourceType": "DocumentReference", "id": "doc1", "status": "current", "subject": {"reference": "Patient/a"},
            "relatesTo": [{"code": "replaces", "target": {"reference": "DocumentReference/doc0"}},
                {"code": "appends", "target": {"reference": "DocumentReference/doc9"}}],
            "content": [{"attachment": {"contentType": "text/plain", "url": "urn:doc:1", "data": "VGhlIHF1aWNrIGJyb3duIGZveA=="}}]}),
        json!({"resourceType": "Appointment", "id": "ap1", "status": "booked", "start": "2024-05-01T10:00:00Z",
            "participant": [{"actor": {"reference": "Practitioner/d2"}, "status": "accepted"},
                {"actor": {"reference": "Patient/a"}, "status": "accepted"}]}),
        json!({"resourceType": "Medication", "id": "med", "code": {"coding": [{"system": "urn:rx", "code": "617"}]}}),
        json!({"resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order",
            "subject": {"reference": "Patient/a"}, "medicationReference": {"reference": "Medication/med"},
            "authoredOn": "2024-03-10"}),
        json!({"resourceType": "Provenance", "id": "pr", "recorded": "2024-03-10T10:00:00Z",
            "target": [{"reference": "Observation/o1"}], "agent": [{"who": {"reference": "Practitioner/d1"}}]}),
    ];
    for body in all {
        put(case, body, None).await;
    }
}
