//! Lists of people that pages show: my patients, the practice's practitioners.

use super::Identity;
use super::commands::{Hit, by_ids};
use crate::access::Caller;
use crate::error::Result;
use crate::record::search;
use fhir::date::FhirDate;
use fhir::{Body, Key, Kind, PatientId};
use jiff::civil::Date;
use std::collections::HashSet;
use store::accounts::User;
use store::record::Stored;
use store::{Permit, Role, Sealed, Store};

/// The caller's own patients, as many as a first page shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mine {
    /// Whom they saw since a date, the last first; then those whose general practitioner they are. Each once.
    pub hits: Vec<Hit>,
    /// Whether there are more than these.
    pub more: bool,
}

/// How many of one's own patients are shown.
const SHOWN: usize = 50;
/// How many of one's latest visits are looked through for them.
const VISITS: &str = "200";

/// The caller's own patients. Empty for somebody who is no practitioner.
///
/// # Errors
/// What the store says.
pub async fn mine(
    store: &dyn Store,
    permit: &Permit,
    record_number_system: &str,
    caller: &Caller,
    since: Date,
) -> Result<Sealed<Mine>> {
    let Some(practitioner) = &caller.actor.practitioner else { return Ok(Sealed::empty(Mine::default())) };
    let me = format!("Practitioner/{practitioner}");
    let mut ids = Vec::new();
    if permit.kinds().contains(Kind::ENCOUNTER) {
        let asked = [("practitioner", me.as_str()), ("_sort", "-date"), ("_count", VISITS)];
        let visits = search(store, permit, Kind::ENCOUNTER, &asked, caller).await?;
        ids.extend(visits.for_decision().iter().filter_map(|visit| seen(visit, since)));
    }
    let count = (SHOWN + 1).to_string();
    let asked = [("general-practitioner", me.as_str()), ("_count", count.as_str())];
    let own = search(store, permit, Kind::PATIENT, &asked, caller).await?;
    ids.extend(own.for_decision().iter().filter_map(|patient| patient.patient.clone()));
    let mut known = HashSet::new();
    ids.retain(|id: &PatientId| known.insert(id.clone()));
    let more = ids.len() > SHOWN;
    ids.truncate(SHOWN);
    // Read by name at last: the trail names whom the page shows, not whom it looked through.
    let hits = by_ids(store, permit, record_number_system, &ids).await?;
    Ok(hits.map(|hits| Mine { hits, more }))
}

/// The patient of a visit that took place since a date.
fn seen(visit: &Stored, since: Date) -> Option<PatientId> {
    let body = Body::parse(&visit.body).ok()?;
    let encounter = body.root();
    let took_place = !matches!(encounter.text("status"), Some("planned" | "cancelled" | "entered-in-error"));
    let begun = FhirDate::parse(encounter.text("period.start").or(encounter.text("period.end"))?)?;
    visit.patient.clone().filter(|_| took_place && begun.first_day() >= since)
}

/// Practitioners a form offers, each as reference and name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Practitioners {
    /// Those who treat here (an account of a clinician or a doctor's role names them), and the one on file, by name.
    pub own: Vec<(String, String)>,
    /// Others on record whose name was searched for, by name.
    pub found: Vec<(String, String)>,
    /// Whether more than these were found.
    pub more: bool,
}

/// How many found practitioners are offered.
const OFFERED: usize = 30;

/// The clinicians of this practice, the one a patient has (`kept`), and those found by name. An import brings every practitioner that
/// ever treated anybody: they are not offered unasked.
///
/// # Errors
/// What the store says.
pub async fn practitioners(
    store: &dyn Store,
    permit: &Permit,
    caller: &Caller,
    kept: &str,
    name: &str,
) -> Result<Sealed<Practitioners>> {
    let users = store.users().await?;
    let treats = |user: &User| user.disabled_at.is_none() && user.role == Role::Clinician;
    let here = users.into_iter().filter(treats).filter_map(|user| user.practitioner);
    let mut keys: Vec<Key> = here.map(|id| Key::new(Kind::PRACTITIONER, id)).collect();
    keys.extend(doctors(store, permit, caller).await?);
    keys.extend(Key::parse(kept).filter(|key| key.kind == Kind::PRACTITIONER));
    keys.sort();
    keys.dedup();
    let own = store.read_many(permit, &keys).await?;
    let words: Vec<_> = name.split_whitespace().map(|word| ("name", word)).collect();
    let found = if words.is_empty() {
        Sealed::empty(Vec::new())
    } else {
        let limit = (OFFERED + 1).to_string();
        let asked: Vec<_> = words.into_iter().chain([("_sort", "family"), ("_count", limit.as_str())]).collect();
        search(store, permit, Kind::PRACTITIONER, &asked, caller).await?
    };
    Ok(own.zip(found).map(|(own, found)| {
        let mut own = named(&own);
        own.sort_by_cached_key(|(_, name)| name.to_lowercase());
        let mut found = named(&found);
        let more = found.len() > OFFERED;
        found.truncate(OFFERED);
        found.retain(|other| !own.contains(other));
        Practitioners { own, found, more }
    }))
}

/// More active doctors than a practice has of its own: they came with an import, and are found by name.
const OWN_DOCTORS: usize = 60;

/// Whom a PractitionerRole in force calls a doctor (R4 practitioner-role): those of the practice have one with or without an account.
async fn doctors(store: &dyn Store, permit: &Permit, caller: &Caller) -> Result<Vec<Key>> {
    let limit = (OWN_DOCTORS + 1).to_string();
    let role = "http://terminology.hl7.org/CodeSystem/practitioner-role|doctor";
    let asked = [("role", role), ("active", "true"), ("_count", limit.as_str())];
    let roles = search(store, permit, Kind::PRACTITIONER_ROLE, &asked, caller).await?;
    let roles = roles.for_decision();
    if roles.len() > OWN_DOCTORS {
        return Ok(Vec::new());
    }
    let practitioner = |stored: &Stored| {
        let body = Body::parse(&stored.body).ok()?;
        Key::parse(body.root().text("practitioner.reference")?).filter(|key| key.kind == Kind::PRACTITIONER)
    };
    Ok(roles.iter().filter_map(practitioner).collect())
}

/// Every practitioner on record, by name: whom an account may be linked to.
///
/// # Errors
/// What the store says.
pub async fn all_practitioners(
    store: &dyn Store,
    permit: &Permit,
    caller: &Caller,
) -> Result<Sealed<Vec<(String, String)>>> {
    let found = search(store, permit, Kind::PRACTITIONER, &[("_sort", "family"), ("_count", "1000")], caller).await?;
    Ok(found.map(|found| named(&found)))
}

fn named(practitioners: &[Stored]) -> Vec<(String, String)> {
    let living = practitioners.iter().filter(|stored| !stored.deleted);
    living
        .filter_map(|stored| Some((stored.key.to_string(), Identity::read(&stored.body, "").ok()?.display_name())))
        .collect()
}
