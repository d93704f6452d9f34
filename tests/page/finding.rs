//! The search box and the first page.

use chartroom_tests::{Browser, Practice};
use serde_json::json;
use store::Role;

async fn people(practice: &Practice) {
    let person = |id: &str, family: &str, given: &[&str], born: &str, phone: &str| {
        json!({
            "resourceType": "Patient", "id": id, "gender": "female", "birthDate": born,
            "name": [{"use": "official", "family": family, "given": given}],
            "telecom": [{"system": "phone", "value": phone}]
        })
    };
    practice.put(person("smith", "Smith", &["Anna", "Maria"], "1962-05-04", "919-555-0105")).await;
    practice.put(person("smyth", "Smyth", &["Anne"], "1970-01-01", "919-555-0106")).await;
    practice.put(person("nunez", "Núñez", &["Zoë"], "2020-02-29", "+1 (919) 555-0199")).await;
    let mut jones = person("jones", "Jones", &["Beth"], "1950-12-31", "919-555-0133");
    jones["name"].as_array_mut().expect("names").push(json!({"use": "maiden", "family": "Wilder"}));
    practice.put(jones).await;
}

async fn found(browser: &Browser, q: &str) -> Vec<String> {
    let page = browser.post("/search/palette", &[("q", q)]).await;
    assert_eq!(page.status, 200, "{q}");
    let text = page.text();
    text.split("data-href=\"/patients/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test]
async fn a_patient_is_found_by_whatever_is_remembered() {
    let practice = Practice::new().await;
    people(&practice).await;
    let nurse = practice.signed_in(Role::Nurse).await;
    for (q, first) in [
        ("smith", "smith"),
        ("anna smith", "smith"),
        ("SMITH, Anna", "smith"),
        ("smi ann", "smith"),
        ("maria", "smith"),
        ("5/4/1962", "smith"),
        ("4 May 62", "smith"),
        ("19620504", "smith"),
        ("smith 1962", "smith"),
        ("0105", "smith"),
        ("555-0105", "smith"),
        ("(919) 555-0105", "smith"),
        ("100001", "smith"),
        ("100 001", "smith"),
        ("nunez", "nunez"),
        ("NÚÑEZ zoe", "nunez"),
        ("9195550199", "nunez"),
        ("smiht", "smith"),
        ("smitth anna", "smith"),
        ("wilder", "jones"),
        ("jomes", "jones"),
    ] {
        assert_eq!(found(&nurse, q).await.first().map(String::as_str), Some(first), "{q}");
    }
    assert_eq!(found(&nurse, "smith").await, ["smith", "smyth"], "what sounds alike comes after");
    for q in
        ["", "  ", "xyzzy", "'; DROP TABLE find_key; --", "%", "<script>alert(1)</script>", "\u{202e}", "31/2/1962"]
    {
        assert_eq!(found(&nurse, q).await, Vec::<String>::new(), "{q}");
    }
}

#[tokio::test]
async fn a_hit_shows_two_identifiers_beyond_the_name_and_is_never_opened_by_itself() {
    let practice = Practice::new().await;
    people(&practice).await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let page = nurse.post("/search", &[("q", "jones")]).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    for shown in ["JONES, Beth", "31-Dec-1950", "Female", "100\u{a0}004", "phone ends 0133"] {
        assert!(text.contains(shown), "{shown}");
    }
    assert_eq!(page.header("cache-control"), "no-store");
}

#[tokio::test]
async fn names_easily_taken_for_each_other_are_marked() {
    let practice = Practice::new().await;
    people(&practice).await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let text = nurse.post("/search", &[("q", "smith")]).await.text();
    assert_eq!(text.matches("Similar name").count(), 2);
}

#[tokio::test]
async fn a_search_is_audited_with_every_patient_shown_but_not_with_what_was_typed() {
    let practice = Practice::new().await;
    people(&practice).await;
    let nurse = practice.signed_in(Role::Nurse).await;
    nurse.post("/search", &[("q", "smith")]).await;
    let permit = practice.program().read_practice(clinic::Action::Audit).expect("a permit");
    let query = store::audit::AuditQuery { action: Some("patient.find".into()), count: 10, ..Default::default() };
    let entries = practice.store().entries(&permit, &query).await.expect("entries");
    let entry = &entries.for_decision()[0].entry;
    let mut patients: Vec<&str> = entry.patients.iter().map(fhir::PatientId::as_str).collect();
    patients.sort_unstable();
    assert_eq!(patients, ["smith", "smyth"]);
    assert_eq!((entry.detail.as_str(), entry.why.as_str()), ("page", ""), "what was typed is not in the trail");
}

#[tokio::test]
async fn the_first_page_lists_what_the_role_may_do() {
    let practice = Practice::new().await;
    for (role, there, not_there) in [
        (Role::FrontDesk, "Register a patient", "/audit"),
        (Role::Manager, "href=\"/users\"", "Register a patient"),
        (Role::PrivacyOfficer, "href=\"/audit\"", "Register a patient"),
    ] {
        let text = practice.signed_in(role).await.get("/").await.text();
        assert!(text.contains(there) && !text.contains(not_there), "{role}");
    }
}

#[tokio::test]
async fn my_patients_are_those_i_care_for_and_those_i_saw_within_a_year() {
    let practice = Practice::new().await;
    people(&practice).await;
    practice
        .put(json!({"resourceType": "Practitioner", "id": "okafor", "name": [{"family": "Okafor", "given": ["Ama"]}]}))
        .await;
    practice
        .put(json!({"resourceType": "Practitioner", "id": "rossi", "name": [{"family": "Rossi", "given": ["Lia"]}]}))
        .await;
    practice
        .put(json!({"resourceType": "Patient", "id": "own", "gender": "male", "birthDate": "1980-01-01",
            "name": [{"family": "Ownby", "given": ["Carl"]}], "generalPractitioner": [{"reference": "Practitioner/okafor"}]}))
        .await;
    for (id, patient, who, when) in [
        ("v1", "smith", "okafor", "2026-06-01T10:00:00-05:00"),
        ("v2", "nunez", "okafor", "2025-10-01T10:00:00-05:00"),
        ("v3", "jones", "rossi", "2026-06-01T10:00:00-05:00"),
    ] {
        practice
            .put(json!({"resourceType": "Encounter", "id": id, "status": "finished",
                "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
                "subject": {"reference": format!("Patient/{patient}")},
                "participant": [{"individual": {"reference": format!("Practitioner/{who}")}}],
                "period": {"start": when, "end": when}}))
            .await;
    }
    let user = practice.user("ama.okafor", Role::Clinician).await;
    let link = store::accounts::AccountChange::Update {
        user: user.id,
        display_name: "Dr Ama Okafor".to_owned(),
        role: Role::Clinician,
        practitioner: fhir::Id::parse("okafor").ok(),
    };
    practice.store().change(link, practice.program().entry("test")).await.expect("linked");
    let browser = practice.session_of(&user).await;
    let text = browser.get("/").await.text();
    let mine = text.split_once("My patients").expect("the list").1;
    assert!(mine.contains("OWNBY, Carl") && mine.contains("SMITH, Anna Maria"), "general practitioner of, and seen");
    assert!(!mine.contains("NÚÑEZ") && !mine.contains("JONES"), "not over a year ago, not another's");
    let form = browser.get("/patients/new").await.text();
    assert!(form.contains("<option value=\"Practitioner/okafor\">OKAFOR, Ama</option>"));
}

#[tokio::test]
async fn the_practice_says_which_of_day_and_month_comes_first_and_neither_is_lost() {
    let practice = Practice::new().await;
    let person = |id: &str, born: &str| json!({"resourceType": "Patient", "id": id, "birthDate": born, "name": [{"family": id, "given": ["Ann"]}]});
    practice.put(person("april", "1962-04-05")).await;
    practice.put(person("may", "1962-05-04")).await;
    let (boss, clerk) = (practice.signed_in(Role::Manager).await, practice.signed_in(Role::FrontDesk).await);
    assert_eq!(found(&clerk, "5/4/1962").await, ["may", "april"]);
    let settings =
        |order| [("name", "Elm"), ("time_zone", "America/Chicago"), ("idle_minutes", "15"), ("date_order", order)];
    assert_eq!(boss.post("/settings", &settings("year-first")).await.status, 422);
    assert_eq!(boss.post("/settings", &settings("day-first")).await.status, 303);
    assert!(boss.get("/settings").await.text().contains("<option value=\"day-first\" selected>"));
    assert_eq!(found(&clerk, "5/4/1962").await, ["april", "may"]);
    let form = [("family", "Brown"), ("sex", "female"), ("birth_date", "5/4/1962")];
    let asked = clerk.post("/patients/new", &form).await;
    assert_eq!(asked.status, 422);
    assert!(asked.text().contains("Birth date: this could be 05-Apr-1962 or 04-May-1962"), "asked about, not guessed");
}
