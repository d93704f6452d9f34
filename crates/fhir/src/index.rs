//! What a version contributes to the indexes: pure data, made from a body, stored beside it.

/// Everything a database writes beside one version so that searches find it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Index {}
