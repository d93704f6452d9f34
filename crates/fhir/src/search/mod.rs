//! FHIR search without a database: the parameters, what they extract, and the parsed query.

pub(crate) mod expression;
pub mod fold;
pub mod parameters;
pub mod period;
pub mod query;

pub use query::Query;
