//! One patient's chart, read: pure models of every section, made from stored bodies, and the commands that load them.

pub mod advice;
pub mod allergy;
pub mod author;
pub mod bands;
pub mod banner;
pub mod binary;
pub mod care;
pub mod change;
pub mod commands;
pub mod contact;
pub mod corrected;
pub mod course;
pub mod document;
mod entity;
pub mod fact;
pub mod file;
pub mod flag;
pub mod flowsheet;
pub mod grid;
mod label;
pub mod left;
pub mod medicine;
pub mod moved;
mod number;
pub mod past;
pub(crate) mod plain;
pub mod plan;
pub mod print;
pub mod problem;
pub mod quantity;
pub mod report;
pub mod result;
pub mod row;
mod say;
pub mod sig;
pub mod summary;
pub mod tall_man;
pub mod timeline;
mod timing;
pub(crate) mod title;
pub mod trend;
pub mod visit;
pub mod when;

pub use commands::{Ask, Loaded};
pub use flag::Flag;
pub use quantity::Value;
pub use row::{Handle, Reading, Row};
pub use tall_man::tall_man;
pub use when::{Clock, When};

#[cfg(test)]
mod worked;
