//! Which visit a note is begun for, and which it cannot be of.

use crate::noting::{begin_of, practice, saved, sign, typing};
use crate::support::{page, subject};
use chartroom_tests::Practice;
use serde_json::{Value, json};
use store::Role;

fn visit(id: &str, status: &str, start: &str, reason: &str) -> Value {
    json!({"resourceType": "Encounter", "id": id, "subject": subject("p"), "status": status, "period": {"start": start},
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}, "reasonCode": [{"text": reason}]})
}

async fn with(visits: impl IntoIterator<Item = Value>) -> Practice {
    let practice = practice().await;
    for visit in visits {
        practice.put(visit).await;
    }
    practice
}

#[tokio::test]
async fn a_visit_that_was_none_has_no_note() {
    let day = "2026-11-20T15:00:00Z";
    let practice = with([
        visit("v", "arrived", day, "Cough"),
        visit("off", "cancelled", day, "Cough"),
        visit("wrong", "entered-in-error", day, "Cough"),
    ])
    .await;
    let nurse = practice.signed_in(Role::Nurse).await;
    for (id, what) in [("off", "was cancelled"), ("wrong", "was entered in error")] {
        let refused = begin_of(&nurse, id, "nurse").await;
        assert!(refused.status == 409 && refused.text().contains(what), "{id}: {}", refused.text());
    }
    assert!(!page(&nurse, "/patients/p/notes").await.contains("Drafts, not signed"), "nothing was begun");

    let address = begin_of(&nurse, "v", "nurse").await.location().to_owned();
    saved(&nurse, &address, typing("1-observations", "Pale")).await;
    saved(&nurse, &address, typing("2-done", "Called")).await;
    let step = async |version: &str, to: &str| {
        let fields = [("patient", "p"), ("version", version), ("to", to), ("reason", "Did not come")];
        assert_eq!(nurse.post("/visits/v/status", &fields).await.status, 303, "{to}");
    };
    step("1", "cancelled").await;
    let refused = sign(&nurse, &address, "1-observations 1,2-done 1").await;
    assert!(refused.status == 409 && refused.text().contains("visit of this note was cancelled"), "{}", refused.text());
    assert!(refused.text().contains("Pale") && refused.text().contains("Draft, not signed"), "the text stands");
    step("2", "planned").await;
    assert_eq!(sign(&nurse, &address, "1-observations 1,2-done 1").await.status, 303);
}

#[tokio::test]
async fn what_a_program_puts_under_a_draft_s_number_is_not_taken_for_the_signed_note() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let address = begin_of(&nurse, "", "nurse").await.location().to_owned();
    saved(&nurse, &address, typing("1-observations", "Pale")).await;
    saved(&nurse, &address, typing("2-done", "Called")).await;
    let id = address.rsplit('/').next().expect("an id");
    practice
        .put(json!({"resourceType": "Composition", "id": id, "status": "final", "subject": subject("p"), "type": {"text": "Note"},
            "date": "2026-11-22T15:00:00Z", "author": [{"display": "A program"}], "title": "Not this one"}))
        .await;
    let refused = sign(&nurse, &address, "1-observations 1,2-done 1").await;
    assert!(refused.status == 409 && refused.text().contains("nothing was signed"), "{}", refused.text());
    assert!(page(&nurse, "/drafts").await.contains(&address), "the draft still waits for its signature");
}

#[tokio::test]
async fn the_visit_that_the_address_names_is_offered_however_old_and_none_to_come() {
    let newer =
        (1..=12).map(|day| visit(&format!("n{day}"), "finished", &format!("2026-10-{day:02}T15:00:00Z"), "Newer"));
    let old = visit("old", "finished", "2019-03-01T15:00:00Z", "Fell from a ladder");
    let to_come =
        (1..=9).map(|day| visit(&format!("f{day}"), "planned", &format!("2026-12-{day:02}T15:00:00Z"), "To come"));
    let practice = with(newer.chain([old]).chain(to_come)).await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let form = page(&nurse, "/patients/p/notes/new?visit=old").await;
    let options = crate::support::between(&form, "id=\"visit\"", "</select>");
    assert!(options.contains("value=\"old\" selected") && options.contains("value=\"n12\""), "{options}");
    assert!(!options.contains("value=\"\" selected") && !options.contains("To come"), "{options}");
    assert_eq!(nurse.get("/patients/q/notes/new?visit=old").await.status, 404, "it is of another chart");
    let begun = begin_of(&nurse, "old", "history-physical").await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    let draft = page(&nurse, begun.location()).await;
    assert!(draft.contains("Fell from a ladder (chart, 22-Nov-2026 09:00)"), "its reason comes along");
    let phrase = nurse.post(&format!("{}/phrase", begun.location()), &[("phrase", "reason")]).await;
    assert!(phrase.text().contains("Fell from a ladder"), "{}", phrase.text());
}
