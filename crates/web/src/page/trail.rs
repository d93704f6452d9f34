//! What was tried and not done is in the trail too, with the charts it was about. What is done carries its own entry.

use crate::{App, PageError};
use clinic::{Caller, Error};
use fhir::{Key, PatientId};
use store::audit::{Entry, Outcome};

/// Records that `action` failed; `what`: the entry it was about.
///
/// # Errors
/// When that cannot be recorded.
pub(super) async fn failed(
    app: &App,
    caller: &Caller,
    action: &str,
    patients: &[PatientId],
    what: Option<&Key>,
    error: &Error,
) -> Result<(), PageError> {
    let outcome = match error {
        // That it may have been saved is what must be told; it is not known to have failed.
        Error::Store(store::Error::Unknown) => return Ok(()),
        Error::NotPermitted => Outcome::Refused,
        _ => Outcome::Failed,
    };
    let what = what.map(|key| (key.clone(), 0)).into_iter().collect();
    app.store.append(Entry { outcome, patients: patients.to_vec(), what, ..caller.entry(action) }).await?;
    Ok(())
}
