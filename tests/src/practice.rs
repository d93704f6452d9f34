//! A practice of a test's own.

use crate::{Browser, Client};
use axum::Router;
use clinic::account::{NewPassword, Secret, TokenForm, UserForm};
use clinic::{Action, Caller, account, record};
use fhir::{Id, Key, Kind};
use jiff::{SignedDuration, Timestamp};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::accounts::{AccountChange, PracticeSettings, Session, User};
use store::{Role, Store};
use store_sqlite::{Db, Options, key};
use uuid::Uuid;
use web::{App, Config};

/// The password of every account made here.
pub const PASSWORD: &str = "amber kettle forty orbit";
/// When every practice's clock starts: 2026-11-22 15:00 UTC.
pub const START: i64 = 1_795_359_600;

/// A practice, set up, with nobody in it yet.
pub struct Practice {
    /// The application.
    pub app: App,
    /// Its addresses.
    pub router: Router,
    clock: Arc<AtomicI64>,
    /// The folder of the database; gone with the practice.
    pub dir: tempfile::TempDir,
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).unwrap();
    bytes
}

impl Practice {
    /// A practice called “Test Practice” in Chicago.
    pub async fn new() -> Self {
        let practice = Self::unnamed(Config::default());
        let settings = PracticeSettings {
            name: "Test Practice".to_owned(),
            time_zone: "America/Chicago".to_owned(),
            ..PracticeSettings::default()
        };
        let caller = practice.program();
        practice.store().change(AccountChange::SetPractice(settings), caller.entry("test")).await.unwrap();
        practice
    }

    /// A practice before set-up.
    #[must_use]
    pub fn unnamed(config: Config) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let random = SystemRandom::new();
        let secret = key::create_key_file(&dir.path().join("test.key"), &random).unwrap();
        let (key, _) = key::create(dir.path(), &secret, &random).unwrap();
        let db = Db::create(dir.path(), &key, &Options { reserve: 4096, ..Options::default() }).unwrap();
        let clock = Arc::new(AtomicI64::new(START));
        let ticking = Arc::clone(&clock);
        let now = move || Timestamp::from_second(ticking.load(Ordering::Relaxed)).unwrap();
        let app = App::new(Arc::new(db), now, config);
        Self { router: web::app(app.clone()), app, clock, dir }
    }

    /// Everything kept.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        self.app.store.as_ref()
    }

    /// What the clock says.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.app.clock)()
    }

    /// Lets minutes pass.
    pub fn pass_minutes(&self, minutes: i64) {
        self.clock.fetch_add(minutes * 60, Ordering::Relaxed);
    }

    /// The program itself as a caller.
    #[must_use]
    pub fn program(&self) -> Caller {
        Caller::program("test", self.now(), Uuid::now_v7())
    }

    /// A browser nobody signed in with.
    #[must_use]
    pub fn stranger(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// An account; its password is [`PASSWORD`].
    pub async fn user(&self, username: &str, role: Role) -> User {
        let form = UserForm {
            username: username.to_owned(),
            display_name: format!("Test {username}"),
            role: role.slug().to_owned(),
            practitioner: String::new(),
        };
        let password = NewPassword { text: PASSWORD, salt: random(), must_change: false };
        account::create_user(self.store(), &self.program(), Uuid::now_v7(), &form, &password).await.unwrap()
    }

    /// A browser with a session of this user, opened past the form.
    pub async fn session_of(&self, user: &User) -> Browser {
        let (secret, csrf) = (Secret::from_bytes(random()), random());
        let session = Session {
            secret: secret.hash(),
            user: user.id,
            created_at: self.now(),
            seen_at: self.now(),
            locked: false,
            csrf,
        };
        self.store().change(AccountChange::OpenSession(session), self.program().entry("test")).await.unwrap();
        let browser = self.stranger();
        browser.set_cookie(web::cookie::Cookie::Session.name(), &secret.to_text());
        browser.set_csrf(&Secret::from_bytes(csrf).to_text());
        browser
    }

    /// A browser signed in as a new user of this role, named by its slug (a second one gets a number).
    pub async fn signed_in(&self, role: Role) -> Browser {
        let taken = self.store().users().await.unwrap().iter().filter(|user| user.role == role).count();
        let name = if taken == 0 { role.slug().to_owned() } else { format!("{}{}", role.slug(), taken + 1) };
        let user = self.user(&name, role).await;
        self.session_of(&user).await
    }

    /// A browser signed in through the form.
    pub async fn sign_in(&self, username: &str, password: &str) -> (Browser, crate::Answer) {
        let browser = self.stranger();
        browser.get("/sign-in").await;
        let answer = browser.post("/sign-in", &[("username", username), ("password", password)]).await;
        (browser, answer)
    }

    /// An API client with these scopes.
    pub async fn client(&self, scope: &str) -> Client {
        let secret = Secret::from_bytes(random());
        let form = TokenForm { name: Uuid::now_v7().to_string(), scope: scope.to_owned(), days: String::new() };
        account::create_token(self.store(), &self.program(), Uuid::now_v7(), &form, &secret).await.unwrap();
        Client::new(self.router.clone(), &secret.to_text())
    }

    /// Stores a resource as it is: its `resourceType` and `id` name it.
    pub async fn put(&self, body: Value) {
        self.create(body, "test").await;
    }

    /// Stores what claims to be part of a signed note: what only signing may do, or whoever owns the database.
    pub async fn forge(&self, body: Value) {
        self.create(body, "note.sign").await;
    }

    async fn create(&self, body: Value, action: &str) {
        let kind = Kind::parse(body["resourceType"].as_str().unwrap()).unwrap();
        let key = Key { kind, id: Id::parse(body["id"].as_str().unwrap()).unwrap() };
        let caller = self.program();
        let permit = caller.write_practice(Action::WriteClinical).unwrap();
        record::create(self.store(), &permit, key, body, caller.entry(action)).await.unwrap();
    }

    /// Lets time pass until just before something ends.
    pub fn pass(&self, duration: SignedDuration) {
        self.clock.fetch_add(duration.as_secs(), Ordering::Relaxed);
    }
}
