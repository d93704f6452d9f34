//! Entries that were moved out of a chart, told in the chart they left as entries in error are: what, who, when, why. Whichever way they
//! were moved: the store knows which version left, whether a person moved it here or a program over the API.

use super::author::authors;
use super::commands::Ask;
use super::row::Row;
use super::title::{sort, title};
use super::when::{Clock, When};
use crate::access::Action;
use crate::error::Result;
use fhir::edit::correction::MOVED;
use fhir::{Element, Key};
use jiff::Timestamp;
use std::collections::BTreeSet;
use store::Sealed;
use store::record::{HistoryOf, HistoryQuery, Stored};

/// An entry that was here and is in another chart now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The entry.
    pub key: Key,
    /// The version with which it left.
    pub version: u32,
    /// The place of that version among all.
    pub sequence: u64,
    /// What sort of entry, in words.
    pub sort: String,
    /// Its words, as they stood here.
    pub title: String,
    /// The reason given; none from a program.
    pub why: Option<String>,
    /// Who moved it.
    pub by: Option<String>,
    /// When.
    pub when: When,
}

/// What is known of a leaving before the entry's own words are read.
struct Leaving {
    key: Key,
    version: u32,
    sequence: u64,
    why: Option<String>,
    by: Option<String>,
    at: Timestamp,
}

/// How many entries of one chart are told of, the last moved first.
const MOST: u32 = 50;

impl Ask<'_> {
    /// What left this chart and did not come back, the last first. The charts they went to are neither read nor named.
    pub(super) async fn left(&self) -> Result<Sealed<Vec<Left>>> {
        let mut all = Sealed::empty(Vec::new());
        let Ok(practice) = self.caller.read_practice(Action::ReadClinical) else { return Ok(all) };
        let chart = self.caller.read_chart(Action::ReadClinical, &self.patient)?;
        let query = |of, count| HistoryQuery { of, since: None, until: self.moment(), count, before: None };
        let leavings = self.store.history(&practice, &query(HistoryOf::Left(self.patient.clone()), MOST)).await?;
        let mut known = BTreeSet::new();
        let mut gone: Vec<&Stored> = leavings.for_decision().iter().filter(|stored| !stored.deleted).collect();
        gone.retain(|stored| known.insert(stored.key.clone()));
        if gone.is_empty() {
            return Ok(all);
        }
        let authors = authors(self.store, self.caller, &self.patient, gone.iter().copied()).await?;
        for stored in gone {
            let newest = self.store.history(&practice, &query(HistoryOf::Instance(stored.key.clone()), 1)).await?;
            if newest.for_decision().iter().any(|newest| newest.patient.as_ref() == Some(&self.patient)) {
                continue;
            }
            let before = stored.version.saturating_sub(1);
            let Some(last) = self.store.read_version(&chart, &stored.key, before).await? else { continue };
            let row = Row::read(stored);
            let said = |part: &str| row.as_ref().and_then(|row| explained(row.root(), MOVED, part));
            let leaving = Leaving {
                key: stored.key.clone(),
                version: stored.version,
                sequence: stored.sequence,
                why: said("reason"),
                by: said("by").or_else(|| authors.for_decision().of(&stored.key, stored.version).map(str::to_owned)),
                at: stored.recorded_at,
            };
            let clock = self.clock();
            all = all.zip(last.map(|last| leaving.told(&last, &clock))).map(|(mut all, left)| {
                all.push(left);
                all
            });
        }
        Ok(all)
    }
}

impl Leaving {
    fn told(self, last: &Stored, clock: &Clock) -> Left {
        let row = Row::read(last);
        let root = row.as_ref().map(Row::root);
        Left {
            sort: sort(self.key.kind, root),
            title: root.map_or_else(String::new, title),
            key: self.key,
            version: self.version,
            sequence: self.sequence,
            why: self.why,
            by: self.by,
            when: When::of(self.at, clock),
        }
    }
}

/// A part of what a correction says in the entry itself: `reason`, `by`.
pub(super) fn explained(root: Element<'_>, url: &str, part: &str) -> Option<String> {
    let (_, value) = root.extension(url)?.extension(part)?.choice("value")?;
    value.as_text().map(str::to_owned)
}
