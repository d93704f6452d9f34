//! A practice in a folder of its own, opened as often as a test needs.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(dead_code, reason = "each test binary uses a part")]

use bytes::Bytes;
use fhir::index::Index;
use fhir::{Id, Key, Kind, PatientId};
use jiff::Timestamp;
use ring::rand::SystemRandom;
use std::path::Path;
use store::audit::Entry;
use store::record::{Change, Commit, NewVersion, Write};
use store::{Actor, KindSet, Permit, Result, Scope, WritePermit};
use store_sqlite::{Db, Options, key};
use uuid::Uuid;

/// A small reserve, and a log that is moved often.
pub const OPTIONS: Options = Options { reserve: 256 * 1024, log_pages: 60, find_keys: None };

/// Makes the keys and the database of a new practice.
pub fn create(dir: &Path) -> Db {
    let random = SystemRandom::new();
    let secret = key::create_key_file(&dir.join("key"), &random).expect("a key file");
    let (key, _recovery) = key::create(dir, &secret, &random).expect("keys");
    Db::create(dir, &key, &OPTIONS).expect("a database")
}

pub fn open(dir: &Path) -> Result<Db> {
    Db::open(dir, &unlock(dir), &OPTIONS)
}

pub fn unlock(dir: &Path) -> store_sqlite::DatabaseKey {
    key::unlock(dir, &key::read_key_file(&dir.join("key")).expect("the key file")).expect("unlocked")
}

pub fn actor() -> Actor {
    Actor::program("test")
}

pub fn reading() -> Permit {
    Permit::grant(actor(), KindSet::ALL, Scope::Practice)
}

pub fn writing() -> WritePermit {
    WritePermit::grant(actor(), KindSet::ALL, Scope::Practice)
}

pub fn entry(request: u128) -> Entry {
    let mut entry = Entry::new(Timestamp::UNIX_EPOCH, Uuid::from_u128(request), actor(), "test.read");
    entry.patients = vec![PatientId::parse("p").expect("an id")];
    entry
}

pub fn observation(id: &str) -> Key {
    Key::new(Kind::OBSERVATION, Id::parse(id).expect("an id"))
}

/// A commit that makes these observations of one chart, each with so many bytes of text.
pub fn commit(ids: &[String], bytes: usize) -> Commit {
    let writes = ids.iter().map(|id| {
        let key = observation(id);
        let body = format!(r#"{{"resourceType":"Observation","id":"{id}","note":"{}"}}"#, "CANARY ".repeat(bytes / 7));
        let index = Index { patient: PatientId::parse("p").ok(), ..Index::default() };
        let new = NewVersion { body: Bytes::from(body), index, find_keys: Vec::new() };
        Write { key, based_on: None, change: Change::Put(new) }
    });
    let audit = Entry::new(Timestamp::UNIX_EPOCH, Uuid::nil(), actor(), "record.write");
    Commit {
        at: Timestamp::UNIX_EPOCH,
        writes: writes.collect(),
        unchanged: Vec::new(),
        exist: Vec::new(),
        draft: None,
        idempotency: None,
        audit,
    }
}
