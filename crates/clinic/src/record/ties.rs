//! An entry is of the chart of its visit and of its parts: a reference that ties it to another patient's is refused.

use super::{read_body, references};
use crate::access::{Action, Caller};
use crate::error::{Error, Result};
use fhir::{Key, Kind, PatientId};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use store::audit::Entry;
use store::record::Stored;
use store::{Permit, Store};

/// An element of an entry of `patient` that names another entry.
pub(super) struct Tie {
    /// The entry that has the element, among the edits.
    pub(super) edit: usize,
    element: String,
    to: Key,
}

/// The ties an edit makes. Those that stood in the version before are no news: a chart with an old fault can still be corrected.
pub(super) fn made(edit: usize, body: &Value, before: Option<&Stored>) -> Vec<Tie> {
    let old = before.filter(|stored| !stored.deleted).and_then(|stored| read_body(&stored.body).ok());
    let moved = old.as_ref().is_some_and(|old| ["subject", "patient"].iter().any(|who| old.get(who) != body.get(who)));
    let known: Vec<Key> =
        old.filter(|_| !moved).map(|old| named(&old)).unwrap_or_default().into_iter().map(|n| n.1).collect();
    let new = named(body).into_iter().filter(|(_, to)| !known.contains(to));
    new.map(|(element, to)| Tie { edit, element, to }).collect()
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
    named.iter().map(move |(element, to)| Tie { edit, element: element.clone(), to: to.clone() })
}

/// Refuses a tie to another patient's entry. `charts`: each edit's entry, and its patient after the commit.
///
/// # Errors
/// [`Error::Conflict`] naming the element.
pub(super) async fn check(
    store: &dyn Store,
    audit: &Entry,
    ties: Vec<Tie>,
    charts: &[(Key, Option<PatientId>)],
) -> Result<()> {
    // Looked up whatever the caller may read: only to decide.
    let permit = Caller::program("references", audit.at, audit.request).read_practice(Action::ReadClinical)?;
    match foreign(store, &permit, ties, charts).await?.into_iter().next() {
        Some((_, text)) => Err(Error::Conflict(text)),
        None => Ok(()),
    }
}

/// The ties to another patient's entries: the place of whose they are, and what is wrong in words.
pub(super) async fn foreign(
    store: &dyn Store,
    permit: &Permit,
    ties: Vec<Tie>,
    charts: &[(Key, Option<PatientId>)],
) -> Result<Vec<(usize, String)>> {
    if ties.is_empty() {
        return Ok(Vec::new());
    }
    let here: HashMap<&Key, Option<&PatientId>> = charts.iter().map(|(key, whose)| (key, whose.as_ref())).collect();
    let elsewhere: BTreeSet<&Key> = ties.iter().map(|tie| &tie.to).filter(|to| !here.contains_key(to)).collect();
    let elsewhere: Vec<Key> = elsewhere.into_iter().cloned().collect();
    let found = store.read_many(permit, &elsewhere).await?;
    let stored: HashMap<&Key, Option<&PatientId>> =
        found.for_decision().iter().map(|stored| (&stored.key, stored.patient.as_ref())).collect();
    let mut foreign = Vec::new();
    for tie in &ties {
        let Some((_, Some(patient))) = charts.get(tie.edit) else { continue };
        let whose = here.get(&tie.to).or_else(|| stored.get(&tie.to)).copied().flatten();
        if whose.is_some_and(|whose| whose != patient) {
            let element = tie.element.trim_end_matches(".reference");
            foreign.push((tie.edit, format!("{element} names {}, which is another patient's", tie.to)));
        }
    }
    Ok(foreign)
}
