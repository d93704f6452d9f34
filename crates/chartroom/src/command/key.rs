//! `chartroom key`: what opens a practice, on a stopped practice.

use super::program;
use crate::cli::{KeyAct, KeyArgs, NewSecret, Place};
use crate::failure::{Failure, Outcome};
use crate::{keys, practice};
use store::audit;
use store_sqlite::key::Secret;

/// Runs it.
///
/// # Errors
/// As [`practice::open`]; [`Failure::KEY`] for a new secret that cannot be one.
pub async fn run(args: KeyArgs) -> Outcome {
    match args.act {
        KeyAct::Rotate { place, new } => rotate(&place, &new).await,
    }
}

const NEW: &str = "the new key file or passphrase opens the practice now, the old one no more";

/// After a change that failed: it may have come into force all the same, when only the last step, making it durable, did not go well.
async fn opening(kept: &practice::Kept<'_>, new: &Secret) -> &'static str {
    match kept.opens(new).await {
        Ok(true) => NEW,
        Ok(false) => "the old key file or passphrase opens the practice as before",
        Err(_) => "which of the two opens the practice could not be found out: keep both",
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
    let told =
        |outcome, detail: &str| audit::Entry { outcome, detail: detail.to_owned(), ..caller.entry("key.rotate") };
    // Before, so that no change goes untold; after, so that none is told that did not happen.
    store.append(told(audit::Outcome::Done, "begun")).await?;
    if let Err(error) = kept.replace_secret(&old, &secret).await {
        let now = opening(&kept, &secret).await;
        let unrecorded = store.append(told(audit::Outcome::Failed, now)).await.is_err();
        let trail = if unrecorded { "; the trail does not tell of it" } else { "" };
        return Err(Failure::new(error.code, format!("{}; {now}{trail}", error.text)));
    }
    let recorded = match store.append(told(audit::Outcome::Done, "done")).await {
        Ok(_) => store.settle().await,
        Err(error) => Err(error),
    };
    recorded.map_err(|error| Failure::other(format!("{NEW}, but the trail could not be told: {error}")))?;
    match &new.new_key_file {
        Some(path) => println!("key file: {} (keep a copy off this machine)", path.display()),
        None => println!("the new passphrase opens the practice"),
    }
    println!("The old key file or passphrase opens it no more; the recovery key does as before.");
    println!("Copies made until now still open with the old one: keep or destroy both together.");
    Ok(())
}
