//! The promises every database keeps, on this one.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use ring::rand::SystemRandom;
use std::sync::Arc;
use store::conformance::Fresh;
use store_sqlite::{Db, Options, key};

fn fresh() -> Fresh {
    let dir = tempfile::tempdir().expect("a folder");
    let random = SystemRandom::new();
    let secret = key::create_key_file(&dir.path().join("key"), &random).expect("a key file");
    let (key, _recovery) = key::create(dir.path(), &secret, &random).expect("keys");
    let db = Db::create(dir.path(), &key, &Options { reserve: 4096, ..Options::default() }).expect("a database");
    Fresh::new(Arc::new(db), dir)
}

store::conformance!(crate::fresh);
