//! One entry: what it says, what changed, and its corrections, in place and to the chart it belongs to.

use crate::support::{between, chart, coded, page, patient, potassium, subject};
use chartroom_tests::{Browser, Practice};
use jiff::SignedDuration;
use serde_json::json;
use store::Role;

#[tokio::test]
async fn an_entry_is_marked_in_error_with_its_reason_and_the_mark_can_be_taken_back() {
    let practice = Practice::new().await;
    chart(&practice).await;
    let browser = practice.signed_in(Role::Clinician).await;
    let entry = "/patients/p/changes/Condition/asthma";
    let fields =
        |version: &'static str, reason: &'static str| [("patient", "p"), ("version", version), ("reason", reason)];
    page(&browser, entry).await;

    assert_eq!(browser.post(&format!("{entry}/error"), &fields("", "x")).await.status, 428);
    assert_eq!(browser.post(&format!("{entry}/error"), &fields("7", "x")).await.status, 412);
    let wrong = [("patient", "q"), ("version", "1"), ("reason", "x")];
    assert_eq!(browser.post(&format!("{entry}/error"), &wrong).await.status, 409);
    let unsaid = browser.post(&format!("{entry}/error"), &fields("1", " ")).await;
    assert_eq!(unsaid.status, 422);
    assert!(unsaid.text().contains("say in a few words why"));

    assert_eq!(browser.post(&format!("{entry}/error"), &fields("1", "Heard of a cousin")).await.status, 303);
    let summary = page(&browser, "/patients/p").await;
    assert!(!between(&summary, "problems-title", "</section>").contains("Asthma"));
    let problems = page(&browser, "/patients/p/problems").await;
    let errors = between(&problems, "Entered in error <", "</section>");
    assert!(
        errors.contains("Asthma") && errors.contains("Heard of a cousin") && errors.contains("Test clinician"),
        "{errors}"
    );
    let versions = page(&browser, entry).await;
    assert!(versions.contains("version 2") && versions.contains("Marked as entered in error"), "{versions}");

    assert_eq!(browser.post(&format!("{entry}/restore"), &fields("2", "")).await.status, 303);
    let summary = page(&browser, "/patients/p").await;
    assert!(between(&summary, "problems-title", "</section>").contains("Asthma"));
    assert!(page(&browser, entry).await.contains("version 3"));
}

const ENTRY: &str = "/patients/p/changes/Observation/k2";

/// The form of the second step, as a browser reads it off the page.
async fn confirmation(browser: &Browser, target: &str) -> Vec<(String, String)> {
    let shown = browser.get(&format!("{ENTRY}/move/{target}")).await;
    assert_eq!(shown.status, 200);
    ["patient", "version", "target", "target_version"]
        .map(|name| (name.to_owned(), shown.attribute(&format!("name=\"{name}\""), "value").expect(name)))
        .to_vec()
}

async fn send(
    browser: &Browser,
    target: &str,
    form: &[(String, String)],
    changed: &[(&str, &str)],
) -> chartroom_tests::Answer {
    let mut fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("reason", "Tube was mislabelled"));
    fields.retain(|(name, _)| changed.iter().all(|(other, _)| other != name));
    fields.extend_from_slice(changed);
    browser.post(&format!("{ENTRY}/move/{target}"), &fields).await
}

#[tokio::test]
async fn the_right_patient_is_found_by_search_and_compared_before_anything_moves() {
    let practice = Practice::new().await;
    chart(&practice).await;
    patient(&practice, "q", "Larson", "1950-01").await;
    let browser = practice.signed_in(Role::Clinician).await;
    assert!(page(&browser, ENTRY).await.contains(&format!("href=\"{ENTRY}/move\"")));
    assert!(page(&browser, &format!("{ENTRY}/move")).await.contains("Find the right patient"));
    let found = browser.post(&format!("{ENTRY}/move"), &[("q", "lars")]).await.text();
    let hits = between(&found, "<ul class=\"hits\"", "</ul>");
    assert!(hits.contains(&format!("href=\"{ENTRY}/move/q\"")) && hits.contains("LARSON, Pat"), "{hits}");
    assert!(!hits.contains("LARSEN"), "the chart it is in is not offered");

    let both = page(&browser, &format!("{ENTRY}/move/q")).await;
    let table = between(&both, "Both patients", "</table>");
    for identity in [
        "LARSEN, Pat",
        "23-Dec-1979",
        "(46\u{a0}y)",
        "100\u{a0}001",
        "LARSON, Pat",
        "Jan-1950",
        "(about\u{a0}76\u{a0}y)",
        "100\u{a0}002",
        "Female",
    ] {
        assert!(table.contains(identity), "{identity}: {table}");
    }
    assert!(both.contains("Similar name"), "and a like name is marked");
    assert!(both.contains("<button class=\"btn danger\">Move to LARSON, Pat</button>"));
    assert_eq!(browser.get(&format!("{ENTRY}/move/p")).await.status, 404, "not to where it is");
    assert_eq!(browser.get(&format!("{ENTRY}/move/nobody")).await.status, 404);
    assert!(page(&browser, "/patients/p").await.contains("5.60"), "looking moved nothing");
    let privacy = practice.signed_in(Role::PrivacyOfficer).await;
    for chart in ["p", "q"] {
        assert!(
            page(&privacy, &format!("/patients/{chart}/access")).await.contains("Found in a search: move"),
            "{chart}"
        );
    }
}

#[tokio::test]
async fn a_correction_that_comes_too_late_keeps_its_reason_and_every_version_says_whose_it_is() {
    let practice = Practice::new().await;
    chart(&practice).await;
    let (nurse, doctor) = (practice.signed_in(Role::Nurse).await, practice.signed_in(Role::Clinician).await);
    let entry = "/patients/p/changes/AllergyIntolerance/pen";
    let fields =
        |version: &'static str, reason: &'static str| [("patient", "p"), ("version", version), ("reason", reason)];
    practice.pass_minutes(5);
    assert_eq!(nurse.post(&format!("{entry}/error"), &fields("1", "Another patient")).await.status, 303);
    assert_eq!(nurse.post(&format!("{entry}/restore"), &fields("2", "")).await.status, 303);
    let late = doctor.post(&format!("{entry}/error"), &fields("1", "Heard of a cousin")).await;
    assert_eq!(late.status, 412);
    let text = late.text();
    assert!(text.contains("Changed meanwhile") && text.contains("value=\"Heard of a cousin\""), "{text}");
    let versions = between(&text, "<ol class=\"versions\">", "</ol>");
    assert_eq!(versions.matches("by Test nurse").count(), 2, "{versions}");
    assert!(between(&text, "entered in error", "</main>").contains("name=\"version\" value=\"3\""));
    let changes = page(&doctor, "/patients/p/changes").await;
    assert!(changes.contains("Test nurse"), "the list says it too");
    assert!(!page(&doctor, "/patients/p/access").await.contains("Test nurse"), "who only looked stays untold");
}

#[tokio::test]
async fn a_move_that_names_another_patient_or_an_old_version_saves_nothing() {
    let practice = Practice::new().await;
    chart(&practice).await;
    patient(&practice, "q", "Other", "1950-01-01").await;
    let browser = practice.signed_in(Role::Clinician).await;
    let form = confirmation(&browser, "q").await;
    for (changed, status) in [
        (("patient", "q"), 409),
        (("target", "p"), 409),
        (("version", "7"), 412),
        (("version", ""), 428),
        (("target_version", "7"), 412),
        (("target_version", ""), 428),
        (("reason", " "), 422),
    ] {
        let answer = send(&browser, "q", &form, &[changed]).await;
        assert_eq!(answer.status, status, "{changed:?}: {}", answer.text());
    }
    // Who the right patient is, edited meanwhile, is to be looked at again.
    let edit = [
        ("patient", "q"),
        ("version", "1"),
        ("family", "Otherwise"),
        ("given", "Pat"),
        ("birth_date", "1950"),
        ("sex", "female"),
    ];
    assert_eq!(browser.post("/patients/q/edit", &edit).await.status, 303);
    assert_eq!(send(&browser, "q", &form, &[]).await.status, 412);
    assert!(
        page(&browser, "/patients/p").await.contains("5.60") && !page(&browser, "/patients/q").await.contains("5.60")
    );
}

#[tokio::test]
async fn a_moved_entry_is_told_of_in_both_charts() {
    let practice = Practice::new().await;
    chart(&practice).await;
    patient(&practice, "q", "Other", "1950-01-01").await;
    let browser = practice.signed_in(Role::Clinician).await;
    let form = confirmation(&browser, "q").await;
    let moved = send(&browser, "q", &form, &[]).await;
    assert_eq!((moved.status, moved.location()), (303, ENTRY), "{}", moved.text());
    let here = page(&browser, ENTRY).await;
    assert!(here.contains("no longer in this chart") && here.contains("was moved to the other patient"), "{here}");
    assert!(here.contains("It is in the chart of <strong>OTHER, Pat"), "said once, to who moved it: {here}");
    let here = page(&browser, ENTRY).await;
    // Each page leads to the other, without naming the other patient.
    let there = ENTRY.replace("/patients/p/", "/patients/q/");
    assert!(here.contains(&format!("href=\"{there}\"")) && !here.contains("OTHER"), "{here}");
    let arrived = page(&browser, &there).await;
    assert!(arrived.contains(&format!("href=\"{ENTRY}\"")) && !arrived.contains("LARSEN"), "{arrived}");

    let left = page(&browser, "/patients/p").await;
    assert!(!left.contains("5.60") && left.contains("4.0\u{a0}mmol/L"));
    let changes = page(&browser, "/patients/p/changes").await;
    let row = between(&changes, "Moved to another patient", "</tr>");
    let before = changes.split("Moved to another patient").next().expect("before");
    assert!(before.ends_with("Potassium</a></th><td data-label=\"What\">"), "which entry: {changes}");
    assert!(row.contains("Tube was mislabelled"), "why: {row}");
    assert!(!changes.contains("Correction"), "told once: {changes}");
    let results = page(&browser, "/patients/p/results").await;
    let told = between(&results, "Filed here by mistake and moved", "</section>");
    assert!(told.contains("class=\"error\"") && told.contains("Potassium") && told.contains(ENTRY), "{told}");
    assert!(!told.contains("OTHER") && !told.contains("not recorded"), "what, who, when and why, not to whom: {told}");
    let right = page(&browser, "/patients/q").await;
    assert!(right.contains("5.60\u{a0}mmol/L"));
    assert!(page(&browser, "/patients/q/results/k2").await.contains("Moved here from another chart"));
    assert!(page(&browser, "/patients/q/changes").await.contains("Moved here from another patient"));
    assert!(!right.contains("LARSEN"), "the other patient is not named");
    for chart in ["p", "q"] {
        assert!(
            page(&browser, &format!("/patients/{chart}/access")).await.contains("Moved an entry between charts"),
            "{chart}"
        );
    }
    let nurse = practice.signed_in(Role::Nurse).await;
    let asked = nurse.get("/patients/p/changes/Observation/k1").await.text();
    assert!(!asked.contains("/move"), "who may not move is not offered it");
    assert_eq!(nurse.get("/patients/p/changes/Observation/k1/move/q").await.status, 403);
    assert_eq!(send(&nurse, "q", &form, &[]).await.status, 403);
}

#[tokio::test]
async fn an_entry_reads_in_words_and_its_versions_by_what_changed() {
    let practice = Practice::new().await;
    chart(&practice).await;
    let browser = practice.signed_in(Role::Clinician).await;
    let entry = "/patients/p/changes/Condition/asthma";
    let first = page(&browser, entry).await;
    let said = between(&first, "facts-title", "</section>");
    for line in [
        "<dt>Problem</dt><dd class=\"prose\">Asthma",
        "<dt>Status</dt><dd class=\"prose\">Active",
        "<dt>Began</dt><dd class=\"prose\">Mar-2019",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    for raw in ["clinicalStatus", "onsetDateTime", "2019-03", "terminology.hl7.org", "Patient/p"] {
        assert!(!said.contains(raw), "{raw}: {said}");
    }
    let source = between(&first, "<pre class=\"source\"", "</pre>");
    assert!(source.contains("&quot;onsetDateTime&quot;: &quot;2019-03&quot;"), "{source}");
    assert!(first.contains("<summary>Technical view</summary>"));

    let client = practice.client("system/*.cruds").await;
    let changed = json!({"resourceType": "Condition", "id": "asthma", "subject": {"reference": "Patient/p"}, "code": {"text": "Asthma"},
        "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "resolved"}]},
        "onsetDateTime": "2019-03", "abatementDateTime": "2024-05-06"});
    let answer = client.json("PUT", "/fhir/Condition/asthma", &changed, &[("if-match", "W/\"1\"")]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let second = page(&browser, entry).await;
    let versions = between(&second, "versions-title", "</section>");
    assert!(
        versions.contains("<del class=\"was\">Active</del>") && versions.contains("<ins class=\"now\">Resolved</ins>"),
        "{versions}"
    );
    assert!(
        versions.contains("<dt>Ended</dt>") && versions.contains("06-May-2024") && !versions.contains("Mar-2019"),
        "{versions}"
    );
}

#[tokio::test]
async fn the_newest_version_without_the_mark_comes_back_whatever_was_put_on_top_of_it() {
    let practice = Practice::new().await;
    chart(&practice).await;
    let browser = practice.signed_in(Role::Clinician).await;
    let client = practice.client("system/*.cruds").await;
    let entry = "/patients/p/changes/Observation/k2";
    let fields =
        |version: &'static str, reason: &'static str| [("patient", "p"), ("version", version), ("reason", reason)];
    assert_eq!(browser.post(&format!("{entry}/error"), &fields("1", "Mislabelled")).await.status, 303);
    let mut marked = client.get("/fhir/Observation/k2").await.json();
    marked["note"] = json!([{"text": "Looked into"}]);
    let put = client.json("PUT", "/fhir/Observation/k2", &marked, &[("if-match", "W/\"2\"")]).await;
    assert_eq!(put.status, 200, "{}", put.text());
    assert_eq!(browser.post(&format!("{entry}/restore"), &fields("3", "")).await.status, 303);
    assert_eq!(client.get("/fhir/Observation/k2").await.json()["status"], "final");

    // One that came marked, and was marked here on top, has nothing to go back to.
    let mut born = crate::support::potassium("k3", "p", "2026-03-06T15:00:00Z", "5.0");
    born["status"] = json!("entered-in-error");
    born["extension"] =
        json!([{"url": "urn:chartroom:entered-in-error", "extension": [{"url": "reason", "valueString": "x"}]}]);
    practice.put(born).await;
    let refused = browser.post("/patients/p/changes/Observation/k3/restore", &fields("1", "")).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("no earlier version"), "{}", refused.text());
}

#[tokio::test]
async fn an_entry_of_another_chart_is_refused_in_words_to_those_who_read_charts() {
    let practice = Practice::new().await;
    chart(&practice).await;
    patient(&practice, "q", "Okonkwo", "1950-01-01").await;
    let (doctor, clerk) = (practice.signed_in(Role::Clinician).await, practice.signed_in(Role::FrontDesk).await);
    let form = [("patient", "q"), ("version", "1"), ("reason", "x")];
    for deed in ["error", "restore"] {
        let path = format!("/patients/q/changes/Observation/k2/{deed}");
        let answer = doctor.post(&path, &form).await;
        assert_eq!(answer.status, 409, "{deed}");
        assert!(answer.text().contains("Another patient") && !answer.text().contains("LARSEN"), "{}", answer.text());
        assert_eq!(clerk.post(&path, &form).await.status, 403);
    }
    assert_eq!(doctor.get("/patients/q/changes/Observation/k2").await.status, 404);
    assert_eq!(doctor.post("/patients/q/changes/Observation/none/error", &form).await.status, 404);
}

#[tokio::test]
async fn a_nurse_corrects_what_nurses_write_and_nothing_else() {
    let practice = Practice::new().await;
    chart(&practice).await;
    let mut pulse = crate::support::potassium("pulse", "p", "2026-03-06T15:00:00Z", "70");
    pulse["category"] = json!([crate::support::coded("observation-category", "vital-signs")]);
    practice.put(pulse).await;
    practice
        .put(json!({"resourceType": "Procedure", "id": "op", "status": "completed", "subject": {"reference": "Patient/p"},
            "code": {"text": "Appendectomy"}, "performedDateTime": "2020"}))
        .await;
    practice
        .put(json!({"resourceType": "Encounter", "id": "visit", "status": "finished", "subject": {"reference": "Patient/p"},
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}}))
        .await;
    let nurse = practice.signed_in(Role::Nurse).await;
    for (entry, status) in [
        ("Observation/k1", 403),
        ("Procedure/op", 403),
        ("Encounter/visit", 403),
        ("Condition/asthma", 403),
        ("Observation/pulse", 303),
        ("AllergyIntolerance/pen", 303),
    ] {
        let path = format!("/patients/p/changes/{entry}");
        assert_eq!(page(&nurse, &path).await.contains("Mark as entered in error"), status == 303, "{entry}");
        let form = [("patient", "p"), ("version", "1"), ("reason", "x")];
        assert_eq!(nurse.post(&format!("{path}/error"), &form).await.status, status, "{entry}");
    }
    let doctor = practice.signed_in(Role::Clinician).await;
    let visit = page(&doctor, "/patients/p/changes/Encounter/visit").await;
    assert!(visit.contains("A visit cannot be moved") && !visit.contains("/move\""), "{visit}");
}

#[tokio::test]
async fn what_a_program_moved_is_told_in_the_chart_it_left() {
    let practice = Practice::new().await;
    chart(&practice).await;
    patient(&practice, "q", "Other", "1950-01-01").await;
    let mut allergy = json!({"resourceType": "AllergyIntolerance", "id": "pen", "patient": subject("q"), "code": {"text": "Penicillin"},
        "clinicalStatus": coded("allergyintolerance-clinical", "active")});
    let client = practice.client("system/*.cruds").await;
    let put = async |body: &serde_json::Value, version: &str| {
        let answer = client.json("PUT", "/fhir/AllergyIntolerance/pen", body, &[("if-match", version)]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    put(&allergy, "W/\"1\"").await;
    let browser = practice.signed_in(Role::Clinician).await;
    let left = page(&browser, "/patients/p/allergies").await;
    let told = between(&left, "Filed here by mistake and moved", "</section>");
    assert!(told.contains("Penicillin") && told.contains("/patients/p/changes/AllergyIntolerance/pen"), "{told}");
    assert!(!left.contains("OTHER"), "{left}");
    let changes = page(&browser, "/patients/p/changes").await;
    assert!(changes.contains("Moved to another patient") && changes.contains("Penicillin"), "{changes}");
    let arrived = page(&browser, "/patients/q/changes").await;
    let row = between(&arrived, "changes/AllergyIntolerance/pen", "</tr>");
    assert!(row.contains("Moved here from another patient"), "{row}");
    // An entry that came back is not among what left.
    allergy["patient"] = subject("p");
    put(&allergy, "W/\"2\"").await;
    let back = page(&browser, "/patients/p/allergies").await;
    assert!(!back.contains("Filed here by mistake") && back.contains("Penicillin"), "{back}");
}

#[tokio::test]
async fn who_wrote_is_told_however_much_was_read_since() {
    let practice = Practice::new().await;
    chart(&practice).await;
    let browser = practice.signed_in(Role::Clinician).await;
    for _ in 0..600 {
        assert_eq!(browser.get("/patients/p/problems").await.status, 200);
        practice.pass(SignedDuration::from_secs(1));
    }
    practice.put(potassium("k9", "p", "2026-02-07T15:00:00Z", "4.4")).await;
    let changes = page(&browser, "/patients/p/changes").await;
    assert!(!changes.contains("not recorded"), "{changes}");
}
