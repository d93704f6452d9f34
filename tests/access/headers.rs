//! What every answer tells the browser.

use chartroom_tests::Practice;
use store::Role;
use web::Config;
use web::routes::table;

#[tokio::test]
async fn every_answer_of_every_route_carries_the_headers() {
    let practice = Practice::new().await;
    let browser = practice.signed_in(Role::Clinician).await;
    let paths =
        table().into_iter().filter(|route| route.method == "GET").map(|route| route.path.replace("{id}", "none"));
    let paths = paths.chain(["/nothing/here".to_owned(), "/fhir/nothing/here/at/all".to_owned()]);
    for path in paths {
        for answer in [browser.get(&path).await, practice.stranger().get(&path).await] {
            let csp = answer.header("content-security-policy");
            assert!(csp.contains("default-src 'none'") || csp.contains("sandbox"), "{path}: {csp}");
            assert!(!csp.contains("unsafe-inline") && !csp.contains("unsafe-eval"), "{path}");
            if !csp.contains("sandbox") {
                assert!(csp.contains("frame-ancestors 'none'"), "{path}: {csp}");
                assert!(csp.contains("require-trusted-types-for 'script'"), "{path}: {csp}");
            }
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
            assert!(answer.header("cache-control").contains("no-store"), "{path}: {}", answer.header("cache-control"));
            assert_eq!(answer.header("server"), "", "{path}");
        }
    }
}

#[tokio::test]
async fn only_what_is_embedded_is_kept_by_the_browser_and_for_ever() {
    let practice = Practice::new().await;
    for file in assets_named_by(&practice.stranger().get("/sign-in").await.text()) {
        let answer = practice.stranger().get(&file).await;
        assert_eq!(answer.status, 200, "{file}");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    assert_eq!(practice.stranger().get("/static/../Cargo.toml").await.status, 404);
    assert_eq!(practice.stranger().get("/static/unknown").await.header("cache-control"), "no-store");
}

fn assets_named_by(page: &str) -> Vec<String> {
    let files: Vec<String> = page
        .split("\"/static/")
        .skip(1)
        .filter_map(|rest| Some(format!("/static/{}", rest.split('"').next()?)))
        .collect();
    assert!(files.len() >= 4, "style, script, font and icon");
    files
}

#[tokio::test]
async fn over_tls_the_browser_is_told_to_stay_there() {
    let plain = Practice::new().await;
    assert_eq!(plain.stranger().get("/sign-in").await.header("strict-transport-security"), "");
    let practice = Practice::unnamed(Config { https: true, ..Config::default() });
    assert!(practice.stranger().get("/sign-in").await.header("strict-transport-security").contains("max-age="));
}

#[tokio::test]
async fn other_methods_and_addresses_are_answered_in_kind() {
    let practice = Practice::new().await;
    let browser = practice.stranger();
    let answer =
        browser.send(browser.request("DELETE", "/sign-in").body(axum::body::Body::empty()).expect("a request")).await;
    assert_eq!(answer.status, 405);
    let answer = browser.get("/fhir/nothing/here/at/all").await;
    assert_eq!((answer.status, answer.json()["resourceType"].as_str()), (404, Some("OperationOutcome")));
    assert!(browser.get("/nothing/here").await.text().contains("Not found"));
}

#[tokio::test]
async fn the_health_pages_answer_without_saying_anything() {
    let practice = Practice::new().await;
    assert_eq!(practice.stranger().get("/health/live").await.text(), "live\n");
    assert_eq!(practice.stranger().get("/health/ready").await.text(), "ready\n");
}
