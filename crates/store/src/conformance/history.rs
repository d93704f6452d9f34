//! Versions, newest first.

use super::fixture::{Case, body, key, patient, put, reading};
use crate::record::{Change, HistoryOf, HistoryQuery, Stored, Write};
use fhir::{Key, Kind};

fn all_of(of: HistoryOf) -> HistoryQuery {
    HistoryQuery { of, since: None, until: None, count: 100, before: None }
}

async fn list(case: &Case, query: &HistoryQuery) -> Vec<Stored> {
    let sealed = case.store.history(&reading(), query).await.expect("a history");
    case.store.release(sealed, case.entry("record.history")).await.expect("released")
}

fn told(versions: &[Stored]) -> Vec<(String, u32)> {
    versions.iter().map(|stored| (stored.key.to_string(), stored.version)).collect()
}

async fn three_versions(case: &Case) -> Key {
    let p = case.patient("p").await;
    case.commit(vec![put(&p, Some(1), Some("p"), "2")]).await.expect("second");
    case.commit(vec![Write { key: p.clone(), based_on: Some(2), change: Change::Delete }]).await.expect("third");
    p
}

pub async fn of_one_resource_newest_first(case: Case) {
    let p = three_versions(&case).await;
    case.patient("other").await;
    let versions = list(&case, &all_of(HistoryOf::Instance(p.clone()))).await;
    assert_eq!(told(&versions), [3, 2, 1].map(|version| (p.to_string(), version)));
    assert_eq!(versions.iter().map(|v| v.deleted).collect::<Vec<_>>(), [true, false, false]);
    assert!(list(&case, &all_of(HistoryOf::Instance(key(Kind::PATIENT, "none")))).await.is_empty());
}

pub async fn of_a_type_of_a_chart_of_everything(case: Case) {
    case.patient("p").await;
    case.patient("q").await;
    case.entered(Kind::OBSERVATION, "o", "p", None).await;
    let line = |text: &str| (text.to_owned(), 1);
    let kind = list(&case, &all_of(HistoryOf::Kind(Kind::PATIENT))).await;
    assert_eq!(told(&kind), [line("Patient/q"), line("Patient/p")]);
    let chart = list(&case, &all_of(HistoryOf::Patient(patient("p")))).await;
    assert_eq!(told(&chart), [line("Observation/o"), line("Patient/p")]);
    let practice = list(&case, &all_of(HistoryOf::Practice)).await;
    assert_eq!(told(&practice), [line("Observation/o"), line("Patient/q"), line("Patient/p")]);
    assert!(practice.windows(2).all(|pair| pair[0].sequence > pair[1].sequence));
}

pub async fn pages_join_without_gap_or_repeat(case: Case) {
    for n in 0..7 {
        case.patient(&format!("p{n}")).await;
    }
    let whole = list(&case, &all_of(HistoryOf::Practice)).await;
    let (mut joined, mut before) = (Vec::new(), None);
    loop {
        let page = list(&case, &HistoryQuery { count: 3, before, ..all_of(HistoryOf::Practice) }).await;
        let Some(last) = page.last() else { break };
        before = Some(last.sequence);
        joined.extend(page);
        // Meanwhile the record grows: what was there is neither skipped nor repeated.
        case.patient(&format!("late{}", joined.len())).await;
    }
    assert_eq!(told(&joined), told(&whole));
}

pub async fn bounded_by_time(case: Case) {
    let p = three_versions(&case).await;
    let all = list(&case, &all_of(HistoryOf::Instance(p.clone()))).await;
    let second = all[1].recorded_at;
    let since = HistoryQuery { since: Some(second), ..all_of(HistoryOf::Instance(p.clone())) };
    assert_eq!(told(&list(&case, &since).await), told(&all[..2]));
    let until = HistoryQuery { until: Some(second), ..all_of(HistoryOf::Instance(p)) };
    assert_eq!(told(&list(&case, &until).await), told(&all[1..]));
}

pub async fn old_versions_stay_as_they_were(case: Case) {
    let p = three_versions(&case).await;
    for (version, mark) in [(1, "1"), (2, "2")] {
        let sealed = case.store.read_version(&reading(), &p, version).await.expect("a read").expect("there");
        assert_eq!(sealed.for_decision().body, body(&p, mark));
        assert_eq!(sealed.for_decision().version, version);
    }
    assert!(case.store.read_version(&reading(), &p, 4).await.expect("a read").is_none());
}
