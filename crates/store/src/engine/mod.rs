//! What every database engine needs beside its SQL: the chain of audit entries, its signatures, the wrapping of the practice's key, the
//! sealing of page links, names one slip apart. For database crates.

pub mod chain;
pub mod checkpoint;
pub mod link;
pub mod slips;
pub mod walk;
pub mod wrap;
