//! A practice in a database of its own, on a real PostgreSQL.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(dead_code, reason = "each test binary uses a part")]

use bytes::Bytes;
use fhir::index::Index;
use fhir::{Id, Key, Kind, PatientId};
use jiff::Timestamp;
use ring::rand::SystemRandom;
use store::audit::Entry;
use store::engine::wrap::Secret;
use store::record::{Change, Commit, NewVersion, Write};
use store::{Actor, KindSet, Permit, Scope, WritePermit};
use store_postgres::{Db, Options};
use test_postgres::Database;
use uuid::Uuid;
use zeroize::Zeroizing;

pub fn secret() -> Secret {
    Secret::KeyFile(Zeroizing::new([7; 32]))
}

/// Few connections: many tests share a server.
pub fn options() -> Options {
    Options { readers: 4, ..Options::default() }
}

/// A new practice; `None` where there is no PostgreSQL (said as skipped).
pub async fn practice() -> Option<(Database, Db)> {
    let database = test_postgres::database()?;
    let (db, _recovery) =
        Db::create(database.url(), &secret(), &options(), &SystemRandom::new()).await.expect("a practice");
    Some((database, db))
}

pub async fn open(database: &Database) -> Db {
    Db::open(database.url(), &secret(), &options()).await.expect("opened")
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

pub fn key(kind: Kind, id: &str) -> Key {
    Key::new(kind, Id::parse(id).expect("an id"))
}

/// A version of a resource in the chart of `p`.
pub fn version(key: &Key, mark: &str) -> NewVersion {
    let body = format!(r#"{{"resourceType":"{}","id":"{}","note":"{mark}"}}"#, key.kind, key.id);
    let index = Index { patient: PatientId::parse("p").ok(), ..Index::default() };
    NewVersion { body: Bytes::from(body), index, find_keys: Vec::new() }
}

pub fn put(key: &Key, based_on: Option<u32>, mark: &str) -> Write {
    Write { key: key.clone(), based_on, change: Change::Put(version(key, mark)) }
}

/// A commit of these writes. Each test's requests have numbers of their own, so that no two groups of entries are the same.
pub fn commit(request: u128, writes: Vec<Write>) -> Commit {
    let audit = Entry::new(Timestamp::UNIX_EPOCH, Uuid::from_u128(request), actor(), "record.write");
    Commit {
        at: Timestamp::UNIX_EPOCH,
        writes,
        unchanged: Vec::new(),
        exist: Vec::new(),
        draft: None,
        idempotency: None,
        audit,
    }
}

/// Asks the database directly.
pub async fn ask(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("connected");
    let task = tokio::spawn(connection);
    client.batch_execute(sql).await.expect("done");
    drop(client);
    task.await.expect("joined").expect("ended");
}

/// Ends every connection to a database, as an administrator may.
pub async fn end_connections(url: &str) {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    ask(url, sql).await;
}
