//! Accounts, sessions and tokens.

use super::fixture::{Case, day};
use crate::access::Role;
use crate::accounts::{AccountChange, ApiToken, PracticeSettings, Session, User};
use crate::texts::{KeptText, TextChange, TextKey, TextKind};
use crate::{Error, Result};
use uuid::Uuid;

fn user(n: u128, name: &str, role: Role) -> User {
    User {
        id: Uuid::from_u128(n),
        username: name.into(),
        display_name: format!("User {n}"),
        role,
        practitioner: None,
        password_hash: "$argon2id$…".into(),
        must_change: false,
        disabled_at: None,
        created_at: day(0),
        preferences: "{}".into(),
    }
}

fn session(n: u8, of: u128) -> Session {
    Session {
        secret: [n; 32],
        user: Uuid::from_u128(of),
        created_at: day(1),
        seen_at: day(1),
        locked: false,
        csrf: [n; 32],
    }
}

impl Case {
    async fn change(&self, change: AccountChange) -> Result<()> {
        self.store.change(change, self.entry("account")).await
    }

    async fn with_user(&self, n: u128, name: &str, role: Role) {
        self.change(AccountChange::Create(user(n, name, role))).await.expect("created");
    }

    async fn open(&self, n: u8) -> bool {
        self.store.session(&[n; 32]).await.expect("asked").is_some()
    }
}

pub async fn a_user_is_found_by_name_and_id(case: Case) {
    case.with_user(1, "ama", Role::Clinician).await;
    let found = case.store.user_named("ama").await.expect("asked").expect("there");
    assert!(found == user(1, "ama", Role::Clinician));
    assert!(case.store.user(Uuid::from_u128(1)).await.expect("asked").is_some_and(|same| same == found));
    assert!(case.store.user_named("nobody").await.expect("asked").is_none());
    let preferences = AccountChange::SetPreferences { user: found.id, preferences: r#"{"theme":"dark"}"#.into() };
    case.change(preferences).await.expect("set");
    let users = case.store.users().await.expect("listed");
    assert_eq!((users.len(), users[0].preferences.as_str()), (1, r#"{"theme":"dark"}"#));
}

pub async fn user_names_are_unique(case: Case) {
    case.with_user(1, "ama", Role::Clinician).await;
    let twin = AccountChange::Create(user(2, "ama", Role::Nurse));
    assert!(matches!(case.change(twin).await, Err(Error::Taken(_))));
}

pub async fn the_last_manager_stays_under_concurrency(case: Case) {
    for n in 1..=8 {
        case.with_user(n, &format!("m{n}"), Role::Manager).await;
    }
    let leaving = (1..=8).map(|n| {
        let case = case.clone();
        tokio::spawn(async move {
            let user = Uuid::from_u128(n);
            let change = if n % 2 == 0 {
                AccountChange::Disable(user)
            } else {
                AccountChange::Update { user, display_name: "x".into(), role: Role::Nurse, practitioner: None }
            };
            case.change(change).await
        })
    });
    let mut refused = 0;
    for one in leaving.collect::<Vec<_>>() {
        match one.await.expect("joined") {
            Ok(()) => {}
            Err(Error::LastManager) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    let users = case.store.users().await.expect("listed");
    let left = users.iter().filter(|user| user.role == Role::Manager && user.disabled_at.is_none()).count();
    assert_eq!((left, refused), (1, 1));
}

pub async fn disabling_ends_sessions(case: Case) {
    case.with_user(1, "ama", Role::Nurse).await;
    case.change(AccountChange::OpenSession(session(1, 1))).await.expect("opened");
    assert!(case.open(1).await);
    case.change(AccountChange::Disable(Uuid::from_u128(1))).await.expect("disabled");
    assert!(!case.open(1).await);
    assert!(matches!(case.change(AccountChange::OpenSession(session(2, 1))).await, Err(Error::NotPermitted)));
    case.change(AccountChange::Enable(Uuid::from_u128(1))).await.expect("enabled");
    assert!(!case.open(1).await, "the old session does not come back");
    case.change(AccountChange::OpenSession(session(2, 1))).await.expect("opened");
}

pub async fn a_new_role_ends_sessions(case: Case) {
    case.with_user(1, "ama", Role::Nurse).await;
    case.change(AccountChange::OpenSession(session(1, 1))).await.expect("opened");
    let update =
        |role| AccountChange::Update { user: Uuid::from_u128(1), display_name: "Ama".into(), role, practitioner: None };
    case.change(update(Role::Nurse)).await.expect("renamed");
    assert!(case.open(1).await, "a new name ends nothing");
    case.change(update(Role::Clinician)).await.expect("promoted");
    assert!(!case.open(1).await);
}

pub async fn a_new_password_keeps_one_session(case: Case) {
    case.with_user(1, "ama", Role::Nurse).await;
    for n in 1..=3 {
        case.change(AccountChange::OpenSession(session(n, 1))).await.expect("opened");
    }
    let change = AccountChange::SetPassword {
        user: Uuid::from_u128(1),
        hash: "new".into(),
        must_change: false,
        keep: Some([2; 32]),
    };
    case.change(change).await.expect("changed");
    assert_eq!((case.open(1).await, case.open(2).await, case.open(3).await), (false, true, false));
    case.change(AccountChange::EndSessions(Uuid::from_u128(1))).await.expect("ended");
    assert!(!case.open(2).await);
}

pub async fn unlocking_rotates_the_secret(case: Case) {
    case.with_user(1, "ama", Role::Nurse).await;
    case.with_user(2, "ben", Role::Nurse).await;
    case.change(AccountChange::OpenSession(session(1, 1))).await.expect("opened");
    case.change(AccountChange::LockSession([1; 32])).await.expect("locked");
    assert!(case.store.session(&[1; 32]).await.expect("asked").is_some_and(|(session, _)| session.locked));
    let another = case.change(AccountChange::UnlockSession([1; 32], session(9, 2))).await;
    assert!(matches!(another, Err(Error::NotPermitted)), "only its owner unlocks a session");
    case.change(AccountChange::UnlockSession([1; 32], session(2, 1))).await.expect("unlocked");
    assert_eq!((case.open(1).await, case.open(2).await), (false, true));
    case.store.touch_session(&[2; 32], day(2)).await.expect("touched");
    let (seen, _) = case.store.session(&[2; 32]).await.expect("asked").expect("there");
    assert_eq!(seen.seen_at, day(2));
    case.change(AccountChange::EndSession([2; 32])).await.expect("ended");
    assert!(!case.open(2).await);
}

pub async fn tokens_end_when_revoked(case: Case) {
    let token = |n: u8| ApiToken {
        id: Uuid::from_u128(u128::from(n)),
        name: "lab".into(),
        secret: [n; 32],
        scope: "system/Observation.cruds".into(),
        created_at: day(0),
        expires_at: Some(day(90)),
        revoked_at: None,
        used_at: None,
    };
    case.change(AccountChange::CreateToken(token(1))).await.expect("made");
    assert!(matches!(case.change(AccountChange::CreateToken(token(2))).await, Err(Error::Taken(_))));
    assert!(case.store.token(&[1; 32]).await.expect("asked").is_some_and(|found| found == token(1)));
    case.store.touch_token(token(1).id, day(3)).await.expect("touched");
    case.change(AccountChange::RevokeToken(token(1).id)).await.expect("revoked");
    assert!(case.store.token(&[1; 32]).await.expect("asked").is_none());
    case.change(AccountChange::CreateToken(token(2))).await.expect("the name is free again");
    let all = case.store.tokens().await.expect("listed");
    assert_eq!(all.iter().filter(|token| token.used_at == Some(day(3))).count(), 1);
    assert_eq!(all.len(), 2);
}

pub async fn failures_count_until_cleared(case: Case) {
    for n in 0..3 {
        let subjects = vec!["user:ama".to_owned(), "address:10.0.0.7".to_owned()];
        case.change(AccountChange::CountFailure { subjects, at: day(n) }).await.expect("counted");
    }
    let failures = case.store.failures("user:ama").await.expect("asked");
    assert_eq!((failures.count, failures.last), (3, Some(day(2))));
    case.change(AccountChange::ClearFailures(vec!["user:ama".into()])).await.expect("cleared");
    assert_eq!(case.store.failures("user:ama").await.expect("asked").count, 0);
    assert_eq!(case.store.failures("address:10.0.0.7").await.expect("asked").count, 3);
}

pub async fn set_up_happens_once(case: Case) {
    let practice = PracticeSettings { name: "Elm Street".into(), ..PracticeSettings::default() };
    assert!(case.store.practice().await.expect("asked").is_none());
    let set_up = |secret: u8, at| AccountChange::Setup {
        secret: [secret; 32],
        manager: user(1, "meg", Role::Manager),
        practice: practice.clone(),
        at,
    };
    assert!(matches!(case.change(set_up(1, day(1))).await, Err(Error::NotPermitted)));
    case.change(AccountChange::OfferSetup { secret: [1; 32], expires_at: day(2) }).await.expect("offered");
    assert!(matches!(case.change(set_up(2, day(1))).await, Err(Error::NotPermitted)));
    assert!(matches!(case.change(set_up(1, day(3))).await, Err(Error::NotPermitted)), "the link is over");
    case.change(set_up(1, day(1))).await.expect("set up");
    assert_eq!(case.store.practice().await.expect("asked"), Some(practice.clone()));
    assert!(matches!(case.change(set_up(1, day(1))).await, Err(Error::NotPermitted)), "once");
    let renamed = PracticeSettings { time_zone: "America/Chicago".into(), ..practice };
    case.change(AccountChange::SetPractice(renamed.clone())).await.expect("set");
    assert_eq!(case.store.practice().await.expect("asked"), Some(renamed));
}

fn phrase(owner: Option<u128>, name: &str) -> TextKey {
    TextKey { kind: TextKind::Phrase, owner: owner.map(Uuid::from_u128), name: name.into() }
}

fn saying(key: &TextKey, based_on: u32, text: Option<&str>) -> AccountChange {
    let (key, text) = (key.clone(), text.map(str::to_owned));
    AccountChange::KeepText(TextChange { key, based_on, text, by: Uuid::from_u128(3) })
}

fn said(kept: &[KeptText]) -> Vec<(u32, Option<&str>)> {
    kept.iter().map(|kept| (kept.version, kept.text.as_deref())).collect()
}

pub async fn a_kept_text_is_changed_only_by_who_read_it(case: Case) {
    let lungs = phrase(None, "lungs");
    assert!(case.store.text(&lungs).await.expect("read").is_none());
    case.change(saying(&lungs, 0, Some("Clear"))).await.expect("kept");
    assert!(matches!(case.change(saying(&lungs, 0, Some("Other"))).await, Err(Error::TextChanged)));
    assert!(matches!(case.change(saying(&lungs, 7, Some("Other"))).await, Err(Error::TextChanged)));
    let both = [saying(&lungs, 1, Some("Clear to the bases — «ß» 漢")), saying(&lungs, 1, Some("Clear throughout"))];
    let done = futures_util::future::join_all(both.map(|change| case.change(change))).await;
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "of two who read the same version one saves");
    let now = case.store.text(&lungs).await.expect("read").expect("there");
    assert_eq!((now.version, now.by, now.key), (2, Uuid::from_u128(3), lungs));
}

pub async fn kept_texts_are_listed_by_kind_and_every_version_stays(case: Case) {
    let (shared, own, other) = (phrase(None, "lungs"), phrase(Some(4), "lungs"), phrase(None, "lungs-2"));
    for (key, text) in [(&shared, "Shared"), (&own, "Own"), (&other, "Other")] {
        case.change(saying(key, 0, Some(text))).await.expect("kept");
    }
    let template = TextKey { kind: TextKind::Template, ..shared.clone() };
    case.change(saying(&template, 0, Some("# Title"))).await.expect("kept");
    case.change(saying(&shared, 1, None)).await.expect("taken away");
    let all = case.store.texts(TextKind::Phrase).await.expect("read");
    let mut all: Vec<_> = all.iter().map(|kept| (kept.key.clone(), kept.text.as_deref())).collect();
    all.sort_by_key(|(_, text)| text.map(str::to_owned));
    assert_eq!(all, [(shared.clone(), None), (other, Some("Other")), (own, Some("Own"))]);
    let versions = case.store.text_versions(&shared).await.expect("read");
    assert_eq!(said(&versions), [(2, None), (1, Some("Shared"))]);
    let templates = case.store.texts(TextKind::Template).await.expect("read");
    assert_eq!(said(&templates), [(1, Some("# Title"))]);
}
