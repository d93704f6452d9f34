//! What was acknowledged, and what must hold of a practice afterwards.

use fhir::search::{Handling, Query};
use fhir::{Key, Kind};
use std::collections::{BTreeMap, BTreeSet};
use store::audit::{AuditQuery, Verdict};
use store::record::{HistoryOf, HistoryQuery};
use store::{Permit, Store};

/// What a practice has answered.
#[derive(Default, Clone)]
pub struct Ledger {
    /// Ids of acknowledged observations.
    pub written: Vec<String>,
    /// Requests of acknowledged audit entries.
    pub audited: Vec<u128>,
}

/// Asserts that nothing acknowledged is lost, nothing is half there, there twice or unaudited, and that indexes agree with the record.
pub async fn check(db: &dyn Store, permit: &Permit, ledger: &Ledger, what: &str) {
    let whole = HistoryQuery { of: HistoryOf::Practice, since: None, until: None, count: u32::MAX, before: None };
    let history = db.history(permit, &whole).await.expect("the history");
    let mut versions: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for stored in history.for_decision() {
        assert!(!stored.body.is_empty(), "{what}: a version without a body");
        versions.entry(stored.key.to_string()).or_default().push(stored.version);
    }
    for id in &ledger.written {
        assert!(versions.contains_key(&format!("Observation/{id}")), "{what}: {id} was acknowledged and is lost");
    }
    for key in versions.keys() {
        if let Some((pair, half)) = key.rsplit_once('-').filter(|(_, half)| ["a", "b"].contains(half)) {
            let other = format!("{pair}-{}", if half == "a" { "b" } else { "a" });
            assert!(versions.contains_key(&other), "{what}: {key} is half of a commit");
        }
    }
    let entries =
        db.entries(permit, &AuditQuery { count: u32::MAX, ..AuditQuery::default() }).await.expect("the trail");
    let entries = entries.for_decision();
    let requests: BTreeSet<u128> = entries.iter().map(|recorded| recorded.entry.request.as_u128()).collect();
    assert_eq!(
        entries.iter().filter(|recorded| !recorded.entry.request.is_nil()).count(),
        requests.iter().filter(|request| **request != 0).count(),
        "{what}: an entry is there twice"
    );
    for request in &ledger.audited {
        assert!(requests.contains(request), "{what}: an acknowledged entry is lost");
    }
    let audited: BTreeSet<String> = entries
        .iter()
        .flat_map(|recorded| &recorded.entry.what)
        .map(|(key, version)| format!("{key} {version}"))
        .collect();
    for (key, versions) in &versions {
        assert!(versions.len() == 1, "{what}: {key} was written twice");
        for version in versions {
            assert!(audited.contains(&format!("{key} {version}")), "{what}: {key} {version} is unaudited");
        }
    }
    let verdict = db.verify().await.expect("verified");
    assert!(matches!(verdict, Verdict::Whole { .. }), "{what}: {verdict:?}");
    assert_eq!(
        found(db, permit).await,
        versions.into_keys().filter(|key| key.starts_with("Obs")).collect(),
        "{what}: index and record"
    );
}

/// The observations that a search by patient and code finds.
async fn found(db: &dyn Store, permit: &Permit) -> BTreeSet<String> {
    let pairs = [("patient", "p"), ("code", "http://loinc.org|8302-2"), ("_count", "1000")];
    let pairs: Vec<(String, String)> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let now = jiff::Timestamp::UNIX_EPOCH;
    let (query, _) =
        Query::parse(Kind::OBSERVATION, &pairs, Handling::Strict, now).unwrap_or_else(|_| panic!("a query"));
    let page = db.search(permit, &query, None).await.expect("a search");
    let keys = page.for_decision().matches.iter().map(|stored| stored.key.clone());
    keys.map(|key: Key| key.to_string()).collect()
}
