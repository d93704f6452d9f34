//! Writing and signing a note, as the page's script and form do it.

use crate::support::{between, chart, page, patient};
use chartroom_tests::{Answer, Browser, Practice};
use serde_json::{Value, json};
use store::Role;

const WINDOW: &str = "11111111-1111-4111-8111-111111111111";
const OTHER: &str = "22222222-2222-4222-8222-222222222222";

pub async fn practice() -> Practice {
    let practice = Practice::new().await;
    chart(&practice).await;
    patient(&practice, "q", "Okonkwo", "1980-02-03").await;
    practice
}

/// Begins a note from a template; answers its address.
pub async fn begin(browser: &Browser, template: &str) -> String {
    begin_in(browser, template, "").await
}

async fn begin_in(browser: &Browser, template: &str, visit: &str) -> String {
    let begun = begin_of(browser, visit, template).await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    begun.location().to_owned()
}

/// As [`begin`], of a visit.
pub async fn begin_of(browser: &Browser, visit: &str, template: &str) -> Answer {
    let new = "/patients/p/notes/new";
    let form = browser.get(new).await;
    let once = form.attribute("name=\"once\"", "value").expect("the form's key");
    browser.post(new, &[("patient", "p"), ("once", &once), ("visit", visit), ("template", template)]).await
}

pub struct Typing<'a> {
    pub section: &'a str,
    pub text: &'a str,
    pub based_on: &'a str,
    pub window: &'a str,
    pub step: &'a str,
}

pub fn typing<'a>(section: &'a str, text: &'a str) -> Typing<'a> {
    Typing { section, text, based_on: "0", window: WINDOW, step: "1" }
}

async fn save(browser: &Browser, address: &str, typed: Typing<'_>) -> Answer {
    let Typing { section, text, based_on, window, step } = typed;
    let fields = [
        ("patient", "p"),
        ("section", section),
        ("text", text),
        ("based_on", based_on),
        ("window", window),
        ("step", step),
    ];
    browser.post(address, &fields).await
}

pub async fn saved(browser: &Browser, address: &str, typed: Typing<'_>) -> Value {
    let answer = save(browser, address, typed).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_str(&answer.text()).expect("json")
}

/// Signs with what the page shows; `revisions` as the script has them.
pub async fn sign(browser: &Browser, address: &str, revisions: &str) -> Answer {
    let shown = browser.get(address).await;
    let hidden = |name: &str| shown.attribute(&format!("name=\"{name}\""), "value").expect(name);
    let (version, seen) = (hidden("version"), hidden("seen"));
    let fields = [("patient", "p"), ("version", &version), ("seen", &seen), ("revisions", revisions)];
    browser.post(&format!("{address}/sign"), &fields).await
}

/// A nurse note with both sections filled in and signed; answers its address.
pub async fn signed(browser: &Browser) -> String {
    let address = begin(browser, "nurse").await;
    saved(browser, &address, typing("1-observations", "Pale, <b>sweating</b>")).await;
    saved(browser, &address, typing("2-done", "Called Dr Okafor")).await;
    let done = sign(browser, &address, "1-observations 1,2-done 1").await;
    assert_eq!(done.status, 303, "{}", done.text());
    done.location().to_owned()
}

/// A telephone note of a visit with this advice, signed; answers its address.
pub async fn advising(browser: &Browser, visit: &str, advice: &str) -> String {
    let address = begin_in(browser, "telephone", visit).await;
    for (section, text) in
        [("1-caller-and-reason", "The patient"), ("2-what-was-said", "Cannot sleep"), ("3-advice", advice)]
    {
        saved(browser, &address, typing(section, text)).await;
    }
    let done = sign(browser, &address, "1-caller-and-reason 1,2-what-was-said 1,3-advice 1").await;
    assert_eq!(done.status, 303, "{}", done.text());
    done.location().to_owned()
}

/// Signs an addendum to a note; answers its address.
pub async fn added(browser: &Browser, note: &str, text: &str) -> String {
    let id = note.rsplit('/').next().expect("an id");
    let new = "/patients/p/notes/new";
    let once = browser.get(&format!("{new}?appends={id}")).await.attribute("name=\"once\"", "value").expect("key");
    let fields = [("patient", "p"), ("once", once.as_str()), ("appends", id), ("template", "addendum")];
    let address = browser.post(new, &fields).await.location().to_owned();
    saved(browser, &address, typing("1-addendum", text)).await;
    let done = sign(browser, &address, "1-addendum 1").await;
    assert_eq!(done.status, 303, "{}", done.text());
    done.location().to_owned()
}

#[tokio::test]
async fn a_note_is_typed_and_signed_and_is_shown_as_text() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let note = signed(&nurse).await;
    let text = page(&nurse, &note).await;
    assert!(text.contains("Pale, &lt;b&gt;sweating&lt;/b&gt;") && text.contains("Called Dr Okafor"));
    assert!(text.contains("Unchanged since"));
    let list = page(&nurse, "/patients/p/notes").await;
    assert_eq!(list.matches(&format!("href=\"{note}\"")).count(), 1, "it stands in the list once");
    assert!(!list.contains("Drafts, not signed"));
    let seen = page(&nurse, &format!("{note}/seen")).await;
    assert!(seen.contains("Penicillin") && seen.contains("Potassium") && seen.contains("5.60"), "{seen}");
}

#[tokio::test]
async fn a_template_brings_the_chart_s_values_with_their_days() {
    let practice = practice().await;
    let clinician = practice.signed_in(Role::Clinician).await;
    let address = begin(&clinician, "adult-visit").await;
    let answer = clinician.post(&format!("{address}/phrase"), &[("phrase", "allergies")]).await;
    assert!(answer.text().contains("Penicillin: Anaphylaxis (severe)"), "{}", answer.text());
    let meds = clinician.post(&format!("{address}/phrase"), &[("phrase", "meds")]).await.text();
    assert!(meds.contains("hydrALAZINE 25 MG") && !meds.contains("PREDNIS") && !meds.contains("prednis"), "{meds}");
    assert_eq!(clinician.post(&format!("{address}/phrase"), &[("phrase", "nothing")]).await.status, 404);
    for phrase in ["vitals", "bp", "weight", "a1c", "results", "meds", "allergies", "problems", "age", "name"] {
        let words = clinician.post(&format!("{address}/phrase"), &[("phrase", phrase)]).await.text();
        assert!(words.contains("chart, 22-Nov-2026 09:00)"), "{phrase} is stamped: {words}");
    }
}

#[tokio::test]
async fn a_note_with_something_to_fill_in_is_not_signed() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let address = begin(&nurse, "telephone").await;
    let refused = sign(&nurse, &address, "1-caller-and-reason 0,2-what-was-said 0,3-advice 0").await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("What was said: fill in or remove each ***"), "{}", refused.text());
}

#[tokio::test]
async fn what_is_signed_is_what_was_read() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let address = begin(&nurse, "nurse").await;
    saved(&nurse, &address, typing("1-observations", "Pale")).await;
    saved(&nurse, &address, typing("2-done", "Nothing yet")).await;
    let later = Typing { based_on: "1", window: OTHER, ..typing("2-done", "Called Dr Okafor") };
    saved(&nurse, &address, later).await;
    let refused = sign(&nurse, &address, "1-observations 1,2-done 1").await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("changed in another window"), "{}", refused.text());
}

#[tokio::test]
async fn a_chart_that_changed_beside_the_note_is_looked_at_once_more() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let address = begin(&nurse, "nurse").await;
    saved(&nurse, &address, typing("1-observations", "Pale")).await;
    saved(&nurse, &address, typing("2-done", "Called")).await;
    let shown = nurse.get(&address).await;
    let hidden = |name: &str| shown.attribute(&format!("name=\"{name}\""), "value").expect(name);
    practice.put(crate::support::potassium("k3", "p", "2026-03-06T15:00:00Z", "6.9")).await;
    let fields = [
        ("patient", "p"),
        ("version", &*hidden("version")),
        ("seen", &*hidden("seen")),
        ("revisions", "1-observations 1,2-done 1"),
    ];
    let refused = nurse.post(&format!("{address}/sign"), &fields).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("the chart beside this note changed"), "{}", refused.text());
    assert!(refused.text().contains("6.9"), "the page now shows it");
    assert_eq!(sign(&nurse, &address, "1-observations 1,2-done 1").await.status, 303);
}

#[tokio::test]
async fn two_texts_in_one_section_are_both_kept_and_told() {
    let practice = practice().await;
    let clinician = practice.signed_in(Role::Clinician).await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let address = begin(&clinician, "nurse").await;
    saved(&clinician, &address, typing("2-done", "Rest")).await;
    let told = saved(&nurse, &address, Typing { window: OTHER, ..typing("2-done", "Surgery") }).await;
    assert_eq!(told["kept"], "aside");
    let section =
        told["sections"].as_array().expect("sections").iter().find(|one| one["name"] == "2-done").expect("it");
    assert_eq!((&section["text"], &section["aside"][0]["text"]), (&json!("Rest"), &json!("Surgery")));
    let shown = page(&clinician, &address).await;
    assert!(shown.contains("Rest") && shown.contains("Surgery") && shown.contains("Both texts are kept"));
    let refused = sign(&clinician, &address, "1-observations 0,2-done 1").await;
    assert!(refused.status == 422 && refused.text().contains("two texts were typed"), "{}", refused.text());
}

#[tokio::test]
async fn a_nurse_drafts_what_only_a_clinician_signs() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let address = begin(&nurse, "adult-visit").await;
    assert!(page(&nurse, &address).await.contains("A clinician signs this sort of note"));
    let fields = [("patient", "p"), ("version", "1"), ("seen", ""), ("revisions", "")];
    assert_eq!(nurse.post(&format!("{address}/sign"), &fields).await.status, 403);
    let clinician = practice.signed_in(Role::Clinician).await;
    assert_eq!(clinician.post(&format!("{address}/sign"), &fields).await.status, 403, "it is not the clinician's own");
}

#[tokio::test]
async fn a_draft_of_another_patient_is_not_reached() {
    let practice = practice().await;
    let clinician = practice.signed_in(Role::Clinician).await;
    let address = begin(&clinician, "nurse").await;
    let elsewhere = address.replace("/patients/p/", "/patients/q/");
    assert_eq!(clinician.get(&elsewhere).await.status, 404);
    let fields = [
        ("patient", "q"),
        ("section", "2-done"),
        ("text", "wrong"),
        ("based_on", "0"),
        ("window", WINDOW),
        ("step", "1"),
    ];
    assert_eq!(clinician.post(&elsewhere, &fields).await.status, 409);
    assert_eq!(clinician.post(&address, &fields).await.status, 409, "the page showed another patient");
    assert!(!page(&clinician, &address).await.contains("wrong"));
}

#[tokio::test]
async fn a_signed_note_does_not_change() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let note = signed(&nurse).await;
    let id = note.rsplit('/').next().expect("an id");
    let late = save(&nurse, &format!("/patients/p/drafts/{id}"), typing("2-done", "late")).await;
    assert_eq!(late.status, 409, "{}", late.text());

    let client = practice.client("system/*.cruds").await;
    for kind in ["Composition", "DocumentReference"] {
        let path = format!("/fhir/{kind}/{id}");
        let mut body: Value = serde_json::from_str(&client.get(&path).await.text()).expect("json");
        let refused = client.json("DELETE", &path, &Value::Null, &[("if-match", "W/\"1\"")]).await;
        assert_eq!(refused.status, 422, "{}", refused.text());
        assert!(refused.text().contains("A signed note does not change"), "{}", refused.text());
        body["status"] = json!("entered-in-error");
        assert_eq!(
            client.json("PUT", &path, &body, &[("if-match", "W/\"1\"")]).await.status,
            422,
            "marking is for those who treat"
        );
        body["title"] = json!("Another");
        body["description"] = json!("Another");
        assert_eq!(client.json("PUT", &path, &body, &[("if-match", "W/\"1\"")]).await.status, 422);
    }
    assert!(page(&nurse, &note).await.contains("Unchanged since"));
}

#[tokio::test]
async fn a_note_on_the_wrong_patient_is_marked_in_error_as_a_whole() {
    let practice = practice().await;
    let clinician = practice.signed_in(Role::Clinician).await;
    let note = signed(&clinician).await;
    let id = note.rsplit('/').next().expect("an id");
    let entry = format!("/patients/p/changes/Composition/{id}");
    let shown = clinician.get(&entry).await;
    let version = shown.attribute("name=\"version\"", "value").expect("version");
    let fields = [("patient", "p"), ("version", version.as_str()), ("reason", "Typed in the wrong chart")];
    let marked = clinician.post(&format!("{entry}/error"), &fields).await;
    assert_eq!(marked.status, 303, "{}", marked.text());
    let text = page(&clinician, &note).await;
    assert!(text.contains("Typed in the wrong chart") || text.contains("ntered in error"), "{text}");
    assert!(text.contains("Unchanged since"), "the mark leaves the signature whole");
    let list = page(&clinician, "/patients/p/notes").await;
    assert!(list.contains("class=\"error\""), "the list tells it too");
}

#[tokio::test]
async fn an_addendum_stands_below_what_it_adds_to() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let note = signed(&nurse).await;
    added(&nurse, &note, "Culture negative").await;
    let text = page(&nurse, &note).await;
    assert!(text.contains("Addendum") && text.contains("Culture negative"));
}

#[tokio::test]
async fn a_manager_hands_a_draft_over_without_reading_it() {
    let practice = practice().await;
    let clinician = practice.signed_in(Role::Clinician).await;
    let address = begin(&clinician, "nurse").await;
    saved(&clinician, &address, typing("2-done", "SECRETWORD")).await;
    let heir = practice.user("heir", Role::Clinician).await;
    let manager = practice.signed_in(Role::Manager).await;
    let list = page(&manager, "/drafts/all").await;
    assert!(list.contains("Nurse note") && list.contains("LARSEN") && !list.contains("SECRETWORD"));
    assert_eq!(manager.get(&address).await.status, 403);
    let to = heir.id.to_string();
    let done = manager.post(&format!("{address}/reassign"), &[("patient", "p"), ("to", &to)]).await;
    assert_eq!(done.status, 303, "{}", done.text());
    assert!(!page(&clinician, "/drafts").await.contains(&address));
}

#[tokio::test]
async fn the_key_of_a_journal_is_its_user_s_own() {
    let practice = practice().await;
    let key = |browser: Browser| async move { browser.post("/journal-key", &[]).await.text() };
    let nurse = key(practice.signed_in(Role::Nurse).await).await;
    let clinician = key(practice.signed_in(Role::Clinician).await).await;
    assert!(nurse.contains("\"key\":\"") && nurse != clinician);
    let desk = practice.signed_in(Role::FrontDesk).await;
    assert_eq!(desk.post("/journal-key", &[]).await.status, 403);
}

#[tokio::test]
async fn what_is_copied_forward_says_whence_until_it_is_edited() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let note = signed(&nurse).await;
    let id = note.rsplit('/').next().expect("an id");
    let new = "/patients/p/notes/new";
    let once = nurse.get(new).await.attribute("name=\"once\"", "value").expect("key");
    let fields = [("patient", "p"), ("once", once.as_str()), ("copies", id), ("template", "nurse")];
    let address = nurse.post(new, &fields).await.location().to_owned();
    let text = page(&nurse, &address).await;
    assert!(text.contains("Called Dr Okafor") && text.contains("Copied from the note of"));
    assert!(text.contains("2 of 2 lines are as they were copied"), "{text}");
    let edited = Typing { based_on: "0", ..typing("2-done", "Called nobody") };
    let told = saved(&nurse, &address, edited).await;
    let words = "1 of 2 lines are as they were copied";
    assert_eq!(told["copied"], json!({"words": words, "sections": ["1-observations"]}), "the save's answer tells it");
    let text = page(&nurse, &address).await;
    let hidden = |text: &str, section: &str| {
        let card = between(text, &format!("data-section=\"{section}\""), "</section>");
        card.contains("copied\" hidden>")
    };
    assert!(text.contains(words));
    assert!(
        hidden(&text, "2-done") && !hidden(&text, "1-observations"),
        "the mark goes where every line was rewritten"
    );
    let rewritten = Typing { based_on: "0", ..typing("1-observations", "Rosy") };
    assert_eq!(saved(&nurse, &address, rewritten).await["copied"], Value::Null, "a window that says nothing is right");
    let text = page(&nurse, &address).await;
    assert!(hidden(&text, "1-observations") && !text.contains("as they were copied"));
    assert_eq!(sign(&nurse, &address, "1-observations 1,2-done 1").await.status, 303);
}

#[tokio::test]
async fn every_signed_note_is_proved_and_a_changed_one_found() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    signed(&nurse).await;
    let caller = clinic::Caller::program("test", jiff::Timestamp::UNIX_EPOCH, uuid::Uuid::nil());
    let found = clinic::note::verify::verify(practice.store(), &caller).await.expect("verified");
    assert_eq!((found.whole, found.bad), (1, vec![]));
    // Somebody claims a signature that is none.
    practice
        .forge(json!({"resourceType": "Composition", "id": "forged", "status": "final", "subject": {"reference": "Patient/p"},
            "extension": [{"url": "urn:chartroom:signed-note", "valueCode": "nurse"}], "type": {"text": "Note"},
            "date": "2026-01-02T15:00:00Z", "author": [{"display": "Dr X"}], "title": "Forged"}))
        .await;
    let found = clinic::note::verify::verify(practice.store(), &caller).await.expect("verified");
    assert_eq!(found.bad.len(), 1, "{found:?}");
    assert!(page(&nurse, "/patients/p/notes/forged").await.contains("Not signed in this practice"));
}
