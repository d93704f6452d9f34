//! Whatever a program asks is in the audit trail: what found nothing, what failed, and no more than was shown.

use super::{created, patient, practice, pulse};
use axum::body::Body;
use chartroom_tests::Practice;
use fhir::PatientId;
use serde_json::json;
use store::audit::{AuditQuery, Entry, Outcome};

/// The entries of an action with this outcome, newest first.
async fn told(practice: &Practice, action: &str, outcome: Outcome) -> Vec<Entry> {
    let permit = practice.program().read_practice(clinic::Action::UseApi).expect("the program may");
    let query =
        AuditQuery { action: Some(action.to_owned()), outcome: Some(outcome), count: 20, ..AuditQuery::default() };
    let sealed = practice.store().entries(&permit, &query).await.expect("the trail");
    sealed.for_decision().iter().map(|recorded| recorded.entry.clone()).collect()
}

fn id(text: &str) -> PatientId {
    PatientId::parse(text).expect("an id")
}

#[tokio::test]
async fn deleting_what_is_not_there_is_recorded() {
    let (practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    let gone = created(&client, &pulse(&ana, "72")).await;
    let first = [("if-match", "W/\"1\"")];
    let deleted = client.send("DELETE", &format!("/fhir/Observation/{gone}"), &first, Body::empty()).await;
    assert_eq!(deleted.status, 204);
    for path in [
        format!("/fhir/Observation/{gone}"),
        "/fhir/Patient/none".to_owned(),
        "/fhir/Patient?identifier=urn:insurer|none".to_owned(),
    ] {
        assert_eq!(client.send("DELETE", &path, &[], Body::empty()).await.status, 204, "{path}");
    }
    let entries = told(&practice, "api.delete", Outcome::Done).await;
    assert_eq!(entries.len(), 4);
    let again =
        entries.iter().find(|entry| entry.what.iter().any(|(key, version)| key.id.as_str() == gone && *version == 0));
    assert_eq!(again.expect("the second deletion").patients, [id(&ana)]);
    let sent = json!({"resourceType": "Bundle", "type": "transaction",
        "entry": [{"request": {"method": "DELETE", "url": "Patient/none"}}]});
    assert_eq!(client.json("POST", "/fhir", &sent, &[]).await.status, 200);
    assert_eq!(told(&practice, "api.transaction", Outcome::Done).await.len(), 1);
}

#[tokio::test]
async fn failures_name_the_patient_they_were_about() {
    let (practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    let observation = created(&client, &pulse(&ana, "72")).await;
    let mut changed = pulse(&ana, "73");
    changed["id"] = json!(observation);
    let answer = client.json("PUT", &format!("/fhir/Observation/{observation}"), &changed, &[]).await;
    assert_eq!(answer.status, 428);
    let entries = told(&practice, "api.update", Outcome::Failed).await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].patients, [id(&ana)]);
}

#[tokio::test]
async fn failed_histories_are_recorded_and_pages_name_only_what_they_show() {
    let (practice, client) = practice().await;
    assert_eq!(client.get("/fhir/Patient/none/_history").await.status, 404);
    assert_eq!(client.get("/fhir/Patient/_history?_count=x").await.status, 400);
    assert_eq!(told(&practice, "api.history", Outcome::Failed).await.len(), 2);
    let narrow = practice.client("system/Patient.rs").await;
    assert_eq!(narrow.get("/fhir/Observation/_history").await.status, 403);
    assert_eq!(told(&practice, "api.history", Outcome::Refused).await.len(), 1);

    created(&client, &patient("Abel")).await;
    let ben = created(&client, &patient("Baker")).await;
    let page = client.get("/fhir/Patient/_history?_count=1").await.json();
    assert_eq!(page["link"][1]["relation"], "next");
    assert_eq!(told(&practice, "api.history", Outcome::Done).await[0].patients, [id(&ben)]);
    let next = page["link"][1]["url"].as_str().and_then(|url| url.split_once("/fhir/")).expect("a link").1.to_owned();
    let last = client.get(&format!("/fhir/{next}")).await.json();
    assert_eq!(last["entry"][0]["resource"]["name"][0]["family"], "Abel");
    assert!(last["link"].as_array().expect("links").iter().all(|link| link["relation"] != "next"));
}

#[tokio::test]
async fn corrections_that_fail_on_a_page_are_recorded() {
    let (practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    let observation = created(&client, &pulse(&ana, "72")).await;
    let browser = practice.signed_in(store::Role::Clinician).await;
    let entry = format!("/patients/{ana}/changes/Observation/{observation}");
    let fields = |patient: &'static str| [("patient", patient), ("version", "7"), ("reason", "x")];
    assert_eq!(browser.post(&format!("{entry}/error"), &fields("another")).await.status, 409);
    let own = [("patient", ana.as_str()), ("version", "7"), ("reason", "x")];
    assert_eq!(browser.post(&format!("{entry}/error"), &own).await.status, 412);
    let ben = created(&client, &patient("Baker")).await;
    let stale = [own[0], ("version", "1"), own[2], ("target", ben.as_str()), ("target_version", "7")];
    assert_eq!(browser.post(&format!("{entry}/move/{ben}"), &stale).await.status, 412);
    for (action, charts) in [("entry.error", vec![id(&ana)]), ("entry.move", vec![id(&ana), id(&ben)])] {
        let entries = told(&practice, action, Outcome::Failed).await;
        assert_eq!(entries.len(), if action == "entry.error" { 2 } else { 1 }, "{action}");
        assert!(entries.iter().all(|entry| entry.patients == charts), "{action}");
    }
}

#[tokio::test]
async fn whatever_shows_a_file_names_whose_document_it_is() {
    let (practice, client) = practice().await;
    let ana = created(&client, &patient("Abel")).await;
    let file = json!({"resourceType": "Binary", "contentType": "text/plain", "data": "U2VjcmV0IGxldHRlcg=="});
    let hers = created(&client, &file).await;
    created(&client, &json!({"resourceType": "DocumentReference", "status": "current", "subject": {"reference": format!("Patient/{ana}")},
        "content": [{"attachment": {"contentType": "text/plain", "url": format!("Binary/{hers}")}}]})).await;
    let lone = created(&client, &file).await;
    for (path, action) in [
        (format!("/fhir/Binary/{hers}/_history"), "api.history"),
        (format!("/fhir/Binary/{hers}/_history/1"), "api.vread"),
        ("/fhir/Binary/_history".to_owned(), "api.history"),
        ("/fhir/_history".to_owned(), "api.history"),
        (format!("/fhir/Binary?_id={hers}"), "api.search"),
        ("/fhir/Binary".to_owned(), "api.search"),
    ] {
        assert_eq!(client.get(&path).await.status, 200, "{path}");
        assert_eq!(told(&practice, action, Outcome::Done).await[0].patients, [id(&ana)], "{path}");
    }
    assert_eq!(client.get(&format!("/fhir/Binary?_id={lone}")).await.status, 200);
    assert_eq!(told(&practice, "api.search", Outcome::Done).await[0].patients, []);
}

#[tokio::test]
async fn what_is_told_again_names_who_was_found_and_who_was_gone() {
    let (practice, client) = practice().await;
    let mut known = patient("Abel");
    known["identifier"] = json!([{"system": "urn:insurer", "value": "7"}]);
    let (found, gone) = (created(&client, &known).await, created(&client, &patient("Baker")).await);
    let gone_path = format!("/fhir/Patient/{gone}");
    client.send("DELETE", &gone_path, &[("if-match", "W/\"1\"")], Body::empty()).await;
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"request": {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=urn:insurer|7"}, "resource": known},
        {"request": {"method": "DELETE", "url": format!("Patient/{gone}")}}]});
    for _ in 0..2 {
        let answer = client.json("POST", "/fhir", &bundle, &[("idempotency-key", "both")]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let mut both = [id(&found), id(&gone)];
    both.sort();
    for action in ["api.transaction", "api.transaction.again"] {
        let entries = told(&practice, action, Outcome::Done).await;
        assert_eq!((entries.len(), entries[0].patients.as_slice()), (1, both.as_slice()), "{action}");
        assert_eq!(entries[0].what.len(), 2, "{action}");
    }
}

#[tokio::test]
async fn a_request_answered_again_is_told_as_that_once() {
    let (practice, client) = practice().await;
    let key = [("idempotency-key", "order-7")];
    for _ in 0..2 {
        assert_eq!(client.json("POST", "/fhir/Patient", &patient("Abel"), &key).await.status, 201);
    }
    assert_eq!(told(&practice, "api.create", Outcome::Done).await.len(), 1, "one was made");
    let again = told(&practice, "api.create.again", Outcome::Done).await;
    assert_eq!((again.len(), again[0].what.len(), again[0].patients.len()), (1, 1, 1));
}
