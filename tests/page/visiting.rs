//! Starting a visit, bringing it from state to state, and who may do which.

use crate::support::{between, page, patient};
use chartroom_tests::{Answer, Browser, Practice};
use serde_json::{Value, json};
use store::Role;

const NEW: &str = "/patients/p/visits/new";

async fn practice() -> Practice {
    let practice = Practice::new().await;
    patient(&practice, "p", "Larsen", "1979-12-23").await;
    patient(&practice, "q", "Okonkwo", "1980-02-03").await;
    practice.put(json!({"resourceType": "Location", "id": "room", "status": "active", "name": "Room 2"})).await;
    practice
}

/// The form as the page shows it, with what a user would choose, and changes.
async fn form(browser: &Browser, change: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let page = browser.get(NEW).await;
    assert_eq!(page.status, 200);
    let hidden = |name| page.attribute(&format!("name=\"{name}\""), "value").expect(name);
    let mut form = vec![
        ("patient", hidden("patient")),
        ("version", hidden("version")),
        ("once", hidden("once")),
        ("state", "arrived".to_owned()),
        ("class", "AMB".to_owned()),
        ("kind", "Follow-up".to_owned()),
        ("place", "Location/room".to_owned()),
    ];
    for (name, value) in change {
        form.retain(|(known, _)| known != name);
        form.push((name, (*value).to_owned()));
    }
    form
}

async fn post(browser: &Browser, path: &str, form: &[(&'static str, String)]) -> Answer {
    let fields: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post(path, &fields).await
}

async fn start(browser: &Browser, change: &[(&'static str, &str)]) -> Answer {
    let form = form(browser, change).await;
    post(browser, NEW, &form).await
}

async fn step(browser: &Browser, visit: &str, version: &str, to: &str, more: &[(&str, &str)]) -> u16 {
    let mut fields = vec![("patient", "p"), ("version", version), ("to", to)];
    fields.extend_from_slice(more);
    browser.post(&format!("{visit}/status"), &fields).await.status
}

async fn stored(practice: &Practice, visit: &str) -> Value {
    let id = visit.rsplit('/').next().expect("an id");
    practice.client("system/*.rs").await.get(&format!("/fhir/Encounter/{id}")).await.json()
}

#[tokio::test]
async fn a_visit_is_started_begun_and_finished_with_the_time_of_each() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    assert!(page(&nurse, "/patients/p/visits").await.contains("href=\"/patients/p/visits/new\""));
    let started = start(&nurse, &[("reason", "My knee <b>hurts</b>")]).await;
    assert_eq!(started.status, 303, "{}", started.text());
    let visit = started.location().to_owned();
    let shown = page(&nurse, &visit).await;
    for words in
        ["My knee &lt;b&gt;hurts&lt;/b&gt;", "Office visit", "Follow-up", "Room 2", "Arrived", "22-Nov-2026 09:00"]
    {
        assert!(shown.contains(words), "{words}");
    }
    practice.pass_minutes(10);
    assert_eq!(step(&nurse, &visit, "1", "in-progress", &[]).await, 303);
    practice.pass_minutes(10);
    assert_eq!(step(&nurse, &visit, "2", "finished", &[("at", "2026-11-22T09:15")]).await, 303);
    let body = stored(&practice, &visit).await;
    assert_eq!(body["period"], json!({"start": "2026-11-22T15:00:00Z", "end": "2026-11-22T15:15:00Z"}));
    let history: Vec<_> =
        body["statusHistory"].as_array().expect("history").iter().map(|s| s["status"].clone()).collect();
    assert_eq!(history, ["arrived", "in-progress", "finished"]);
    assert_eq!(body["location"][0]["location"]["reference"], "Location/room");
    let officer = practice.signed_in(Role::PrivacyOfficer).await;
    let trail = officer.post("/audit/csv", &[("action", "visit.state")]).await.text();
    assert!(trail.contains("arrived to in-progress") && trail.contains("in-progress to finished"), "{trail}");
}

#[tokio::test]
async fn the_front_desk_checks_in_and_cancels_and_learns_nothing_of_why() {
    let practice = practice().await;
    let (desk, doctor) = (practice.signed_in(Role::FrontDesk).await, practice.signed_in(Role::Clinician).await);
    let offered = page(&desk, NEW).await;
    assert!(!offered.contains("name=\"reason\""), "a reason is clinical");
    assert_eq!(start(&desk, &[("reason", "Rash")]).await.status, 403);
    let planned = [("state", "planned"), ("day", "2026-11-23"), ("time", "10:00")];
    let started = start(&desk, &planned).await;
    assert_eq!((started.status, started.location()), (303, "/patients/p"));
    let with_reason = start(&doctor, &[("reason", "CANARYREASON"), ("kind", "Prenatal visit")]).await;
    let visit = with_reason.location().to_owned();
    let shown = page(&desk, "/patients/p").await;
    assert!(shown.contains("23-Nov-2026 10:00") && shown.contains("Planned") && shown.contains("Room 2"));
    assert!(!shown.contains("CANARYREASON") && !shown.contains("Prenatal"), "nothing of why");
    assert_eq!(desk.get(&visit).await.status, 403);
    for (to, status) in [("in-progress", 403), ("entered-in-error", 403), ("finished", 403), ("cancelled", 303)] {
        assert_eq!(step(&desk, &visit, "1", to, &[("reason", "x")]).await, status, "{to}");
    }
    assert_eq!(step(&desk, &visit, "2", "planned", &[]).await, 303, "taken back");
    for role in [Role::Manager, Role::PrivacyOfficer] {
        let other = practice.signed_in(role).await;
        assert_eq!(other.get(NEW).await.status, 403);
        assert_eq!(step(&other, &visit, "3", "arrived", &[]).await, 403);
    }
}

#[tokio::test]
async fn a_step_names_its_patient_and_version_and_follows_the_ways_there_are() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let visit = start(&nurse, &[]).await.location().to_owned();
    let path = format!("{visit}/status");
    let post = async |fields: &[(&str, &str)]| nurse.post(&path, fields).await.status;
    assert_eq!(post(&[("patient", "q"), ("version", "1"), ("to", "in-progress")]).await, 409);
    assert_eq!(post(&[("patient", "p"), ("to", "in-progress")]).await, 428);
    assert_eq!(post(&[("patient", "p"), ("version", "1"), ("to", "finished")]).await, 409, "it has not begun");
    assert_eq!(post(&[("patient", "p"), ("version", "1"), ("to", "away")]).await, 422);
    practice.pass_minutes(10);
    for at in ["2026-11-22T09:11", "2026-11-22T08:59", "yesterday"] {
        assert_eq!(post(&[("patient", "p"), ("version", "1"), ("to", "in-progress"), ("at", at)]).await, 422, "{at}");
    }
    assert_eq!(post(&[("patient", "p"), ("version", "1"), ("to", "in-progress")]).await, 303);
    assert_eq!(post(&[("patient", "p"), ("version", "1"), ("to", "finished")]).await, 412);
    assert_eq!(nurse.post("/visits/none/status", &[("patient", "p"), ("version", "1")]).await.status, 404);
    assert_eq!(post(&[("patient", "p"), ("version", "2"), ("to", "entered-in-error")]).await, 422, "without a reason");
    assert_eq!(
        post(&[("patient", "p"), ("version", "2"), ("to", "entered-in-error"), ("reason", "Not here")]).await,
        303
    );
    assert!(page(&nurse, "/patients/p/visits").await.contains("Not here"));
}

#[tokio::test]
async fn a_form_of_another_patient_or_an_older_page_starts_nothing_and_one_sent_twice_starts_one() {
    let practice = practice().await;
    let nurse = practice.signed_in(Role::Nurse).await;
    assert_eq!(start(&nurse, &[("patient", "q")]).await.status, 409);
    assert_eq!(start(&nurse, &[("version", "")]).await.status, 428);
    let stale = start(&nurse, &[("version", "9"), ("reason", "Kept words")]).await;
    assert!(stale.status == 412 && stale.text().contains("Kept words"));
    let wrong =
        start(&nurse, &[("class", "IMP"), ("day", "2026-11-23"), ("time", "10:00"), ("reason", "Kept words")]).await;
    let text = wrong.text();
    assert!(wrong.status == 422 && text.contains("Kept words") && text.contains("plan the visit instead"));
    let form = form(&nurse, &[]).await;
    let (first, again) = (post(&nurse, NEW, &form).await, post(&nurse, NEW, &form).await);
    assert_eq!((first.status, again.status, first.location()), (303, 303, again.location()));
    let list = page(&nurse, "/patients/p/visits").await;
    assert_eq!(between(&list, "<span class=\"count\">", "<"), "1");
}

#[tokio::test]
async fn the_dead_and_merged_records_are_not_seen() {
    let practice = practice().await;
    let client = practice.client("system/*.cruds").await;
    let nurse = practice.signed_in(Role::Nurse).await;
    let mut version = 1;
    let mut become_ = async |change: Value| {
        let mut body = client.get("/fhir/Patient/q").await.json();
        for member in ["deceasedBoolean", "deceasedDateTime", "active"] {
            body.as_object_mut().expect("object").remove(member);
        }
        body.as_object_mut().expect("object").extend(change.as_object().expect("members").clone());
        let tag = format!("W/\"{version}\"");
        assert_eq!(client.json("PUT", "/fhir/Patient/q", &body, &[("if-match", &tag)]).await.status, 200);
        version += 1;
    };
    let new = "/patients/q/visits/new";
    let start = async |more: &[(&'static str, &str)]| {
        let page = nurse.get(new).await;
        let version = page.attribute("name=\"version\"", "value").expect("version");
        let mut fields = vec![
            ("patient", "q"),
            ("version", &version),
            ("state", "arrived"),
            ("class", "AMB"),
            ("kind", "Follow-up"),
        ];
        fields.extend_from_slice(more);
        nurse.post(new, &fields).await
    };
    become_(json!({"deceasedDateTime": "2026-11-20"})).await;
    let refused = start(&[]).await;
    assert!(refused.status == 409 && refused.text().contains("had died"), "{}", refused.text());
    assert_eq!(start(&[("day", "2026-11-19"), ("time", "10:00")]).await.status, 303, "recorded afterwards");
    become_(json!({"deceasedBoolean": true})).await;
    let asked = start(&[("day", "2026-11-19"), ("time", "10:00")]).await;
    assert!(asked.status == 422 && asked.text().contains("name=\"alive\""));
    assert_eq!(start(&[("day", "2026-11-19"), ("time", "10:00"), ("alive", "yes")]).await.status, 303);
    assert_eq!(start(&[("alive", "yes")]).await.status, 409, "not today");
    become_(json!({"active": false})).await;
    assert_eq!(start(&[]).await.status, 409);
    become_(json!({"link": [{"other": {"reference": "Patient/p"}, "type": "replaced-by"}]})).await;
    assert_eq!(start(&[]).await.status, 409);
}
