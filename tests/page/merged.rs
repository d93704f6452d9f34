//! A record that another one took the place of takes nothing new: what is in it can still be ended, marked as wrong, and moved.

use crate::diagnosing::{form, lent};
use crate::support::{coded, patient, potassium, subject};
use chartroom_tests::{Browser, Practice};
use serde_json::{Value, json};
use store::Role;

fn visit(id: &str, status: &str) -> Value {
    json!({"resourceType": "Encounter", "id": id, "status": status, "subject": subject("q"),
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}, "period": {"start": "2026-11-22T14:50:00Z"}})
}

/// The record of q was kept beside that of p, who is the same person, and is merged into it now.
async fn practice() -> Practice {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    patient(&practice, "q", "Larson", "1979-12-23").await;
    for (id, status) in [("here", "arrived"), ("begun", "in-progress"), ("over", "finished"), ("off", "cancelled")] {
        practice.put(visit(id, status)).await;
    }
    practice.put(potassium("ours", "q", "2026-01-06T15:00:00Z", "4.0")).await;
    practice.put(potassium("theirs", "p", "2026-01-06T15:00:00Z", "4.1")).await;
    practice
        .put(
            json!({"resourceType": "AllergyIntolerance", "id": "a", "patient": subject("q"), "code": {"text": "Latex"},
            "clinicalStatus": coded("allergyintolerance-clinical", "active")}),
        )
        .await;
    practice
        .put(json!({"resourceType": "Condition", "id": "c", "subject": subject("q"), "code": {"text": "Asthma"},
            "clinicalStatus": coded("condition-clinical", "resolved"), "category": [coded("condition-category", "problem-list-item")]}))
        .await;
    let client = practice.client("system/*.cruds").await;
    let mut body = client.get("/fhir/Patient/q").await.json();
    body["link"] = json!([{"other": {"reference": "Patient/p"}, "type": "replaced-by"}]);
    let merged = client.json("PUT", "/fhir/Patient/q", &body, &[("if-match", "W/\"1\"")]).await;
    assert_eq!(merged.status, 200, "{}", merged.text());
    practice
}

async fn refused(browser: &Browser, address: &str, fields: &[(&str, &str)]) {
    let answer = browser.post(address, &[&[("patient", "q")], fields].concat()).await;
    let text = answer.text();
    assert_eq!(answer.status, 409, "{address}: {text}");
    assert!(text.contains("merged into another one (record no. 100\u{a0}001)"), "{address}: {text}");
}

async fn total(practice: &Practice, kind: &str) -> Value {
    practice.client("system/*.rs").await.get(&format!("/fhir/{kind}?patient=q")).await.json()["total"].clone()
}

#[tokio::test]
async fn nothing_is_charted_in_it_and_the_number_of_the_record_that_stands_is_told() {
    let practice = practice().await;
    let (nurse, doctor) = (practice.signed_in(Role::Nurse).await, practice.signed_in(Role::Clinician).await);
    let once = ("once", "55555555-5555-4555-8555-555555555555");
    let latex = [("substance", "Nickel"), ("category", "environment"), ("certainty", "unconfirmed")];
    let add = |more: &[(&'static str, &'static str)]| [&[("version", "2"), once], more].concat();
    let change = |more: &[(&'static str, &'static str)]| [&[("version", "1")], more].concat();
    refused(&nurse, "/patients/q/allergies/new", &add(&latex)).await;
    refused(&nurse, "/patients/q/allergies/none", &add(&[])).await;
    refused(&nurse, "/patients/q/allergies/a", &change(&[("substance", "Latex")])).await;
    refused(&nurse, "/patients/q/history/surgical/new", &add(&[("what", "Appendectomy")])).await;
    refused(&nurse, "/patients/q/history/social/new", &add(&[("smoking", "never")])).await;
    refused(&nurse, "/patients/q/history/family/none", &add(&[("seen", "")])).await;
    refused(&nurse, "/patients/q/history/medical/c", &change(&[("what", "Asthma"), ("onset", "2001")])).await;
    refused(&nurse, "/visits/here/rooming", &change(&[("pulse", "70"), once])).await;
    refused(&nurse, "/patients/q/visits/new", &add(&[("state", "arrived"), ("class", "AMB"), ("kind", "Follow-up")]))
        .await;
    for (visit, to) in [("here", "in-progress"), ("begun", "arrived"), ("over", "in-progress"), ("off", "planned")] {
        refused(&nurse, &format!("/visits/{visit}/status"), &change(&[("to", to)])).await;
    }
    for address in ["/patients/q/problems/new", "/patients/q/problems/new?visit=begun"] {
        let sent = form(&doctor, address, "I10").await;
        refused(&doctor, "/patients/q/problems/new", &lent(&sent)).await;
    }
    refused(&doctor, "/patients/q/problems/c", &change(&[("status", "active")])).await;
    refused(&doctor, "/patients/q/problems/c/promote", &change(&[])).await;
    for (kind, before) in [
        ("AllergyIntolerance", 1),
        ("Procedure", 0),
        ("List", 0),
        ("Observation", 1),
        ("Condition", 1),
        ("Encounter", 4),
    ] {
        assert_eq!(total(&practice, kind).await, before, "{kind}");
    }
    // Who was told the number of the other record is in its trail.
    let officer = practice.signed_in(Role::PrivacyOfficer).await;
    assert!(officer.post("/audit", &[("action", "patient.read")]).await.text().contains("LARSEN"));
}

#[tokio::test]
async fn what_is_in_it_is_ended_marked_and_moved_out_and_nothing_is_moved_in() {
    let practice = practice().await;
    let doctor = practice.signed_in(Role::Clinician).await;
    let of = |patient: &'static str, more: &[(&'static str, &'static str)]| {
        [&[("patient", patient), ("version", "1"), ("reason", "Of the other record")], more].concat()
    };
    assert_eq!(doctor.post("/visits/begun/status", &of("q", &[("to", "finished")])).await.status, 303);
    assert_eq!(doctor.post("/visits/here/status", &of("q", &[("to", "cancelled")])).await.status, 303);
    assert_eq!(doctor.post("/visits/over/status", &of("q", &[("to", "entered-in-error")])).await.status, 303);
    assert_eq!(doctor.post("/patients/q/changes/Condition/c/error", &of("q", &[])).await.status, 303);
    let into = of("p", &[("target", "q"), ("target_version", "2")]);
    let refused = doctor.post("/patients/p/changes/Observation/theirs/move/q", &into).await;
    assert!(refused.status == 409 && refused.text().contains("merged into another one"), "{}", refused.text());
    let out = of("q", &[("target", "p"), ("target_version", "1")]);
    let moved = doctor.post("/patients/q/changes/Observation/ours/move/p", &out).await;
    assert_eq!(moved.status, 303, "{}", moved.text());
    assert_eq!(total(&practice, "Observation").await, 0);
}
