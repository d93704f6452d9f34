//! Nothing comes to look signed but by signing: not through the API, not by an import.

use crate::noting::{practice, signed};
use crate::support::page;
use chartroom_tests::Practice;
use clinic::note::verify::verify;
use clinic::{Action, Caller};
use exchange::import::{Local, Progress, Tally, files, run};
use serde_json::{Value, json};
use std::sync::Arc;
use store::Role;
use uuid::Uuid;

/// ASTM E1762-95: the author's signature.
const AUTHOR: &str = "1.2.840.10065.1.12.1.1";

fn proof(id: &str, note: &str, marked: bool) -> Value {
    let mut proof = json!({"resourceType": "Provenance", "id": id, "recorded": "2026-11-22T15:00:00Z",
        "target": [{"reference": format!("Composition/{note}/_history/1")}, {"reference": "Patient/p"}],
        "agent": [{"who": {"display": "Dr X"}}], "entity": [{"role": "source", "what": {"reference": "Patient/q/_history/1"}}],
        "signature": [{"type": [{"system": "urn:iso-astm:E1762-95:2013", "code": AUTHOR}],
            "when": "2026-11-22T15:00:00Z", "who": {"display": "Dr X"}, "data": "AAAA"}]});
    if marked {
        mark(&mut proof);
    }
    proof
}

fn mark(body: &mut Value) {
    body["extension"] = json!([{"url": "urn:chartroom:signed-note", "valueCode": "nurse"}]);
}

fn note(kind: &str, id: &str) -> Value {
    let mut note = match kind {
        "Composition" => json!({"status": "final", "type": {"text": "Note"}, "date": "2026-01-02T15:00:00Z",
            "author": [{"display": "Dr X"}], "title": "From afar"}),
        _ => {
            json!({"status": "current", "description": "From afar", "type": {"coding": [{"system": "http://loinc.org", "code": "11506-3"}]},
            "content": [{"attachment": {"contentType": "text/plain", "data": "U2VlbiB0b2RheS4="}}]})
        }
    };
    note["resourceType"] = json!(kind);
    note["id"] = json!(id);
    note["subject"] = json!({"reference": "Patient/p"});
    mark(&mut note);
    note
}

async fn import(practice: &Practice, bodies: &[Value]) -> Tally {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notes.json");
    let entries: Vec<_> = bodies.iter().map(|body| json!({"resource": body})).collect();
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
    std::fs::write(&path, bundle.to_string()).expect("written");
    let caller = Caller::program("import", practice.now(), Uuid::now_v7());
    let permit = caller.write_practice(Action::WriteClinical).expect("the program may");
    let number_system = "urn:chartroom:record-number".to_owned();
    let local = Local { store: practice.app.store.clone(), permit, caller, number_system };
    let inputs = files::find(&[path]).expect("files");
    run(Arc::new(local), &inputs, &mut |_: &Progress| {}).await.expect("an import").all
}

#[tokio::test]
async fn the_api_takes_neither_the_mark_nor_a_signature_over_a_signed_note() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let address = signed(&nurse).await;
    let id = address.rsplit('/').next().expect("an id");
    let client = practice.client("system/*.cruds").await;
    for body in
        [note("Composition", "x"), note("DocumentReference", "x"), proof("x", id, true), proof("x", "unknown", true)]
    {
        let path = format!("/fhir/{}/x", body["resourceType"].as_str().expect("a type"));
        let refused = client.json("PUT", &path, &body, &[]).await;
        assert_eq!(refused.status, 422, "{body}");
        assert!(refused.text().contains("Only signing a note in this practice"), "{}", refused.text());
        let entry = json!({"resource": body, "request": {"method": "PUT", "url": path.trim_start_matches("/fhir/")}});
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry]});
        assert_eq!(client.json("POST", "/fhir", &bundle, &[]).await.status, 422);
    }
    let refused = client.json("PUT", "/fhir/Provenance/x", &proof("x", id, false), &[]).await;
    assert!(refused.status == 422 && refused.text().contains("takes no other signature"), "{}", refused.text());
    let other = client.json("PUT", "/fhir/Provenance/x", &proof("x", "unknown", false), &[]).await;
    assert_eq!(other.status, 201, "what is signed elsewhere is no business of ours: {}", other.text());
    let shown = page(&nurse, &address).await;
    assert!(shown.contains("Unchanged since") && !shown.contains("This is not what was signed"));
    assert_eq!(verify(practice.store(), &practice.program()).await.expect("verified").bad, vec![]);
}

#[tokio::test]
async fn a_signature_made_before_there_was_a_note_is_none_of_the_note_s() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let draft = crate::noting::begin(&nurse, "nurse").await;
    let id = draft.rsplit('/').next().expect("an id").to_owned();
    practice.put(proof("early", &id, false)).await;
    for (section, text) in [("1-observations", "Pale"), ("2-done", "Called")] {
        crate::noting::saved(&nurse, &draft, crate::noting::typing(section, text)).await;
    }
    let done = crate::noting::sign(&nurse, &draft, "1-observations 1,2-done 1").await;
    assert_eq!(done.status, 303, "{}", done.text());
    let shown = page(&nurse, done.location()).await;
    assert!(shown.contains("Unchanged since") && !shown.contains("Dr X"), "{shown}");
    // Whoever owns the database can do more: what the signer saw is still read from the signature that holds.
    practice.forge(proof("forged", &id, true)).await;
    let seen = page(&nurse, &format!("{}/seen", done.location())).await;
    assert!(seen.contains("Penicillin") && !seen.contains("Dr X"), "{seen}");
}

#[tokio::test]
async fn an_import_takes_the_notes_of_another_practice_as_signed_elsewhere_and_its_own_as_known() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let address = signed(&nurse).await;
    let id = address.rsplit('/').next().expect("an id");
    let foreign = [note("Composition", "far"), note("DocumentReference", "far"), proof("far", "far", true)];
    for (imported, unchanged) in [(3, 0), (0, 3)] {
        assert_eq!(import(&practice, &foreign).await, Tally { imported, unchanged, rejected: 0 });
    }
    let client = practice.client("system/*.rs").await;
    let kept = client.get("/fhir/Composition/far").await.json();
    assert_eq!(kept["extension"], json!([{"url": "urn:chartroom:signed-elsewhere", "valueCode": "nurse"}]));
    assert!(page(&nurse, "/patients/p/notes/far").await.contains("Not signed in this practice"));
    let list = page(&nurse, "/patients/p/notes").await;
    let lines = ["DocumentReference", "Composition"].map(|kind| list.contains(&format!("/changes/{kind}/far")));
    assert_eq!(lines, [true, false], "it stands in the list once");

    let own = ["Composition", "DocumentReference"].map(|kind| format!("/fhir/{kind}/{id}"));
    let mut sent = Vec::new();
    for path in own {
        sent.push(client.get(&path).await.json());
    }
    assert_eq!(import(&practice, &sent).await, Tally { imported: 0, unchanged: 2, rejected: 0 });
    for marked in [true, false] {
        let refused = import(&practice, &[proof("forged", id, marked)]).await;
        assert_eq!(refused, Tally { imported: 0, unchanged: 0, rejected: 1 });
    }
    assert!(page(&nurse, &address).await.contains("Unchanged since"));
    assert_eq!(verify(practice.store(), &practice.program()).await.expect("verified").bad, vec![]);
}
