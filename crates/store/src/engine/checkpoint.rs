//! Signed checkpoints of the audit chain: "the chain had this many entries, ending in this hash, at this time", signed with Ed25519 under
//! a key made from the practice's.

use super::chain::Head;
use crate::error::{Error, Result};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

/// Entries between checkpoints at most.
pub const EVERY: u64 = 1_000;
/// Microseconds between checkpoints at most, while entries come.
pub const EVERY_US: i64 = 60_000_000;
/// Names what is signed.
const DOMAIN: &[u8] = b"chartroom audit checkpoint 1\n";

/// What was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed {
    /// The chain's end then.
    pub head: Head,
    /// Microseconds since 1970.
    pub at: i64,
    /// Over both.
    pub signature: [u8; 64],
}

/// The key pair of a practice.
///
/// # Errors
/// When the seed makes none.
pub fn pair(seed: &[u8; 32]) -> Result<Ed25519KeyPair> {
    Ed25519KeyPair::from_seed_unchecked(seed).map_err(|e| Error::Broken(format!("audit key: {e}")))
}

/// Signs where the chain stands.
#[must_use]
pub fn sign(pair: &Ed25519KeyPair, head: Head, at: i64) -> Signed {
    let mut signature = [0; 64];
    signature.copy_from_slice(pair.sign(&message(head, at)).as_ref());
    Signed { head, at, signature }
}

/// Whether a checkpoint was signed by this pair.
#[must_use]
pub fn genuine(pair: &Ed25519KeyPair, signed: &Signed) -> bool {
    UnparsedPublicKey::new(&ED25519, pair.public_key().as_ref())
        .verify(&message(signed.head, signed.at), &signed.signature)
        .is_ok()
}

fn message(head: Head, at: i64) -> Vec<u8> {
    [DOMAIN, &head.last.to_be_bytes(), &at.to_be_bytes(), &head.hash].concat()
}
