//! The keys of a practice.
//!
//! The database is encrypted with a random key that exists nowhere in the clear but in this process's memory. Beside the database
//! lie its wrappings (`keys`): the same key, encrypted under each secret that may open the practice — the key file's, a passphrase's
//! (argon2id), the recovery key's. So a secret can be replaced without rewriting the data.

use crate::private;
use argon2::{Algorithm, Argon2, Params, Version};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::rand::SecureRandom;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use store::{Error, Result};
use zeroize::{Zeroize, Zeroizing};

/// The file of wrapped keys, in the practice's folder.
const WRAPPINGS: &str = "keys";
/// argon2id for passphrases: 64 MiB, 3 passes, 1 lane (OWASP's 2023 minimum is 19 MiB and 2 passes).
const PASSPHRASE_COST: (u32, u32, u32) = (64 * 1024, 3, 1);
/// Letters of a recovery key: no I, L, O, U, which are misread (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The key the database is encrypted with. Wiped from memory when dropped.
pub struct DatabaseKey(Zeroizing<[u8; 32]>);

impl DatabaseKey {
    /// The statement that gives SQLCipher this key.
    pub(crate) fn pragma(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(90));
        text.push_str("PRAGMA key = \"x'");
        for byte in self.0.iter() {
            let _infallible = write!(text, "{byte:02x}");
        }
        text.push_str("'\";");
        text
    }

    /// The seed of the pair that signs audit checkpoints.
    pub(crate) fn audit_seed(&self) -> Zeroizing<[u8; 32]> {
        self.derive(b"audit checkpoint")
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

    pub(crate) fn copy(&self) -> Self {
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
    fn slug(&self) -> &'static str {
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

/// Makes the keys of a new practice: the database's, wrapped under `secret` and under a recovery key, whose text is returned to be
/// printed once and kept away from the machine.
///
/// # Errors
/// When the folder already has keys, or they cannot be written.
pub fn create(dir: &Path, secret: &Secret, random: &dyn SecureRandom) -> Result<(DatabaseKey, Zeroizing<String>)> {
    if dir.join(WRAPPINGS).exists() {
        return Err(Error::Taken("this folder"));
    }
    let key = DatabaseKey(fresh(random)?);
    let recovery = recovery_text(&*fresh(random)?);
    let lines = [wrap(&key, secret, random)?, wrap(&key, &Secret::Recovery(recovery.clone()), random)?];
    write_private(&dir.join(WRAPPINGS), lines.join("\n").as_bytes(), false)?;
    Ok((key, recovery))
}

/// Unwraps the database's key.
///
/// # Errors
/// [`Error::WrongKey`] when the secret opens none of its wrappings.
pub fn unlock(dir: &Path, secret: &Secret) -> Result<DatabaseKey> {
    let text = wrappings(dir)?;
    for line in text.lines() {
        if let Some(key) = unwrap(line, secret)? {
            return Ok(key);
        }
    }
    Err(Error::WrongKey)
}

/// Lets another key file or passphrase open the practice, in place of whichever did before; the recovery key stays. The wrappings are
/// written beside and put in place by renaming: cut short, either the old secret opens it or the new one.
///
/// # Errors
/// When the wrappings cannot be read or written.
pub fn replace_secret(dir: &Path, key: &DatabaseKey, secret: &Secret, random: &dyn SecureRandom) -> Result<()> {
    let text = wrappings(dir)?;
    let replaced = |line: &str| line.starts_with("recovery ") == matches!(secret, Secret::Recovery(_));
    let mut lines: Vec<String> = text.lines().filter(|line| !replaced(line)).map(str::to_owned).collect();
    lines.push(wrap(&key.copy(), secret, random)?);
    write_private(&dir.join(WRAPPINGS), lines.join("\n").as_bytes(), true)
}

/// Makes a key file that only its owner can read, and returns its secret.
///
/// # Errors
/// When the file exists or cannot be written.
pub fn create_key_file(path: &Path, random: &dyn SecureRandom) -> Result<Secret> {
    let secret = fresh(random)?;
    if let Some(folder) = path.parent() {
        private::make_folder(folder).map_err(|e| Error::Broken(format!("the key file's folder: {e}")))?;
    }
    write_private(path, hex(secret.as_slice()).as_bytes(), false)?;
    Ok(Secret::KeyFile(secret))
}

/// Reads a key file. On Unix it must be its owner's alone.
///
/// # Errors
/// When it cannot be read, others may read it, or it holds no key.
pub fn read_key_file(path: &Path) -> Result<Secret> {
    let told = |what: String| Error::Broken(format!("the key file {}: {what}", path.display()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).map_err(|e| told(e.to_string()))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(told("others may read it; make it 0600 (chmod 600)".to_owned()));
        }
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|e| told(e.to_string()))?);
    let bytes = Zeroizing::new(unhex(text.trim()).ok_or_else(|| told("expected 64 hexadecimal digits".to_owned()))?);
    let secret =
        <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| told("expected 64 hexadecimal digits".to_owned()))?;
    Ok(Secret::KeyFile(Zeroizing::new(secret)))
}

fn wrappings(dir: &Path) -> Result<String> {
    std::fs::read_to_string(dir.join(WRAPPINGS)).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound if crate::db::file(dir).exists() => Error::Broken(format!(
            "{} holds a database but not its file `keys`, without which nothing opens it: restore that from a backup",
            dir.display()
        )),
        std::io::ErrorKind::NotFound => Error::Broken(format!("{} holds no practice; `init` makes one", dir.display())),
        _ => Error::Broken(format!("the practice's wrapped keys cannot be read: {e}")),
    })
}

/// One wrapping as a line: sort, salt, nonce, ciphertext.
fn wrap(key: &DatabaseKey, secret: &Secret, random: &dyn SecureRandom) -> Result<String> {
    let (mut salt, mut nonce) = ([0; 16], [0; 12]);
    random.fill(&mut salt).and_then(|()| random.fill(&mut nonce)).map_err(|e| broken(&e))?;
    let aead = aead(&*secret.wrapping_key(&salt)?)?;
    let mut sealed = Zeroizing::new(key.0.to_vec());
    aead.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(secret.slug()), &mut *sealed)
        .map_err(|e| broken(&e))?;
    Ok(format!("{} {} {} {}", secret.slug(), hex(&salt), hex(&nonce), hex(&sealed)))
}

/// The key inside a line, when it is of this secret's sort and the secret opens it.
fn unwrap(line: &str, secret: &Secret) -> Result<Option<DatabaseKey>> {
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

fn fresh(random: &dyn SecureRandom) -> Result<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 32]);
    random.fill(bytes.as_mut_slice()).map_err(|e| broken(&e))?;
    Ok(bytes)
}

/// Writes a file only its owner may read, durably; over an old one by renaming, so that it is never half there.
fn write_private(path: &Path, bytes: &[u8], replace: bool) -> Result<()> {
    let told = |e: std::io::Error| Error::Broken(format!("{} cannot be written: {e}", path.display()));
    let target = if replace { path.with_extension("new") } else { path.to_owned() };
    if replace && target.exists() {
        std::fs::remove_file(&target).map_err(told)?;
    }
    let mut file = private::file().write(true).create_new(true).open(&target).map_err(told)?;
    file.write_all(bytes).and_then(|()| file.write_all(b"\n")).and_then(|()| file.sync_all()).map_err(told)?;
    if replace {
        std::fs::rename(&target, path).map_err(told)?;
    }
    path.parent().map_or(Ok(()), private::sync_folder).map_err(told)
}

/// 256 bits as 52 letters in groups of four.
fn recovery_text(bytes: &[u8; 32]) -> Zeroizing<String> {
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

fn broken(error: &dyn std::fmt::Display) -> Error {
    Error::Broken(format!("keys: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::rand::SystemRandom;

    fn passphrase(words: &str) -> Secret {
        Secret::Passphrase(Zeroizing::new(words.to_owned()))
    }

    #[test]
    fn each_secret_opens_the_same_database_key_and_no_other_does() {
        let (dir, random) = (tempfile::tempdir().expect("dir"), SystemRandom::new());
        let (key, recovery) = create(dir.path(), &passphrase("four quiet herons wading"), &random).expect("created");
        let by_words = unlock(dir.path(), &passphrase("four quiet herons wading")).expect("the passphrase");
        let by_recovery =
            unlock(dir.path(), &Secret::Recovery(Zeroizing::new(recovery.to_lowercase()))).expect("recovery");
        assert_eq!((by_words.0, by_recovery.0), (key.0.clone(), key.0.clone()));
        assert!(matches!(unlock(dir.path(), &passphrase("four quiet herons")), Err(Error::WrongKey)));
        assert!(matches!(unlock(dir.path(), &Secret::Recovery(Zeroizing::new("0000".into()))), Err(Error::WrongKey)));
        let kept = std::fs::read_to_string(dir.path().join(WRAPPINGS)).expect("wrappings");
        assert!(
            !kept.contains(&hex(key.0.as_slice())) && !kept.contains("herons") && !kept.contains(recovery.as_str())
        );
    }

    #[test]
    fn a_secret_can_be_replaced() {
        let (dir, random) = (tempfile::tempdir().expect("dir"), SystemRandom::new());
        let file = dir.path().join("key");
        let (key, _) = create(dir.path(), &create_key_file(&file, &random).expect("file"), &random).expect("created");
        let second = dir.path().join("key2");
        replace_secret(dir.path(), &key, &create_key_file(&second, &random).expect("file"), &random).expect("replaced");
        assert!(matches!(unlock(dir.path(), &read_key_file(&file).expect("old")), Err(Error::WrongKey)));
        assert_eq!(unlock(dir.path(), &read_key_file(&second).expect("new")).expect("opens").0, key.0);
    }

    #[test]
    fn a_passphrase_takes_the_place_of_a_key_file_and_the_recovery_key_stays() {
        let (dir, random) = (tempfile::tempdir().expect("dir"), SystemRandom::new());
        let file = dir.path().join("key");
        let (key, recovery) =
            create(dir.path(), &create_key_file(&file, &random).expect("file"), &random).expect("created");
        // What a replacing that was cut short left beside is in nobody's way.
        std::fs::write(dir.path().join("keys.new"), "half").expect("written");
        replace_secret(dir.path(), &key, &passphrase("four quiet herons wading"), &random).expect("replaced");
        assert!(matches!(unlock(dir.path(), &read_key_file(&file).expect("old")), Err(Error::WrongKey)));
        assert_eq!(unlock(dir.path(), &passphrase("four quiet herons wading")).expect("opens").0, key.0);
        assert_eq!(unlock(dir.path(), &Secret::Recovery(recovery)).expect("opens").0, key.0);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("key");
        create_key_file(&path, &SystemRandom::new()).expect("file");
        assert_eq!(std::fs::metadata(&path).expect("meta").permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("chmod");
        assert!(matches!(read_key_file(&path), Err(Error::Broken(text)) if text.contains("0600")));
    }
}
