//! The practice's own hand under signed notes, and the keys of the journals that browsers keep of unsaved typing. Both are made from the
//! data key, so that they are the same on every server and after a restore, and stand in no table.

use super::wrap::DatabaseKey;
use crate::error::{Error, Result};
use ring::hmac;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use uuid::Uuid;

/// Signs notes and makes journal keys.
pub struct NoteKeys {
    pair: Ed25519KeyPair,
    journals: hmac::Key,
}

impl NoteKeys {
    /// Of a practice.
    ///
    /// # Errors
    /// [`Error::Broken`] when the key cannot be used.
    pub fn new(key: &DatabaseKey) -> Result<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&*key.note_seed())
            .map_err(|_| Error::Broken("the key that signs notes cannot be made".to_owned()))?;
        Ok(Self { pair, journals: hmac::Key::new(hmac::HMAC_SHA256, &*key.journals()) })
    }

    /// The signature of a message (Ed25519, RFC 8032).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }

    /// Whether a signature is of this practice and this message.
    #[must_use]
    pub fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.pair.public_key().as_ref()).verify(message, signature).is_ok()
    }

    /// The key of a user's journal (AES-256-GCM).
    #[must_use]
    pub fn journal(&self, user: Uuid) -> [u8; 32] {
        let tag = hmac::sign(&self.journals, user.as_bytes());
        let mut key = [0; 32];
        key.copy_from_slice(tag.as_ref());
        key
    }
}
