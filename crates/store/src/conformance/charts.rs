//! Ranges of one chart, and the chart as it stood.

use super::fixture::{Case, day, patient, put, reading, version};
use crate::Error;
use crate::access::{KindSet, Permit, Scope};
use crate::record::{Change, HistoryOf, HistoryQuery, Slice, Stored, Write};
use fhir::Kind;

fn ids(rows: &[Stored]) -> Vec<&str> {
    rows.iter().map(|row| row.key.id.as_str()).collect()
}

async fn slice(case: &Case, of: &str, slice: Slice) -> (Vec<Stored>, u64) {
    let sealed = case.store.chart(&reading(), &patient(of), &[slice]).await.expect("a chart");
    let mut rows = case.store.release(sealed, case.entry("chart.read")).await.expect("released");
    let only = rows.remove(0);
    (only.rows, only.total)
}

pub async fn newest_first_the_undated_last(case: Case) {
    case.patient("p").await;
    for (name, date) in [("spring", Some(90)), ("undated", None), ("winter", Some(10)), ("summer", Some(180))] {
        case.entered(Kind::OBSERVATION, name, "p", date.map(day)).await;
    }
    case.entered(Kind::CONDITION, "c", "p", Some(day(5))).await;
    let (rows, total) = slice(&case, "p", Slice::all(Kind::OBSERVATION)).await;
    assert_eq!((ids(&rows), total), (vec!["summer", "spring", "winter", "undated"], 4));
    let (rows, total) = slice(&case, "p", Slice::newest(Kind::OBSERVATION, 2)).await;
    assert_eq!((ids(&rows), total), (vec!["summer", "spring"], 4), "the total counts the whole type");
    let (rows, _) = slice(&case, "p", Slice { before: Some(day(180)), ..Slice::newest(Kind::OBSERVATION, 9) }).await;
    assert_eq!(ids(&rows), ["spring", "winter", "undated"]);
    let (rows, total) = slice(&case, "nobody", Slice::all(Kind::OBSERVATION)).await;
    assert_eq!((rows.len(), total), (0, 0));
}

pub async fn pages_continue_where_the_last_ended(case: Case) {
    case.patient("p").await;
    for n in 0..10 {
        let date = [Some(day(3)), Some(day(2)), None][n % 3];
        case.entered(Kind::OBSERVATION, &format!("o{n}"), "p", date).await;
    }
    let (whole, _) = slice(&case, "p", Slice::all(Kind::OBSERVATION)).await;
    let (mut joined, mut last): (Vec<Stored>, _) = (Vec::new(), None);
    loop {
        let next = Slice { continue_after: last, ..Slice::newest(Kind::OBSERVATION, 3) };
        let (page, _) = slice(&case, "p", next).await;
        let Some(end) = page.last() else { break };
        last = Some(end.key.id.clone());
        joined.extend(page);
    }
    assert_eq!(ids(&joined), ids(&whole), "entries of one moment are neither skipped nor repeated");
    assert_eq!(whole.len(), 10);
}

pub async fn another_chart_never_shows(case: Case) {
    case.patient("p").await;
    case.patient("q").await;
    case.entered(Kind::OBSERVATION, "mine", "p", Some(day(1))).await;
    case.entered(Kind::OBSERVATION, "canary", "q", Some(day(1))).await;
    let (rows, _) = slice(&case, "p", Slice::all(Kind::OBSERVATION)).await;
    assert_eq!(ids(&rows), ["mine"]);
    let only_p = Permit::grant(super::fixture::clinician(), KindSet::ALL, Scope::Patient(patient("p")));
    let refused = case.store.chart(&only_p, &patient("q"), &[Slice::all(Kind::OBSERVATION)]).await;
    assert!(matches!(refused, Err(Error::NotPermitted)));
    let of = HistoryOf::Practice;
    let query = HistoryQuery { of, since: None, until: None, count: 100, before: None };
    let history = case.store.history(&only_p, &query).await.expect("what it reaches");
    assert!(history.for_decision().iter().all(|stored| stored.patient == Some(patient("p"))));
    assert!(!history.for_decision().is_empty());
    let as_of = case.store.chart_as_of(&only_p, &patient("q"), day(300)).await;
    assert!(as_of.map_or(true, |rows| rows.for_decision().is_empty()));
}

pub async fn a_chart_as_it_stood(case: Case) {
    let p = case.patient("p").await;
    let o = case.entered(Kind::OBSERVATION, "o", "p", Some(day(1))).await;
    let then = case.now();
    case.commit(vec![put(&p, Some(1), Some("p"), "2")]).await.expect("changed");
    case.commit(vec![Write { key: o.clone(), based_on: Some(1), change: Change::Delete }]).await.expect("deleted");
    case.entered(Kind::OBSERVATION, "later", "p", Some(day(1))).await;
    let at = async |at| {
        let sealed = case.store.chart_as_of(&reading(), &patient("p"), at).await.expect("a chart");
        let rows = case.store.release(sealed, case.entry("chart.as-of")).await.expect("released");
        let mut told: Vec<_> = rows.iter().map(|row| (row.key.to_string(), row.version)).collect();
        told.sort();
        told
    };
    let line = |text: &str, version| (text.to_owned(), version);
    assert_eq!(at(then).await, [line("Observation/o", 1), line("Patient/p", 1)]);
    assert_eq!(at(case.now()).await, [line("Observation/later", 1), line("Patient/p", 2)]);
}

pub async fn a_corrected_subject_moves_between_charts(case: Case) {
    case.patient("wrong").await;
    case.patient("right").await;
    let o = case.entered(Kind::OBSERVATION, "o", "wrong", Some(day(1))).await;
    let before = case.now();
    let moved = Change::Put(version(&o, Some("right"), Some(day(1)), "2"));
    case.commit(vec![Write { key: o.clone(), based_on: Some(1), change: moved }]).await.expect("moved");
    assert_eq!(ids(&slice(&case, "right", Slice::all(Kind::OBSERVATION)).await.0), ["o"]);
    assert!(slice(&case, "wrong", Slice::all(Kind::OBSERVATION)).await.0.is_empty());
    for (chart, versions) in [("wrong", vec![2, 1]), ("right", vec![2])] {
        let of = HistoryOf::Patient(patient(chart));
        let query = HistoryQuery { of, since: None, until: None, count: 9, before: None };
        let history = case.store.history(&reading(), &query).await.expect("a history");
        let told: Vec<u32> = history.for_decision().iter().filter(|row| row.key == o).map(|row| row.version).collect();
        assert_eq!(told, versions, "the history of {chart} tells it");
    }
    for (chart, versions) in [("wrong", vec![2]), ("right", vec![])] {
        let of = HistoryOf::Left(patient(chart));
        let query = HistoryQuery { of, since: None, until: None, count: 9, before: None };
        let left = case.store.history(&reading(), &query).await.expect("what left");
        let told: Vec<u32> = left.for_decision().iter().map(|row| row.version).collect();
        assert_eq!(told, versions, "what left {chart}");
    }
    let holds = async |chart: &str, at| {
        let rows = case.store.chart_as_of(&reading(), &patient(chart), at).await.expect("a chart");
        rows.for_decision().iter().any(|row| row.key == o)
    };
    assert!(holds("wrong", before).await && !holds("right", before).await);
    assert!(!holds("wrong", case.now()).await && holds("right", case.now()).await);
    let query = crate::audit::AuditQuery { action: Some("record.write".into()), count: 1, ..Default::default() };
    let trail = case.store.entries(&reading(), &query).await.expect("the trail");
    let mut both = trail.for_decision()[0].entry.patients.clone();
    both.sort();
    assert_eq!(both, [patient("right"), patient("wrong")], "both charts are named");
}

/// An observation of a chart with a code and a category, indexed as the front door does it.
async fn measured(case: &Case, name: &str, code: &str, category: &str, date: &str) {
    let key = super::fixture::key(Kind::OBSERVATION, name);
    let body = format!(
        r#"{{"resourceType":"Observation","id":"{name}","status":"final",
            "category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"{category}"}}]}}],
            "code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}},"subject":{{"reference":"Patient/p"}},
            "effectiveDateTime":"{date}"}}"#
    );
    let parsed = fhir::json::parse(body.as_bytes()).expect("json");
    let index = fhir::index::Index::of(Kind::OBSERVATION, &parsed);
    let new = crate::record::NewVersion { body: body.into(), index, find_keys: Vec::new() };
    case.commit(vec![Write { key, based_on: None, change: Change::Put(new) }]).await.expect("entered");
}

pub async fn each_code_gets_its_newest(case: Case) {
    case.patient("p").await;
    case.patient("q").await;
    for (name, code, date) in [
        ("a1", "4548-4", "2026-01-03"),
        ("a2", "4548-4", "2026-03-01T08:00:00Z"),
        ("a3", "4548-4", "2025"),
        ("b1", "2339-0", "2024-05-06"),
        ("c1", "29463-7", "2026-04-01"),
    ] {
        measured(&case, name, code, if code == "29463-7" { "vital-signs" } else { "laboratory" }, date).await;
    }
    let coded = |code: &str| ("http://loinc.org".to_owned(), code.to_owned());
    let codes = vec![coded("4548-4"), coded("2339-0")];
    let (rows, total) = slice(&case, "p", Slice { codes: codes.clone(), ..Slice::newest(Kind::OBSERVATION, 2) }).await;
    let mut found = ids(&rows);
    found.sort_unstable();
    assert_eq!((found, total), (vec!["a1", "a2", "b1"], 5), "two of the first code, the one of the second");
    let (rows, _) = slice(&case, "p", Slice { codes: vec![coded("4548-4")], ..Slice::all(Kind::OBSERVATION) }).await;
    assert_eq!(ids(&rows), ["a2", "a1", "a3"], "newest first");
    let other = vec![("http://snomed.info/sct".to_owned(), "4548-4".to_owned())];
    assert!(slice(&case, "p", Slice { codes: other, ..Slice::all(Kind::OBSERVATION) }).await.0.is_empty());
    assert!(slice(&case, "q", Slice { codes, ..Slice::all(Kind::OBSERVATION) }).await.0.is_empty());
    let vitals = Slice { category: Some("vital-signs".into()), ..Slice::all(Kind::OBSERVATION) };
    assert_eq!(ids(&slice(&case, "p", vitals).await.0), ["c1"]);
    let labs = |continue_after| Slice {
        category: Some("laboratory".into()),
        continue_after,
        ..Slice::newest(Kind::OBSERVATION, 3)
    };
    let (rows, _) = slice(&case, "p", labs(None)).await;
    assert_eq!(ids(&rows), ["a2", "a1", "a3"]);
    let (rows, _) = slice(&case, "p", labs(Some(super::fixture::id("a3")))).await;
    assert_eq!(ids(&rows), ["b1"]);
}

pub async fn a_changed_code_moves_in_the_index(case: Case) {
    case.patient("p").await;
    measured(&case, "o", "4548-4", "laboratory", "2026-01-03").await;
    let key = super::fixture::key(Kind::OBSERVATION, "o");
    let coded = |code: &str| Slice {
        codes: vec![("http://loinc.org".to_owned(), code.to_owned())],
        ..Slice::all(Kind::OBSERVATION)
    };
    let body = r#"{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://loinc.org",
        "code":"2339-0"}]},"subject":{"reference":"Patient/p"},"effectiveDateTime":"2026-01-03"}"#;
    let parsed = fhir::json::parse(body.as_bytes()).expect("json");
    let index = fhir::index::Index::of(Kind::OBSERVATION, &parsed);
    let new = crate::record::NewVersion { body: body.into(), index, find_keys: Vec::new() };
    case.commit(vec![Write { key: key.clone(), based_on: Some(1), change: Change::Put(new) }]).await.expect("changed");
    assert!(slice(&case, "p", coded("4548-4")).await.0.is_empty(), "not under what it was");
    assert_eq!(ids(&slice(&case, "p", coded("2339-0")).await.0), ["o"]);
    case.commit(vec![Write { key, based_on: Some(2), change: Change::Delete }]).await.expect("deleted");
    assert!(slice(&case, "p", coded("2339-0")).await.0.is_empty());
}
