//! Code systems of the practice: what is built in, and the editions it imported, which every server of it finds in its record.

mod commands;
mod library;
mod shelf;

pub use commands::{icd10cm, keep_icd10cm};
pub use shelf::Shelf;
