//! A practice that an older program kept, opened by this one. A database crate fills it, makes it what the older program made, opens it
//! again, and asks whether all is there: [`filled`] before, [`all_is_there`] after.

use super::drafts;
use super::fixture::{Case, body, day, key, patient, put, reading};
use crate::audit::{AuditQuery, Verdict};
use crate::record::{Change, HistoryOf, HistoryQuery, Slice, Write};
use fhir::{Key, Kind};

fn anna() -> Key {
    key(Kind::PATIENT, "anna")
}

/// What the older program kept: versions, a deletion, entries of a chart, their trail.
pub async fn filled(case: &Case) {
    case.patient("anna").await;
    case.commit(vec![put(&anna(), Some(1), Some("anna"), "2")]).await.expect("changed");
    let gone = case.patient("gone").await;
    case.commit(vec![Write { key: gone, based_on: Some(1), change: Change::Delete }]).await.expect("deleted");
    for n in 0..5 {
        case.entered(Kind::OBSERVATION, &format!("o{n}"), "anna", Some(day(n))).await;
    }
    case.read(&anna()).await.expect("there");
}

/// All of it is there, and what only this program knows works.
pub async fn all_is_there(case: &Case) {
    assert_eq!(case.store.verify().await.expect("verified"), Verdict::Whole { entries: 10 });
    let trail = AuditQuery { patient: Some(patient("anna")), count: 100, ..AuditQuery::default() };
    let trail = case.store.entries(&reading(), &trail).await.expect("the trail");
    assert_eq!(trail.for_decision().len(), 8, "two versions, five entries, a reading");
    let query = HistoryQuery { of: HistoryOf::Practice, since: None, until: None, count: 100, before: None };
    let history = case.store.history(&reading(), &query).await.expect("a history");
    let told: Vec<_> = history.for_decision().iter().map(|stored| (stored.key.to_string(), stored.version)).collect();
    let line = |text: &str, version| (text.to_owned(), version);
    let mut expected: Vec<_> = (0..5).rev().map(|n| line(&format!("Observation/o{n}"), 1)).collect();
    expected
        .extend([("gone", 2), ("gone", 1), ("anna", 2), ("anna", 1)].map(|(of, n)| line(&format!("Patient/{of}"), n)));
    assert_eq!(told, expected);
    for version in [1, 2] {
        let stored = case.store.read_version(&reading(), &anna(), version).await.expect("read").expect("there");
        assert_eq!(stored.for_decision().body, body(&anna(), &version.to_string()));
    }
    let slices = [Slice::newest(Kind::OBSERVATION, 2)];
    let chart = case.store.chart(&reading(), &patient("anna"), &slices).await.expect("a chart");
    let rows = &chart.for_decision()[0];
    let newest: Vec<_> = rows.rows.iter().map(|stored| stored.key.to_string()).collect();
    assert_eq!((newest, rows.total), (vec!["Observation/o4".to_owned(), "Observation/o3".to_owned()], 5));
    drafts::a_note_can_be_typed(case).await;
    // It goes on as any other practice.
    case.commit(vec![put(&anna(), Some(2), Some("anna"), "3")]).await.expect("changed");
    assert_eq!(case.read(&anna()).await.expect("there").version, 3);
    assert!(matches!(case.store.verify().await.expect("verified"), Verdict::Whole { .. }));
}
