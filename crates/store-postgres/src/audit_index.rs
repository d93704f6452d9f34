//! What access reports find entries by: rows of (patient, row of entries) and (actor, row of entries).
//!
//! Written in batches of some thousands of entries: one by one they would cost more than the entries themselves. What is younger than
//! the last batch is looked through directly.

use crate::audit_chain::{CHAIN, bound, place};
use crate::line::Line;
use crate::rows::get;
use std::collections::BTreeSet;
use store::Result;
use store::audit::Entry;
use store::engine::chain::{Head, split};
use tokio_postgres::Row;
use uuid::Uuid;

/// Entries that may wait for their index rows.
const BATCH: u64 = 8_000;
/// The counter that says up to where entries are indexed.
const COUNTER: &str = "audit-indexed";

/// The last entry that has its index rows.
pub(crate) async fn upto(line: &Line) -> Result<u64> {
    let found = line.first("SELECT next FROM counter WHERE name = $1", &[&COUNTER]).await?;
    found.map_or(Ok(0), |row| place(&row, 0))
}

/// Indexes what waits, if that is a batch, or at rest whatever it is. The caller's transaction holds the chain.
pub(crate) async fn catch_up(line: &Line, head: Head, at_rest: bool) -> Result<()> {
    let indexed = upto(line).await?;
    if head.last.saturating_sub(indexed) < BATCH && !at_rest {
        return Ok(());
    }
    write_since(line, indexed).await?;
    let sql = "INSERT INTO counter(name, next) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET next = excluded.next";
    line.execute(sql, &[&COUNTER, &bound(head.last)]).await.map(|_rows| ())
}

async fn write_since(line: &Line, last: u64) -> Result<()> {
    let sql = "SELECT first, entries FROM audit WHERE chain = $1 AND first > $2 ORDER BY first";
    write(line, &line.query(sql, &[&CHAIN, &bound(last)]).await?).await
}

/// Whom the entries of a row of the trail are of and by, each once; what cannot be read is what `verify` reports.
pub(crate) fn named(entries: &[u8]) -> (BTreeSet<String>, BTreeSet<Uuid>) {
    let (mut patients, mut actors) = (BTreeSet::new(), BTreeSet::new());
    for entry in split(entries).filter_map(|(canonical, _)| Entry::from_canonical(canonical)) {
        actors.insert(entry.actor.id);
        patients.extend(entry.patients.into_iter().map(|patient| patient.as_str().to_owned()));
    }
    (patients, actors)
}

/// Writes what rows of the trail (first, entries) are found by.
async fn write(line: &Line, rows: &[Row]) -> Result<()> {
    let (mut patients, mut actors) = (BTreeSet::new(), BTreeSet::new());
    for row in rows {
        let first: i64 = get(row, 0)?;
        let (of, by) = named(get(row, 1)?);
        patients.extend(of.into_iter().map(|patient| (patient, first)));
        actors.extend(by.into_iter().map(|actor| (actor, first)));
    }
    let (names, firsts): (Vec<String>, Vec<i64>) = patients.into_iter().unzip();
    let sql = "INSERT INTO audit_patient(chain, patient, first)
        SELECT $1, * FROM unnest($2::text[], $3::int8[]) ON CONFLICT DO NOTHING";
    line.execute(sql, &[&CHAIN, &names, &firsts]).await?;
    let (ids, firsts): (Vec<Uuid>, Vec<i64>) = actors.into_iter().unzip();
    let sql = "INSERT INTO audit_actor(chain, actor, first)
        SELECT $1, * FROM unnest($2::uuid[], $3::int8[]) ON CONFLICT DO NOTHING";
    line.execute(sql, &[&CHAIN, &ids, &firsts]).await.map(|_rows| ())
}

/// Writes anew what these rows of the trail are found by, in the caller's transaction, which holds the chain.
pub(crate) async fn renew(line: &Line, firsts: &[i64]) -> Result<()> {
    line.execute("DELETE FROM audit_patient WHERE chain = $1 AND first = ANY($2)", &[&CHAIN, &firsts]).await?;
    line.execute("DELETE FROM audit_actor WHERE chain = $1 AND first = ANY($2)", &[&CHAIN, &firsts]).await?;
    let upto = bound(upto(line).await?);
    let sql = "SELECT first, entries FROM audit WHERE chain = $1 AND first = ANY($2) AND first <= $3 ORDER BY first";
    write(line, &line.query(sql, &[&CHAIN, &firsts, &upto]).await?).await
}

/// No entry after this one counts as indexed.
pub(crate) async fn no_further(line: &Line, last: u64) -> Result<()> {
    let sql = "UPDATE counter SET next = least(next, $2) WHERE name = $1";
    line.execute(sql, &[&COUNTER, &bound(last)]).await.map(|_rows| ())
}
