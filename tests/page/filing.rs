//! Filing a document, and who sees it then.

use crate::support::between;
use axum::body::Body;
use chartroom_tests::{Answer, Browser, Practice, multipart};
use serde_json::json;
use store::Role;

const PDF: &[u8] = b"%PDF-1.7\nCANARY\n%%EOF\n";
const NEW: &str = "/patients/p/documents/new";

async fn practice() -> Practice {
    let practice = Practice::new().await;
    for (id, family) in [("p", "Larsen"), ("q", "Okonkwo")] {
        practice.put(json!({"resourceType": "Patient", "id": id, "name": [{"family": family, "given": ["Ann"]}], "birthDate": "1980-02-03"})).await;
    }
    practice
}

/// The form as the page shows it, with what a user would type.
async fn form(browser: &Browser, kind: &str) -> Vec<(&'static str, String)> {
    let page = browser.get(NEW).await;
    assert_eq!(page.status, 200);
    let hidden = |name| page.attribute(&format!("name=\"{name}\""), "value").expect(name);
    let typed = |name, value: &str| (name, value.to_owned());
    vec![
        ("patient", hidden("patient")),
        ("version", hidden("version")),
        ("once", hidden("once")),
        typed("kind", kind),
        typed("title", "Card, front"),
        typed("day", "2026-11-20"),
        typed("from", "Harborlight"),
    ]
}

fn with<'a>(form: &'a [(&'static str, String)], change: &[(&str, &'a str)]) -> Vec<(&'static str, &'a str)> {
    let changed = |name: &str| change.iter().find(|(field, _)| *field == name).map(|(_, value)| *value);
    form.iter().map(|(name, value)| (*name, changed(name).unwrap_or(value))).collect()
}

async fn file(browser: &Browser, kind: &str, (name, bytes): (&str, &[u8])) -> Answer {
    let form = form(browser, kind).await;
    browser.post_file(NEW, &with(&form, &[]), (name, bytes)).await
}

async fn count(browser: &Browser) -> String {
    let page = browser.get("/patients/p/documents").await;
    assert_eq!(page.status, 200);
    let text = page.text();
    let count = text.split("<span class=\"count\">").nth(1).expect("a count");
    count.split('<').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_front_desk_files_a_card_and_everybody_who_may_reads_it() {
    let practice = practice().await;
    let clerk = practice.signed_in(Role::FrontDesk).await;
    let filed = file(&clerk, "insurance-card", ("card.pdf", PDF)).await;
    assert_eq!(filed.status, 303, "{}", filed.text());
    let address = filed.location().to_owned();
    for browser in [&clerk, &practice.signed_in(Role::Nurse).await, &practice.signed_in(Role::Clinician).await] {
        assert_eq!(count(browser).await, "1");
        let page = browser.get(&address).await.text();
        for words in ["Card, front", "Insurance card", "20-Nov-2026", "Harborlight"] {
            assert!(page.contains(words), "{words}");
        }
        let file = browser.get(&address.replace("/documents/", "/files/DocumentReference/")).await;
        assert_eq!(file.status, 404, "a file has a number");
        let file = browser.get(&format!("{}/0", address.replace("/documents/", "/files/DocumentReference/"))).await;
        assert_eq!((file.status, file.body.as_ref(), file.header("content-type")), (200, PDF, "application/pdf"));
        assert!(file.header("content-security-policy").starts_with("sandbox"));
        assert!(file.header("content-disposition").starts_with("attachment"));
    }
    let officer = practice.signed_in(Role::PrivacyOfficer).await;
    let trail = officer.post("/audit", &[("action", "document.file")]).await.text();
    assert!(trail.contains("Filed a document") && trail.contains("insurance-card") && trail.contains("LARSEN"));
    for role in [Role::Manager, Role::PrivacyOfficer] {
        let browser = practice.signed_in(role).await;
        for path in [NEW, "/patients/p/documents", &address] {
            assert_eq!(browser.get(path).await.status, 403, "{role} {path}");
        }
    }
    let client = practice.client("system/*.rs").await;
    let found = client
        .get("/fhir/DocumentReference?patient=p&category=urn:chartroom:document-class|administrative")
        .await
        .json();
    assert_eq!(found["entry"][0]["resource"]["content"][0]["attachment"]["creation"], "2026-11-20");
}

#[tokio::test]
async fn what_is_of_care_is_hidden_from_the_front_desk_and_not_filed_by_it() {
    let practice = practice().await;
    let (clerk, nurse) = (practice.signed_in(Role::FrontDesk).await, practice.signed_in(Role::Nurse).await);
    let offered = clerk.get(NEW).await.text();
    assert!(offered.contains("Referral letter") && !offered.contains("Letter of a specialist"));
    assert_eq!(file(&clerk, "specialist-letter", ("letter.pdf", PDF)).await.status, 422);
    let letter = file(&nurse, "specialist-letter", ("letter.pdf", PDF)).await;
    assert_eq!(letter.status, 303);
    let letter = letter.location().to_owned();
    let binary = format!("{}/0", letter.replace("/documents/", "/files/DocumentReference/"));
    // Not marked by us is not of the office, whatever it says of itself.
    practice.put(json!({"resourceType": "DocumentReference", "id": "said", "status": "current", "subject": {"reference": "Patient/p"},
        "category": [{"text": "Administrative"}], "description": "CANARY", "content": [{"attachment": {"contentType": "text/plain", "data": "QQ=="}}]})).await;
    practice.put(json!({"resourceType": "DiagnosticReport", "id": "report", "status": "final", "subject": {"reference": "Patient/p"},
        "code": {"text": "CANARY"}, "presentedForm": [{"contentType": "text/plain", "data": "QQ=="}]})).await;
    assert_eq!((count(&clerk).await, count(&nurse).await), ("0".to_owned(), "2".to_owned()));
    for path in [
        letter.as_str(),
        &binary,
        "/patients/p/documents/said",
        "/patients/p/files/DocumentReference/said/0",
        "/patients/p/files/DiagnosticReport/report/0",
        "/patients/p/documents/said?as-of=2026-11-22",
    ] {
        let answer = clerk.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text().contains("CANARY") && !answer.text().contains("Card, front"), "{path}");
        assert_eq!(nurse.get(path).await.status, 200, "{path}");
    }
    assert_eq!(
        clerk.get("/patients/p/documents?as-of=2026-11-22").await.status,
        200,
        "empty, as nothing of then is shown"
    );
}

#[tokio::test]
async fn a_document_mended_to_be_of_care_is_hidden_as_it_was_too() {
    let practice = practice().await;
    let clerk = practice.signed_in(Role::FrontDesk).await;
    let filed = file(&clerk, "correspondence", ("letter.pdf", PDF)).await.location().to_owned();
    let id = filed.rsplit('/').next().expect("an id");
    let client = practice.client("system/*.cruds").await;
    let mut body = client.get(&format!("/fhir/DocumentReference/{id}")).await.json();
    assert_eq!(clerk.get(&filed).await.status, 200);
    body.as_object_mut().expect("object").remove("category");
    let put = client.json("PUT", &format!("/fhir/DocumentReference/{id}"), &body, &[("if-match", "W/\"1\"")]).await;
    assert_eq!(put.status, 200, "{}", put.text());
    practice.pass_minutes(60 * 24);
    for path in [filed.clone(), format!("{filed}?as-of=2026-11-22")] {
        assert_ne!(practice.signed_in(Role::FrontDesk).await.get(&path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_form_of_another_patient_or_an_older_page_saves_nothing() {
    let practice = practice().await;
    let clerk = practice.signed_in(Role::FrontDesk).await;
    let typed = form(&clerk, "consent").await;
    let post = async |change: &[(&str, &str)]| clerk.post_file(NEW, &with(&typed, change), ("a.pdf", PDF)).await;
    assert_eq!(post(&[("patient", "q")]).await.status, 409);
    assert_eq!(post(&[("patient", "")]).await.status, 409);
    assert_eq!(post(&[("version", "")]).await.status, 428);
    assert_eq!(
        clerk
            .post_file("/patients/none/documents/new", &with(&typed, &[("patient", "none")]), ("a.pdf", PDF))
            .await
            .status,
        404
    );
    let client = practice.client("system/*.cruds").await;
    let mut patient = client.get("/fhir/Patient/p").await.json();
    patient["gender"] = json!("female");
    assert_eq!(client.json("PUT", "/fhir/Patient/p", &patient, &[("if-match", "W/\"1\"")]).await.status, 200);
    let stale = post(&[]).await;
    assert_eq!(stale.status, 412);
    assert!(stale.text().contains("value=\"Card, front\"") && stale.text().contains("right patient"));
    assert_eq!(count(&clerk).await, "0");
    let officer = practice.signed_in(Role::PrivacyOfficer).await;
    let failed = officer.post("/audit/csv", &[("action", "document.file"), ("outcome", "failed")]).await.text();
    assert_eq!(failed.matches("document.file").count(), 5, "each is in the trail: {failed}");
}

#[tokio::test]
async fn a_form_sent_twice_files_once_and_its_key_is_for_one_document() {
    let practice = practice().await;
    let clerk = practice.signed_in(Role::FrontDesk).await;
    let typed = form(&clerk, "consent").await;
    let first = clerk.post_file(NEW, &with(&typed, &[]), ("a.pdf", PDF)).await;
    let again = clerk.post_file(NEW, &with(&typed, &[]), ("a.pdf", PDF)).await;
    assert_eq!((first.status, again.status), (303, 303));
    assert_eq!(first.location(), again.location());
    let other = clerk.post_file(NEW, &with(&typed, &[("title", "Another")]), ("a.pdf", PDF)).await;
    assert_eq!(other.status, 422);
    assert_eq!(count(&clerk).await, "1");
}

#[tokio::test]
async fn hostile_and_broken_files_are_refused_with_the_reason_and_what_was_typed_is_kept() {
    let practice = practice().await;
    let clerk = practice.signed_in(Role::FrontDesk).await;
    let long = vec![b'a'; clinic::document::MOST_BYTES + 1];
    for (name, bytes, why) in [
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".as_slice(), "SVG"),
        ("card.png", b"<html><script>alert(1)</script>", "web pages"),
        ("card.png", b"words <script>alert(1)</script>", "its name ends in .png, but it is text"),
        ("card.pdf", b"PK\x03\x04%PDF-1.7 %%EOF", "no PDF, PNG, JPEG or plain text"),
        ("card.pdf", b"%PDF-1.7 cut", "not whole"),
        ("", b"", "empty"),
        ("long.txt", &long, "longer than 10 MB"),
    ] {
        let answer = file(&clerk, "insurance-card", (name, bytes)).await;
        assert_eq!(answer.status, 422, "{name}");
        let text = answer.text();
        assert!(text.contains(why), "{name}: {why}");
        assert!(text.contains("value=\"Card, front\"") && !text.contains("<script>alert"), "{name}");
    }
    // A picture with a page behind it is a picture, wherever it is opened.
    let polyglot = [&b"\xff\xd8\xff\xda\x00\x02\x01\xff\xd9"[..], b"<html><script>alert(1)</script></html>"].concat();
    let filed = file(&clerk, "identity-document", ("photo.jpg", &polyglot)).await;
    let served =
        clerk.get(&format!("{}/0", filed.location().replace("/documents/", "/files/DocumentReference/"))).await;
    assert_eq!((served.status, served.header("content-type")), (200, "image/jpeg"));
    assert_eq!(served.header("x-content-type-options"), "nosniff");
    assert!(served.header("content-security-policy").starts_with("sandbox; default-src 'none'"));
    assert_eq!(count(&clerk).await, "1");
}

#[tokio::test]
async fn a_body_too_long_cut_off_or_from_elsewhere_files_nothing() {
    let practice = practice().await;
    let clerk = practice.signed_in(Role::FrontDesk).await;
    let typed = form(&clerk, "consent").await;
    let fields = with(&typed, &[]);
    let huge = vec![b'a'; 2 * clinic::document::MOST_BYTES + 1];
    let answer = clerk.post_file(NEW, &fields, ("a.txt", &huge)).await;
    assert_eq!(answer.status, 413);
    assert!(answer.text().contains("20 MB"), "{}", answer.text());
    let token = clerk.csrf().expect("a token");
    let mut all = vec![("csrf", token.as_str())];
    all.extend_from_slice(&fields);
    let whole = multipart(&all, ("a.pdf", PDF));
    for end in [whole.len() - 6, whole.len() - 60, whole.len() / 2, 10, 0] {
        let answer = clerk.post_multipart(NEW, whole[..end].to_vec()).await;
        assert!(matches!(answer.status, 403 | 422), "cut at {end}: {}", answer.status);
    }
    assert_eq!(clerk.post_multipart(NEW, multipart(&fields, ("a.pdf", PDF))).await.status, 403, "no token");
    let mut wrong = all.clone();
    wrong[0].1 = "another";
    assert_eq!(clerk.post_multipart(NEW, multipart(&wrong, ("a.pdf", PDF))).await.status, 403, "another token");
    let elsewhere = clerk
        .request("POST", NEW)
        .header("content-type", format!("multipart/form-data; boundary={}", chartroom_tests::BOUNDARY))
        .header("sec-fetch-site", "cross-site");
    assert_eq!(clerk.send(elsewhere.body(Body::from(whole)).expect("a request")).await.status, 403, "another site");
    assert_eq!(count(&clerk).await, "0");
}

#[tokio::test]
async fn a_document_that_is_moved_takes_its_file_along_unless_the_chart_needs_it() {
    let practice = practice().await;
    let doctor = practice.signed_in(Role::Clinician).await;
    let move_it = async |address: &str, from: &str, to: &str| {
        let id = address.rsplit('/').next().expect("an id").to_owned();
        let path = format!("/patients/{from}/changes/DocumentReference/{id}/move/{to}");
        let shown = doctor.get(&path).await;
        assert_eq!(shown.status, 200);
        let hidden = ["patient", "version", "target", "target_version"]
            .map(|name| (name, shown.attribute(&format!("name=\"{name}\""), "value").expect(name)));
        let mut form: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (*name, value.as_str())).collect();
        form.push(("reason", "Filed in the wrong chart"));
        doctor.post(&path, &form).await
    };
    let filed = file(&doctor, "specialist-letter", ("letter.pdf", PDF)).await.location().to_owned();
    let id = filed.rsplit('/').next().expect("an id");
    let bytes = |patient: &str| format!("/patients/{patient}/files/DocumentReference/{id}/0");
    assert_eq!(move_it(&filed, "p", "q").await.status, 303);
    let right = doctor.get(&bytes("q")).await;
    assert_eq!((right.status, right.body.as_ref()), (200, PDF));
    assert_eq!(doctor.get(&bytes("p")).await.status, 404);
    // Marked and restored there, it still has it; moved back, it has it here.
    let path = format!("/patients/q/changes/DocumentReference/{id}");
    for (deed, version) in [("error", "2"), ("restore", "3")] {
        let form = [("patient", "q"), ("version", version), ("reason", "x")];
        assert_eq!(doctor.post(&format!("{path}/{deed}"), &form).await.status, 303, "{deed}");
    }
    assert_eq!(doctor.get(&bytes("q")).await.body.as_ref(), PDF);
    assert_eq!(move_it(&filed, "q", "p").await.status, 303);
    assert_eq!((doctor.get(&bytes("p")).await.status, doctor.get(&bytes("q")).await.status), (200, 404));

    let client = practice.client("system/*.cruds").await;
    let document = client.get(&format!("/fhir/DocumentReference/{id}")).await.json();
    let url = document["content"][0]["attachment"]["url"].clone();
    practice
        .put(json!({"resourceType": "DiagnosticReport", "id": "same", "status": "final", "subject": {"reference": "Patient/p"},
            "code": {"text": "Report"}, "presentedForm": [{"contentType": "application/pdf", "url": url}]}))
        .await;
    let refused = move_it(&filed, "p", "q").await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("has the same file"), "{}", refused.text());
    assert_eq!((doctor.get(&bytes("p")).await.status, doctor.get(&bytes("q")).await.status), (200, 404));
}

#[tokio::test]
async fn a_document_without_an_author_tells_who_filed_it() {
    let practice = practice().await;
    let clerk = practice.signed_in(Role::FrontDesk).await;
    let mut fields = form(&clerk, "insurance-card").await;
    fields.retain(|(name, _)| *name != "from");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let filed = clerk.post_file("/patients/p/documents/new", &fields, ("card.pdf", PDF)).await;
    assert_eq!(filed.status, 303, "{}", filed.text());
    let listed = clerk.get("/patients/p/documents").await.text();
    let row = between(&listed, "<tbody>", "</tbody>");
    assert!(row.contains("Filed by Test front-desk") && !row.contains("not recorded"), "{row}");
}
