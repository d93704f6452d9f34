//! What an import did.

use fhir::Kind;
use std::collections::BTreeMap;

/// Counts of resources.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Stored.
    pub imported: u64,
    /// Stored just so already.
    pub unchanged: u64,
    /// Not taken.
    pub rejected: u64,
}

impl Tally {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.imported + self.unchanged + self.rejected
    }
}

/// The counts of a whole import, and by resource type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// All together.
    pub all: Tally,
    /// By type; what could not be read has none.
    pub by_kind: BTreeMap<Option<Kind>, Tally>,
    /// Of what was taken: how many name another patient's visit or result.
    pub strays: u64,
}

impl Report {
    pub(super) fn count(&mut self, kind: Option<Kind>, count: impl Fn(&mut Tally)) {
        count(&mut self.all);
        count(self.by_kind.entry(kind).or_default());
    }

    /// The last line an import prints; others script against it.
    #[must_use]
    pub fn last_line(&self) -> String {
        let Tally { imported, unchanged, rejected } = self.all;
        format!("imported {imported}, unchanged {unchanged}, rejected {rejected}")
    }
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read and dealt with.
    pub bytes: u64,
    /// Bytes in all.
    pub of: u64,
    /// Resources dealt with.
    pub resources: u64,
}
