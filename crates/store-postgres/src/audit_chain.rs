//! The audit chain's rows. What they hold: [`store::engine::chain`]. The lock on the head's row puts the entries of all servers in order.

use crate::line::{Bulk, Line, Param};
use crate::rows::{get, unreadable};
use store::audit::Entry;
use store::engine::chain::Head;
use store::{Error, Result};
use tokio_postgres::Row;

/// The chain of this database.
pub(crate) const CHAIN: i16 = 0;

const HOLD: &str = "SELECT last, hash FROM audit_head WHERE chain = $1 FOR UPDATE";

/// Begins a transaction that holds the chain.
pub(crate) async fn begin(line: &Line) -> Result<Head> {
    let rows = line.begin("BEGIN", &[(HOLD, &[&CHAIN])]).await?;
    of(rows.first().and_then(|rows| rows.first()))
}

/// Holds the chain until the caller's transaction ends.
pub(crate) async fn hold(line: &Line) -> Result<Head> {
    of(line.first(HOLD, &[&CHAIN]).await?.as_ref())
}

/// The head as the database tells it.
pub(crate) async fn head(line: &Line) -> Result<Head> {
    of(line.first("SELECT last, hash FROM audit_head WHERE chain = $1", &[&CHAIN]).await?.as_ref())
}

fn of(row: Option<&Row>) -> Result<Head> {
    let row =
        row.ok_or_else(|| Error::Broken("the head of the audit chain is gone; restore the last backup".to_owned()))?;
    let hash = get::<&[u8]>(row, 1)?.try_into().map_err(|_| unreadable(row, 1))?;
    Ok(Head { last: place(row, 0)?, hash })
}

/// A place in the chain.
pub(crate) fn place(row: &Row, at: usize) -> Result<u64> {
    u64::try_from(get::<i64>(row, at)?).map_err(|_| unreadable(row, at))
}

/// A place as it is bound.
pub(crate) fn bound(place: u64) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}

/// Appends a row that goes from `head` to `now`, within the transaction that holds the chain. `end` commits it in the same trip.
pub(crate) async fn append(
    line: &Line,
    head: Head,
    entries: &[Entry],
    (now, row): (Head, &[u8]),
    end: End,
) -> Result<()> {
    let (first, last) = (bound(head.last + 1), bound(now.last));
    // One statement: the row and the head, or neither.
    let sql =
        "WITH row AS (INSERT INTO audit(chain, first, last, earliest, latest, entries) VALUES ($1, $2, $3, $4, $5, $6))
        UPDATE audit_head SET last = $3, hash = $7 WHERE chain = $1";
    let (earliest, latest) = span(entries);
    let hash = now.hash.as_slice();
    let bulk = Bulk::new(sql, [&CHAIN as Param<'_>, &first, &last, &earliest, &latest, &row, &hash]);
    line.together(&[bulk], (end == End::Commit).then_some("COMMIT")).await
}

/// Appends a row as a transaction of its own, in one trip, if the chain still ends at `head`. Otherwise (another server was first) nothing is
/// written, and the answer is no.
pub(crate) async fn append_if(line: &Line, head: Head, entries: &[Entry], (now, row): (Head, &[u8])) -> Result<bool> {
    let (first, last, known) = (bound(head.last + 1), bound(now.last), bound(head.last));
    let sql = "WITH moved AS (
            UPDATE audit_head SET last = $3, hash = $7 WHERE chain = $1 AND last = $8 AND hash = $9 RETURNING chain)
        INSERT INTO audit(chain, first, last, earliest, latest, entries) SELECT chain, $2, $3, $4, $5, $6 FROM moved";
    let (earliest, latest) = span(entries);
    let (hash, was) = (now.hash.as_slice(), head.hash.as_slice());
    let params: [Param<'_>; 9] = [&CHAIN, &first, &last, &earliest, &latest, &row, &hash, &known, &was];
    Ok(line.execute(sql, &params).await? == 1)
}

/// The earliest and the latest time of some entries.
pub(crate) fn span(entries: &[Entry]) -> (i64, i64) {
    let times = || entries.iter().map(|entry| entry.at.as_microsecond());
    (times().min().unwrap_or_default(), times().max().unwrap_or_default())
}

/// What follows an appended row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// COMMIT, sent with it.
    Commit,
    /// More of the same transaction.
    Later,
}

/// The stored row that begins at a place.
pub(crate) async fn row_at(line: &Line, first: u64) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT entries FROM audit WHERE chain = $1 AND first = $2";
    line.first(sql, &[&CHAIN, &bound(first)]).await?.map(|row| get(&row, 0)).transpose()
}
