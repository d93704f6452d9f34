//! Each route × each role, with entries that are really there: whom the policy lets in gets the content, others get nothing of it, and
//! nobody reaches one patient's entry through another's chart.

use crate::charts::{CLINICAL, PEOPLE, Victims, address, canary, charts, names_an_entry, victims};
use chartroom_tests::{Answer, Browser, Practice};
use clinic::access::decide;
use fhir::{Key, Kind};
use store::{Permit, Role};
use web::routes::{Policy, Route, table};

/// What each page of a chart shows to whom it lets in. A page that is missing here fails the test.
const SHOWS: [(&str, &str); 33] = [
    ("/patients/{id}", "NAME"),
    ("/patients/{id}/edit", "NAME"),
    ("/patients/{id}/photo", ""),
    ("/patients/{id}/access", "NAME"),
    ("/patients/{id}/timeline", "VISIT"),
    ("/patients/{id}/visits", "VISIT"),
    ("/patients/{id}/visits/new", "NAME"),
    ("/visits/{visit}", "VISIT"),
    ("/visits/{visit}/paper", ""),
    ("/visits/{visit}/rooming", "NAME"),
    ("/patients/{id}/notes", "NOTE"),
    ("/patients/{id}/notes/new", "VISIT"),
    ("/patients/{id}/notes/{note}", "NOTE"),
    ("/patients/{id}/notes/{note}/paper", ""),
    ("/patients/{id}/notes/{note}/seen", "NAME"),
    ("/patients/{id}/drafts/{draft}", "DRAFT"),
    ("/patients/{id}/problems", "PROBLEM"),
    ("/patients/{id}/medicines", "MEDICINE"),
    ("/patients/{id}/allergies", "ALLERGY"),
    ("/patients/{id}/allergies/new", "NAME"),
    ("/patients/{id}/vitals", "NAME"),
    ("/patients/{id}/results", "VALUE"),
    ("/patients/{id}/results/{observation}", "VALUE"),
    ("/patients/{id}/reports/{report}", "REPORT"),
    ("/patients/{id}/immunizations", "VACCINE"),
    ("/patients/{id}/procedures", "PROCEDURE"),
    ("/patients/{id}/documents", "OFFICE"),
    ("/patients/{id}/documents/new", "NAME"),
    ("/patients/{id}/documents/{document}", "LETTER"),
    ("/patients/{id}/files/{kind}/{entry}/{number}", "CONTENT"),
    ("/patients/{id}/history", "FAMILY"),
    ("/patients/{id}/history/{section}/new", "NAME"),
    ("/patients/{id}/changes", "PROBLEM"),
];
const ENTRIES: [(&str, &str); 9] = [
    ("/patients/{id}/allergies/{allergy}", "ALLERGY"),
    ("/patients/{id}/history/{section}/{entry}", "FAMILY"),
    ("/patients/{id}/drafts/{draft}/move", "NAME"),
    ("/patients/{id}/drafts/{draft}/move/{to}", "DRAFT"),
    ("/patients/{id}/problems/new", "NAME"),
    ("/patients/{id}/problems/{condition}", "PROBLEM"),
    ("/patients/{id}/changes/{kind}/{entry}", "VALUE"),
    ("/patients/{id}/changes/{kind}/{entry}/move", "VALUE"),
    ("/patients/{id}/changes/{kind}/{entry}/move/{to}", "VALUE"),
];

fn of_a_chart(route: &Route) -> bool {
    route.path.starts_with("/patients/{id}") || route.path.starts_with("/visits/")
}

fn allows(route: &Route, role: Role) -> bool {
    match route.policy {
        Policy::Page(action) => decide(role, action).is_some(),
        Policy::Api(_) => false,
        _ => true,
    }
}

fn clinical(role: Role) -> bool {
    decide(role, clinic::Action::ReadClinical).is_some()
}

fn shown(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

/// Nothing of chart `patient` is in an answer but what a role may see anyway.
fn holds_nothing(answer: &Answer, patient: &str, words: &[&str], whence: &str) {
    let text = shown(answer);
    for word in words {
        assert!(!text.contains(&canary(patient, word)), "{whence}: {word} of chart {patient} is shown");
    }
}

async fn scene() -> (Practice, Victims) {
    let practice = Practice::new().await;
    charts(&practice).await;
    let victims = victims(&practice).await;
    (practice, victims)
}

#[tokio::test]
async fn who_is_let_in_gets_the_content_and_who_is_not_gets_nothing_of_it() {
    let (practice, victims) = scene().await;
    let everything: Vec<&str> = CLINICAL.into_iter().chain(["NAME", "OFFICE"]).collect();
    for role in PEOPLE {
        let browser = practice.signed_in(role).await;
        for route in table().iter().filter(|route| route.method == "GET" && of_a_chart(route)) {
            let word = SHOWS.iter().chain(&ENTRIES).find(|(path, _)| *path == route.path);
            let (_, word) = word.unwrap_or_else(|| panic!("say in SHOWS what {} shows", route.path));
            let answer = browser.get(&address(route, &victims, "a", "a")).await;
            let whence = format!("{role} at {}", route.path);
            if !allows(route, role) {
                assert_eq!(answer.status, 403, "{whence}");
                holds_nothing(&answer, "a", &everything, &whence);
            } else if CLINICAL.contains(word) && !clinical(role) {
                assert_eq!(answer.status, 404, "{whence}: hidden is absent");
                holds_nothing(&answer, "a", &everything, &whence);
            } else {
                assert_eq!(answer.status, 200, "{whence}");
                assert!(word.is_empty() || shown(&answer).contains(&canary("a", word)), "{whence}: no {word}");
                if !clinical(role) {
                    holds_nothing(&answer, "a", &CLINICAL, &whence);
                }
            }
            holds_nothing(&answer, "b", &everything, &whence);
        }
    }
}

#[tokio::test]
async fn the_front_desk_opens_the_office_s_documents() {
    let (practice, _) = scene().await;
    let desk = practice.signed_in(Role::FrontDesk).await;
    let page = desk.get("/patients/patient-a/documents/card-a").await;
    assert!(page.status == 200 && shown(&page).contains(&canary("a", "OFFICE")));
    let file = desk.get("/patients/patient-a/files/DocumentReference/card-a/0").await;
    assert_eq!((file.status, shown(&file).as_str()), (200, "CARD"));
}

#[tokio::test]
async fn asking_for_what_is_hidden_or_of_another_chart_is_in_the_trail() {
    let (practice, _) = scene().await;
    let desk = practice.signed_in(Role::FrontDesk).await;
    for path in ["/patients/patient-a/documents/letter-a", "/patients/patient-a/documents/card-b"] {
        assert_eq!(desk.get(path).await.status, 404, "{path}");
    }
    let officer = practice.signed_in(Role::PrivacyOfficer).await;
    for (outcome, asked) in [("refused", "DocumentReference/letter-a/0"), ("failed", "DocumentReference/card-b/0")] {
        let table = officer.post("/audit/csv", &[("action", "chart.read"), ("outcome", outcome)]).await.text();
        assert!(table.contains(asked), "{asked}: {table}");
    }
}

#[tokio::test]
async fn no_entry_of_one_patient_is_reached_through_another_s_chart() {
    let (practice, victims) = scene().await;
    let mut seen = 0;
    let entries = |route: &&Route| of_a_chart(route) && names_an_entry(route) && !route.path.starts_with("/visits/");
    for role in PEOPLE {
        let browser = practice.signed_in(role).await;
        for route in table().iter().filter(entries) {
            let path = address(route, &victims, "a", "b");
            let whence = format!("{role}: {} {path}", route.method);
            let answer = match route.method.as_str() {
                "GET" => browser.get(&path).await,
                _ => browser.post(&path, &correction("patient-a")).await,
            };
            let expected: &[u16] = if allows(route, role) { &[404, 409] } else { &[403] };
            assert!(expected.contains(&answer.status), "{whence}: {}", answer.status);
            let all: Vec<&str> = CLINICAL.into_iter().chain(["NAME", "OFFICE"]).collect();
            holds_nothing(&answer, "b", &all, &whence);
            seen += 1;
        }
    }
    assert!(seen >= 40, "{seen} probes");
    assert_eq!(version(&practice, "observation-b").await, 1, "nothing of B was changed");
}

/// What a correction's form sends: the version shown, a reason, and where to move to.
fn correction(patient: &str) -> [(&'static str, &str); 6] {
    [
        ("patient", patient),
        ("version", "1"),
        ("reason", "wrong chart"),
        ("target", "patient-c"),
        ("target_version", "1"),
        ("window", "11111111-1111-4111-8111-111111111111"),
    ]
}

async fn version(practice: &Practice, id: &str) -> u32 {
    let permit: Permit = practice.program().read_practice(clinic::Action::ReadClinical).expect("the program");
    let key = Key::new(Kind::OBSERVATION, fhir::Id::parse(id).expect("id"));
    practice.store().read(&permit, &key).await.expect("read").expect("there").for_decision().version
}

async fn wrote(practice: &Practice, browser: &Browser, path: &str, fields: &[(&str, &str)]) -> (u16, bool) {
    let before = version(practice, "observation-a").await;
    let answer = browser.post(path, fields).await;
    (answer.status, version(practice, "observation-a").await != before)
}

#[tokio::test]
async fn a_refused_role_changes_nothing_and_a_form_of_another_patient_neither() {
    for role in PEOPLE {
        // A practice each: what one role marks or moves the next would find changed.
        let (practice, victims) = scene().await;
        let browser = practice.signed_in(role).await;
        // `…/move` by POST only looks for the right patient.
        let writes = |route: &&Route| {
            route.method == "POST" && route.path.contains("/changes/") && !route.path.ends_with("/move")
        };
        for route in table().iter().filter(writes) {
            let path = address(route, &victims, "a", "a");
            let now = version(&practice, "observation-a").await.to_string();
            let form = |patient| {
                let mut form = correction(patient);
                form[1].1 = &now;
                form
            };
            let whence = format!("{role} at {}", route.path);
            let (status, changed) = wrote(&practice, &browser, &path, &form("patient-b")).await;
            assert_eq!((status, changed), (if allows(route, role) { 409 } else { 403 }, false), "{whence}");
            let (status, changed) = wrote(&practice, &browser, &path, &form("patient-a")).await;
            // It is a laboratory result: a nurse, let in to correct what nurses write, corrects no such entry.
            let may = allows(route, role) && role != Role::Nurse;
            assert_eq!((status, changed), if may { (303, true) } else { (403, false) }, "{whence}");
        }
    }
}

#[tokio::test]
async fn the_api_shows_charts_to_tokens_of_their_scope_alone() {
    let (practice, victims) = scene().await;
    let all = practice.client("system/*.rs").await;
    let other = practice.client("system/Organization.rs").await;
    let stranger = chartroom_tests::Client::new(practice.router.clone(), "");
    let nurse = practice.signed_in(Role::Nurse).await;
    let words: Vec<&str> = CLINICAL.into_iter().chain(["NAME", "OFFICE"]).collect();
    for route in table().iter().filter(|route| route.method == "GET" && matches!(route.policy, Policy::Api(_))) {
        let path = address(route, &victims, "a", "a");
        let whence = route.path;
        let answer = all.get(&path).await;
        assert_eq!(answer.status, 200, "{whence}: {}", answer.text());
        let validates = whence.ends_with("$validate");
        assert!(validates || shown(&answer).contains(&canary("a", "NAME")), "{whence} shows what it is asked");
        for answer in [other.get(&path).await, stranger.get(&path).await, nurse.get(&path).await] {
            holds_nothing(&answer, "a", &words, whence);
            holds_nothing(&answer, "b", &words, whence);
        }
        let of_one = route.path.contains("{id}");
        if of_one {
            holds_nothing(&answer, "b", &words, whence);
        }
    }
}
