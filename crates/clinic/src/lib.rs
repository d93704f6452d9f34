//! What a practice does and may do. One folder a noun; in each, `commands.rs` alone touches the store, the rest is pure.
//!
//! A command takes the store, a permit that `access` granted, what the user asked, and says what was done:
//! permit, load, decide, save with its audit entry in one transaction.

pub mod access;
pub mod account;
pub mod allergy;
pub mod audit;
pub mod chart;
pub mod diagnosis;
pub mod document;
pub mod entry;
pub mod error;
pub mod history;
pub mod note;
pub mod patient;
pub mod record;
pub mod session;
pub mod shown;
pub mod terminology;
pub mod visit;

pub use access::{Action, Caller};
pub use error::{Error, FieldError, Result};
