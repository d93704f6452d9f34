//! What access reports find entries by: rows of (patient, row of entries) and (actor, row of entries), and the times of each stretch
//! of rows (`audit_span`).
//!
//! Written in batches of some thousands of entries, sorted: one by one they would cost more than the entries themselves. What is
//! younger than the last batch is looked through directly.

use crate::audit_chain::{Head, split};
use crate::audit_span::Spans;
use crate::ids::column;
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeSet;
use store::audit::Entry;

/// Entries that may wait for their index rows.
const BATCH: u64 = 8_000;
/// The counter that says up to where entries are indexed.
const COUNTER: &str = "audit-indexed";

/// The last entry that has its index rows.
pub(crate) fn upto(db: &Connection) -> rusqlite::Result<u64> {
    let found = db
        .prepare_cached("SELECT next FROM counter WHERE name = ?1")?
        .query_row([COUNTER], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// Indexes what waits, if that is a batch, or at rest whatever it is.
pub(crate) fn catch_up(db: &Connection, head: Head, at_rest: bool) -> rusqlite::Result<()> {
    let indexed = upto(db)?;
    if head.last - indexed < BATCH && !at_rest {
        return Ok(());
    }
    write_since(db, indexed)?;
    db.prepare_cached("INSERT OR REPLACE INTO counter(name, next) VALUES (?1, ?2)")?
        .execute((COUNTER, head.last))
        .map(|_rows| ())
}

/// Notes the times of what was indexed before times were noted.
pub(crate) fn note_times(db: &Connection) -> rusqlite::Result<()> {
    let upto = i64::try_from(upto(db)?).unwrap_or(i64::MAX);
    let mut spans = Spans::resume(db)?;
    each_row(db, 0, |first, entries| {
        if first <= upto {
            spans.add(first, &entries);
        }
    })?;
    spans.keep(db)
}

/// The rows after an entry, in order, with the entries in them that can be read.
fn each_row(db: &Connection, last: u64, mut see: impl FnMut(i64, Vec<Entry>)) -> rusqlite::Result<()> {
    let mut rows = db.prepare_cached("SELECT first, entries FROM audit WHERE first > ?1 ORDER BY first")?;
    let mut rows = rows.query([last])?;
    while let Some(row) = rows.next()? {
        let entries = split(row.get_ref(1)?.as_blob()?).filter_map(|(canonical, _)| Entry::from_canonical(canonical));
        see(row.get(0)?, entries.collect());
    }
    Ok(())
}

fn write_since(db: &Connection, last: u64) -> rusqlite::Result<()> {
    let mut patients = BTreeSet::new();
    let mut actors = BTreeSet::new();
    let mut spans = Spans::resume(db)?;
    each_row(db, last, |first, entries| {
        spans.add(first, &entries);
        for entry in entries {
            actors.insert((entry.actor.id, first));
            patients.extend(entry.patients.into_iter().map(|patient| (patient, first)));
        }
    })?;
    spans.keep(db)?;
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO audit_patient(patient, first) VALUES (?1, ?2)")?;
    for (patient, first) in patients {
        insert.execute((column(patient.id()), first))?;
    }
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO audit_actor(actor, first) VALUES (?1, ?2)")?;
    for (actor, first) in actors {
        insert.execute((actor.as_bytes().as_slice(), first))?;
    }
    Ok(())
}
