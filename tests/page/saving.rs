//! After something is saved the next page says so, once, in words that are nobody's.

use crate::support::{chart, page};
use chartroom_tests::{Browser, Practice};
use store::Role;

const COOKIE: &str = "__Host-chartroom-said";

/// The sentence on a page, if there is one.
async fn said(browser: &Browser, path: &str) -> Option<String> {
    let page = page(browser, path).await;
    let rest = page.split_once("<div class=\"notice ok said noprint\" role=\"status\"><p>")?.1;
    Some(rest.split_once("</p>")?.0.to_owned())
}

#[tokio::test]
async fn what_was_saved_is_said_once_on_the_page_that_follows() {
    let practice = Practice::new().await;
    chart(&practice).await;
    let browser = practice.signed_in(Role::Clinician).await;
    assert_eq!(said(&browser, "/patients/p").await, None);

    let edit = [
        ("patient", "p"),
        ("version", "1"),
        ("family", "Larsen"),
        ("given", "Patricia"),
        ("birth_date", "1979-12-23"),
        ("sex", "female"),
    ];
    let answer = browser.post("/patients/p/edit", &edit).await;
    assert_eq!((answer.status, answer.location()), (303, "/patients/p"), "nothing of it is in the address");
    let carried = browser.cookie(COOKIE).expect("a word for the next page");
    assert_eq!(carried, "identity", "and nothing of the patient in the cookie");
    assert!(said(&browser, "/patients/p").await.expect("said").contains("saved"));
    assert_eq!(said(&browser, "/patients/p").await, None, "once");

    let entry = "/patients/p/changes/Condition/asthma";
    let fields = |version| [("patient", "p"), ("version", version), ("reason", "Heard of a cousin")];
    assert_eq!(browser.post(&format!("{entry}/error"), &fields("1")).await.status, 303);
    assert!(said(&browser, entry).await.expect("said").contains("marked as entered in error"));
    assert_eq!(browser.post(&format!("{entry}/restore"), &fields("2")).await.status, 303);
    assert!(said(&browser, entry).await.expect("said").contains("taken back"));

    assert_eq!(browser.post("/preferences", &[("theme", "dark"), ("single_keys", "yes")]).await.status, 303);
    assert!(said(&browser, "/preferences").await.expect("said").contains("Your settings were saved"));
}

#[tokio::test]
async fn registering_and_the_manager_s_pages_say_it_too() {
    let practice = Practice::new().await;
    let desk = practice.signed_in(Role::FrontDesk).await;
    let once = desk.get("/patients/new").await.attribute("name=\"once\"", "value").expect("a form");
    let form =
        [("once", once.as_str()), ("family", "Abel"), ("given", "Ana"), ("birth_date", "1962"), ("sex", "other")];
    let answer = desk.post("/patients/new", &form).await;
    let chart = answer.location().to_owned();
    assert!(said(&desk, &chart).await.expect("said").contains("registered"));

    let manager = practice.signed_in(Role::Manager).await;
    let settings = [("name", "Elm Street"), ("time_zone", "America/Chicago"), ("idle_minutes", "10")];
    assert_eq!(manager.post("/settings", &settings).await.status, 303);
    assert!(said(&manager, "/settings").await.expect("said").contains("practice"));
}

#[tokio::test]
async fn a_planted_word_says_nothing() {
    let practice = Practice::new().await;
    let browser = practice.signed_in(Role::Nurse).await;
    browser.set_cookie(COOKIE, "all-is-well");
    assert_eq!(said(&browser, "/").await, None);
}
