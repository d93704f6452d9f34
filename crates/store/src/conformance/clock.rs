//! A clock that goes back: what was recorded keeps the order in which it was recorded, and is found by the time it was given.

use super::fixture::{Case, clinician, day, key, patient, put, reading, writing};
use crate::audit::{AuditQuery, Entry, Verdict};
use crate::record::{Change, Commit, Committed, HistoryOf, HistoryQuery, Idempotency, Stored, Write};
use fhir::{Key, Kind, PatientId};
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What the clock said at each of some writings, as days: right, set back, caught up by half, far ahead, right again.
const SAID: [i64; 6] = [10, 11, 3, 7, 300, 8];

fn commit_at(at: Timestamp, writes: Vec<Write>) -> Commit {
    let audit = Entry::new(at, Uuid::from_u128(1), clinician(), "record.write");
    Commit { at, writes, unchanged: Vec::new(), exist: Vec::new(), draft: None, idempotency: None, audit }
}

/// A patient, a version at each of [`SAID`].
async fn written(case: &Case) -> (Key, Vec<Committed>) {
    let p = key(Kind::PATIENT, "p");
    let mut made = Vec::new();
    for (before, said) in (0..).zip(SAID) {
        let based_on = (before > 0).then_some(before);
        let write = put(&p, based_on, Some("p"), &said.to_string());
        made.push(case.store.commit(&writing(), commit_at(day(said), vec![write])).await.expect("written"));
    }
    (p, made)
}

async fn history(case: &Case, query: HistoryQuery) -> Vec<Stored> {
    case.store.history(&reading(), &query).await.expect("a history").for_decision().clone()
}

fn all(of: HistoryOf) -> HistoryQuery {
    HistoryQuery { of, since: None, until: None, count: 100, before: None }
}

fn versions(found: &[Stored]) -> Vec<u32> {
    found.iter().map(|stored| stored.version).collect()
}

pub async fn versions_keep_the_order_they_were_recorded_in(case: Case) {
    let (p, made) = written(&case).await;
    let sequences: Vec<u64> = made.iter().map(|committed| committed.versions[0].2).collect();
    assert!(sequences.windows(2).all(|pair| pair[0] < pair[1]), "{sequences:?}");
    for of in [
        HistoryOf::Instance(p.clone()),
        HistoryOf::Kind(Kind::PATIENT),
        HistoryOf::Patient(patient("p")),
        HistoryOf::Practice,
    ] {
        let whole = history(&case, all(of.clone())).await;
        assert_eq!(versions(&whole), [6, 5, 4, 3, 2, 1]);
        let times: Vec<Timestamp> = whole.iter().rev().map(|stored| stored.recorded_at).collect();
        assert_eq!(times, SAID.map(day), "each tells what the clock said");
        // Pages go by the order of recording, so none is left out or repeated.
        let (mut joined, mut before) = (Vec::new(), None);
        loop {
            let page = history(&case, HistoryQuery { count: 2, before, ..all(of.clone()) }).await;
            let Some(last) = page.last() else { break };
            before = Some(last.sequence);
            joined.extend(versions(&page));
        }
        assert_eq!(joined, [6, 5, 4, 3, 2, 1]);
        // By time: those the clock gave that time.
        let since = HistoryQuery { since: Some(day(8)), ..all(of.clone()) };
        assert_eq!(versions(&history(&case, since).await), [6, 5, 2, 1]);
        let between = HistoryQuery { since: Some(day(7)), until: Some(day(10)), ..all(of) };
        assert_eq!(versions(&history(&case, between).await), [6, 4, 1]);
    }
    assert_eq!(case.read(&p).await.expect("there").version, 6, "the last one recorded is the current one");
}

pub async fn a_chart_as_it_stood_goes_by_the_last_version_recorded_until_then(case: Case) {
    let (p, _) = written(&case).await;
    for (asked, version) in [(2, None), (3, Some(3)), (7, Some(4)), (8, Some(6)), (12, Some(6)), (300, Some(6))] {
        let stood = case.store.chart_as_of(&reading(), &patient("p"), day(asked)).await.expect("a chart");
        assert_eq!(versions(stood.for_decision()), Vec::from_iter(version), "day {asked}");
    }
    // Gone by a deletion that an older time is given: nothing after it in the order of recording.
    let deletion = Write { key: p.clone(), based_on: Some(6), change: Change::Delete };
    case.store.commit(&writing(), commit_at(day(5), vec![deletion])).await.expect("deleted");
    let stood = case.store.chart_as_of(&reading(), &patient("p"), day(300)).await.expect("a chart");
    assert!(stood.for_decision().is_empty());
    assert!(case.read(&p).await.expect("its last version").deleted);
}

pub async fn the_trail_is_numbered_as_written_and_found_by_time(case: Case) {
    // Enough for several stretches of the trail, the clock set back in the middle of each, writers at the same time.
    let minute = |n: i64| day(0) + jiff::SignedDuration::from_mins(if n % 1_000 < 500 { n } else { n - 2_000 });
    let mut tasks = Vec::new();
    for n in 0..3_000_i64 {
        let case = case.clone();
        tasks.push(tokio::spawn(async move {
            let mut entry = Entry::new(minute(n), Uuid::from_u128(1), clinician(), "chart.read");
            entry.patients = vec![patient(if n % 7 == 0 { "p" } else { "q" })];
            (case.store.append(entry).await.expect("appended"), n)
        }));
        if n % 50 == 49 {
            for task in tasks.drain(..) {
                task.await.expect("appended");
            }
        }
    }
    let found = trail(&case, AuditQuery::default()).await;
    let told: Vec<u64> = found.iter().map(|(sequence, ..)| *sequence).collect();
    assert_eq!(told, (1..=3_000).rev().collect::<Vec<_>>(), "newest first, by number");
    for (since, until) in [(-1_500, -1_400), (-1_010, -990), (0, 30), (990, 1_010), (1_900, 2_100), (2_400, 3_000)] {
        let (since, until) =
            (day(0) + jiff::SignedDuration::from_mins(since), day(0) + jiff::SignedDuration::from_mins(until));
        for of in [None, Some("p")] {
            let expected: Vec<_> = found
                .iter()
                .filter(|(_, at, about)| *at >= since && *at < until && of.is_none_or(|of| about == of))
                .cloned()
                .collect();
            let query = AuditQuery { since: Some(since), until: Some(until), ..AuditQuery::default() };
            let query = AuditQuery { patient: of.map(patient), ..query };
            assert_eq!(trail(&case, query).await, expected, "{since} to {until}, {of:?}");
        }
    }
    // What each writer gave is there with its time, once.
    let mut times = BTreeMap::<Timestamp, usize>::new();
    for (_, at, _) in &found {
        *times.entry(*at).or_default() += 1;
    }
    let mut given = BTreeMap::<Timestamp, usize>::new();
    for n in 0..3_000 {
        *given.entry(minute(n)).or_default() += 1;
    }
    assert_eq!(times, given);
    assert_eq!(case.store.verify().await.expect("verified"), Verdict::Whole { entries: 3_000 });
}

/// Number, time and patient of the entries found.
async fn trail(case: &Case, query: AuditQuery) -> Vec<(u64, Timestamp, String)> {
    let found = case.store.entries(&reading(), &AuditQuery { count: u32::MAX, ..query }).await.expect("the trail");
    let line = |entry: &Entry| (entry.at, entry.patients.iter().map(PatientId::as_str).collect());
    found
        .for_decision()
        .iter()
        .map(|found| (found.sequence, line(&found.entry)))
        .map(|(n, (at, of))| (n, at, of))
        .collect()
}

pub async fn a_retry_is_known_before_and_after_its_time(case: Case) {
    let retry = |n: i64| Idempotency { key: format!("key{n}"), request: [7; 32], answer: format!("answer {n}") };
    let o = |n: i64| key(Kind::ORGANIZATION, &format!("o{n}"));
    let made_at = |at: i64, n: i64| Commit {
        idempotency: Some(retry(n)),
        ..commit_at(day(at), vec![put(&o(n), None, None, "1")])
    };
    // Kept in time order 10, 3, 7: a clock set back makes nothing that was kept older than a week.
    for said in [10, 3, 7] {
        case.store.commit(&writing(), made_at(said, said)).await.expect("written");
    }
    for said in [10, 3, 7] {
        assert_eq!(case.store.answered(&writing(), &retry(said)).await.expect("asked"), Some(format!("answer {said}")));
        // Sent again while the clock says less than it did: answered, not done twice.
        let again = case.store.commit(&writing(), made_at(2, said)).await.expect("answered");
        assert!(again.replayed, "{said}");
        assert_eq!(case.read(&o(said)).await.expect("there").version, 1);
    }
}
