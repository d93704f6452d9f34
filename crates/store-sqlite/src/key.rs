//! The keys of a practice.
//!
//! The database is encrypted with a random key that exists nowhere in the clear but in this process's memory ([`store::engine::wrap`]). Beside the database
//! lie its wrappings (`keys`): the same key, encrypted under each secret that may open the practice — the key file's, a passphrase's
//! (argon2id), the recovery key's. So a secret can be replaced without rewriting the data.

use crate::private;
use ring::rand::SecureRandom;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use store::engine::wrap::{self, fresh, hex, unhex};
pub use store::engine::wrap::{DatabaseKey, Secret};
use store::transfer::Practice;
use store::{Error, Result};
use zeroize::Zeroizing;

/// The file of wrapped keys, in the practice's folder.
const WRAPPINGS: &str = "keys";

/// The statement that gives SQLCipher a key.
pub(crate) fn pragma(key: &DatabaseKey) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(90));
    text.push_str("PRAGMA key = \"x'");
    for byte in key.bytes() {
        let _infallible = write!(text, "{byte:02x}");
    }
    text.push_str("'\";");
    text
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
    let key = DatabaseKey::new(random)?;
    let (lines, recovery) = wrap::wrappings(&key, secret, random)?;
    write_private(&dir.join(WRAPPINGS), lines.as_bytes(), false)?;
    Ok((key, recovery))
}

/// Unwraps the database's key.
///
/// # Errors
/// [`Error::WrongKey`] when the secret opens none of its wrappings.
pub fn unlock(dir: &Path, secret: &Secret) -> Result<DatabaseKey> {
    wrap::unlock(&wrappings(dir)?, secret)
}

/// Lets another key file or passphrase open the practice, in place of whichever did before; the recovery key stays. The wrappings are
/// written beside and put in place by renaming: cut short, either the old secret opens it or the new one.
///
/// # Errors
/// When the wrappings cannot be read or written.
pub fn replace_secret(dir: &Path, key: &DatabaseKey, secret: &Secret, random: &dyn SecureRandom) -> Result<()> {
    let lines = wrap::replaced(&wrappings(dir)?, key, secret, random)?;
    write_private(&dir.join(WRAPPINGS), lines.as_bytes(), true)
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

/// Whether a folder has wrapped keys.
pub(crate) fn exists(dir: &Path) -> bool {
    dir.join(WRAPPINGS).exists()
}

/// Gives a folder the data key of a practice that is copied to it, wrapped under its own secret; the recovery key is the practice's.
pub(crate) fn carry(dir: &Path, from: &Practice, secret: &Secret, random: &dyn SecureRandom) -> Result<()> {
    let lines = wrap::replaced(&from.wrappings, &from.key, secret, random)?;
    write_private(&dir.join(WRAPPINGS), lines.as_bytes(), true)
}

pub(crate) fn wrappings(dir: &Path) -> Result<String> {
    std::fs::read_to_string(dir.join(WRAPPINGS)).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound if crate::db::file(dir).exists() => Error::Broken(format!(
            "{} holds a database but not its file `keys`, without which nothing opens it: restore that from a backup",
            dir.display()
        )),
        std::io::ErrorKind::NotFound => Error::Broken(format!("{} holds no practice; `init` makes one", dir.display())),
        _ => Error::Broken(format!("the practice's wrapped keys cannot be read: {e}")),
    })
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
        assert_eq!((by_words.bytes(), by_recovery.bytes()), (key.bytes(), key.bytes()));
        assert!(matches!(unlock(dir.path(), &passphrase("four quiet herons")), Err(Error::WrongKey)));
        assert!(matches!(unlock(dir.path(), &Secret::Recovery(Zeroizing::new("0000".into()))), Err(Error::WrongKey)));
        let kept = std::fs::read_to_string(dir.path().join(WRAPPINGS)).expect("wrappings");
        assert!(!kept.contains(&hex(key.bytes())) && !kept.contains("herons") && !kept.contains(recovery.as_str()));
    }

    #[test]
    fn a_secret_can_be_replaced() {
        let (dir, random) = (tempfile::tempdir().expect("dir"), SystemRandom::new());
        let file = dir.path().join("key");
        let (key, _) = create(dir.path(), &create_key_file(&file, &random).expect("file"), &random).expect("created");
        let second = dir.path().join("key2");
        replace_secret(dir.path(), &key, &create_key_file(&second, &random).expect("file"), &random).expect("replaced");
        assert!(matches!(unlock(dir.path(), &read_key_file(&file).expect("old")), Err(Error::WrongKey)));
        assert_eq!(unlock(dir.path(), &read_key_file(&second).expect("new")).expect("opens").bytes(), key.bytes());
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
        assert_eq!(unlock(dir.path(), &passphrase("four quiet herons wading")).expect("opens").bytes(), key.bytes());
        assert_eq!(unlock(dir.path(), &Secret::Recovery(recovery)).expect("opens").bytes(), key.bytes());
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
