//! The record: immutable versions, a current pointer, and what they are found by.

use crate::access::{Permit, WritePermit};
use crate::audit::Entry;
use crate::draft::{DraftChange, Kept};
use crate::error::Result;
use crate::find::FindKey;
use crate::sealed::Sealed;
use async_trait::async_trait;
use bytes::Bytes;
use fhir::index::Index;
use fhir::{Id, Key, Kind, PatientId};
use jiff::Timestamp;
use std::any::Any;

/// One stored version of a resource, as it is served.
#[derive(Clone, PartialEq)]
pub struct Stored {
    /// The resource.
    pub key: Key,
    /// Its version, from 1.
    pub version: u32,
    /// Where it stands in the practice-wide sequence of versions.
    pub sequence: u64,
    /// The chart it belongs to.
    pub patient: Option<PatientId>,
    /// When it was recorded (`meta.lastUpdated`).
    pub recorded_at: Timestamp,
    /// Whether this version is a deletion (then the body is empty).
    pub deleted: bool,
    /// The canonical JSON, `meta` included.
    pub body: Bytes,
}

/// A range of one chart, newest first by clinical date.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// The resource type.
    pub kind: Kind,
    /// Only these codes (`system`, `code`) of the type's main code; empty means all. Each code gets its own `newest`.
    pub codes: Vec<(String, String)>,
    /// Only with this category code, such as `laboratory` (Observation, Condition, …).
    pub category: Option<String>,
    /// At most so many (per code, when codes are given).
    pub newest: Option<u32>,
    /// Only before this clinical date.
    pub before: Option<Timestamp>,
    /// Only what stands after this resource: the next page of a long section, given the last of the page before.
    pub continue_after: Option<Id>,
}

impl Slice {
    /// Everything of one type.
    #[must_use]
    pub fn all(kind: Kind) -> Self {
        Self { kind, codes: Vec::new(), category: None, newest: None, before: None, continue_after: None }
    }

    /// The newest of one type.
    #[must_use]
    pub fn newest(kind: Kind, count: u32) -> Self {
        Self { newest: Some(count), ..Self::all(kind) }
    }
}

/// What a slice answered.
#[derive(Clone, PartialEq)]
pub struct SliceRows {
    /// Newest first.
    pub rows: Vec<Stored>,
    /// How many the whole type has in this chart (whatever the slice's limits).
    pub total: u64,
}

/// Which versions a history lists, newest first.
#[derive(Debug, Clone, PartialEq)]
pub enum HistoryOf {
    /// Of one resource.
    Instance(Key),
    /// Of one type.
    Kind(Kind),
    /// Of one chart (the Changes section).
    Patient(PatientId),
    /// The versions with which entries left this chart for another one.
    Left(PatientId),
    /// Of everything.
    Practice,
}

/// One page of a history.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryQuery {
    /// What it lists.
    pub of: HistoryOf,
    /// Only versions recorded at or after (`_since`).
    pub since: Option<Timestamp>,
    /// Only versions recorded at or before (`_at`, as-of).
    pub until: Option<Timestamp>,
    /// At most so many.
    pub count: u32,
    /// Only versions with a smaller sequence: the next page.
    pub before: Option<u64>,
}

/// One page of a search.
#[derive(Clone, PartialEq)]
pub struct SearchPage {
    /// The matches, in order.
    pub matches: Vec<Stored>,
    /// What `_include` and `_revinclude` added, each once.
    pub included: Vec<Stored>,
    /// How many match in all, when asked for or known for free.
    pub total: Option<u64>,
    /// The next page, as an opaque link token.
    pub next: Option<String>,
}

/// A version to be written.
#[derive(Clone, PartialEq)]
pub struct NewVersion {
    /// Canonical JSON with its final `meta` (`versionId` = based-on version + 1, or 1; `lastUpdated` = `recorded_at`).
    pub body: Bytes,
    /// What it is found by (names its compartment and clinical date too).
    pub index: Index,
    /// For a Patient: the keys the search box finds it by.
    pub find_keys: Vec<FindKey>,
}

/// What happens to a resource.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every change is the large one; boxing it would cost each write an allocation"
)]
pub enum Change {
    /// A new version.
    Put(NewVersion),
    /// A new version of a Patient that has no record number yet: the store takes the next number of the gapless series
    /// in the same transaction and asks for the version that carries it.
    PutNumbered(Box<dyn Fn(u64) -> Result<NewVersion> + Send + Sync>),
    /// A deletion: a version without a body.
    Delete,
}

/// One write of a commit.
pub struct Write {
    /// The resource.
    pub key: Key,
    /// The version it was based on; `None`: it must not exist.
    pub based_on: Option<u32>,
    /// What happens to it.
    pub change: Change,
}

/// A retry guard: the same key with the same request answers as the first time, whatever happened to that answer. Kept for a week by the
/// commits' times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The client's key.
    pub key: String,
    /// SHA-256 of the request.
    pub request: [u8; 32],
    /// What will have to be known to answer again: kept with the key, read by whoever wrote it.
    pub answer: String,
}

/// Writes that happen together or not at all, with their audit entry.
pub struct Commit {
    /// When (becomes every version's `recorded_at`).
    pub at: Timestamp,
    /// In order; a resource appears once. None: a request that changes nothing, whose retry guard is kept with its audit entry.
    pub writes: Vec<Write>,
    /// Resources that must be as the command saw them: (key, current version).
    pub unchanged: Vec<(Key, u32)>,
    /// Resources that must exist, or be created by this commit (checked references).
    pub exist: Vec<Key>,
    /// What is done to a draft of a note, together with the writes.
    pub draft: Option<DraftChange>,
    /// Retry guard, where the client gave one.
    pub idempotency: Option<Idempotency>,
    /// The audit entry; the store adds the versions made.
    pub audit: Entry,
}

/// What a commit made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Per write: the version made and its sequence.
    pub versions: Vec<(Key, u32, u64)>,
    /// What the change of a draft came to.
    pub draft: Option<Kept>,
    /// Whether this answers an earlier, identical request (nothing new was written).
    pub replayed: bool,
}

/// Leave to search by a condition and then to write by what it found, with nobody else doing so meanwhile. Held until dropped.
#[must_use]
pub struct Turn {
    _held: Box<dyn Any + Send>,
}

impl Turn {
    /// Holds whatever ends the turn when it is dropped. Called by database crates.
    #[doc(hidden)]
    pub fn holding(held: impl Any + Send) -> Self {
        Self { _held: Box::new(held) }
    }
}

/// The record of a practice.
#[async_trait]
pub trait Record: Send + Sync {
    /// The current version; a deleted resource is `Some` with `deleted` set.
    async fn read(&self, permit: &Permit, key: &Key) -> Result<Option<Sealed<Stored>>>;

    /// The current versions of several resources, in the order asked; absent, deleted and hidden ones are left out.
    async fn read_many(&self, permit: &Permit, keys: &[Key]) -> Result<Sealed<Vec<Stored>>>;

    /// One version.
    async fn read_version(&self, permit: &Permit, key: &Key, version: u32) -> Result<Option<Sealed<Stored>>>;

    /// Versions, newest first.
    async fn history(&self, permit: &Permit, query: &HistoryQuery) -> Result<Sealed<Vec<Stored>>>;

    /// One page of a search. `cursor` is the `next` of the page before.
    async fn search(
        &self,
        permit: &Permit,
        query: &fhir::search::Query,
        cursor: Option<&str>,
    ) -> Result<Sealed<SearchPage>>;

    /// Seals the words of a search, so that a page link can carry them where nobody reads them.
    async fn seal_words(&self, words: &str) -> Result<String>;

    /// Opens what [`Record::seal_words`] sealed; [`crate::Error::BadCursor`] for anything else.
    async fn open_words(&self, link: &str) -> Result<String>;

    /// Ranges of one chart, from one snapshot.
    async fn chart(&self, permit: &Permit, patient: &PatientId, slices: &[Slice]) -> Result<Sealed<Vec<SliceRows>>>;

    /// The whole chart as it stood: for each resource the newest version recorded at or before `at`, deletions left out.
    async fn chart_as_of(&self, permit: &Permit, patient: &PatientId, at: Timestamp) -> Result<Sealed<Vec<Stored>>>;

    /// Writes a commit. Durable when this returns `Ok`; nothing of it is stored when it returns an error.
    async fn commit(&self, permit: &WritePermit, commit: Commit) -> Result<Committed>;

    /// The `answer` kept with a retry key, if this actor's same request was answered before;
    /// [`crate::Error::IdempotencyMismatch`] if another was.
    async fn answered(&self, permit: &WritePermit, retry: &Idempotency) -> Result<Option<String>>;

    /// Waits for this request's turn among all servers of the practice: from the search of a condition until its write is committed.
    async fn turn(&self) -> Result<Turn>;

    /// The newest version of each key, for import's "unchanged" test and conditional writes: (version, deleted, body).
    /// For decisions only; nothing is shown, so nothing is sealed out.
    async fn current(&self, permit: &WritePermit, keys: &[Key]) -> Result<Sealed<Vec<Option<Stored>>>>;

    /// Which of these ids are known for a type: `(id, version)`; 0 when only referred to.
    async fn known(&self, permit: &Permit, kind: Kind, ids: &[Id]) -> Result<Vec<(Id, u32)>>;
}
