//! The audit chain: each entry's hash covers the one before, its own place and its canonical bytes.
//!
//! A stored row holds the entries of one commit group, one after another: length (u32, big-endian), canonical bytes, hash (32 bytes).
//! The head is told twice: by the last row and by a row of its own; signed checkpoints tell it a third time (see [`super::checkpoint`]).

use crate::audit::Entry;
use ring::digest::{Context, SHA256};

/// A SHA-256.
pub type Hash = [u8; 32];

/// Names what is hashed, so that no hash of anything else can stand in the chain.
const DOMAIN: &[u8] = b"chartroom audit entry 1\n";

/// Where the chain ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// The last entry's place; 0 when there is none.
    pub last: u64,
    /// Its hash; zeros before the first entry.
    pub hash: Hash,
}

impl Head {
    /// The head after one more entry.
    #[must_use]
    pub fn after(self, canonical: &[u8]) -> Self {
        let last = self.last + 1;
        Self { last, hash: entry_hash(&self.hash, last, canonical) }
    }
}

/// The hash of an entry in its place.
#[must_use]
pub fn entry_hash(previous: &Hash, sequence: u64, canonical: &[u8]) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(DOMAIN);
    context.update(previous);
    context.update(&sequence.to_be_bytes());
    context.update(canonical);
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// The row that holds these entries after `head`, and the head after them; no bytes when there are none.
#[must_use]
pub fn row<'a>(head: Head, entries: impl IntoIterator<Item = &'a Entry>) -> (Head, Vec<u8>) {
    let (mut now, mut row) = (head, Vec::new());
    for entry in entries {
        let canonical = entry.canonical();
        now = now.after(&canonical);
        row.extend_from_slice(&u32::try_from(canonical.len()).unwrap_or(u32::MAX).to_be_bytes());
        row.extend_from_slice(&canonical);
        row.extend_from_slice(&now.hash);
    }
    (now, row)
}

/// The entries of a stored row: canonical bytes and the hash kept with them. Stops at what does not fit.
pub fn split(row: &[u8]) -> impl Iterator<Item = (&[u8], Hash)> {
    let mut rest = row;
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (canonical, after) = after.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        let (hash, after) = after.split_first_chunk::<32>()?;
        rest = after;
        Some((canonical, *hash))
    })
}
