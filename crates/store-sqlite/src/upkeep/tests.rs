//! A practice is damaged by hand, in each way there is: the check names what is damaged, and mends what follows from what is left.

mod drafts;

use super::*;
use crate::connection::{Purpose, open};
use crate::db::{Options, file};
use crate::key::{self, DatabaseKey};
use bytes::Bytes;
use fhir::index::Index;
use fhir::search::{Handling, Query};
use fhir::{Id, Key, Kind, PatientId};
use jiff::Timestamp;
use ring::rand::SystemRandom;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use store::accounts::PracticeSettings;
use store::audit::{AuditQuery, Entry, Verdict};
use store::conformance::fixture::{reading, writing};
use store::find::{FindKey, KeyClass};
use store::record::{Change, Commit, NewVersion, Write};
use store::upkeep::Mended;
use store::{Actor, Error, Record as _};
use uuid::Uuid;

const OPTIONS: Options = Options { reserve: 4096, log_pages: 2_000, find_keys: None };
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

fn actor() -> Actor {
    Actor::program("test")
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
    let change = if key.kind == Kind::PATIENT {
        let key = key.clone();
        Change::PutNumbered(Box::new(move |number| {
            let mut body = body.clone();
            let system = PracticeSettings::default().record_number_system;
            let ours = json!({"system": system, "value": number.to_string()});
            match body["identifier"].as_array_mut() {
                Some(all) => all.push(ours),
                None => body["identifier"] = json!([ours]),
            }
            Ok(new_version(&key, 1, body))
        }))
    } else {
        Change::Put(new_version(&key, 1, body))
    };
    Write { key, based_on: None, change }
}

async fn commit(db: &Db, writes: Vec<Write>) {
    let at = Timestamp::UNIX_EPOCH;
    let audit = Entry::new(at, Uuid::nil(), actor(), "record.write");
    let commit = Commit { at, writes, unchanged: Vec::new(), exist: Vec::new(), draft: None, idempotency: None, audit };
    db.commit(&writing(), commit).await.expect("stored");
}

struct Practice {
    dir: tempfile::TempDir,
    key: DatabaseKey,
    /// Every body that was made, by its key.
    bodies: BTreeMap<String, Value>,
    /// One patient, and observations of that chart that were left as they were made.
    patient: Key,
    kept: Vec<Key>,
}

impl Practice {
    /// Charts of which some entries were updated, some deleted, some moved to another patient.
    async fn new() -> Self {
        let (dir, random) = (tempfile::tempdir().expect("a folder"), SystemRandom::new());
        let secret = key::create_key_file(&dir.path().join("key"), &random).expect("a key file");
        let (key, _) = key::create(dir.path(), &secret, &random).expect("keys");
        let db = Db::create(dir.path(), &key, &OPTIONS).expect("a database");
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
            let key = key_of(body);
            let change = match place % 3 {
                0 => Change::Delete,
                1 => {
                    let mut body = (*body).clone();
                    body["effectiveDateTime"] = json!("2020-02-03");
                    Change::Put(new_version(&key, 2, body))
                }
                _ => {
                    let mut body = (*body).clone();
                    body["subject"] = json!({"reference": other.to_string()});
                    Change::Put(new_version(&key, 2, body))
                }
            };
            commit(&db, vec![Write { key, based_on: Some(1), change }]).await;
        }
        let kept = observations[9..].iter().map(|body| key_of(body)).collect();
        drop(db);
        Self { dir, key, bodies, patient, kept }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn open(&self) -> Db {
        Db::open(self.path(), &self.key, &OPTIONS).expect("opened")
    }

    fn edit(&self, act: impl FnOnce(&Connection)) {
        act(&open(&file(self.path()), &self.key, Purpose::Write, false).expect("opened"));
    }

    fn sql(&self, sql: &str, binds: impl rusqlite::Params) {
        self.edit(|db| {
            // Whoever has the key can take away what keeps statements from changing versions.
            let unguard = "DROP TRIGGER IF EXISTS resource_version_kept; DROP TRIGGER IF EXISTS resource_version_stays";
            db.execute_batch(unguard).expect("unguarded");
            assert!(db.execute(sql, binds).expect("damaged") > 0, "{sql}");
        });
    }

    fn rid(&self, key: &Key) -> i64 {
        let mut found = 0;
        self.edit(|db| found = crate::ids::rid(db, key.kind, &key.id).expect("read").expect("there"));
        found
    }

    fn check(&self) -> Report {
        Db::check_offline(self.path(), &self.key, KEYS, &silent()).expect("checked")
    }

    fn expect_clean(&self) {
        assert_eq!(self.check().findings, []);
    }

    /// The damage is found under this name alone, and mended.
    async fn expect_mended(&self, what: &str) {
        let found = self.check();
        assert!(!found.findings.is_empty(), "not found: {what}");
        for finding in &found.findings {
            assert!(finding.what.contains(what) && finding.mended == Mended::Possible, "{finding:?}, not {what}");
        }
        let db = self.open();
        let report = db.check(KEYS, true, silent()).await.expect("mended");
        drop(db);
        assert!(report.findings.iter().all(|finding| finding.mended == Mended::Done), "{:?}", report.findings);
        assert_eq!(report.findings.len(), found.findings.len());
        self.expect_clean();
    }

    /// The damage is found under this name, and stays.
    async fn expect_never(&self, what: &str) {
        let named = |report: &Report| {
            report.findings.iter().any(|finding| finding.what.contains(what) && finding.mended == Mended::Never)
        };
        let found = self.check();
        assert!(named(&found), "{:?}, not {what}", found.findings);
        let db = self.open();
        let report = db.check(KEYS, true, silent()).await.expect("checked");
        assert!(named(&report), "{:?}, not {what}", report.findings);
    }

    /// What searches answer: each type whole, and by what each of some resources is found.
    async fn answers(&self, db: &Db) -> BTreeMap<String, BTreeSet<String>> {
        let mut answers = BTreeMap::new();
        let patient = self.patient.id.as_str();
        for (kind, search) in [
            ("Patient", String::new()),
            ("Observation", String::new()),
            ("Observation", format!("patient={patient}")),
            ("Observation", "category=laboratory".to_owned()),
            ("Observation", "date=lt2021".to_owned()),
            ("Observation", "value-quantity=gt50".to_owned()),
            ("Condition", format!("subject=Patient/{patient}")),
            ("Patient", "name=a".to_owned()),
            ("Encounter", "_content=pain".to_owned()),
        ] {
            let pairs: Vec<(String, String)> =
                search.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
            let kind = Kind::parse(kind).expect("a type");
            let parsed = Query::parse(kind, &pairs, Handling::Strict, Timestamp::UNIX_EPOCH);
            let (mut query, _) = parsed.unwrap_or_else(|_| panic!("{kind}?{search}"));
            query.count = 1000;
            let page = db.search(&reading(), &query, None).await.expect("searched");
            let found = page.for_decision().matches.iter().map(|stored| stored.key.to_string()).collect();
            answers.insert(format!("{kind}?{search}"), found);
        }
        answers
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_practice_that_is_whole_has_nothing_to_be_found() {
    let practice = Practice::new().await;
    let report = practice.check();
    assert_eq!(report.findings, []);
    assert_eq!(report.resources, practice.bodies.len() as u64);
    assert_eq!(report.versions, practice.bodies.len() as u64 + 9);
    assert_eq!(report.entries, 10);
    // Also while it is open, and without an entry: nothing was changed.
    let db = practice.open();
    practice.expect_clean();
    assert_eq!(db.check(KEYS, true, silent()).await.expect("checked"), report);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn index_rows_that_are_missing_stray_or_altered_are_mended() {
    let practice = Practice::new().await;
    let (key, patient) = (&practice.kept[0], &practice.patient);
    let (rid, patient_rid) = (practice.rid(key), practice.rid(patient));
    let (observation, person) = (key.to_string(), patient.to_string());
    for (sql, rid, named) in [
        ("DELETE FROM idx_token WHERE rid = ?1", rid, &observation),
        ("UPDATE idx_token SET patient = patient + 1 WHERE rid = ?1", rid, &observation),
        ("UPDATE idx_token SET date = date + 1 WHERE rid = ?1", rid, &observation),
        (
            "INSERT INTO idx_token SELECT 9999, code, patient, date, rid, part, term FROM idx_token WHERE rid = ?1 LIMIT 1",
            rid,
            &observation,
        ),
        ("DELETE FROM idx_date WHERE rid = ?1", rid, &observation),
        ("UPDATE idx_date SET low = low + 1 WHERE rid = ?1", rid, &observation),
        ("DELETE FROM idx_reference WHERE rid = ?1", rid, &observation),
        ("UPDATE idx_reference SET target = target + 1 WHERE rid = ?1", rid, &observation),
        ("DELETE FROM idx_string WHERE rid = ?1", patient_rid, &person),
        ("UPDATE idx_string SET folded = 'zz' WHERE rid = ?1", patient_rid, &person),
        ("INSERT INTO idx_uri VALUES (?1, 1, 2, 0)", rid, &observation),
        ("INSERT INTO idx_quantity VALUES (?1, 1, 2, 3, 4, 0)", rid, &observation),
        ("DELETE FROM find_key WHERE patient = ?1", patient_rid, &person),
        ("INSERT INTO find_key VALUES (1, 'nobody', ?1)", rid, &observation),
    ] {
        practice.sql(sql, [rid]);
        practice.expect_mended(named).await;
    }
    practice.edit(|db| {
        let first = "SELECT min(id) FROM words_docsize";
        let rid: i64 = db.query_row(first, [], |row| row.get(0)).expect("words");
        db.execute("DELETE FROM words WHERE rowid = ?1", [rid]).expect("damaged");
    });
    practice.expect_mended("do not agree with its content").await;
    practice.sql("INSERT INTO idx_date VALUES (999999, 1, 2, 3, 0)", []);
    practice.expect_mended("999999").await;
    let db = practice.open();
    let query = AuditQuery { action: Some("practice.repair".to_owned()), count: 100, ..AuditQuery::default() };
    let entries = db.entries(&reading(), &query).await.expect("the trail");
    assert_eq!(entries.for_decision().len(), 16, "each repair is told of");
    assert!(matches!(db.verify().await.expect("verified"), Verdict::Whole { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pointers_charts_names_and_counters_are_mended() {
    let practice = Practice::new().await;
    let key = &practice.kept[0];
    let (rid, named) = (practice.rid(key), key.to_string());
    for sql in [
        "UPDATE resource SET version = 7 WHERE rid = ?1",
        "UPDATE resource SET seq = 1 WHERE rid = ?1",
        "UPDATE resource SET deleted = 1 WHERE rid = ?1",
        "UPDATE resource SET date = 5 WHERE rid = ?1",
        "UPDATE resource SET patient = NULL WHERE rid = ?1",
        "UPDATE resource_version SET patient = patient + 1 WHERE rid = ?1",
    ] {
        practice.sql(sql, [rid]);
        practice.expect_mended(&named).await;
    }
    practice.sql("DELETE FROM find_slip", []);
    practice.expect_mended("find_slip").await;
    practice.sql("UPDATE counter SET next = 100002 WHERE name = 'record-number'", []);
    practice.expect_mended("counter").await;
    let mut next = 0;
    practice.edit(|db| next = crate::commit::counter(db).expect("read"));
    assert_eq!(next, 100_005, "four patients were numbered");
    practice.sql("DELETE FROM term WHERE id = (SELECT term FROM idx_token WHERE rid = ?1 LIMIT 1)", [rid]);
    practice.expect_mended("do not agree with its content").await;
    practice.sql("UPDATE term SET system = 'urn:other' WHERE id = (SELECT term FROM idx_token t JOIN term ON term.id = t.term WHERE rid = ?1 AND system IS NOT NULL LIMIT 1)", [rid]);
    practice.expect_mended("").await;
    practice.sql("DELETE FROM unit", []);
    practice.expect_mended("do not agree with its content").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_follows_from_nothing_is_named_and_stays() {
    let kept = |practice: &Practice| practice.kept[0].to_string();
    for (sql, what) in [
        ("UPDATE resource_version SET body = x'7b' WHERE rid = ?1", "its body cannot be read"),
        (
            "UPDATE resource_version SET body = (SELECT body FROM resource_version WHERE rid = ?1 + 1) WHERE rid = ?1",
            "its body is another",
        ),
        ("UPDATE resource_version SET version = 2 WHERE rid = ?1", "without a gap"),
        ("DELETE FROM resource_version WHERE rid = ?1", "none of its versions is there"),
    ] {
        let practice = Practice::new().await;
        practice.sql(sql, [practice.rid(&practice.kept[0])]);
        let found = practice.check();
        assert!(found.findings.iter().any(|finding| finding.what.starts_with(&kept(&practice))), "{found:?}");
        practice.expect_never(what).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_documents_shared_numbers_and_unknown_answers_are_named() {
    let practice = Practice::new().await;
    let subject = json!({"reference": practice.patient.to_string()});
    let body = json!({"resourceType": "DocumentReference", "id": "d", "status": "current", "subject": subject,
        "content": [{"attachment": {"contentType": "application/pdf", "url": "Binary/lost"}}]});
    let system = PracticeSettings::default().record_number_system;
    let twin = json!({"resourceType": "Patient", "id": "twin", "identifier": [{"system": system, "value": "100001"}]});
    let twin = new_version(&key_of(&twin), 1, twin);
    let key = Key::new(Kind::PATIENT, Id::parse("twin").expect("an id"));
    let db = practice.open();
    commit(&db, vec![create(body), Write { key, based_on: None, change: Change::Put(twin) }]).await;
    drop(db);
    practice.expect_never("DocumentReference/d names Binary/lost, which is not there").await;
    practice.expect_never("have the same record number").await;
    practice.sql(
        "INSERT INTO idempotency(actor, key, request, versions, answer) VALUES (x'00', 'k', x'00', 'Observation/never 3 9', '')",
        [],
    );
    practice.expect_never("idempotency").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_trail_is_named() {
    let practice = Practice::new().await;
    practice.sql("DELETE FROM audit WHERE first = 3", []);
    practice.expect_never("the audit trail: entry 3: deleted").await;
    // The entry that went told of one version.
    practice.expect_never("no entry of the audit trail tells of it").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reindex_under_writers_ends_clean_and_finds_the_same() {
    let practice = Practice::new().await;
    // Rows that no body says, such as an older program's: gone afterwards.
    practice
        .sql("INSERT OR IGNORE INTO idx_token SELECT 9999, code, patient, date, rid, part, term FROM idx_token", []);
    let db = Arc::new(practice.open());
    let before = practice.answers(&db).await;
    assert!(before.values().filter(|found| !found.is_empty()).count() >= 7, "{before:?}");
    let (stop, first) = (Arc::new(AtomicBool::new(false)), Arc::new(tokio::sync::Notify::new()));
    let writers = (0..3).map(|writer| {
        let (db, stop, first) = (Arc::clone(&db), Arc::clone(&stop), Arc::clone(&first));
        let subject = json!({"reference": format!("Patient/w{writer}")});
        tokio::spawn(async move {
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
        })
    });
    let writers: Vec<_> = writers.collect();
    first.notified().await;
    let told = Arc::new(AtomicU64::new(0));
    let progress: Progress = {
        let told = Arc::clone(&told);
        Arc::new(move |done, all| {
            assert!(done <= all);
            told.store(done, Ordering::Relaxed);
        })
    };
    let done = db.reindex(KEYS, progress).await.expect("reindexed");
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        assert!(writer.await.expect("a writer") > 0);
    }
    assert_eq!(told.load(Ordering::Relaxed), done);
    assert!(done >= practice.bodies.len() as u64);
    assert_eq!(practice.answers(&db).await, before);
    drop(db);
    practice.expect_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reindex_that_was_cut_short_leaves_a_working_practice() {
    let practice = Practice::new().await;
    practice.edit(|db| {
        db.execute_batch(reindex::BESIDE).expect("begun");
        for rid in 1..40 {
            reindex::one(db, KEYS, rid).expect("written anew");
        }
    });
    practice.expect_clean();
    let db = practice.open();
    let mut left = 0_i64;
    practice.edit(|db| {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name IN ('idx_token_next', 'idx_token_old', 'idx_token_put', 'idx_token_gone')";
        left = db.query_row(sql, [], |row| row.get(0)).expect("read");
    });
    assert_eq!(left, 0, "opening it drops what was begun");
    db.reindex(KEYS, silent()).await.expect("reindexed");
    drop(db);
    practice.expect_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reindex_keeps_what_a_damaged_body_is_found_by() {
    let practice = Practice::new().await;
    let rid = practice.rid(&practice.kept[0]);
    let tokens = || {
        let mut count = 0_i64;
        practice.edit(|db| {
            count =
                db.query_row("SELECT count(*) FROM idx_token WHERE rid = ?1", [rid], |row| row.get(0)).expect("read");
        });
        count
    };
    let before = tokens();
    practice.sql("UPDATE resource_version SET body = x'7b' WHERE rid = ?1", [rid]);
    practice.open().reindex(KEYS, silent()).await.expect("reindexed");
    assert!(before > 0);
    assert_eq!(tokens(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_practice_that_is_open_elsewhere_is_not_mended() {
    let practice = Practice::new().await;
    let _open = practice.open();
    let refused = Db::open(practice.path(), &practice.key, &OPTIONS).err();
    assert!(matches!(refused, Some(Error::Locked(holder)) if holder.contains("process")));
    practice.expect_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_trail_is_found_by_is_mended() {
    let practice = Practice::new().await;
    let patient = PatientId::parse(practice.patient.id.as_str()).expect("a patient");
    let entry = |n: u32| {
        let mut entry =
            Entry::new(Timestamp::UNIX_EPOCH, Uuid::from_u128(n.into()), Actor::program("reader"), "chart.read");
        entry.patients.push(patient.clone());
        entry
    };
    let db = practice.open();
    for n in 0..3 {
        db.append(entry(n)).await.expect("told");
    }
    drop(db);
    practice.edit(|db| {
        let head = crate::audit_chain::head(db).expect("a head");
        crate::audit_index::catch_up(db, head, true).expect("indexed");
    });
    practice.expect_clean();
    let report = async || {
        let query = AuditQuery { patient: Some(patient.clone()), count: 100, ..AuditQuery::default() };
        let found = practice.open().entries(&reading(), &query).await.expect("a report");
        found.for_decision().iter().map(|recorded| recorded.sequence).collect::<Vec<_>>()
    };
    let whole = report().await;
    assert!(whole.len() >= 3, "{whole:?}");
    practice.sql("DELETE FROM audit_patient WHERE first = (SELECT max(first) FROM audit_patient)", []);
    assert_ne!(report().await, whole, "an entry is hidden");
    practice.expect_mended("audit_patient, audit_actor: 1 rows").await;
    assert_eq!(report().await, whole);
    for (sql, what) in [
        ("DELETE FROM audit_actor WHERE first = 2", "audit_patient, audit_actor"),
        ("DELETE FROM audit_patient", "audit_patient, audit_actor"),
        (
            "UPDATE audit_actor SET actor = x'0000000000000000000000000000002a' WHERE first = 1",
            "audit_patient, audit_actor",
        ),
        ("INSERT INTO audit_patient(patient, first) VALUES ('nobody', 1)", "audit_patient, audit_actor"),
        ("INSERT INTO audit_patient(patient, first) VALUES ('nobody', 999999)", "audit_patient, audit_actor"),
        ("UPDATE audit_span SET latest = earliest - 1", "audit_span"),
        ("DELETE FROM audit_span", "audit_span"),
        ("UPDATE counter SET next = 999999 WHERE name = 'audit-indexed'", "counter: entries"),
    ] {
        practice.sql(sql, []);
        practice.expect_mended(what).await;
        assert_eq!(report().await, whole, "{sql}");
    }
    practice.open().append(entry(9)).await.expect("told");
    assert_eq!(report().await.len(), whole.len() + 1, "what comes after is found");
}
