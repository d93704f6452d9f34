//! What a manager does with accounts, and what it does to those who hold them.

use chartroom_tests::{Browser, PASSWORD, Practice};
use serde_json::json;
use store::Role;
use store::accounts::User;

const NEW: &str = "copper lantern seven rivers";

type Fields<'a> = &'a [(&'a str, &'a str)];

/// The secret a page shows once.
fn shown_once(page: &str) -> String {
    let code = page.split_once("<code class=\"id\">").expect("a secret").1;
    code.split_once("</code>").expect("its end").0.to_owned()
}

async fn manager(practice: &Practice) -> (Browser, User) {
    let user = practice.user("boss", Role::Manager).await;
    (practice.session_of(&user).await, user)
}

#[tokio::test]
async fn a_new_user_must_choose_a_password_before_anything_else() {
    let practice = Practice::new().await;
    let (boss, _) = manager(&practice).await;
    let page = boss.post("/users", &[("username", "D.Reyes"), ("display_name", "Dana Reyes"), ("role", "nurse")]).await;
    assert_eq!(page.status, 200);
    let one_time = shown_once(&page.text());
    let (nurse, answer) = practice.sign_in("d.reyes", &one_time).await;
    assert_eq!(answer.status, 303);
    for path in ["/", "/search", "/preferences", "/audit/mine"] {
        assert!(nurse.get(path).await.location().starts_with("/password"), "{path}");
    }
    nurse.get("/password").await;
    for (current, new, again) in [
        ("wrong wrong wrong wrong", NEW, NEW),
        (one_time.as_str(), "short", "short"),
        (one_time.as_str(), one_time.as_str(), one_time.as_str()),
        (one_time.as_str(), NEW, "copper lantern seven"),
        (one_time.as_str(), "dana.reyes dana.reyes", "dana.reyes dana.reyes"),
    ] {
        let answer = nurse.post("/password", &[("current", current), ("new", new), ("again", again)]).await;
        assert_eq!(answer.status, 422, "{new}");
    }
    let answer = nurse.post("/password", &[("current", &one_time), ("new", NEW), ("again", NEW)]).await;
    assert_eq!(answer.location(), "/");
    assert_eq!(nurse.get("/").await.status, 200);
    assert_eq!(practice.sign_in("d.reyes", &one_time).await.1.status, 422);
    assert_eq!(practice.sign_in("d.reyes", NEW).await.1.status, 303);
}

#[tokio::test]
async fn disabling_a_new_role_and_a_reset_end_sessions_at_once() {
    let practice = Practice::new().await;
    let (boss, _) = manager(&practice).await;
    let user = practice.user("d.reyes", Role::Nurse).await;
    let path = format!("/users/{}", user.id);
    let deeds: [(&str, Fields, u16); 4] = [
        ("", &[("display_name", "Dana Reyes"), ("role", "clinician")], 303),
        ("/end-sessions", &[], 303),
        ("/reset-password", &[], 200),
        ("/disable", &[], 303),
    ];
    for (deed, fields, status) in deeds {
        let nurse = practice.session_of(&user).await;
        assert_ne!(nurse.get("/").await.location(), "/sign-in");
        assert_eq!(boss.post(&format!("{path}{deed}"), fields).await.status, status, "{deed}");
        assert_eq!(nurse.get("/").await.location(), "/sign-in", "{deed}");
    }
    assert_eq!(practice.sign_in("d.reyes", PASSWORD).await.1.status, 422, "disabled and reset");
    assert_eq!(boss.post(&format!("{path}/enable"), &[]).await.status, 303);
    assert_eq!(practice.store().user(user.id).await.expect("store").expect("user").role, Role::Clinician);
}

#[tokio::test]
async fn the_last_manager_stays() {
    let practice = Practice::new().await;
    let (boss, user) = manager(&practice).await;
    let path = format!("/users/{}", user.id);
    let answer = boss.post(&format!("{path}/disable"), &[]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("last active manager"));
    assert_eq!(boss.post(&path, &[("display_name", "Boss"), ("role", "nurse")]).await.status, 422);
    practice.user("deputy", Role::Manager).await;
    assert_eq!(boss.post(&path, &[("display_name", "Boss"), ("role", "nurse")]).await.status, 303);
    assert_eq!(boss.get("/users").await.location(), "/sign-in?next=%2Fusers", "a new role signs out");
}

#[tokio::test]
async fn a_name_is_taken_once_and_hostile_text_stays_text() {
    let practice = Practice::new().await;
    let (boss, _) = manager(&practice).await;
    practice.user("d.reyes", Role::Nurse).await;
    let taken = boss.post("/users", &[("username", "D.REYES"), ("display_name", "Dana"), ("role", "nurse")]).await;
    assert_eq!(taken.status, 422);
    assert!(taken.text().contains("id=\"username-error\""));
    let hostile = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'; DROP TABLE user_account; --",
        "{{7*7}}",
        "${7*7}",
        "%00",
        "a\u{0}b",
        "a\r\nSet-Cookie: x=y",
        "\u{202e}gnp.exe",
        "\u{200b}",
        "=cmd|' /C calc'!A0",
        &"x".repeat(10_000),
    ];
    for text in hostile {
        let fields = [("username", text), ("display_name", text), ("role", text), ("practitioner", text)];
        let answer = boss.post("/users", &fields).await;
        assert_eq!(answer.status, 422, "{text}");
        assert!(!answer.text().contains("<script>alert") && !answer.text().contains("<img src=x"), "{text}");
        for path in ["/tokens", "/settings"] {
            let fields = [("name", text), ("scope", text), ("days", text), ("time_zone", text), ("idle_minutes", text)];
            let answer = boss.post(path, &fields).await;
            assert_eq!(answer.status, 422, "{path} {text}");
            assert!(!answer.text().contains("<script>alert") && !answer.text().contains("<img src=x"), "{path} {text}");
        }
        let (_, answer) = practice.sign_in(text, text).await;
        assert!(matches!(answer.status, 422 | 429), "{text}: {}", answer.status);
        assert!(!answer.text().contains("<script>alert") && !answer.text().contains("<img src=x"), "{text}");
        practice.pass_minutes(20);
        let _still_signed_in = boss.get("/lock").await;
        boss.post("/unlock", &[("password", PASSWORD)]).await;
    }
    let name = "<b>O’Brien</b> & \"sons\"";
    let made = boss.post("/users", &[("username", "obrien"), ("display_name", name), ("role", "nurse")]).await;
    assert_eq!(made.status, 200);
    let users = boss.get("/users").await.text();
    assert!(users.contains("&lt;b&gt;O’Brien&lt;/b&gt; &amp;") && !users.contains("<b>O’Brien"));
}

#[tokio::test]
async fn a_practitioner_who_is_not_there_cannot_be_linked() {
    let practice = Practice::new().await;
    let (boss, _) = manager(&practice).await;
    let fields =
        |id: &'static str| [("username", "d.reyes"), ("display_name", "Dana"), ("role", "nurse"), ("practitioner", id)];
    assert_eq!(boss.post("/users", &fields("nobody")).await.status, 422);
    practice
        .put(serde_json::json!({"resourceType": "Practitioner", "id": "p-reyes", "name": [{"family": "Reyes"}]}))
        .await;
    assert_eq!(boss.post("/users", &fields("Practitioner/p-reyes")).await.status, 200);
    let user = practice.store().user_named("d.reyes").await.expect("store").expect("user");
    assert_eq!(user.practitioner.expect("linked").as_str(), "p-reyes");
}

#[tokio::test]
async fn a_practitioner_is_one_account_s_only() {
    let practice = Practice::new().await;
    let (boss, _) = manager(&practice).await;
    practice
        .put(json!({"resourceType": "Practitioner", "id": "p-reyes", "name": [{"family": "Reyes", "given": ["Dana"]}]}))
        .await;
    let fields = |name: &'static str| {
        [("username", name), ("display_name", "Dana Reyes"), ("role", "nurse"), ("practitioner", "p-reyes")]
    };
    assert_eq!(boss.post("/users", &fields("d.reyes")).await.status, 200);
    let second = boss.post("/users", &fields("d.reyes2")).await;
    assert_eq!(second.status, 422);
    assert!(second.text().contains("href=\"#practitioner\"") && second.text().contains("the account d.reyes is"));
    assert!(practice.store().user_named("d.reyes2").await.expect("store").is_none(), "no account was made");
    let other = practice.user("a.okafor", Role::Clinician).await;
    let mut change = fields("a.okafor").to_vec();
    change.remove(0);
    assert_eq!(boss.post(&format!("/users/{}", other.id), &change).await.status, 422);
    let user = practice.store().user(other.id).await.expect("store").expect("kept");
    assert_eq!(user.practitioner, None);
    assert!(boss.get("/users/new").await.text().contains("REYES, Dana – taken: account d.reyes"));
    let own = practice.store().user_named("d.reyes").await.expect("store").expect("made");
    let page = format!("/users/{}", own.id);
    assert!(!boss.get(&page).await.text().contains("taken"), "one's own is not taken");
    assert_eq!(boss.post(&page, &change).await.status, 303, "and can be kept");
}

#[tokio::test]
async fn a_token_is_shown_once_works_until_revoked_and_never_after_its_day() {
    let practice = Practice::new().await;
    let (boss, _) = manager(&practice).await;
    let page = boss.post("/tokens", &[("name", "Lab"), ("scope", "system/*.rs"), ("days", "30")]).await;
    let secret = shown_once(&page.text());
    assert!(!boss.get("/tokens").await.text().contains(&secret));
    let token = practice.store().tokens().await.expect("tokens").remove(0);
    assert_eq!(
        boss.post("/tokens", &[("name", "Lab"), ("scope", "system/*.rs"), ("days", "")]).await.status,
        422,
        "the name is taken"
    );
    let client = chartroom_tests::Client::new(practice.router.clone(), &secret);
    assert!(boss.get("/tokens").await.text().contains("never"), "not used yet");
    assert_ne!(client.get("/fhir/Patient/none").await.status, 401, "active");
    let list = boss.get("/tokens").await.text();
    assert!(!list.contains("never") && list.contains("22-Nov-2026 09:00"), "last use, in the practice's zone");
    assert!(list.contains("22-Dec-2026"), "and when it ends");
    practice.pass_minutes(30 * 24 * 60);
    assert_eq!(client.get("/fhir/Patient/none").await.status, 401, "over");
    let (boss, _) = practice.sign_in("boss", PASSWORD).await;
    boss.get("/tokens").await;
    assert_eq!(boss.post(&format!("/tokens/{}/revoke", token.id), &[]).await.status, 303);
    assert!(boss.get("/tokens").await.text().contains("Revoked"));
}

#[tokio::test]
async fn a_manager_who_may_not_read_the_trail_gives_no_program_leave_to() {
    let practice = Practice::new().await;
    let (boss, _) = manager(&practice).await;
    boss.get("/tokens").await;
    let form = [("name", "Trail"), ("scope", "system/Patient.rs system/AuditEvent.rs"), ("days", "")];
    let page = boss.post("/tokens", &form).await;
    assert_eq!((page.status, page.text().contains("only at the machine")), (422, true));
    assert!(practice.store().tokens().await.expect("tokens").is_empty());
}

#[tokio::test]
async fn a_revoked_token_opens_nothing_from_the_next_request_on() {
    let practice = Practice::new().await;
    let (boss, _) = manager(&practice).await;
    let page = boss.post("/tokens", &[("name", "Lab"), ("how", "laboratory"), ("days", "")]).await;
    let client = chartroom_tests::Client::new(practice.router.clone(), &shown_once(&page.text()));
    assert_eq!(client.get("/fhir/Patient").await.status, 200);
    assert_eq!(client.get("/fhir/Condition").await.status, 403, "no wider than it says");
    let token = practice.store().tokens().await.expect("tokens").remove(0);
    assert_eq!(boss.post(&format!("/tokens/{}/revoke", token.id), &[]).await.status, 303);
    assert_eq!(client.get("/fhir/Patient").await.status, 401);
}

#[tokio::test]
async fn a_practitioner_is_chosen_by_name_or_made_from_the_account_s() {
    let practice = Practice::new().await;
    let (boss, _) = manager(&practice).await;
    let reyes = serde_json::json!({"resourceType": "Practitioner", "id": "p-reyes", "name": [{"family": "Reyes", "given": ["Dana"]}]});
    practice.put(reyes).await;
    let page = boss.get("/users/new").await.text();
    assert!(page.contains("<option value=\"p-reyes\">REYES, Dana</option>"), "{page}");
    let fields =
        [("username", "a.okafor"), ("display_name", "Dr Ama Okafor"), ("role", "clinician"), ("practitioner", "+new")];
    assert_eq!(boss.post("/users", &fields).await.status, 200);
    let user = practice.store().user_named("a.okafor").await.expect("store").expect("user");
    let id = user.practitioner.expect("linked");
    assert!(
        boss.get("/users/new")
            .await
            .text()
            .contains(&format!("<option value=\"{id}\">OKAFOR, Ama – taken: account a.okafor</option>"))
    );
    assert_eq!(boss.post("/users", &fields).await.status, 422, "the name is taken");
    let again = boss.get("/users/new").await.text();
    assert_eq!(again.matches("OKAFOR, Ama").count(), 1, "nobody is made for an account that is not");
    let path = format!("/users/{}", user.id);
    assert!(boss.get(&path).await.text().contains(&format!("<option value=\"{id}\" selected>")));
    for (choice, linked) in [("", None), ("+new", Some(id.as_str())), ("p-reyes", Some("p-reyes"))] {
        let fields = [("display_name", "Dr Ama Okafor"), ("role", "clinician"), ("practitioner", choice)];
        assert_eq!(boss.post(&path, &fields).await.status, 303, "{choice}");
        let user = practice.store().user(user.id).await.expect("store").expect("user");
        assert_eq!(user.practitioner.as_ref().map(fhir::Id::as_str), linked, "{choice}");
    }
}

#[tokio::test]
async fn preferences_and_settings_change_every_page() {
    let practice = Practice::new().await;
    let (boss, _) = manager(&practice).await;
    boss.post("/preferences", &[("theme", "dark")]).await;
    let page = boss.get("/users").await.text();
    assert!(
        page.contains("data-theme=\"dark\"")
            && page.contains("data-single-keys=\"off\"")
            && page.contains("data-idle-seconds=\"900\"")
    );
    let fields = [("name", "Harbour <View>"), ("time_zone", "Pacific/Auckland"), ("idle_minutes", "5")];
    assert_eq!(boss.post("/settings", &fields).await.status, 303);
    let page = boss.get("/settings").await.text();
    assert!(page.contains("Harbour &lt;View&gt;") && page.contains("data-idle-seconds=\"300\""));
    practice.pass_minutes(6);
    assert!(boss.get("/users").await.location().starts_with("/lock"));
}

#[tokio::test]
async fn a_stolen_screen_cannot_change_the_password_by_guessing() {
    let practice = Practice::new().await;
    let user = practice.user("d.reyes", Role::Nurse).await;
    let screen = practice.session_of(&user).await;
    for _ in 0..5 {
        screen.post("/password", &[("current", "a wrong guess each time"), ("new", NEW), ("again", NEW)]).await;
    }
    let answer = screen.post("/password", &[("current", PASSWORD), ("new", NEW), ("again", NEW)]).await;
    assert_eq!(answer.status, 422, "guessing is slowed down here as at the door");
}
