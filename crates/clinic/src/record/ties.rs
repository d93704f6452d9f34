//! An entry is of the chart of its visit and of its parts: a reference that ties it to another patient's is refused.

use super::{read_body, references};
use crate::access::{Action, Caller};
use crate::error::{Error, Result};
use fhir::{Key, Kind, PatientId};
use serde_json::Value;
use store::Store;
use store::audit::Entry;
use store::record::Stored;

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
    if ties.is_empty() {
        return Ok(());
    }
    // Looked up whatever the caller may read: only to decide.
    let permit = Caller::program("references", audit.at, audit.request).read_practice(Action::ReadClinical)?;
    let keys: Vec<Key> = ties.iter().map(|tie| tie.to.clone()).collect();
    let found = store.read_many(&permit, &keys).await?;
    for tie in ties {
        let Some((_, Some(patient))) = charts.get(tie.edit) else { continue };
        let whose = match charts.iter().find(|(key, _)| *key == tie.to) {
            Some((_, whose)) => whose.as_ref(),
            None => found.for_decision().iter().find(|stored| stored.key == tie.to).and_then(|s| s.patient.as_ref()),
        };
        if whose.is_some_and(|whose| whose != patient) {
            return Err(Error::Conflict(format!(
                "{} names {}, which is another patient's",
                tie.element.trim_end_matches(".reference"),
                tie.to
            )));
        }
    }
    Ok(())
}
