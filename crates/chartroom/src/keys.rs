//! Opening a practice: which secret, from where, and what to say when it does not open.

use crate::cli::{NewSecret, Place};
use crate::failure::{Failure, Outcome};
use ring::rand::SystemRandom;
use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Component, Path, PathBuf};
use store_sqlite::key::{self, Secret};
use store_sqlite::{Db, FindKeys, Options, private};
use zeroize::Zeroizing;

/// Opens a practice that exists.
///
/// # Errors
/// [`Failure::DATA`], [`Failure::KEY`], [`Failure::IN_USE`].
pub fn open(place: &Place) -> Outcome<Db> {
    warn_if_open(&place.data);
    let key = unlock(place)?;
    open_with(place, &key)
}

/// Opens a practice whose key is known.
///
/// # Errors
/// [`Failure::IN_USE`]; what the store says.
pub fn open_with(place: &Place, key: &store_sqlite::DatabaseKey) -> Outcome<Db> {
    Db::open(&place.data, key, &options()).map_err(unreadable)
}

/// How a practice is opened: with this program's way of finding patients.
#[must_use]
pub fn options() -> Options {
    let find_keys = FindKeys { version: clinic::patient::keys::VERSION, of: clinic::patient::keys::of_body };
    Options { find_keys: Some(find_keys), ..Options::default() }
}

/// The wrapped key opened, so the secret is right: what does not fit it is the database file.
pub fn unreadable(error: store::Error) -> Failure {
    match error {
        store::Error::WrongKey => Failure::other(
            "the key is right but does not fit the database file: the file is damaged, or `keys` is another practice's; \
             restore both from the last backup",
        ),
        other => other.into(),
    }
}

/// Opens only the key.
///
/// # Errors
/// [`Failure::DATA`], [`Failure::KEY`].
pub fn unlock(place: &Place) -> Outcome<store_sqlite::DatabaseKey> {
    exists(&place.data)?;
    Ok(key::unlock(&place.data, &secret(place)?)?)
}

fn exists(dir: &Path) -> Outcome {
    if dir.join("practice.db").is_file() { Ok(()) } else { Err(Failure::no_practice(dir)) }
}

/// Says so when others on this machine may look into the practice's folder: what is in it is encrypted, but its names, sizes and times tell too.
pub fn warn_if_open(dir: &Path) {
    if private::open_to_others(dir) {
        tracing::warn!("others on this machine may look into {}: make it yours alone (chmod 700)", dir.display());
    }
}

/// The secret of a practice that exists.
fn secret(place: &Place) -> Outcome<Secret> {
    if place.passphrase_stdin {
        return Ok(Secret::Passphrase(line("passphrase")?));
    }
    if place.recovery_key_stdin {
        return Ok(Secret::Recovery(line("recovery key")?));
    }
    read(&key_file(place)?)
}

/// The secret of a practice about to be made: a key file that exists opens it too, else one is made.
///
/// # Errors
/// [`Failure::KEY`].
pub fn secret_for_new(place: &Place) -> Outcome<(Secret, Option<PathBuf>)> {
    if place.passphrase_stdin {
        return Ok((new_passphrase("passphrase")?, None));
    }
    if place.recovery_key_stdin {
        return Err(Failure::new(
            Failure::KEY,
            "a new practice gets a recovery key of its own: leave --recovery-key-stdin out",
        ));
    }
    let path = key_file(place)?;
    Ok((new_key_file(&path, &place.data)?, Some(path)))
}

/// A secret that is to open a practice from now on.
///
/// # Errors
/// [`Failure::KEY`].
pub fn new_secret(new: &NewSecret, data: &Path) -> Outcome<Secret> {
    match &new.new_key_file {
        Some(path) => new_key_file(path, data),
        None => new_passphrase("new passphrase"),
    }
}

fn new_passphrase(what: &str) -> Outcome<Secret> {
    let words = line(what)?;
    match clinic::account::password::acceptable(&words, &[]) {
        Ok(()) => Ok(Secret::Passphrase(words)),
        Err(problem) => Err(Failure::new(Failure::KEY, problem.replace("password", "passphrase"))),
    }
}

/// A key file for a practice: one that is there, else one is made.
fn new_key_file(path: &Path, data: &Path) -> Outcome<Secret> {
    outside(path, data)?;
    if path.exists() {
        return read(path);
    }
    key::create_key_file(path, &SystemRandom::new()).map_err(|error| Failure::new(Failure::KEY, error.to_string()))
}

fn read(path: &Path) -> Outcome<Secret> {
    if !path.exists() {
        let path = path.display();
        return Err(Failure::new(Failure::KEY, format!("there is no key file at {path}: name it with --key-file")));
    }
    key::read_key_file(path).map_err(|error| Failure::new(Failure::KEY, error.to_string()))
}

fn key_file(place: &Place) -> Outcome<PathBuf> {
    if let Some(path) = &place.key_file {
        return Ok(path.clone());
    }
    let folder = std::env::var_os("XDG_CONFIG_HOME")
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")));
    let folder = folder
        .ok_or_else(|| Failure::new(Failure::KEY, "no configuration folder: name the key file with --key-file"))?;
    Ok(folder.join("chartroom").join("key"))
}

/// A key beside what it locks protects nothing: a copy of the folder would open itself.
fn outside(path: &Path, data: &Path) -> Outcome {
    let told = |error: std::io::Error| Failure::new(Failure::KEY, format!("{}: {error}", path.display()));
    if really(path).map_err(told)?.starts_with(really(data).map_err(told)?) {
        return Err(Failure::new(
            Failure::KEY,
            "the key file must lie outside --data, or a copy of the folder would open itself",
        ));
    }
    Ok(())
}

/// Where a path leads once its links are followed, whether or not there is anything yet.
fn really(path: &Path) -> std::io::Result<PathBuf> {
    let whole = std::path::absolute(path)?;
    let mut real = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::ParentDir => {
                real.pop();
            }
            part => real.push(part),
        }
        if let Ok(found) = real.canonicalize() {
            real = found;
        } else if real.is_symlink() {
            return Err(std::io::Error::other("a link in it leads nowhere"));
        }
    }
    Ok(real)
}

/// One line of standard input, not echoed by us, not kept.
fn line(what: &str) -> Outcome<Zeroizing<String>> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprintln!("{what} (it will show as you type):");
    }
    let mut text = Zeroizing::new(String::new());
    input.lock().read_line(&mut text).map_err(|error| Failure::new(Failure::KEY, format!("no {what}: {error}")))?;
    let trimmed = Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned());
    if trimmed.is_empty() {
        return Err(Failure::new(Failure::KEY, format!("no {what} on standard input")));
    }
    Ok(trimmed)
}
