//! The store and the model agree on every resource, version, history, chart and search.

use super::record::{Model, Version};
use super::steps::{CODES, PATIENTS};
use crate::Store;
use crate::audit::Entry;
use crate::conformance::fixture::{clinician, day, id, reading};
use crate::record::{HistoryOf, HistoryQuery, Slice, Stored};
use fhir::search::{Handling, Query};
use fhir::{Key, Kind, PatientId};
use uuid::Uuid;

pub(super) async fn release<T: Send>(model: &mut Model, store: &dyn Store, sealed: crate::Sealed<T>) -> T {
    let entry = Entry::new(model.now(), Uuid::from_u128(2), clinician(), "record.read");
    model.entries += 1;
    store.release(sealed, entry).await.expect("released")
}

/// The store and the model agree on every resource, version, history, chart and search.
pub(super) async fn compare(model: &mut Model, store: &dyn Store) {
    let resources: Vec<(Key, Vec<Version>)> =
        model.resources.iter().map(|(key, of)| (key.clone(), of.clone())).collect();
    for (key, versions) in &resources {
        let current = store.read(&reading(), key).await.expect("a read").expect("known");
        let current = release(model, store, current).await;
        same(&current, key, versions.len(), &versions[versions.len() - 1]);
        let query =
            HistoryQuery { of: HistoryOf::Instance(key.clone()), since: None, until: None, count: 1_000, before: None };
        let history = release(model, store, store.history(&reading(), &query).await.expect("a history")).await;
        assert_eq!(history.len(), versions.len());
        for (stored, (n, version)) in history.iter().rev().zip(versions.iter().enumerate()) {
            same(stored, key, n + 1, version);
        }
    }
    let query = HistoryQuery { of: HistoryOf::Practice, since: None, until: None, count: 10_000, before: None };
    let whole = release(model, store, store.history(&reading(), &query).await.expect("a history")).await;
    let mut sequences: Vec<u64> =
        resources.iter().flat_map(|(_, versions)| versions.iter().map(|v| v.sequence)).collect();
    sequences.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(whole.iter().map(|stored| stored.sequence).collect::<Vec<_>>(), sequences);
    for n in 0..PATIENTS {
        compare_chart(model, store, &PatientId::new(id(&format!("p{n}")))).await;
    }
}

pub(super) fn same(stored: &Stored, key: &Key, version: usize, expected: &Version) {
    let body = expected.body.clone().unwrap_or_default();
    assert_eq!((&stored.key, stored.version as usize, stored.deleted), (key, version, expected.body.is_none()));
    assert_eq!((&stored.body, &stored.patient, stored.sequence), (&body, &expected.patient, expected.sequence));
}

/// A chart's slice, and searches by patient, by code, and by both.
pub(super) async fn compare_chart(model: &mut Model, store: &dyn Store, chart: &PatientId) {
    let expected = |model: &Model, code: Option<&str>| -> Vec<String> {
        let live = model.resources.keys().filter(|key| key.kind == Kind::OBSERVATION);
        let live = live.filter_map(|key| Some((key, model.live(key)?)));
        let mine =
            live.filter(|(_, v)| v.patient.as_ref() == Some(chart) && code.is_none_or(|code| v.code == Some(code)));
        let mut found: Vec<(i64, String)> = mine.map(|(key, v)| (v.day, key.id.to_string())).collect();
        found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        found.into_iter().map(|(day, id)| format!("{day} {id}")).collect()
    };
    let slices = store.chart(&reading(), chart, &[Slice::all(Kind::OBSERVATION)]).await.expect("a chart");
    let slices = release(model, store, slices).await;
    let days: Vec<i64> = slices[0].rows.iter().map(|row| model.live(&row.key).expect("live").day).collect();
    assert!(days.is_sorted_by(|a, b| a >= b), "newest first: {days:?}");
    let mut all: Vec<String> =
        slices[0].rows.iter().zip(days).map(|(row, day)| format!("{day} {}", row.key.id)).collect();
    let mut whole = expected(model, None);
    all.sort();
    whole.sort();
    assert_eq!(all, whole);
    for code in [None, Some(CODES[0]), Some(CODES[2])] {
        let mut pairs =
            vec![("patient".to_owned(), chart.as_str().to_owned()), ("_sort".to_owned(), "-date,_id".to_owned())];
        pairs.extend(code.map(|code| ("code".to_owned(), format!("http://loinc.org|{code}"))));
        let (query, _) = Query::parse(Kind::OBSERVATION, &pairs, Handling::Strict, day(0)).expect("a query");
        let page = store.search(&reading(), &query, None).await.expect("a search");
        let page = release(model, store, page).await;
        let found =
            page.matches.iter().map(|row| format!("{} {}", model.live(&row.key).expect("live").day, row.key.id));
        assert_eq!(found.collect::<Vec<_>>(), expected(model, code), "by {code:?}");
    }
}
