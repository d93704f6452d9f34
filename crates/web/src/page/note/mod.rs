//! Notes: begun, typed, signed; and the lists of what is not signed yet.

pub mod begin;
pub mod discard;
pub mod editor;
pub mod list;
pub mod saving;
pub mod seen;
pub mod sign;
pub mod signed;

use crate::PageError;
use fhir::PatientId;
use uuid::Uuid;

/// The chart and the draft that an address names.
fn named(id: &str, draft: &str) -> Result<(PatientId, Uuid), PageError> {
    let patient = PatientId::parse(id).map_err(|_| PageError::not_found())?;
    let draft = Uuid::try_parse(draft).map_err(|_| PageError::not_found())?;
    Ok((patient, draft))
}

/// Where a draft is written.
#[must_use]
pub fn address(patient: &PatientId, draft: Uuid) -> String {
    format!("/patients/{patient}/drafts/{draft}")
}
