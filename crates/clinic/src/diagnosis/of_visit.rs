//! A visit's diagnoses, by rank: as its page shows them, and as a note of the visit carries them when it is signed.

use super::about::{only_of_a_visit, problem};
use crate::access::{Action, Caller};
use crate::chart::bands::Who;
use crate::chart::problem::Problem;
use crate::chart::row::Names;
use crate::chart::{Clock, Reading, Row};
use crate::error::Result;
use crate::record::search;
use fhir::edit::condition;
use fhir::{Id, Key, Kind, PatientId};
use jiff::tz::TimeZone;
use store::record::Stored;
use store::{Permit, Sealed, Store};

/// One diagnosis of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    /// The diagnosis.
    pub problem: Problem,
    /// Whether it stands on the problem list.
    pub on_list: bool,
    /// Whether the visit itself names it: what only names the visit has no rank.
    pub ranked: bool,
    /// Whether it is one: neither refuted nor entered in error.
    pub counts: bool,
}

/// A visit's diagnoses among these conditions: those it names by their ranks, then those that name it.
#[must_use]
pub fn ranked(visit: &Row, conditions: &[&Row], reading: &Reading) -> Vec<Ranked> {
    let order = condition::ranked(visit.root().value());
    let place = |row: &Row| order.iter().position(|key| *key == row.key);
    let mut own: Vec<&Row> =
        conditions.iter().copied().filter(|row| place(row).is_some() || names(row, visit)).collect();
    own.sort_by_key(|row| (place(row).unwrap_or(usize::MAX), row.key.clone()));
    own.dedup_by_key(|row| row.key.clone());
    let refused = ["entered-in-error", "refuted"];
    let read = |row: &Row| {
        Some(Ranked {
            problem: problem(row, reading)?,
            on_list: !only_of_a_visit(row),
            ranked: place(row).is_some(),
            counts: refused.iter().all(|code| !row.root().has_code("verificationStatus", code)),
        })
    };
    own.into_iter().filter_map(read).collect()
}

fn names(condition: &Row, visit: &Row) -> bool {
    condition.root().reference("encounter").as_ref() == Some(&visit.key)
}

/// More diagnoses than a visit has.
const MOST: u32 = 200;

/// What was found, and of the conditions that a visit names those that were not.
///
/// # Errors
/// What the store says.
pub(crate) async fn with_named(
    store: &dyn Store,
    permit: &Permit,
    visit: &Row,
    found: Sealed<Vec<Stored>>,
) -> Result<Sealed<Vec<Stored>>> {
    let mut missing = condition::ranked(visit.root().value());
    missing.retain(|key| key.kind == Kind::CONDITION && found.for_decision().iter().all(|stored| stored.key != *key));
    if missing.is_empty() {
        return Ok(found);
    }
    let named = store.read_many(permit, &missing).await?;
    Ok(found.zip(named).map(|(mut found, named)| {
        found.extend(named);
        found
    }))
}

/// A diagnosis as a note carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The Condition.
    pub key: Key,
    /// Its version.
    pub version: u32,
    /// Its words with its code, how sure it is and its status.
    pub words: String,
}

impl Carried {
    /// What a note of the visit carries when it is signed now, by rank.
    #[must_use]
    pub fn of(diagnoses: &[Ranked]) -> Vec<Self> {
        let carried = |Ranked { problem, .. }: &Ranked| Self {
            key: problem.entry.key.clone(),
            version: problem.entry.version,
            words: problem.stated(true),
        };
        diagnoses.iter().filter(|one| one.counts).map(carried).collect()
    }
}

/// [`Carried::of`] a visit as it is now; without a visit, nothing.
///
/// # Errors
/// [`crate::Error::NotPermitted`]; what the store says.
pub async fn carried(
    store: &dyn Store,
    caller: &Caller,
    patient: &PatientId,
    visit: Option<&str>,
) -> Result<Sealed<Vec<Carried>>> {
    let none = || Ok(Sealed::empty(Vec::new()));
    let Some(id) = visit.and_then(|visit| Id::parse(visit).ok()) else { return none() };
    let permit = caller.read_chart(Action::ReadClinical, patient)?;
    let Some(stored) = store.read(&permit, &Key::new(Kind::ENCOUNTER, id)).await? else { return none() };
    let Some(visit) = Row::read(stored.for_decision()) else { return none() };
    let asked = [("encounter", visit.key.to_string()), ("_count", MOST.to_string())];
    let asked = asked.each_ref().map(|(name, value)| (*name, value.as_str()));
    let found = search(store, &permit, Kind::CONDITION, &asked, caller).await?;
    let all = with_named(store, &permit, &visit, found).await?;
    // Words, codes and how sure they are alone are read of them: no dates, no names.
    let reading = Reading { clock: Clock::at(caller.at, TimeZone::UTC), names: Names::default(), who: Who::default() };
    Ok(all.zip(stored).map(|(all, _)| {
        let all = Row::read_all(&all);
        Carried::of(&ranked(&visit, &all.iter().collect::<Vec<_>>(), &reading))
    }))
}
