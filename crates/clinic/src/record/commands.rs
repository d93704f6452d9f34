//! Writing: load what is there, decide, commit with the audit entry.

use super::prepare::{Prepared, What};
use super::{number, prepare, references, ties, visits};
use crate::error::{Error, Result};
use crate::note::{merging, signed};
use bytes::Bytes;
use fhir::{Issue, IssueType, Key, Kind, PatientId, json};
use jiff::Timestamp;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use store::audit::Entry;
use store::draft::DraftChange;
use store::record::{Change, Commit, Committed, Idempotency, NewVersion, Stored, Write};
use store::{Store, WritePermit};

/// One change to one resource.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// A new resource under an id that was never used.
    Create {
        /// Its name.
        key: Key,
        /// What it says.
        body: Value,
    },
    /// A new version of what is there, or of what was deleted.
    Update {
        /// Its name.
        key: Key,
        /// The version it is based on.
        based_on: u32,
        /// What it says now.
        body: Value,
    },
    /// A deletion.
    Delete {
        /// Its name.
        key: Key,
        /// The version it is based on.
        based_on: u32,
    },
}

impl Edit {
    /// The resource it changes.
    #[must_use]
    pub fn key(&self) -> &Key {
        match self {
            Self::Create { key, .. } | Self::Update { key, .. } | Self::Delete { key, .. } => key,
        }
    }

    /// The version it is based on; none for a create.
    #[must_use]
    pub fn based_on(&self) -> Option<u32> {
        match self {
            Self::Create { .. } => None,
            Self::Update { based_on, .. } | Self::Delete { based_on, .. } => Some(*based_on),
        }
    }

    fn body(&self) -> Option<&Value> {
        match self {
            Self::Create { body, .. } | Self::Update { body, .. } => Some(body),
            Self::Delete { .. } => None,
        }
    }
}

/// One version that was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The resource.
    pub key: Key,
    /// The version made.
    pub version: u32,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The body as stored; empty for a deletion.
    pub body: Bytes,
}

/// Stores a new resource. Permit: the chart it belongs to, or the practice.
///
/// # Errors
/// As [`save`].
pub async fn create(store: &dyn Store, permit: &WritePermit, key: Key, body: Value, audit: Entry) -> Result<Written> {
    one(save(store, permit, vec![Edit::Create { key, body }], None, audit).await?)
}

/// Stores a new version. A new subject moves the resource to the new subject's chart; only a practice-wide permit can do that.
///
/// # Errors
/// As [`save`].
pub async fn update(
    store: &dyn Store,
    permit: &WritePermit,
    key: Key,
    based_on: u32,
    body: Value,
    audit: Entry,
) -> Result<Written> {
    one(save(store, permit, vec![Edit::Update { key, based_on, body }], None, audit).await?)
}

/// Deletes: a version without a body; earlier versions stay.
///
/// # Errors
/// As [`save`].
pub async fn delete(store: &dyn Store, permit: &WritePermit, key: Key, based_on: u32, audit: Entry) -> Result<Written> {
    one(save(store, permit, vec![Edit::Delete { key, based_on }], None, audit).await?)
}

fn one(mut written: Vec<Written>) -> Result<Written> {
    written.pop().ok_or(Error::NotFound)
}

/// Validates, stamps and stores edits together or not at all. `audit.at` is the time of every version. Answers in the order of the edits.
///
/// # Errors
/// [`Error::Invalid`] naming what is wrong; [`Error::Stale`], [`Error::NotFound`], [`Error::WrongPatient`] when what is stored is not
/// what the edit took it for; what the store says. Nothing is stored then.
pub async fn save(
    store: &dyn Store,
    permit: &WritePermit,
    edits: Vec<Edit>,
    guard: Option<Idempotency>,
    audit: Entry,
) -> Result<Vec<Written>> {
    check_bodies(&edits)?;
    save_checked(store, permit, edits, Vec::new(), (guard, None), audit).await
}

fn check_bodies(edits: &[Edit]) -> Result<()> {
    let mut bodies = edits.iter().filter_map(|edit| Some((edit.body()?, edit.key().kind)));
    bodies.try_for_each(|(body, kind)| prepare::check_as(body, kind))
}

/// [`save`] of what a draft of a note becomes, and of what becomes of the draft.
///
/// # Errors
/// As [`save`].
pub async fn save_with_draft(
    store: &dyn Store,
    permit: &WritePermit,
    edits: Vec<Edit>,
    draft: DraftChange,
    audit: Entry,
) -> Result<Vec<Written>> {
    check_bodies(&edits)?;
    save_checked(store, permit, edits, Vec::new(), (None, Some(draft)), audit).await
}

/// [`save`] for bodies that were validated already. `exist`: further resources that must exist or be created by this commit.
pub(super) async fn save_checked(
    store: &dyn Store,
    permit: &WritePermit,
    edits: Vec<Edit>,
    mut exist: Vec<Key>,
    (guard, draft): (Option<Idempotency>, Option<DraftChange>),
    mut audit: Entry,
) -> Result<Vec<Written>> {
    let before = load_current(store, permit, &edits).await?;
    let number_system = if edits.iter().any(|edit| edit.key().kind == Kind::PATIENT) {
        store.practice().await?.unwrap_or_default().record_number_system
    } else {
        String::new()
    };
    for edit in &edits {
        exist.extend(
            edit.body().map(references::keys).unwrap_or_default().into_iter().filter(|k| k.kind == Kind::PATIENT),
        );
    }
    exist.sort();
    exist.dedup();
    exist.retain(|key| !edits.iter().any(|edit| edit.key() == key && edit.body().is_some()));

    let at = audit.at;
    let mut writes = Vec::with_capacity(edits.len());
    let mut bodies = Vec::with_capacity(edits.len());
    let (mut tied, mut arrivals, mut charts) = (Vec::new(), Vec::new(), Vec::with_capacity(edits.len()));
    for (place, (edit, before)) in edits.into_iter().zip(&before).enumerate() {
        tied.extend(edit.body().map(|body| ties::made(place, body, before.as_ref())).unwrap_or_default());
        signed::check(before.as_ref(), edit.body(), &audit.action)?;
        signed::check_signature(store, &audit, edit.body()).await?;
        merging::check(store, &audit, edit.key(), before.as_ref(), edit.body()).await?;
        let key = edit.key().clone();
        let deleted = last_said(store, permit, before.as_ref()).await?;
        let states = (before.as_ref().and_then(visits::state_before), edit.body().and_then(visits::state));
        let (write, body, patient) = build(permit, edit, deleted.as_ref().or(before.as_ref()), at, &number_system)?;
        visits::check(store, &audit, &key, states, patient.as_ref()).await?;
        arrivals.extend(ties::arrival(place, &key, before.as_ref(), patient.as_ref()));
        let left = before.as_ref().and_then(|stored| stored.patient.clone());
        charts.push((key, patient.clone()));
        audit.patients.extend(left.into_iter().chain(patient));
        writes.push(write);
        bodies.push(body);
    }
    ties::check(store, &audit, tied, arrivals, &charts).await?;
    audit.patients.sort();
    audit.patients.dedup();
    let commit = Commit { at, writes, unchanged: Vec::new(), exist, draft, idempotency: guard, audit };
    let committed = match store.commit(permit, commit).await {
        Ok(committed) => committed,
        Err(store::Error::Missing(key)) => return Err(dangling(&key, &bodies)),
        Err(error) => return Err(error.into()),
    };
    if committed.replayed {
        return replayed(store, permit, &committed).await;
    }
    let made = committed.versions.into_iter().zip(bodies);
    Ok(made.map(|((key, version, _), body)| Written { key, version, recorded_at: at, body: body.take() }).collect())
}

/// Keeps a retry key whose request changes nothing, with its audit entry. Whether the same request came to something meanwhile: then
/// that is what is kept.
pub(super) async fn keep(store: &dyn Store, permit: &WritePermit, guard: Idempotency, audit: Entry) -> Result<bool> {
    let (writes, unchanged, exist) = (Vec::new(), Vec::new(), Vec::new());
    let commit = Commit { at: audit.at, writes, unchanged, exist, draft: None, idempotency: Some(guard), audit };
    Ok(store.commit(permit, commit).await?.replayed)
}

/// Stores what import prepared.
pub(super) async fn save_prepared(
    store: &dyn Store,
    permit: &WritePermit,
    changes: Vec<Prepared>,
    mut exist: Vec<Key>,
    number_system: &str,
    mut audit: Entry,
) -> Result<()> {
    exist.sort();
    exist.dedup();
    let mut writes = Vec::with_capacity(changes.len());
    for Prepared { key, before, what } in changes {
        let based_on = before.as_ref().map(|before| before.version);
        if let What::Version(new) = &what {
            let after = json::parse(&new.body).ok();
            signed::check(before.as_ref(), after.as_ref(), &audit.action)?;
            signed::check_signature(store, &audit, after.as_ref()).await?;
            merging::check(store, &audit, &key, before.as_ref(), after.as_ref()).await?;
        }
        audit.patients.extend(before.and_then(|before| before.patient));
        let change = match what {
            What::Version(new) => {
                audit.patients.extend(new.index.patient.clone());
                Change::Put(new)
            }
            What::Unnumbered(body) => {
                audit.patients.push(PatientId::new(key.id.clone()));
                let version = based_on.unwrap_or(0).saturating_add(1);
                let unread = Arc::new(Mutex::new(Bytes::new()));
                numbered_later(body, key.clone(), version, audit.at, number_system.to_owned(), unread)
            }
        };
        writes.push(Write { key, based_on, change });
    }
    audit.patients.sort();
    audit.patients.dedup();
    let commit = Commit { at: audit.at, writes, unchanged: Vec::new(), exist, draft: None, idempotency: None, audit };
    store.commit(permit, commit).await?;
    Ok(())
}

/// What each edit is based on; none for creates.
async fn load_current(store: &dyn Store, permit: &WritePermit, edits: &[Edit]) -> Result<Vec<Option<Stored>>> {
    let based: Vec<Key> = edits.iter().filter(|e| e.based_on().is_some()).map(|e| e.key().clone()).collect();
    if based.is_empty() {
        return Ok(vec![None; edits.len()]);
    }
    let sealed = store.current(permit, &based).await?;
    let mut current = sealed.for_decision().iter();
    edits
        .iter()
        .map(|edit| {
            let Some(based_on) = edit.based_on() else { return Ok(None) };
            let stored = current.next().and_then(Option::as_ref).ok_or(Error::NotFound)?;
            if stored.version == based_on { Ok(Some(stored.clone())) } else { Err(Error::Stale) }
        })
        .collect()
}

/// What a Patient said before it was deleted: put again, it keeps its record number.
async fn last_said(store: &dyn Store, permit: &WritePermit, before: Option<&Stored>) -> Result<Option<Stored>> {
    match before {
        Some(gone) if gone.deleted && gone.key.kind == Kind::PATIENT => {
            let said = store.read_version(permit.reading(), &gone.key, gone.version.saturating_sub(1)).await?;
            Ok(said.map(|said| said.for_decision().clone()))
        }
        _ => Ok(None),
    }
}

/// A body that will be stored: known now, or once the store has given the record number.
enum Body {
    Known(Bytes),
    Numbered(Arc<Mutex<Bytes>>),
}

impl Body {
    fn take(&self) -> Bytes {
        match self {
            Self::Known(bytes) => bytes.clone(),
            Self::Numbered(slot) => slot.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}

/// `said`: the newest version with a body.
fn build(
    permit: &WritePermit,
    edit: Edit,
    said: Option<&Stored>,
    at: Timestamp,
    number_system: &str,
) -> Result<(Write, Body, Option<PatientId>)> {
    let based_on = edit.based_on();
    let (key, mut body) = match edit {
        Edit::Create { key, body } | Edit::Update { key, body, .. } => (key, body),
        Edit::Delete { key, .. } => {
            return Ok((Write { key, based_on, change: Change::Delete }, Body::Known(Bytes::new()), None));
        }
    };
    let version = based_on.unwrap_or(0).saturating_add(1);
    if key.kind == Kind::PATIENT && !number::settle(&mut body, said, number_system)? {
        let patient = PatientId::new(key.id.clone());
        let slot = Arc::new(Mutex::new(Bytes::new()));
        let change = numbered_later(body, key.clone(), version, at, number_system.to_owned(), slot.clone());
        return Ok((Write { key, based_on, change }, Body::Numbered(slot), Some(patient)));
    }
    let new = prepare::new_version(body, &key, version, at, number_system)?;
    if !permit.reading().reaches(key.kind, new.index.patient.as_ref()) {
        return Err(if permit.reading().kinds().contains(key.kind) {
            Error::WrongPatient
        } else {
            Error::NotPermitted
        });
    }
    let (bytes, patient) = (new.body.clone(), new.index.patient.clone());
    Ok((Write { key, based_on, change: Change::Put(new) }, Body::Known(bytes), patient))
}

fn numbered_later(
    body: Value,
    key: Key,
    version: u32,
    at: Timestamp,
    system: String,
    slot: Arc<Mutex<Bytes>>,
) -> Change {
    Change::PutNumbered(Box::new(move |given| -> store::Result<NewVersion> {
        let mut body = body.clone();
        number::add(&mut body, &system, &given.to_string());
        let new = prepare::new_version(body, &key, version, at, &system)
            .map_err(|error| store::Error::Broken(error.to_string()))?;
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = new.body.clone();
        Ok(new)
    }))
}

/// Which element names what does not exist.
fn dangling(missing: &Key, bodies: &[Body]) -> Error {
    let mut issues = Vec::new();
    for body in bodies.iter().filter_map(|body| json::parse(&body.take()).ok()) {
        references::each(&body, &mut |reference, path| {
            if Key::parse(reference).as_ref() == Some(missing) {
                issues.push(Issue::error(IssueType::NotFound, format!("{missing} does not exist.")).at(path()));
            }
        });
    }
    if issues.is_empty() {
        issues.push(Issue::error(IssueType::NotFound, format!("{missing} does not exist.")));
    }
    Error::Invalid(issues)
}

/// The answer to a request that was answered before: the versions it made then. The commit's own entry, with `.again`, tells of them.
async fn replayed(store: &dyn Store, permit: &WritePermit, committed: &Committed) -> Result<Vec<Written>> {
    let mut written = Vec::with_capacity(committed.versions.len());
    for (key, version, _) in &committed.versions {
        let sealed = store.read_version(permit.reading(), key, *version).await?.ok_or(Error::NotFound)?;
        let stored = sealed.for_decision().clone();
        written.push(Written {
            key: stored.key,
            version: stored.version,
            recorded_at: stored.recorded_at,
            body: stored.body,
        });
    }
    Ok(written)
}
