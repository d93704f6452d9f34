//! `chartroom verify-audit`: proves the chain, also while the practice is open.

use crate::cli::Place;
use crate::failure::{Failure, Outcome};
use crate::keys;
use store::audit::Verdict;
use store_sqlite::Db;

/// Runs it: `ok: N entries`, or the first bad entry and [`Failure::BAD_AUDIT`].
///
/// # Errors
/// As [`keys::unlock`]; when the database cannot be read.
pub fn run(place: &Place) -> Outcome {
    let key = keys::unlock(place)?;
    match Db::verify_offline(&place.data, &key).map_err(keys::unreadable)? {
        Verdict::Whole { entries } => {
            println!("ok: {entries} entries");
            Ok(())
        }
        Verdict::Bad { sequence, what } => {
            println!("bad: entry {sequence}: {what}");
            Err(Failure::new(Failure::BAD_AUDIT, ""))
        }
    }
}
