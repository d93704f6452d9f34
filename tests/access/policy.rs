//! Every route × every role, as the running application answers. What they are shown then: `probes.rs`.

use crate::charts::{PEOPLE, address, charts, victims};
use crate::reviewed::same;
use axum::body::Body;
use chartroom_tests::{Answer, Browser, Client, Practice};
use serde_json::json;
use store::Role;
use store::accounts::User;
use web::routes::{Route, table};

async fn asked(browser: &Browser, route: &Route, path: &str) -> Answer {
    match route.method.as_str() {
        "GET" => browser.get(path).await,
        "POST" => browser.post(path, &[]).await,
        method => browser.send(browser.request(method, path).body(Body::empty()).expect("a request")).await,
    }
}

async fn called(client: &Client, route: &Route, path: &str) -> Answer {
    match route.method.as_str() {
        "GET" => client.get(path).await,
        method => client.json(method, path, &json!({}), &[]).await,
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
    let victims = victims(&practice).await;
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
        let path = address(&route, &victims, "a", "a");
        let mut line = format!("{:<8}{:<50}{:<26}", route.method.as_str(), route.path, format!("{:?}", route.policy));
        line.push_str(&format!("{:<9}", verdict(&asked(&practice.stranger(), &route, &path).await)));
        for user in &users {
            // A fresh session each: signing out and locking are routes too.
            let browser = practice.session_of(user).await;
            line.push_str(&format!("{:<16}", verdict(&asked(&browser, &route, &path).await)));
        }
        line.push_str(&verdict(&called(&client, &route, &path).await));
        text.push_str(&line);
        text.push('\n');
    }
    same("policy.txt", &text);
}

#[tokio::test]
async fn a_token_reaches_what_its_scope_says_and_no_page() {
    let practice = Practice::new().await;
    let victims = victims(&practice).await;
    let client = practice.client("system/Patient.rs").await;
    for route in table() {
        let path = address(&route, &victims, "a", "a");
        let is_api = matches!(route.policy, web::routes::Policy::Api(_));
        let answer = called(&client, &route, &path).await;
        if matches!(route.policy, web::routes::Policy::SignedIn | web::routes::Policy::Page(_)) {
            assert!(answer.location().starts_with("/sign-in"), "{}", route.path);
        }
        if is_api {
            assert_eq!(
                called(&Client::new(practice.router.clone(), ""), &route, &path).await.status,
                401,
                "{}",
                route.path
            );
            assert_eq!(
                called(&Client::new(practice.router.clone(), "x"), &route, &path).await.status,
                401,
                "{}",
                route.path
            );
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
