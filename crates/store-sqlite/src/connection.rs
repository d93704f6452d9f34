//! How a connection is opened and tuned, and what its errors mean. The figures behind the settings: docs/adr/0007-sqlite-settings.md.

use crate::key::{DatabaseKey, pragma};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::Path;
use std::time::Duration;
use store::{Error, Result};

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The one writer.
    Write,
    /// A reader of the pool.
    Read,
    /// Moving the write-ahead log: reads and writes no page itself.
    Move,
}

/// Bytes of a page. Larger pages waste less on 1 KB bodies; smaller ones cost less to encrypt when one row changes.
const PAGE_SIZE: u32 = 4096;
/// KiB of page cache of the writer, which touches the leaves of every index.
const WRITER_CACHE_KIB: i64 = 32 * 1024;
/// KiB of page cache of each reader.
const READER_CACHE_KIB: i64 = 12 * 1024;

/// Opens a connection with the database's key.
pub(crate) fn open(file: &Path, key: &DatabaseKey, purpose: Purpose, create: bool) -> Result<Connection> {
    opened(file, key, purpose, create).map_err(|error| match error.sqlite_error_code() {
        // The first page that is read does not make sense: here a wrong key shows.
        Some(ErrorCode::NotADatabase) => Error::WrongKey,
        _ => sql_error(error),
    })
}

fn opened(file: &Path, key: &DatabaseKey, purpose: Purpose, create: bool) -> rusqlite::Result<Connection> {
    if create {
        private(file).map_err(|_| rusqlite::Error::InvalidPath(file.to_owned()))?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(file, flags)?;
    // Its own messages on standard error say nothing that the errors do not.
    db.execute_batch("PRAGMA cipher_log_level = NONE")?;
    // The raw key: nothing is derived per connection. The text that names it is wiped after use.
    db.execute_batch(&pragma(key))?;
    db.execute_batch(&format!(
        "PRAGMA cipher_page_size = {PAGE_SIZE}; PRAGMA cipher_hmac_algorithm = HMAC_SHA256; PRAGMA cipher_memory_security = OFF;"
    ))?;
    db.set_prepared_statement_cache_capacity(256);
    // A statement keeps its plan whatever is bound to it: else SQLite plans it anew with each value.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.busy_timeout(Duration::from_secs(5))?;
    let cache = match purpose {
        Purpose::Write => WRITER_CACHE_KIB,
        Purpose::Read => READER_CACHE_KIB,
        Purpose::Move => 256,
    };
    db.execute_batch(&format!("PRAGMA cache_size = -{cache}; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF;"))?;
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
    match purpose {
        Purpose::Write => {
            db.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
                 PRAGMA journal_size_limit = 67108864;",
            )?;
        }
        Purpose::Move => db.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;")?,
        Purpose::Read => db.pragma_update(None, "query_only", true)?,
    }
    Ok(db)
}

/// An empty file that is its owner's alone; SQLite gives its log the same rights.
fn private(file: &Path) -> std::io::Result<()> {
    crate::private::file().write(true).create_new(true).open(file).map(|_file| ())
}

/// What an SQLite error means to a practice. The texts name no data: SQLite's own messages speak of tables and constraints only.
#[expect(clippy::needless_pass_by_value, reason = "used as a function in map_err")]
pub(crate) fn sql_error(error: rusqlite::Error) -> Error {
    // The write-ahead log's shared index is told apart from other files that cannot grow.
    if error.sqlite_error().is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE) {
        return Error::Full;
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Error::Full,
        Some(ErrorCode::OperationInterrupted) => Error::TooCostly,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::Locked("another program holds this practice's database".to_owned())
        }
        // SQLCipher tells a page whose seal is broken as either.
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            Error::Broken("the database file is damaged; restore the last backup".to_owned())
        }
        Some(ErrorCode::CannotOpen) => Error::Broken("the database file cannot be opened".to_owned()),
        _ => Error::Broken(error.to_string()),
    }
}
