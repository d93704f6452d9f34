//! The front door for every FHIR write, whichever way it comes: a page, the API, import, the demo.
//!
//! [`read_body`] parses, [`check`] validates, [`save`] stamps, indexes and commits with the audit entry: all or nothing.
//! [`create`], [`update`] and [`delete`] are `save` of one [`Edit`]; bundles and conditions build on it.
//!
//! The server changes nothing in a body but its id, its `meta`, `urn:uuid` and conditional references inside a transaction, and the
//! record number added to a Patient that has none of ours.

pub mod bundle;
mod commands;
pub mod conditional;
pub mod import;
pub mod number;
mod prepare;
pub mod references;
mod retry;
mod search;
mod ties;
pub mod transaction;
mod visits;

pub use commands::{Edit, Written, create, delete, save, save_with_draft, update};
pub use prepare::{check, check_as, instant, kind_of, new_version, read_body, stamp};
pub(crate) use search::search;
