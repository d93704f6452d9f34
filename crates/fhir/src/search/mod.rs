//! FHIR search without a database: the parameters, what they extract, and the parsed query.

pub mod query;

pub use query::Query;
