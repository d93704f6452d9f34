//! The record against a model: any course of commits, retries, races, searches and restarts must end as the simplest possible record
//! (a map of lists of versions) ends.

mod compare;
mod record;
mod steps;

use self::compare::compare;
use self::record::{Model, Refusal, Sent, refusal};
use self::steps::{Asked, Step, step};
use super::fixture::{clinician, writing};
use crate::Store;
use crate::audit::{Entry, Verdict};
use crate::record::{Commit, Committed, Idempotency};
use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::Strategy;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// A practice that can be closed and opened again.
#[async_trait::async_trait]
pub trait Practice: Send {
    /// Opens it (the first time: makes it). What was opened before is dropped by then.
    async fn open(&mut self) -> Arc<dyn Store>;
}

/// One course of at most `steps` steps.
pub fn courses(steps: usize) -> impl Strategy<Value = Course> {
    vec(step(), 1..steps).prop_map(Course)
}

/// What happens to a practice, step by step.
#[derive(Debug, Clone)]
pub struct Course(Vec<Step>);

impl Course {
    /// Runs the course on a new practice and compares as it goes.
    pub async fn run(&self, practice: &mut dyn Practice) {
        let (mut model, mut store) = (Model::default(), practice.open().await);
        for (n, step) in self.0.iter().enumerate() {
            match step {
                Step::Commit(asked, retry) => one(&mut model, store.as_ref(), n, asked, *retry).await,
                Step::Race(asked) => race(&mut model, &store, n, asked).await,
                Step::Restart => {
                    drop(store);
                    store = practice.open().await;
                    compare(&mut model, store.as_ref()).await;
                }
            }
        }
        compare(&mut model, store.as_ref()).await;
        let verdict = store.verify().await.expect("verified");
        assert_eq!(verdict, Verdict::Whole { entries: model.entries }, "an entry for each commit and each release");
    }
}

async fn send(
    store: &dyn Store,
    at: Timestamp,
    sent: &[Sent],
    idempotency: Option<Idempotency>,
) -> Result<Committed, Refusal> {
    let audit = Entry::new(at, Uuid::from_u128(1), clinician(), "record.write");
    let writes = sent.iter().map(Sent::write).collect();
    let commit = Commit { at, writes, unchanged: Vec::new(), exist: Vec::new(), draft: None, idempotency, audit };
    store.commit(&writing(), commit).await.map_err(refusal)
}

async fn one(model: &mut Model, store: &dyn Store, n: usize, asked: &[Asked], retry: Option<u8>) {
    let sent: Vec<Sent> = asked.iter().enumerate().map(|(i, asked)| model.send(asked, &format!("{n}-{i}"))).collect();
    let request = [n as u8; 32];
    let idempotency =
        retry.map(|key| Idempotency { key: format!("key-{key}"), request, answer: format!("answer {n}") });
    let at = model.now();
    let done = send(store, at, &sent, idempotency.clone()).await;
    let before = retry.and_then(|key| model.answered.get(&key));
    if let Some((first, _)) = before {
        assert_ne!(first, &request, "each step is its own request");
        assert_eq!(done, Err(Refusal::Mismatch));
        return;
    }
    let why = model.refusals(&sent);
    match done {
        Ok(done) => {
            assert!(why.is_empty(), "taken, but should be refused for {why:?}");
            model.take(&sent, &done);
            model.entries += 1;
            if let (Some(key), Some(idempotency)) = (retry, idempotency) {
                let at = model.now();
                let again = send(store, at, &sent, Some(idempotency)).await.expect("a retry is answered");
                assert_eq!(again, Committed { replayed: true, ..done.clone() });
                model.entries += 1;
                model.answered.insert(key, (request, done));
            }
        }
        Err(refused) => assert!(why.contains(&refused), "refused for {refused:?}; it may be for {why:?}"),
    }
}

async fn race(model: &mut Model, store: &Arc<dyn Store>, n: usize, asked: &[Asked]) {
    let all: Vec<Sent> = asked.iter().enumerate().map(|(i, asked)| model.send(asked, &format!("{n}-{i}"))).collect();
    let at = model.now();
    let racing = all.iter().cloned().map(|sent| {
        let store = Arc::clone(store);
        tokio::spawn(async move { send(store.as_ref(), at, &[sent], None).await })
    });
    let mut outcomes = Vec::new();
    for racer in racing.collect::<Vec<_>>() {
        outcomes.push(racer.await.expect("joined"));
    }
    let mut won: Vec<(&Sent, Committed)> = Vec::new();
    for (sent, outcome) in all.iter().zip(&outcomes) {
        if let Ok(done) = outcome {
            won.push((sent, done.clone()));
        }
    }
    // Whatever the order was, the sequence tells it. Each loser must have had its reason at some moment of the race.
    won.sort_by_key(|(_, done)| done.versions.first().map(|(_, _, sequence)| *sequence));
    let mut reasons: Vec<BTreeSet<Refusal>> =
        all.iter().map(|sent| model.refusals(std::slice::from_ref(sent))).collect();
    for (sent, done) in won {
        assert!(model.refusals(std::slice::from_ref(sent)).is_empty(), "taken where it must be refused");
        model.take(std::slice::from_ref(sent), &done);
        model.entries += 1;
        for (sent, reasons) in all.iter().zip(&mut reasons) {
            reasons.extend(model.refusals(std::slice::from_ref(sent)));
        }
    }
    for (outcome, reasons) in outcomes.iter().zip(&reasons) {
        if let Err(refused) = outcome {
            assert!(reasons.contains(refused), "refused for {refused:?}; it may be for {reasons:?}");
        }
    }
}
