//! Forms are taken only from our own pages.

use chartroom_tests::{PASSWORD, Practice};
use store::Role;
use web::routes::{Policy, table};

type Pairs<'a> = &'a [(&'a str, &'a str)];

const OURS: (&str, &str) = ("sec-fetch-site", "same-origin");

#[tokio::test]
async fn without_the_token_or_from_elsewhere_every_form_is_refused() {
    let practice = Practice::new().await;
    let mut browsers = Vec::new();
    for role in [Role::FrontDesk, Role::Clinician, Role::Manager, Role::PrivacyOfficer] {
        browsers.push(practice.signed_in(role).await);
    }
    let other = practice.signed_in(Role::Nurse).await.csrf().expect("a token");
    let posts = table().into_iter().filter(|route| route.method == "POST" && !matches!(route.policy, Policy::Api(_)));
    for route in posts {
        let path = route.path.replace("{id}", "none").replace("{secret}", &"A".repeat(43));
        for browser in &browsers {
            let token = browser.csrf().expect("a token");
            let bad: [(Pairs, Pairs); 8] = [
                (&[], &[OURS]),
                (&[("csrf", "")], &[OURS]),
                (&[("csrf", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")], &[OURS]),
                (&[("csrf", &other)], &[OURS]),
                (&[("csrf", &token)], &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")]),
                (&[("csrf", &token)], &[("sec-fetch-site", "same-site")]),
                (&[("csrf", &token)], &[]),
                (&[("csrf", &token)], &[("origin", "https://evil.example")]),
            ];
            for (fields, headers) in bad {
                let answer = browser.post_exactly(&path, fields, headers).await;
                assert_eq!(answer.status, 403, "{path} with {fields:?} {headers:?}");
            }
        }
    }
    for browser in &browsers {
        assert_eq!(browser.get("/").await.status, 200, "nothing was done: nobody was signed out or locked");
    }
}

#[tokio::test]
async fn nobody_can_sign_a_browser_in_from_another_site() {
    let practice = Practice::new().await;
    practice.user("mallory", Role::Nurse).await;
    let victim = practice.stranger();
    let fields = [("username", "mallory"), ("password", PASSWORD)];
    assert_eq!(victim.post_exactly("/sign-in", &fields, &[OURS]).await.status, 403, "no page was open");
    let attacker = practice.stranger();
    attacker.get("/sign-in").await;
    let token = attacker.csrf().expect("a token");
    victim.get("/sign-in").await;
    let planted = [("csrf", token.as_str()), fields[0], fields[1]];
    assert_eq!(victim.post_exactly("/sign-in", &planted, &[OURS]).await.status, 403, "another browser's token");
    assert_eq!(victim.cookie("__Host-chartroom"), None);
}

#[tokio::test]
async fn a_script_of_ours_sends_the_token_in_a_header() {
    let practice = Practice::new().await;
    let browser = practice.signed_in(Role::Nurse).await;
    let token = browser.csrf().expect("a token");
    let answer = browser.post_exactly("/lock", &[], &[OURS, ("x-csrf-token", &token)]).await;
    assert_eq!(answer.location(), "/lock?next=%2F");
    let answer = browser.post_exactly("/preferences", &[], &[OURS, ("x-csrf-token", &token)]).await;
    assert_eq!(answer.status, 401, "a script on a locked page gets a status, not a page");
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_and_the_server_goes_on() {
    let practice = Practice::new().await;
    let browser = practice.signed_in(Role::Nurse).await;
    let long = "x".repeat(2 << 20);
    assert_eq!(browser.post("/preferences", &[("theme", &long)]).await.status, 413);
    assert_eq!(browser.post("/preferences", &[("theme", "dark")]).await.status, 303);
}

#[tokio::test]
async fn nonsense_is_no_form() {
    use axum::body::Body;
    let practice = Practice::new().await;
    let browser = practice.signed_in(Role::Nurse).await;
    let token = browser.csrf().expect("a token");
    for (kind, body) in [
        ("application/json", "{}".as_bytes()),
        ("application/x-www-form-urlencoded", b"theme=%ff%fe&theme=a&theme=b".as_slice()),
        ("application/x-www-form-urlencoded", b"\xff\xfe\x00".as_slice()),
        ("multipart/form-data; boundary=x", b"--x\r\n".as_slice()),
        ("", b"theme=dark".as_slice()),
    ] {
        let request = browser
            .request("POST", "/preferences")
            .header("sec-fetch-site", "same-origin")
            .header("x-csrf-token", &token);
        let request = if kind.is_empty() { request } else { request.header("content-type", kind) };
        let answer = browser.send(request.body(Body::from(body.to_vec())).expect("a request")).await;
        assert!(matches!(answer.status, 303 | 422), "{kind}: {}", answer.status);
    }
    assert_eq!(browser.get("/").await.status, 200);
}
