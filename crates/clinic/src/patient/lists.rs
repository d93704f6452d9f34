//! Lists of people that pages show: my patients, the practice's practitioners.

use super::Identity;
use super::commands::{Hit, identities, mark_similar};
use super::rank::Because;
use crate::access::Caller;
use crate::error::{Error, Result};
use fhir::Kind;
use fhir::search::{Handling, Query};
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

/// The practice's practitioners: reference and name, by name.
///
/// # Errors
/// What the store says.
pub async fn practitioners(
    store: &dyn Store,
    permit: &Permit,
    caller: &Caller,
) -> Result<Sealed<Vec<(String, String)>>> {
    let found = search(store, permit, Kind::PRACTITIONER, &[("_sort", "family"), ("_count", "1000")], caller).await?;
    Ok(found.map(|practitioners| {
        let named = practitioners.iter().filter_map(|stored| {
            let name = Identity::read(&stored.body, "").ok()?;
            Some((stored.key.to_string(), name.display_name()))
        });
        named.collect()
    }))
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
