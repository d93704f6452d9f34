//! Signed checkpoints of the audit chain, each minute or each 1,000 entries.
//!
//! A checkpoint says "the chain had this many entries, ending in this hash, at this time", signed with Ed25519 under a key made from
//! the database's. It is kept in the database and in the file `audit-checkpoints` beside it; a copy of that file kept elsewhere proves
//! that nothing up to its last line was changed since. What it cannot prove: someone who holds the practice's key and can write both
//! files may rewrite the chain and sign it anew. Only a copy off the machine shows that.

use crate::audit_chain::Head;
use crate::{audit_index, audit_verify};
use jiff::Timestamp;
use ring::signature::Ed25519KeyPair;
use rusqlite::{Connection, OptionalExtension};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use store::engine::chain::Hash;
use store::engine::checkpoint::{EVERY, EVERY_US, Signed, pair, sign};
use store::engine::wrap::unhex;
use store::{Error, Result};

/// Signs checkpoints.
pub(crate) struct Checkpoints {
    pair: Ed25519KeyPair,
    file: PathBuf,
    last: u64,
    last_at: i64,
    /// The time of the youngest entry, for a checkpoint made at rest.
    seen_at: i64,
}

impl Checkpoints {
    /// Takes up where the database's last checkpoint stands.
    pub(crate) fn open(db: &Connection, seed: &[u8; 32], file: PathBuf) -> Result<Self> {
        let pair = pair(seed)?;
        let last = db
            .query_row("SELECT last, at FROM audit_checkpoint ORDER BY last DESC LIMIT 1", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()
            .map_err(crate::connection::sql_error)?;
        let (last, last_at) = last.unwrap_or_default();
        if let Err(error) = end_torn_line(&file) {
            tracing::warn!(%error, "audit-checkpoints could not be mended");
        }
        Ok(Self { pair, file, last, last_at, seen_at: last_at })
    }

    /// Whether the chain is due to be signed with this head, whose last entry is of this time (which is noted).
    pub(crate) fn due(&mut self, head: Head, at: Timestamp) -> bool {
        self.seen_at = at.as_microsecond();
        head.last - self.last >= EVERY || self.seen_at - self.last_at >= EVERY_US
    }

    /// Signs the chain as it will stand when the transaction commits, and indexes the entries since the last checkpoint.
    pub(crate) fn sign(&self, db: &Connection, head: Head, at: Timestamp) -> rusqlite::Result<Signed> {
        self.sign_at(db, head, at.as_microsecond(), false)
    }

    /// Signs entries that no checkpoint covers yet, if there are any.
    pub(crate) fn sign_rest(&self, db: &Connection, head: Head) -> rusqlite::Result<Option<Signed>> {
        if head.last == self.last { Ok(None) } else { self.sign_at(db, head, self.seen_at, true).map(Some) }
    }

    fn sign_at(&self, db: &Connection, head: Head, at: i64, at_rest: bool) -> rusqlite::Result<Signed> {
        audit_index::catch_up(db, head, at_rest)?;
        let signed = sign(&self.pair, head, at);
        db.prepare_cached("INSERT INTO audit_checkpoint(last, at, hash, signature) VALUES (?1, ?2, ?3, ?4)")?
            .execute((head.last, at, head.hash.as_slice(), signed.signature.as_slice()))?;
        Ok(signed)
    }

    /// Notes a committed checkpoint, and writes it beside the database too.
    pub(crate) fn keep(&mut self, signed: Signed) {
        (self.last, self.last_at) = (signed.head.last, signed.at);
        let kept = crate::private::file()
            .create(true)
            .append(true)
            .open(&self.file)
            .and_then(|mut file| file.write_all(line(&signed).as_bytes()).and_then(|()| file.sync_data()))
            .inspect_err(|_| {
                let _mended_at_the_next_start = end_torn_line(&self.file);
            });
        if let Err(error) = kept {
            tracing::warn!(%error, "the audit checkpoint was not written beside the database");
        }
    }
}

/// Takes away a last line that a power cut or a full disk left unfinished: the next one must not be written onto it. Its checkpoint is in
/// the database.
fn end_torn_line(file: &Path) -> std::io::Result<()> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    if whole < bytes.len() {
        let file = std::fs::OpenOptions::new().write(true).open(file)?;
        file.set_len(u64::try_from(whole).unwrap_or_default())?;
        file.sync_data()?;
    }
    Ok(())
}

/// A checkpoint as a line of the file: entries, time (µs), hash, signature.
fn line(signed: &Signed) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("{} {} {} {}\n", signed.head.last, signed.at, hex(&signed.head.hash), hex(&signed.signature))
}

/// Writes the file anew from the database.
pub(crate) fn write_all(db: &Connection, file: &Path) -> Result<()> {
    let signed = audit_verify::in_database(db).map_err(crate::connection::sql_error)?;
    let text: String = signed.iter().map(line).collect();
    crate::private::file()
        .create(true)
        .write(true)
        .truncate(true)
        .open(file)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .map_err(|e| Error::Broken(format!("audit-checkpoints cannot be written: {e}")))
}

/// Reads a line of the file.
pub(crate) fn parse_line(line: &str) -> Option<Signed> {
    let mut words = line.split(' ');
    let (last, at) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let hash: Hash = unhex(words.next()?)?.try_into().ok()?;
    let signature = unhex(words.next()?)?.try_into().ok()?;
    Some(Signed { head: Head { last, hash }, at, signature })
}
