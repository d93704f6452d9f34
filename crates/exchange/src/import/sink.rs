//! Where an import goes: this practice's store, or nowhere (a rehearsal).

use crate::bundle::{Incoming, Reject};
use async_trait::async_trait;
use clinic::record::import::{self, Arrival, Doubts, Open, Ready, Told, make_ready, rehearse, store_ready};
use clinic::{Caller, Error};
use fhir::Key;
use jiff::Timestamp;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use store::{Store, WritePermit};

/// Why a unit was not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It refers to this patient, who is not stored: perhaps a later file brings them.
    Missing(Key),
    /// It cannot be taken.
    Reject(Reject),
    /// Nothing more can be stored: the import stops.
    Fatal(String),
}

/// A place resources are imported to.
#[async_trait]
pub trait Sink: Send + Sync {
    /// A resource that was checked.
    type Ready: Send + Sync + 'static;

    /// Checks one resource: runs ahead, on any thread.
    ///
    /// # Errors
    /// What is wrong with it.
    fn ready(&self, incoming: Incoming) -> Result<Self::Ready, Reject>;

    /// Stores resources together or not at all; tells per resource whether it was stored (`true`) or was there just so.
    async fn store(&self, unit: &[Self::Ready]) -> Result<Told, Refusal>;

    /// Those that something stored may name already: asked before they are stored.
    ///
    /// # Errors
    /// What stopped the looking, in words.
    async fn arriving(&self, _unit: &[Self::Ready]) -> Result<Vec<Arrival>, String> {
        Ok(Vec::new())
    }

    /// What was taken though it names another patient's visit or result, or is named so. A place that refuses such has none.
    ///
    /// # Errors
    /// What stopped the looking, in words.
    async fn doubts(&self, _unit: &[Self::Ready], _arrivals: &[Arrival]) -> Result<Doubts, String> {
        Ok(Doubts::default())
    }

    /// The same of what named a thing that only came later: its place among these, and words.
    ///
    /// # Errors
    /// What stopped the looking, in words.
    async fn late(&self, _open: &[Open]) -> Result<Vec<(usize, String)>, String> {
        Ok(Vec::new())
    }
}

/// The store of a practice.
pub struct Local {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Leave to write everywhere.
    pub permit: WritePermit,
    /// Who imports.
    pub caller: Caller,
    /// The practice's record-number system.
    pub number_system: String,
}

/// Attempts of a unit that meets another unit with the same resource.
const ATTEMPTS: usize = 4;

#[async_trait]
impl Sink for Local {
    type Ready = Ready;

    fn ready(&self, incoming: Incoming) -> Result<Ready, Reject> {
        make_ready(incoming.key, incoming.body, self.caller.at).map_err(|error| Reject::of(1, error))
    }

    async fn store(&self, unit: &[Ready]) -> Result<Told, Refusal> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let audit = self.caller.entry("import");
            match store_ready(self.store.as_ref(), &self.permit, unit, &self.number_system, audit).await {
                Ok(told) => return Ok(told),
                Err(Error::Stale | Error::Store(store::Error::Exists(_))) if attempt < ATTEMPTS => {}
                Err(error) => return Err(refusal(unit.len(), error)),
            }
        }
    }

    async fn arriving(&self, unit: &[Ready]) -> Result<Vec<Arrival>, String> {
        import::arriving(self.store.as_ref(), &self.permit, unit).await.map_err(|error| error.to_string())
    }

    async fn doubts(&self, unit: &[Ready], arrivals: &[Arrival]) -> Result<Doubts, String> {
        let doubts = import::doubts(self.store.as_ref(), &self.permit, unit, arrivals, self.caller.at).await;
        doubts.map_err(|error| error.to_string())
    }

    async fn late(&self, open: &[Open]) -> Result<Vec<(usize, String)>, String> {
        import::late(self.store.as_ref(), &self.permit, open).await.map_err(|error| error.to_string())
    }
}

fn refusal(resources: usize, error: Error) -> Refusal {
    match error {
        Error::Store(store::Error::Missing(key)) => Refusal::Missing(key),
        Error::Store(error) => Refusal::Fatal(error.to_string()),
        error => Refusal::Reject(Reject::of(resources, error)),
    }
}

/// A dry run: everything is read, checked and compared; nothing is stored.
pub struct Rehearsal {
    local: Local,
    seen: Mutex<HashSet<Key>>,
}

impl Rehearsal {
    /// A dry run of an import to this store.
    #[must_use]
    pub fn of(local: Local) -> Self {
        Self { local, seen: Mutex::new(HashSet::new()) }
    }
}

#[async_trait]
impl Sink for Rehearsal {
    type Ready = Ready;

    fn ready(&self, incoming: Incoming) -> Result<Ready, Reject> {
        self.local.ready(incoming)
    }

    async fn store(&self, unit: &[Ready]) -> Result<Told, Refusal> {
        let Local { store, permit, number_system, caller } = &self.local;
        let at: Timestamp = caller.at;
        let (mut told, missing) = rehearse(store.as_ref(), permit, unit, number_system, at)
            .await
            .map_err(|error| refusal(unit.len(), error))?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let here = |key: &Key| unit.iter().any(|ready| ready.key == *key);
        if let Some(key) = missing.into_iter().find(|key| !seen.contains(key) && !here(key)) {
            return Err(Refusal::Missing(key));
        }
        for (ready, told) in unit.iter().zip(&mut told) {
            // What came earlier in this run would be stored by now.
            *told &= seen.insert(ready.key.clone());
        }
        Ok(told)
    }

    async fn arriving(&self, unit: &[Ready]) -> Result<Vec<Arrival>, String> {
        self.local.arriving(unit).await
    }

    async fn doubts(&self, unit: &[Ready], arrivals: &[Arrival]) -> Result<Doubts, String> {
        self.local.doubts(unit, arrivals).await
    }
}
