//! An order that something must not be given is never taken for a prescription.

use crate::noting::begin;
use crate::support::{between, chart, page, subject};
use chartroom_tests::Practice;
use serde_json::json;
use store::Role;

async fn withheld(practice: &Practice) {
    chart(practice).await;
    practice
        .put(json!({"resourceType": "MedicationRequest", "id": "not", "status": "active", "intent": "order", "doNotPerform": true,
            "subject": subject("p"), "medicationCodeableConcept": {"text": "Ibuprofen 400 MG"}, "authoredOn": "2026-02-03",
            "reasonCode": [{"text": "Kidney disease"}], "dosageInstruction": [{"text": "Take 1 tablet three times a day"}]}))
        .await;
}

#[tokio::test]
async fn it_has_its_own_list_first_on_the_page_with_its_reason() {
    let practice = Practice::new().await;
    withheld(&practice).await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let medicines = page(&nurse, "/patients/p/medicines").await;
    let list = between(&medicines, "Not to be given <span", "</section>");
    for expected in ["buprofen 400 MG", "Do not give", "Kidney disease", "03-Feb-2026"] {
        assert!(list.to_lowercase().contains(&expected.to_lowercase()), "{expected}: {list}");
    }
    let active = between(&medicines, "Active medicines <span", "</section>").to_lowercase();
    assert!(!active.contains("buprofen") && active.contains("hydralazine"), "{active}");
    assert!(active.contains("class=\"count\">1<"), "nor is it counted among the active: {active}");
    let at = |text: &str| medicines.find(text).unwrap_or(usize::MAX);
    assert!(at("Not to be given <span") < at("Active medicines <span"), "it stands first");
}

#[tokio::test]
async fn the_summary_and_the_timeline_say_do_not_give_beside_its_name() {
    let practice = Practice::new().await;
    withheld(&practice).await;
    let clinician = practice.signed_in(Role::Clinician).await;
    let summary = page(&clinician, "/patients/p").await;
    let card = between(&summary, "withheld-title", "</section>");
    assert!(card.contains("400 MG") && card.contains("Do not give") && card.contains("Kidney disease"), "{card}");
    let active = between(&summary, "medicines-title", "</section>");
    assert!(!active.contains("400 MG") && active.contains("class=\"count\">1<"), "never among the active: {active}");
    let timeline = page(&clinician, "/patients/p/timeline").await;
    let (_, after) = timeline.split_once("400 MG").expect("it is on the timeline");
    let event = after.split("</li>").next().unwrap_or_default();
    assert!(
        event.contains("Kidney disease") && !event.contains("Take 1 tablet"),
        "why, and never how to take it: {event}"
    );
    let before = timeline.split("400 MG").next().unwrap_or_default();
    assert!(before.rsplit("<li").next().unwrap_or_default().contains(">Do not give<"), "{before:.300}");
    let entry = page(&clinician, "/patients/p/changes/MedicationRequest/not").await;
    assert!(
        between(&entry, "facts-title", "</section>").contains("<dt>Do not give</dt><dd class=\"prose\">Yes"),
        "{entry}"
    );
}

#[tokio::test]
async fn it_stands_beside_a_note_while_it_is_written_and_is_of_what_the_signer_saw() {
    let practice = Practice::new().await;
    withheld(&practice).await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let note = page(&nurse, &begin(&nurse, "nurse").await).await;
    let beside = between(&note, "The chart beside the note", "</aside>");
    let card = between(beside, "withheld-title", "</section>");
    assert!(card.contains("400 MG") && card.contains("Do not give") && card.contains("Kidney disease"), "{card}");
    let signed = page(&nurse, &format!("{}/seen", crate::noting::signed(&nurse).await)).await;
    assert!(signed.to_lowercase().contains("buprofen 400 mg"), "{signed}");
}
