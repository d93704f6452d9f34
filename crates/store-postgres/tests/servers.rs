//! Several servers on one database: whatever each does at the same time, there is one record, one series of numbers, one chain.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{commit, entry, key, open, practice, put, reading, version, writing};
use fhir::{Key, Kind};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use store::audit::Verdict;
use store::record::{Change, HistoryOf, HistoryQuery, NewVersion, Write};
use store::{AuditLog as _, Error, Record as _};
use store_postgres::Db;
use test_postgres::Database;

/// A practice with this many servers.
async fn servers(count: usize) -> Option<(Database, Vec<Arc<Db>>)> {
    let (database, first) = practice().await?;
    let mut all = vec![Arc::new(first)];
    while all.len() < count {
        all.push(Arc::new(open(&database).await));
    }
    Some((database, all))
}

/// Registers a patient; the number it was given is noted once it is stored.
async fn register(db: &Db, n: u32, numbers: &Mutex<Vec<u64>>) {
    let key = key(Kind::PATIENT, &format!("p{n}"));
    let given = Arc::new(Mutex::new(0));
    let (named, told) = (key.clone(), Arc::clone(&given));
    let make = move |number: u64| -> store::Result<NewVersion> {
        *told.lock().expect("unpoisoned") = number;
        Ok(version(&named, &number.to_string()))
    };
    let write = Write { key, based_on: None, change: Change::PutNumbered(Box::new(make)) };
    db.commit(&writing(), commit(u128::from(n), vec![write])).await.expect("registered");
    let number = *given.lock().expect("unpoisoned");
    numbers.lock().expect("unpoisoned").push(number);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn numbers_sequences_and_chain_have_no_gap() {
    let Some((_database, all)) = servers(4).await else { return };
    let numbers = Arc::new(Mutex::new(Vec::new()));
    let working = (0..200_u32).map(|n| {
        let (db, numbers) = (Arc::clone(&all[n as usize % 4]), Arc::clone(&numbers));
        tokio::spawn(async move {
            match n % 4 {
                // Every fourth is refused: a number must not be lost by that.
                0 => {
                    let taken = commit(u128::from(n), vec![put(&key(Kind::PATIENT, "nobody"), Some(7), "x")]);
                    assert!(matches!(db.commit(&writing(), taken).await, Err(Error::Missing(_))));
                }
                1 => drop(db.append(entry(u128::from(n))).await.expect("appended")),
                _ => register(&db, n, &numbers).await,
            }
        })
    });
    for work in working.collect::<Vec<_>>() {
        work.await.expect("joined");
    }
    let mut numbers = numbers.lock().expect("unpoisoned").clone();
    numbers.sort_unstable();
    assert_eq!(numbers, (100_001..100_101).collect::<Vec<_>>());
    let query = HistoryQuery { of: HistoryOf::Practice, since: None, until: None, count: 1_000, before: None };
    let history = all[1].history(&reading(), &query).await.expect("the history");
    let sequences: BTreeSet<u64> = history.for_decision().iter().map(|stored| stored.sequence).collect();
    assert_eq!(sequences, (1..=100).collect());
    for db in &all {
        assert_eq!(db.verify().await.expect("checked"), Verdict::Whole { entries: 150 });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_one_version_exactly_one_server_makes_the_next() {
    let Some((_database, all)) = servers(3).await else { return };
    let p = key(Kind::PATIENT, "p");
    all[0].commit(&writing(), commit(0, vec![put(&p, None, "1")])).await.expect("made");
    for round in 1..=10_u32 {
        let racing = all.iter().enumerate().map(|(n, db)| {
            let (db, p) = (Arc::clone(db), p.clone());
            let request = u128::from(round) * 10 + n as u128;
            tokio::spawn(
                async move { db.commit(&writing(), commit(request, vec![put(&p, Some(round), "next")])).await },
            )
        });
        let (mut won, mut stale) = (0, 0);
        for racer in racing.collect::<Vec<_>>() {
            match racer.await.expect("joined") {
                Ok(done) => {
                    assert_eq!(done.versions[0].1, round + 1);
                    won += 1;
                }
                Err(Error::Stale { current, .. }) if current == round + 1 => stale += 1,
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!((won, stale), (1, 2));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_servers_that_name_new_resources_crosswise_both_succeed() {
    let Some((_database, all)) = servers(2).await else { return };
    for round in 0..20_u32 {
        // Each makes a resource that refers to what the other makes, and to a patient that neither has.
        let keys: Vec<Key> = (0..2).map(|n| key(Kind::OBSERVATION, &format!("o{round}-{n}"))).collect();
        let making = (0..2_usize).map(|n| {
            let (db, mine, other) = (Arc::clone(&all[n]), keys[n].clone(), keys[1 - n].clone());
            let mut new = version(&mine, "1");
            new.index.patient = fhir::PatientId::parse(&format!("new{round}")).ok();
            let param = fhir::search::parameters::named(Kind::OBSERVATION, "has-member").expect("a parameter").param;
            new.index.references.push(fhir::index::Reference { param, part: 0, target: other });
            let write = Write { key: mine, based_on: None, change: Change::Put(new) };
            let request = u128::from(round) * 10 + n as u128;
            tokio::spawn(async move { db.commit(&writing(), commit(request, vec![write])).await })
        });
        for made in making.collect::<Vec<_>>() {
            made.await.expect("joined").expect("made");
        }
        let read = all[0].read_many(&reading(), &keys).await.expect("read");
        assert_eq!(read.for_decision().len(), 2);
        assert_eq!(read.patients().len(), 1, "both are in the chart of the one patient");
    }
}
