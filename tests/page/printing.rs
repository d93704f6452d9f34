//! What is printed as PDF: read back with poppler's `pdftotext`. Without it these tests say that they skip.

use crate::cosigning::supervise;
use crate::noting::{added, advising, signed};
use crate::support::{chart, coded, potassium, subject};
use chartroom_tests::{Answer, Practice};
use serde_json::json;
use std::io::Write as _;
use std::process::{Command, Stdio};
use store::Role;

/// The text of a PDF, as one line; none where `pdftotext` is not installed.
pub fn read(answer: &Answer) -> Option<String> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.headers["content-type"], "application/pdf");
    assert!(answer.body.starts_with(b"%PDF-"));
    let mut command = Command::new("pdftotext");
    command.args(["-raw", "-", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else {
        println!("skipped: pdftotext is not installed");
        return None;
    };
    child.stdin.take().expect("stdin").write_all(&answer.body).expect("written");
    let text = String::from_utf8(child.wait_with_output().expect("read").stdout).expect("text");
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

pub async fn visited() -> Practice {
    let practice = Practice::new().await;
    chart(&practice).await;
    practice
        .put(json!({"resourceType": "Encounter", "id": "v", "status": "finished", "subject": subject("p"), "class": {"code": "AMB"},
            "reasonCode": [{"text": "Cannot #sleep* <b>"}], "period": {"start": "2026-02-06T15:00:00Z"}}))
        .await;
    let mut high = potassium("k3", "p", "2026-02-06T15:00:00Z", "5.60");
    high["encounter"] = json!({"reference": "Encounter/v"});
    practice.put(high).await;
    let diagnosis = |id: &str, words: &str, certainty: &str| {
        json!({"resourceType": "Condition", "id": id, "subject": subject("p"), "code": {"text": words}, "encounter": {"reference": "Encounter/v"},
            "category": [coded("condition-category", "encounter-diagnosis")], "verificationStatus": coded("condition-ver-status", certainty)})
    };
    practice.put(diagnosis("d", "Insomnia", "confirmed")).await;
    practice.put(diagnosis("unsure", "Sleep apnea", "differential")).await;
    practice.put(diagnosis("wrong", "Narcolepsy", "entered-in-error")).await;
    practice
}

#[tokio::test]
async fn a_patient_takes_home_what_was_found_and_what_to_take() {
    let practice = visited().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let paper = nurse.get("/visits/v/paper").await;
    let name = paper.headers["content-disposition"].to_str().expect("a header");
    assert!(!name.to_lowercase().contains("larsen"), "the file's name tells nothing: {name}");
    let Some(text) = read(&paper) else { return };
    for words in [
        "LARSEN, Pat · Born 23-Dec-1979",
        "Page 1 of 1",
        "Cannot #sleep* <b>",
        "Insomnia",
        "Sleep apnea (differential)",
        "Potassium 5.60 mmol/L, high 3.5",
        "hydrALAZINE 25 MG 0.5 mg twice daily",
        "Penicillin: Anaphylaxis (severe)",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    for words in ["Narcolepsy", "Prednisone", "Asthma", "4.0"] {
        assert!(!text.contains(words), "{words} in {text}");
    }
}

#[tokio::test]
async fn a_paper_comes_in_two_sizes_and_no_other() {
    let practice = visited().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let (a4, letter) = (nurse.get("/visits/v/paper?size=a4").await, nurse.get("/visits/v/paper?size=letter").await);
    assert!(a4.status == 200 && letter.status == 200 && a4.body != letter.body);
    assert_eq!(nurse.get("/visits/v/paper?size=a3").await.status, 404);
    assert_eq!(nurse.get("/visits/none/paper").await.status, 404);
}

#[tokio::test]
async fn a_note_is_printed_with_its_signature_and_says_across_it_when_it_was_an_error() {
    let practice = visited().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let note = signed(&nurse).await;
    let Some(text) = read(&nurse.get(&format!("{note}/paper")).await) else { return };
    for words in
        ["LARSEN, Pat", "Pale, <b>sweating</b>", "Called Dr Okafor", "Signed by", "unchanged since", "Page 1 of 1"]
    {
        assert!(text.contains(words), "{words} in {text}");
    }
    let id = note.rsplit('/').next().expect("id");
    let entry = format!("/patients/p/changes/Composition/{id}");
    let fields = [("patient", "p"), ("version", "1"), ("reason", "Wrong patient")];
    let clinician = practice.signed_in(Role::Clinician).await;
    let marked = clinician.post(&format!("{entry}/error"), &fields).await;
    assert_eq!(marked.status, 303, "{}", marked.text());
    let text = read(&nurse.get(&format!("{note}/paper")).await).expect("text");
    assert!(text.contains("Entered in error: Wrong patient"), "{text}");
}

#[tokio::test]
async fn the_trail_tells_what_was_printed_from_what_was_read() {
    let practice = visited().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    assert_eq!(nurse.get("/visits/v/paper").await.status, 200);
    let officer = practice.signed_in(Role::PrivacyOfficer).await;
    let found = officer.post("/audit", &[("action", "chart.print")]).await;
    assert_eq!(found.status, 200);
    assert!(
        found.text().contains("Printed from a chart") && found.text().contains("visit summary"),
        "{}",
        found.text()
    );
}

#[tokio::test]
async fn the_practice_says_what_stands_at_the_head_of_its_papers_and_on_which_sheets() {
    let practice = visited().await;
    let manager = practice.signed_in(Role::Manager).await;
    let mut fields = vec![("name", "Elm Street"), ("time_zone", "America/Chicago"), ("idle_minutes", "10")];
    fields.extend([("paper_size", "a4"), ("contact", "12 Elm Street\r\nTelephone 555-0100")]);
    assert_eq!(manager.post("/settings", &fields).await.status, 303);
    let nurse = practice.signed_in(Role::Nurse).await;
    let paper = nurse.get("/visits/v/paper").await;
    assert_eq!(paper.body, nurse.get("/visits/v/paper?size=a4").await.body);
    let Some(text) = read(&paper) else { return };
    assert!(text.contains("12 Elm Street Telephone 555-0100"), "{text}");
    fields.pop();
    fields.push(("contact", "1\n2\n3\n4\n5"));
    let refused = manager.post("/settings", &fields).await;
    assert!(refused.status == 422 && refused.text().contains("Address and telephone: write at most 4 lines"));
}

#[tokio::test]
async fn what_signed_notes_advise_stands_on_the_summary_with_what_was_added_and_what_is_not_proved_does_not() {
    let practice = visited().await;
    let (junior, chief) = (practice.user("junior", Role::Nurse).await, practice.user("chief", Role::Clinician).await);
    let (nurse, doctor) = (practice.session_of(&junior).await, practice.session_of(&chief).await);
    let first = advising(&doctor, "v", "Sleep by ten").await;
    let addendum = added(&doctor, &first, "Better by nine").await;
    added(&doctor, &addendum, "Eight on Sundays").await;
    advising(&doctor, "v", "").await;
    let wrong = advising(&doctor, "v", "Take naps").await;
    let entry = wrong.replace("/notes/", "/changes/Composition/");
    let fields = [("patient", "p"), ("version", "1"), ("reason", "Wrong patient")];
    assert_eq!(doctor.post(&format!("{entry}/error"), &fields).await.status, 303);
    let manager = practice.signed_in(Role::Manager).await;
    assert_eq!(supervise(&manager, &junior, &chief.id.to_string()).await.status, 303);
    advising(&nurse, "v", "Less coffee").await;
    let div = |text: &str| json!({"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{text}</div>")});
    let note = |id: &str, advice: &str| {
        json!({"resourceType": "Composition", "id": id, "status": "final", "type": {"text": "Note"}, "subject": subject("p"),
            "encounter": {"reference": "Encounter/v"}, "date": "2026-02-06", "author": [{"display": "Dr Okafor"}], "title": "Note",
            "section": [{"title": "Advice", "text": div(advice)}]})
    };
    practice.put(note("unsigned", "Walk daily")).await;
    let mut unproved = note("unproved", "Swim daily");
    unproved["extension"] = json!([{"url": "urn:chartroom:signed-note", "valueCode": "progress"}]);
    practice.forge(unproved).await;
    let Some(text) = read(&nurse.get("/visits/v/paper").await) else { return };
    for words in [
        "Advice Sleep by ten Added 22-Nov-2026: Better by nine Added 22-Nov-2026: Eight on Sundays",
        "Less coffee This advice is not yet cosigned by Test chief.",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    for words in ["Walk daily", "Swim daily", "Take naps", "nothing written", "Cannot sleep"] {
        assert!(!text.contains(words), "{words} in {text}");
    }
}
