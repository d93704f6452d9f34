//! Documents and notes: which list they are in, and files shown without being able to act.

use crate::support::{between, page, patient, subject};
use chartroom_tests::Practice;
use serde_json::{Value, json};
use store::Role;

/// A note, a letter that is a PDF of a note's type, and a scan.
async fn papers(practice: &Practice) {
    patient(practice, "p", "Larsen", "1979-12-23").await;
    let document = |id: &str, title: &str, code: &str, kind: &str, data: &str| {
        json!({"resourceType": "DocumentReference", "id": id, "status": "current", "subject": subject("p"), "description": title,
            "type": {"coding": [{"system": "http://loinc.org", "code": code}]}, "date": "2026-01-02T10:00:00Z",
            "content": [{"attachment": {"contentType": kind, "data": data, "title": title}}]})
    };
    // LOINC 11506-3 progress note, 11488-4 consult note, 64290-0 insurance card. The bytes: "Seen today.", "%PDF-1.7\n%", a PNG's first bytes.
    practice.put(document("note", "Progress of January", "11506-3", "text/plain", "U2VlbiB0b2RheS4=")).await;
    practice
        .put(document("letter", "Letter of the heart clinic", "11488-4", "application/pdf", "JVBERi0xLjcKJQ=="))
        .await;
    practice.put(document("scan", "Insurance card", "64290-0", "image/png", "iVBORw0KGgoAAAA=")).await;
}

#[tokio::test]
async fn every_paper_is_in_one_list_and_each_list_says_where_the_other_is() {
    let practice = Practice::new().await;
    papers(&practice).await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let (notes, documents) = (page(&nurse, "/patients/p/notes").await, page(&nurse, "/patients/p/documents").await);
    for (title, is_note) in
        [("Progress of January", true), ("Letter of the heart clinic", false), ("Insurance card", false)]
    {
        assert_eq!(notes.contains(title), is_note, "{title} among the notes");
        assert_eq!(documents.contains(title), !is_note, "{title} among the documents");
    }
    let head = between(&notes, "page-head", "</header>");
    assert!(head.contains("href=\"/patients/p/documents\">Documents\u{a0}(2)<"), "{head}");
    let head = between(&documents, "page-head", "</header>");
    assert!(
        head.contains("href=\"/patients/p/notes\">Notes\u{a0}(1)<")
            && head.contains("/patients/p/results?show=reports"),
        "{head}"
    );
    let summary = page(&nurse, "/patients/p").await;
    let card = between(&summary, "documents-title", "</section>");
    assert!(card.contains("/patients/p/notes\"") && card.contains("/patients/p/documents\""), "{card}");
    patient(&practice, "q", "Empty", "1950-01-01").await;
    assert!(page(&nurse, "/patients/q/notes").await.contains("No notes recorded."));
    assert!(page(&nurse, "/patients/q/documents").await.contains("No documents recorded."));
}

#[tokio::test]
async fn a_report_s_own_file_is_shown_in_its_page() {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    practice
        .put(json!({"resourceType": "DiagnosticReport", "id": "r", "status": "final", "subject": subject("p"), "code": {"text": "Mammogram"},
            "presentedForm": [{"contentType": "text/plain", "data": "Tm8gc3VzcGljaW91cyBtYXNzLg=="},
                {"contentType": "application/pdf", "title": "As printed", "data": "JVBERi0xLjcKJQ=="}]}))
        .await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let report = page(&nurse, "/patients/p/reports/r").await;
    assert!(report.contains("No suspicious mass."), "{report}");
    assert!(report.contains("data-pdf=\"/patients/p/files/DiagnosticReport/r/1\"") && report.contains("As printed"));
    assert_eq!(nurse.get("/patients/p/files/DiagnosticReport/r/1").await.header("content-type"), "application/pdf");
}

#[tokio::test]
async fn a_list_can_be_narrowed_to_one_type() {
    let practice = Practice::new().await;
    papers(&practice).await;
    let nurse = practice.signed_in(Role::Nurse).await;
    practice
        .put(json!({"resourceType": "DocumentReference", "id": "call", "status": "current", "subject": subject("p"), "description": "Call about the knee",
            "type": {"coding": [{"system": "http://loinc.org", "code": "34748-4"}], "text": "Telephone note"}, "date": "2026-01-03T10:00:00Z",
            "content": [{"attachment": {"contentType": "text/plain", "data": "U2VlbiB0b2RheS4="}}]}))
        .await;
    let all = page(&nurse, "/patients/p/notes").await;
    let types = between(&all, "aria-label=\"Types\"", "</nav>");
    assert!(types.contains("?show=telephone-note\"") && types.contains("Telephone note (1)"), "{types}");
    let calls = page(&nurse, "/patients/p/notes?show=telephone-note").await;
    assert!(calls.contains("Call about the knee") && !calls.contains("Progress of January"));
    assert!(page(&nurse, "/patients/p/notes?show=nonsense").await.contains("Progress of January"));
}

#[tokio::test]
async fn a_pdf_and_a_picture_are_shown_in_their_page_and_the_viewer_is_loaded_by_no_other() {
    let practice = Practice::new().await;
    papers(&practice).await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let letter = page(&nurse, "/patients/p/documents/letter").await;
    let viewer = assets::url("pdf.js");
    assert!(
        letter.contains("data-pdf=\"/patients/p/files/DocumentReference/letter/0\"") && letter.contains(viewer),
        "{letter}"
    );
    assert!(
        between(&letter, "data-pdf", "</div>").contains("Download it to read it"),
        "without script it says what to do"
    );
    assert!(letter.contains(" download>Download</a>"));
    let scan = page(&nurse, "/patients/p/documents/scan").await;
    assert!(
        scan.contains(
            "<img class=\"picture\" src=\"/patients/p/files/DocumentReference/scan/0\" alt=\"Insurance card\""
        )
    );
    for path in ["", "/documents", "/notes", "/documents/scan", "/documents/note"] {
        assert!(!page(&nurse, &format!("/patients/p{path}")).await.contains(viewer), "{path}");
    }
    assert!(page(&nurse, "/patients/p/documents/note").await.contains("Seen today."));
}

#[tokio::test]
async fn files_are_served_as_what_they_are_and_cannot_act() {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    // <svg onload=…>, a PDF's first bytes, a PNG's first bytes.
    let files = [
        ("image/svg+xml", "PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIj48L3N2Zz4=", "text/plain; charset=utf-8"),
        ("text/html", "JVBERi0xLjcKJQ==", "application/pdf"),
        ("text/html", "iVBORw0KGgoAAAA=", "image/png"),
        ("application/pdf", "AAECAwQ=", "application/octet-stream"),
    ];
    let content: Vec<Value> =
        files.iter().map(|(said, data, _)| json!({"attachment": {"contentType": said, "data": data}})).collect();
    practice
        .put(json!({"resourceType": "DocumentReference", "id": "d", "status": "current", "subject": subject("p"), "content": content}))
        .await;
    let browser = practice.signed_in(Role::Nurse).await;
    for (number, (said, _, served)) in files.iter().enumerate() {
        let answer = browser.get(&format!("/patients/p/files/DocumentReference/d/{number}")).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), *served, "said to be {said}");
        assert!(answer.header("content-disposition").starts_with("attachment"));
        assert!(answer.header("content-security-policy").starts_with("sandbox"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    assert_eq!(browser.get("/patients/p/files/DocumentReference/d/9").await.status, 404);
    let text = page(&browser, "/patients/p/documents/d").await;
    assert!(!text.contains("<svg onload"));
}

#[tokio::test]
async fn a_file_of_another_chart_is_not_shown_through_a_document_that_names_it() {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    patient(&practice, "q", "Moreau", "1984-02-11").await;
    let binary = |id: &str, context: Option<&str>| {
        let mut body =
            json!({"resourceType": "Binary", "id": id, "contentType": "text/plain", "data": "U2VjcmV0IGxldHRlcg=="});
        if let Some(context) = context {
            body["securityContext"] = json!({"reference": context});
        }
        body
    };
    for body in [
        binary("own", None),
        binary("own-context", Some("Patient/p")),
        binary("theirs", None),
        binary("theirs-by-version", None),
        binary("their-context", Some("Patient/q")),
        binary("their-visit", Some("Encounter/v")),
    ] {
        practice.put(body).await;
    }
    practice
        .put(json!({"resourceType": "Encounter", "id": "v", "status": "finished", "subject": subject("q"),
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}}))
        .await;
    let document = |id: &str, patient: &str, url: &str| {
        json!({"resourceType": "DocumentReference", "id": id, "status": "current", "subject": subject(patient),
            "content": [{"attachment": {"contentType": "text/plain", "url": url}}]})
    };
    practice.put(document("theirs", "q", "Binary/theirs")).await;
    practice.put(document("theirs-by-version", "q", "Binary/theirs-by-version/_history/1")).await;
    let browser = practice.signed_in(Role::Nurse).await;
    for (name, status) in [
        ("own", 200),
        ("own-context", 200),
        ("theirs", 404),
        ("theirs-by-version", 404),
        ("their-context", 404),
        ("their-visit", 404),
    ] {
        let id = format!("mine-{name}");
        practice.put(document(&id, "p", &format!("Binary/{name}"))).await;
        let file = browser.get(&format!("/patients/p/files/DocumentReference/{id}/0")).await;
        assert_eq!(file.status, status, "{name}");
        let shown = page(&browser, &format!("/patients/p/documents/{id}")).await.contains("Secret letter");
        assert_eq!(shown, status == 200, "{name}");
    }
}
