//! Secrets that open something: sessions, tokens, set-up links. 256 random bits, shown as text, stored as a hash only.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use std::fmt;
use store::accounts::SecretHash;

/// 256 bits that somebody must hold. Not printable by accident: [`Secret::to_text`] says so.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Of random bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes themselves.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As it is handed out: 43 characters of base64url.
    #[must_use]
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What was handed out; `None` when it is not one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// What is stored. A plain hash is enough: 256 random bits cannot be guessed at any speed.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &self.0).as_ref());
        hash
    }

    /// A password somebody can read out and type once: four groups of five letters and digits that are not mistaken for each other.
    #[must_use]
    pub fn one_time_password(&self) -> String {
        const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";
        let letters =
            self.0.iter().take(20).map(|byte| char::from(LETTERS.get(usize::from(byte & 31)).copied().unwrap_or(b'x')));
        let text: String = letters.collect();
        let groups: Vec<&str> = [0..5, 5..10, 10..15, 15..20].into_iter().filter_map(|range| text.get(range)).collect();
        groups.join("-")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_and_nothing_else_parses() {
        let secret = Secret::from_bytes([7; 32]);
        assert_eq!(Secret::parse(&secret.to_text()), Some(secret.clone()));
        assert_eq!(secret.to_text().len(), 43);
        for bad in ["", "abc", "====", &"A".repeat(44), "../../etc/passwd"] {
            assert_eq!(Secret::parse(bad), None, "{bad}");
        }
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }

    #[test]
    fn a_one_time_password_is_long_enough_for_the_rules() {
        let password = Secret::from_bytes([200; 32]).one_time_password();
        assert_eq!(password.len(), 23);
        assert!(password.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
    }
}
