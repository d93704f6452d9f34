//! Patients: who they are, finding them, registering them.

pub mod birth_date;
pub mod commands;
pub mod fold;
pub mod form;
pub use fhir::identity::{self, Identity};
pub mod keys;
pub mod lists;
pub mod lookalike;
pub mod meanwhile;
pub mod rank;
