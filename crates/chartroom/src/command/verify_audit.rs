//! `chartroom verify-audit`: proves the chain, also while the practice is open.

use crate::cli::Place;
use crate::failure::{Failure, Outcome};
use crate::{keys, practice};
use store::audit::Verdict;

/// Runs it: `ok: N entries`, or the first bad entry and [`Failure::BAD_AUDIT`].
///
/// # Errors
/// As [`practice::open`]; when the database cannot be read.
pub async fn run(place: &Place) -> Outcome {
    let kept = place.at.kept()?;
    kept.folder().map_or(Ok(()), practice::exists)?;
    match kept.verify_audit(&keys::secret(place)?).await? {
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
