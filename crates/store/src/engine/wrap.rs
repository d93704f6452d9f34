//! The practice's data key and its wrappings: the same random key, encrypted under each secret that may open the practice (the key file's,
//! a passphrase's by argon2id, the recovery key's). So a secret can be replaced without rewriting the data.

use crate::error::{Error, Result};
use argon2::{Algorithm, Argon2, Params, Version};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::rand::SecureRandom;
use std::fmt::Write as _;
use zeroize::{Zeroize, Zeroizing};

/// argon2id for passphrases: 64 MiB, 3 passes, 1 lane (OWASP's 2023 minimum is 19 MiB and 2 passes).
const PASSPHRASE_COST: (u32, u32, u32) = (64 * 1024, 3, 1);
/// Letters of a recovery key: no I, L, O, U, which are misread (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The key the database is encrypted with. Wiped from memory when dropped.
pub struct DatabaseKey(Zeroizing<[u8; 32]>);

impl DatabaseKey {
    /// A new one.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub fn new(random: &dyn SecureRandom) -> Result<Self> {
        fresh(random).map(Self)
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The seed of the pair that signs audit checkpoints.
    #[must_use]
    pub fn audit_seed(&self) -> Zeroizing<[u8; 32]> {
        self.derive(b"audit checkpoint")
    }

    /// The seed of the pair that signs notes.
    #[must_use]
    pub fn note_seed(&self) -> Zeroizing<[u8; 32]> {
        self.derive(b"signed notes")
    }

    /// What each user's own key for their browsers' journals is made from.
    #[must_use]
    pub fn journals(&self) -> Zeroizing<[u8; 32]> {
        self.derive(b"note journals")
    }

    /// What the subjects of failed sign-ins are hashed with, where the database keeps no key for that.
    #[must_use]
    pub fn failures(&self) -> Zeroizing<[u8; 32]> {
        self.derive(b"failed sign-ins")
    }

    /// What page links are sealed with, where the database keeps no key for that.
    #[must_use]
    pub fn page_links(&self) -> Zeroizing<[u8; 32]> {
        self.derive(b"page links")
    }

    /// A second key made from this one, for a purpose of its own (HKDF-SHA-256).
    fn derive(&self, purpose: &'static [u8]) -> Zeroizing<[u8; 32]> {
        let mut out = Zeroizing::new([0; 32]);
        let salt = ring::hkdf::Salt::new(ring::hkdf::HKDF_SHA256, b"chartroom");
        let info = [purpose];
        if let Ok(okm) = salt.extract(self.0.as_slice()).expand(&info, ring::hkdf::HKDF_SHA256) {
            // 32 bytes is the hash's own length, which expand always fills.
            let _infallible = okm.fill(out.as_mut_slice());
        }
        out
    }

    /// The same key once more.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A secret that opens a practice.
pub enum Secret {
    /// What the key file holds.
    KeyFile(Zeroizing<[u8; 32]>),
    /// What a person types.
    Passphrase(Zeroizing<String>),
    /// What `init` printed once.
    Recovery(Zeroizing<String>),
}

impl Secret {
    /// The word its wrapping begins with.
    #[must_use]
    pub fn slug(&self) -> &'static str {
        match self {
            Self::KeyFile(_) => "key-file",
            Self::Passphrase(_) => "passphrase",
            Self::Recovery(_) => "recovery",
        }
    }

    /// The wrapping key this secret makes with a salt.
    fn wrapping_key(&self, salt: &[u8; 16]) -> Result<Zeroizing<[u8; 32]>> {
        let mut key = Zeroizing::new([0; 32]);
        match self {
            Self::KeyFile(secret) => key.copy_from_slice(secret.as_slice()),
            Self::Passphrase(words) => {
                let (memory, passes, lanes) = PASSPHRASE_COST;
                let params = Params::new(memory, passes, lanes, Some(32)).map_err(|e| broken(&e))?;
                Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                    .hash_password_into(words.as_bytes(), salt, key.as_mut_slice())
                    .map_err(|e| broken(&e))?;
            }
            Self::Recovery(text) => key.copy_from_slice(recovery_bytes(text).ok_or(Error::WrongKey)?.as_slice()),
        }
        Ok(key)
    }
}

/// Makes the wrappings of a new practice: its key under `secret` and under a recovery key, whose text is returned to be printed once and
/// kept away from the machine.
///
/// # Errors
/// When the machine has no randomness.
pub fn wrappings(key: &DatabaseKey, secret: &Secret, random: &dyn SecureRandom) -> Result<(String, Zeroizing<String>)> {
    let recovery = recovery_text(&*fresh(random)?);
    let lines = [wrap(key, secret, random)?, wrap(key, &Secret::Recovery(recovery.clone()), random)?];
    Ok((lines.join("\n"), recovery))
}

/// The key inside wrappings.
///
/// # Errors
/// [`Error::WrongKey`] when the secret opens none of them.
pub fn unlock(wrappings: &str, secret: &Secret) -> Result<DatabaseKey> {
    for line in wrappings.lines() {
        if let Some(key) = unwrap(line, secret)? {
            return Ok(key);
        }
    }
    Err(Error::WrongKey)
}

/// Wrappings with another key file or passphrase in place of whichever was before; the recovery key stays (and is replaced only by one).
///
/// # Errors
/// When the machine has no randomness.
pub fn replaced(wrappings: &str, key: &DatabaseKey, secret: &Secret, random: &dyn SecureRandom) -> Result<String> {
    let goes = |line: &str| line.starts_with("recovery ") == matches!(secret, Secret::Recovery(_));
    let mut lines: Vec<String> = wrappings.lines().filter(|line| !goes(line)).map(str::to_owned).collect();
    lines.push(wrap(key, secret, random)?);
    Ok(lines.join("\n"))
}

/// One wrapping as a line: sort, salt, nonce, ciphertext.
///
/// # Errors
/// When the machine has no randomness.
pub fn wrap(key: &DatabaseKey, secret: &Secret, random: &dyn SecureRandom) -> Result<String> {
    let (mut salt, mut nonce) = ([0; 16], [0; 12]);
    random.fill(&mut salt).and_then(|()| random.fill(&mut nonce)).map_err(|e| broken(&e))?;
    let aead = aead(&*secret.wrapping_key(&salt)?)?;
    let mut sealed = Zeroizing::new(key.0.to_vec());
    aead.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(secret.slug()), &mut *sealed)
        .map_err(|e| broken(&e))?;
    Ok(format!("{} {} {} {}", secret.slug(), hex(&salt), hex(&nonce), hex(&sealed)))
}

/// The key inside a line, when it is of this secret's sort and the secret opens it.
///
/// # Errors
/// When the line is damaged.
pub fn unwrap(line: &str, secret: &Secret) -> Result<Option<DatabaseKey>> {
    let damaged = || Error::Broken("the practice's wrapped keys are damaged".to_owned());
    let mut parts = line.split(' ');
    if parts.next() != Some(secret.slug()) {
        return Ok(None);
    }
    let mut field = || parts.next().and_then(unhex).ok_or_else(damaged);
    let (salt, nonce, mut sealed) = (field()?, field()?, Zeroizing::new(field()?));
    let salt: [u8; 16] = salt.try_into().map_err(|_| damaged())?;
    let nonce: [u8; 12] = nonce.try_into().map_err(|_| damaged())?;
    let aead = aead(&*secret.wrapping_key(&salt)?)?;
    let opened =
        aead.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(secret.slug()), sealed.as_mut_slice());
    Ok(opened.ok().and_then(|key| <[u8; 32]>::try_from(&*key).ok()).map(|key| DatabaseKey(Zeroizing::new(key))))
}

fn aead(key: &[u8; 32]) -> Result<LessSafeKey> {
    UnboundKey::new(&CHACHA20_POLY1305, key).map(LessSafeKey::new).map_err(|e| broken(&e))
}

/// 32 random bytes.
///
/// # Errors
/// When the machine has no randomness.
pub fn fresh(random: &dyn SecureRandom) -> Result<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 32]);
    random.fill(bytes.as_mut_slice()).map_err(|e| broken(&e))?;
    Ok(bytes)
}

/// 256 bits as 52 letters in groups of four.
#[must_use]
pub fn recovery_text(bytes: &[u8; 32]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(64));
    let (mut buffer, mut bits, mut written) = (0u32, 0u32, 0u32);
    let mut put = |index: u32, text: &mut String| {
        if written > 0 && written.is_multiple_of(4) {
            text.push('-');
        }
        text.push(LETTERS.get(index as usize & 31).map_or('0', |letter| char::from(*letter)));
        written += 1;
    };
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            put(buffer >> bits, &mut text);
        }
    }
    put(buffer << (5 - bits), &mut text);
    buffer.zeroize();
    text
}

fn recovery_bytes(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(33));
    let (mut buffer, mut bits) = (0u32, 0u32);
    for letter in text.bytes().filter(|b| !matches!(b, b'-' | b' ' | b'\n' | b'\r')) {
        let letter = match letter.to_ascii_uppercase() {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            other => other,
        };
        let index = LETTERS.iter().position(|known| *known == letter)?;
        buffer = (buffer << 5) | u32::try_from(index).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((buffer >> bits) & 0xff).ok()?);
        }
    }
    <[u8; 32]>::try_from(bytes.as_slice()).ok().map(Zeroizing::new)
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// Bytes of hexadecimal digits.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

fn broken(error: &dyn std::fmt::Display) -> Error {
    Error::Broken(format!("keys: {error}"))
}
