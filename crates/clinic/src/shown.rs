//! What every form of a chart says it showed: another patient, another visit or an older version than there is now saves nothing, nor does
//! anything new in a record that another one took the place of.

use crate::access::{Action, Caller};
use crate::error::{Error, Result};
use crate::record::number;
use crate::visit::start::Life;
use fhir::identity::spaced;
use fhir::{Body, Id, Key, Kind, PatientId};
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
/// [`Error::WrongPatient`], [`Error::VersionMissing`], [`Error::Stale`], [`Error::Gone`], [`Error::NotFound`]; as [`not_merged`]; what the
/// store says.
pub async fn patient(store: &dyn Store, caller: &Caller, patient: &PatientId, shown: Shown<'_>) -> Result<Stored> {
    if shown.patient != patient.as_str() {
        return Err(Error::WrongPatient);
    }
    let version = shown.version.ok_or(Error::VersionMissing)?;
    let reading = caller.read_chart(Action::ReadIdentity, patient)?;
    let sealed = store.read(&reading, &patient.key()).await?.ok_or(Error::NotFound)?;
    let stored = as_shown(sealed.for_decision(), version)?;
    not_merged(store, caller, &stored).await?;
    Ok(stored)
}

/// Refuses a chart whose record was merged away, as [`not_merged`] does.
///
/// # Errors
/// As [`not_merged`].
pub async fn in_use(store: &dyn Store, caller: &Caller, patient: &PatientId) -> Result<()> {
    let reading = caller.read_chart(Action::ReadIdentity, patient)?;
    match store.read(&reading, &patient.key()).await? {
        Some(sealed) => not_merged(store, caller, sealed.for_decision()).await,
        None => Ok(()),
    }
}

/// Refuses a record that another one took the place of: what is written there would be read by nobody. What is there can still be marked
/// as entered in error and moved.
///
/// # Errors
/// [`Error::Conflict`], with the number of the record that stands; what the store says.
pub async fn not_merged(store: &dyn Store, caller: &Caller, patient: &Stored) -> Result<()> {
    if !Life::read(&patient.body).merged {
        return Ok(());
    }
    let number = standing(store, caller, patient).await?.map(|number| format!(" (record no. {})", spaced(&number)));
    let number = number.unwrap_or_default();
    Err(Error::Conflict(format!("this record was merged into another one{number}: write it there")))
}

/// The number of the record that took this one's place, where it is known; told, it is in the trail.
async fn standing(store: &dyn Store, caller: &Caller, patient: &Stored) -> Result<Option<String>> {
    let Ok(body) = Body::parse(&patient.body) else { return Ok(None) };
    let links = body.root().each("link");
    let by = links
        .iter()
        .find(|link| link.text("type") == Some("replaced-by"))
        .and_then(|link| link.text("other.reference"));
    let Some(key) = by.and_then(Key::parse).filter(|key| key.kind == Kind::PATIENT) else { return Ok(None) };
    let reading = caller.read_practice(Action::ReadIdentity)?;
    let Some(found) = store.read(&reading, &key).await? else { return Ok(None) };
    let system = store.practice().await?.unwrap_or_default().record_number_system;
    let number = found.map(|stored| {
        let body = Body::parse(&stored.body).ok()?;
        number::of(body.root().value(), &system).map(str::to_owned)
    });
    Ok(store.release(number, caller.entry("patient.read")).await?)
}

/// The visit in an address, when it is of the patient who was shown, unchanged since. It is looked up across the practice: who may
/// bring visits from state to state is told that it is another patient's, not whose. Whether its record is [`in_use`] is for the caller to
/// ask: a visit can be ended in one that is not.
///
/// # Errors
/// As [`patient`], but for that.
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

/// An entry of a chart that a form changes, when it is as it was shown.
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
    let stored = entry_to_correct(store, caller, patient, key, shown).await?;
    in_use(store, caller, patient).await?;
    Ok(stored)
}

/// As [`entry`], of any record: what is wrong in one that was merged away can be marked and moved. It is looked up across the practice:
/// who reads charts is told that it is another patient's, not whose.
///
/// # Errors
/// As [`patient`], but for a merged record.
pub async fn entry_to_correct(
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
