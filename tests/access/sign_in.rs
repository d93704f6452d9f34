//! Signing in, locking, signing out.

use chartroom_tests::{PASSWORD, Practice};
use store::Role;

const COOKIE: &str = "__Host-chartroom";

#[tokio::test]
async fn signing_in_opens_a_new_session_with_every_flag() {
    let practice = Practice::new().await;
    practice.user("ama.okafor", Role::Clinician).await;
    let (browser, answer) = practice.sign_in("Ama.Okafor", PASSWORD).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
    let mut lines = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().expect("text"));
    let line = lines.find(|line| line.starts_with("__Host-chartroom=")).expect("a session").to_owned();
    for flag in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(line.contains(flag), "{line}");
    }
    assert!(!line.contains("Domain"));
    assert_eq!(browser.get("/").await.status, 200);
}

#[tokio::test]
async fn a_planted_session_is_not_taken_over_and_the_old_one_ends() {
    let practice = Practice::new().await;
    let user = practice.user("ama.okafor", Role::Clinician).await;
    let browser = practice.session_of(&user).await;
    let old = browser.cookie(COOKIE).expect("a session");
    practice.stranger().get("/sign-in").await;
    // The browser that holds a session signs in again: the old secret opens nothing any more.
    let other = practice.stranger();
    other.get("/sign-in").await;
    other.set_cookie(COOKIE, &old);
    let answer = other.post("/sign-in", &[("username", "ama.okafor"), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, 403, "a signed-in browser's form carries the session's token");
    other.get("/").await;
    let answer = other.post("/sign-in", &[("username", "ama.okafor"), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, 303);
    assert_ne!(other.cookie(COOKIE), Some(old));
    assert_eq!(browser.get("/").await.location(), "/sign-in");
}

#[tokio::test]
async fn what_a_stranger_is_told_is_the_same_for_every_name() {
    let practice = Practice::new().await;
    practice.user("ama.okafor", Role::Clinician).await;
    let mut told = Vec::new();
    for name in ["ama.okafor", "nobody.here"] {
        let mut answers = Vec::new();
        for _ in 0..7 {
            let (_, answer) = practice.sign_in(name, "not the password at all").await;
            let page = answer.text().replace(name, "NAME");
            let page = page
                .split("<form")
                .next()
                .expect("the top")
                .split("name=\"csrf\"")
                .last()
                .map(|rest| rest[60..].to_owned());
            answers.push((answer.status, page));
        }
        assert_eq!(answers.iter().map(|(status, _)| *status).collect::<Vec<_>>(), [422, 422, 422, 422, 422, 429, 429]);
        told.push(answers);
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn too_many_failures_keep_even_the_right_password_out_for_a_while() {
    let practice = Practice::new().await;
    practice.user("ama.okafor", Role::Clinician).await;
    for _ in 0..5 {
        practice.sign_in("ama.okafor", "not the password at all").await;
    }
    assert_eq!(practice.sign_in("ama.okafor", PASSWORD).await.1.status, 429);
    practice.pass_minutes(1);
    assert_eq!(practice.sign_in("ama.okafor", PASSWORD).await.1.status, 303);
    assert_eq!(practice.sign_in("ama.okafor", "not the password at all").await.1.status, 422, "counted anew");
}

#[tokio::test]
async fn idleness_locks_and_the_password_goes_on_where_one_was_under_a_new_secret() {
    let practice = Practice::new().await;
    practice.user("ama.okafor", Role::Clinician).await;
    let (browser, _) = practice.sign_in("ama.okafor", PASSWORD).await;
    assert_eq!(browser.get("/").await.status, 200);
    practice.pass_minutes(16);
    let old = browser.cookie(COOKIE);
    let answer = browser.get("/?page=2").await;
    assert_eq!((answer.status, answer.location()), (303, "/lock?next=%2F%3Fpage%3D2"));
    let page = browser.get(answer.location()).await;
    assert!(page.text().contains("Test ama.okafor"));
    let next = page.attribute("name=\"next\"", "value").expect("the place");
    let wrong = browser.post("/unlock", &[("password", "not the password at all"), ("next", &next)]).await;
    assert_eq!(wrong.status, 422);
    let answer = browser.post("/unlock", &[("password", PASSWORD), ("next", &next)]).await;
    assert_eq!((answer.status, answer.location()), (303, "/?page=2"));
    assert_ne!(browser.cookie(COOKIE), old);
    assert_eq!(browser.get("/").await.status, 200);
    let thief = practice.stranger();
    thief.set_cookie(COOKIE, &old.expect("a session"));
    assert_eq!(thief.get("/").await.location(), "/sign-in");
}

#[tokio::test]
async fn a_page_that_says_it_is_in_use_is_not_locked_and_a_locked_one_is_not_opened_by_saying_so() {
    let practice = Practice::new().await;
    let browser = practice.signed_in(Role::Nurse).await;
    for _ in 0..3 {
        practice.pass_minutes(14);
        assert_eq!(browser.post("/still-here", &[]).await.status, 204);
    }
    practice.pass_minutes(14);
    assert_eq!(browser.get("/").await.status, 200);
    practice.pass_minutes(15);
    assert!(browser.post("/still-here", &[]).await.location().starts_with("/lock"));
    assert!(browser.get("/").await.location().starts_with("/lock"));
}

#[tokio::test]
async fn a_day_ends_every_session_however_busy() {
    let practice = Practice::new().await;
    let browser = practice.signed_in(Role::Nurse).await;
    for _ in 0..71 {
        practice.pass_minutes(10);
        assert_eq!(browser.get("/").await.status, 200);
    }
    practice.pass_minutes(10);
    assert_eq!(browser.get("/").await.location(), "/sign-in");
}

#[tokio::test]
async fn signing_out_ends_the_session_and_everywhere_ends_them_all() {
    let practice = Practice::new().await;
    let user = practice.user("ama.okafor", Role::Clinician).await;
    let (one, two, three) =
        (practice.session_of(&user).await, practice.session_of(&user).await, practice.session_of(&user).await);
    let kept = one.cookie(COOKIE).expect("a session");
    assert_eq!(one.post("/sign-out", &[]).await.location(), "/sign-in");
    one.set_cookie(COOKIE, &kept);
    assert_eq!(one.get("/").await.status, 303);
    assert_eq!(two.get("/").await.status, 200);
    two.post("/sign-out/everywhere", &[]).await;
    assert_eq!(three.get("/").await.status, 303);
}

#[tokio::test]
async fn a_locked_session_reaches_nothing_but_its_way_out() {
    let practice = Practice::new().await;
    let browser = practice.signed_in(Role::Manager).await;
    assert_eq!(browser.post("/lock", &[("next", "//evil.example")]).await.location(), "/lock?next=%2F");
    for route in web::routes::table() {
        if !matches!(route.policy, web::routes::Policy::SignedIn | web::routes::Policy::Page(_)) {
            continue;
        }
        let path = route.path.replace("{id}", "x");
        let answer = match route.method.as_str() {
            "GET" => browser.get(&path).await,
            _ => browser.post(&path, &[]).await,
        };
        assert!(answer.location().starts_with("/lock"), "{} {path}: {}", route.method, answer.status);
    }
}

#[tokio::test]
async fn guessing_one_password_for_every_name_is_slowed_down_by_address() {
    let practice = Practice::new().await;
    practice.user("ama.okafor", Role::Clinician).await;
    let mut guesser = practice.stranger();
    guesser.from = "198.51.100.7".parse().expect("an address");
    guesser.get("/sign-in").await;
    for number in 0..30 {
        let name = format!("name{number}");
        let answer = guesser.post("/sign-in", &[("username", &name), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, 422);
    }
    let right = [("username", "ama.okafor"), ("password", PASSWORD)];
    assert_eq!(guesser.post("/sign-in", &right).await.status, 429);
    assert_eq!(practice.sign_in("ama.okafor", PASSWORD).await.1.status, 303, "from elsewhere");
    practice.pass_minutes(1);
    assert_eq!(guesser.post("/sign-in", &right).await.status, 303);
}

#[tokio::test]
async fn many_guesses_at_once_count_one_by_one() {
    let practice = Practice::new().await;
    practice.user("ama.okafor", Role::Clinician).await;
    let browser = practice.stranger();
    browser.get("/sign-in").await;
    let attempts = (0..12).map(|number| {
        let browser = &browser;
        async move {
            let password = format!("guess number {number} of the password");
            browser.post("/sign-in", &[("username", "ama.okafor"), ("password", &password)]).await.status
        }
    });
    let answers = futures_util::future::join_all(attempts).await;
    assert_eq!(answers.iter().filter(|status| **status == 422).count(), 5, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 7, "{answers:?}");
}

#[tokio::test]
async fn a_disabled_account_is_refused_in_the_same_words() {
    let practice = Practice::new().await;
    let user = practice.user("ama.okafor", Role::Clinician).await;
    clinic::account::disable_user(practice.store(), &practice.program(), user.id).await.expect("disabled");
    let (_, disabled) = practice.sign_in("ama.okafor", PASSWORD).await;
    let (_, unknown) = practice.sign_in("nobody.here", PASSWORD).await;
    assert_eq!((disabled.status, unknown.status), (422, 422));
    let said = |page: String| {
        page.split_once("error-summary").expect("a summary").1.split("</div>").next().expect("its end").to_owned()
    };
    assert_eq!(said(disabled.text()), said(unknown.text()));
}

#[tokio::test]
async fn a_password_kept_with_old_parameters_is_kept_better_after_signing_in() {
    use argon2::password_hash::{PasswordHasher as _, SaltString};
    let practice = Practice::new().await;
    let user = practice.user("ama.okafor", Role::Clinician).await;
    let weak = argon2::Params::new(8 * 1024, 1, 1, Some(32)).expect("parameters");
    let weak = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, weak);
    let salt = SaltString::encode_b64(&[3; 16]).expect("salt");
    let hash = weak.hash_password(PASSWORD.as_bytes(), &salt).expect("hash").to_string();
    let change = store::accounts::AccountChange::SetPassword { user: user.id, hash, must_change: false, keep: None };
    practice.store().change(change, practice.program().entry("test")).await.expect("changed");
    assert_eq!(practice.sign_in("ama.okafor", PASSWORD).await.1.status, 303);
    let kept = practice.store().user(user.id).await.expect("store").expect("user").password_hash;
    assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
    assert_eq!(practice.sign_in("ama.okafor", PASSWORD).await.1.status, 303);
}
