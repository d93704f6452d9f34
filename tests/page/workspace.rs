//! The workspace of a visit: its diagnoses are ranked and promoted there, its note is written there, and what is signed carries them.

use crate::support::{between, coded, page, patient, subject};
use chartroom_tests::{Answer, Browser, Practice};
use serde_json::{Value, json};
use store::Role;

const VISIT: &str = "/visits/v";
const WINDOW: &str = "11111111-1111-4111-8111-111111111111";

fn condition(id: &str, of: &str, code: &str, words: &str) -> Value {
    json!({"resourceType": "Condition", "id": id, "subject": subject(of), "encounter": {"reference": "Encounter/v"},
        "clinicalStatus": coded("condition-clinical", "active"), "verificationStatus": coded("condition-ver-status", "confirmed"),
        "category": [coded("condition-category", "encounter-diagnosis")],
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code}], "text": words}})
}

/// A visit under way with two diagnoses.
async fn practice() -> Practice {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    patient(&practice, "q", "Okonkwo", "1980-02-03").await;
    let named = |id: &str| json!({"reference": format!("Condition/{id}")});
    practice
        .put(json!({"resourceType": "Encounter", "id": "v", "subject": subject("p"), "status": "in-progress",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "reasonCode": [{"text": "My head <i>aches</i>"}], "period": {"start": "2026-11-22T14:50:00Z"},
            "diagnosis": [{"condition": named("bp"), "rank": 1}, {"condition": named("flu"), "rank": 2}]}))
        .await;
    practice.put(condition("bp", "p", "I10", "Essential (primary) hypertension")).await;
    practice.put(condition("flu", "p", "J11.1", "Influenza")).await;
    practice
}

fn hidden(answer: &Answer, after: &str, name: &str) -> String {
    let text = answer.text();
    let (_, rest) = text.split_once(after).unwrap_or_else(|| panic!("no {after}"));
    let rest = rest.split_once(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("no {name} after {after}")).1;
    rest.split_once("value=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(value, _)| value.to_owned())
        .unwrap_or_default()
}

/// Moves a diagnosis as the page's button does.
async fn up(browser: &Browser, id: &str, change: &[(&str, &str)]) -> Answer {
    let shown = browser.get(VISIT).await;
    let (version, order) = (hidden(&shown, "id=\"rank\"", "version"), hidden(&shown, "id=\"rank\"", "order"));
    let mut fields = vec![("patient", "p"), ("version", version.as_str()), ("order", order.as_str()), ("up", id)];
    for (name, value) in change {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    browser.post("/visits/v/diagnoses", &fields).await
}

#[tokio::test]
async fn diagnoses_are_ranked_and_promoted_where_the_visit_is() {
    let practice = practice().await;
    let doctor = practice.signed_in(Role::Clinician).await;
    let shown = page(&doctor, VISIT).await;
    let card = between(&shown, "id=\"diagnoses\"", "</section>");
    assert!(card.find("hypertension") < card.find("Influenza"), "{card}");
    assert!(shown.contains("My head &lt;i&gt;aches&lt;/i&gt;"));
    let moved = up(&doctor, "flu", &[]).await;
    assert_eq!((moved.status, moved.location()), (303, "/visits/v#diagnosis-flu"), "{}", moved.text());
    let shown = page(&doctor, VISIT).await;
    let card = between(&shown, "id=\"diagnoses\"", "</section>");
    assert!(card.find("Influenza") < card.find("hypertension"), "{card}");
    let visit = practice.client("system/*.rs").await.get("/fhir/Encounter/v").await.json();
    assert_eq!((&visit["diagnosis"][0]["rank"], &visit["diagnosis"][1]["rank"]), (&json!(2), &json!(1)));

    let promote = "/patients/p/problems/flu/promote";
    let sent = doctor.post(promote, &[("patient", "p"), ("version", "1"), ("visit", "v")]).await;
    assert_eq!((sent.status, sent.location()), (303, "/visits/v#diagnosis-flu"));
    assert!(page(&doctor, VISIT).await.contains("On the problem list"));
    let past = page(&doctor, "/visits/v?as-of=2026-11-22").await;
    assert!(past.contains("Influenza") && past.contains("My head"), "{past}");
    for act in ["name=\"up\"", "Add diagnosis", "/rooming\"", "Write a note"] {
        assert!(!past.contains(act), "nothing is written in a past chart: {act}");
    }

    let trail = practice.signed_in(Role::PrivacyOfficer).await.post("/audit", &[("action", "diagnosis.rank")]).await;
    assert!(trail.text().contains("LARSEN"));
}

#[tokio::test]
async fn a_rank_of_another_chart_an_older_visit_or_without_the_right_is_refused() {
    let practice = practice().await;
    let doctor = practice.signed_in(Role::Clinician).await;
    for (change, status) in [
        (&[("patient", "q")][..], 409),
        (&[("version", "7")], 412),
        (&[("version", "")], 428),
        (&[("order", "flu")], 422),
        (&[("order", "bp bp flu")], 409),
        (&[("up", "bp")], 422),
    ] {
        assert_eq!(up(&doctor, "flu", change).await.status, status, "{change:?}");
    }
    let nurse = practice.signed_in(Role::Nurse).await;
    let fields = [("patient", "p"), ("version", "1"), ("order", "bp flu"), ("up", "flu")];
    assert_eq!(nurse.post("/visits/v/diagnoses", &fields).await.status, 403);
    assert!(!page(&nurse, VISIT).await.contains("name=\"up\""));
    let visit = practice.client("system/*.rs").await.get("/fhir/Encounter/v").await.json();
    assert_eq!(visit["meta"]["versionId"], "1", "nothing was written");
}

/// Begins a note of the visit and fills it in; answers its address and its sections as read.
async fn written(browser: &Browser, template: &str) -> (String, String) {
    let new = "/patients/p/notes/new?visit=v";
    let form = browser.get(new).await;
    let once = form.attribute("name=\"once\"", "value").expect("the form's key");
    let fields = [("patient", "p"), ("once", once.as_str()), ("visit", "v"), ("template", template)];
    let begun = browser.post("/patients/p/notes/new", &fields).await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    let address = begun.location().to_owned();
    let shown = page(browser, &address).await;
    let names =
        shown.split("data-section=\"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(name, _)| name.to_owned());
    let mut read = Vec::new();
    for name in names.collect::<Vec<_>>() {
        let fields = [
            ("patient", "p"),
            ("section", name.as_str()),
            ("text", "Well"),
            ("based_on", "0"),
            ("window", WINDOW),
            ("step", "1"),
        ];
        assert_eq!(browser.post(&address, &fields).await.status, 200, "{name}");
        read.push(format!("{name} 1"));
    }
    (address, read.join(","))
}

async fn sign(browser: &Browser, shown: &Answer, address: &str, read: &str) -> Answer {
    let (version, seen) = (hidden(shown, "id=\"sign\"", "version"), hidden(shown, "id=\"sign\"", "seen"));
    let fields = [("patient", "p"), ("version", version.as_str()), ("seen", seen.as_str()), ("revisions", read)];
    browser.post(&format!("{address}/sign"), &fields).await
}

#[tokio::test]
async fn a_note_is_written_and_signed_in_the_workspace_and_carries_the_visit_s_diagnoses() {
    let practice = practice().await;
    let doctor = practice.signed_in(Role::Clinician).await;
    let (address, read) = written(&doctor, "back-pain").await;
    let shown = doctor.get(VISIT).await;
    assert!(
        shown.text().contains(&format!("data-address=\"{address}\""))
            && shown.text().contains("Sign note for LARSEN, Pat")
    );
    assert_eq!(up(&doctor, "flu", &[]).await.status, 303);
    let refused = sign(&doctor, &shown, &address, &read).await;
    assert!(refused.status == 409 && refused.text().contains("changed since you opened it"), "{}", refused.status);
    let done = sign(&doctor, &doctor.get(VISIT).await, &address, &read).await;
    assert_eq!(done.status, 303, "{}", done.text());

    let note = done.location().to_owned();
    let client = practice.client("system/*.rs").await;
    let key = note.replace("/patients/p/notes/", "Composition/");
    let composition = client.get(&format!("/fhir/{key}")).await.json();
    let sections = composition["section"].as_array().expect("sections");
    let own = sections.iter().find(|section| section["title"] == "Diagnoses").expect("the diagnoses");
    assert_eq!(own["entry"], json!([{"reference": "Condition/flu"}, {"reference": "Condition/bp"}]));
    let text = own["text"]["div"].as_str().expect("a text");
    assert!(
        text.contains("1. Influenza (J11.1)") && text.contains("2. Essential (primary) hypertension (I10)"),
        "{text}"
    );
    let shown = page(&doctor, &note).await;
    assert!(shown.contains("1. Influenza (J11.1)") && shown.contains("Unchanged since"));
    assert!(page(&doctor, &format!("{note}/seen")).await.contains("Influenza"));
    assert!(page(&doctor, "/patients/p/problems/flu").await.contains(&note), "the problem gathers the note");
    assert!(!page(&doctor, VISIT).await.contains("id=\"sign\""), "nothing is left to sign");
}

#[tokio::test]
async fn a_signed_note_says_how_sure_each_diagnosis_is_and_what_is_over() {
    let practice = practice().await;
    let stated = |id: &str, code: &str, words: &str, certainty: &str, status: &str| {
        let mut stated = condition(id, "p", code, words);
        stated["verificationStatus"] = coded("condition-ver-status", certainty);
        stated["clinicalStatus"] = coded("condition-clinical", status);
        stated
    };
    practice.put(stated("pe", "I26.99", "Pulmonary embolism", "differential", "active")).await;
    practice.put(stated("uti", "N39.0", "Urinary infection", "provisional", "resolved")).await;
    practice.put(stated("no", "G43.909", "Migraine", "refuted", "active")).await;
    let doctor = practice.signed_in(Role::Clinician).await;
    let (address, read) = written(&doctor, "back-pain").await;
    let done = sign(&doctor, &doctor.get(VISIT).await, &address, &read).await;
    assert_eq!(done.status, 303, "{}", done.text());
    let note = page(&doctor, done.location()).await;
    for words in [
        "Influenza (J11.1)",
        "Pulmonary embolism (I26.99; differential)",
        "Urinary infection (N39.0; provisional; resolved)",
    ] {
        assert!(note.contains(words), "{words}: {note}");
    }
    assert!(!note.contains("Migraine"), "what is refuted is no diagnosis");
}

#[tokio::test]
async fn a_nurse_s_note_and_an_addendum_carry_no_diagnoses_and_a_draft_is_its_author_s_to_sign() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let (address, read) = written(&nurse, "nurse").await;
    let doctor = practice.signed_in(Role::Clinician).await;
    let others = page(&doctor, VISIT).await;
    assert!(others.contains(&format!("href=\"{address}\"")) && !others.contains("id=\"sign\""), "linked, not in place");
    let done = sign(&nurse, &nurse.get(VISIT).await, &address, &read).await;
    assert_eq!(done.status, 303, "{}", done.text());
    let key = done.location().replace("/patients/p/notes/", "Composition/");
    let composition = practice.client("system/*.rs").await.get(&format!("/fhir/{key}")).await.json();
    assert!(!composition["section"].to_string().contains("Diagnoses"), "{composition}");
}

#[tokio::test]
async fn a_problem_is_resolved_in_one_click_and_shows_the_results_of_its_visits() {
    let practice = practice().await;
    let mut potassium = crate::support::potassium("k", "p", "2026-11-22T15:00:00Z", "5.60");
    potassium["encounter"] = json!({"reference": "Encounter/v"});
    practice.put(potassium).await;
    practice.put(crate::support::potassium("k2", "p", "2026-11-22T15:00:00Z", "4.01")).await;
    let doctor = practice.signed_in(Role::Clinician).await;
    let shown = page(&doctor, "/patients/p/problems/bp").await;
    assert!(shown.contains("5.60") && !shown.contains("4.01"), "of its visit alone");
    let resolve = "/patients/p/problems/bp/resolve";
    for (fields, status) in [
        ([("patient", "q"), ("version", "1")], 409),
        ([("patient", "p"), ("version", "7")], 412),
        ([("patient", "p"), ("version", "1")], 303),
        ([("patient", "p"), ("version", "2")], 409),
    ] {
        assert_eq!(doctor.post(resolve, &fields).await.status, status, "{fields:?}");
    }
    let said = practice.client("system/*.rs").await.get("/fhir/Condition/bp").await.json();
    assert_eq!(
        (&said["clinicalStatus"]["coding"][0]["code"], &said["abatementDateTime"]),
        (&json!("resolved"), &json!("2026-11-22"))
    );
    assert!(!page(&doctor, "/patients/p/problems/bp").await.contains("Resolved today"));
}

#[tokio::test]
async fn a_visit_is_finished_knowing_that_its_note_is_not_signed() {
    let practice = practice().await;
    let doctor = practice.signed_in(Role::Clinician).await;
    let words = "This visit has a note that nobody signed yet";
    assert!(!page(&doctor, VISIT).await.contains(words));
    let (address, read) = written(&doctor, "back-pain").await;
    let state = |shown: &str| between(shown, "aria-label=\"State of the visit\"", "</section>").to_owned();
    let told = state(&page(&doctor, VISIT).await);
    assert!(told.contains("Finish") && told.contains(words) && told.contains(&format!("href=\"{address}\"")), "{told}");
    let nurse = practice.signed_in(Role::Nurse).await;
    assert!(state(&page(&nurse, VISIT).await).contains(words), "whoever finishes it");
    let step = async |version: &str, to: &str| {
        let fields = [("patient", "p"), ("version", version), ("to", to)];
        doctor.post("/visits/v/status", &fields).await.status
    };
    assert_eq!(step("1", "finished").await, 303, "nothing is held up");
    assert!(!page(&doctor, VISIT).await.contains(words), "it is finished");
    assert_eq!(step("2", "in-progress").await, 303);
    let done = sign(&doctor, &doctor.get(VISIT).await, &address, &read).await;
    assert_eq!(done.status, 303, "{}", done.text());
    assert!(!page(&doctor, VISIT).await.contains(words), "it is signed");
}
