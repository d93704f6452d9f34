//! The promises every database keeps, on this one.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::sync::Arc;
use store::conformance::Fresh;

fn fresh() -> Option<Fresh> {
    // Within each test's own runtime: the practice's connections live there.
    let made = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(common::practice()));
    made.map(|(database, db)| Fresh::new(Arc::new(db), database))
}

store::conformance!(crate::fresh);
