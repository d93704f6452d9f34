//! Checking the chain: recomputes every hash and compares the ends and every signed checkpoint with it. Names the first bad entry.

use crate::audit_chain::{Hash, Head, entry_hash, head, split};
use crate::audit_checkpoint::{Signed, genuine, pair, parse_line};
use crate::connection::sql_error;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;
use store::audit::Verdict;
use store::{Error, Result};

/// Verifies the chain of an open database, and the checkpoints beside it.
pub(crate) fn verify(db: &Connection, seed: &[u8; 32], file: &Path) -> Result<Verdict> {
    let pair = pair(seed)?;
    let mut signed = in_database(db).map_err(sql_error)?;
    signed.extend(beside(file)?);
    if let Some(forged) = signed.iter().find(|signed| !genuine(&pair, signed)) {
        return Ok(bad(forged.head.last, "altered: the signature of the checkpoint here is not the practice's"));
    }
    let mut expected: BTreeMap<u64, Hash> = BTreeMap::new();
    for signed in &signed {
        if expected.insert(signed.head.last, signed.head.hash).is_some_and(|other| other != signed.head.hash) {
            return Ok(bad(signed.head.last, "altered: two signed checkpoints disagree here"));
        }
    }
    let told = head(db).map_err(sql_error)?;
    match chain(db, &expected).map_err(sql_error)? {
        Err(verdict) => Ok(verdict),
        Ok(end) => Ok(compare_ends(end, told, expected.last_key_value().map(|(last, _)| *last))),
    }
}

/// Walks the chain; returns its end, or the first entry that does not fit.
fn chain(db: &Connection, expected: &BTreeMap<u64, Hash>) -> rusqlite::Result<std::result::Result<Head, Verdict>> {
    let mut statement = db.prepare("SELECT first, last, entries FROM audit ORDER BY first")?;
    let mut rows = statement.query([])?;
    let mut end = Head::default();
    while let Some(row) = rows.next()? {
        let (first, last): (u64, u64) = (row.get(0)?, row.get(1)?);
        if first != end.last + 1 {
            return Ok(Err(bad(end.last + 1, "deleted: the chain goes on after a gap")));
        }
        let entries: Vec<(&[u8], Hash)> = split(row.get_ref(2)?.as_blob()?).collect();
        for (place, (canonical, kept)) in entries.iter().enumerate() {
            let next = end.after(canonical);
            if next.hash != *kept {
                return Ok(Err(bad(next.last, wrong_here(end, entries.get(place..).unwrap_or_default()))));
            }
            if expected.get(&next.last).is_some_and(|signed| *signed != next.hash) {
                return Ok(Err(bad(next.last, "altered: up to here the chain is not the one that was signed")));
            }
            end = next;
        }
        if end.last != last {
            return Ok(Err(bad(end.last + 1, "deleted: its row holds fewer entries than it says")));
        }
    }
    Ok(Ok(end))
}

/// What happened at an entry that does not follow `end`: the entries from it on, of its row.
fn wrong_here(end: Head, rest: &[(&[u8], Hash)]) -> &'static str {
    let sequence = end.last + 1;
    let fits = |(canonical, kept): &(&[u8], Hash)| entry_hash(&end.hash, sequence, canonical) == *kept;
    if rest.iter().skip(1).any(fits) {
        return "reordered: the entry that belongs here stands later";
    }
    // Does the chain go on from the hash this entry carries, one place further? Then the one before it is gone.
    if let [(_, kept), (next, kept_next), ..] = rest {
        if entry_hash(kept, sequence + 2, next) == *kept_next {
            return "deleted: the entry that belongs here is gone";
        }
    }
    "altered: its content is not what was recorded"
}

/// The chain itself is sound: does it end where the head and the last checkpoint say?
fn compare_ends(end: Head, told: Head, signed: Option<u64>) -> Verdict {
    let longest = told.last.max(signed.unwrap_or_default());
    if end.last < longest {
        return bad(end.last + 1, "truncated: the chain once went on from here");
    }
    if told != end {
        return bad(end.last, "altered: the head of the chain does not agree with its last entry");
    }
    Verdict::Whole { entries: end.last }
}

fn bad(sequence: u64, what: &str) -> Verdict {
    Verdict::Bad { sequence, what: what.to_owned() }
}

fn in_database(db: &Connection) -> rusqlite::Result<Vec<Signed>> {
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
