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
    let (mut patients, mut actors) = (BTreeSet::new(), BTreeSet::new());
    let sql = "SELECT first, entries FROM audit WHERE chain = $1 AND first > $2 ORDER BY first";
    for row in line.query(sql, &[&CHAIN, &bound(last)]).await? {
        let first: i64 = get(&row, 0)?;
        for (canonical, _) in split(get(&row, 1)?) {
            let Some(entry) = Entry::from_canonical(canonical) else { continue };
            actors.insert((entry.actor.id, first));
            patients.extend(entry.patients.into_iter().map(|patient| (patient.as_str().to_owned(), first)));
        }
    }
    let (names, firsts): (Vec<String>, Vec<i64>) = patients.into_iter().unzip();
    let sql = "INSERT INTO audit_patient(chain, patient, first)
        SELECT $1, * FROM unnest($2::text[], $3::int8[]) ON CONFLICT DO NOTHING";
    line.execute(sql, &[&CHAIN, &names, &firsts]).await?;
    let (ids, firsts): (Vec<uuid::Uuid>, Vec<i64>) = actors.into_iter().unzip();
    let sql = "INSERT INTO audit_actor(chain, actor, first)
        SELECT $1, * FROM unnest($2::uuid[], $3::int8[]) ON CONFLICT DO NOTHING";
    line.execute(sql, &[&CHAIN, &ids, &firsts]).await.map(|_rows| ())
}
