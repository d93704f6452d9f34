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
        let mut misfit = None;
        let row = row.get_ref(2)?.as_blob()?;
        for (place, (canonical, kept)) in split(row).enumerate() {
            let next = end.after(canonical);
            if next.hash != kept {
                misfit = Some(owned(split(row).skip(place)));
                break;
            }
            if expected.get(&next.last).is_some_and(|signed| *signed != next.hash) {
                return Ok(Err(bad(next.last, "altered: up to here the chain is not the one that was signed")));
            }
            end = next;
        }
        if let Some(rest) = misfit {
            let later = rows.mapped(|row| Ok(owned(split(row.get_ref(2)?.as_blob()?))));
            return Ok(Err(bad(end.last + 1, wrong_here(end, &rest, later)?)));
        }
        if end.last != last {
            return Ok(Err(bad(end.last + 1, "deleted: its row holds fewer entries than it says")));
        }
    }
    Ok(Ok(end))
}

/// An entry as it is kept: canonical bytes and hash.
type Kept = (Vec<u8>, Hash);

fn owned<'a>(entries: impl Iterator<Item = (&'a [u8], Hash)>) -> Vec<Kept> {
    entries.map(|(canonical, hash)| (canonical.to_vec(), hash)).collect()
}

/// What happened at an entry that does not follow `end`: from it, the rest of its row and the rows after it.
fn wrong_here(
    end: Head,
    rest: &[Kept],
    later: impl Iterator<Item = rusqlite::Result<Vec<Kept>>>,
) -> rusqlite::Result<&'static str> {
    let sequence = end.last + 1;
    // Does the chain go on from the hash this entry carries, one place further? Then the one before it is gone.
    let gone = match rest {
        [(_, kept), (next, kept_next), ..] => entry_hash(kept, sequence + 2, next) == *kept_next,
        _ => false,
    };
    if gone {
        return Ok("deleted: the entry that belongs here is gone");
    }
    let fits = |(canonical, kept): &Kept| entry_hash(&end.hash, sequence, canonical) == *kept;
    let mut found = rest.iter().skip(1).any(fits);
    for row in later {
        found = found || row?.iter().any(fits);
    }
    Ok(if found {
        "reordered: the entry that belongs here stands later"
    } else {
        "altered: its content is not what was recorded"
    })
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

#[cfg(test)]
mod tests;
