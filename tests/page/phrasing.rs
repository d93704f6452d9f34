//! Dot phrases: one's own and the practice's, typed in a note as the live ones are.

use crate::noting::{begin, practice};
use crate::support::page;
use chartroom_tests::{Answer, Browser};
use store::Role;

async fn write(browser: &Browser, home: &str, name: &str, text: &str) -> Answer {
    browser.post(home, &[("name", name), ("text", text), ("version", "0")]).await
}

async fn typed(browser: &Browser, note: &str, phrase: &str) -> String {
    let answer = browser.post(&format!("{note}/phrase"), &[("phrase", phrase)]).await;
    let said: serde_json::Value = serde_json::from_str(&answer.text()).unwrap_or_default();
    said["text"].as_str().map_or_else(|| answer.status.to_string(), str::to_owned)
}

#[tokio::test]
async fn a_phrase_brings_its_text_with_live_values_and_stops() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let done = write(&nurse, "/phrases", ".Lungs", "Clear.\r\nSide: ***\r\n.allergies").await;
    assert_eq!(done.status, 303, "{}", done.text());
    let note = begin(&nurse, "nurse").await;
    let editor = page(&nurse, &note).await;
    let names = editor.split_once("data-phrases=\"").and_then(|(_, rest)| rest.split_once('"')).expect("names").0;
    assert!(names.split(' ').any(|name| name == "lungs") && names.split(' ').any(|name| name == "vitals"));
    let text = typed(&nurse, &note, "lungs").await;
    assert!(text.starts_with("Clear.\nSide: ***\n- Penicillin: Anaphylaxis (severe)"), "{text}");
    let other = practice.signed_in(Role::Clinician).await;
    assert_eq!(typed(&other, &note, "lungs").await, "404", "it is the nurse's own");
    assert!(!page(&other, "/phrases").await.contains("Clear."));
    assert_eq!(other.get("/phrases/lungs").await.status, 404);
}

#[tokio::test]
async fn one_s_own_phrase_comes_before_the_practice_s_of_the_same_name() {
    let practice = practice().await;
    let (manager, nurse) = (practice.signed_in(Role::Manager).await, practice.signed_in(Role::Nurse).await);
    assert_eq!(write(&manager, "/shared-phrases", "lungs", "Shared words").await.status, 303);
    let note = begin(&nurse, "nurse").await;
    assert_eq!(typed(&nurse, &note, "lungs").await, "Shared words");
    assert_eq!(write(&nurse, "/phrases", "lungs", "Own words").await.status, 303);
    assert_eq!(typed(&nurse, &note, "lungs").await, "Own words");
    let other = practice.signed_in(Role::Clinician).await;
    assert_eq!(typed(&other, &note, "lungs").await, "Shared words");
    let taken = nurse.post("/phrases", &[("name", "lungs"), ("version", "1"), ("remove", "yes")]).await;
    assert_eq!(taken.status, 303, "{}", taken.text());
    assert_eq!(typed(&nurse, &note, "lungs").await, "Shared words");
    // Written anew after it was taken away.
    assert_eq!(write(&nurse, "/phrases", "lungs", "Own again").await.status, 303);
    assert_eq!(typed(&nurse, &note, "lungs").await, "Own again");
}

#[tokio::test]
async fn the_practice_s_phrases_are_the_manager_s_to_keep() {
    let practice = practice().await;
    let (manager, nurse) = (practice.signed_in(Role::Manager).await, practice.signed_in(Role::Nurse).await);
    assert_eq!(write(&manager, "/shared-phrases", "lungs", "Shared words").await.status, 303);
    let fields = [("name", "lungs"), ("text", "Other"), ("version", "1")];
    assert_eq!(nurse.post("/shared-phrases", &fields).await.status, 403);
    assert_eq!(write(&practice.signed_in(Role::FrontDesk).await, "/phrases", "desk", "Words").await.status, 403);
    let list = page(&nurse, "/phrases").await;
    assert!(list.contains(".lungs") && list.contains("Shared words") && !list.contains("/phrases/lungs"));
    let trail = practice.signed_in(Role::PrivacyOfficer).await.post("/audit/csv", &[("action", "phrase.keep")]).await;
    assert!(trail.text().contains(".lungs (of the practice)") && !trail.text().contains("Shared words"));
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_what_was_typed() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    for (name, text, problem) in [
        ("vitals", "Words", "brings the newest of each vital sign"),
        ("two words", "Words", "2 to 24 letters"),
        ("lungs", "", "write 1 to"),
        ("lungs", "One\nSigns .vitels", "line 2: .vitels is no live value"),
    ] {
        let refused = write(&nurse, "/phrases", name, text).await;
        assert_eq!(refused.status, 422, "{name}");
        assert!(refused.text().contains(problem), "{problem}: {}", refused.text());
        assert!(text.is_empty() || refused.text().contains(text), "what was typed stays");
    }
    assert_eq!(write(&nurse, "/phrases", "lungs", "First <b>").await.status, 303);
    assert!(write(&nurse, "/phrases", "lungs", "Second").await.text().contains("there is a phrase .lungs already"));
    let changed = |version: &'static str, text: &'static str| [("name", "lungs"), ("text", text), ("version", version)];
    assert_eq!(nurse.post("/phrases", &changed("1", "Second")).await.status, 303);
    let stale = nurse.post("/phrases", &changed("1", "Third")).await;
    assert!(stale.status == 412 && stale.text().contains("changed meanwhile") && stale.text().contains("Third"));
    let shown = page(&nurse, "/phrases/lungs").await;
    assert!(shown.contains("Version 2") && shown.contains("Version 1") && shown.contains("First &lt;b&gt;"));
}
