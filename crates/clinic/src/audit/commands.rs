//! Searching and exporting the trail; each search is itself an entry.

use super::form::{AuditForm, MOST_EXPORTED, PER_PAGE};
use crate::patient::Identity;
use crate::patient::birth_date::Calendar;
use crate::patient::commands::{Hit, by_ids, find};
use crate::{Action, Caller, Error, FieldError, Result};
use fhir::PatientId;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use store::accounts::PracticeSettings;
use store::audit::{AuditQuery, Entry, Recorded};
use store::{Permit, Sealed, Store};

/// Patients offered when the words fit several.
const CHOICES: usize = 20;
/// Patients looked up at a time.
const NAMES_AT_ONCE: usize = 500;

/// Whose entries are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's: needs [`Action::Audit`].
    Everybody,
    /// The caller's own: needs [`Action::OwnAccesses`].
    Own,
}

/// An entry with the patients it names, as far as they are still on record.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The entry.
    pub recorded: Recorded,
    /// Its patients: id, and who they are now.
    pub patients: Vec<(PatientId, Option<Identity>)>,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AuditPage {
    /// Newest first.
    pub rows: Vec<Row>,
    /// The patient the entries are about, where one was asked for.
    pub about: Option<Identity>,
    /// Patients the words fit, when not exactly one: then nothing else was searched.
    pub choices: Option<Vec<Hit>>,
    /// Whether there are older entries.
    pub more: bool,
}

/// One page of the trail.
///
/// # Errors
/// Not permitted, fields to mend, what the store says.
pub async fn search(
    store: &dyn Store,
    caller: &Caller,
    whose: Whose,
    form: &AuditForm,
    practice: &PracticeSettings,
) -> Result<AuditPage> {
    let found = gather(store, caller, whose, form, practice, PER_PAGE).await?;
    let entry = Entry { detail: detail(whose, form), ..caller.entry("audit.search") };
    Ok(store.release(found, entry).await?)
}

/// Everything the search fits, newest first, up to [`MOST_EXPORTED`] entries.
///
/// # Errors
/// As [`search`].
pub async fn export(
    store: &dyn Store,
    caller: &Caller,
    whose: Whose,
    form: &AuditForm,
    practice: &PracticeSettings,
) -> Result<AuditPage> {
    let whole = AuditForm { before: String::new(), ..form.clone() };
    let found = gather(store, caller, whose, &whole, practice, MOST_EXPORTED).await?;
    if found.for_decision().choices.is_some() {
        // An empty table would say that nobody looked.
        let problem = "Patient: not exactly one matches; choose which one before saving the table".to_owned();
        return Err(Error::Fields(vec![FieldError { field: "patient", problem }]));
    }
    let entry = Entry { detail: detail(whose, form), ..caller.entry("audit.export") };
    Ok(store.release(found, entry).await?)
}

fn detail(whose: Whose, form: &AuditForm) -> String {
    let own = if whose == Whose::Own { "own; " } else { "" };
    format!("{own}{}", form.summary())
}

async fn gather(
    store: &dyn Store,
    caller: &Caller,
    whose: Whose,
    form: &AuditForm,
    practice: &PracticeSettings,
    count: u32,
) -> Result<Sealed<AuditPage>> {
    let action = if whose == Whose::Everybody { Action::Audit } else { Action::OwnAccesses };
    let permit = caller.read_practice(action)?;
    let zone = TimeZone::get(&practice.time_zone).unwrap_or(TimeZone::UTC);
    let mut query = form.query(&zone, count + 1)?;
    if whose == Whose::Own {
        query.actor = Some(caller.actor.id);
    }
    let system = practice.record_number_system.as_str();
    let mut chosen = Sealed::empty(None);
    if query.patient.is_none() && !form.patient.trim().is_empty() {
        let calendar = Calendar { today: caller.at.to_zoned(zone).date(), order: practice.date_order };
        let found = find(store, &permit, system, &form.patient, calendar, CHOICES).await?;
        match found.for_decision().hits.as_slice() {
            [only] => query.patient = only.identity.id.clone(),
            _ => return Ok(found.map(|found| AuditPage { choices: Some(found.hits), ..AuditPage::default() })),
        }
    }
    if let Some(patient) = &query.patient {
        let hits = by_ids(store, &permit, system, std::slice::from_ref(patient)).await?;
        chosen = hits.map(|hits| hits.into_iter().next().map(|hit| hit.identity));
    }
    let found = named(store, &permit, system, &query, count).await?;
    Ok(found.zip(chosen).map(|(page, about)| AuditPage { about, ..page }))
}

/// The entries, with who their patients are.
async fn named(
    store: &dyn Store,
    permit: &Permit,
    system: &str,
    query: &AuditQuery,
    count: u32,
) -> Result<Sealed<AuditPage>> {
    let entries = store.entries(permit, query).await?;
    let entries = match &query.patient {
        // A report about one patient tells of no other.
        Some(patient) => entries.only_about(patient),
        None => entries,
    };
    let ids: Vec<PatientId> = entries.patients().iter().cloned().collect();
    let mut who: Sealed<BTreeMap<PatientId, Identity>> = Sealed::empty(BTreeMap::new());
    for some in ids.chunks(NAMES_AT_ONCE) {
        let hits = by_ids(store, permit, system, some).await?;
        who = who.zip(hits).map(|(mut who, hits)| {
            who.extend(hits.into_iter().filter_map(|hit| Some((hit.identity.id.clone()?, hit.identity))));
            who
        });
    }
    Ok(entries.zip(who).map(|(mut entries, who)| {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let more = entries.len() > count;
        entries.truncate(count);
        let rows = entries.into_iter().map(|recorded| row(recorded, &who)).collect();
        AuditPage { rows, more, ..AuditPage::default() }
    }))
}

fn row(recorded: Recorded, who: &BTreeMap<PatientId, Identity>) -> Row {
    let patients = recorded.entry.patients.iter().map(|id| (id.clone(), who.get(id).cloned())).collect();
    Row { recorded, patients }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_of_a_search_tells_what_was_asked_but_not_whom_about() {
        let form = AuditForm { patient: "Larsen".to_owned(), action: "chart.read".to_owned(), ..AuditForm::default() };
        assert_eq!(detail(Whose::Own, &form), "own; action chart.read");
    }
}
