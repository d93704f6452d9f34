//! History: past illnesses, operations, family, social and obstetric answers, each section gone through by somebody at some time.
//! docs/adr/0012 says how that is kept. Reading: `told.rs`; writing: `commands.rs`; a file for each section's form.

pub mod commands;
pub mod family;
pub mod form;
pub mod medical;
pub mod obstetric;
pub mod questions;
pub mod section;
pub mod social;
pub mod surgical;
pub mod told;

pub use commands::{Telling, change, record, review};
pub use form::HistoryForm;
pub use section::Section;
pub use told::{Told, Whole};
