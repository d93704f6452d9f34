//! Taking in files of FHIR resources: a bundle whole or not at all, NDJSON line by line; what is stored just so already is left alone,
//! so that an import that was cut short is finished by running it again.
//!
//! `files` finds and cuts, [`crate::bundle`] reads, a [`Sink`] stores. Reading and checking runs ahead of the writer on other threads.

pub mod files;
mod rejects;
mod report;
mod run;
mod sink;

pub use report::{Progress, Report, Tally};
pub use run::run;
pub use sink::{Local, Refusal, Rehearsal, Sink};
