//! Any course of commits, races, searches and restarts ends as the model ends (`store::conformance::model`).
//! `CHARTROOM_MODEL_COURSES` sets how many.
#![allow(clippy::expect_used, reason = "tests")]

mod common;

use common::{create, open};
use proptest::test_runner::{Config, TestRunner};
use std::sync::Arc;
use store::Store;
use store::conformance::model::{Practice, courses};

/// A practice in a folder of its own.
struct Folder(tempfile::TempDir, bool);

#[async_trait::async_trait]
impl Practice for Folder {
    async fn open(&mut self) -> Arc<dyn Store> {
        let made = std::mem::replace(&mut self.1, true);
        Arc::new(if made { open(self.0.path()).expect("opened") } else { create(self.0.path()) })
    }
}

#[test]
fn any_course_ends_as_the_model_ends() {
    let cases = std::env::var("CHARTROOM_MODEL_COURSES").ok().and_then(|n| n.parse().ok()).unwrap_or(48);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    TestRunner::new(config)
        .run(&courses(24), |course| {
            let mut folder = Folder(tempfile::tempdir().expect("a folder"), false);
            runtime.block_on(course.run(&mut folder));
            Ok(())
        })
        .expect("the store and the model agree");
}
