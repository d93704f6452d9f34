//! By whom each version in a chart was written: the audit trail says so, as every write carries its entry.

use super::commands::Ask;
use super::row::Row;
use crate::access::{Action, Caller};
use crate::error::Result;
use fhir::{Key, PatientId};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, HashMap};
use store::audit::{AuditQuery, Outcome, Recorded};
use store::record::Stored;
use store::{Sealed, Store};

/// How many entries of the trail are looked through at once: all of most charts, and of a busy one those of one moment.
const MOST: u32 = 500;

/// Who wrote which version.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Authors(HashMap<(Key, u32), String>);

impl Authors {
    /// The name, where the trail tells it.
    #[must_use]
    pub fn of(&self, key: &Key, version: u32) -> Option<&str> {
        self.0.get(&(key.clone(), version)).map(String::as_str)
    }
}

/// The authors of these versions of one chart. Who may read a version is told who wrote it; nothing else of the trail is.
pub(crate) async fn authors(
    store: &dyn Store,
    caller: &Caller,
    patient: &PatientId,
    versions: impl Iterator<Item = &Stored>,
) -> Result<Sealed<Authors>> {
    let wanted = versions.map(|stored| ((stored.key.clone(), stored.version), stored.recorded_at)).collect();
    written(store, caller, patient, wanted).await
}

impl Ask<'_> {
    /// Who filed these entries here first, for those that name no author.
    ///
    /// # Errors
    /// What the store says.
    pub async fn filers(&self, rows: &[Row]) -> Result<Sealed<Authors>> {
        if !self.caller.may(Action::OwnAccesses) {
            return Ok(Sealed::empty(Authors::default()));
        }
        let permit = self.permit()?;
        let mut wanted = HashMap::new();
        for row in rows.iter().filter(|row| row.root().each("author").is_empty()) {
            let first = self.store.read_version(&permit, &row.key, 1).await;
            // What was first filed in another chart was not filed here.
            if let Ok(Some(first)) = first {
                wanted.insert((row.key.clone(), 1), first.for_decision().recorded_at);
            }
        }
        written(self.store, self.caller, &self.patient, wanted).await
    }
}

/// The authors of versions, given when each was recorded.
pub(crate) async fn written(
    store: &dyn Store,
    caller: &Caller,
    patient: &PatientId,
    wanted: HashMap<(Key, u32), Timestamp>,
) -> Result<Sealed<Authors>> {
    let (Some(first), Some(last)) = (wanted.values().min(), wanted.values().max()) else {
        return Ok(Sealed::empty(Authors::default()));
    };
    let permit = caller.read_chart(Action::OwnAccesses, patient)?;
    let asked = |since: Timestamp, until: Timestamp, count| AuditQuery {
        patient: Some(patient.clone()),
        outcome: Some(Outcome::Done),
        since: Some(since),
        until: Some(until + SignedDuration::from_micros(1)),
        count,
        ..AuditQuery::default()
    };
    let mut found = HashMap::new();
    let mut take = |entries: &[Recorded]| {
        for Recorded { entry, .. } in entries {
            // A reading names what it read too: the version was written when it was recorded.
            for what in entry.what.iter().filter(|what| wanted.get(*what) == Some(&entry.at)) {
                found.insert(what.clone(), entry.actor.clone());
            }
        }
        found.len()
    };
    let entries = store.entries(&permit, &asked(*first, *last, MOST)).await?;
    if take(entries.for_decision()) < wanted.len() && entries.for_decision().len() >= MOST as usize {
        // A chart that is read much: each moment at which a version was recorded is looked at alone.
        let moments: BTreeSet<Timestamp> = wanted.values().copied().collect();
        for moment in moments {
            let mut before = None;
            loop {
                let page = store.entries(&permit, &AuditQuery { before, ..asked(moment, moment, MOST) }).await?;
                let page = page.for_decision();
                before = page.last().map(|recorded| recorded.sequence);
                if take(page) == wanted.len() || page.len() < MOST as usize {
                    break;
                }
            }
        }
    }
    let users = if found.is_empty() { Vec::new() } else { store.users().await? };
    let named = found.into_iter().map(|(what, actor)| {
        let user = users.iter().find(|user| user.id == actor.id);
        (what, user.map_or(actor.name, |user| user.display_name.clone()))
    });
    let authors = Authors(named.collect());
    Ok(entries.only_about(patient).map(|_| authors))
}
