//! A program puts no visit into a record that another one took the place of, as pages do not: who looks into the other chart would never find
//! it. docs/adr/0014 says what else is asked of programs, and what of pages only.

use crate::access::{Action, Caller};
use crate::error::{Error, Result};
use crate::visit::State;
use crate::visit::start::Life;
use fhir::{Key, Kind, PatientId};
use serde_json::Value;
use store::Store;
use store::audit::Entry;
use store::record::Stored;

/// Refuses a version of a visit in such a record, but one that ends it or says that it never was. `patient`: whose it is by then.
///
/// # Errors
/// [`Error::Conflict`]; what the store says.
pub(super) async fn check(
    store: &dyn Store,
    audit: &Entry,
    key: &Key,
    (before, after): (Option<State>, Option<State>),
    patient: Option<&PatientId>,
) -> Result<()> {
    let ends = after == Some(State::Error)
        || (after.is_some_and(State::is_over) && before.is_some_and(|before| !before.is_over()));
    let Some(patient) = patient.filter(|_| key.kind == Kind::ENCOUNTER && audit.action.starts_with("api.") && !ends)
    else {
        return Ok(());
    };
    // Looked up whatever the caller may read: only to decide.
    let permit = Caller::program("visits", audit.at, audit.request).read_practice(Action::ReadIdentity)?;
    let merged = |stored: &Stored| Life::read(&stored.body).merged;
    match store.read(&permit, &patient.key()).await? {
        Some(stored) if merged(stored.for_decision()) => {
            let text = format!("{} was merged into another record: write the visit there", patient.key());
            Err(Error::Conflict(text))
        }
        _ => Ok(()),
    }
}

/// The state that a version of a visit says it is in.
pub(super) fn state(body: &Value) -> Option<State> {
    State::parse(body.get("status")?.as_str()?)
}

/// The same of what is stored.
pub(super) fn state_before(stored: &Stored) -> Option<State> {
    let visit = stored.key.kind == Kind::ENCOUNTER && !stored.deleted;
    visit.then(|| fhir::json::parse(&stored.body).ok().as_ref().and_then(state)).flatten()
}
