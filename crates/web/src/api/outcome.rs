//! OperationOutcomes as bytes.

use bytes::Bytes;
use fhir::Issue;

/// An OperationOutcome of these issues.
#[must_use]
pub fn of(issues: &[Issue]) -> Bytes {
    Bytes::from(fhir::json::write(&fhir::outcome::operation_outcome(issues)))
}

/// "It went well", for who asked for an outcome.
#[must_use]
pub fn well(text: &str) -> Bytes {
    of(&[Issue::information(text)])
}
