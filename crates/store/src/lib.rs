//! What a practice keeps, as traits: the record, its audit trail, the accounts that may open it, the keys patients are found by.
//!
//! No SQL lives here. A database crate implements [`Store`]; `clinic` calls it; only `chartroom` and the tests name a database crate.
//!
//! Two rules hold by construction:
//! - every call that touches a chart takes a [`Permit`], which only `clinic::access` makes;
//! - what is read comes back [`Sealed`], and opens only through [`AuditLog::release`], which commits the audit entry first.

pub mod access;
pub mod accounts;
pub mod audit;
#[cfg(feature = "conformance")]
pub mod conformance;
mod date_order;
pub mod draft;
pub mod engine;
pub mod error;
pub mod find;
pub mod health;
mod paper_size;
pub mod record;
pub mod sealed;
pub mod texts;
pub mod transfer;
pub mod upkeep;

pub use access::{Actor, KindSet, Permit, Role, Scope, WritePermit};
pub use accounts::Accounts;
pub use audit::AuditLog;
pub use draft::Drafts;
pub use error::{Error, Result};
pub use find::Find;
pub use health::Health;
pub use record::Record;
pub use sealed::Sealed;
pub use upkeep::Upkeep;

/// Everything one database offers. Shared as `Arc<dyn Store>`.
pub trait Store: Record + Drafts + AuditLog + Accounts + Find + Health + Upkeep {}

impl<T: Record + Drafts + AuditLog + Accounts + Find + Health + Upkeep> Store for T {}
