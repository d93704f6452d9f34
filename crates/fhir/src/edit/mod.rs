//! Changes to resources that people make through forms: each touches only what the form shows, and keeps everything else as it was.

pub mod allergy;
pub mod condition;
pub mod correction;
pub mod document;
pub mod encounter;
pub mod family;
pub mod history;
pub mod note;
mod parts;
pub mod patient;
pub mod practitioner;
pub mod vital;
