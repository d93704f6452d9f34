//! The audit trail as the privacy officer and others see it.

use chartroom_tests::Practice;
use serde_json::json;
use store::Role;
use store::audit::Verdict;

async fn patient(practice: &Practice, id: &str, family: &str) {
    practice.put(json!({"resourceType": "Patient", "id": id, "name": [{"family": family, "given": ["Ann"]}], "birthDate": "1980-02-03"})).await;
}

#[tokio::test]
async fn the_officer_finds_who_looked_at_whom_and_is_recorded_too() {
    let practice = Practice::new().await;
    patient(&practice, "p1", "Larsen").await;
    patient(&practice, "p2", "Okonkwo").await;
    let nurse = practice.signed_in(Role::Nurse).await;
    nurse.post("/search", &[("q", "Larsen")]).await;
    let officer = practice.signed_in(Role::PrivacyOfficer).await;
    let page = officer.post("/audit", &[("patient", "larsen"), ("action", "patient.find")]).await.text();
    assert!(page.contains("Looked for patients") && page.contains("nurse") && page.contains("LARSEN"), "{page}");
    let none = officer.post("/audit", &[("patient", "okonkwo"), ("action", "patient.find")]).await.text();
    assert!(none.contains("Nothing recorded"), "{none}");
    let own = officer.post("/audit", &[("action", "audit.search")]).await.text();
    assert!(own.contains("Looked through the audit trail") && own.contains("privacy-officer"));
    assert!(!own.contains("larsen"), "the words of a search are not in the trail");
    assert!(matches!(practice.store().verify().await.expect("verified"), Verdict::Whole { .. }));
}

#[tokio::test]
async fn several_patients_of_a_name_are_told_apart_before_anything_is_shown() {
    let practice = Practice::new().await;
    patient(&practice, "p1", "Larsen").await;
    patient(&practice, "p2", "Larsen").await;
    let officer = practice.signed_in(Role::PrivacyOfficer).await;
    let page = officer.post("/audit", &[("patient", "larsen")]).await;
    assert!(page.text().contains("Which patient?"));
    assert!(!page.text().contains("Save as a table"));
    let table = officer.post("/audit/csv", &[("patient", "larsen")]).await;
    assert_eq!(table.status, 422, "an empty table would say that nobody looked");
    let chosen = officer.post("/audit", &[("patient", "larsen"), ("patient_id", "p2")]).await.text();
    assert!(chosen.contains("About"), "{chosen}");
}

#[tokio::test]
async fn a_report_about_one_patient_tells_of_no_other_and_accuses_nobody() {
    let practice = Practice::new().await;
    patient(&practice, "p1", "Larsen").await;
    patient(&practice, "p2", "Larson").await;
    let nurse = practice.signed_in(Role::Nurse).await;
    nurse.post("/search", &[("q", "Lars")]).await;
    nurse.get("/patients/p1").await;
    // Who viewed P1: the list that named both is among it, and does not make the reader one of P2's chart.
    assert!(nurse.get("/patients/p1/access").await.text().contains("Found in a search"));
    let officer = practice.signed_in(Role::PrivacyOfficer).await;
    let reads = officer.post("/audit", &[("patient_id", "p2"), ("action", "chart.read")]).await.text();
    assert!(reads.contains("Nothing recorded"), "{reads}");
    let table = officer.post("/audit/csv", &[("patient_id", "p1")]).await.text();
    assert!(table.lines().count() > 3 && table.contains("p1") && !table.contains("p2"), "{table}");
}

#[tokio::test]
async fn others_see_their_own_accesses_only() {
    let practice = Practice::new().await;
    patient(&practice, "p1", "Larsen").await;
    let (nurse, clerk) = (practice.signed_in(Role::Nurse).await, practice.signed_in(Role::FrontDesk).await);
    nurse.post("/search", &[("q", "Larsen")]).await;
    let officer = practice.store().user_named("nurse").await.expect("store").expect("user");
    let page = clerk.post("/audit/mine", &[("user", &officer.id.to_string())]).await.text();
    assert!(!page.contains("Looked for patients</td>") && !page.contains("LARSEN"), "another's accesses: {page}");
    let page = nurse.get("/audit/mine").await.text();
    assert!(page.contains("Looked for patients") && page.contains("LARSEN"));
    assert_eq!(nurse.get("/audit").await.status, 403);
    assert_eq!(nurse.post("/audit/csv", &[]).await.status, 403);
}

#[tokio::test]
async fn the_table_to_save_is_recorded_and_holds_no_formula() {
    let practice = Practice::new().await;
    let boss = practice.signed_in(Role::Manager).await;
    boss.post("/tokens", &[("name", "=2+3"), ("scope", "system/*.rs"), ("days", "")]).await;
    let officer = practice.signed_in(Role::PrivacyOfficer).await;
    let answer = officer.post("/audit/csv", &[]).await;
    assert!(answer.header("content-disposition").starts_with("attachment"));
    let text = answer.text();
    assert!(text.lines().count() > 3 && text.contains("\"'=2+3: system/*.rs\""), "{text}");
    assert!(officer.post("/audit", &[("action", "audit.export")]).await.text().contains("Exported the audit trail"));
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    let practice = Practice::new().await;
    let officer = practice.signed_in(Role::PrivacyOfficer).await;
    for _ in 0..60 {
        officer.post("/preferences", &[]).await;
    }
    let mut numbers = Vec::new();
    let mut before = String::new();
    loop {
        let page = officer.post("/audit", &[("action", "preferences.change"), ("before", &before)]).await.text();
        let rows = page.split("data-label=\"No.\"").skip(1);
        let found: Vec<u64> = rows.filter_map(|row| row.split_once('>')?.1.split_once('<')?.0.parse().ok()).collect();
        let Some(last) = found.last() else { break };
        before = last.to_string();
        numbers.extend(found);
        if !page.contains("Older") {
            break;
        }
    }
    assert_eq!(numbers.len(), 60);
    assert!(numbers.windows(2).all(|pair| pair[0] > pair[1]));
}

#[tokio::test]
async fn every_failed_sign_in_is_recorded_and_no_password_is() {
    let practice = Practice::new().await;
    practice.user("ama.okafor", Role::Clinician).await;
    practice.sign_in("ama.okafor", "hunter2 hunter2 hunter2").await;
    practice.sign_in("hunter2 hunter2 hunter2", "ama.okafor").await;
    let officer = practice.signed_in(Role::PrivacyOfficer).await;
    let text = officer.post("/audit/csv", &[("action", "sign-in")]).await.text();
    assert_eq!(text.matches("\"failed\"").count(), 2, "{text}");
    assert!(text.contains("\"ama.okafor\"") && text.contains("\"unknown\""));
    assert!(!text.contains("hunter2"), "a password typed as a user name is not kept");
}

/// Every slug the sources record, found where entries are made.
fn slugs_in(folder: &std::path::Path, found: &mut Vec<String>) {
    for file in std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path()) {
        if file.is_dir() {
            slugs_in(&file, found);
        } else if file.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&file).expect("text");
            let text = text.split("#[cfg(test)]").next().expect("the code");
            let made = text.split("caller.entry(\"").skip(1).chain(text.split("(caller, \"").skip(1));
            found.extend(made.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
        }
    }
}

#[test]
fn every_action_recorded_has_words() {
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut found = Vec::new();
    for name in ["clinic", "web", "chartroom"] {
        slugs_in(&crates.join(name).join("src"), &mut found);
    }
    assert!(found.len() > 20, "{found:?}");
    for slug in found {
        assert!(
            clinic::audit::ACTIONS.iter().any(|(known, _)| *known == slug),
            "{slug} has no words in clinic/src/audit/actions.rs"
        );
    }
}

#[tokio::test]
async fn one_looking_up_in_the_palette_is_one_line_of_every_list_and_whole_in_the_trail() {
    let practice = Practice::new().await;
    patient(&practice, "p1", "Larsen").await;
    let (nurse, other) = (practice.signed_in(Role::Nurse).await, practice.signed_in(Role::Clinician).await);
    for typed in ["la", "lars", "larsen"] {
        assert_eq!(nurse.post("/search/palette", &[("q", typed)]).await.status, 200);
        other.post("/search/palette", &[("q", typed)]).await;
    }
    practice.pass_minutes(3);
    nurse.post("/search/palette", &[("q", "lar")]).await;
    let officer = practice.signed_in(Role::PrivacyOfficer).await;
    let find = [("action", "patient.find")];
    let lines = |page: &str| page.matches("data-label=\"Who\"").count();
    let all = officer.post("/audit", &find).await.text();
    assert_eq!((lines(&all), all.matches("3 searches, one after another").count()), (3, 2), "{all}");
    let mine = nurse.post("/audit/mine", &find).await.text();
    assert_eq!((lines(&mine), mine.matches("3 searches, one after another").count()), (2, 1));
    let chart = officer.get("/patients/p1/access").await.text();
    assert_eq!(chart.matches("3 searches, one after another").count(), 2, "{chart}");
    let table = officer.post("/audit/csv", &find).await.text();
    assert_eq!(table.matches("patient.find").count(), 7, "each is in the table to save");
}
