//! Failed sign-ins, counted under a keyed hash of what was typed: somebody's password, typed into the wrong field, must not be kept.

use jiff::Timestamp;
use ring::hmac;
use rusqlite::{Connection, OptionalExtension, params};

/// The key, made with the practice and kept within its encrypted database. What was counted before by name is forgotten.
pub(crate) const KEYED: &str = "
DELETE FROM sign_in_failure;
CREATE INDEX sign_in_failure_last ON sign_in_failure(last);
INSERT INTO setting(name, value) VALUES ('failure-key', randomblob(32));
";

/// Failures are forgotten after 30 days.
const KEPT_US: i64 = 30 * 24 * 3600 * 1_000_000;

/// What a subject is counted under.
fn hashed(db: &Connection, subject: &str) -> rusqlite::Result<String> {
    let key: [u8; 32] =
        db.prepare_cached("SELECT value FROM setting WHERE name = 'failure-key'")?.query_row([], |row| row.get(0))?;
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), subject.as_bytes());
    Ok(tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// How often a subject failed in a row, and when last (µs).
pub(crate) fn of(db: &Connection, subject: &str) -> rusqlite::Result<Option<(u32, i64)>> {
    db.prepare_cached("SELECT count, last FROM sign_in_failure WHERE subject = ?1")?
        .query_row([hashed(db, subject)?], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// Counts one more, and forgets old ones.
pub(crate) fn count(db: &Connection, subjects: &[String], at: Timestamp) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM sign_in_failure WHERE last < ?1")?.execute([at.as_microsecond() - KEPT_US])?;
    let mut add = db.prepare_cached(
        "INSERT INTO sign_in_failure(subject, count, last) VALUES (?1, 1, ?2)
         ON CONFLICT(subject) DO UPDATE SET count = count + 1, last = excluded.last",
    )?;
    subjects.iter().try_for_each(|subject| add.execute(params![hashed(db, subject)?, at.as_microsecond()]).map(drop))
}

/// Forgets a subject's.
pub(crate) fn clear(db: &Connection, subject: &str) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM sign_in_failure WHERE subject = ?1")?.execute([hashed(db, subject)?]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;
    use jiff::ToSpan as _;

    fn practice() -> Connection {
        let mut db = Connection::open_in_memory().expect("memory");
        schema::migrate(&mut db, std::path::Path::new("none")).expect("tables");
        db
    }

    fn rows(db: &Connection) -> Vec<String> {
        let mut all = db.prepare("SELECT subject FROM sign_in_failure").expect("sound SQL");
        all.query_map([], |row| row.get(0)).expect("rows").collect::<rusqlite::Result<_>>().expect("texts")
    }

    #[test]
    fn what_was_typed_is_not_kept_and_counts_all_the_same() {
        let (db, other) = (practice(), practice());
        let typed = vec!["user:correct horse battery".to_owned()];
        for db in [&db, &db, &other] {
            count(db, &typed, Timestamp::UNIX_EPOCH).expect("counted");
        }
        assert_eq!(of(&db, &typed[0]).expect("asked"), Some((2, 0)));
        assert!(rows(&db).iter().all(|kept| kept.len() == 64 && !kept.contains("horse")));
        assert_ne!(rows(&db), rows(&other), "each practice has a key of its own");
        clear(&db, &typed[0]).expect("cleared");
        assert_eq!(of(&db, &typed[0]).expect("asked"), None);
    }

    #[test]
    fn old_failures_are_forgotten() {
        let db = practice();
        let day = |n: i64| Timestamp::UNIX_EPOCH + (24 * n).hours();
        count(&db, &["user:a".to_owned()], day(0)).expect("counted");
        count(&db, &["user:b".to_owned()], day(29)).expect("counted");
        assert!(of(&db, "user:a").expect("asked").is_some());
        count(&db, &["user:c".to_owned()], day(31)).expect("counted");
        assert_eq!((of(&db, "user:a").expect("asked"), rows(&db).len()), (None, 2));
    }
}
