//! Keeping an edition in the record, and reading all that are there. Asked by the program itself, at its start and by its commands.

use super::library;
use crate::access::{Action, Caller};
use crate::error::{Error, Result};
use crate::record::{self, Edit};
use fhir::search::Query;
use fhir::{Key, Kind};
use reference::icd10cm::{Icd10cm, Versions};
use std::sync::Arc;
use store::Store;
use store::audit::Entry;

/// Keeps an edition of ICD-10-CM, whole or not at all; whether it took the place of one that begins on the same day.
///
/// # Errors
/// [`Error::NotPermitted`]; what the store says.
pub async fn keep_icd10cm(store: &dyn Store, caller: &Caller, codes: &Icd10cm) -> Result<bool> {
    let permit = caller.write_practice(Action::Manage)?;
    let reading = caller.read_practice(Action::Manage)?;
    let key = Key::new(library_kind()?, library::id(codes).ok_or(Error::NotFound)?);
    let before = store.read(&reading, &key).await?;
    let before = before.as_ref().map(store::Sealed::for_decision);
    let packed = library::body(codes).map_err(|error| store::Error::Broken(error.to_string()));
    let body = packed?;
    let replaces = before.is_some_and(|stored| !stored.deleted);
    let edit = match before {
        Some(stored) => Edit::Update { key, based_on: stored.version, body },
        None => Edit::Create { key, body },
    };
    let audit = Entry { detail: format!("icd10cm {}", codes.edition().name), ..caller.entry("reference.import") };
    record::save(store, &permit, vec![edit], None, audit).await?;
    Ok(replaces)
}

/// The built-in edition and all that the practice imported. One that cannot be read is left out, and said in the log.
///
/// # Errors
/// [`Error::NotPermitted`]; what the store says.
pub async fn icd10cm(store: &dyn Store, caller: &Caller) -> Result<Versions> {
    let read = changed(store, caller, &[]).await?.unwrap_or_default();
    Ok(Arc::unwrap_or_clone(read.versions))
}

/// Editions, and the entries they were read from.
#[derive(Clone, Default)]
pub(super) struct Editions {
    /// The editions.
    pub versions: Arc<Versions>,
    /// Each imported one with its version.
    pub of: Vec<(Key, u32)>,
}

/// The editions, where they are other than those known: what did not change is not read again.
///
/// # Errors
/// As [`icd10cm`].
pub(super) async fn changed(store: &dyn Store, caller: &Caller, known: &[(Key, u32)]) -> Result<Option<Editions>> {
    let permit = caller.read_practice(Action::Manage)?;
    let query = Query::all(library_kind()?);
    let (mut pages, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.search(&permit, &query, cursor.as_deref()).await?;
        cursor = page.for_decision().next.clone();
        pages.push(page);
        if cursor.is_none() {
            break;
        }
    }
    let all = pages.iter().flat_map(|page| &page.for_decision().matches);
    let of: Vec<_> = all.map(|stored| (stored.key.clone(), stored.version)).collect();
    if of == known {
        return Ok(None);
    }
    let mut imported = Vec::new();
    for page in pages {
        for stored in &store.release(page, caller.entry("reference.read")).await?.matches {
            match library::read(stored) {
                Some(Some(codes)) => imported.push(Arc::new(codes)),
                Some(None) => tracing::error!(id = stored.key.id.as_str(), "this edition of ICD-10-CM cannot be read"),
                None => {}
            }
        }
    }
    Ok(Some(Editions { versions: Arc::new(Versions::new(imported)), of }))
}

fn library_kind() -> Result<Kind> {
    Kind::parse("Library").ok_or(Error::NotFound)
}
