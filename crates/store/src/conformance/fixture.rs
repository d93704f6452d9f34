//! What every promise's test stands on: a store, permits, a clock that ticks, small resources.

use crate::access::{Actor, KindSet, Permit, Role, Scope, WritePermit};
use crate::audit::Entry;
use crate::record::{Change, Commit, Committed, NewVersion, Stored, Write};
use crate::{Result, Store};
use bytes::Bytes;
use fhir::index::Index;
use fhir::{Id, Key, Kind, PatientId};
use jiff::{SignedDuration, Timestamp};
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

/// An empty store, and what must live as long as it (its folder).
pub struct Fresh {
    store: Arc<dyn Store>,
    _guard: Box<dyn Any>,
}

impl Fresh {
    #[must_use]
    pub fn new(store: Arc<dyn Store>, guard: impl Any) -> Self {
        Self { store, _guard: Box::new(guard) }
    }

    #[must_use]
    pub fn case(&self) -> Case {
        Case { store: Arc::clone(&self.store), clock: Arc::new(AtomicI64::new(0)) }
    }
}

/// A store under test.
#[derive(Clone)]
pub struct Case {
    pub store: Arc<dyn Store>,
    clock: Arc<AtomicI64>,
}

#[must_use]
pub fn id(text: &str) -> Id {
    Id::parse(text).expect("an id")
}

#[must_use]
pub fn patient(text: &str) -> PatientId {
    PatientId::new(id(text))
}

#[must_use]
pub fn key(kind: Kind, text: &str) -> Key {
    Key::new(kind, id(text))
}

/// A day of 2026, at noon.
#[must_use]
pub fn day(of_year: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + of_year * 86_400 + 43_200).expect("a time")
}

#[must_use]
pub fn clinician() -> Actor {
    Actor { id: Uuid::from_u128(11), name: "dr.okafor".into(), role: Some(Role::Clinician), practitioner: None }
}

/// Reading everything.
#[must_use]
pub fn reading() -> Permit {
    Permit::grant(clinician(), KindSet::ALL, Scope::Practice)
}

/// Writing everything.
#[must_use]
pub fn writing() -> WritePermit {
    WritePermit::grant(clinician(), KindSet::ALL, Scope::Practice)
}

/// Writing one chart.
#[must_use]
pub fn writing_chart(of: &str) -> WritePermit {
    WritePermit::grant(clinician(), KindSet::ALL, Scope::Patient(patient(of)))
}

/// A small body; `mark` tells versions apart.
#[must_use]
pub fn body(key: &Key, mark: &str) -> Bytes {
    Bytes::from(format!(r#"{{"resourceType":"{}","id":"{}","note":"{mark}"}}"#, key.kind, key.id))
}

/// A version in a chart (`None`: practice-wide).
#[must_use]
pub fn version(key: &Key, of: Option<&str>, date: Option<Timestamp>, mark: &str) -> NewVersion {
    let index = Index { patient: of.map(patient), date, ..Index::default() };
    NewVersion { body: body(key, mark), index, find_keys: Vec::new() }
}

/// A write of a version.
#[must_use]
pub fn put(key: &Key, based_on: Option<u32>, of: Option<&str>, mark: &str) -> Write {
    Write { key: key.clone(), based_on, change: Change::Put(version(key, of, Some(day(1)), mark)) }
}

impl Case {
    /// A time later than any before.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let tick = self.clock.fetch_add(1, Ordering::Relaxed);
        day(0) + SignedDuration::from_millis(tick)
    }

    #[must_use]
    pub fn entry(&self, action: &str) -> Entry {
        Entry::new(self.now(), Uuid::from_u128(1), clinician(), action)
    }

    #[must_use]
    pub fn commit_of(&self, writes: Vec<Write>) -> Commit {
        let at = self.now();
        let audit = Entry::new(at, Uuid::from_u128(1), clinician(), "record.write");
        Commit { at, writes, unchanged: Vec::new(), exist: Vec::new(), draft: None, idempotency: None, audit }
    }

    /// Commits writes under a permit for everything.
    ///
    /// # Errors
    /// What the store refuses.
    pub async fn commit(&self, writes: Vec<Write>) -> Result<Committed> {
        self.store.commit(&writing(), self.commit_of(writes)).await
    }

    /// Makes a patient and answers its key.
    pub async fn patient(&self, name: &str) -> Key {
        let key = key(Kind::PATIENT, name);
        self.commit(vec![put(&key, None, Some(name), "1")]).await.expect("a patient");
        key
    }

    /// Makes a resource of a chart.
    pub async fn entered(&self, kind: Kind, name: &str, of: &str, date: Option<Timestamp>) -> Key {
        let key = key(kind, name);
        let change = Change::Put(version(&key, Some(of), date, "1"));
        self.commit(vec![Write { key: key.clone(), based_on: None, change }]).await.expect("a chart entry");
        key
    }

    /// The current version, released.
    pub async fn read(&self, key: &Key) -> Option<Stored> {
        let sealed = self.store.read(&reading(), key).await.expect("a read")?;
        Some(self.store.release(sealed, self.entry("record.read")).await.expect("released"))
    }
}
