//! Lists of people that pages show: my patients, the practice's practitioners.

use super::Identity;
use super::commands::{Hit, identities, mark_similar};
use super::rank::Because;
use crate::access::Caller;
use crate::error::{Error, Result};
use fhir::search::{Handling, Query};
use fhir::{Key, Kind};
use jiff::civil::Date;
use store::record::Stored;
use store::{Permit, Sealed, Store};

/// The caller's own patients by name: those whose general practitioner they are, and those they saw since a date; each once.
/// Empty for somebody who is no practitioner.
///
/// # Errors
/// What the store says.
pub async fn mine(
    store: &dyn Store,
    permit: &Permit,
    record_number_system: &str,
    caller: &Caller,
    since: Date,
) -> Result<Sealed<Vec<Hit>>> {
    let Some(practitioner) = &caller.actor.practitioner else { return Ok(Sealed::empty(Vec::new())) };
    let me = format!("Practitioner/{practitioner}");
    let own = [("general-practitioner", me.as_str()), ("_count", "500")];
    let own = search(store, permit, Kind::PATIENT, &own, caller).await?;
    let since = format!("ge{since}");
    let seen = [
        ("practitioner", me.as_str()),
        ("date", &since),
        ("_sort", "-date"),
        ("_count", "500"),
        ("_include", "Encounter:patient"),
    ];
    let seen = if permit.kinds().contains(Kind::ENCOUNTER) {
        search(store, permit, Kind::ENCOUNTER, &seen, caller).await?
    } else {
        Sealed::empty(Vec::new())
    };
    Ok(own.zip(seen).map(|(mut all, seen)| {
        all.extend(seen);
        all.retain(|stored| stored.key.kind == Kind::PATIENT);
        all.sort_by(|a, b| a.key.cmp(&b.key));
        all.dedup_by(|a, b| a.key == b.key);
        let as_hit = |identity: Identity| Hit { identity, because: Because::Shown, similar_name: false };
        let mut hits: Vec<Hit> = identities(&all, record_number_system).map(as_hit).collect();
        hits.sort_by_cached_key(|hit| (hit.identity.family.to_lowercase(), hit.identity.given.to_lowercase()));
        mark_similar(&mut hits);
        hits
    }))
}

/// Practitioners a form offers, each as reference and name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Practitioners {
    /// Those who work here (an account names them), and the one on file, by name.
    pub own: Vec<(String, String)>,
    /// Others on record whose name was searched for, by name.
    pub found: Vec<(String, String)>,
    /// Whether more than these were found.
    pub more: bool,
}

/// How many found practitioners are offered.
const OFFERED: usize = 30;

/// The practitioners of this practice, the one a patient has (`kept`), and those found by name. An import brings every practitioner that
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
    let here = users.into_iter().filter(|user| user.disabled_at.is_none()).filter_map(|user| user.practitioner);
    let mut keys: Vec<Key> = here.map(|id| Key::new(Kind::PRACTITIONER, id)).collect();
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

/// One page of a FHIR search, matches and included alike.
async fn search(
    store: &dyn Store,
    permit: &Permit,
    kind: Kind,
    parameters: &[(&str, &str)],
    caller: &Caller,
) -> Result<Sealed<Vec<Stored>>> {
    let pairs: Vec<(String, String)> = parameters.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let (query, _) = Query::parse(kind, &pairs, Handling::Strict, caller.at).map_err(Error::Invalid)?;
    let page = store.search(permit, &query, None).await?;
    Ok(page.map(|mut page| {
        page.matches.append(&mut page.included);
        page.matches
    }))
}
