//! A note written in the wrong chart: its text goes to the right one, and both charts tell.

use crate::noting::{Typing, begin, practice, saved, sign, signed, typing};
use crate::support::{between, page};
use chartroom_tests::{Answer, Browser, Practice};
use serde_json::{Value, json};
use store::Role;

/// Moves a note with what the confirmation shows; `changed`: fields sent otherwise.
async fn moved(browser: &Browser, draft: &str, to: &str, changed: &[(&str, &str)]) -> Answer {
    let address = format!("{draft}/move/{to}");
    let shown = browser.get(&address).await;
    let names = ["patient", "target", "target_version", "revisions", "once"];
    let mut fields: Vec<(&str, String)> = names
        .iter()
        .map(|name| (*name, shown.attribute(&format!("name=\"{name}\""), "value").unwrap_or_default()))
        .chain([("reason", "Typed in the wrong chart".to_owned())])
        .collect();
    for (name, value) in changed {
        fields.iter_mut().filter(|(known, _)| known == name).for_each(|(_, old)| *old = (*value).to_owned());
    }
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post(&address, &fields).await
}

async fn typed(browser: &Browser) -> String {
    let draft = begin(browser, "nurse").await;
    saved(browser, &draft, typing("1-observations", "Pale <b>")).await;
    saved(browser, &draft, typing("2-done", "Called Dr Okafor")).await;
    draft
}

#[tokio::test]
async fn a_draft_goes_to_the_right_chart_and_both_tell() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let draft = typed(&nurse).await;
    let found = nurse.post(&format!("{draft}/move"), &[("q", "Okonkwo")]).await;
    assert!(found.text().contains(&format!("{draft}/move/q")) && !found.text().contains(&format!("{draft}/move/p\"")));
    let confirm = page(&nurse, &format!("{draft}/move/q")).await;
    assert!(confirm.contains("LARSEN") && confirm.contains("OKONKWO") && confirm.contains("Pale &lt;b&gt;"));
    assert!(moved(&nurse, &draft, "q", &[("reason", " ")]).await.status == 422, "a reason is wanted");
    let done = moved(&nurse, &draft, "q", &[]).await;
    assert_eq!(done.status, 303, "{}", done.text());
    let new = done.location().to_owned();
    assert!(new.starts_with("/patients/q/drafts/"), "{new}");
    let text = page(&nurse, &new).await;
    assert!(text.contains("Pale &lt;b&gt;") && text.contains("Called Dr Okafor"));
    assert!(text.contains("Moved here from another patient’s chart") && text.contains("Typed in the wrong chart"));
    assert!(text.contains("2 of 4 lines are as they were copied") && !text.contains("LARSEN"));
    let wrong = page(&nurse, &draft).await;
    assert!(wrong.contains("moved to another patient’s chart") && wrong.contains(&new) && !wrong.contains("OKONKWO"));
    let list = page(&nurse, "/patients/p/notes").await;
    assert!(!list.contains("Drafts, not signed"));
    let gone = between(&list, "Drafts written here by mistake", "</section>");
    assert!(
        gone.contains("Nurse note") && gone.contains("Typed in the wrong chart") && !gone.contains("Pale"),
        "{gone}"
    );
    assert!(!page(&nurse, "/patients/q/notes").await.contains("written here by mistake"));

    // The draft is signed where it is, once it was read; what it says of its origin names nothing of the other chart.
    let save = async |section: &str, text: &str| {
        let fields = [("patient", "q"), ("section", section), ("text", text), ("based_on", "0")];
        let window = [("window", "11111111-1111-4111-8111-111111111111"), ("step", "1")];
        let answer = nurse.post(&new, &[&fields[..], &window[..]].concat()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    let sign = async |revisions: &str| {
        let shown = nurse.get(&new).await;
        let hidden = |name: &str| shown.attribute(&format!("name=\"{name}\""), "value").expect(name);
        let (version, seen) = (hidden("version"), hidden("seen"));
        let fields = [("patient", "q"), ("version", &*version), ("seen", &*seen), ("revisions", revisions)];
        nurse.post(&format!("{new}/sign"), &fields).await
    };
    save("2-done", "Called nobody").await;
    assert_eq!(sign("1-observations 0,2-done 1").await.status, 422, "nobody signs it unread");
    save("1-observations", "Pale <b>").await;
    let signed = sign("1-observations 1,2-done 1").await;
    assert_eq!(signed.status, 303, "{}", signed.text());
    let note = page(&nurse, signed.location()).await;
    assert!(note.contains("Written in another patient’s chart and moved here") && note.contains("Unchanged since"));
    let id = signed.location().rsplit('/').next().expect("an id");
    let body = practice.client("system/*.rs").await.get(&format!("/fhir/Composition/{id}")).await.text();
    let old = draft.rsplit('/').next().expect("an id");
    assert!(body.contains("urn:chartroom:copied-from") && !body.contains(old) && !body.contains("Patient/p"), "{body}");
}

#[tokio::test]
async fn what_was_typed_meanwhile_is_not_left_behind() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let draft = typed(&nurse).await;
    let later = Typing { based_on: "1", step: "2", ..typing("2-done", "Called Dr Okafor, who came") };
    saved(&nurse, &draft, later).await;
    let stale = moved(&nurse, &draft, "q", &[("revisions", "1-observations 1,2-done 1")]).await;
    assert!(stale.status == 409 && stale.text().contains("changed in another window"), "{}", stale.text());
    assert!(!page(&nurse, "/patients/q/notes").await.contains("Drafts, not signed"), "nothing is left there");
    assert!(page(&nurse, &draft).await.contains("Draft, not signed"));
    let once = "33333333-3333-4333-8333-333333333333";
    for _ in 0..2 {
        let done = moved(&nurse, &draft, "q", &[("once", once), ("revisions", "1-observations 1,2-done 2")]).await;
        assert_eq!((done.status, done.location()), (303, &*format!("/patients/q/drafts/{once}")), "once");
    }
    assert_eq!(moved(&nurse, &draft, "q", &[]).await.status, 409, "its text was moved before");
    assert!(page(&nurse, &format!("/patients/q/drafts/{once}")).await.contains("who came"));
}

#[tokio::test]
async fn only_its_author_moves_a_draft_and_only_to_whom_the_page_showed() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let draft = typed(&nurse).await;
    let other = practice.signed_in(Role::Clinician).await;
    assert_eq!(moved(&other, &draft, "q", &[]).await.status, 403);
    for (field, value, status) in
        [("patient", "q", 409), ("target", "p", 409), ("target_version", "9", 412), ("target_version", "", 428)]
    {
        let refused = moved(&nurse, &draft, "q", &[(field, value)]).await;
        assert_eq!(refused.status, status, "{field} {value}: {}", refused.text());
    }
    assert!(page(&nurse, &draft).await.contains("Draft, not signed"));
    assert!(!page(&nurse, "/patients/q/notes").await.contains("Drafts, not signed"));
}

#[tokio::test]
async fn a_signed_note_is_marked_in_error_first_and_then_its_text_is_moved() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let clinician = practice.signed_in(Role::Clinician).await;
    let note = signed(&nurse).await;
    let id = note.rsplit('/').next().expect("an id");
    let draft = format!("/patients/p/drafts/{id}");
    let early = moved(&nurse, &draft, "q", &[]).await;
    assert!(early.status == 409 && early.text().contains("mark it first"), "{}", early.text());
    let entry = format!("/patients/p/changes/Composition/{id}");
    let fields = [("patient", "p"), ("version", "1"), ("reason", "Wrong patient")];
    assert_eq!(clinician.post(&format!("{entry}/error"), &fields).await.status, 303);
    assert!(page(&nurse, &note).await.contains(&format!("{draft}/move")), "the note offers it");
    let done = moved(&nurse, &draft, "q", &[]).await;
    assert_eq!(done.status, 303, "{}", done.text());
    let text = page(&nurse, done.location()).await;
    assert!(text.contains("Called Dr Okafor") && text.contains("Draft, not signed"));
    let shown = page(&nurse, &note).await;
    assert!(shown.contains("moved to another patient’s chart") && shown.contains("Unchanged since"), "{shown}");
    assert!(!shown.contains(&format!("{draft}/move")), "once");
    let trail = practice.signed_in(Role::PrivacyOfficer).await.post("/audit/csv", &[("action", "note.move")]).await;
    assert!(trail.text().contains("Typed in the wrong chart"), "{}", trail.text());
}

async fn refused(practice: &Practice, change: impl AsyncFnOnce(&chartroom_tests::Client) -> Answer) -> String {
    let answer = change(&practice.client("system/*.cruds").await).await;
    assert_eq!(answer.status, 409, "{}", answer.text());
    answer.text()
}

#[tokio::test]
async fn a_patient_with_a_draft_is_neither_deleted_nor_merged_away() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let new = "/patients/q/notes/new";
    let once = nurse.get(new).await.attribute("name=\"once\"", "value").expect("the form's key");
    let fields = [("patient", "q"), ("once", once.as_str()), ("visit", ""), ("template", "nurse")];
    let draft = nurse.post(new, &fields).await.location().to_owned();
    let told = refused(&practice, async |client| {
        client.json("DELETE", "/fhir/Patient/q", &Value::Null, &[("if-match", "W/\"1\"")]).await
    });
    assert!(told.await.contains("notes that are not signed yet"));
    let merged = async |client: &chartroom_tests::Client| {
        let mut body: Value = serde_json::from_str(&client.get("/fhir/Patient/q").await.text()).expect("json");
        body["link"] = json!([{"other": {"reference": "Patient/p"}, "type": "replaced-by"}]);
        client.json("PUT", "/fhir/Patient/q", &body, &[("if-match", "W/\"1\"")]).await
    };
    assert!(refused(&practice, merged).await.contains("before it is merged"));
    assert_eq!(nurse.post(&format!("{draft}/discard"), &[("patient", "q")]).await.status, 303);
    assert_eq!(merged(&practice.client("system/*.cruds").await).await.status, 200);
    let once = "44444444-4444-4444-8444-444444444444";
    let again = nurse.post(new, &[("patient", "q"), ("once", once), ("template", "nurse")]).await;
    assert!(again.status == 409 && again.text().contains("merged into another one"), "{}", again.text());
}

#[tokio::test]
async fn two_texts_are_settled_before_a_draft_is_moved() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let draft = typed(&nurse).await;
    let other = Typing { window: "22222222-2222-4222-8222-222222222222", ..typing("2-done", "Surgery") };
    saved(&practice.signed_in(Role::Clinician).await, &draft, other).await;
    let waits = moved(&nurse, &draft, "q", &[]).await;
    assert!(waits.status == 422 && waits.text().contains("two texts were typed"), "{}", waits.text());
    assert_eq!(sign(&nurse, &draft, "1-observations 1,2-done 1").await.status, 422);
}
