//! Retry guards: the answer of a request, kept under its actor and key, in the same transaction as what it did.

use crate::connection::sql_error;
use fhir::Key;
use rusqlite::{Connection, OptionalExtension};
use std::fmt::Write as _;
use store::record::{Committed, Idempotency};
use store::{Actor, Error, Result};

/// Since schema 3 what the asker needs to answer again is kept with its key.
pub(crate) const ANSWERS: &str = "
ALTER TABLE idempotency ADD COLUMN answer TEXT NOT NULL DEFAULT '';
ALTER TABLE idempotency ADD COLUMN at INTEGER NOT NULL DEFAULT 0;    -- of schema 2: long ago
CREATE INDEX idempotency_at ON idempotency(at);
";

/// Keys are forgotten after a week: whoever asks again does so within hours.
const KEPT_US: i64 = 7 * 24 * 3600 * 1_000_000;

/// The versions this actor's key was answered with before, if it was the same request.
pub(crate) fn answered(db: &Connection, actor: &Actor, retry: &Idempotency) -> Result<Option<Committed>> {
    let kept = kept(db, actor, retry)?;
    Ok(kept.map(|(versions, _)| Committed { versions: parse(&versions), draft: None, replayed: true }))
}

/// What was kept with this actor's key, if it was the same request.
pub(crate) fn answer(db: &Connection, actor: &Actor, retry: &Idempotency) -> Result<Option<String>> {
    Ok(kept(db, actor, retry)?.map(|(_, answer)| answer))
}

fn kept(db: &Connection, actor: &Actor, retry: &Idempotency) -> Result<Option<(String, String)>> {
    let kept = db
        .prepare_cached("SELECT request, versions, answer FROM idempotency WHERE actor = ?1 AND key = ?2")
        .and_then(|mut statement| {
            statement
                .query_row((actor.id.as_bytes().as_slice(), &retry.key), |row| {
                    Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
                })
                .optional()
        })
        .map_err(sql_error)?;
    match kept {
        Some((request, ..)) if request != retry.request => Err(Error::IdempotencyMismatch),
        kept => Ok(kept.map(|(_, versions, answer)| (versions, answer))),
    }
}

/// Keeps an answer given at this time (µs), and forgets old ones.
pub(crate) fn remember(
    db: &Connection,
    actor: &Actor,
    retry: &Idempotency,
    answer: &Committed,
    at: i64,
) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM idempotency WHERE at < ?1")?.execute([at.saturating_sub(KEPT_US)])?;
    let versions = answer.versions.iter().fold(String::new(), |mut text, (key, version, sequence)| {
        let _infallible = writeln!(text, "{key} {version} {sequence}");
        text
    });
    db.prepare_cached(
        "INSERT INTO idempotency(actor, key, request, versions, answer, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        actor.id.as_bytes().as_slice(),
        &retry.key,
        retry.request.as_slice(),
        versions,
        &retry.answer,
        at,
    ))?;
    Ok(())
}

/// The versions of a kept answer.
pub(crate) fn parse(text: &str) -> Vec<(Key, u32, u64)> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some((Key::parse(words.next()?)?, words.next()?.parse().ok()?, words.next()?.parse().ok()?))
        })
        .collect()
}
