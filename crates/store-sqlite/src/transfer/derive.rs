//! What follows from a resource's last version, made anew where a copy arrives: its row in the directory, its index rows, a Patient's keys.

use crate::find;
use crate::ids::KindColumn;
use crate::index::{self, Place};
use fhir::Kind;
use fhir::index::Index;
use rusqlite::{Connection, OptionalExtension as _};
use store::find::FindKeys;

/// Resources of one transaction.
const AT_ONCE: u32 = 1_000;

/// Makes anew what follows from the next resources; how many.
pub(super) fn some(db: &Connection, keys: FindKeys) -> rusqlite::Result<u64> {
    let after: i64 = db.query_row("SELECT derived FROM transfer", [], |row| row.get(0))?;
    let rids: Vec<i64> = db
        .prepare_cached("SELECT rid FROM resource WHERE rid > ?1 ORDER BY rid LIMIT ?2")?
        .query_map((after, AT_ONCE), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let Some(last) = rids.last() else { return Ok(0) };
    let system = find::number_system(db)?;
    for rid in &rids {
        one(db, keys, &system, *rid)?;
    }
    db.execute("UPDATE transfer SET derived = ?1", [last])?;
    Ok(rids.len() as u64)
}

/// Forgets what was made of fewer versions.
pub(super) fn begin_anew(db: &Connection) -> rusqlite::Result<()> {
    if db.execute("UPDATE transfer SET derived = 0 WHERE derived > 0", [])? > 0 {
        db.execute_batch(
            "DELETE FROM idx_token; DELETE FROM idx_date; DELETE FROM idx_string; DELETE FROM idx_quantity;
             DELETE FROM idx_reference; DELETE FROM idx_uri; DELETE FROM words; DELETE FROM find_key; DELETE FROM find_slip;
             UPDATE resource SET version = 0, seq = NULL, patient = NULL, date = NULL, deleted = 0;",
        )?;
    }
    Ok(())
}

fn one(db: &Connection, keys: FindKeys, system: &str, rid: i64) -> rusqlite::Result<()> {
    let last = db
        .prepare_cached(
            "SELECT kind, seq, version, patient, deleted, body FROM resource_version WHERE rid = ?1 ORDER BY version DESC LIMIT 1",
        )?
        .query_row([rid], |row| {
            let pointer: (i64, u32, Option<i64>, bool) = (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
            Ok((row.get::<_, KindColumn>(0)?.0, pointer, row.get::<_, Vec<u8>>(5)?))
        })
        .optional()?;
    // Only referred to.
    let Some((kind, (seq, version, patient, deleted), body)) = last else { return Ok(()) };
    // What was stored was parsed before: a body that cannot be read has no rows.
    let index = if deleted { Index::default() } else { of(kind, &body) };
    // A deletion stays where it was in its chart.
    let date = if deleted { date_before(db, rid, kind, version)? } else { index.date };
    let date = date.map(jiff::Timestamp::as_millisecond);
    db.prepare_cached(
        "UPDATE resource SET version = ?2, seq = ?3, patient = ?4, date = ?5, deleted = ?6 WHERE rid = ?1",
    )?
    .execute((rid, version, seq, patient, date, deleted))?;
    if deleted {
        return Ok(());
    }
    index::write(db, Place { rid, kind, patient, date }, &index)?;
    if kind == Kind::PATIENT {
        find::replace(db, rid, &(keys.of)(&body, system))?;
    }
    Ok(())
}

fn date_before(db: &Connection, rid: i64, kind: Kind, version: u32) -> rusqlite::Result<Option<jiff::Timestamp>> {
    let sql = "SELECT body FROM resource_version WHERE rid = ?1 AND version < ?2 AND deleted = 0 ORDER BY version DESC LIMIT 1";
    let body: Option<Vec<u8>> = db.prepare_cached(sql)?.query_row((rid, version), |row| row.get(0)).optional()?;
    Ok(body.and_then(|body| of(kind, &body).date))
}

fn of(kind: Kind, body: &[u8]) -> Index {
    fhir::json::parse(body).map(|value| Index::of(kind, &value)).unwrap_or_default()
}
