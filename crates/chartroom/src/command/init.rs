//! `chartroom init`: an empty practice, in a folder encrypted from its first byte, or in an empty PostgreSQL database.

use crate::cli::Place;
use crate::failure::{Failure, Outcome};
use crate::practice::Kept;
use crate::{keys, practice};
use std::path::Path;
use store_sqlite::private;

/// Runs it.
///
/// # Errors
/// [`Failure::DATA`] when there is a practice already; [`Failure::KEY`]; what the database says.
pub async fn run(place: &Place) -> Outcome {
    let kept = place.at.kept()?;
    let named = match &kept {
        Kept::Folder(dir) => {
            empty_folder(dir)?;
            dir.display().to_string()
        }
        Kept::Postgres(..) => "in the database".to_owned(),
    };
    let (secret, key_file) = keys::secret_for_new(place)?;
    let (store, recovery) = kept.make(&secret).await?;
    store.settle().await?;
    println!("practice: {named}");
    if let Some(path) = key_file {
        println!("key file: {} (keep a copy off this machine)", path.display());
    }
    println!("recovery key: {}", *recovery);
    println!(
        "The recovery key is shown this once. Write it down and keep it away from this machine: it opens the practice"
    );
    println!("when the key file or passphrase is lost, with --recovery-key-stdin.");
    match &kept {
        Kept::Folder(dir) => println!("Next: chartroom serve --data {}", dir.display()),
        Kept::Postgres(..) => println!("Next: chartroom serve --database URL"),
    }
    Ok(())
}

/// A folder for a new practice.
fn empty_folder(dir: &Path) -> Outcome {
    let data = dir.display();
    if dir.join("practice.db").exists() {
        return Err(Failure::new(Failure::DATA, format!("{data} holds a practice already")));
    }
    if dir.join("keys").exists() {
        // Whose database it opens nobody knows: it may be the only way into a backup, so it is not thrown away here.
        let text = format!(
            "{data} holds `keys` but no database: an `init` was cut short there, or practice.db was lost. \
             If nothing was ever kept in it, remove {data}/keys and run `init` again; else restore practice.db from the last backup"
        );
        return Err(Failure::new(Failure::DATA, text));
    }
    practice::warn_if_open(dir);
    private::make_folder(dir).map_err(|error| Failure::new(Failure::DATA, format!("{data} cannot be made: {error}")))
}
