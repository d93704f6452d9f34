//! The editions at hand in a running program: read when they are first asked for, and looked for again when a minute has passed, so that
//! what another process imports is found without a new start.

use super::commands::{Editions, changed};
use crate::access::Caller;
use jiff::{SignedDuration, Timestamp};
use reference::icd10cm::Versions;
use std::sync::{Arc, Mutex, PoisonError};
use store::Store;

/// How long nobody asks the record whether there is another edition.
const TRUSTED: SignedDuration = SignedDuration::from_secs(60);

/// Holds them.
#[derive(Default)]
pub struct Shelf(Mutex<Option<Held>>);

#[derive(Clone)]
struct Held {
    editions: Editions,
    asked: Timestamp,
}

impl Shelf {
    /// The editions of a practice. Where the record does not answer, those held before, or the built-in one: the log says so.
    pub async fn icd10cm(&self, store: &dyn Store, caller: &Caller) -> Arc<Versions> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(held) = held.as_ref().filter(|held| caller.at.duration_since(held.asked).abs() < TRUSTED) {
            return Arc::clone(&held.editions.versions);
        }
        let program = Caller::program("reference", caller.at, caller.request);
        let known = held.map(|held| held.editions).unwrap_or_default();
        let editions = match changed(store, &program, &known.of).await {
            Ok(None) => known,
            Ok(Some(editions)) => editions,
            Err(error) => {
                tracing::error!(%error, "the imported editions of ICD-10-CM could not be read");
                return known.versions;
            }
        };
        let versions = Arc::clone(&editions.versions);
        let held = Held { editions, asked: caller.at };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
        versions
    }
}
