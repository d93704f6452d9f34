//! Searches beside others: a slow one is ended, and pages join while another server writes.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use fhir::Kind;
use fhir::search::{Handling, Query};
use ring::rand::SystemRandom;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::conformance::Fresh;
use store::conformance::fixture::{key, put};
use store::record::Record;
use store::{Actor, Error, KindSet, Permit, Scope};
use store_postgres::{Db, Options};
use tokio_postgres::NoTls;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_takes_too_long_is_ended_and_the_next_answers() {
    let Some(database) = test_postgres::database() else { return };
    let options = Options { read_limit: Duration::from_millis(300), ..common::options() };
    let (db, _recovery) =
        Db::create(database.url(), &common::secret(), &options, &SystemRandom::new()).await.expect("a practice");
    let (mut other, connection) = tokio_postgres::connect(database.url(), NoTls).await.expect("a connection");
    let _task = tokio::spawn(connection);
    let pairs = [("date".to_owned(), "ge2026".to_owned())];
    let (query, _) =
        Query::parse(Kind::OBSERVATION, &pairs, Handling::Strict, jiff::Timestamp::UNIX_EPOCH).expect("a search");
    let permit = Permit::grant(Actor::program("test"), KindSet::ALL, Scope::Practice);

    // A table that cannot be read for now stands for one that takes long to read.
    let held = other.transaction().await.expect("a transaction");
    held.batch_execute("LOCK TABLE idx_date IN ACCESS EXCLUSIVE MODE").await.expect("held");
    let refused = db.search(&permit, &query, None).await;
    assert!(matches!(refused, Err(Error::TooCostly)));
    held.rollback().await.expect("let go");
    let page = db.search(&permit, &query, None).await.expect("an answer");
    assert!(page.for_decision().matches.is_empty());
}

/// What stays as it is is answered exactly once, what changes at most once, whoever changes it meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_join_while_another_server_writes() {
    let Some((database, one)) = common::practice().await else { return };
    let other = common::open(&database).await;
    let (one, other) = (Arc::new(one), Fresh::new(Arc::new(other), ()).case());
    other.patient("a").await;
    let name = |n: usize| key(Kind::OBSERVATION, &format!("o{n:02}"));
    let first = (0..30).map(|n| put(&name(n), None, Some("a"), "1")).collect();
    other.commit(first).await.expect("written");
    let writing = {
        let (other, done) = (other.clone(), Arc::new(AtomicBool::new(false)));
        let told = Arc::clone(&done);
        let task = tokio::spawn(async move {
            for round in 1..30 {
                // Every third changes again and again, and new ones come.
                let based_on = u32::try_from(round).ok();
                let mut writes: Vec<_> =
                    (0..30).step_by(3).map(|n| put(&name(n), based_on, Some("a"), "changed")).collect();
                writes.push(put(&name(100 + round), None, Some("a"), "new"));
                other.commit(writes).await.expect("written");
            }
            told.store(true, Ordering::SeqCst);
        });
        (task, done)
    };
    let permit = Permit::grant(Actor::program("test"), KindSet::ALL, Scope::Practice);
    let still: BTreeSet<String> = (0..30).filter(|n| n % 3 != 0).map(|n| name(n).id.to_string()).collect();
    for order in ["", "date", "-_lastUpdated", "_id"].iter().cycle() {
        let pairs = [("patient".to_owned(), "a".to_owned()), ("_sort".to_owned(), (*order).to_owned())];
        let pairs = if order.is_empty() { &pairs[..1] } else { &pairs[..] };
        let (query, _) =
            Query::parse(Kind::OBSERVATION, pairs, Handling::Strict, jiff::Timestamp::UNIX_EPOCH).expect("a search");
        let query = Query { count: 4, ..query };
        let (mut seen, mut link) = (Vec::new(), None::<String>);
        loop {
            let page = one.search(&permit, &query, link.as_deref()).await.expect("a page");
            let page = page.for_decision();
            seen.extend(page.matches.iter().map(|found| found.key.id.to_string()));
            link = page.next.clone();
            if link.is_none() {
                break;
            }
        }
        let once: BTreeSet<String> = seen.iter().cloned().collect();
        assert_eq!(once.len(), seen.len(), "nothing twice by {order:?}: {seen:?}");
        assert!(still.is_subset(&once), "nothing left out by {order:?}: {seen:?}");
        if writing.1.load(Ordering::SeqCst) {
            break;
        }
    }
    writing.0.await.expect("written");
}
