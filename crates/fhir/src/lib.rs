//! FHIR R4 (4.0.1) without I/O: what a resource is, whether it is valid, what it is found by, and how it is read.
//!
//! Nothing above this crate sees raw JSON. A body is parsed once, kept losslessly, and read through [`Element`].

pub mod date;
pub mod definitions;
pub mod edit;
pub mod element;
pub mod id;
pub mod identity;
pub mod index;
pub mod issue;
pub mod json;
pub mod kind;
pub mod outcome;
pub mod patch;
pub mod photo;
pub mod search;
pub mod subset;
pub mod units;
pub mod validate;

pub use element::{Body, Element};
pub use id::{Id, Key, PatientId, PractitionerId, VisitId};
pub use identity::Identity;
pub use issue::{Issue, IssueType, Severity};
pub use kind::Kind;
