//! Recording allergies: one at a time, or that none are known. Reading them: `chart/allergy.rs`.

pub mod commands;
pub mod form;

pub use commands::{Recording, change, is_changeable, none_known, record};
pub use form::AllergyForm;
