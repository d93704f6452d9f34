//! The audit chain's rows. What they hold: [`store::engine::chain`].

use rusqlite::{Connection, OptionalExtension};
use store::audit::Entry;
use store::engine::chain::row;
pub(crate) use store::engine::chain::{Head, split};

/// Appends entries as one row and moves the head, within the caller's transaction. Returns the new head.
pub(crate) fn append<'a>(
    db: &Connection,
    head: Head,
    entries: impl IntoIterator<Item = &'a Entry>,
) -> rusqlite::Result<Head> {
    let (now, row) = row(head, entries);
    if now.last > head.last {
        db.prepare_cached("INSERT INTO audit(first, last, entries) VALUES (?1, ?2, ?3)")?.execute((
            head.last + 1,
            now.last,
            row,
        ))?;
        db.prepare_cached("INSERT OR REPLACE INTO audit_head(one, last, hash) VALUES (1, ?1, ?2)")?
            .execute((now.last, now.hash.as_slice()))?;
    }
    Ok(now)
}

/// The head as the database tells it.
pub(crate) fn head(db: &Connection) -> rusqlite::Result<Head> {
    let found = db
        .query_row("SELECT last, hash FROM audit_head", [], |row| Ok(Head { last: row.get(0)?, hash: row.get(1)? }))
        .optional()?;
    Ok(found.unwrap_or_default())
}
