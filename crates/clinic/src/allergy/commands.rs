//! Recording: permit, the chart as it was shown, what is known already, one transaction.

use super::form::{AllergyForm, check, check_change};
use crate::access::{Action, Caller};
use crate::chart::row::{Row, is_error};
use crate::diagnosis::form::outside_life;
use crate::error::{Error, FieldError, Result};
use crate::record::{self, Edit};
use crate::shown::{self, Shown, once};
use crate::visit::commands::own;
use fhir::date::FhirDate;
use fhir::edit::allergy::{self, Recorded};
use fhir::edit::condition::{Remark, add_remark};
use fhir::{Body, Element, Id, Identity, Key, Kind, PatientId};
use jiff::civil::Date;
use store::record::{Slice, Stored};
use store::{Permit, Store};

/// Something about allergies on its way into a chart.
pub struct Recording<'a> {
    /// The chart in the address.
    pub patient: PatientId,
    /// What the page showed: the patient, and the version of the Patient, or of the entry that is changed.
    pub shown: Shown<'a>,
    /// The visit it was told in; empty: none.
    pub visit: &'a str,
    /// The form's own key: sent twice, it records once.
    pub once: &'a str,
    /// The caller's name.
    pub by: &'a str,
    /// Today in the practice.
    pub today: Date,
    /// The id of the entry: the same whenever the form is sent.
    pub id: Id,
}

/// What a "none known" denies: its code, and the category it is about (empty: all).
const DENIALS: [(&str, &str); 8] = [
    (allergy::NONE_KNOWN, ""),
    ("no-known-allergies", ""),
    ("409137002", "medication"),
    ("no-known-medication-allergies", "medication"),
    ("429625007", "food"),
    ("no-known-food-allergies", "food"),
    ("428607008", "environment"),
    ("no-known-environmental-allergies", "environment"),
];

fn denial(row: &Row) -> Option<&'static str> {
    DENIALS.iter().find(|(code, _)| row.root().has_code("code", code)).map(|(_, about)| *about)
}

/// Records an allergy. A "none known" that it contradicts ends with it.
///
/// # Errors
/// [`Error::Fields`], also when it is listed already; [`Error::WrongPatient`] also for another patient's visit;
/// [`Error::VersionMissing`], [`Error::Stale`]; [`Error::NotPermitted`]; what the store says.
pub async fn record(store: &dyn Store, caller: &Caller, recording: Recording<'_>, form: &AllergyForm) -> Result<Key> {
    let patient = &recording.patient;
    let permit = caller.write_chart(Action::WriteObservations, patient)?;
    let whose = shown::patient(store, caller, patient, recording.shown).await?;
    let visit = shown::in_visit(store, caller, patient, recording.visit).await?;
    let new = check(form).map_err(Error::Fields)?;
    dated(&new.onset, &whose, recording.today)?;
    let key = Key::new(Kind::ALLERGY_INTOLERANCE, recording.id.clone());
    let typed = [&form.substance, &form.category, &form.kind, &form.reactions, &form.severity, &form.certainty];
    let typed = typed
        .into_iter()
        .chain([&form.onset, &form.note, &form.criticality])
        .map(String::as_str)
        .chain([patient.as_str()]);
    let guard = once("allergy", recording.once, typed);
    let known = in_force(store, permit.reading(), patient).await?;
    // The same form come again finds what it recorded itself.
    let same = |row: &Row| row.root().words("code").is_some_and(|words| words.eq_ignore_ascii_case(&new.substance));
    if known.iter().any(|row| same(row) && row.key != key) {
        let problem = "Substance: it is listed already; open that entry".to_owned();
        return Err(Error::Fields(vec![FieldError { field: "substance", problem }]));
    }
    let at = caller.at.to_string();
    let recorded = recorded(caller, &recording, visit.as_ref(), &at);
    let mut edits = vec![Edit::Create { key, body: recorded.allergy(&recording.id, &new) }];
    edits.extend(ended(&known, &[new.category]));
    let written = record::save(store, &permit, edits, guard, caller.entry("allergy.record")).await?;
    written.into_iter().next().map(|written| written.key).ok_or(Error::NotFound)
}

/// An onset that is a date is neither to come nor before birth.
fn dated(onset: &str, whose: &Stored, today: Date) -> Result<()> {
    if FhirDate::parse(onset).is_none() {
        return Ok(());
    }
    let born = Identity::of(&record::read_body(&whose.body)?, "").birth_date;
    match outside_life(onset, &born, &today.to_string()) {
        None => Ok(()),
        Some(why) => Err(Error::Fields(vec![FieldError { field: "onset", problem: format!("Since: {why}") }])),
    }
}

/// Denials that an allergy of these categories contradicts, ended.
fn ended(known: &[Row], categories: &[&str]) -> Vec<Edit> {
    let denied = |row: &&Row| denial(row).is_some_and(|about| about.is_empty() || categories.contains(&about));
    let end = |row: &Row| {
        let mut body = row.root().value().clone();
        allergy::end(&mut body);
        Edit::Update { key: row.key.clone(), based_on: row.version, body }
    };
    known.iter().filter(denied).map(end).collect()
}

/// Says an allergy anew: its substance corrected, what is known of it, that it has ended or is refuted. What was said stays as an
/// earlier version. A "none known" that it contradicts now ends with it.
///
/// # Errors
/// As [`record`], the version being that of the entry; [`Error::Conflict`] when it was entered in error, or says that none are known.
pub async fn change(store: &dyn Store, caller: &Caller, changing: Recording<'_>, form: &AllergyForm) -> Result<()> {
    let patient = &changing.patient;
    let permit = caller.write_chart(Action::WriteObservations, patient)?;
    let key = Key::new(Kind::ALLERGY_INTOLERANCE, changing.id.clone());
    let stored = shown::entry(store, caller, patient, &key, changing.shown).await?;
    let row = Row::read(&stored).ok_or(Error::Gone)?;
    if is_error(row.root()) {
        return Err(Error::Conflict("this was entered in error: take that mark back first".to_owned()));
    }
    if !is_changeable(&row) {
        let why = "this says that none are known: add an allergy, and it ends; or mark it as entered in error";
        return Err(Error::Conflict(why.to_owned()));
    }
    let before = row.root().value();
    let identity = caller.read_chart(Action::ReadIdentity, patient)?;
    let whose = store.read(&identity, &patient.key()).await?.ok_or(Error::NotFound)?;
    let (mut new, status) = check_change(form, row.root().each("category").is_empty()).map_err(Error::Fields)?;
    if new.onset != allergy::onset(before) {
        dated(&new.onset, whose.for_decision(), changing.today)?;
    }
    // Words that came with commas of their own come back as they are.
    if form.reactions.trim() == AllergyForm::of(&row).reactions.trim() {
        new.reactions = allergy::reactions(before).0;
    }
    let mut body = before.clone();
    allergy::put(&mut body, &new, status);
    let by = caller.signer(changing.by);
    let at = caller.at.to_string();
    add_remark(&mut body, &Remark { by, at: &at, text: &new.note });
    let told = |problem: &str| Error::Fields(vec![FieldError { field: "substance", problem: problem.to_owned() }]);
    if body == *before {
        return Err(told("Nothing was changed"));
    }
    let after = Body::from(body);
    let mut edits = Vec::new();
    if is_in_force(after.root()) {
        let mut known = in_force(store, permit.reading(), patient).await?;
        known.retain(|row| row.key != key);
        let words = after.root().words("code").unwrap_or_default();
        if known.iter().any(|row| row.root().words("code").is_some_and(|other| other.eq_ignore_ascii_case(&words))) {
            return Err(told("Substance: it is listed already; open that entry"));
        }
        let categories: Vec<_> = after.root().each("category").into_iter().filter_map(Element::as_text).collect();
        edits = ended(&known, &categories);
    }
    edits.insert(0, Edit::Update { key, based_on: stored.version, body: after.into_value() });
    record::save(store, &permit, edits, None, caller.entry("allergy.change")).await?;
    Ok(())
}

/// Whether an entry names a substance, so that a form can change it.
#[must_use]
pub fn is_changeable(row: &Row) -> bool {
    let words = row.root().words("code").unwrap_or_default().to_lowercase();
    denial(row).is_none() && !row.root().has_code("code", "no-allergy-info") && !words.starts_with("no known ")
}

/// Records that the patient was asked and knows of none.
///
/// # Errors
/// As [`record`]; [`Error::Conflict`] when some are listed, or it is recorded already.
pub async fn none_known(store: &dyn Store, caller: &Caller, recording: Recording<'_>) -> Result<()> {
    let patient = &recording.patient;
    let permit = caller.write_chart(Action::WriteObservations, patient)?;
    shown::patient(store, caller, patient, recording.shown).await?;
    let visit = shown::in_visit(store, caller, patient, recording.visit).await?;
    let known = in_force(store, permit.reading(), patient).await?;
    if known.iter().any(|row| denial(row).is_none()) {
        return Err(Error::Conflict("allergies are listed: mark what is wrong as entered in error first".to_owned()));
    }
    let key = Key::new(Kind::ALLERGY_INTOLERANCE, recording.id.clone());
    // The same form come again finds what it recorded itself.
    if known.iter().any(|row| denial(row) == Some("") && row.key != key) {
        return Err(Error::Conflict("it is recorded already that none are known".to_owned()));
    }
    let at = caller.at.to_string();
    let body = recorded(caller, &recording, visit.as_ref(), &at).none_known(&recording.id);
    let guard = once("allergy.none", recording.once, [patient.as_str(), recording.visit]);
    let edits = vec![Edit::Create { key, body }];
    record::save(store, &permit, edits, guard, caller.entry("allergy.none")).await?;
    Ok(())
}

fn recorded<'a>(caller: &Caller, of: &'a Recording<'_>, visit: Option<&'a Key>, at: &'a str) -> Recorded<'a> {
    let by = Some(own(caller)).filter(|own| !own.is_empty());
    Recorded { patient: &of.patient, visit, at, by: (by, of.by) }
}

/// What is in force of a chart's allergies and denials.
async fn in_force(store: &dyn Store, permit: &Permit, patient: &PatientId) -> Result<Vec<Row>> {
    let read = store.chart(permit, patient, &[Slice::all(Kind::ALLERGY_INTOLERANCE)]).await?;
    let mut rows: Vec<Row> = read.for_decision().iter().flat_map(|slice| Row::read_all(&slice.rows)).collect();
    rows.retain(|row| is_in_force(row.root()));
    Ok(rows)
}

fn is_in_force(root: Element<'_>) -> bool {
    let over = ["inactive", "resolved"].iter().any(|code| root.has_code("clinicalStatus", code));
    let nothing = root.has_code("code", "no-allergy-info");
    !is_error(root) && !over && !nothing && !root.has_code("verificationStatus", "refuted")
}
