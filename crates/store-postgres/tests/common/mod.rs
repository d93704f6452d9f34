//! A practice in a database of its own, on a real PostgreSQL.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(dead_code, reason = "each test binary uses a part")]

use ring::rand::SystemRandom;
use store::engine::wrap::Secret;
use store_postgres::{Db, Options};
use test_postgres::Database;
use zeroize::Zeroizing;

pub fn secret() -> Secret {
    Secret::KeyFile(Zeroizing::new([7; 32]))
}

/// Few connections: many tests share a server.
pub fn options() -> Options {
    Options { readers: 4, ..Options::default() }
}

/// A new practice; `None` where there is no PostgreSQL (said as skipped).
pub async fn practice() -> Option<(Database, Db)> {
    let database = test_postgres::database()?;
    let (db, _recovery) =
        Db::create(database.url(), &secret(), &options(), &SystemRandom::new()).await.expect("a practice");
    Some((database, db))
}

pub async fn open(database: &Database) -> Db {
    Db::open(database.url(), &secret(), &options()).await.expect("opened")
}
