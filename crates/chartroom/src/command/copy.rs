//! `chartroom copy`: a whole practice from a folder or a PostgreSQL database to another one, whichever engines they are.

use super::program;
use super::progress::Bar;
use crate::cli::CopyArgs;
use crate::failure::{Failure, Outcome};
use crate::practice::{Kept, find_keys};
use crate::{keys, practice};
use std::sync::{Arc, Mutex, PoisonError};
use store::Error;
use store::audit::Verdict;
use store::engine::wrap::Secret;
use store::transfer;
use store::upkeep::Progress;

/// Runs it. The last line is `copied N versions of M resources, K audit entries; counts and hashes agree`.
///
/// # Errors
/// [`Failure::BAD_AUDIT`] when the trail of either side does not hold; [`Failure::IN_USE`] when somebody else has one of them open; as
/// [`practice::open`]; what differs.
pub async fn run(args: &CopyArgs) -> Outcome {
    let (from, to) = (args.from_place(), args.to_place());
    let (leaves, arrives) = (from.at.kept()?, to.at.kept()?);
    leaves.folder().map_or(Ok(()), practice::ready)?;
    let secret = keys::secret(&from)?;
    let (new_secret, key_file) = keys::secret_for_new(&to)?;
    begin(&leaves, &secret).await?;
    let copied = {
        let mut source = leaves.leaving(&secret).await?;
        let mut target = arrives.arriving(&new_secret, source.practice()).await?;
        let bar = Arc::new(Mutex::new(Bar::new(1, "rows")));
        let told = Arc::clone(&bar);
        let set = move |done, of| told.lock().unwrap_or_else(PoisonError::into_inner).set_of(done, of);
        let progress: Progress = Arc::new(set);
        let entry = program("copy").entry("practice.arrive");
        let copied = transfer::run(&mut *source, &mut *target, find_keys(), &entry, &progress).await;
        bar.lock().unwrap_or_else(PoisonError::into_inner).finish();
        copied.map_err(cut_short)?
    };
    let store = arrives.open(&new_secret).await?;
    store.settle().await?;
    match store.verify().await? {
        Verdict::Whole { entries } if entries == copied.entries + 1 => {}
        Verdict::Whole { entries } => {
            let text = format!("the copy's audit trail has {entries} entries, not {} and its own", copied.entries);
            return Err(Failure::new(Failure::BAD_AUDIT, text));
        }
        Verdict::Bad { sequence, what } => {
            let text = format!("the copy's audit trail does not hold (entry {sequence}: {what})");
            return Err(Failure::new(Failure::BAD_AUDIT, text));
        }
    }
    if let Some(path) = key_file {
        println!("key file: {} (keep a copy off this machine)", path.display());
    }
    println!("The recovery key is the same one. Everyone signs in anew: sessions and failed sign-ins were not copied.");
    println!("The practice is now in two places: serve the copy, and put the one it was copied from away.");
    let transfer::Copied { versions, resources, entries } = copied;
    println!("copied {versions} versions of {resources} resources, {entries} audit entries; counts and hashes agree");
    Ok(())
}

/// Brings the practice up to date, proves its trail and tells there that it is copied. Then it is closed.
async fn begin(leaves: &Kept<'_>, secret: &Secret) -> Outcome {
    let store = leaves.open(secret).await?;
    if let Verdict::Bad { sequence, what } = store.verify().await? {
        let text = format!("the practice's audit trail does not hold (entry {sequence}: {what}); nothing was copied");
        return Err(Failure::new(Failure::BAD_AUDIT, text));
    }
    store.append(program("copy").entry("practice.copy")).await?;
    Ok(store.settle().await?)
}

/// What the store says, and what to do where trying again does it.
fn cut_short(error: Error) -> Failure {
    let again = matches!(error, Error::Unreachable(_) | Error::Full | Error::Locked(_));
    let Failure { code, text } = error.into();
    if again {
        Failure::new(code, format!("{text}. What arrived stays: run the same copy again"))
    } else {
        Failure { code, text }
    }
}
