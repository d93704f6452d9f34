//! `chartroom init`: an empty practice, encrypted from its first byte.

use crate::cli::Place;
use crate::failure::{Failure, Outcome};
use crate::keys;
use ring::rand::SystemRandom;
use store_sqlite::{Db, FILES, key, private};

/// Runs it.
///
/// # Errors
/// [`Failure::DATA`] when there is a practice already; [`Failure::KEY`].
pub fn run(place: &Place) -> Outcome {
    let data = place.data.display();
    if place.data.join("practice.db").exists() {
        return Err(Failure::new(Failure::DATA, format!("{data} holds a practice already")));
    }
    if place.data.join("keys").exists() {
        // Whose database it opens nobody knows: it may be the only way into a backup, so it is not thrown away here.
        let text = format!(
            "{data} holds `keys` but no database: an `init` was cut short there, or practice.db was lost. \
             If nothing was ever kept in it, remove {data}/keys and run `init` again; else restore practice.db from the last backup"
        );
        return Err(Failure::new(Failure::DATA, text));
    }
    keys::warn_if_open(&place.data);
    private::make_folder(&place.data)
        .map_err(|error| Failure::new(Failure::DATA, format!("{data} cannot be made: {error}")))?;
    let (secret, key_file) = keys::secret_for_new(place)?;
    let (key, recovery) = key::create(&place.data, &secret, &SystemRandom::new())?;
    if let Err(error) = Db::create(&place.data, &key, &keys::options()) {
        // Half a practice would only be in the way of the next try.
        for file in FILES {
            let _not_made = std::fs::remove_file(place.data.join(file));
        }
        return Err(error.into());
    }
    println!("practice: {data}");
    if let Some(path) = key_file {
        println!("key file: {} (keep a copy off this machine)", path.display());
    }
    println!("recovery key: {}", *recovery);
    println!(
        "The recovery key is shown this once. Write it down and keep it away from this machine: it opens the practice"
    );
    println!("when the key file or passphrase is lost, with --recovery-key-stdin.");
    println!("Next: chartroom serve --data {data}");
    Ok(())
}
