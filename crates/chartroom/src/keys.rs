//! Which secret opens a practice, and from where.

use crate::cli::{NewSecret, Place};
use crate::failure::{Failure, Outcome};
use ring::rand::SystemRandom;
use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Component, Path, PathBuf};
use store_sqlite::key::{self, Secret};
use zeroize::Zeroizing;

/// The secret of a practice that exists.
///
/// # Errors
/// [`Failure::KEY`].
pub fn secret(place: &Place) -> Outcome<Secret> {
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
    Ok((new_key_file(&path, place.at.data.as_deref())?, Some(path)))
}

/// A secret that is to open a practice from now on.
///
/// # Errors
/// [`Failure::KEY`].
pub fn new_secret(new: &NewSecret, data: Option<&Path>) -> Outcome<Secret> {
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
fn new_key_file(path: &Path, data: Option<&Path>) -> Outcome<Secret> {
    data.map_or(Ok(()), |data| outside(path, data))?;
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
