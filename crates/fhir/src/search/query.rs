//! A search, parsed and checked.

use crate::Kind;

/// One search of one resource type.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The resource type searched.
    pub kind: Kind,
}
