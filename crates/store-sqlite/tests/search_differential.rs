//! Random searches on this database: `store/tests/differential`.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use ring::rand::SystemRandom;
use store_sqlite::{Db, Options, key};

#[path = "../../store/tests/differential/mod.rs"]
mod differential;

fn fresh() -> (tempfile::TempDir, Db) {
    let dir = tempfile::tempdir().expect("a folder");
    let random = SystemRandom::new();
    let secret = key::create_key_file(&dir.path().join("key"), &random).expect("a key file");
    let (key, _) = key::create(dir.path(), &secret, &random).expect("keys");
    let db = Db::create(dir.path(), &key, &Options { reserve: 4096, ..Options::default() }).expect("a database");
    (dir, db)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_us_core_search_finds_what_it_names() {
    let (_dir, db) = fresh();
    differential::every_us_core_search_finds_what_it_names(&db).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_searches_answer_what_a_plain_reading_answers() {
    let (_dir, db) = fresh();
    differential::random_searches_answer_what_a_plain_reading_answers(&db).await;
}
