//! The search box: keys a patient is found by, made by `clinic::patient`, matched here.

use crate::access::Permit;
use crate::error::Result;
use crate::record::Stored;
use crate::sealed::Sealed;
use async_trait::async_trait;

/// What sort of key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum KeyClass {
    /// A folded name part in use now.
    Name = 1,
    /// A folded part of a former or maiden name.
    FormerName = 2,
    /// A phonetic code of a name part.
    Sound = 3,
    /// A birth date, `YYYYMMDD`.
    BirthDate = 4,
    /// A phone number's digits, last digit first, so that its end is a prefix.
    Phone = 5,
    /// A record number's digits, or another identifier folded.
    Number = 6,
}

/// One key of one patient.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FindKey {
    /// Its sort.
    pub class: KeyClass,
    /// The folded text.
    pub key: String,
}

/// How the keys of a Patient are made, and since when: with another version than the practice's, all are made anew at opening.
#[derive(Debug, Clone, Copy)]
pub struct FindKeys {
    /// The version of their making.
    pub version: u32,
    /// The keys of a body, given the practice's record-number system.
    pub of: fn(&[u8], &str) -> Vec<FindKey>,
}

/// One way a word of the search may match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMatch {
    /// The sort of key.
    pub class: KeyClass,
    /// The text.
    pub key: String,
    /// Whether a longer key that begins so matches too.
    pub prefix: bool,
}

/// One word of the search: any of these ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Alternatives, best first.
    pub any: Vec<KeyMatch>,
}

/// The patients a search box found.
#[derive(Clone, PartialEq)]
pub struct Candidates {
    /// Patients that match every term, at most `limit`.
    pub patients: Vec<Stored>,
    /// Whether there are more.
    pub more: bool,
}

/// Patient finding.
#[async_trait]
pub trait Find: Send + Sync {
    /// Patients that match every term.
    async fn find(&self, permit: &Permit, terms: &[Term], limit: u32) -> Result<Sealed<Candidates>>;

    /// Distinct name keys within one edit of a word, for typos: from the practice's own vocabulary.
    async fn similar_names(&self, permit: &Permit, word: &str, limit: u32) -> Result<Vec<String>>;
}
