//! Any course of commits, races, searches and restarts ends as the model ends (`store::conformance::model`).
//! `CHARTROOM_MODEL_COURSES` sets how many.
#![allow(clippy::expect_used, reason = "tests")]

mod common;

use common::{open, practice};
use proptest::test_runner::{Config, TestRunner};
use std::sync::Arc;
use store::Store;
use store::conformance::model::{Practice, courses};
use store_postgres::Db;
use test_postgres::Database;

/// A practice in a database of its own.
struct Course(Database, Option<Db>);

#[async_trait::async_trait]
impl Practice for Course {
    async fn open(&mut self) -> Arc<dyn Store> {
        match self.1.take() {
            Some(db) => Arc::new(db),
            None => Arc::new(open(&self.0).await),
        }
    }
}

#[test]
fn any_course_ends_as_the_model_ends() {
    let cases = std::env::var("CHARTROOM_MODEL_COURSES").ok().and_then(|n| n.parse().ok()).unwrap_or(24);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 100, ..Config::default() };
    TestRunner::new(config)
        .run(&courses(24), |course| {
            runtime.block_on(async {
                if let Some((database, db)) = practice().await {
                    course.run(&mut Course(database, Some(db))).await;
                }
            });
            Ok(())
        })
        .expect("the store and the model agree");
}
