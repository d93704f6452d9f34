//! FHIR search without a database: the parameters, what they extract, and the parsed query.

pub(crate) mod expression;
pub mod fold;
pub mod parameters;
mod parse;
pub mod period;
pub mod query;
mod value;

pub use parse::{Handling, modifiers};
pub use query::Query;

#[cfg(test)]
mod parse_tests;
