//! Checking the chain of a database and the checkpoints beside it: [`store::engine::walk`] says how.

use crate::audit_chain::{Head, head};
use crate::audit_checkpoint::parse_line;
use crate::connection::sql_error;
use rusqlite::Connection;
use std::path::Path;
use store::audit::Verdict;
use store::engine::checkpoint::Signed;
use store::engine::walk::Walk;
use store::{Error, Result};

/// Verifies the chain of an open database, and the checkpoints beside it.
pub(crate) fn verify(db: &Connection, seed: &[u8; 32], file: &Path) -> Result<Verdict> {
    let mut signed = in_database(db).map_err(sql_error)?;
    signed.extend(beside(file)?);
    let mut walk = Walk::new(seed, &signed)?;
    let told = head(db).map_err(sql_error)?;
    let mut read = || -> rusqlite::Result<()> {
        let mut statement = db.prepare("SELECT first, last, entries FROM audit ORDER BY first")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if !walk.row(row.get(0)?, row.get(1)?, row.get_ref(2)?.as_blob()?) {
                break;
            }
        }
        Ok(())
    };
    read().map_err(sql_error)?;
    Ok(walk.verdict(told))
}

pub(crate) fn in_database(db: &Connection) -> rusqlite::Result<Vec<Signed>> {
    db.prepare("SELECT last, hash, at, signature FROM audit_checkpoint ORDER BY last")?
        .query_map([], |row| {
            Ok(Signed { head: Head { last: row.get(0)?, hash: row.get(1)? }, at: row.get(2)?, signature: row.get(3)? })
        })?
        .collect()
}

/// The checkpoints of the file beside the database. A last line cut short by a power failure is not held against the chain.
fn beside(file: &Path) -> Result<Vec<Signed>> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::Broken(format!("audit-checkpoints cannot be read: {e}"))),
    };
    let whole = text.rfind('\n').map_or("", |end| text.get(..end).unwrap_or_default());
    whole
        .lines()
        .map(|line| {
            parse_line(line).ok_or_else(|| Error::Broken("audit-checkpoints holds a line that is not one".to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests;
