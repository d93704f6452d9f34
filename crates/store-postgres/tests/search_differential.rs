//! Random searches on this database: `store/tests/differential`.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;
#[path = "../../store/tests/differential/mod.rs"]
mod differential;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_us_core_search_finds_what_it_names() {
    if let Some((_database, db)) = common::practice().await {
        differential::every_us_core_search_finds_what_it_names(&db).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_searches_answer_what_a_plain_reading_answers() {
    if let Some((_database, db)) = common::practice().await {
        differential::random_searches_answer_what_a_plain_reading_answers(&db).await;
    }
}
