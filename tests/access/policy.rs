//! Every route × every role, as the running application answers; and nobody is shown what is not theirs.

use crate::reviewed::same;
use axum::body::Body;
use chartroom_tests::{Answer, Browser, Client, Practice};
use serde_json::json;
use store::Role;
use store::accounts::User;
use web::routes::{Route, table};

const PEOPLE: [Role; 5] = [Role::FrontDesk, Role::Nurse, Role::Clinician, Role::Manager, Role::PrivacyOfficer];

/// Two charts, each with words that are found nowhere else.
async fn charts(practice: &Practice) {
    for (id, mark) in [("patient-a", "CANARYA"), ("patient-b", "CANARYB")] {
        practice.put(json!({"resourceType": "Patient", "id": id, "name": [{"family": format!("{mark}NAME"), "given": ["Ann"]}],
            "birthDate": "1980-02-03", "gender": "female"})).await;
        let subject = json!({"reference": format!("Patient/{id}")});
        practice.put(json!({"resourceType": "Condition", "id": format!("condition-{id}"), "subject": subject,
            "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
            "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-category", "code": "problem-list-item"}]}],
            "code": {"text": format!("{mark}PROBLEM")}})).await;
        practice.put(json!({"resourceType": "AllergyIntolerance", "id": format!("allergy-{id}"), "patient": subject,
            "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]},
            "code": {"text": format!("{mark}ALLERGY")}})).await;
        practice.put(json!({"resourceType": "Observation", "id": format!("observation-{id}"), "subject": subject, "status": "final",
            "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}],
            "code": {"text": format!("{mark}RESULT")}, "effectiveDateTime": "2026-01-02", "valueString": format!("{mark}VALUE")})).await;
    }
}

/// The route's path with real ids where there are some.
fn path(route: &Route) -> String {
    let path = route
        .path
        .replace("/patients/{id}", "/patients/patient-a")
        .replace("/fhir/{kind}/{id}", "/fhir/Patient/patient-a");
    let mut filled = String::new();
    for part in path.split('/').skip(1) {
        let part = match part {
            "{kind}" | "{type}" => "Patient",
            part if part.starts_with('{') => "none",
            part => part,
        };
        filled.push('/');
        filled.push_str(part);
    }
    filled
}

async fn asked(browser: &Browser, route: &Route) -> Answer {
    match route.method.as_str() {
        "GET" => browser.get(&path(route)).await,
        "POST" => browser.post(&path(route), &[]).await,
        method => browser.send(browser.request(method, &path(route)).body(Body::empty()).expect("a request")).await,
    }
}

async fn called(client: &Client, route: &Route) -> Answer {
    let path = path(route);
    match route.method.as_str() {
        "GET" => client.get(&path).await,
        method => client.json(method, &path, &json!({}), &[]).await,
    }
}

/// What the answer says about coming in; everything after that is `in`.
fn verdict(answer: &Answer) -> String {
    match answer.status {
        status @ (401 | 403) => status.to_string(),
        303 if answer.location().starts_with("/sign-in") => "sign-in".to_owned(),
        status if status >= 500 => panic!("{status}: {}", answer.text()),
        _ => "in".to_owned(),
    }
}

#[tokio::test]
async fn every_route_lets_in_whom_the_reviewed_table_says() {
    let practice = Practice::new().await;
    charts(&practice).await;
    let mut users: Vec<User> = Vec::new();
    for role in PEOPLE {
        users.push(practice.user(role.slug(), role).await);
    }
    let client = practice.client("system/*.cruds").await;
    let mut text = String::from(
        "# Every route as each caller is answered: in, 401, 403, or sent to sign-in. Reviewed; see tests/access/reviewed.rs\n",
    );
    text.push_str(&format!("{:<8}{:<50}{:<26}{:<9}", "method", "path", "policy", "stranger"));
    for role in PEOPLE {
        text.push_str(&format!("{:<16}", role.slug()));
    }
    text.push_str("token\n");
    for route in table() {
        let mut line = format!("{:<8}{:<50}{:<26}", route.method.as_str(), route.path, format!("{:?}", route.policy));
        line.push_str(&format!("{:<9}", verdict(&asked(&practice.stranger(), &route).await)));
        for user in &users {
            // A fresh session each: signing out and locking are routes too.
            let browser = practice.session_of(user).await;
            line.push_str(&format!("{:<16}", verdict(&asked(&browser, &route).await)));
        }
        line.push_str(&verdict(&called(&client, &route).await));
        text.push_str(&line);
        text.push('\n');
    }
    same("policy.txt", &text);
}

#[tokio::test]
async fn no_page_shows_clinical_words_to_those_without_charts() {
    let practice = Practice::new().await;
    charts(&practice).await;
    for role in [Role::FrontDesk, Role::Manager, Role::PrivacyOfficer] {
        let browser = practice.signed_in(role).await;
        for route in table().iter().filter(|route| route.method == "GET") {
            let shown = String::from_utf8_lossy(&asked(&browser, route).await.body).into_owned();
            for word in ["PROBLEM", "ALLERGY", "RESULT", "VALUE"] {
                assert!(!shown.contains(&format!("CANARYA{word}")), "{role} is shown {word} at {}", route.path);
                assert!(!shown.contains(&format!("CANARYB{word}")), "{role} is shown {word} at {}", route.path);
            }
        }
    }
}

#[tokio::test]
async fn no_page_of_one_patient_shows_another() {
    let practice = Practice::new().await;
    charts(&practice).await;
    let browser = practice.signed_in(Role::Clinician).await;
    let mut seen = false;
    for route in table().iter().filter(|route| route.method == "GET" && route.path.starts_with("/patients/{id}")) {
        let shown = String::from_utf8_lossy(&asked(&browser, route).await.body).into_owned();
        assert!(!shown.contains("CANARYB"), "{}", route.path);
        seen |= shown.contains("CANARYANAME");
    }
    assert!(seen, "the pages of patient A show patient A");
}

#[tokio::test]
async fn a_token_reaches_what_its_scope_says_and_no_page() {
    let practice = Practice::new().await;
    let client = practice.client("system/Patient.rs").await;
    for route in table() {
        let is_api = matches!(route.policy, web::routes::Policy::Api(_));
        let answer = called(&client, &route).await;
        if matches!(route.policy, web::routes::Policy::SignedIn | web::routes::Policy::Page(_)) {
            assert!(answer.location().starts_with("/sign-in"), "{}", route.path);
        }
        if is_api {
            assert_eq!(called(&Client::new(practice.router.clone(), ""), &route).await.status, 401, "{}", route.path);
            assert_eq!(called(&Client::new(practice.router.clone(), "x"), &route).await.status, 401, "{}", route.path);
        }
    }
}

#[tokio::test]
async fn what_is_refused_is_recorded_with_the_patient_it_was_about() {
    let practice = Practice::new().await;
    charts(&practice).await;
    let clerk = practice.signed_in(Role::FrontDesk).await;
    assert_eq!(clerk.get("/users").await.status, 403);
    let officer = practice.signed_in(Role::PrivacyOfficer).await;
    officer.get("/audit").await;
    let shown = officer.post("/audit", &[("action", "request"), ("outcome", "refused")]).await.text();
    assert!(shown.contains("GET /users") && shown.contains("front-desk") && shown.contains("Refused"), "{shown}");
}
