//! A Patient in whose chart a note is being written is not merged away: who looks into the other chart from then on would never find it.
//! It is signed, given up or moved first. (The store refuses a deletion for the same reason.)

use crate::access::{Action, Caller};
use crate::error::{Error, Result};
use crate::visit::start::Life;
use fhir::element::Body;
use fhir::{Key, Kind, PatientId};
use serde_json::Value;
use store::Store;
use store::audit::Entry;
use store::draft::DraftsOf;
use store::record::Stored;

/// Refuses a version of a Patient that says it is replaced by another, while the chart has drafts.
///
/// # Errors
/// [`Error::Conflict`]; what the store says.
pub async fn check(
    store: &dyn Store,
    audit: &Entry,
    key: &Key,
    before: Option<&Stored>,
    after: Option<&Value>,
) -> Result<()> {
    let merges = || after.is_some_and(|after| Life::of(Body::from(after.clone()).root()).merged);
    let merged = |stored: &Stored| Life::read(&stored.body).merged;
    if key.kind != Kind::PATIENT || before.is_none_or(merged) || !merges() {
        return Ok(());
    }
    // Looked up whatever the caller may read: only to decide.
    let permit = Caller::program("drafts", audit.at, audit.request).read_practice(Action::ReadClinical)?;
    let drafts = store.drafts(&permit, &DraftsOf::Patient(PatientId::new(key.id.clone()))).await?;
    if drafts.for_decision().iter().all(store::draft::Draft::is_signed) {
        return Ok(());
    }
    let text =
        format!("{key} has notes that are not signed yet: sign them, give them up or move them before it is merged");
    Err(Error::Conflict(text))
}
