//! A search that takes too long is ended, and the next one answers.
#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use fhir::Kind;
use fhir::search::{Handling, Query};
use ring::rand::SystemRandom;
use std::time::Duration;
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
