//! Diagnoses of visits and the problem list: recorded by an ICD-10-CM code, promoted, their course told, ranked within a visit.

mod about;
mod beside;
mod commands;
pub(crate) mod form;

pub use about::{About, only_of_a_visit, problem};
pub use beside::{active_codes, conflicts};
pub use commands::{AtVisit, OfProblem, Record, change, promote, rank, record};
pub use form::{CERTAINTIES, Checked, DiagnosisForm, SEVERITIES, STATUSES, check};
