//! The trail as the API shows it: AuditEvents, newest first, in pages that stay what they are while the trail grows.

use super::event::{about, count as events_of, place};
use crate::{Error, Result};
use bytes::Bytes;
use fhir::search::Query;
use fhir::search::parameters::named;
use fhir::search::query::{Compare, DateTest, Filter, SortKey, Summary, Test};
use fhir::{Id, Issue, IssueType, Key, Kind, PatientId, json};
use jiff::Timestamp;
use store::audit::{AuditQuery, Recorded};
use store::record::{SearchPage, Stored};
use store::{Permit, Sealed, Store};

/// One page of a search: by patient and date. The permit must reach AuditEvent.
///
/// # Errors
/// Invalid for anything else that is asked; a damaged page link; what the store says.
pub async fn events(
    store: &dyn Store,
    permit: &Permit,
    query: &Query,
    cursor: Option<&str>,
) -> Result<Sealed<SearchPage>> {
    let mut asked = asked(query)?;
    let start = cursor.map(|link| Id::parse(link).ok().and_then(|id| place(&id)).ok_or(store::Error::BadCursor));
    // The entry that the last page ended in comes again: the rest of its patients are on this one.
    let start = start.transpose()?;
    asked.before = start.map(|(sequence, _)| sequence.saturating_add(1));
    asked.count = query.count.saturating_add(2);
    let found = store.entries(permit, &asked).await?;
    let count = usize::try_from(query.count).unwrap_or(usize::MAX);
    let mut more = false;
    let rows = found.rows(|entries| {
        let places = entries.iter().flat_map(|recorded| places(recorded, asked.patient.as_ref()));
        let mut left = places.skip_while(|(recorded, place)| {
            start.is_some_and(|(sequence, last)| recorded.sequence == sequence && *place <= last)
        });
        let rows = left.by_ref().take(count).map(|(recorded, place)| stored(recorded, place)).collect();
        more = left.next().is_some();
        rows
    });
    Ok(rows.map(|matches| {
        let next = matches.last().filter(|_| more).map(|last| last.key.id.to_string());
        SearchPage { matches, included: Vec::new(), total: None, next }
    }))
}

/// One event.
///
/// # Errors
/// What the store says.
pub async fn event(store: &dyn Store, permit: &Permit, id: &Id) -> Result<Option<Sealed<Stored>>> {
    let Some((sequence, place)) = place(id) else { return Ok(None) };
    let query = AuditQuery { before: Some(sequence.saturating_add(1)), count: 1, ..AuditQuery::default() };
    let found = store.entries(permit, &query).await?;
    let event = found.rows(|entries| {
        let recorded = entries.first().filter(|recorded| recorded.sequence == sequence);
        let event =
            recorded.filter(|recorded| place < events_of(&recorded.entry)).map(|recorded| stored(recorded, place));
        event.filter(|event| event.key.id == *id).into_iter().collect()
    });
    Ok(event.try_map(|rows| rows.into_iter().next().ok_or(())).ok())
}

/// The events of an entry that are asked for, by the patient's place in it.
fn places<'a>(recorded: &'a Recorded, of: Option<&PatientId>) -> Vec<(&'a Recorded, usize)> {
    let wanted = |place: &usize| of.is_none() || recorded.entry.patients.get(*place) == of;
    (0..events_of(&recorded.entry)).filter(wanted).map(|place| (recorded, place)).collect()
}

fn stored(recorded: &Recorded, place: usize) -> Stored {
    let body = about(recorded, place);
    let id = body.get("id").and_then(serde_json::Value::as_str).and_then(|id| Id::parse(id).ok());
    Stored {
        key: Key::new(Kind::AUDIT_EVENT, id.unwrap_or_else(|| Id::from_uuid(recorded.entry.request))),
        version: 1,
        sequence: recorded.sequence,
        patient: recorded.entry.patients.get(place).cloned(),
        recorded_at: recorded.entry.at,
        deleted: false,
        body: Bytes::from(json::write(&body)),
    }
}

/// What a search asks of the trail. Whatever the trail cannot answer is refused: an answer that left it out would mislead.
fn asked(query: &Query) -> Result<AuditQuery> {
    let refuse = || {
        let text = "A search of AuditEvent takes one patient and dates with eq, ge, gt, le or lt, _count and _sort=-date; newest are first.";
        Error::Malformed(vec![Issue::error(IssueType::NotSupported, text)])
    };
    let newest_first =
        query.sort.is_empty() || matches!(query.sort.as_slice(), [sort] if sort.descending && is_date(sort.by));
    if !newest_first || query.total || query.count == 0 || query.summary == Summary::Count || !query.includes.is_empty()
    {
        return Err(refuse());
    }
    let mut asked = AuditQuery::default();
    for filter in &query.filters {
        let patient = match filter {
            Filter::Compartment(patient) => patient.clone(),
            Filter::Match { not: false, any, .. } => match any.as_slice() {
                [Test::Reference(keys)] => match keys.as_slice() {
                    [key] if key.kind == Kind::PATIENT => PatientId::new(key.id.clone()),
                    _ => return Err(refuse()),
                },
                [Test::Date(date)] => {
                    bound(&mut asked, *date).ok_or_else(refuse)?;
                    continue;
                }
                _ => return Err(refuse()),
            },
            _ => return Err(refuse()),
        };
        if asked.patient.as_ref().is_some_and(|other| *other != patient) {
            return Err(refuse());
        }
        asked.patient = Some(patient);
    }
    Ok(asked)
}

fn is_date(by: SortKey) -> bool {
    matches!((by, named(Kind::AUDIT_EVENT, "date")), (SortKey::Param(param), Some(date)) if param == date.param)
}

/// Narrows to a date; `None` for a comparison that is no single stretch of time.
fn bound(asked: &mut AuditQuery, date: DateTest) -> Option<()> {
    let (from, until) = (date.period.from, date.period.until);
    let (since, end) = match date.compare {
        Compare::Equal => (Some(from), Some(until)),
        Compare::AtLeast => (Some(from), None),
        Compare::Greater | Compare::StartsAfter => (Some(until), None),
        Compare::Less | Compare::EndsBefore => (None, Some(from)),
        Compare::AtMost => (None, Some(until)),
        Compare::NotEqual | Compare::About => return None,
    };
    let time = |at: i64| Timestamp::from_microsecond(at).ok();
    if let Some(since) = since {
        asked.since = asked.since.max(Some(time(since)?));
    }
    if let Some(end) = end {
        let end = time(end)?;
        asked.until = Some(asked.until.map_or(end, |other| other.min(end)));
    }
    Some(())
}
