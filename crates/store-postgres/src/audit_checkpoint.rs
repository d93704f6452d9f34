//! Signed checkpoints of the audit chain, each minute or each 1,000 entries, by whichever server comes first. They are kept in the
//! database; a copy kept elsewhere proves that nothing up to it was changed since.

use crate::audit_chain::{CHAIN, bound, place};
use crate::audit_index;
use crate::line::Line;
use crate::rows::{get, unreadable};
use jiff::Timestamp;
use ring::signature::Ed25519KeyPair;
use store::Result;
use store::engine::chain::Head;
use store::engine::checkpoint::{EVERY, EVERY_US, Signed, pair, sign};
use tokio_postgres::Row;

/// Signs checkpoints.
pub(crate) struct Checkpoints {
    pair: Ed25519KeyPair,
    /// The last one this server knows of.
    last: u64,
    last_at: i64,
    /// The time of this server's youngest entry, for a checkpoint made at rest; 0 when none waits.
    seen_at: i64,
}

impl Checkpoints {
    /// Takes up where the database's last checkpoint stands.
    pub(crate) async fn open(line: &Line, seed: &[u8; 32]) -> Result<Self> {
        let (last, last_at) = newest(line).await?;
        Ok(Self { pair: pair(seed)?, last, last_at, seen_at: 0 })
    }

    /// Whether a checkpoint may be due with this head, whose last entry is of this time, as far as this server knows.
    pub(crate) fn due(&self, head: Head, at: Timestamp) -> bool {
        due((self.last, self.last_at), head, at.as_microsecond())
    }

    /// Signs the chain as it stands in the transaction that holds it, unless another server has done so meanwhile. Returns the newest
    /// checkpoint.
    pub(crate) async fn sign_when_due(&self, line: &Line, head: Head, at: Timestamp) -> Result<(u64, i64)> {
        let (newest, at) = (newest(line).await?, at.as_microsecond());
        if due(newest, head, at) { self.sign(line, head, at, false).await } else { Ok(newest) }
    }

    /// Notes that this server committed an entry, and what was signed with it.
    pub(crate) fn noted(&mut self, signed: Option<(u64, i64)>, at: Timestamp) {
        self.seen_at = at.as_microsecond().max(1);
        if let Some((last, last_at)) = signed {
            (self.last, self.last_at) = (last, last_at);
        }
    }

    /// Whether entries of this server may not be signed yet.
    pub(crate) fn unsigned(&self) -> bool {
        self.seen_at != 0
    }

    /// Signs entries that no checkpoint covers yet, if there are any.
    pub(crate) async fn sign_rest(&self, line: &Line, head: Head) -> Result<(u64, i64)> {
        let (last, last_at) = newest(line).await?;
        if head.last == last { Ok((last, last_at)) } else { self.sign(line, head, self.seen_at, true).await }
    }

    /// Notes that everything is signed.
    pub(crate) fn rested(&mut self, (last, last_at): (u64, i64)) {
        (self.last, self.last_at, self.seen_at) = (last, last_at, 0);
    }

    async fn sign(&self, line: &Line, head: Head, at: i64, at_rest: bool) -> Result<(u64, i64)> {
        audit_index::catch_up(line, head, at_rest).await?;
        let signed = sign(&self.pair, head, at);
        let sql = "INSERT INTO audit_checkpoint(chain, last, at, hash, signature) VALUES ($1, $2, $3, $4, $5)";
        let (hash, signature) = (head.hash.as_slice(), signed.signature.as_slice());
        line.execute(sql, &[&CHAIN, &bound(head.last), &at, &hash, &signature]).await?;
        Ok((head.last, at))
    }
}

fn due((last, last_at): (u64, i64), head: Head, at: i64) -> bool {
    head.last.saturating_sub(last) >= EVERY || at - last_at >= EVERY_US
}

/// The newest checkpoint: the entries it covers, and its time.
async fn newest(line: &Line) -> Result<(u64, i64)> {
    let sql = "SELECT last, at FROM audit_checkpoint WHERE chain = $1 ORDER BY last DESC LIMIT 1";
    match line.first(sql, &[&CHAIN]).await? {
        None => Ok((0, 0)),
        Some(row) => Ok((place(&row, 0)?, get(&row, 1)?)),
    }
}

/// Every checkpoint.
pub(crate) async fn all(line: &Line) -> Result<Vec<Signed>> {
    let sql = "SELECT last, hash, at, signature FROM audit_checkpoint WHERE chain = $1 ORDER BY last";
    line.query(sql, &[&CHAIN]).await?.iter().map(signed).collect()
}

fn signed(row: &Row) -> Result<Signed> {
    let hash = get::<&[u8]>(row, 1)?.try_into().map_err(|_| unreadable(row, 1))?;
    let signature = get::<&[u8]>(row, 3)?.try_into().map_err(|_| unreadable(row, 3))?;
    Ok(Signed { head: Head { last: place(row, 0)?, hash }, at: get(row, 2)?, signature })
}
