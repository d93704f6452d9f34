//! Commits: all or nothing, never last-writer-wins.

use super::fixture::{Case, body, clinician, day, id, key, patient, put, reading, writing, writing_chart};
use crate::Error;
use crate::access::{KindSet, Permit, Scope, WritePermit};
use crate::record::{Change, Idempotency, Write};
use fhir::Kind;

pub async fn what_was_written_is_read_to_the_byte(case: Case) {
    case.patient("p").await;
    let key = key(Kind::OBSERVATION, "0190a7e4-1c5b-7a3e-9f10-8b1b1a2c3d4e");
    let done = case.commit(vec![put(&key, None, Some("p"), "é \\u00e9 1.50")]).await.expect("written");
    let read = case.read(&key).await.expect("there");
    assert_eq!(read.body, body(&key, "é \\u00e9 1.50"));
    assert_eq!(done.versions, vec![(key.clone(), 1, read.sequence)]);
    assert_eq!((read.key, read.version, read.deleted, read.patient), (key, 1, false, Some(patient("p"))));
}

pub async fn absent_resources_are_none(case: Case) {
    let key = key(Kind::OBSERVATION, "nowhere");
    assert!(case.read(&key).await.is_none());
    assert!(case.store.read_version(&reading(), &key, 1).await.expect("a read").is_none());
}

pub async fn a_stale_write_is_refused_and_named(case: Case) {
    let key = case.patient("p").await;
    case.commit(vec![put(&key, Some(1), Some("p"), "2")]).await.expect("the second version");
    let refused = case.commit(vec![put(&key, Some(1), Some("p"), "mine")]).await;
    assert!(matches!(refused, Err(Error::Stale { key: k, current: 2 }) if k == key));
    assert_eq!(case.read(&key).await.expect("there").body, body(&key, "2"));
}

pub async fn a_create_of_a_used_id_is_refused(case: Case) {
    let key = case.patient("p").await;
    assert!(matches!(case.commit(vec![put(&key, None, Some("p"), "2")]).await, Err(Error::Exists(k)) if k == key));
    let delete = Write { key: key.clone(), based_on: Some(1), change: Change::Delete };
    case.commit(vec![delete]).await.expect("deleted");
    assert!(matches!(case.commit(vec![put(&key, None, Some("p"), "3")]).await, Err(Error::Exists(k)) if k == key));
}

pub async fn an_update_of_nothing_is_refused(case: Case) {
    let key = key(Kind::PATIENT, "p");
    assert!(matches!(case.commit(vec![put(&key, Some(1), Some("p"), "2")]).await, Err(Error::Missing(k)) if k == key));
    let delete = Write { key: key.clone(), based_on: Some(1), change: Change::Delete };
    assert!(matches!(case.commit(vec![delete]).await, Err(Error::Missing(_))));
}

pub async fn one_bad_write_undoes_the_whole_commit(case: Case) {
    let stale = case.patient("p").await;
    let (first, last) = (key(Kind::OBSERVATION, "first"), key(Kind::OBSERVATION, "last"));
    let writes =
        vec![put(&first, None, Some("p"), "1"), put(&stale, Some(9), Some("p"), "2"), put(&last, None, Some("p"), "1")];
    assert!(case.commit(writes).await.is_err());
    assert!(case.read(&first).await.is_none() && case.read(&last).await.is_none());
    assert_eq!(case.read(&stale).await.expect("there").version, 1);
    let twice = vec![put(&first, None, Some("p"), "1"), put(&first, None, Some("p"), "2")];
    assert!(case.commit(twice).await.is_err(), "a resource appears once in a commit");
    assert!(case.read(&first).await.is_none());
}

pub async fn of_many_writers_of_one_version_exactly_one_wins(case: Case) {
    let key = case.patient("p").await;
    for round in 1..=5 {
        let writers = (0..16).map(|n| {
            let (case, key) = (case.clone(), key.clone());
            tokio::spawn(async move { case.commit(vec![put(&key, Some(round), Some("p"), &format!("{n}"))]).await })
        });
        let writers: Vec<_> = writers.collect();
        let (mut won, mut stale) = (0, 0);
        for writer in writers {
            match writer.await.expect("joined") {
                Ok(done) => {
                    assert_eq!(done.versions[0].1, round + 1);
                    won += 1;
                }
                Err(Error::Stale { current, .. }) if current == round + 1 => stale += 1,
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!((won, stale), (1, 15));
    }
}

pub async fn what_a_command_saw_must_still_hold(case: Case) {
    let (p, o) = (case.patient("p").await, key(Kind::OBSERVATION, "o"));
    case.commit(vec![put(&p, Some(1), Some("p"), "2")]).await.expect("the second version");
    let mut commit = case.commit_of(vec![put(&o, None, Some("p"), "1")]);
    commit.unchanged = vec![(p.clone(), 1)];
    assert!(matches!(case.store.commit(&writing(), commit).await, Err(Error::Stale { current: 2, .. })));
    assert!(case.read(&o).await.is_none());
    let mut commit = case.commit_of(vec![put(&o, None, Some("p"), "1")]);
    commit.unchanged = vec![(p, 2)];
    case.store.commit(&writing(), commit).await.expect("nothing changed in between");
}

pub async fn checked_references_must_exist(case: Case) {
    case.patient("p").await;
    let (o, e) = (key(Kind::OBSERVATION, "o"), key(Kind::ENCOUNTER, "e"));
    let mut commit = case.commit_of(vec![put(&o, None, Some("p"), "1")]);
    commit.exist = vec![e.clone()];
    assert!(matches!(case.store.commit(&writing(), commit).await, Err(Error::Missing(k)) if k == e));
    let mut commit = case.commit_of(vec![put(&o, None, Some("p"), "1"), put(&e, None, Some("p"), "1")]);
    commit.exist = vec![e.clone()];
    case.store.commit(&writing(), commit).await.expect("made by the same commit");
    case.commit(vec![Write { key: e.clone(), based_on: Some(1), change: Change::Delete }]).await.expect("deleted");
    let mut commit = case.commit_of(vec![put(&o, Some(1), Some("p"), "2")]);
    commit.exist = vec![e.clone()];
    assert!(matches!(case.store.commit(&writing(), commit).await, Err(Error::Missing(k)) if k == e));
}

pub async fn a_retry_answers_as_the_first_time(case: Case) {
    let key = key(Kind::PATIENT, "p");
    let with = |request: [u8; 32]| {
        let mut commit = case.commit_of(vec![put(&key, None, Some("p"), "1")]);
        commit.idempotency = Some(Idempotency { key: "order-7".into(), request, answer: "one thing made".into() });
        commit
    };
    let first = case.store.commit(&writing(), with([1; 32])).await.expect("written");
    let again = case.store.commit(&writing(), with([1; 32])).await.expect("answered again");
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!(first.versions, again.versions);
    let told = |request| Idempotency { key: "order-7".into(), request, answer: String::new() };
    let answer = case.store.answered(&writing(), &told([1; 32])).await.expect("asked");
    assert_eq!(answer.as_deref(), Some("one thing made"));
    assert!(matches!(case.store.answered(&writing(), &told([2; 32])).await, Err(Error::IdempotencyMismatch)));
    let unknown = Idempotency { key: "order-8".into(), ..told([1; 32]) };
    assert_eq!(case.store.answered(&writing(), &unknown).await.expect("asked"), None);
    assert!(matches!(case.store.commit(&writing(), with([2; 32])).await, Err(Error::IdempotencyMismatch)));
    assert_eq!(case.read(&key).await.expect("there").version, 1);
    let mut other = clinician();
    other.id = uuid::Uuid::from_u128(99);
    let permit = WritePermit::grant(other.clone(), KindSet::ALL, Scope::Practice);
    let mut theirs = with([2; 32]);
    theirs.audit.actor = other;
    let theirs = case.store.commit(&permit, theirs).await;
    assert!(matches!(theirs, Err(Error::Exists(_))), "another actor's key is another key");
}

pub async fn a_retry_of_what_changed_nothing_is_known(case: Case) {
    let with = |request: [u8; 32], writes: Vec<Write>| {
        let mut commit = case.commit_of(writes);
        commit.idempotency = Some(Idempotency { key: "none-7".into(), request, answer: "nothing".into() });
        commit
    };
    let first = case.store.commit(&writing(), with([1; 32], Vec::new())).await.expect("kept");
    assert!(first.versions.is_empty() && !first.replayed);
    let p = key(Kind::PATIENT, "p");
    let again = case.store.commit(&writing(), with([1; 32], vec![put(&p, None, Some("p"), "1")])).await;
    assert!(again.is_ok_and(|again| again.versions.is_empty() && again.replayed));
    assert!(case.read(&p).await.is_none(), "the first answer stands");
    let asked = Idempotency { key: "none-7".into(), request: [1; 32], answer: String::new() };
    assert_eq!(case.store.answered(&writing(), &asked).await.expect("asked").as_deref(), Some("nothing"));
    assert!(matches!(case.store.commit(&writing(), with([2; 32], Vec::new())).await, Err(Error::IdempotencyMismatch)));
}

pub async fn retry_keys_are_forgotten_after_a_week(case: Case) {
    let keep = async |key: &str, at| {
        let mut commit = case.commit_of(Vec::new());
        commit.at = at;
        commit.idempotency = Some(Idempotency { key: key.into(), request: [1; 32], answer: "nothing".into() });
        case.store.commit(&writing(), commit).await.expect("kept")
    };
    let known = async |key: &str| {
        let asked = Idempotency { key: key.into(), request: [1; 32], answer: String::new() };
        case.store.answered(&writing(), &asked).await.expect("asked").is_some()
    };
    keep("monday", day(0)).await;
    keep("friday", day(4)).await;
    keep("sunday", day(6)).await;
    assert!(known("monday").await && known("friday").await, "within the week");
    keep("next tuesday", day(8)).await;
    assert_eq!((known("monday").await, known("friday").await, known("next tuesday").await), (false, true, true));
    assert!(!keep("monday", day(8)).await.replayed, "its key is free again");
}

pub async fn a_deletion_is_a_version_and_can_be_undone(case: Case) {
    case.patient("p").await;
    let key = key(Kind::OBSERVATION, "o");
    case.commit(vec![put(&key, None, Some("p"), "1")]).await.expect("made");
    case.commit(vec![Write { key: key.clone(), based_on: Some(1), change: Change::Delete }]).await.expect("deleted");
    let gone = case.read(&key).await.expect("the deletion is told");
    assert_eq!((gone.version, gone.deleted, gone.body.len()), (2, true, 0));
    assert_eq!(gone.patient, Some(patient("p")));
    let again = Write { key: key.clone(), based_on: Some(2), change: Change::Delete };
    assert!(matches!(case.commit(vec![again]).await, Err(Error::Missing(_))));
    case.commit(vec![put(&key, Some(2), Some("p"), "3")]).await.expect("brought back");
    let back = case.read(&key).await.expect("there");
    assert_eq!((back.version, back.deleted, back.body), (3, false, body(&key, "3")));
}

pub async fn a_permit_for_one_chart_writes_no_other(case: Case) {
    case.patient("mine").await;
    case.patient("theirs").await;
    let (o, t) = (key(Kind::OBSERVATION, "o"), key(Kind::OBSERVATION, "t"));
    case.commit(vec![put(&t, None, Some("theirs"), "1")]).await.expect("made");
    let permit = writing_chart("mine");
    let attempts = [
        put(&o, None, Some("theirs"), "1"),
        put(&t, Some(1), Some("mine"), "2"),
        put(&t, Some(1), Some("theirs"), "2"),
        Write { key: t.clone(), based_on: Some(1), change: Change::Delete },
    ];
    for attempt in attempts {
        let refused = case.store.commit(&permit, case.commit_of(vec![attempt])).await;
        assert!(matches!(refused, Err(Error::WrongPatient(_))));
    }
    case.store.commit(&permit, case.commit_of(vec![put(&o, None, Some("mine"), "1")])).await.expect("its own chart");
    let away = case.store.commit(&permit, case.commit_of(vec![put(&o, Some(1), None, "2")])).await;
    assert!(matches!(away, Err(Error::WrongPatient(_))), "nothing leaves the chart");
    assert_eq!(case.read(&t).await.expect("there").version, 1);
}

pub async fn types_outside_a_permit_are_refused(case: Case) {
    let p = case.patient("p").await;
    let o = key(Kind::OBSERVATION, "o");
    let demographic = KindSet::of(&[Kind::PATIENT]);
    let permit = WritePermit::grant(clinician(), demographic, Scope::Practice);
    let refused = case.store.commit(&permit, case.commit_of(vec![put(&o, None, Some("p"), "1")])).await;
    assert!(matches!(refused, Err(Error::NotPermitted)));
    let permit = Permit::grant(clinician(), demographic, Scope::Practice);
    assert!(matches!(case.store.read(&permit, &o).await, Err(Error::NotPermitted)));
    assert!(case.store.read(&permit, &p).await.expect("permitted").is_some());
    let elsewhere = Permit::grant(clinician(), KindSet::ALL, Scope::Patient(patient("other")));
    assert!(case.store.read(&elsewhere, &p).await.expect("hidden, not refused").is_none());
    assert!(case.store.read_many(&elsewhere, &[p]).await.expect("hidden").for_decision().is_empty());
}

pub async fn known_ids_are_told_with_their_version(case: Case) {
    case.patient("p").await;
    case.entered(Kind::OBSERVATION, "o", "unseen", None).await;
    let ids = [id("p"), id("unseen"), id("nobody")];
    let known = case.store.known(&reading(), Kind::PATIENT, &ids).await.expect("known");
    assert_eq!(known, vec![(id("p"), 1), (id("unseen"), 0)], "what is only referred to has version 0");
}

pub async fn many_are_read_in_the_order_asked(case: Case) {
    let (a, b) = (case.patient("a").await, case.patient("b").await);
    let keys = [b.clone(), key(Kind::PATIENT, "none"), a.clone()];
    let sealed = case.store.read_many(&reading(), &keys).await.expect("read");
    assert_eq!(sealed.patients().len(), 2);
    let read: Vec<_> = sealed.for_decision().iter().map(|stored| stored.key.clone()).collect();
    assert_eq!(read, vec![b.clone(), a]);
    let current = case.store.current(&writing(), &keys).await.expect("current");
    let current: Vec<_> = current.for_decision().iter().map(|c| c.as_ref().map(|c| c.version)).collect();
    assert_eq!(current, vec![Some(1), None, Some(1)]);
}

pub async fn turns_are_taken_one_after_another(case: Case) {
    let inside = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let takers = (0..8).map(|_| {
        let (case, inside) = (case.clone(), std::sync::Arc::clone(&inside));
        tokio::spawn(async move {
            for _ in 0..5 {
                let turn = case.store.turn().await.expect("a turn");
                assert_eq!(inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0, "nobody else is inside");
                tokio::task::yield_now().await;
                inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                drop(turn);
            }
        })
    });
    for taker in takers.collect::<Vec<_>>() {
        taker.await.expect("joined");
    }
}
