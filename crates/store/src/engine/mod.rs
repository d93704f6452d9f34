//! What every database engine needs beside its SQL: the chain of audit entries, its signatures, the wrapping of the practice's key, what
//! leads a search, page links, units, names one slip apart. For database crates.

pub mod chain;
pub mod checkpoint;
pub mod compare;
pub mod drafts;
pub mod lead;
pub mod links;
pub mod notes;
pub mod slips;
pub mod survey;
pub mod units;
pub mod walk;
pub mod wrap;
