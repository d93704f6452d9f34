//! A practice is damaged by hand, in each way there is: the check names what is damaged, and mends what follows from what is left.

mod drafts;

use super::*;
use crate::Options;
use bytes::Bytes;
use fhir::index::Index;
use fhir::search::{Handling, Query};
use fhir::{Key, Kind, PatientId};
use jiff::Timestamp;
use ring::rand::SystemRandom;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use store::accounts::PracticeSettings;
use store::audit::{AuditQuery, Entry, Verdict};
use store::conformance::fixture::{reading, writing};
use store::engine::wrap::Secret;
use store::find::{FindKey, KeyClass};
use store::record::{Change, Commit, NewVersion, Write};
use store::upkeep::Mended;
use store::{Actor, Record as _};
use test_postgres::Database;
use uuid::Uuid;
use zeroize::Zeroizing;

const KEYS: FindKeys = FindKeys { version: 1, of: family_names };

/// A Patient's keys, for this test: family names as they are written.
fn family_names(body: &[u8], _system: &str) -> Vec<FindKey> {
    let body: Value = serde_json::from_slice(body).expect("JSON");
    let names = body["name"].as_array().cloned().unwrap_or_default();
    let key = |name: &Value| FindKey { class: KeyClass::Name, key: name["family"].as_str().unwrap_or("-").to_owned() };
    names.iter().map(key).collect()
}

fn silent() -> Progress {
    Arc::new(|_, _| {})
}

fn new_version(key: &Key, version: u32, mut body: Value) -> NewVersion {
    body["meta"] = json!({"versionId": version.to_string()});
    let bytes = serde_json::to_vec(&body).expect("JSON");
    let find_keys = if key.kind == Kind::PATIENT { family_names(&bytes, "") } else { Vec::new() };
    NewVersion { index: Index::of(key.kind, &body), body: Bytes::from(bytes), find_keys }
}

fn key_of(body: &Value) -> Key {
    let text = |member: &str| body[member].as_str().expect("a text").to_owned();
    Key::parse(&format!("{}/{}", text("resourceType"), text("id"))).expect("a key")
}

fn create(body: Value) -> Write {
    let key = key_of(&body);
    if key.kind != Kind::PATIENT {
        return Write { change: Change::Put(new_version(&key, 1, body)), key, based_on: None };
    }
    let of = key.clone();
    let change = Change::PutNumbered(Box::new(move |number| {
        let mut body = body.clone();
        let ours = json!({"system": PracticeSettings::default().record_number_system, "value": number.to_string()});
        match body["identifier"].as_array_mut() {
            Some(all) => all.push(ours),
            None => body["identifier"] = json!([ours]),
        }
        Ok(new_version(&of, 1, body))
    }));
    Write { key, based_on: None, change }
}

async fn commit(db: &Db, writes: Vec<Write>) {
    let at = Timestamp::UNIX_EPOCH;
    let audit = Entry::new(at, Uuid::now_v7(), Actor::program("test"), "record.write");
    let commit = Commit { at, writes, unchanged: Vec::new(), exist: Vec::new(), draft: None, idempotency: None, audit };
    db.commit(&writing(), commit).await.expect("stored");
}

fn secret() -> Secret {
    Secret::KeyFile(Zeroizing::new([7; 32]))
}

/// Few connections: many tests share a server.
fn options() -> Options {
    Options { readers: 2, ..Options::default() }
}

struct Practice {
    database: Database,
    db: Arc<Db>,
    /// Every body that was made, by its key.
    bodies: BTreeMap<String, Value>,
    /// One patient, and observations of that chart that were left as they were made; one that was moved to another chart.
    patient: Key,
    kept: Vec<Key>,
    moved: Key,
}

impl Practice {
    /// Charts of which some entries were updated, some deleted, some moved to another patient. `None` where there is no PostgreSQL.
    async fn new() -> Option<Self> {
        let database = test_postgres::database()?;
        let made = Db::create(database.url(), &secret(), &options(), &SystemRandom::new()).await;
        let db = made.expect("a practice").0;
        let practice = synthetic::Practice::new(3, jiff::civil::date(2026, 11, 22), 4, synthetic::Depth::Demo);
        let mut resources = practice.directory();
        resources.extend(practice.charts().flat_map(|chart| chart.resources));
        let bodies: BTreeMap<String, Value> =
            resources.iter().map(|body| (key_of(body).to_string(), body.clone())).collect();
        commit(&db, bodies.values().cloned().map(create).collect()).await;
        let patients: Vec<&Value> = bodies.values().filter(|body| body["resourceType"] == "Patient").collect();
        let (patient, other) = (key_of(patients[0]), key_of(patients[1]));
        let subject = json!(patient.to_string());
        let of_chart = |body: &&Value| body["resourceType"] == "Observation" && body["subject"]["reference"] == subject;
        let observations: Vec<&Value> = bodies.values().filter(of_chart).collect();
        assert!(observations.len() > 12, "{}", observations.len());
        for (place, body) in observations[..9].iter().enumerate() {
            let (key, mut body) = (key_of(body), (*body).clone());
            let change = match place % 3 {
                0 => Change::Delete,
                1 => {
                    body["effectiveDateTime"] = json!("2020-02-03");
                    Change::Put(new_version(&key, 2, body))
                }
                _ => {
                    body["subject"] = json!({"reference": other.to_string()});
                    Change::Put(new_version(&key, 2, body))
                }
            };
            commit(&db, vec![Write { key, based_on: Some(1), change }]).await;
        }
        let kept = observations[9..].iter().map(|body| key_of(body)).collect();
        let moved = key_of(observations[2]);
        Some(Self { database, db: Arc::new(db), bodies, patient, kept, moved })
    }

    async fn line(&self) -> Line {
        self.db.target.connect(Purpose::Whole).await.expect("connected")
    }

    /// Damages it: `$1` is the number of a resource, where the statement names it.
    async fn sql(&self, sql: &str, of: &Key) {
        let line = self.line().await;
        let rid = crate::chart::rid(&line, of.kind, &of.id).await.expect("read").expect("there");
        // Whoever owns the database can take away what keeps statements from changing versions.
        line.batch("ALTER TABLE resource_version DISABLE TRIGGER USER").await.expect("unguarded");
        let params: &[Param<'_>] = if sql.contains("$1") { &[&rid] } else { &[] };
        assert!(line.execute(sql, params).await.expect("damaged") > 0, "{sql}");
    }

    /// As a command does it, while this server runs.
    async fn check(&self) -> Report {
        Db::check_offline(self.database.url(), &secret(), &options(), KEYS, &silent()).await.expect("checked")
    }

    async fn expect_clean(&self) {
        assert_eq!(self.check().await.findings, []);
    }

    /// The damage is found under this name alone, and mended.
    async fn expect_mended(&self, what: &str, sql: &str) {
        let found = self.check().await;
        assert!(!found.findings.is_empty(), "not found: {sql}");
        for finding in &found.findings {
            let named = finding.what.contains(what) && finding.mended == Mended::Possible;
            assert!(named, "{finding:?}, not {what}: {sql}");
        }
        let report = self.db.check(KEYS, true, silent()).await.expect("mended");
        let left: Vec<_> = report.findings.iter().filter(|finding| finding.mended != Mended::Done).collect();
        assert!(left.is_empty(), "{left:?}: {sql}");
        assert_eq!(report.findings.len(), found.findings.len());
        self.expect_clean().await;
    }

    /// The damage is found under this name, and stays.
    async fn expect_never(&self, what: &str) {
        let named = |report: &Report| {
            report.findings.iter().any(|finding| finding.what.contains(what) && finding.mended == Mended::Never)
        };
        let found = self.check().await;
        assert!(named(&found), "{:?}, not {what}", found.findings);
        let report = self.db.check(KEYS, true, silent()).await.expect("checked");
        assert!(named(&report), "{:?}, not {what}", report.findings);
    }

    /// What searches answer.
    async fn answers(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut answers = BTreeMap::new();
        let patient = self.patient.id.as_str();
        for (kind, search) in [
            ("Patient", String::new()),
            ("Observation", format!("patient={patient}")),
            ("Observation", "category=laboratory".to_owned()),
            ("Observation", "date=lt2021".to_owned()),
            ("Observation", "value-quantity=gt50".to_owned()),
            ("Condition", format!("subject=Patient/{patient}")),
            ("Patient", "name=a".to_owned()),
        ] {
            let pairs: Vec<(String, String)> =
                search.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
            let kind = Kind::parse(kind).expect("a type");
            let parsed = Query::parse(kind, &pairs, Handling::Strict, Timestamp::UNIX_EPOCH);
            let (mut query, _) = parsed.unwrap_or_else(|_| panic!("{kind}?{search}"));
            query.count = 1000;
            let page = self.db.search(&reading(), &query, None).await.expect("searched");
            let found = page.for_decision().matches.iter().map(|stored| stored.key.to_string()).collect();
            answers.insert(format!("{kind}?{search}"), found);
        }
        answers
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_practice_that_is_whole_has_nothing_to_be_found() {
    let Some(practice) = Practice::new().await else { return };
    let report = practice.check().await;
    assert_eq!(report.findings, []);
    assert_eq!(report.resources, practice.bodies.len() as u64);
    assert_eq!(report.versions, practice.bodies.len() as u64 + 9);
    assert_eq!(report.entries, 10);
    // Nothing was changed, so no entry tells of it.
    assert_eq!(practice.db.check(KEYS, true, silent()).await.expect("checked"), report);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn index_rows_that_are_missing_stray_or_altered_are_mended() {
    let Some(practice) = Practice::new().await else { return };
    let (key, patient) = (&practice.kept[0], &practice.patient);
    let damages = [
        ("DELETE FROM idx_token WHERE rid = $1", key),
        ("UPDATE idx_token SET patient = patient + 1 WHERE rid = $1", key),
        ("UPDATE idx_token SET date = date + 1 WHERE rid = $1", key),
        (
            "INSERT INTO idx_token(param, code, patient, date, rid, part, term) SELECT 9999, code, patient, date, rid, part, term FROM idx_token WHERE rid = $1 LIMIT 1",
            key,
        ),
        ("DELETE FROM idx_date WHERE rid = $1", key),
        ("UPDATE idx_date SET low = low + 1 WHERE rid = $1", key),
        ("DELETE FROM idx_reference WHERE rid = $1", key),
        ("UPDATE idx_reference SET target = target + 1 WHERE rid = $1", key),
        ("DELETE FROM idx_string WHERE rid = $1", patient),
        ("UPDATE idx_string SET folded = 'zz' WHERE rid = $1", patient),
        ("INSERT INTO idx_uri(patient, rid, uri, param, part) VALUES (77, $1, 1, 2, 0)", key),
        ("INSERT INTO idx_quantity(patient, rid, low, high, unit, param, part) VALUES (0, $1, 2, 3, 4, 1, 0)", key),
        ("DELETE FROM find_key WHERE patient = $1", patient),
        ("INSERT INTO find_key(class, key, patient) VALUES (1, 'nobody', $1)", key),
    ];
    for (sql, of) in damages {
        practice.sql(sql, of).await;
        practice.expect_mended(&of.to_string(), sql).await;
    }
    for sql in [
        "DELETE FROM words WHERE rid = (SELECT min(rid) FROM words)",
        "UPDATE words SET content = 'other' WHERE rid = (SELECT min(rid) FROM words)",
    ] {
        practice.sql(sql, key).await;
        practice.expect_mended("do not agree with its content", sql).await;
    }
    let stray = "INSERT INTO idx_date(patient, rid, low, high, param, part) VALUES (5, 999999, 1, 2, 3, 0)";
    practice.sql(stray, key).await;
    practice.expect_mended("999999", stray).await;
    let query = AuditQuery { action: Some("practice.repair".to_owned()), count: 100, ..AuditQuery::default() };
    let entries = practice.db.entries(&reading(), &query).await.expect("the trail");
    assert_eq!(entries.for_decision().len(), damages.len() + 3, "each repair is told of");
    assert!(matches!(practice.db.verify().await.expect("verified"), Verdict::Whole { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pointers_charts_names_and_counters_are_mended() {
    let Some(practice) = Practice::new().await else { return };
    let (key, moved) = (&practice.kept[0], &practice.moved);
    for (sql, of) in [
        ("UPDATE resource SET version = 7 WHERE rid = $1", key),
        ("UPDATE resource SET seq = 1 WHERE rid = $1", key),
        ("UPDATE resource SET deleted = true WHERE rid = $1", key),
        ("UPDATE resource SET date = 5 WHERE rid = $1", key),
        ("UPDATE resource SET patient = 0 WHERE rid = $1", key),
        ("UPDATE resource SET id = 'another' WHERE rid = $1", key),
        ("DELETE FROM resource WHERE rid = $1", key),
        ("UPDATE directory SET patient = 0 WHERE rid = $1", key),
        ("DELETE FROM directory WHERE rid = $1", key),
        ("UPDATE resource_version SET moved_from = NULL WHERE rid = $1 AND version = 2", moved),
    ] {
        practice.sql(sql, of).await;
        practice.expect_mended(&of.to_string(), sql).await;
    }
    let chart = "UPDATE resource_version SET patient = patient + 1 WHERE rid = $1";
    practice.sql(chart, key).await;
    practice.expect_mended(&key.to_string(), chart).await;
    for (sql, what) in [
        ("DELETE FROM find_slip", "find_slip"),
        ("UPDATE counter SET next = 100002 WHERE name = 'record-number'", "counter"),
        ("UPDATE counter SET next = 2 WHERE name = 'seq'", "counter"),
        ("SELECT setval('directory_rid', 3)", "directory_rid"),
        ("DELETE FROM term WHERE id = (SELECT term FROM idx_token WHERE rid = $1 LIMIT 1)", "do not agree"),
        (
            "UPDATE term SET system = 'urn:other' WHERE id = (SELECT term.id FROM idx_token t JOIN term ON term.id = t.term WHERE rid = $1 AND system IS NOT NULL LIMIT 1)",
            "",
        ),
        ("DELETE FROM unit", "do not agree"),
    ] {
        practice.sql(sql, key).await;
        practice.expect_mended(what, sql).await;
    }
    let row = practice.line().await.first("SELECT next FROM counter WHERE name = 'record-number'", &[]).await;
    assert_eq!(row.expect("read").expect("there").get::<_, i64>(0), 100_005, "four patients were numbered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_follows_from_nothing_is_named_and_stays() {
    let Some(practice) = Practice::new().await else { return };
    let rows =
        "SELECT count(*) FROM idx_token t JOIN directory d ON d.rid = t.rid WHERE d.kind = $1 AND d.id = ANY($2)";
    let (kind, ids): (_, Vec<&str>) =
        (crate::rows::number(Kind::OBSERVATION), practice.kept.iter().map(|key| key.id.as_str()).collect());
    let tokens = async || {
        practice.line().await.first(rows, &[&kind, &ids]).await.expect("read").expect("a row").get::<_, i64>(0)
    };
    let before = tokens().await;
    for (n, (sql, what)) in [
        ("UPDATE resource_version SET body = '\\x7b' WHERE rid = $1", "its body cannot be read"),
        ("UPDATE resource_version SET body = (SELECT body FROM resource_version WHERE rid <> $1 AND NOT deleted LIMIT 1) WHERE rid = $1", "its body is another"),
        ("UPDATE resource_version SET version = 2 WHERE rid = $1", "without a gap"),
        ("DELETE FROM resource_version WHERE rid = $1", "none of its versions is there"),
    ]
    .into_iter()
    .enumerate()
    {
        practice.sql(sql, &practice.kept[n]).await;
        practice.expect_never(&format!("{}", practice.kept[n])).await;
        practice.expect_never(what).await;
    }
    practice.db.reindex(KEYS, silent()).await.expect("reindexed");
    assert_eq!(tokens().await, before, "what they were found by stays");
    practice.sql("DELETE FROM audit WHERE first = 3", &practice.patient).await;
    practice.expect_never("the audit trail: entry 3: deleted").await;
    practice.expect_never("no entry of the audit trail tells of it").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_documents_shared_numbers_and_unknown_answers_are_named() {
    let Some(practice) = Practice::new().await else { return };
    let subject = json!({"reference": practice.patient.to_string()});
    let body = json!({"resourceType": "DocumentReference", "id": "d", "status": "current", "subject": subject,
        "content": [{"attachment": {"contentType": "application/pdf", "url": "Binary/lost"}}]});
    let system = PracticeSettings::default().record_number_system;
    let twin = json!({"resourceType": "Patient", "id": "twin", "identifier": [{"system": system, "value": "100001"}]});
    let key = key_of(&twin);
    let twin = Change::Put(new_version(&key, 1, twin));
    commit(&practice.db, vec![create(body), Write { key, based_on: None, change: twin }]).await;
    practice.expect_never("DocumentReference/d names Binary/lost, which is not there").await;
    practice.expect_never("have the same record number").await;
    let answer = "INSERT INTO idempotency(actor, key, request, versions, answer, at)
        VALUES ('00000000-0000-0000-0000-000000000000', 'k', '', 'Observation/never 3 9', '', 0)";
    practice.sql(answer, &practice.patient).await;
    practice.expect_never("idempotency").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reindex_under_writers_ends_clean_and_finds_the_same() {
    let Some(practice) = Practice::new().await else { return };
    let before = practice.answers().await;
    assert!(before.values().filter(|found| !found.is_empty()).count() >= 6, "{before:?}");
    // Rows that no body says, such as an older program's: gone afterwards.
    let older = "INSERT INTO idx_token(param, code, patient, date, rid, part, term)
        SELECT 9999, code, patient, date, rid, part, term FROM idx_token ON CONFLICT DO NOTHING";
    practice.sql(older, &practice.patient).await;
    let (stop, first) = (Arc::new(AtomicBool::new(false)), Arc::new(tokio::sync::Notify::new()));
    let mut writers = Vec::new();
    for writer in 0..2 {
        let (stop, first) = (Arc::clone(&stop), Arc::clone(&first));
        // Each on a server of its own.
        let db = Db::open(practice.database.url(), &secret(), &options()).await.expect("opened");
        let subject = json!({"reference": format!("Patient/w{writer}")});
        writers.push(tokio::spawn(async move {
            let mut rounds = 0_u32;
            while !stop.load(Ordering::Relaxed) {
                let body = |mark: u32| {
                    json!({"resourceType": "Media", "id": format!("m{writer}-{rounds}"), "status": "completed",
                        "subject": subject, "content": {}, "identifier": [{"system": "urn:m", "value": format!("m{mark}")}]})
                };
                let key = key_of(&body(0));
                commit(&db, vec![create(body(1))]).await;
                let change = Change::Put(new_version(&key, 2, body(2)));
                commit(&db, vec![Write { key: key.clone(), based_on: Some(1), change }]).await;
                if rounds.is_multiple_of(3) {
                    commit(&db, vec![Write { key, based_on: Some(2), change: Change::Delete }]).await;
                }
                rounds += 1;
                first.notify_one();
            }
            rounds
        }));
    }
    first.notified().await;
    let told = Arc::new(AtomicU64::new(0));
    let progress: Progress = {
        let told = Arc::clone(&told);
        Arc::new(move |done, all| {
            assert!(done <= all);
            told.store(done, Ordering::Relaxed);
        })
    };
    let done = practice.db.reindex(KEYS, progress).await.expect("reindexed");
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        assert!(writer.await.expect("a writer") > 0);
    }
    assert_eq!(told.load(Ordering::Relaxed), done);
    assert!(done >= practice.bodies.len() as u64);
    assert_eq!(practice.answers().await, before);
    practice.expect_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_trail_is_found_by_is_mended() {
    let Some(practice) = Practice::new().await else { return };
    let (patient, permit) = (PatientId::parse(practice.patient.id.as_str()).expect("a patient"), reading());
    let entry = |n: u32| {
        let mut entry =
            Entry::new(Timestamp::UNIX_EPOCH, Uuid::from_u128(n.into()), Actor::program("reader"), "chart.read");
        entry.patients.push(patient.clone());
        entry
    };
    for n in 0..3 {
        practice.db.append(entry(n)).await.expect("told");
    }
    let line = practice.line().await;
    let head = crate::audit_chain::begin(&line).await.expect("held");
    crate::audit_index::catch_up(&line, head, true).await.expect("indexed");
    line.batch("COMMIT").await.expect("indexed");
    practice.expect_clean().await;
    let report = async || {
        let query = AuditQuery { patient: Some(patient.clone()), count: 100, ..AuditQuery::default() };
        let found = practice.db.entries(&permit, &query).await.expect("a report");
        found.for_decision().iter().map(|recorded| recorded.sequence).collect::<Vec<_>>()
    };
    let whole = report().await;
    assert!(whole.len() >= 3, "{whole:?}");
    let hide = "DELETE FROM audit_patient WHERE first = (SELECT max(first) FROM audit_patient)";
    practice.sql(hide, &practice.patient).await;
    assert_ne!(report().await, whole, "an entry is hidden");
    practice.expect_mended("audit_patient, audit_actor: 1 rows", hide).await;
    assert_eq!(report().await, whole);
    for sql in [
        "DELETE FROM audit_actor WHERE first = 2",
        "DELETE FROM audit_patient",
        "UPDATE audit_actor SET actor = '00000000-0000-0000-0000-00000000002a' WHERE first = 1",
        "INSERT INTO audit_patient(chain, patient, first) VALUES (0, 'nobody', 1)",
        "INSERT INTO audit_patient(chain, patient, first) VALUES (0, 'nobody', 999999)",
    ] {
        practice.sql(sql, &practice.patient).await;
        practice.expect_mended("audit_patient, audit_actor", sql).await;
        assert_eq!(report().await, whole, "{sql}");
    }
    let ahead = "UPDATE counter SET next = 999999 WHERE name = 'audit-indexed'";
    practice.sql(ahead, &practice.patient).await;
    let found = practice.check().await;
    assert!(found.findings.iter().any(|finding| finding.what.starts_with("counter: entries")), "{found:?}");
    practice.db.check(KEYS, true, silent()).await.expect("mended");
    practice.expect_clean().await;
    practice.db.append(entry(9)).await.expect("told");
    assert_eq!(report().await.len(), whole.len() + 1, "what comes after is found");
}
