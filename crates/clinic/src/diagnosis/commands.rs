//! Recording and changing: permit, what is there, decide, save with the audit entry in one transaction.

use super::form::{Checked, DiagnosisForm, SEVERITIES, check, check_change};
use crate::access::{Action, Caller};
use crate::error::{Error, Result};
use crate::record::{self, Edit};
use crate::shown::{self, Shown};
use fhir::edit::condition::{self, NewCondition, Remark};
use fhir::edit::correction;
use fhir::{Id, Identity, Key, Kind, PatientId};
use jiff::civil::Date;
use reference::icd10cm::{Icd10cm, SYSTEM};
use serde_json::Value;
use store::{Permit, Store};
use uuid::Uuid;

/// A visit, and the version of it that was looked at; none answers 428.
#[derive(Debug, Clone)]
pub struct AtVisit {
    /// Its id.
    pub id: Id,
    /// The version.
    pub version: Option<u32>,
}

/// A diagnosis about to be recorded.
pub struct Record<'a> {
    /// The chart in the address.
    pub patient: PatientId,
    /// The patient the page showed.
    pub shown: &'a str,
    /// Its id: the form's own key, so that sent twice it is recorded once.
    pub id: Uuid,
    /// The visit it is a diagnosis of; without one it goes on the problem list.
    pub visit: Option<AtVisit>,
    /// What was typed.
    pub form: &'a DiagnosisForm,
    /// The codes.
    pub codes: &'a Icd10cm,
    /// Today in the practice.
    pub today: Date,
    /// Who records it, as shown.
    pub by: &'a str,
}

/// A problem about to be changed, as it was shown.
pub struct OfProblem<'a> {
    /// The chart in the address.
    pub patient: PatientId,
    /// The patient the page showed.
    pub shown: &'a str,
    /// The Condition.
    pub id: Id,
    /// Its version that was shown; none answers 428.
    pub version: Option<u32>,
}

/// Records it. With a visit, the visit's own list of diagnoses is written in the same transaction.
///
/// # Errors
/// [`Error::Fields`]; [`Error::WrongPatient`] when the page showed another patient or the visit is another's; [`Error::VersionMissing`] and
/// [`Error::Stale`] of the visit; [`Error::Conflict`] when the visit takes no diagnosis; [`Error::NotPermitted`].
pub async fn record(store: &dyn Store, caller: &Caller, asked: Record<'_>) -> Result<Key> {
    let permit = caller.write_chart(Action::WriteClinical, &asked.patient)?;
    if asked.shown != asked.patient.as_str() {
        return Err(Error::WrongPatient);
    }
    let key = Key::new(Kind::CONDITION, Id::from_uuid(asked.id));
    if let Some(there) = store.read(permit.reading(), &key).await?
        && there.for_decision().patient.as_ref() == Some(&asked.patient)
    {
        return Ok(key);
    }
    shown::in_use(store, caller, &asked.patient).await?;
    let born = born(store, permit.reading(), &asked.patient).await?;
    let entry = asked.form.entry(asked.codes);
    let checked = match (entry, check(asked.form, &born, asked.today)) {
        (Ok(entry), Ok(checked)) => Ok((entry, checked)),
        (entry, checked) => Err(entry.err().into_iter().chain(checked.err().unwrap_or_default()).collect()),
    };
    let (entry, Checked { certainty, course, note }) = checked.map_err(Error::Fields)?;
    let mut edits = Vec::new();
    if let Some(visit) = &asked.visit {
        let (based_on, mut body) = visit_of(store, caller, &asked.patient, visit).await?;
        condition::add_diagnosis(&mut body, &key);
        edits.push(Edit::Update { key: Key::new(Kind::ENCOUNTER, visit.id.clone()), based_on, body });
    }
    let (at, words, code) = (caller.at.to_string(), entry.words(), entry.code());
    let new = NewCondition {
        id: &key.id,
        patient: &asked.patient,
        visit: asked.visit.as_ref().map(|visit| &visit.id),
        on_list: asked.form.on_list,
        code: (SYSTEM, &code, &words),
        certainty,
        course,
        remark: Remark { by: caller.signer(asked.by), at: &at, text: note },
    };
    edits.insert(0, Edit::Create { key: key.clone(), body: new.body() });
    record::save(store, &permit, edits, None, caller.entry("diagnosis.record")).await?;
    Ok(key)
}

/// Says a problem's status, how sure it is, severity, onset and end anew, and adds a note. Its code stays as it is, whatever system it is of.
///
/// # Errors
/// [`Error::Fields`], [`Error::WrongPatient`], [`Error::VersionMissing`], [`Error::Stale`]; [`Error::Conflict`] when it was entered in error.
pub async fn change(
    store: &dyn Store,
    caller: &Caller,
    of: &OfProblem<'_>,
    form: &DiagnosisForm,
    (today, by): (Date, &str),
) -> Result<()> {
    let permit = caller.write_chart(Action::WriteClinical, &of.patient)?;
    let (based_on, mut body) = problem(store, caller, of).await?;
    let born = born(store, permit.reading(), &of.patient).await?;
    let unsaid = condition::certainty(&body).is_empty();
    let Checked { certainty, course, note } = check_change(form, unsaid, &born, today).map_err(Error::Fields)?;
    let at = caller.at.to_string();
    let foreign = body.get("severity").filter(|said| !ours(said)).cloned();
    condition::put_course(&mut body, &course);
    condition::put_certainty(&mut body, certainty);
    if let (None, Some(said), Some(members)) = (course.severity, foreign, body.as_object_mut()) {
        members.insert("severity".to_owned(), said);
    }
    condition::add_remark(&mut body, &Remark { by: caller.signer(by), at: &at, text: note });
    let key = Key::new(Kind::CONDITION, of.id.clone());
    record::update(store, &permit, key, based_on, body, caller.entry("diagnosis.change")).await.map(|_written| ())
}

/// Says that a problem is resolved, today. What else is said of it stays.
///
/// # Errors
/// As [`change`]; [`Error::Conflict`] also when it ended already.
pub async fn resolve(store: &dyn Store, caller: &Caller, of: &OfProblem<'_>, today: Date) -> Result<()> {
    let permit = caller.write_chart(Action::WriteClinical, &of.patient)?;
    let (based_on, mut body) = problem(store, caller, of).await?;
    let status = body.pointer("/clinicalStatus/coding/0/code").and_then(Value::as_str).unwrap_or_default();
    if condition::is_over(status) {
        return Err(Error::Conflict("this problem has ended already".to_owned()));
    }
    condition::resolve(&mut body, &today.to_string());
    let key = Key::new(Kind::CONDITION, of.id.clone());
    record::update(store, &permit, key, based_on, body, caller.entry("diagnosis.resolve")).await.map(|_written| ())
}

/// Puts a visit's diagnosis on the problem list. One that stands there already is left alone.
///
/// # Errors
/// As [`change`].
pub async fn promote(store: &dyn Store, caller: &Caller, of: &OfProblem<'_>) -> Result<()> {
    let permit = caller.write_chart(Action::WriteClinical, &of.patient)?;
    let (based_on, mut body) = problem(store, caller, of).await?;
    if !condition::promote(&mut body) {
        return Ok(());
    }
    let key = Key::new(Kind::CONDITION, of.id.clone());
    record::update(store, &permit, key, based_on, body, caller.entry("diagnosis.promote")).await.map(|_written| ())
}

/// Ranks a visit's diagnoses in this order.
///
/// # Errors
/// [`Error::WrongPatient`], [`Error::VersionMissing`], [`Error::Stale`]; [`Error::Conflict`] when the order does not name each diagnosis once.
pub async fn rank(
    store: &dyn Store,
    caller: &Caller,
    patient: &PatientId,
    visit: &AtVisit,
    order: &[Key],
) -> Result<()> {
    let permit = caller.write_chart(Action::WriteClinical, patient)?;
    let (based_on, mut body) = visit_of(store, caller, patient, visit).await?;
    if !condition::put_ranks(&mut body, order) {
        return Err(Error::Conflict("the order has to name each diagnosis of the visit once".to_owned()));
    }
    let key = Key::new(Kind::ENCOUNTER, visit.id.clone());
    record::update(store, &permit, key, based_on, body, caller.entry("diagnosis.rank")).await.map(|_written| ())
}

/// Whether the form shows this severity: what it cannot show it does not take away.
fn ours(severity: &Value) -> bool {
    let codes = severity.get("coding").and_then(Value::as_array).into_iter().flatten();
    codes.filter_map(|coding| coding.get("code")).any(|code| SEVERITIES.iter().any(|(known, _)| code == known))
}

async fn born(store: &dyn Store, permit: &Permit, patient: &PatientId) -> Result<String> {
    let stored = store.read(permit, &patient.key()).await?.ok_or(Error::NotFound)?;
    match stored.for_decision() {
        stored if stored.deleted => Err(Error::Gone),
        stored => Ok(Identity::of(&record::read_body(&stored.body)?, "").birth_date),
    }
}

async fn visit_of(store: &dyn Store, caller: &Caller, patient: &PatientId, visit: &AtVisit) -> Result<(u32, Value)> {
    let key = Key::new(Kind::ENCOUNTER, visit.id.clone());
    let shown = Shown { patient: patient.as_str(), version: visit.version };
    let stored = shown::entry(store, caller, patient, &key, shown).await?;
    let body = record::read_body(&stored.body)?;
    let status = body.get("status").and_then(Value::as_str).unwrap_or_default();
    if ["cancelled", "entered-in-error"].contains(&status) {
        return Err(Error::Conflict("a visit that did not take place has no diagnoses".to_owned()));
    }
    Ok((stored.version, body))
}

async fn problem(store: &dyn Store, caller: &Caller, of: &OfProblem<'_>) -> Result<(u32, Value)> {
    let key = Key::new(Kind::CONDITION, of.id.clone());
    let shown = Shown { patient: of.shown, version: of.version };
    let stored = shown::entry(store, caller, &of.patient, &key, shown).await?;
    let body = record::read_body(&stored.body)?;
    if correction::is_marked(&body) {
        return Err(Error::Conflict("this was entered in error: take that mark back first".to_owned()));
    }
    Ok((stored.version, body))
}
