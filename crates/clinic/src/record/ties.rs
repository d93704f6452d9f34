//! An entry is of the chart of its visit and of its parts: a reference that ties it to another patient's is refused, whichever of the two
//! comes second.

use super::{read_body, references};
use crate::access::{Action, Caller};
use crate::error::{Error, Result};
use fhir::search::{Handling, Query, parameters};
use fhir::{Id, Key, Kind, PatientId};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};
use store::audit::Entry;
use store::record::Stored;
use store::{Permit, Store};

/// An element of an entry of `patient` that names another entry.
#[derive(Clone)]
pub(super) struct Tie {
    /// The entry that has the element, among the edits.
    pub(super) edit: usize,
    element: String,
    to: Key,
    /// Whether it stood in the version before: a chart with an old fault can still be corrected.
    old: bool,
}

impl Tie {
    /// The same of an entry at another place.
    pub(super) fn of(self, edit: usize) -> Self {
        Self { edit, ..self }
    }
}

/// An entry that comes to a chart, new or from another one.
pub struct Arrival {
    /// The entry, among the edits.
    edit: usize,
    key: Key,
    patient: PatientId,
    /// Whether it was stored before, and in whose chart it stood.
    stored: bool,
    from: Option<PatientId>,
}

/// Whether an edit brings a chart an entry that others name as their visit or part.
pub(super) fn arrival(edit: usize, key: &Key, before: Option<&Stored>, after: Option<&PatientId>) -> Option<Arrival> {
    let from = before.filter(|stored| !stored.deleted).and_then(|stored| stored.patient.clone());
    let comes = matches!(key.kind, Kind::ENCOUNTER | Kind::OBSERVATION) && from.as_ref() != after;
    let patient = after.filter(|_| comes)?.clone();
    Some(Arrival { edit, key: key.clone(), patient, stored: before.is_some(), from })
}

/// The ties of an edit.
pub(super) fn made(edit: usize, body: &Value, before: Option<&Stored>) -> Vec<Tie> {
    let old = before.filter(|stored| !stored.deleted).and_then(|stored| read_body(&stored.body).ok());
    let moved = old.as_ref().is_some_and(|old| ["subject", "patient"].iter().any(|who| old.get(who) != body.get(who)));
    let known: Vec<Key> =
        old.filter(|_| !moved).map(|old| named(&old)).unwrap_or_default().into_iter().map(|n| n.1).collect();
    named(body).into_iter().map(|(element, to)| Tie { edit, element, old: known.contains(&to), to }).collect()
}

fn named(body: &Value) -> Vec<(String, Key)> {
    let mut found = Vec::new();
    references::each(body, &mut |reference, path| {
        let Some(to) = Key::parse(reference) else { return };
        let elements: &[&str] = match to.kind {
            Kind::ENCOUNTER => &["encounter", "context"],
            Kind::OBSERVATION => &["result", "hasMember", "derivedFrom"],
            _ => return,
        };
        let path = path();
        let element = path.split(['.', '[']).nth(1).unwrap_or_default();
        if elements.contains(&element) {
            found.push((path, to));
        }
    });
    found
}

/// The ties of a body that comes from elsewhere.
pub(super) fn of(body: &Value) -> Vec<(String, Key)> {
    named(body)
}

/// Those of a resource among others that are stored together: `edit` is its place.
pub(super) fn at(edit: usize, named: &[(String, Key)]) -> impl Iterator<Item = Tie> {
    named.iter().map(move |(element, to)| Tie { edit, element: element.clone(), to: to.clone(), old: false })
}

/// Refuses a tie between two patients' entries. `charts`: each edit's entry, and its patient after the commit.
///
/// # Errors
/// [`Error::Conflict`] naming the element.
pub(super) async fn check(
    store: &dyn Store,
    audit: &Entry,
    mut ties: Vec<Tie>,
    arrivals: Vec<Arrival>,
    charts: &[(Key, Option<PatientId>)],
) -> Result<()> {
    // Looked up whatever the caller may read: only to decide.
    let permit = Caller::program("references", audit.at, audit.request).read_practice(Action::ReadClinical)?;
    ties.retain(|tie| !tie.old || arrivals.iter().any(|arrival| arrival.key == tie.to));
    let mut found = foreign(store, &permit, ties, charts).await?;
    if found.is_empty() {
        let arrivals = named_before(store, &permit, arrivals).await?;
        found = left_behind(store, &permit, &arrivals, charts, audit.at, None).await?;
    }
    found.into_iter().next().map_or(Ok(()), |(_, text)| Err(Error::Conflict(text)))
}

/// What stands in another chart and names an arrival as its visit or part, the commit's own entries aside: the arrival's place, and what is wrong in words. What was recorded
/// at `passed_over` is left out: an import looks at its own at its end.
pub(super) async fn left_behind(
    store: &dyn Store,
    permit: &Permit,
    arrivals: &[Arrival],
    charts: &[(Key, Option<PatientId>)],
    at: Timestamp,
    passed_over: Option<Timestamp>,
) -> Result<Vec<(usize, String)>> {
    let mut found = Vec::new();
    for arrival in arrivals {
        let mut naming = naming(store, permit, &arrival.key, at).await?;
        if let Some(from) = &arrival.from {
            // Some elements are no search parameter (Immunization.encounter): what stood beside it is looked at itself.
            naming.extend(store.chart_as_of(permit, from, at).await?.for_decision().iter().cloned());
        }
        let elsewhere = |stored: &&Stored| {
            stored.patient.as_ref().is_some_and(|patient| *patient != arrival.patient)
                && passed_over != Some(stored.recorded_at)
                && !charts.iter().any(|(key, _)| *key == stored.key)
        };
        for stored in naming.iter().filter(elsewhere) {
            let Ok(body) = read_body(&stored.body) else { continue };
            if let Some((element, _)) = named(&body).into_iter().find(|(_, to)| *to == arrival.key) {
                let element = element.trim_end_matches(".reference");
                let text = format!("{} is another patient's and names {} ({element})", stored.key, arrival.key);
                found.push((arrival.edit, text));
                break;
            }
        }
    }
    Ok(found)
}

/// The arrivals that anything may name: what is stored, and what was referred to before it came.
pub(super) async fn named_before(
    store: &dyn Store,
    permit: &Permit,
    mut arrivals: Vec<Arrival>,
) -> Result<Vec<Arrival>> {
    for kind in [Kind::ENCOUNTER, Kind::OBSERVATION] {
        let new = |arrival: &Arrival| !arrival.stored && arrival.key.kind == kind;
        let ids: Vec<Id> = arrivals.iter().filter(|a| new(a)).map(|arrival| arrival.key.id.clone()).collect();
        if ids.is_empty() {
            continue;
        }
        let known: HashSet<Id> = store.known(permit, kind, &ids).await?.into_iter().map(|(id, _)| id).collect();
        arrivals.retain(|arrival| !new(arrival) || known.contains(&arrival.key.id));
    }
    Ok(arrivals)
}

/// What names an entry as its visit or part, as far as it can be searched for.
async fn naming(store: &dyn Store, permit: &Permit, key: &Key, at: Timestamp) -> Result<Vec<Stored>> {
    const CODES: [&str; 5] = ["encounter", "context", "result", "has-member", "derived-from"];
    let mut found = Vec::new();
    let of_all = Kind::all().flat_map(parameters::of_kind);
    for definition in of_all.filter(|of| CODES.contains(&of.code) && of.targets.contains(&key.kind)) {
        let pairs = [(definition.code.to_owned(), key.to_string())];
        let (mut query, _) = Query::parse(definition.kind, &pairs, Handling::Strict, at).map_err(Error::Malformed)?;
        query.count = 200;
        let mut cursor = None;
        loop {
            let page = store.search(permit, &query, cursor.as_deref()).await?;
            let page = page.for_decision();
            found.extend(page.matches.iter().cloned());
            cursor.clone_from(&page.next);
            if cursor.is_none() {
                break;
            }
        }
    }
    Ok(found)
}

/// The ties to another patient's entries: the place of whose they are, and what is wrong in words.
pub(super) async fn foreign(
    store: &dyn Store,
    permit: &Permit,
    ties: Vec<Tie>,
    charts: &[(Key, Option<PatientId>)],
) -> Result<Vec<(usize, String)>> {
    Ok(looked_up(store, permit, ties, charts).await?.0)
}

/// [`foreign`], with the ties that lead to nothing that is stored yet.
pub(super) async fn looked_up(
    store: &dyn Store,
    permit: &Permit,
    ties: Vec<Tie>,
    charts: &[(Key, Option<PatientId>)],
) -> Result<(Vec<(usize, String)>, Vec<Tie>)> {
    if ties.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let here: HashMap<&Key, Option<&PatientId>> = charts.iter().map(|(key, whose)| (key, whose.as_ref())).collect();
    let elsewhere: BTreeSet<&Key> = ties.iter().map(|tie| &tie.to).filter(|to| !here.contains_key(to)).collect();
    let elsewhere: Vec<Key> = elsewhere.into_iter().cloned().collect();
    let found = store.read_many(permit, &elsewhere).await?;
    let stored: HashMap<&Key, Option<&PatientId>> =
        found.for_decision().iter().map(|stored| (&stored.key, stored.patient.as_ref())).collect();
    let (mut foreign, mut open) = (Vec::new(), Vec::new());
    for tie in &ties {
        let Some((_, Some(patient))) = charts.get(tie.edit) else { continue };
        match here.get(&tie.to).or_else(|| stored.get(&tie.to)) {
            Some(Some(whose)) if *whose != patient => {
                let element = tie.element.trim_end_matches(".reference");
                foreign.push((tie.edit, format!("{element} names {}, which is another patient's", tie.to)));
            }
            Some(_) => {}
            None => open.push(tie.clone()),
        }
    }
    Ok((foreign, open))
}
