//! What every form of a chart says it showed: another patient, another visit or an older version than there is now saves nothing.

use crate::access::{Action, Caller};
use crate::error::{Error, Result};
use fhir::{Id, Key, Kind, PatientId};
use ring::digest::{Context, SHA256};
use store::Store;
use store::record::{Idempotency, Stored};

/// Patient and version as the page showed them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown<'a> {
    /// The patient.
    pub patient: &'a str,
    /// The version of what the form changes, or of the Patient where it adds to the chart; none answers 428.
    pub version: Option<u32>,
}

/// The Patient of a chart that a form adds to, when it is the one that was shown, unchanged since.
///
/// # Errors
/// [`Error::WrongPatient`], [`Error::VersionMissing`], [`Error::Stale`], [`Error::Gone`], [`Error::NotFound`]; what the store says.
pub async fn patient(store: &dyn Store, caller: &Caller, patient: &PatientId, shown: Shown<'_>) -> Result<Stored> {
    if shown.patient != patient.as_str() {
        return Err(Error::WrongPatient);
    }
    let version = shown.version.ok_or(Error::VersionMissing)?;
    let reading = caller.read_chart(Action::ReadIdentity, patient)?;
    let sealed = store.read(&reading, &patient.key()).await?.ok_or(Error::NotFound)?;
    as_shown(sealed.for_decision(), version)
}

/// The visit in an address, when it is of the patient who was shown, unchanged since. It is looked up across the practice: who may
/// bring visits from state to state is told that it is another patient's, not whose.
///
/// # Errors
/// As [`patient`].
pub async fn visit(store: &dyn Store, caller: &Caller, visit: &str, shown: Shown<'_>) -> Result<(PatientId, Stored)> {
    let stored = found(store, caller, visit).await?;
    let patient = stored.patient.clone().ok_or(Error::NotFound)?;
    if shown.patient != patient.as_str() {
        return Err(Error::WrongPatient);
    }
    let version = shown.version.ok_or(Error::VersionMissing)?;
    Ok((patient, as_shown(&stored, version)?))
}

/// The visit that a form of this chart belongs to, where it names one: of another patient it saves nothing.
///
/// # Errors
/// [`Error::WrongPatient`], [`Error::Gone`], [`Error::NotFound`]; what the store says.
pub async fn in_visit(store: &dyn Store, caller: &Caller, patient: &PatientId, visit: &str) -> Result<Option<Key>> {
    if visit.is_empty() {
        return Ok(None);
    }
    let stored = found(store, caller, visit).await?;
    if stored.patient.as_ref() != Some(patient) {
        return Err(Error::WrongPatient);
    }
    if stored.deleted { Err(Error::Gone) } else { Ok(Some(stored.key)) }
}

/// An entry of a chart that a form changes, when it is as it was shown. It is looked up across the practice: who reads charts is told
/// that it is another patient's, not whose.
///
/// # Errors
/// As [`patient`].
pub async fn entry(
    store: &dyn Store,
    caller: &Caller,
    patient: &PatientId,
    key: &Key,
    shown: Shown<'_>,
) -> Result<Stored> {
    let version = shown.version.ok_or(Error::VersionMissing)?;
    let permit = caller.read_practice(Action::ReadClinical)?;
    let sealed = store.read(&permit, key).await?.ok_or(Error::NotFound)?;
    let stored = sealed.for_decision();
    match &stored.patient {
        None => return Err(Error::NotFound),
        Some(whose) if whose != patient || shown.patient != patient.as_str() => return Err(Error::WrongPatient),
        Some(_) => {}
    }
    as_shown(stored, version)
}

fn as_shown(stored: &Stored, version: u32) -> Result<Stored> {
    if stored.deleted {
        return Err(Error::Gone);
    }
    if stored.version == version { Ok(stored.clone()) } else { Err(Error::Stale) }
}

async fn found(store: &dyn Store, caller: &Caller, visit: &str) -> Result<Stored> {
    let permit = caller.read_practice(Action::CheckIn)?;
    let key = Key::new(Kind::ENCOUNTER, Id::parse(visit).map_err(|_| Error::NotFound)?);
    Ok(store.read(&permit, &key).await?.ok_or(Error::NotFound)?.for_decision().clone())
}

/// The form's own key (a UUID) for what was typed: the same form sent twice is one request, another one under its key is refused.
#[must_use]
pub fn once<P: AsRef<[u8]>>(what: &str, key: &str, typed: impl IntoIterator<Item = P>) -> Option<Idempotency> {
    let mut digest = Context::new(&SHA256);
    for part in typed {
        let part = part.as_ref();
        digest.update(&(part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let request = digest.finish().as_ref().try_into().ok()?;
    (key.len() == 36).then(|| Idempotency { key: format!("{what}:{key}"), request, answer: String::new() })
}
