//! Sealing what a page link carries, so that a link neither shows nor can be made to say anything.

use crate::error::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

/// Seals bytes for one purpose.
///
/// # Errors
/// When the machine has no randomness.
pub fn seal(key: &[u8], mut sealed: Vec<u8>, purpose: &[u8]) -> Result<String> {
    let broken = |_| Error::Broken("a page link could not be sealed".to_owned());
    let mut nonce = [0; NONCE_LEN];
    SystemRandom::new().fill(&mut nonce).map_err(broken)?;
    let aad = Aad::from(purpose);
    cipher(key)?.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed).map_err(broken)?;
    sealed.splice(..0, nonce);
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// Opens what was sealed for this purpose.
///
/// # Errors
/// [`Error::BadCursor`] for anything else.
pub fn open(key: &[u8], link: &str, purpose: &[u8]) -> Result<Vec<u8>> {
    let mut sealed = URL_SAFE_NO_PAD.decode(link).map_err(|_| Error::BadCursor)?;
    let (nonce, rest) = sealed.split_at_mut_checked(NONCE_LEN).ok_or(Error::BadCursor)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Error::BadCursor)?;
    let plain = cipher(key)?.open_in_place(nonce, Aad::from(purpose), rest).map_err(|_| Error::BadCursor)?;
    Ok(plain.to_vec())
}

fn cipher(key: &[u8]) -> Result<LessSafeKey> {
    let key = UnboundKey::new(&CHACHA20_POLY1305, key);
    key.map(LessSafeKey::new).map_err(|_| Error::Broken("the key of page links is damaged".to_owned()))
}
