//! `chartroom key`: what opens a practice, on a stopped practice.

use super::program;
use crate::cli::{KeyAct, KeyArgs, NewSecret, Place};
use crate::failure::{Failure, Outcome};
use crate::{keys, practice};
use store::audit;

/// Runs it.
///
/// # Errors
/// As [`practice::open`]; [`Failure::KEY`] for a new secret that cannot be one.
pub async fn run(args: KeyArgs) -> Outcome {
    match args.act {
        KeyAct::Rotate { place, new } => rotate(&place, &new).await,
    }
}

async fn rotate(place: &Place, new: &NewSecret) -> Outcome {
    let kept = place.at.kept()?;
    kept.folder().map_or(Ok(()), practice::ready)?;
    let old = keys::secret(place)?;
    // Opened before anything is made or changed: nobody else has the folder open, and the trail tells of it.
    let store = kept.open(&old).await?;
    let secret = keys::new_secret(new, kept.folder())?;
    if kept.opens(&secret).await? {
        return Err(Failure::new(Failure::KEY, "the new secret opens the practice already: choose another"));
    }
    let caller = program("key rotate");
    store.append(caller.entry("key.rotate")).await?;
    if let Err(error) = kept.replace_secret(&old, &secret).await {
        let failed = audit::Entry { outcome: audit::Outcome::Failed, ..caller.entry("key.rotate") };
        store.append(failed).await?;
        return Err(error);
    }
    store.settle().await?;
    match &new.new_key_file {
        Some(path) => println!("key file: {} (keep a copy off this machine)", path.display()),
        None => println!("the new passphrase opens the practice"),
    }
    println!("The old key file or passphrase opens it no more; the recovery key does as before.");
    println!("Copies made until now still open with the old one: keep or destroy both together.");
    Ok(())
}
