//! A synthetic practice with everything in it that a copy must carry, in a folder or a database.

use bytes::Bytes;
use chartroom::practice::Kept;
use fhir::index::Index;
use fhir::{Key, Kind};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::accounts::{AccountChange, ApiToken, DateOrder, PaperSize, PracticeSettings, Session, User};
use store::audit::Entry;
use store::draft::{DraftAct, DraftChange, NewSection, SaveText};
use store::engine::wrap::Secret;
use store::record::{Change, Commit, Committed, Idempotency, NewVersion, Write};
use store::texts::{TextChange, TextKey, TextKind};
use store::{Actor, KindSet, Permit, Role, Scope, Store, WritePermit};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Somewhere a practice may be; gone when dropped.
pub enum Somewhere {
    Folder { _until_dropped: tempfile::TempDir, path: PathBuf },
    Database(test_postgres::Database),
}

impl Somewhere {
    pub fn folder() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("practice");
        Self::Folder { _until_dropped: dir, path }
    }

    /// `None`, said as skipped, where there is no PostgreSQL.
    pub fn database() -> Option<Self> {
        test_postgres::database().map(Self::Database)
    }

    pub fn kept(&self) -> Kept<'_> {
        match self {
            Self::Folder { path, .. } => Kept::Folder(path),
            Self::Database(database) => Kept::Postgres(database.url(), options()),
        }
    }

    /// How the command line names it.
    pub fn named(&self) -> String {
        match self {
            Self::Folder { path, .. } => path.display().to_string(),
            Self::Database(database) => database.url().to_owned(),
        }
    }

    /// Makes a practice here.
    pub async fn made(self, secret: &Secret) -> Self {
        if let Self::Folder { path, .. } = &self {
            std::fs::create_dir(path).expect("made");
        }
        let (store, _recovery) = self.kept().make(secret).await.expect("a practice");
        fill(&*store).await;
        store.settle().await.expect("settled");
        self
    }

    pub async fn open(&self, secret: &Secret) -> Arc<dyn Store> {
        self.kept().open(secret).await.expect("opened")
    }
}

fn options() -> store_postgres::Options {
    store_postgres::Options { readers: 2, find_keys: Some(find_keys()), ..store_postgres::Options::default() }
}

pub fn find_keys() -> store::find::FindKeys {
    store::find::FindKeys { version: clinic::patient::keys::VERSION, of: clinic::patient::keys::of_body }
}

pub fn secret(byte: u8) -> Secret {
    Secret::KeyFile(Zeroizing::new([byte; 32]))
}

pub fn actor() -> Actor {
    Actor { id: Uuid::from_u128(11), name: "dr.okafor".into(), role: Some(Role::Clinician), practitioner: None }
}

pub fn reading() -> Permit {
    Permit::grant(actor(), KindSet::ALL, Scope::Practice)
}

pub fn writing() -> WritePermit {
    WritePermit::grant(actor(), KindSet::ALL, Scope::Practice)
}

/// A minute each, from the beginning of 2026.
pub fn minute(n: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600).expect("a time") + SignedDuration::from_mins(n)
}

pub fn entry(n: i64, action: &str) -> Entry {
    Entry::new(minute(n), Uuid::from_u128(n.unsigned_abs().into()), actor(), action)
}

pub fn retry(n: i64) -> Idempotency {
    Idempotency { key: format!("key-{n}"), request: [7; 32], answer: format!("answer {n}") }
}

fn user(n: u128, username: &str, role: Role) -> User {
    User {
        id: Uuid::from_u128(n),
        username: username.into(),
        display_name: format!("{username} of the Praxis Müller"),
        role,
        practitioner: (n == 2).then(|| fhir::Id::parse("pr-1").expect("an id")),
        password_hash: "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA".into(),
        must_change: n == 2,
        disabled_at: None,
        created_at: minute(0),
        preferences: r#"{"theme":"dark"}"#.into(),
    }
}

pub fn session() -> Session {
    Session {
        secret: [9; 32],
        user: Uuid::from_u128(1),
        created_at: minute(1),
        seen_at: minute(1),
        locked: false,
        csrf: [1; 32],
    }
}

fn key_of(body: &Value) -> Key {
    Key::parse(&format!("{}/{}", body["resourceType"].as_str().expect("a type"), body["id"].as_str().expect("an id")))
        .expect("a key")
}

fn version(body: &Value) -> NewVersion {
    let kind = key_of(body).kind;
    let bytes = Bytes::from(serde_json::to_vec(body).expect("JSON"));
    let find_keys = if kind == Kind::PATIENT { clinic::patient::keys::of_body(&bytes, "urn:ours") } else { Vec::new() };
    NewVersion { index: Index::of(kind, body), body: bytes, find_keys }
}

async fn commit(store: &dyn Store, n: i64, writes: Vec<Write>) -> Committed {
    let commit = Commit {
        at: minute(n),
        writes,
        unchanged: Vec::new(),
        exist: Vec::new(),
        draft: None,
        idempotency: Some(retry(n)),
        audit: entry(n, "record.write"),
    };
    store.commit(&writing(), commit).await.expect("stored")
}

pub fn phrase() -> TextKey {
    TextKey { kind: TextKind::Phrase, owner: Some(Uuid::from_u128(2)), name: "lungs".into() }
}

/// A note that is being written: begun, and twice typed into.
async fn draft(store: &dyn Store, patient: &fhir::PatientId) {
    let section = NewSection { name: "plan".into(), title: "Plan".into(), text: "***".into(), copied: None };
    let (kind, title, name) = ("progress".to_owned(), "Visit".to_owned(), "Dr Okafor".to_owned());
    let begin = DraftAct::Begin {
        visit: None,
        appends: None,
        kind,
        title,
        sections: vec![section],
        name: name.clone(),
        origin: None,
    };
    let typed = |step: u32| {
        let text = format!("rest — {step}");
        let (window, settles) = (Uuid::from_u128(71), Vec::new());
        DraftAct::Save(SaveText {
            section: "plan".into(),
            based_on: 0,
            text,
            window,
            step,
            settles,
            name: name.clone(),
        })
    };
    for (n, what) in [begin, typed(1), typed(2)].into_iter().enumerate() {
        let (at, audit) = (minute(500 + n as i64), entry(500 + n as i64, "note.save"));
        let change = DraftChange { id: Uuid::from_u128(70), patient: patient.clone(), what };
        let (writes, unchanged, exist) = (Vec::new(), Vec::new(), Vec::new());
        let commit = Commit { at, writes, unchanged, exist, draft: Some(change), idempotency: None, audit };
        store.commit(&writing(), commit).await.expect("kept");
    }
}

/// 20 patients, written chart by chart, then changed, deleted, moved; accounts, tokens, settings; a trail of reading.
async fn fill(store: &dyn Store) {
    let practice = PracticeSettings {
        name: "Praxis Müller".into(),
        time_zone: "Europe/Berlin".into(),
        record_number_system: "urn:ours".into(),
        idle_minutes: 7,
        date_order: DateOrder::DayFirst,
        paper_size: PaperSize::Letter,
        contact: "Hauptstraße 1\nTelefon 030 123".into(),
    };
    let changes = [
        AccountChange::Create(user(1, "manager", Role::Manager)),
        AccountChange::Create(user(2, "nurse", Role::Nurse)),
        AccountChange::Create(user(3, "gone", Role::Clinician)),
        AccountChange::Disable(Uuid::from_u128(3)),
        AccountChange::SetPractice(practice),
        AccountChange::OpenSession(session()),
        AccountChange::CountFailure { subjects: vec!["user:nurse".into()], at: minute(2) },
        AccountChange::CreateToken(token(21, "lab", None)),
        AccountChange::CreateToken(token(22, "old", Some(minute(90)))),
        AccountChange::RevokeToken(Uuid::from_u128(22)),
        AccountChange::OfferSetup { secret: [5; 32], expires_at: minute(3) },
        AccountChange::KeepText(TextChange { key: phrase(), based_on: 0, text: Some("Clear".into()), by: Uuid::nil() }),
        AccountChange::KeepText(TextChange {
            key: phrase(),
            based_on: 1,
            text: Some("Clear — «ß»".into()),
            by: Uuid::nil(),
        }),
    ];
    for (n, change) in changes.into_iter().enumerate() {
        store.change(change, entry(n as i64, "account")).await.expect("changed");
    }
    let made = synthetic::Practice::new(3, jiff::civil::date(2026, 1, 2), 20, synthetic::Depth::Demo);
    let put = |body: &Value| Write { key: key_of(body), based_on: None, change: Change::Put(version(body)) };
    commit(store, 100, made.directory().iter().map(put).collect()).await;
    let charts: Vec<Vec<Value>> = made.charts().map(|chart| chart.resources).collect();
    for (n, resources) in charts.iter().enumerate() {
        commit(store, 200 + n as i64, resources.iter().map(put).collect()).await;
    }
    let of = |chart: usize, kind: &str| {
        charts[chart].iter().filter(|body| body["resourceType"] == kind).cloned().collect::<Vec<_>>()
    };
    // Changed: a patient's name (and with it what they are found by), and some results twice over.
    let mut patient = of(0, "Patient")[0].clone();
    patient["name"] = json!([{"family": "Übermorgen", "given": ["Zoë"]}]);
    commit(store, 300, vec![again(&patient, 1)]).await;
    for (n, mut result) in of(0, "Observation").into_iter().take(5).enumerate() {
        result["note"] = json!([{"text": "read again"}]);
        commit(store, 310 + n as i64, vec![again(&result, 1)]).await;
        result["status"] = json!("amended");
        commit(store, 320 + n as i64, vec![again(&result, 2)]).await;
    }
    // Deleted, and deleted and put again.
    let results = of(1, "Observation");
    for (n, result) in results.iter().take(3).enumerate() {
        commit(store, 330 + n as i64, vec![Write { key: key_of(result), based_on: Some(1), change: Change::Delete }])
            .await;
    }
    commit(store, 340, vec![again(&results[0], 2)]).await;
    // Moved to another chart.
    let mut stray = of(2, "Observation")[0].clone();
    stray["subject"] = json!({"reference": format!("Patient/{}", of(3, "Patient")[0]["id"].as_str().expect("an id"))});
    commit(store, 350, vec![again(&stray, 1)]).await;
    assert_eq!(register(store, 355).await.0, 100_001);
    // Naming a patient and a visit that nobody has written.
    let orphan = json!({"resourceType": "Observation", "id": "orphan", "status": "final", "code": {"text": "weight"},
        "subject": {"reference": "Patient/unknown"}, "encounter": {"reference": "Encounter/nowhere"}});
    commit(store, 360, vec![put(&orphan)]).await;
    draft(store, &fhir::PatientId::parse(patient["id"].as_str().expect("an id")).expect("an id")).await;
    for n in 0..50 {
        let mut read = entry(400 + n, "chart.read");
        read.patients = vec![fhir::PatientId::parse(patient["id"].as_str().expect("an id")).expect("an id")];
        store.append(read).await.expect("appended");
    }
}

fn again(body: &Value, based_on: u32) -> Write {
    Write { key: key_of(body), based_on: Some(based_on), change: Change::Put(version(body)) }
}

fn token(n: u8, name: &str, expires_at: Option<Timestamp>) -> ApiToken {
    ApiToken {
        id: Uuid::from_u128(n.into()),
        name: name.into(),
        secret: [n; 32],
        scope: "system/*.rs".into(),
        created_at: minute(n.into()),
        expires_at,
        revoked_at: None,
        used_at: None,
    }
}

/// Another version of a resource, as of a practice that goes on between two tries.
pub async fn one_more(store: &dyn Store) {
    let body = json!({"resourceType": "Observation", "id": "orphan", "status": "amended", "code": {"text": "weight"},
        "subject": {"reference": "Patient/unknown"}, "encounter": {"reference": "Encounter/elsewhere"}});
    commit(store, 900, vec![again(&body, 1)]).await;
}

/// Registers a patient: the number taken, and where the version stands.
pub async fn register(store: &dyn Store, n: i64) -> (u64, u64) {
    let taken = Arc::new(AtomicU64::new(0));
    let told = Arc::clone(&taken);
    let id = format!("new-{n}");
    let key = Key::parse(&format!("Patient/{id}")).expect("a key");
    let make = move |number: u64| {
        told.store(number, Ordering::Relaxed);
        Ok(version(
            &json!({"resourceType": "Patient", "id": id, "identifier": [{"system": "urn:ours", "value": number.to_string()}]}),
        ))
    };
    let write = Write { key, based_on: None, change: Change::PutNumbered(Box::new(make)) };
    let done = commit(store, n, vec![write]).await;
    (taken.load(Ordering::Relaxed), done.versions[0].2)
}
