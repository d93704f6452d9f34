//! Taking in what comes with its own ids: prepared away from the writer, then stored once however often it comes.

use super::commands::save_prepared;
use super::{number, prepare, references};
use crate::error::{Error, Result};
use fhir::{Key, Kind, json};
use jiff::Timestamp;
use serde_json::Value;
use store::audit::Entry;
use store::record::{NewVersion, Stored};
use store::{Store, WritePermit};

/// A valid resource on its way in.
pub struct Ready {
    /// Its name, kept from where it comes.
    pub key: Key,
    /// The charts' patients and others it refers to.
    pub patients: Vec<Key>,
    /// Stamped and indexed as a first version; a Patient is kept parsed, for its record number.
    form: Form,
}

#[expect(
    clippy::large_enum_variant,
    reason = "nearly every resource is the large one: a box would only cost an allocation"
)]
enum Form {
    Stamped(NewVersion),
    Patient(Value),
}

/// What storing a unit did, per resource in its order: `true` stored, `false` unchanged.
pub type Told = Vec<bool>;

/// Validates and indexes a resource as it would be stored new. Pure, and most of the work.
///
/// # Errors
/// [`Error::Malformed`] or [`Error::Invalid`] naming what is wrong.
pub fn make_ready(key: Key, body: Value, at: Timestamp) -> Result<Ready> {
    prepare::check_as(&body, key.kind)?;
    let mut patients = references::keys(&body);
    patients.retain(|named| named.kind == Kind::PATIENT && *named != key);
    let form = if key.kind == Kind::PATIENT {
        Form::Patient(body)
    } else {
        Form::Stamped(prepare::new_version(body, &key, 1, at, "")?)
    };
    Ok(Ready { key, patients, form })
}

/// Stores resources together or not at all, leaving out those that are stored just so already.
/// `number_system` is the practice's record-number system; `audit.at` must be the time they were made ready at.
///
/// # Errors
/// [`Error::Store`] with `Missing` when a patient that is referred to is neither stored nor among these; what the store says.
pub async fn store_ready(
    store: &dyn Store,
    permit: &WritePermit,
    unit: &[Ready],
    number_system: &str,
    audit: Entry,
) -> Result<Told> {
    let (told, changes) = compare(store, permit, unit, audit.at, number_system).await?;
    if !changes.is_empty() {
        let exist = unit.iter().flat_map(|ready| ready.patients.iter().cloned()).collect();
        save_prepared(store, permit, changes, exist, number_system, audit).await?;
    }
    Ok(told)
}

/// What storing these would do, with the patients they need that are not stored; nothing is written.
///
/// # Errors
/// What the store says.
pub async fn rehearse(
    store: &dyn Store,
    permit: &WritePermit,
    unit: &[Ready],
    number_system: &str,
    at: Timestamp,
) -> Result<(Told, Vec<Key>)> {
    let (told, _) = compare(store, permit, unit, at, number_system).await?;
    let mut needed: Vec<Key> = unit.iter().flat_map(|ready| ready.patients.iter().cloned()).collect();
    needed.sort();
    needed.dedup();
    let current = store.current(permit, &needed).await?;
    let stored = current.for_decision().iter().map(|found| found.as_ref().is_some_and(|found| !found.deleted));
    let missing = needed.iter().zip(stored).filter(|(_, stored)| !stored).map(|(key, _)| key.clone()).collect();
    Ok((told, missing))
}

/// A change to store: its name, what it is based on, and what it says.
pub(super) struct Prepared {
    pub(super) key: Key,
    pub(super) before: Option<Stored>,
    pub(super) what: What,
}

/// A version as it will be stored, or a Patient that still waits for its record number.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every resource is the large one: a box would only cost an allocation"
)]
pub(super) enum What {
    Version(NewVersion),
    Unnumbered(Value),
}

async fn compare(
    store: &dyn Store,
    permit: &WritePermit,
    unit: &[Ready],
    at: Timestamp,
    number_system: &str,
) -> Result<(Told, Vec<Prepared>)> {
    let keys: Vec<Key> = unit.iter().map(|ready| ready.key.clone()).collect();
    let current = store.current(permit, &keys).await?;
    let mut told = Vec::with_capacity(unit.len());
    let mut changes = Vec::new();
    for (ready, before) in unit.iter().zip(current.for_decision()) {
        let what = match (&ready.form, before) {
            (Form::Stamped(new), None) => Some(What::Version(new.clone())),
            (Form::Stamped(new), Some(before)) => {
                let body = json::parse(&new.body).map_err(|_| Error::Conflict("a body cannot be read again".into()))?;
                changed(body, &ready.key, before, at, number_system)?
            }
            (Form::Patient(body), before) => patient(body.clone(), &ready.key, before.as_ref(), at, number_system)?,
        };
        told.push(what.is_some());
        if let Some(what) = what {
            changes.push(Prepared { key: ready.key.clone(), before: before.clone(), what });
        }
    }
    Ok((told, changes))
}

/// The next version, unless it would say what the stored one says.
fn changed(mut body: Value, key: &Key, before: &Stored, at: Timestamp, number_system: &str) -> Result<Option<What>> {
    prepare::stamp(&mut body, key, before.version, before.recorded_at);
    if !before.deleted && json::write(&body) == before.body {
        return Ok(None);
    }
    let new = prepare::new_version(body, key, before.version.saturating_add(1), at, number_system)?;
    Ok(Some(What::Version(new)))
}

fn patient(
    mut body: Value,
    key: &Key,
    before: Option<&Stored>,
    at: Timestamp,
    number_system: &str,
) -> Result<Option<What>> {
    if !number::settle(&mut body, before, number_system)? {
        return Ok(Some(What::Unnumbered(body)));
    }
    match before {
        Some(before) => changed(body, key, before, at, number_system),
        None => Ok(Some(What::Version(prepare::new_version(body, key, 1, at, number_system)?))),
    }
}
