//! Notes: begun from a template, typed section by section as a draft, signed once, never changed after.
//!
//! A draft lives in the store's own table ([`store::draft`]); signing makes of it a Composition, a DocumentReference and a Provenance
//! with the signature ([`fhir::edit::note`]), in the transaction that ends the draft. The note of a supervised author then waits for its
//! cosignature ([`cosigning`]).

pub mod commands;
pub mod copied;
pub mod cosigning;
pub mod kinds;
pub mod library;
pub mod live;
pub mod merging;
pub mod moving;
pub mod phrase;
pub mod proof;
pub mod signed;
pub mod signing;
pub mod supervision;
pub mod template;
pub mod verify;

pub use commands::{Begin, Typed, begin, discard, draft, drafts, reassign, save};
pub use kinds::{KINDS, NoteKind};
pub use signing::{Sign, sign};
pub use template::{Template, templates};
