//! The FHIR API as its clients meet it: over the real application and an encrypted database.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

mod audit_event;
mod bundles;
mod compartment;
mod conditions;
mod everything;
mod import;
mod merged;
mod refusals;
mod search;
mod trail;
mod us_core;
mod us_core_values;
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

/// The ids of a Bundle's entries, in order.
fn ids(page: &Value) -> Vec<String> {
    let entries = page["entry"].as_array().cloned().unwrap_or_default();
    entries.iter().filter_map(|entry| entry["resource"]["id"].as_str().map(str::to_owned)).collect()
}

/// The link of this relation, from the base on.
fn link(page: &Value, relation: &str) -> Option<String> {
    let link = page["link"].as_array()?.iter().find(|link| link["relation"] == relation)?;
    let url = link["url"].as_str().expect("a url");
    Some(url[url.find("/fhir").expect("our address")..].to_owned())
}

/// Every page, from this address on.
async fn pages(client: &Client, path: &str) -> Vec<Value> {
    let (mut pages, mut next) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = next {
        let answer = client.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        next = link(&answer.json(), "next");
        pages.push(answer.json());
        assert!(pages.len() < 100, "pages without end");
    }
    pages
}
