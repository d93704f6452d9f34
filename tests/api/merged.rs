//! A visit in a record that another one took the place of: programs put none there, as pages do not; results may still come.

use super::{created, patient, practice, pulse};
use chartroom_tests::{Answer, Client};
use serde_json::{Value, json};

fn visit(patient: &str, status: &str) -> Value {
    json!({"resourceType": "Encounter", "status": status, "subject": {"reference": format!("Patient/{patient}")},
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}, "period": {"start": "2026-11-20T15:00:00Z"}})
}

/// Changes what is stored, as it is now.
async fn change(client: &Client, address: &str, change: Value) -> Answer {
    let mut body = client.get(address).await.json();
    let tag = format!("W/\"{}\"", body["meta"]["versionId"].as_str().expect("a version"));
    body.as_object_mut().expect("a resource").extend(change.as_object().expect("members").clone());
    client.json("PUT", address, &body, &[("if-match", &tag)]).await
}

#[tokio::test]
async fn a_program_puts_no_visit_into_a_merged_record_and_ends_one_that_is_there() {
    let (_practice, client) = practice().await;
    let stands = created(&client, &patient("Abel")).await;
    let merged = created(&client, &patient("Abell")).await;
    let begun = format!("/fhir/Encounter/{}", created(&client, &visit(&merged, "in-progress")).await);
    let over = format!("/fhir/Encounter/{}", created(&client, &visit(&merged, "finished")).await);
    let link = json!({"link": [{"other": {"reference": format!("Patient/{stands}")}, "type": "replaced-by"}]});
    assert_eq!(change(&client, &format!("/fhir/Patient/{merged}"), link).await.status, 200);

    let refused = |answer: Answer| {
        assert_eq!(answer.status, 409, "{}", answer.text());
        assert!(answer.text().contains("was merged into another record: write the visit there"), "{}", answer.text());
    };
    for status in ["planned", "arrived", "finished"] {
        refused(client.json("POST", "/fhir/Encounter", &visit(&merged, status), &[]).await);
    }
    let entry = json!({"resource": visit(&merged, "arrived"), "request": {"method": "POST", "url": "Encounter"}});
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry]});
    refused(client.json("POST", "/fhir", &bundle, &[]).await);
    refused(change(&client, &over, json!({"status": "in-progress"})).await);
    refused(change(&client, &over, json!({"reasonCode": [{"text": "Cough"}]})).await);
    refused(change(&client, &begun, json!({"reasonCode": [{"text": "Cough"}]})).await);

    assert_eq!(change(&client, &begun, json!({"status": "finished"})).await.status, 200);
    assert_eq!(change(&client, &over, json!({"status": "entered-in-error"})).await.status, 200);
    let moved = json!({"subject": {"reference": format!("Patient/{stands}")}});
    assert_eq!(change(&client, &begun, moved).await.status, 200, "to the record that stands");
    assert_eq!(client.json("POST", "/fhir/Encounter", &visit(&stands, "arrived"), &[]).await.status, 201);
    assert_eq!(client.json("POST", "/fhir/Observation", &pulse(&merged, "72"), &[]).await.status, 201, "a late result");
}
