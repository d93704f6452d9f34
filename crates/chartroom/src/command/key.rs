//! `chartroom key`: what opens a practice, on a stopped practice.

use super::program;
use crate::cli::{KeyAct, KeyArgs, NewSecret, Place};
use crate::failure::{Failure, Outcome};
use crate::keys;
use ring::rand::SystemRandom;
use store::AuditLog as _;
use store::audit;
use store_sqlite::key;

/// Runs it.
///
/// # Errors
/// As [`keys::open`]; [`Failure::KEY`] for a new secret that cannot be one.
pub async fn run(args: KeyArgs) -> Outcome {
    match args.act {
        KeyAct::Rotate { place, new } => rotate(&place, &new).await,
    }
}

async fn rotate(place: &Place, new: &NewSecret) -> Outcome {
    keys::warn_if_open(&place.data);
    let database = keys::unlock(place)?;
    // Opened before anything is made or changed: nobody else has it open, and the trail tells of it.
    let db = keys::open_with(place, &database)?;
    let secret = keys::new_secret(new, &place.data)?;
    if key::unlock(&place.data, &secret).is_ok() {
        return Err(Failure::new(Failure::KEY, "the new secret opens the practice already: choose another"));
    }
    let caller = program("key rotate");
    db.append(caller.entry("key.rotate")).await?;
    if let Err(error) = key::replace_secret(&place.data, &database, &secret, &SystemRandom::new()) {
        let failed = audit::Entry { outcome: audit::Outcome::Failed, ..caller.entry("key.rotate") };
        db.append(failed).await?;
        return Err(error.into());
    }
    match &new.new_key_file {
        Some(path) => println!("key file: {} (keep a copy off this machine)", path.display()),
        None => println!("the new passphrase opens the practice"),
    }
    println!("The old key file or passphrase opens it no more; the recovery key does as before.");
    println!("Copies of the folder made until now still open with the old one: keep or destroy both together.");
    Ok(())
}
