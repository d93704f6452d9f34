//! Taking in what comes with its own ids: prepared away from the writer, then stored once however often it comes.

use super::commands::save_prepared;
use super::prepare::{Prepared, What};
use super::{number, prepare, references, ties};
use crate::error::{Error, Result};
use fhir::edit::note;
use fhir::{Key, Kind, PatientId, json};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::HashMap;
use store::audit::Entry;
use store::record::{HistoryOf, HistoryQuery, NewVersion, Stored};
use store::{Store, WritePermit};
pub use ties::Arrival;

/// A valid resource on its way in.
pub struct Ready {
    /// Its name, kept from where it comes.
    pub key: Key,
    /// The charts' patients and others it refers to.
    pub patients: Vec<Key>,
    /// The visits and results it names, each with its element.
    ties: Vec<(String, Key)>,
    /// Stamped and indexed as a first version; a Patient is kept parsed, for its record number.
    form: Form,
    /// Of a note signed in a Chartroom, which is taken as signed elsewhere: as it came, to know one of this practice's own by.
    sent: Option<Value>,
}

#[expect(
    clippy::large_enum_variant,
    reason = "nearly every resource is the large one: a box would only cost an allocation"
)]
enum Form {
    Stamped(NewVersion),
    Patient(Value),
}

impl Ready {
    fn patient(&self) -> Option<PatientId> {
        match &self.form {
            Form::Stamped(new) => new.index.patient.clone(),
            Form::Patient(_) => Some(PatientId::new(self.key.id.clone())),
        }
    }

    fn body(&self) -> Result<Value> {
        match &self.form {
            Form::Stamped(new) => {
                json::parse(&new.body).map_err(|_| Error::Conflict("a body cannot be read again".into()))
            }
            Form::Patient(body) => Ok(body.clone()),
        }
    }
}

/// What storing a unit did, per resource in its order: `true` stored, `false` unchanged.
pub type Told = Vec<bool>;

/// Validates and indexes a resource as it would be stored new. Pure, and most of the work.
///
/// # Errors
/// [`Error::Malformed`] or [`Error::Invalid`] naming what is wrong.
pub fn make_ready(key: Key, mut body: Value, at: Timestamp) -> Result<Ready> {
    prepare::check_as(&body, key.kind)?;
    let sent = note::put_elsewhere(&mut body);
    let mut patients = references::keys(&body);
    patients.retain(|named| named.kind == Kind::PATIENT && *named != key);
    let ties = ties::of(&body);
    let form = if key.kind == Kind::PATIENT {
        Form::Patient(body)
    } else {
        Form::Stamped(prepare::new_version(body, &key, 1, at, "")?)
    };
    Ok(Ready { key, patients, ties, form, sent })
}

/// Stores resources together or not at all, leaving out those that are stored just so already, or were before they were corrected here.
/// `number_system` is the practice's record-number system; `audit.at` must be the time they were made ready at.
///
/// # Errors
/// [`Error::Conflict`] for other words on what was deleted here; [`Error::Store`] with `Missing` when a patient that is referred to is neither stored nor among these; what the store says.
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

/// What is doubtful about a unit: it stands in one patient's chart and names another's visit or result, or is named so. Such come from
/// senders that take no care; they are taken as they are, and told.
#[derive(Default)]
pub struct Doubts {
    /// Place in the unit, and words.
    pub strays: Vec<(usize, String)>,
    /// Place in the unit, and what names a visit or result that is not stored yet: to be looked at again when all is.
    pub open: Vec<(usize, Open)>,
}

/// A resource that names what was not stored yet.
pub struct Open {
    key: Key,
    patient: PatientId,
    tie: ties::Tie,
}

/// Those of a unit that something stored may name already, its chart perhaps another: asked before they are stored.
///
/// # Errors
/// What the store says.
pub async fn arriving(store: &dyn Store, permit: &WritePermit, unit: &[Ready]) -> Result<Vec<Arrival>> {
    let at_stake = |ready: &&Ready| matches!(ready.key.kind, Kind::ENCOUNTER | Kind::OBSERVATION);
    let keys: Vec<Key> = unit.iter().filter(at_stake).map(|ready| ready.key.clone()).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let current = store.current(permit, &keys).await?;
    let before = current.for_decision().iter().flatten().map(|stored| (&stored.key, stored)).collect::<HashMap<_, _>>();
    let coming = unit.iter().enumerate().filter_map(|(place, ready)| {
        ties::arrival(place, &ready.key, before.get(&ready.key).copied(), ready.patient().as_ref())
    });
    ties::named_before(store, permit.reading(), coming.collect()).await
}

/// What is doubtful about a unit that was stored; `arrivals` as [`arriving`] told before.
///
/// # Errors
/// What the store says.
pub async fn doubts(
    store: &dyn Store,
    permit: &WritePermit,
    unit: &[Ready],
    arrivals: &[Arrival],
    at: Timestamp,
) -> Result<Doubts> {
    let made = unit.iter().enumerate().flat_map(|(place, ready)| ties::at(place, &ready.ties)).collect();
    let charts: Vec<(Key, Option<PatientId>)> = unit.iter().map(|ready| (ready.key.clone(), ready.patient())).collect();
    let (mut found, open) = ties::looked_up(store, permit.reading(), made, &charts).await?;
    found.extend(ties::left_behind(store, permit.reading(), arrivals, &charts, at, Some(at)).await?);
    found.sort_by_key(|(place, _)| *place);
    found.dedup_by_key(|(place, _)| *place);
    let key = |place: usize| unit.get(place).map(|ready| ready.key.to_string()).unwrap_or_default();
    let strays = found.into_iter().map(|(place, text)| (place, format!("{}: {text}", key(place)))).collect();
    let open = open.into_iter().filter_map(|tie| {
        let ready = unit.get(tie.edit)?;
        Some((tie.edit, Open { key: ready.key.clone(), patient: ready.patient()?, tie }))
    });
    Ok(Doubts { strays, open: open.collect() })
}

/// Of what named a thing that was not stored yet, that which turned out to name another patient's: its place among these, and words.
///
/// # Errors
/// What the store says.
pub async fn late(store: &dyn Store, permit: &WritePermit, open: &[Open]) -> Result<Vec<(usize, String)>> {
    let ties = open.iter().enumerate().map(|(place, open)| open.tie.clone().of(place)).collect();
    let charts: Vec<(Key, Option<PatientId>)> =
        open.iter().map(|open| (open.key.clone(), Some(open.patient.clone()))).collect();
    let found = ties::foreign(store, permit.reading(), ties, &charts).await?;
    let key = |place: usize| open.get(place).map(|open| open.key.to_string()).unwrap_or_default();
    Ok(found.into_iter().map(|(place, text)| (place, format!("{}: {text}", key(place)))).collect())
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
    if !told.contains(&true) {
        return Ok((told, Vec::new()));
    }
    let mut needed: Vec<Key> = unit.iter().flat_map(|ready| ready.patients.iter().cloned()).collect();
    needed.sort();
    needed.dedup();
    let current = store.current(permit, &needed).await?;
    let stored = current.for_decision().iter().map(|found| found.as_ref().is_some_and(|found| !found.deleted));
    let missing = needed.iter().zip(stored).filter(|(_, stored)| !stored).map(|(key, _)| key.clone()).collect();
    Ok((told, missing))
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
        let what = match before {
            None => Some(first(ready, number_system)?),
            Some(before) => next(store, permit, ready, before, at, number_system).await?,
        };
        told.push(what.is_some());
        if let Some(what) = what {
            changes.push(Prepared { key: ready.key.clone(), before: before.clone(), what });
        }
    }
    Ok((told, changes))
}

/// The first version.
fn first(ready: &Ready, number_system: &str) -> Result<What> {
    match &ready.form {
        Form::Stamped(new) => Ok(What::Version(new.clone())),
        Form::Patient(body) => {
            let mut body = body.clone();
            // Refuses a record number that is not of this practice's giving.
            number::settle(&mut body, None, number_system)?;
            Ok(What::Unnumbered(body))
        }
    }
}

/// The next version, unless what came says what a stored version says. When that is an earlier version, it was corrected, moved or
/// deleted here since: the same file once more must not undo that.
async fn next(
    store: &dyn Store,
    permit: &WritePermit,
    ready: &Ready,
    before: &Stored,
    at: Timestamp,
    number_system: &str,
) -> Result<Option<What>> {
    for body in [Some(ready.body()?), ready.sent.clone()].into_iter().flatten() {
        if says(body.clone(), before, number_system) || was_said(store, permit, &body, before, number_system).await? {
            return Ok(None);
        }
    }
    let key = &ready.key;
    if before.deleted {
        return Err(Error::Conflict(format!("{key} was deleted here: an import does not bring it back.")));
    }
    let mut body = ready.body()?;
    if key.kind == Kind::PATIENT && !number::settle(&mut body, Some(before), number_system)? {
        return Ok(Some(What::Unnumbered(body)));
    }
    let new = prepare::new_version(body, key, before.version.saturating_add(1), at, number_system)?;
    Ok(Some(What::Version(new)))
}

/// Whether a body says what a stored version says, leaving aside what only the server changes.
fn says(mut body: Value, stored: &Stored, number_system: &str) -> bool {
    if stored.deleted {
        return false;
    }
    if stored.key.kind == Kind::PATIENT && !matches!(number::settle(&mut body, Some(stored), number_system), Ok(true)) {
        return false;
    }
    prepare::stamp(&mut body, &stored.key, stored.version, stored.recorded_at);
    json::write(&body) == stored.body
}

/// How many earlier versions are read at once.
const VERSIONS: u32 = 50;

/// Whether an earlier version says this already. Read only for what differs from the current version.
async fn was_said(
    store: &dyn Store,
    permit: &WritePermit,
    body: &Value,
    current: &Stored,
    number_system: &str,
) -> Result<bool> {
    let mut before = Some(current.sequence);
    while before.is_some() {
        let of = HistoryOf::Instance(current.key.clone());
        let query = HistoryQuery { of, since: None, until: None, count: VERSIONS, before };
        let earlier = store.history(permit.reading(), &query).await?;
        let earlier = earlier.for_decision();
        for stored in earlier {
            if says(body.clone(), stored, number_system) {
                return Ok(true);
            }
        }
        before = earlier.last().map(|stored| stored.sequence);
    }
    Ok(false)
}
