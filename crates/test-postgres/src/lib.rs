//! A real PostgreSQL for tests: each test gets an empty database of its own, and nothing stays behind.
//!
//! ```no_run
//! let Some(database) = test_postgres::database() else { return };
//! println!("{}", database.url());
//! ```
#![cfg(unix)]

mod crash;
mod database;
mod programs;
mod server;

pub use database::{Database, database};
pub use server::Server;

/// Names a running server by the address of a database whose user may make others: `cargo xtask test` starts one for all test
/// processes. Without it each process starts its own.
pub const NAMED: &str = "CHARTROOM_TEST_POSTGRES";

/// Where one of PostgreSQL's programs is, such as `pg_dump`.
///
/// # Errors
/// In one line: PostgreSQL is not installed.
pub fn program(name: &str) -> Result<std::path::PathBuf, String> {
    Ok(programs::Programs::find()?.bin.join(name))
}

/// Whether a server could be started here.
#[must_use]
pub fn is_installed() -> bool {
    programs::Programs::find().is_ok()
}
