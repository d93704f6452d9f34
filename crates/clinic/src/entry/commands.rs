//! Correcting entries: load, decide, save through the front door of the record with the audit entry.

use super::{files, nursing};
use crate::access::{Action, Caller};
use crate::error::{Error, FieldError, Result};
use crate::record::{self, Edit, Written};
use crate::shown::{self, Shown};
use fhir::edit::correction::{self, Because, NotPossible};
use fhir::edit::note::signed_kind;
use fhir::{Id, Key, Kind, PatientId};
use serde_json::{Value, json};
use store::audit::Entry;
use store::record::Stored;
use store::{Permit, Store, WritePermit};
use uuid::Uuid;

/// What a correction names, so that it can touch nothing else: chart, entry, and the version that was looked at.
#[derive(Debug, Clone)]
pub struct Named {
    /// The chart.
    pub patient: PatientId,
    /// The entry.
    pub key: Key,
    /// The version shown on the page; none answers 428.
    pub version: Option<u32>,
    /// Why.
    pub reason: String,
}

/// Where an entry is moved to: the patient whose identity was shown beside this chart's, and the version of it that was shown.
#[derive(Debug, Clone)]
pub struct MoveTo {
    /// The right patient.
    pub patient: PatientId,
    /// The version of their Patient that was shown; none answers 428.
    pub version: Option<u32>,
    /// Ids for the two accounts of the move, one in each chart.
    pub ids: [Uuid; 2],
}

/// Marks an entry as entered in error.
///
/// # Errors
/// [`Error::Fields`] without a reason; [`Error::WrongPatient`], [`Error::Stale`], [`Error::VersionMissing`]; [`Error::Conflict`] when its
/// type cannot say so.
pub async fn mark_error(store: &dyn Store, caller: &Caller, named: &Named, by: &str) -> Result<Written> {
    let (version, stored) = current(store, caller, named).await?;
    let mut body = record::read_body(&stored.body)?;
    let permit = permit(caller, named.key.kind, &body, &named.patient)?;
    let reason = reason(named)?;
    let at = caller.at.to_string();
    correction::mark_error(&mut body, named.key.kind, &Because { reason, by, at: &at }).map_err(impossible)?;
    let audit = Entry { why: reason.to_owned(), ..caller.entry("entry.error") };
    let Some((twin, based_on, mut other)) = twin(store, &permit, &named.key, &body).await? else {
        return record::update(store, &permit, named.key.clone(), version, body, audit).await;
    };
    correction::mark_error(&mut other, twin.kind, &Because { reason, by, at: &at }).map_err(impossible)?;
    let edits = vec![
        Edit::Update { key: named.key.clone(), based_on: version, body },
        Edit::Update { key: twin, based_on, body: other },
    ];
    record::save(store, &permit, edits, None, audit).await?.into_iter().next().ok_or(Error::NotFound)
}

/// The other entry of a signed note, as it last stood without the mark, where it is marked too.
async fn restored_twin(store: &dyn Store, permit: &WritePermit, key: &Key, body: &Value) -> Result<Option<Edit>> {
    let Some(twin) = twin_of(key, body) else { return Ok(None) };
    let Some(now) = store.read(permit.reading(), &twin).await? else { return Ok(None) };
    let now = now.for_decision();
    if now.deleted || !correction::is_marked(&record::read_body(&now.body)?) {
        return Ok(None);
    }
    for earlier in (1..now.version).rev() {
        let Some(before) = store.read_version(permit.reading(), &twin, earlier).await? else { continue };
        let body = record::read_body(&before.for_decision().body)?;
        if !correction::is_marked(&body) {
            return Ok(Some(Edit::Update { key: twin, based_on: now.version, body }));
        }
    }
    Ok(None)
}

fn twin_of(key: &Key, body: &Value) -> Option<Key> {
    let other = match key.kind {
        Kind::COMPOSITION => Kind::DOCUMENT_REFERENCE,
        Kind::DOCUMENT_REFERENCE => Kind::COMPOSITION,
        _ => return None,
    };
    signed_kind(body).map(|_| Key::new(other, key.id.clone()))
}

/// A signed note is two entries of one id, which are marked together: the note, and by what others find it.
async fn twin(store: &dyn Store, permit: &WritePermit, key: &Key, body: &Value) -> Result<Option<(Key, u32, Value)>> {
    let Some(key) = twin_of(key, body) else { return Ok(None) };
    let Some(stored) = store.read(permit.reading(), &key).await? else { return Ok(None) };
    let stored = stored.for_decision();
    let said = record::read_body(&stored.body)?;
    Ok((!stored.deleted && !correction::is_marked(&said)).then_some((key, stored.version, said)))
}

/// Takes a mark "entered in error" back: the newest version before it that was not marked becomes the newest again.
///
/// # Errors
/// As [`mark_error`]; [`Error::Conflict`] when there is no such mark to take back, or no version of this chart without it.
pub async fn restore(store: &dyn Store, caller: &Caller, named: &Named) -> Result<Written> {
    let (version, stored) = current(store, caller, named).await?;
    let marked = record::read_body(&stored.body)?;
    let permit = permit(caller, named.key.kind, &marked, &named.patient)?;
    if !correction::is_marked(&marked)
        || marked.get("extension").is_none_or(|said| !said.to_string().contains(correction::ERROR))
    {
        return Err(Error::Conflict(
            "there is no mark to take back: this entry is not marked in error here".to_owned(),
        ));
    }
    for earlier in (1..version).rev() {
        let reading = caller.read_practice(Action::ReadClinical)?;
        let Some(before) = store.read_version(&reading, &named.key, earlier).await? else { continue };
        let before = before.for_decision();
        if before.deleted {
            continue;
        }
        // What it said in another chart must not come here.
        if before.patient.as_ref() != Some(&named.patient) {
            break;
        }
        let body = record::read_body(&before.body)?;
        if !correction::is_marked(&body) {
            let audit = caller.entry("entry.restore");
            let mut edits = vec![Edit::Update { key: named.key.clone(), based_on: version, body }];
            edits.extend(restored_twin(store, &permit, &named.key, &marked).await?);
            return record::save(store, &permit, edits, None, audit).await?.into_iter().next().ok_or(Error::NotFound);
        }
    }
    let text =
        "this entry has no earlier version in this chart without the mark, so it cannot be taken back: record it anew";
    Err(Error::Conflict(text.to_owned()))
}

/// Moves an entry (with the results of a report, or the members of a panel) to the chart of the patient it belongs to. Both charts
/// tell of it, and both are named in the audit entry.
///
/// # Errors
/// As [`mark_error`]; [`Error::Stale`] too when who the right patient is was changed since it was shown.
pub async fn move_entry(store: &dyn Store, caller: &Caller, named: &Named, to: &MoveTo, by: &str) -> Result<PatientId> {
    let permit = caller.write_practice(Action::WriteClinical)?;
    let (version, stored) = current(store, caller, named).await?;
    let target = target(store, caller, named, to).await?;
    let reason = reason(named)?;
    let at = caller.at.to_string();
    let because = Because { reason, by, at: &at };

    let mut edits = Vec::new();
    let mut waiting = vec![(named.key.clone(), version, record::read_body(&stored.body)?)];
    while let Some((key, based_on, mut body)) = waiting.pop() {
        for member in correction::members_of(&body) {
            let known = edits.iter().any(|edit: &Edit| *edit.key() == member);
            if !known && let Some(stored) = in_chart(store, &permit, &member, &named.patient).await? {
                waiting.push((member, stored.version, record::read_body(&stored.body)?));
            }
        }
        correction::move_to(&mut body, key.kind, &target, &because).map_err(impossible)?;
        edits.push(Edit::Update { key, based_on, body });
    }
    let files = files::along(store, caller, &permit, (&named.patient, &target), &edits).await?;
    edits.extend(files);
    let who = who(caller, by);
    for ((patient, left), id) in [(&named.patient, true), (&target, false)].into_iter().zip(to.ids) {
        let key = Key::new(Kind::PROVENANCE, Id::from_uuid(id));
        edits.push(Edit::Create { key, body: correction::moved_provenance(patient, &named.key, left, &who, &because) });
    }
    let patients = vec![named.patient.clone(), target.clone()];
    let audit = Entry { why: reason.to_owned(), patients, ..caller.entry("entry.move") };
    record::save(store, &permit, edits, None, audit).await?;
    Ok(target)
}

/// Whether this caller may correct this entry of this chart (to leave out what would only be refused).
#[must_use]
pub fn may_correct(caller: &Caller, kind: Kind, body: &Value, patient: &PatientId) -> bool {
    permit(caller, kind, body, patient).is_ok()
}

/// A nurse corrects what nurses write; the rest is a clinician's.
fn permit(caller: &Caller, kind: Kind, body: &Value, patient: &PatientId) -> Result<WritePermit> {
    let nursing = nursing::action(kind, body).and_then(|action| caller.write_chart(action, patient).ok());
    match nursing {
        Some(permit) if caller.may(Action::WriteObservations) && permit.reading().kinds().contains(kind) => Ok(permit),
        _ => caller.write_chart(Action::WriteClinical, patient),
    }
}

/// The entry as it is, when it is in this chart and has not changed since it was looked at.
async fn current(store: &dyn Store, caller: &Caller, named: &Named) -> Result<(u32, Stored)> {
    let shown = Shown { patient: named.patient.as_str(), version: named.version };
    let stored = shown::entry_to_correct(store, caller, &named.patient, &named.key, shown).await?;
    Ok((stored.version, stored))
}

async fn in_chart(store: &dyn Store, permit: &WritePermit, key: &Key, patient: &PatientId) -> Result<Option<Stored>> {
    let found = store.read(permit.reading(), key).await?;
    Ok(found
        .map(|sealed| sealed.for_decision().clone())
        .filter(|stored| !stored.deleted && stored.patient.as_ref() == Some(patient)))
}

/// The right patient, when they are as they were shown, and not merged away.
async fn target(store: &dyn Store, caller: &Caller, named: &Named, to: &MoveTo) -> Result<PatientId> {
    let version = to.version.ok_or(Error::VersionMissing)?;
    if to.patient == named.patient {
        return Err(Error::Conflict("this is the chart the entry is in already".to_owned()));
    }
    let permit: Permit = caller.read_practice(Action::ReadIdentity)?;
    let sealed = store.read(&permit, &to.patient.key()).await?.ok_or(Error::NotFound)?;
    let shown = sealed.for_decision();
    if shown.deleted {
        return Err(Error::Gone);
    }
    if shown.version != version {
        return Err(Error::Stale);
    }
    shown::not_merged(store, caller, shown).await?;
    Ok(to.patient.clone())
}

fn reason(named: &Named) -> Result<&str> {
    match named.reason.trim() {
        "" => Err(field("reason", "Reason: say in a few words why, for example: written in the wrong chart")),
        reason if reason.len() > 1000 => Err(field("reason", "Reason: at most 1,000 characters")),
        reason => Ok(reason),
    }
}

fn field(field: &'static str, problem: &str) -> Error {
    Error::Fields(vec![FieldError { field, problem: problem.to_owned() }])
}

fn who(caller: &Caller, by: &str) -> Value {
    match &caller.actor.practitioner {
        Some(id) => json!({"reference": format!("Practitioner/{id}"), "display": by}),
        None => json!({"display": by}),
    }
}

fn impossible(why: NotPossible) -> Error {
    Error::Conflict(why.to_string())
}
