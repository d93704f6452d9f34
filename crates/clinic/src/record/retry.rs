//! Asking again: what a request under a retry key came to is kept with the key. When its answer was lost and it is sent again, that is
//! told before anything is looked at anew: the versions it was based on have moved on since, by itself.

use super::commands::Written;
use super::transaction::{Done, Scene};
use crate::error::{Error, Result};
use fhir::{Key, PatientId};
use jiff::Timestamp;
use std::collections::BTreeSet;
use store::audit::Entry;
use store::record::Idempotency;

/// What one entry of a request will have come to.
pub(super) enum Came<'a> {
    /// This version was stored; whether the resource is new.
    Written(&'a Key, u32, bool),
    /// This was found, of this time.
    Found(&'a Key, u32, Timestamp),
    /// There was nothing to do, under this name if one was named.
    Nothing(Option<&'a Key>),
    /// A reading.
    Read,
}

/// The words that are kept: a line an entry.
pub(super) fn kept<'a>(entries: impl Iterator<Item = Came<'a>>) -> String {
    let line = |came| match came {
        Came::Written(key, version, new) => format!("{} {key} {version}\n", if new { "created" } else { "changed" }),
        Came::Found(key, version, at) => format!("found {key} {version} {at}\n"),
        Came::Nothing(None) => "nothing\n".to_owned(),
        Came::Nothing(Some(key)) => format!("nothing {key}\n"),
        Came::Read => "read\n".to_owned(),
    };
    entries.map(line).collect()
}

/// What the same request came to the first time, with an entry in the trail that it was told again; `None` if it is new.
///
/// # Errors
/// [`store::Error::IdempotencyMismatch`] when the key was used for another request.
pub(super) async fn again(scene: &Scene<'_>, guard: &Idempotency, audit: &Entry) -> Result<Option<Vec<Done>>> {
    let (mut audit, mut patients) = (audit.clone(), BTreeSet::new());
    let Some(done) = entries(scene, guard, &mut audit, &mut patients).await? else { return Ok(None) };
    audit.action.push_str(".again");
    audit.patients = patients.into_iter().collect();
    scene.store.append(audit).await?;
    Ok(Some(done))
}

/// What the same request came to, where the commit's own entry tells of it already.
///
/// # Errors
/// As [`again`].
pub(super) async fn told(scene: &Scene<'_>, guard: &Idempotency) -> Result<Option<Vec<Done>>> {
    let mut unused = Entry::new(scene.at, uuid::Uuid::nil(), scene.permit.actor().clone(), "");
    entries(scene, guard, &mut unused, &mut BTreeSet::new()).await
}

async fn entries(
    scene: &Scene<'_>,
    guard: &Idempotency,
    audit: &mut Entry,
    patients: &mut BTreeSet<PatientId>,
) -> Result<Option<Vec<Done>>> {
    let Some(answer) = scene.store.answered(scene.permit, guard).await?.filter(|answer| !answer.is_empty()) else {
        return Ok(None);
    };
    let mut done = Vec::new();
    for line in answer.lines() {
        done.push(entry(scene, line, audit, patients).await?);
    }
    Ok(Some(done))
}

async fn entry(scene: &Scene<'_>, line: &str, audit: &mut Entry, patients: &mut BTreeSet<PatientId>) -> Result<Done> {
    let named = |key: &str, version: &str| Some((Key::parse(key)?, version.parse::<u32>().ok()?));
    let damaged = || Error::from(store::Error::Broken("what was kept with a retry key cannot be read".to_owned()));
    match line.split(' ').collect::<Vec<_>>()[..] {
        [word @ ("created" | "changed"), key, version] => {
            let (key, version) = named(key, version).ok_or_else(damaged)?;
            let read = scene.store.read_version(scene.permit.reading(), &key, version).await?;
            let stored = read.ok_or(Error::NotFound)?.for_decision().clone();
            audit.what.push((key.clone(), version));
            patients.extend(stored.patient);
            let written = Written { key, version, recorded_at: stored.recorded_at, body: stored.body };
            Ok(Done::Written(written, word == "created"))
        }
        ["found", key, version, at] => {
            let (key, version) = named(key, version).ok_or_else(damaged)?;
            // Found by a question, so read as who may ask it.
            let read = scene.store.read_version(scene.asks, &key, version).await?;
            patients.extend(read.and_then(|stored| stored.for_decision().patient.clone()));
            audit.what.push((key.clone(), version));
            Ok(Done::Found(key, version, at.parse().map_err(|_| damaged())?))
        }
        ["nothing", key] => {
            let key = Key::parse(key).ok_or_else(damaged)?;
            let current = scene.store.current(scene.permit, std::slice::from_ref(&key)).await?;
            patients.extend(current.for_decision().iter().flatten().filter_map(|stored| stored.patient.clone()));
            audit.what.push((key, 0));
            Ok(Done::Nothing)
        }
        ["nothing"] => Ok(Done::Nothing),
        ["read"] => Ok(Done::Read),
        _ => Err(damaged()),
    }
}
