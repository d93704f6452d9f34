//! Notes of supervised staff: who cosigns is said of an account, what is signed waits for it and says so, and the cosignature is proved.

use crate::noting::{practice, signed};
use crate::support::{between, page, potassium};
use chartroom_tests::{Answer, Browser, Practice};
use clinic::note::verify::verify;
use serde_json::{Value, json};
use store::Role;
use store::accounts::User;

/// A practice where the nurse's notes are cosigned by a clinician: both browsers, and the manager's.
struct Scene {
    practice: Practice,
    nurse: Browser,
    senior: Browser,
    manager: Browser,
    accounts: (User, User),
}

async fn scene() -> Scene {
    let practice = practice().await;
    let (junior, chief) = (practice.user("junior", Role::Nurse).await, practice.user("chief", Role::Clinician).await);
    let (nurse, senior) = (practice.session_of(&junior).await, practice.session_of(&chief).await);
    let manager = practice.signed_in(Role::Manager).await;
    let done = supervise(&manager, &junior, &chief.id.to_string()).await;
    assert_eq!(done.status, 303, "{}", done.text());
    Scene { practice, nurse, senior, manager, accounts: (junior, chief) }
}

pub async fn supervise(manager: &Browser, user: &User, by: &str) -> Answer {
    let shown = manager.get(&format!("/users/{}", user.id)).await;
    let version = shown.attribute("name=\"version\"", "value").expect("the version shown");
    let fields = [("cosigner", by), ("version", version.as_str())];
    manager.post(&format!("/users/{}/cosigner", user.id), &fields).await
}

/// Cosigns with what the page shows.
async fn cosign(browser: &Browser, note: &str) -> Answer {
    let shown = browser.get(note).await;
    // Whom the page offers nothing may still send it.
    let seen = shown.attribute("name=\"seen\"", "value").unwrap_or_default();
    let fields = [("patient", "p"), ("version", "1"), ("seen", seen.as_str())];
    browser.post(&format!("{note}/cosign"), &fields).await
}

async fn proved(practice: &Practice) -> (u64, u64, usize) {
    let found = verify(practice.store(), &practice.program()).await.expect("verified");
    (found.whole, found.awaiting, found.bad.len())
}

#[tokio::test]
async fn a_supervised_note_waits_is_cosigned_and_says_both() {
    let scene = scene().await;
    let note = signed(&scene.nurse).await;
    for browser in [&scene.nurse, &scene.senior] {
        let shown = page(browser, &note).await;
        assert!(shown.contains("Awaiting cosignature of Test chief"), "{shown}");
        assert!(page(browser, "/patients/p/notes").await.contains("Awaiting cosignature"));
    }
    assert!(!page(&scene.nurse, &note).await.contains("/cosign\""), "its author does not cosign it");
    assert_eq!(proved(&scene.practice).await, (1, 1, 0));
    let list = page(&scene.senior, "/drafts").await;
    let waiting = between(&list, "To cosign", "</section>");
    assert!(waiting.contains("Nurse note") && waiting.contains("LARSEN") && waiting.contains("Test junior"));
    assert!(!page(&scene.nurse, "/drafts").await.contains("To cosign"));

    let shown = page(&scene.senior, &note).await;
    assert!(shown.contains("Pale, &lt;b&gt;sweating") && shown.contains("hydrALAZINE"), "the chart stands beside it");
    let done = cosign(&scene.senior, &note).await;
    assert_eq!((done.status, done.location()), (303, note.as_str()), "{}", done.text());
    let shown = page(&scene.nurse, &note).await;
    let signatures = between(&shown, "id=\"signatures\"", "</section>");
    let (by, co) = (signatures.find("Signed by Test junior"), signatures.find("Cosigned by Test chief"));
    assert!(by.is_some() && by < co && signatures.matches("Unchanged since").count() == 2, "{signatures}");
    assert!(!shown.contains("Awaiting cosignature"));
    for path in ["/patients/p/notes", "/patients/p", "/patients/p/timeline"] {
        assert!(!page(&scene.nurse, path).await.contains("Awaiting cosignature"), "{path}");
    }
    let seen = page(&scene.nurse, &format!("{note}/seen?by=cosigner")).await;
    assert!(seen.contains("Test chief cosigned it") && seen.contains("Penicillin"), "{seen}");
    assert!(page(&scene.nurse, &format!("{note}/seen")).await.contains("Test junior signed it"));
    assert!(!page(&scene.senior, "/drafts").await.contains("To cosign"));
    assert_eq!(proved(&scene.practice).await, (1, 0, 0));
    assert_eq!(cosign(&scene.senior, &note).await.status, 303, "twice is once");
    assert_eq!(proved(&scene.practice).await, (1, 0, 0));
}

#[tokio::test]
async fn the_signed_note_does_not_change_when_it_is_cosigned() {
    let scene = scene().await;
    let note = signed(&scene.nurse).await;
    let id = note.rsplit('/').next().expect("an id");
    let client = scene.practice.client("system/*.cruds").await;
    let read = async |kind: &str| -> Value {
        serde_json::from_str(&client.get(&format!("/fhir/{kind}/{id}")).await.text()).expect("json")
    };
    let (before, listed) = (read("Composition").await, read("DocumentReference").await);
    assert_eq!(listed["docStatus"], "preliminary");
    // Nobody but the cosigner says that it is final.
    let mut claimed = listed.clone();
    claimed["docStatus"] = json!("final");
    let path = format!("/fhir/DocumentReference/{id}");
    assert_eq!(client.json("PUT", &path, &claimed, &[("if-match", "W/\"1\"")]).await.status, 422);
    assert_eq!(cosign(&scene.senior, &note).await.status, 303);
    assert_eq!(read("Composition").await, before);
    assert_eq!(read("DocumentReference").await["docStatus"], "final");
    let found = client.get(&format!("/fhir/Provenance?target=Composition/{id}/_history/1")).await.text();
    let found: Value = serde_json::from_str(&found).expect("json");
    assert_eq!(found["entry"].as_array().map(Vec::len), Some(2), "the author's and the cosigner's: {found}");
    // Marked in error and taken back, it is still cosigned.
    for (act, version) in [("error", "1"), ("restore", "2")] {
        let entry = format!("/patients/p/changes/Composition/{id}");
        let fields = [("patient", "p"), ("version", version), ("reason", "By mistake")];
        let done = scene.senior.post(&format!("{entry}/{act}"), &fields).await;
        assert_eq!(done.status, 303, "{}", done.text());
    }
    assert_eq!(read("DocumentReference").await["docStatus"], "final");
    assert_eq!(proved(&scene.practice).await, (1, 0, 0));
}

#[tokio::test]
async fn only_the_cosigner_cosigns_and_only_what_they_saw() {
    let scene = scene().await;
    let note = signed(&scene.nurse).await;
    let other = scene.practice.signed_in(Role::Clinician).await;
    assert!(!page(&other, &note).await.contains("/cosign\""));
    for browser in [&other, &scene.nurse] {
        assert_eq!(cosign(browser, &note).await.status, 403);
    }
    let elsewhere = note.replace("/patients/p/", "/patients/q/");
    let fields = [("patient", "q"), ("version", "1"), ("seen", "")];
    assert_eq!(scene.senior.post(&format!("{elsewhere}/cosign"), &fields).await.status, 404);
    assert_eq!(scene.senior.post(&format!("{note}/cosign"), &fields).await.status, 409, "another patient was shown");

    let shown = scene.senior.get(&note).await;
    let hidden = |name: &str| shown.attribute(&format!("name=\"{name}\""), "value").expect(name);
    let (version, seen) = (hidden("version"), hidden("seen"));
    scene.practice.put(potassium("k3", "p", "2026-03-06T15:00:00Z", "6.9")).await;
    let fields = [("patient", "p"), ("version", version.as_str()), ("seen", seen.as_str())];
    let refused = scene.senior.post(&format!("{note}/cosign"), &fields).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("look once more, then cosign") && refused.text().contains("6.9"));
    assert_eq!(proved(&scene.practice).await, (1, 1, 0));
    assert_eq!(cosign(&scene.senior, &note).await.status, 303);
}

#[tokio::test]
async fn a_note_in_error_is_not_cosigned_and_leaves_the_list() {
    let scene = scene().await;
    let note = signed(&scene.nurse).await;
    let shown = scene.senior.get(&note).await;
    let hidden = |name: &str| shown.attribute(&format!("name=\"{name}\""), "value").expect(name);
    let (version, seen) = (hidden("version"), hidden("seen"));
    let id = note.rsplit('/').next().expect("an id");
    let entry = format!("/patients/p/changes/Composition/{id}");
    let fields = [("patient", "p"), ("version", "1"), ("reason", "Wrong patient")];
    assert_eq!(scene.senior.post(&format!("{entry}/error"), &fields).await.status, 303);
    assert!(!page(&scene.senior, "/drafts").await.contains("To cosign"));
    assert!(!page(&scene.senior, &note).await.contains("/cosign\""));
    let fields = [("patient", "p"), ("version", version.as_str()), ("seen", seen.as_str())];
    let refused = scene.senior.post(&format!("{note}/cosign"), &fields).await;
    assert!(refused.status == 409 && refused.text().contains("entered in error"), "{}", refused.text());
}

#[tokio::test]
async fn who_left_is_replaced_by_the_manager() {
    let scene = scene().await;
    let note = signed(&scene.nurse).await;
    let id = note.rsplit('/').next().expect("an id");
    let heir = scene.practice.user("heir", Role::Clinician).await;
    let list = page(&scene.manager, "/drafts/all").await;
    assert!(list.contains("Test chief") && list.contains("to cosign") && !list.contains("sweating"));
    let address = format!("/patients/p/drafts/{id}/reassign");
    let junior = scene.accounts.0.id.to_string();
    let refused = scene.manager.post(&address, &[("patient", "p"), ("to", &junior)]).await;
    assert_eq!(refused.status, 409, "nobody cosigns their own note");
    let to = heir.id.to_string();
    assert_eq!(scene.manager.post(&address, &[("patient", "p"), ("to", &to)]).await.status, 303);
    assert_eq!(cosign(&scene.senior, &note).await.status, 403);
    let heir = scene.practice.session_of(&heir).await;
    assert!(page(&heir, &note).await.contains("Awaiting cosignature of Test heir"));
    assert_eq!(cosign(&heir, &note).await.status, 303);
    assert!(page(&heir, &note).await.contains("Cosigned by Test heir"));
}

#[tokio::test]
async fn a_cosigner_is_a_clinician_who_is_not_supervised() {
    let scene = scene().await;
    let (junior, chief) = &scene.accounts;
    let nurse = scene.practice.user("other", Role::Nurse).await;
    for (user, by) in [(chief, junior.id), (chief, chief.id), (&nurse, junior.id)] {
        let refused = supervise(&scene.manager, user, &by.to_string()).await;
        assert_eq!(refused.status, 422, "{}", refused.text());
    }
    let top = scene.practice.user("top", Role::Clinician).await;
    let refused = supervise(&scene.manager, chief, &top.id.to_string()).await;
    assert!(refused.status == 422 && refused.text().contains("cosigns for others"), "{}", refused.text());
    assert_eq!(scene.senior.post(&format!("/users/{}/cosigner", junior.id), &[("cosigner", "")]).await.status, 403);
    let stale = [("cosigner", ""), ("version", "0")];
    assert_eq!(scene.manager.post(&format!("/users/{}/cosigner", junior.id), &stale).await.status, 412);
    assert_eq!(supervise(&scene.manager, junior, "").await.status, 303);
    let note = signed(&scene.nurse).await;
    assert!(!page(&scene.nurse, &note).await.contains("Awaiting cosignature"), "from now on their own is enough");
}

#[tokio::test]
async fn an_unreal_cosignature_is_found() {
    let scene = scene().await;
    let note = signed(&scene.nurse).await;
    let id = note.rsplit('/').next().expect("an id");
    scene
        .practice
        .forge(json!({"resourceType": "Provenance", "id": "forged", "recorded": "2026-11-22T15:00:00Z",
            "extension": [{"url": "urn:chartroom:signed-note", "valueCode": "nurse"}],
            "target": [{"reference": format!("Composition/{id}/_history/1")}, {"reference": "Patient/p"}],
            "agent": [{"who": {"display": "Dr X"}}],
            "signature": [{"type": [{"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.6"}],
                "when": "2026-11-22T15:00:00Z", "who": {"display": "Dr X"}, "data": "AAAA"}]}))
        .await;
    assert_eq!(proved(&scene.practice).await.2, 1);
    let shown = page(&scene.nurse, &note).await;
    assert!(shown.contains("This is not what was signed") && shown.contains("Awaiting cosignature of Test chief"));
    assert_eq!(cosign(&scene.senior, &note).await.status, 303, "the real one is still to be given");
}
