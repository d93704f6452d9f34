//! The scripted work, on a copy of one small practice.

use crate::ledger::{Ledger, check};
use bytes::Bytes;
use fault_disk::Fault;
use fhir::index::Index;
use fhir::{Id, Key, Kind, PatientId};
use jiff::Timestamp;
use ring::rand::SystemRandom;
use std::path::Path;
use store::audit::Entry;
use store::record::{Change, Commit, NewVersion, Write};
use store::{Actor, Error, KindSet, Permit, Scope, Store, WritePermit};
use store_sqlite::{Db, Options, key};
use uuid::Uuid;

/// A small reserve, and a log that is moved while the work goes on.
const OPTIONS: Options = Options { reserve: 64 * 1024, log_pages: 40, find_keys: None };

fn actor() -> Actor {
    Actor::program("test")
}

pub fn reading() -> Permit {
    Permit::grant(actor(), KindSet::ALL, Scope::Practice)
}

/// A practice that every run starts from a copy of.
pub struct Practice {
    dir: tempfile::TempDir,
}

impl Practice {
    pub fn make() -> Self {
        let (dir, random) = (tempfile::tempdir().expect("a folder"), SystemRandom::new());
        let secret = key::create_key_file(&dir.path().join("key"), &random).expect("a key file");
        let (key, _recovery) = key::create(dir.path(), &secret, &random).expect("keys");
        drop(Db::create(dir.path(), &key, &OPTIONS).expect("a practice"));
        Self { dir }
    }

    fn copy(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().expect("a folder");
        for file in std::fs::read_dir(self.dir.path()).expect("the files") {
            let file = file.expect("a file");
            std::fs::copy(file.path(), copy.path().join(file.file_name())).expect("copied");
        }
        copy
    }
}

fn open(dir: &Path) -> Result<Db, Error> {
    let key = key::unlock(dir, &key::read_key_file(&dir.join("key")).expect("the key file")).expect("unlocked");
    Db::open(dir, &key, &OPTIONS)
}

/// Calls of a kind that the work makes when nothing fails.
pub async fn calls_of(practice: &Practice, fault: Fault) -> u64 {
    let copy = practice.copy();
    fault_disk::arm(fault, u64::MAX);
    let mut ledger = Ledger::default();
    work(&open(copy.path()).expect("opened"), &mut ledger).await;
    let calls = fault_disk::calls();
    fault_disk::disarm();
    check(&open(copy.path()).expect("opened"), &reading(), &ledger, "no fault").await;
    assert_eq!(
        (ledger.written.len(), ledger.audited.len()),
        (2 * ROUNDS + 20, ROUNDS + 5),
        "all of it is acknowledged"
    );
    calls
}

/// One run. Whether the fault came.
pub async fn run(practice: &Practice, fault: Fault, nth: u64) -> bool {
    let (copy, what) = (practice.copy(), format!("{fault:?} at {nth}"));
    let mut ledger = Ledger::default();
    fault_disk::arm(fault, nth);
    match open(copy.path()) {
        Ok(db) => {
            work(&db, &mut ledger).await;
            if fault == Fault::Full && fault_disk::fired() {
                recovers(&db, &mut ledger, &what).await;
            }
        }
        Err(error) => assert!(fault_disk::fired(), "{what}: {error}"),
    }
    let fired = fault_disk::fired();
    if fault == Fault::PowerCut {
        fault_disk::cut_power(nth).expect("the files are put back");
        let _gone_with_the_power = std::fs::remove_file(copy.path().join("practice.db-shm"));
    }
    fault_disk::disarm();
    let db = open(copy.path()).unwrap_or_else(|error| panic!("{what}: does not open again: {error}"));
    check(&db, &reading(), &ledger, &what).await;
    let after = write(&db, &["after".to_owned()], 100).await;
    after.unwrap_or_else(|error| panic!("{what}: nothing can be written afterwards: {error}"));
    fired
}

/// With room again, the same server goes on.
async fn recovers(db: &Db, ledger: &mut Ledger, what: &str) {
    let refused = write(db, &["full".to_owned()], 100).await;
    assert!(refused.is_err(), "{what}: a full disk refuses writes");
    fault_disk::disarm();
    let id = "room".to_owned();
    write(db, std::slice::from_ref(&id), 100).await.unwrap_or_else(|error| panic!("{what}: {error} with room again"));
    ledger.written.push(id);
}

pub const ROUNDS: usize = 12;

/// Pairs of observations, entries, readings and one larger commit; whatever is refused is simply not noted.
pub async fn work(db: &dyn Store, ledger: &mut Ledger) {
    for n in 0..ROUNDS {
        let pair = [format!("r{n}-a"), format!("r{n}-b")];
        note(write(db, &pair, 1_500).await, pair.to_vec(), ledger);
        let request = n as u128 + 1;
        if db.append(entry(request)).await.is_ok() {
            ledger.audited.push(request);
        }
        if n == ROUNDS / 2 {
            let many: Vec<String> = (0..20).map(|i| format!("many{i}")).collect();
            note(write(db, &many, 4_000).await, many, ledger);
        }
        let key = Key::new(Kind::OBSERVATION, Id::parse("r0-a").expect("an id"));
        if let Ok(Some(read)) = db.read(&reading(), &key).await {
            assert!(ledger.written.contains(&"r0-a".to_owned()) || !read.for_decision().body.is_empty());
        }
    }
    for request in 100..105 {
        if db.append(entry(request)).await.is_ok() {
            ledger.audited.push(request);
        }
    }
    let _perhaps = db.settle().await;
}

fn note<T>(outcome: Result<T, Error>, ids: Vec<String>, ledger: &mut Ledger) {
    match outcome {
        Ok(_) => ledger.written.extend(ids),
        Err(Error::Full | Error::Unaudited | Error::Broken(_) | Error::Locked(_)) => {}
        Err(Error::Unreachable(_) | Error::Unknown) => {}
        Err(other) => panic!("a failing disk or line is not {other}"),
    }
}

fn entry(request: u128) -> Entry {
    let mut entry = Entry::new(Timestamp::UNIX_EPOCH, Uuid::from_u128(request), actor(), "test.read");
    entry.patients = vec![PatientId::parse("p").expect("an id")];
    entry
}

/// Writes observations of one chart, each with so many bytes of text, in one commit.
pub async fn write(db: &dyn Store, ids: &[String], bytes: usize) -> Result<(), Error> {
    let writes = ids.iter().map(|id| {
        let value = serde_json::json!({
            "resourceType": "Observation", "id": id, "status": "final", "subject": {"reference": "Patient/p"},
            "code": {"coding": [{"system": "http://loinc.org", "code": "8302-2"}]}, "valueString": "word ".repeat(bytes / 5),
        });
        let index = Index::of(Kind::OBSERVATION, &value);
        let new = NewVersion { body: Bytes::from(value.to_string()), index, find_keys: Vec::new() };
        let key = Key::new(Kind::OBSERVATION, Id::parse(id).expect("an id"));
        Write { key, based_on: None, change: Change::Put(new) }
    });
    let audit = Entry::new(Timestamp::UNIX_EPOCH, Uuid::nil(), actor(), "record.write");
    let permit = WritePermit::grant(actor(), KindSet::ALL, Scope::Practice);
    let (writes, at) = (writes.collect(), Timestamp::UNIX_EPOCH);
    let commit = Commit { at, writes, unchanged: Vec::new(), exist: Vec::new(), draft: None, idempotency: None, audit };
    db.commit(&permit, commit).await.map(|_done| ())
}
