//! What pages are made of: each a function from values to markup.

pub mod banner;
pub mod born;
pub mod file;
pub mod form;
pub mod hit;
pub mod layout;
pub mod list;
pub mod patient_form;
pub mod plot;
pub mod show;
pub mod spark;
pub mod when;
