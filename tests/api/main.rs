//! The FHIR API as its clients meet it: over the real application and an encrypted database.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

mod bundles;
mod conditions;
mod import;
mod refusals;
mod search;
mod trail;
mod versions;

use chartroom_tests::{Client, Practice};
use serde_json::{Value, json};

/// A practice and a client that may do everything.
async fn practice() -> (Practice, Client) {
    let practice = Practice::new().await;
    let client = practice.client("system/*.cruds").await;
    (practice, client)
}

/// A Patient as a client sends it.
fn patient(family: &str) -> Value {
    json!({"resourceType": "Patient", "name": [{"family": family, "given": ["Ana"]}], "gender": "female", "birthDate": "1962-05-04"})
}

/// A heart rate of this patient.
fn pulse(patient: &str, value: &str) -> Value {
    let value: Value = serde_json::from_str(value).expect("a number");
    json!({"resourceType": "Observation", "status": "final",
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}], "text": "Heart rate"},
        "subject": {"reference": format!("Patient/{patient}")}, "effectiveDateTime": "2026-11-20T09:30:00-06:00",
        "valueQuantity": {"value": value, "unit": "beats/minute", "system": "http://unitsofmeasure.org", "code": "/min"}})
}

/// Creates a resource; its id.
async fn created(client: &Client, body: &Value) -> String {
    let kind = body["resourceType"].as_str().expect("a type");
    let answer = client.json("POST", &format!("/fhir/{kind}"), body, &[]).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_str().expect("an id").to_owned()
}
