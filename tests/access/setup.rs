//! The one-time set-up link.

use chartroom_tests::{Browser, PASSWORD, Practice};
use clinic::account::{self, Secret};
use store::accounts::DateOrder;
use web::Config;

const FORM: [(&str, &str); 6] = [
    ("name", "Elm Street Practice"),
    ("time_zone", "America/Chicago"),
    ("username", "m.mbeki"),
    ("display_name", "Martin Mbeki"),
    ("password", PASSWORD),
    ("again", PASSWORD),
];

async fn offered(practice: &Practice, byte: u8) -> String {
    let secret = Secret::from_bytes([byte; 32]);
    assert!(account::offer_setup(practice.store(), &practice.program(), &secret).await.expect("offered"));
    format!("/setup/{}", secret.to_text())
}

async fn used(browser: &Browser, link: &str, form: &[(&str, &str)]) -> u16 {
    browser.get(link).await;
    browser.post(link, form).await.status
}

#[tokio::test]
async fn the_link_makes_the_first_manager_once() {
    let practice = Practice::unnamed(Config::default());
    let link = offered(&practice, 1).await;
    let browser = practice.stranger();
    assert_eq!(browser.get(&link).await.status, 200);
    assert_eq!(browser.get(&link).await.status, 200, "looking does not use it up");
    assert_eq!(browser.post(&link, &FORM).await.status, 303);
    let (manager, answer) = practice.sign_in("m.mbeki", PASSWORD).await;
    assert_eq!(answer.status, 303);
    let users = manager.get("/users").await.text();
    assert!(users.contains("Martin Mbeki") && users.contains("Elm Street Practice"));
    let again = practice.stranger();
    assert_eq!(again.get(&link).await.status, 404);
    assert!(
        !account::offer_setup(practice.store(), &practice.program(), &Secret::from_bytes([9; 32]))
            .await
            .expect("asked")
    );
}

#[tokio::test]
async fn a_day_later_or_after_a_newer_one_it_opens_nothing() {
    let practice = Practice::unnamed(Config::default());
    let first = offered(&practice, 1).await;
    let second = offered(&practice, 2).await;
    assert_eq!(used(&practice.stranger(), &first, &FORM).await, 403, "replaced");
    practice.pass_minutes(24 * 60);
    assert_eq!(used(&practice.stranger(), &second, &FORM).await, 403, "over");
    let third = offered(&practice, 3).await;
    assert_eq!(used(&practice.stranger(), &third, &FORM).await, 303);
}

#[tokio::test]
async fn a_guessed_link_opens_nothing() {
    let practice = Practice::unnamed(Config::default());
    offered(&practice, 1).await;
    let guessed = format!("/setup/{}", Secret::from_bytes([4; 32]).to_text());
    assert_eq!(used(&practice.stranger(), &guessed, &FORM).await, 403);
    assert_eq!(practice.stranger().get("/setup/guess").await.status, 404);
    assert!(practice.store().users().await.expect("users").is_empty());
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_its_field_and_the_link_stays_good() {
    let practice = Practice::unnamed(Config::default());
    let link = offered(&practice, 1).await;
    let browser = practice.stranger();
    browser.get(&link).await;
    for (field, bad, said) in [
        ("time_zone", "Mars/Olympus", "time_zone-error"),
        ("name", "", "name-error"),
        ("username", "a b", "username-error"),
        ("display_name", "x\u{202e}y", "display_name-error"),
        ("password", "too short", "password-error"),
        ("password", "elmstreetpractice1", "password-error"),
        ("again", "another one altogether", "again-error"),
    ] {
        let form: Vec<(&str, &str)> =
            FORM.iter().map(|(name, value)| (*name, if *name == field { bad } else { *value })).collect();
        let answer = browser.post(&link, &form).await;
        assert_eq!(answer.status, 422, "{field}");
        assert!(answer.text().contains(&format!("id=\"{said}\"")), "{field} {bad}");
        assert!(!answer.text().contains(PASSWORD), "a password is never written back");
    }
    assert_eq!(browser.post(&link, &FORM).await.status, 303);
}

#[tokio::test]
async fn dates_are_read_at_first_as_is_usual_in_the_practice_s_zone() {
    for (zone, usual) in [("America/Chicago", DateOrder::MonthFirst), ("Europe/London", DateOrder::DayFirst)] {
        let practice = Practice::unnamed(Config::default());
        let link = offered(&practice, 1).await;
        let mut form = FORM;
        form[1].1 = zone;
        assert_eq!(used(&practice.stranger(), &link, &form).await, 303);
        let settings = practice.store().practice().await.expect("store").expect("set up");
        assert_eq!(settings.date_order, usual, "{zone}");
    }
}
