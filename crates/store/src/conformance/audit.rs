//! The audit trail: nothing without an entry, every entry in the chain.

use super::fixture::{Case, clinician, day, key, patient, put, reading, writing};
use crate::Error;
use crate::access::{Actor, KindSet, Permit, Scope};
use crate::audit::{AuditQuery, Entry, Recorded, Verdict};
use fhir::Kind;
use uuid::Uuid;

async fn trail(case: &Case, query: AuditQuery) -> Vec<Recorded> {
    case.store.entries(&reading(), &query).await.expect("the trail").for_decision().clone()
}

fn latest(count: u32) -> AuditQuery {
    AuditQuery { count, ..AuditQuery::default() }
}

fn by(actor: u128, at: jiff::Timestamp, of: &[&str]) -> Entry {
    let who = Actor { id: Uuid::from_u128(actor), name: format!("user{actor}"), role: None, practitioner: None };
    let mut entry = Entry::new(at, Uuid::from_u128(1), who, "chart.read");
    entry.patients = of.iter().map(|name| patient(name)).collect();
    entry
}

pub async fn every_commit_and_every_release_leaves_an_entry(case: Case) {
    let p = case.patient("p").await;
    case.read(&p).await.expect("there");
    let found = trail(&case, latest(10)).await;
    assert_eq!(found.len(), 2);
    let (read, write) = (&found[0], &found[1]);
    assert_eq!((write.sequence, write.entry.action.as_str()), (1, "record.write"));
    assert_eq!(write.entry.what, [(p, 1)], "the store adds the versions made");
    assert_eq!(write.entry.patients, [patient("p")]);
    assert_eq!((read.sequence, read.entry.action.as_str()), (2, "record.read"));
    assert_eq!(read.entry.patients, [patient("p")], "a release names every patient shown");
    let other = Permit::grant(clinician(), KindSet::of(&[Kind::PATIENT]), Scope::Practice);
    assert!(matches!(case.store.entries(&other, &latest(1)).await, Err(Error::NotPermitted)));
}

pub async fn a_refused_commit_leaves_none(case: Case) {
    let p = case.patient("p").await;
    assert!(case.commit(vec![put(&p, None, Some("p"), "2")]).await.is_err());
    assert_eq!(trail(&case, latest(10)).await.len(), 1, "its refusal is for the caller to record");
}

pub async fn entries_are_found_by_patient_actor_and_time(case: Case) {
    for n in 0..40_i64 {
        let of: &[&str] = if n % 4 == 0 { &["p", "q"] } else { &["q"] };
        case.store.append(by(u128::from(n % 2 == 0) + 1, day(n), of)).await.expect("appended");
    }
    let about_p = trail(&case, AuditQuery { patient: Some(patient("p")), ..latest(100) }).await;
    assert_eq!(about_p.iter().map(|r| r.sequence).collect::<Vec<_>>(), (0..10).map(|n| 37 - n * 4).collect::<Vec<_>>());
    let by_one = trail(&case, AuditQuery { actor: Some(Uuid::from_u128(1)), ..latest(100) }).await;
    assert_eq!(by_one.len(), 20);
    let both = AuditQuery { actor: Some(Uuid::from_u128(1)), patient: Some(patient("p")), ..latest(100) };
    assert!(trail(&case, both).await.is_empty());
    let span = AuditQuery { since: Some(day(10)), until: Some(day(20)), ..latest(100) };
    let span: Vec<_> = trail(&case, span).await.iter().map(|r| r.entry.at).collect();
    assert_eq!(span, (0..10).map(|n| day(19 - n)).collect::<Vec<_>>());
    let page = trail(&case, AuditQuery { before: Some(21), ..latest(5) }).await;
    assert_eq!(page.iter().map(|r| r.sequence).collect::<Vec<_>>(), [20, 19, 18, 17, 16]);
}

pub async fn recent_charts_newest_first_each_once(case: Case) {
    for (n, name) in ["a", "b", "a", "c"].iter().enumerate() {
        case.store.append(by(1, day(n as i64), &[name])).await.expect("appended");
    }
    case.store.append(by(2, day(9), &["d"])).await.expect("another's");
    let found = Entry { action: "patient.find".to_owned(), ..by(1, day(9), &["e"]) };
    case.store.append(found).await.expect("a search that found one");
    let recent = case.store.recent_patients(Uuid::from_u128(1), 10).await.expect("recent");
    assert_eq!(recent, [patient("c"), patient("a"), patient("b")]);
    assert_eq!(case.store.recent_patients(Uuid::from_u128(1), 2).await.expect("recent").len(), 2);
}

pub async fn a_whole_chain_verifies(case: Case) {
    assert_eq!(case.store.verify().await.expect("verified"), Verdict::Whole { entries: 0 });
    for n in 0..2_500_i64 {
        if n % 100 == 0 {
            case.commit(vec![put(&key(Kind::ORGANIZATION, &format!("o{n}")), None, None, "1")]).await.expect("written");
        }
        if n % 5 == 0 {
            case.store.append(by(1, day(n / 1000), &["p"])).await.expect("appended");
        }
    }
    assert_eq!(case.store.verify().await.expect("verified"), Verdict::Whole { entries: 525 });
}

pub async fn entries_are_numbered_without_gaps_under_concurrency(case: Case) {
    let appending = (0..300).map(|n| {
        let case = case.clone();
        tokio::spawn(async move {
            if n % 10 == 0 {
                let o = key(Kind::ORGANIZATION, &format!("o{n}"));
                case.store.commit(&writing(), case.commit_of(vec![put(&o, None, None, "1")])).await.expect("written");
                None
            } else {
                Some(case.store.append(by(1, day(1), &["p"])).await.expect("appended"))
            }
        })
    });
    let mut sequences = Vec::new();
    for one in appending.collect::<Vec<_>>() {
        sequences.extend(one.await.expect("joined"));
    }
    let found = trail(&case, latest(1_000)).await;
    assert_eq!(found.iter().map(|r| r.sequence).collect::<Vec<_>>(), (1..=300).rev().collect::<Vec<_>>());
    for sequence in sequences {
        let recorded = found.iter().find(|recorded| recorded.sequence == sequence).expect("there");
        assert_eq!(recorded.entry.action, "chart.read", "an entry stands where its asker was told");
    }
    assert_eq!(case.store.verify().await.expect("verified"), Verdict::Whole { entries: 300 });
}
