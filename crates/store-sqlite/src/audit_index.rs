//! What access reports find entries by: rows of (patient, row of entries) and (actor, row of entries), and the times of each stretch
//! of rows (`audit_span`).
//!
//! Written in batches of some thousands of entries, sorted: one by one they would cost more than the entries themselves. What is
//! younger than the last batch is looked through directly.

use crate::audit_chain::{Head, split};
use crate::audit_span::Spans;
use crate::ids::column;
use fhir::PatientId;
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeSet;
use store::audit::Entry;
use uuid::Uuid;

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
pub(crate) fn each_row(db: &Connection, last: u64, mut see: impl FnMut(i64, Vec<Entry>)) -> rusqlite::Result<()> {
    let mut rows = db.prepare_cached("SELECT first, entries FROM audit WHERE first > ?1 ORDER BY first")?;
    let mut rows = rows.query([last])?;
    while let Some(row) = rows.next()? {
        see(row.get(0)?, entries(row.get_ref(1)?.as_blob()?));
    }
    Ok(())
}

/// The entries of a row that can be read.
fn entries(row: &[u8]) -> Vec<Entry> {
    split(row).filter_map(|(canonical, _)| Entry::from_canonical(canonical)).collect()
}

fn write_since(db: &Connection, last: u64) -> rusqlite::Result<()> {
    let mut named = Named::default();
    let mut spans = Spans::resume(db)?;
    each_row(db, last, |first, entries| {
        spans.add(first, &entries);
        named.add(first, entries);
    })?;
    spans.keep(db)?;
    named.keep(db)
}

/// Writes anew what these rows of the trail are found by. Of what is younger than the index there is nothing yet.
pub(crate) fn renew(db: &Connection, firsts: &[i64]) -> rusqlite::Result<()> {
    let upto = i64::try_from(upto(db)?).unwrap_or(i64::MAX);
    let mut named = Named::default();
    for first in firsts {
        db.prepare_cached("DELETE FROM audit_patient WHERE first = ?1")?.execute([first])?;
        db.prepare_cached("DELETE FROM audit_actor WHERE first = ?1")?.execute([first])?;
        let mut row = db.prepare_cached("SELECT entries FROM audit WHERE first = ?1 AND first <= ?2")?;
        let entries = row.query_row([first, &upto], |row| Ok(entries(row.get_ref(0)?.as_blob()?))).optional()?;
        named.add(*first, entries.unwrap_or_default());
    }
    named.keep(db)
}

/// No entry after this one counts as indexed.
pub(crate) fn no_further(db: &Connection, last: u64) -> rusqlite::Result<()> {
    db.execute("UPDATE counter SET next = min(next, ?2) WHERE name = ?1", (COUNTER, last)).map(|_rows| ())
}

/// Whom rows of the trail name, and who acted in them, sorted.
#[derive(Default)]
struct Named {
    patients: BTreeSet<(PatientId, i64)>,
    actors: BTreeSet<(Uuid, i64)>,
}

impl Named {
    fn add(&mut self, first: i64, entries: Vec<Entry>) {
        for entry in entries {
            self.actors.insert((entry.actor.id, first));
            self.patients.extend(entry.patients.into_iter().map(|patient| (patient, first)));
        }
    }

    fn keep(self, db: &Connection) -> rusqlite::Result<()> {
        let mut insert = db.prepare_cached("INSERT OR IGNORE INTO audit_patient(patient, first) VALUES (?1, ?2)")?;
        for (patient, first) in self.patients {
            insert.execute((column(patient.id()), first))?;
        }
        let mut insert = db.prepare_cached("INSERT OR IGNORE INTO audit_actor(actor, first) VALUES (?1, ?2)")?;
        for (actor, first) in self.actors {
            insert.execute((actor.as_bytes().as_slice(), first))?;
        }
        Ok(())
    }
}
