//! The tables, and how an older database becomes a current one.
//!
//! - `resource` is the directory: one row per resource ever named, with a pointer to its current version. `rid` is its number
//!   everywhere else. `version` 0 means it is only referred to so far.
//! - `resource_version` is append-only: its rowid `seq` is the practice-wide order in which versions were recorded.
//! - Times are microseconds since 1970, clinical dates milliseconds. Ids are kept as `ids::Stored` says.

use crate::connection::sql_error;
use crate::{audit_index, audit_span, drafts, failure, find, idempotency, index};
use rusqlite::Connection;
use std::path::Path;
use store::{Error, Result};

/// One step: what brings a database from the version before to this one.
struct Migration {
    version: u32,
    sql: &'static [&'static str],
    /// What follows from content that SQL cannot read.
    fill: Option<fn(&Connection) -> rusqlite::Result<()>>,
}

/// Every step since the first release, oldest first. Steps are only ever appended.
const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, sql: &[RECORD, index::TABLES, find::TABLES, AUDIT, ACCOUNTS], fill: None },
    Migration { version: 2, sql: &[index::REFERENCES_BY_DATE], fill: None },
    Migration {
        version: 3,
        sql: &[audit_span::TABLES, failure::KEYED, idempotency::ANSWERS],
        fill: Some(audit_index::note_times),
    },
    Migration { version: 4, sql: &[drafts::TABLES], fill: None },
];

const RECORD: &str = "
CREATE TABLE counter(name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE resource(
    rid INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    id NOT NULL,
    patient INTEGER,             -- rid of the Patient whose chart it is in
    version INTEGER NOT NULL,    -- 0: only referred to
    seq INTEGER,                 -- its current version
    date INTEGER,                -- clinical date, ms
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX resource_id ON resource(kind, id);
CREATE INDEX resource_chart ON resource(patient, kind, date DESC) WHERE version > 0 AND deleted = 0;

CREATE TABLE resource_version(
    seq INTEGER PRIMARY KEY,
    rid INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    version INTEGER NOT NULL,
    patient INTEGER,
    moved_from INTEGER,          -- the chart the resource left with this version
    recorded_at INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0,
    body BLOB NOT NULL
);
CREATE UNIQUE INDEX resource_version_of ON resource_version(rid, version);
CREATE INDEX resource_version_chart ON resource_version(patient, seq) WHERE patient IS NOT NULL;
CREATE INDEX resource_version_moved ON resource_version(moved_from, seq) WHERE moved_from IS NOT NULL;
CREATE INDEX resource_version_kind ON resource_version(kind, seq);

CREATE TABLE idempotency(
    actor BLOB NOT NULL,
    key TEXT NOT NULL,
    request BLOB NOT NULL,
    versions TEXT NOT NULL,
    PRIMARY KEY(actor, key)
) WITHOUT ROWID;
";

const AUDIT: &str = "
-- One row per commit group: the entries one after another, each followed by its hash.
CREATE TABLE audit(first INTEGER PRIMARY KEY, last INTEGER NOT NULL, entries BLOB NOT NULL);
-- The head, told a second time: a chain cut short does not agree with it.
CREATE TABLE audit_head(one INTEGER PRIMARY KEY CHECK(one = 1), last INTEGER NOT NULL, hash BLOB NOT NULL);
CREATE TABLE audit_checkpoint(last INTEGER PRIMARY KEY, at INTEGER NOT NULL, hash BLOB NOT NULL, signature BLOB NOT NULL);
-- Written in batches (audit_index.rs); what is younger is read directly.
CREATE TABLE audit_patient(patient NOT NULL, first INTEGER NOT NULL, PRIMARY KEY(patient, first)) WITHOUT ROWID;
CREATE TABLE audit_actor(actor BLOB NOT NULL, first INTEGER NOT NULL, PRIMARY KEY(actor, first)) WITHOUT ROWID;
";

const ACCOUNTS: &str = "
CREATE TABLE user_account(
    id BLOB PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    role TEXT NOT NULL,
    practitioner TEXT,
    password_hash TEXT NOT NULL,
    must_change INTEGER NOT NULL,
    disabled_at INTEGER,
    created_at INTEGER NOT NULL,
    preferences TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE session(
    secret BLOB PRIMARY KEY,
    user BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    locked INTEGER NOT NULL,
    csrf BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_user ON session(user);
CREATE TABLE api_token(
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    secret BLOB NOT NULL UNIQUE,
    scope TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    used_at INTEGER
) WITHOUT ROWID;
CREATE UNIQUE INDEX api_token_name ON api_token(name) WHERE revoked_at IS NULL;
CREATE TABLE sign_in_failure(subject TEXT PRIMARY KEY, count INTEGER NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE setting(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
";

/// The newest schema this program knows.
pub(crate) const KNOWN: u32 = 4;

/// The schema version a database is at; 0 when it is empty.
pub(crate) fn version(db: &Connection) -> Result<u32> {
    db.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(sql_error)
}

/// Brings a database up to date, each step in its own transaction, after a snapshot of what was.
pub(crate) fn migrate(db: &mut Connection, file: &Path) -> Result<()> {
    migrate_by(db, file, MIGRATIONS)
}

fn migrate_by(db: &mut Connection, file: &Path, steps: &[Migration]) -> Result<()> {
    let (found, known) = (version(db)?, steps.last().map_or(0, |step| step.version));
    if found > known {
        return Err(Error::Newer { found, known });
    }
    if found == known {
        return Ok(());
    }
    if found > 0 {
        snapshot(db, file, found)?;
    }
    for step in steps.iter().filter(|step| step.version > found) {
        let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(sql_error)?;
        for sql in step.sql {
            tx.execute_batch(sql).map_err(sql_error)?;
        }
        if let Some(fill) = step.fill {
            fill(&tx).map_err(sql_error)?;
        }
        tx.pragma_update(None, "user_version", step.version).map_err(sql_error)?;
        tx.commit().map_err(sql_error)?;
    }
    Ok(())
}

/// A copy of the whole database beside it, such as `before-schema-2.db`, encrypted with the same key: the way back from an upgrade.
fn snapshot(db: &Connection, file: &Path, found: u32) -> Result<()> {
    let copy = file.with_file_name(format!("before-schema-{}.db", found + 1));
    if copy.exists() {
        // An upgrade that was cut short after its snapshot: the copy may be half-made, so it is made again.
        std::fs::remove_file(&copy)
            .map_err(|e| Error::Broken(format!("the old upgrade snapshot cannot be replaced: {e}")))?;
    }
    // Nobody else has the practice open: with the log moved in, the file alone is the whole database.
    let whole = "PRAGMA wal_checkpoint(TRUNCATE)";
    let busy: bool = db.query_row(whole, [], |row| row.get(0)).map_err(sql_error)?;
    if busy {
        return Err(Error::Locked("another program holds this practice's database".to_owned()));
    }
    let copied = std::fs::copy(file, &copy).and_then(|_bytes| std::fs::File::open(&copy)?.sync_all());
    copied.map_err(|e| Error::Broken(format!("the upgrade snapshot could not be kept: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{Purpose, open};
    use crate::key;
    use ring::rand::SystemRandom;

    /// A practice of this program's schema, with one idempotency key as content.
    fn practice() -> (tempfile::TempDir, key::DatabaseKey, Connection) {
        let (dir, random) = (tempfile::tempdir().expect("a folder"), SystemRandom::new());
        let secret = key::create_key_file(&dir.path().join("key"), &random).expect("a key file");
        let (key, _) = key::create(dir.path(), &secret, &random).expect("keys");
        let file = dir.path().join("practice.db");
        let mut db = open(&file, &key, Purpose::Write, true).expect("opened");
        migrate(&mut db, &file).expect("made");
        db.execute("INSERT INTO counter(name, next) VALUES ('mark', 7)", []).expect("content");
        (dir, key, db)
    }

    #[test]
    fn the_newest_step_is_the_schema_this_program_knows() {
        assert_eq!(MIGRATIONS.last().map(|step| step.version), Some(KNOWN));
        assert!(MIGRATIONS.windows(2).all(|pair| pair[0].version < pair[1].version));
    }

    #[test]
    fn an_older_database_is_copied_before_it_is_changed() {
        let (dir, key, mut db) = practice();
        let file = dir.path().join("practice.db");
        let next =
            [Migration { version: KNOWN + 1, sql: &["UPDATE counter SET next = 8 WHERE name = 'mark'"], fill: None }];
        migrate_by(&mut db, &file, &next).expect("upgraded");
        let mark = |db: &Connection| -> i64 {
            db.query_row("SELECT next FROM counter WHERE name = 'mark'", [], |row| row.get(0)).expect("content")
        };
        assert_eq!((version(&db).expect("version"), mark(&db)), (KNOWN + 1, 8));
        let copy = dir.path().join(format!("before-schema-{}.db", KNOWN + 1));
        let before = open(&copy, &key, Purpose::Read, false).expect("the copy opens with the same key");
        assert_eq!((version(&before).expect("version"), mark(&before)), (KNOWN, 7));
    }

    #[test]
    fn a_step_that_fails_changes_nothing() {
        let (dir, _key, mut db) = practice();
        let next = [Migration {
            version: KNOWN + 1,
            sql: &["UPDATE counter SET next = 8", "SELECT nonsense FROM nowhere"],
            fill: None,
        }];
        assert!(migrate_by(&mut db, &dir.path().join("practice.db"), &next).is_err());
        assert_eq!(version(&db).expect("version"), KNOWN);
        let mark: i64 = db.query_row("SELECT next FROM counter", [], |row| row.get(0)).expect("content");
        assert_eq!(mark, 7);
    }

    #[test]
    fn a_database_of_a_newer_program_is_refused() {
        let (dir, _key, mut db) = practice();
        db.pragma_update(None, "user_version", KNOWN + 1).expect("set");
        let refused = migrate(&mut db, &dir.path().join("practice.db"));
        assert!(matches!(refused, Err(Error::Newer { found, known: KNOWN }) if found == KNOWN + 1));
    }
}

#[cfg(test)]
mod upgrade;
