//! Diagnoses of visits and the problem list: recorded by an ICD-10-CM code, promoted, their course told, ranked within a visit.

mod about;
mod beside;
mod commands;
pub(crate) mod form;
mod of_visit;
mod own;

pub use about::{About, about, only_of_a_visit, problem};
pub use beside::{active_codes, conflicts};
pub use commands::{AtVisit, OfProblem, Record, change, promote, rank, record, resolve};
pub use form::{CERTAINTIES, Checked, DiagnosisForm, JUDGEMENTS, SEVERITIES, STATUSES, check, check_change};
pub(crate) use of_visit::with_named;
pub use of_visit::{Carried, Ranked, carried, ranked};
pub use own::OwnCodes;
