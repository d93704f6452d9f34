//! Where in the trail a time stands: the earliest and latest entry of each stretch of rows.
//!
//! Entries are numbered as they are written, and a clock may be set back: the order of numbers is not the order of times. Stretches
//! whose times reach into what is asked are read, others are not, so that whatever the clock did, nothing is missed.

use rusqlite::{Connection, OptionalExtension, Row};
use store::audit::{AuditQuery, Entry};

/// A stretch is `first` to `last`, both the `first` of rows of `audit`. Times in microseconds.
pub(crate) const TABLES: &str = "
CREATE TABLE audit_span(
    first INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    earliest INTEGER NOT NULL,
    latest INTEGER NOT NULL
);
";

/// Entries of a stretch: the next row begins another.
const ENTRIES: u64 = 1_000;

#[derive(PartialEq, Eq)]
struct Span {
    first: i64,
    last: i64,
    entries: u64,
    earliest: i64,
    latest: i64,
}

/// Stretches being written, the rows coming in order.
#[derive(Default)]
pub(crate) struct Spans {
    whole: Vec<Span>,
    open: Option<Span>,
}

impl Spans {
    /// Goes on with the last stretch, if there is room in it.
    pub(crate) fn resume(db: &Connection) -> rusqlite::Result<Self> {
        let open = db
            .prepare_cached(
                "SELECT first, last, entries, earliest, latest FROM audit_span ORDER BY first DESC LIMIT 1",
            )?
            .query_row([], Span::read)
            .optional()?;
        Ok(Self { whole: Vec::new(), open })
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, first: i64, entries: &[Entry]) {
        let times = || entries.iter().map(|entry| entry.at.as_microsecond());
        let (Some(earliest), Some(latest)) = (times().min(), times().max()) else { return };
        self.whole.extend(self.open.take_if(|open| open.entries >= ENTRIES));
        let open = self.open.get_or_insert(Span { first, last: first, entries: 0, earliest, latest });
        open.last = first;
        open.entries += entries.len() as u64;
        open.earliest = open.earliest.min(earliest);
        open.latest = open.latest.max(latest);
    }

    /// Whether these are the stretches that are kept.
    pub(crate) fn are_kept(self, db: &Connection) -> rusqlite::Result<bool> {
        let mut all = db.prepare("SELECT first, last, entries, earliest, latest FROM audit_span ORDER BY first")?;
        let kept: Vec<Span> = all.query_map([], Span::read)?.collect::<rusqlite::Result<_>>()?;
        Ok(self.whole.into_iter().chain(self.open).eq(kept))
    }

    /// Writes them.
    pub(crate) fn keep(self, db: &Connection) -> rusqlite::Result<()> {
        let mut insert = db.prepare_cached(
            "INSERT OR REPLACE INTO audit_span(first, last, entries, earliest, latest) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for span in self.whole.into_iter().chain(self.open) {
            insert.execute((span.first, span.last, span.entries, span.earliest, span.latest))?;
        }
        Ok(())
    }
}

impl Span {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let (first, last, entries) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Self { first, last, entries, earliest: row.get(3)?, latest: row.get(4)? })
    }
}

/// The rows, youngest first, that entries of a query's time can stand in: ranges of `first`, both ends included. `upto` is the last
/// entry that the stretches cover.
pub(crate) fn reaching(db: &Connection, query: &AuditQuery, upto: i64) -> rusqlite::Result<Vec<(i64, i64)>> {
    if query.since.is_none() && query.until.is_none() {
        return Ok(vec![(0, upto)]);
    }
    let since = query.since.map_or(i64::MIN, jiff::Timestamp::as_microsecond);
    let until = query.until.map_or(i64::MAX, jiff::Timestamp::as_microsecond);
    let mut find = db.prepare_cached(
        "SELECT first, last FROM audit_span WHERE latest >= ?1 AND earliest < ?2 ORDER BY first DESC",
    )?;
    find.query_map([since, until], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}
