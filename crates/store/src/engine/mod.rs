//! What every database does alike, beside its SQL: for database crates only.

pub mod lead;
pub mod links;
pub mod units;
