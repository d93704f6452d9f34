//! A practice's folder as the source or the target of a copy ([`store::transfer`]). While a copy arrives, the database has a table more,
//! `transfer`: with it the practice opens as nothing else, and the copy can go on where it was cut short.

mod derive;
mod tables;

use crate::audit_chain::{self, split};
use crate::connection::{self, Purpose, sql_error};
use crate::key::{self, Secret};
use crate::lock::Lock;
use crate::{audit_checkpoint, audit_index, db, find, private, schema};
use async_trait::async_trait;
use ring::rand::SecureRandom;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};
use std::path::{Path, PathBuf};
use store::audit::Entry;
use store::find::FindKeys;
use store::transfer::{Part, Practice, Row, Rows, Source, Target};
use store::{Error, Result};
use zeroize::Zeroizing;

/// A practice in a folder, to be copied. Nobody else can open it meanwhile.
pub struct Leaving {
    db: Connection,
    practice: Practice,
    _lock: Lock,
}

impl Leaving {
    /// Takes a practice that is closed and up to date.
    ///
    /// # Errors
    /// [`Error::WrongKey`], [`Error::Newer`], [`Error::Locked`] (naming the holder), or [`Error::Broken`].
    pub fn open(dir: &Path, secret: &Secret) -> Result<Self> {
        let (lock, wrappings, key) = (Lock::take(dir)?, key::wrappings(dir)?, key::unlock(dir, secret)?);
        let db = db::to_look_at(dir, &key)?;
        db.execute_batch("BEGIN").map_err(sql_error)?;
        let links = db.query_row("SELECT key FROM link_key", [], |row| row.get::<_, [u8; 32]>(0)).map_err(sql_error)?;
        let practice = Practice { key, wrappings, page_links: Some(Zeroizing::new(links)) };
        Ok(Self { db, practice, _lock: lock })
    }
}

#[async_trait]
impl Rows for Leaving {
    async fn page(&mut self, part: Part, after: Option<&Row>) -> Result<Vec<Row>> {
        tables::page(&self.db, part, after).map_err(sql_error)
    }

    async fn count(&mut self, part: Part) -> Result<u64> {
        tables::count(&self.db, part).map_err(sql_error)
    }
}

impl Source for Leaving {
    fn practice(&self) -> &Practice {
        &self.practice
    }
}

/// A folder where a copy arrives.
pub struct Arriving {
    db: Connection,
    dir: PathBuf,
    page_links: Option<Zeroizing<[u8; 32]>>,
    _lock: Lock,
}

impl Arriving {
    /// Prepares a folder that is empty or holds a copy of this practice that was cut short. Its data key is wrapped under `secret` here;
    /// the recovery key stays the same one.
    ///
    /// # Errors
    /// [`Error::Broken`] when the folder holds anything else; [`Error::Locked`]; [`Error::WrongKey`].
    pub fn open(dir: &Path, secret: &Secret, from: &Practice, random: &dyn SecureRandom) -> Result<Self> {
        private::make_folder(dir).map_err(|e| Error::Broken(format!("{} cannot be made: {e}", dir.display())))?;
        let lock = Lock::take(dir)?;
        if key::exists(dir) {
            if key::unlock(dir, secret)?.bytes() != from.key.bytes() {
                return Err(taken(dir, "another practice"));
            }
        } else if db::file(dir).exists() {
            return Err(taken(dir, "a database whose `keys` are gone"));
        } else {
            key::carry(dir, from, secret, random)?;
        }
        let file = db::file(dir);
        let mut db = connection::open(&file, &from.key, Purpose::Write, !file.exists())?;
        if !is_unfinished(&db)? && schema::version(&db)? > 0 {
            return Err(taken(dir, "a practice already"));
        }
        // Nobody reads beside: the log is moved as it grows.
        db.execute_batch(
            "PRAGMA wal_autocheckpoint = 4000;
             CREATE TABLE IF NOT EXISTS transfer(one INTEGER PRIMARY KEY CHECK(one = 1), derived INTEGER NOT NULL);
             INSERT OR IGNORE INTO transfer(one, derived) VALUES (1, 0);",
        )
        .map_err(sql_error)?;
        schema::migrate(&mut db, &file)?;
        Ok(Self { db, dir: dir.to_owned(), page_links: from.page_links.clone(), _lock: lock })
    }

    /// All of it or nothing.
    fn whole<T>(&mut self, write: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql_error)?;
        let done = write(&tx).map_err(sql_error)?;
        tx.commit().map_err(sql_error)?;
        Ok(done)
    }
}

#[async_trait]
impl Rows for Arriving {
    async fn page(&mut self, part: Part, after: Option<&Row>) -> Result<Vec<Row>> {
        tables::page(&self.db, part, after).map_err(sql_error)
    }

    async fn count(&mut self, part: Part) -> Result<u64> {
        tables::count(&self.db, part).map_err(sql_error)
    }
}

#[async_trait]
impl Target for Arriving {
    async fn last(&mut self, part: Part) -> Result<Option<Row>> {
        tables::last(&self.db, part).map_err(sql_error)
    }

    async fn take(&mut self, part: Part, rows: &[Row], anew: bool) -> Result<()> {
        self.whole(|db| {
            if anew {
                tables::empty(db, part)?;
            }
            tables::write(db, part, rows)?;
            match part {
                Part::Resources | Part::Versions => derive::begin_anew(db),
                Part::Entries => entries(db, rows),
                _ => Ok(()),
            }
        })
    }

    async fn derive(&mut self, keys: FindKeys) -> Result<u64> {
        self.whole(|db| derive::some(db, keys))
    }

    async fn finish(&mut self, keys: FindKeys, entry: &Entry) -> Result<()> {
        audit_checkpoint::write_all(&self.db, &db::checkpoint_file(&self.dir))?;
        let links = self.page_links.take();
        self.whole(|db| {
            if let Some(links) = &links {
                db.execute("UPDATE link_key SET key = ?1", [links.as_slice()])?;
            }
            find::made_by(db, keys)?;
            audit_chain::append(db, audit_chain::head(db)?, [entry])?;
            db.execute_batch("DROP TABLE transfer")
        })?;
        self.db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").map_err(sql_error)?;
        private::sync_folder(&self.dir).map_err(|e| Error::Broken(format!("the folder: {e}")))
    }
}

/// The head follows the rows, and what entries are found by.
fn entries(db: &Connection, rows: &[Row]) -> rusqlite::Result<()> {
    let Some(row) = rows.last() else { return Ok(()) };
    let hash = row.bytes(2).and_then(|entries| split(entries).last()).map(|(_, hash)| hash).unwrap_or_default();
    db.execute(
        "INSERT OR REPLACE INTO audit_head(one, last, hash) VALUES (1, ?1, ?2)",
        (row.number(1), hash.as_slice()),
    )?;
    audit_index::catch_up(db, audit_chain::head(db)?, true)
}

/// Whether a copy to here is not finished.
fn is_unfinished(db: &Connection) -> Result<bool> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'transfer'";
    db.query_row(sql, [], |_row| Ok(true)).optional().map(Option::unwrap_or_default).map_err(sql_error)
}

/// Refuses half a practice.
pub(crate) fn refuse_unfinished(db: &Connection) -> Result<()> {
    if is_unfinished(db)? { Err(Error::Broken(store::transfer::UNFINISHED.to_owned())) } else { Ok(()) }
}

fn taken(dir: &Path, what: &str) -> Error {
    Error::Broken(format!(
        "{} holds {what}: name an empty folder, or one where a copy of this practice was cut short",
        dir.display()
    ))
}
