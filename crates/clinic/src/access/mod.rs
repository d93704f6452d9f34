//! Who may do what: the one place that makes permits.
//!
//! ```
//! use clinic::access::{decide, Action};
//! use store::Role;
//! assert!(decide(Role::Clinician, Action::ReadClinical).is_some());
//! assert!(decide(Role::Manager, Action::ReadClinical).is_none());
//! ```

mod caller;
mod policy;

pub use caller::{Caller, TokenKinds};
pub use policy::{Action, decide};
