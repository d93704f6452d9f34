//! `chartroom verify`: proves the audit trail, then every signed note.

use crate::cli::Place;
use crate::failure::{Failure, Outcome};
use crate::{keys, practice};
use clinic::Caller;
use clinic::note::verify::{Notes, verify};
use jiff::Timestamp;
use uuid::Uuid;

/// Runs it: `ok: N signed notes`, or each bad one and [`Failure::BAD_AUDIT`]. The practice is stopped, or on PostgreSQL.
///
/// # Errors
/// As [`super::verify_audit::run`]; [`Failure::IN_USE`] while a folder is served.
pub async fn run(place: &Place) -> Outcome {
    super::verify_audit::run(place).await?;
    let kept = place.at.kept()?;
    kept.folder().map_or(Ok(()), practice::exists)?;
    let store = kept.open(&keys::secret(place)?).await?;
    let caller = Caller::program("verify", Timestamp::now(), Uuid::now_v7());
    let Notes { whole, awaiting, bad } =
        verify(store.as_ref(), &caller).await.map_err(|error| Failure::new(Failure::DATA, error.to_string()))?;
    store.append(caller.entry("note.verify")).await?;
    for (key, what) in &bad {
        println!("bad: {key}: {what}");
    }
    if bad.is_empty() {
        let waiting = if awaiting > 0 { format!(", {awaiting} of them awaiting a cosignature") } else { String::new() };
        println!("ok: {whole} signed notes{waiting}");
        return Ok(());
    }
    Err(Failure::new(Failure::BAD_AUDIT, ""))
}
