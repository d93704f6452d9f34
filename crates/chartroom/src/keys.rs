//! Opening a practice: which secret, from where, and what to say when it does not open.

use crate::cli::Place;
use crate::failure::{Failure, Outcome};
use ring::rand::SystemRandom;
use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};
use store_sqlite::key::{self, Secret};
use store_sqlite::{Db, FindKeys, Options, private};
use zeroize::Zeroizing;

/// Opens a practice that exists.
///
/// # Errors
/// [`Failure::DATA`], [`Failure::KEY`], [`Failure::IN_USE`].
pub fn open(place: &Place) -> Outcome<Db> {
    exists(&place.data)?;
    warn_if_open(&place.data);
    let key = key::unlock(&place.data, &secret(place)?)?;
    Db::open(&place.data, &key, &options()).map_err(unreadable)
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
        let words = line("passphrase")?;
        return match clinic::account::password::acceptable(&words, &[]) {
            Ok(()) => Ok((Secret::Passphrase(words), None)),
            Err(problem) => Err(Failure::new(Failure::KEY, problem.replace("password", "passphrase"))),
        };
    }
    if place.recovery_key_stdin {
        return Err(Failure::new(
            Failure::KEY,
            "a new practice gets a recovery key of its own: leave --recovery-key-stdin out",
        ));
    }
    let path = key_file(place)?;
    outside(&path, &place.data)?;
    if path.exists() {
        return Ok((read(&path)?, Some(path)));
    }
    let made = key::create_key_file(&path, &SystemRandom::new());
    Ok((made.map_err(|error| Failure::new(Failure::KEY, error.to_string()))?, Some(path)))
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
    let absolute =
        |path: &Path| std::path::absolute(path).map_err(|error| Failure::new(Failure::KEY, error.to_string()));
    if absolute(path)?.starts_with(absolute(data)?) {
        return Err(Failure::new(
            Failure::KEY,
            "the key file must lie outside --data, or a copy of the folder would open itself",
        ));
    }
    Ok(())
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
