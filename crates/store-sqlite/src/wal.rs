//! Moving the write-ahead log into the database, at moments of our choosing.
//!
//! SQLite's own automatic checkpoint would be tried with every commit while a reader keeps the log from being moved whole, each try
//! with its fsync. Here the log is moved when it has grown by a fixed amount, after idle readers have let go of it.

use crate::connection::sql_error;
use crate::readers::Readers;
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use store::Result;

/// Pages the log may grow by before it is moved: 32 MB at 8 KB.
const PAGES: i32 = 4_000;

/// How long the log is, and the readers that may hold it.
pub(crate) struct Wal {
    readers: Arc<Readers>,
    pages: Arc<AtomicI32>,
    next: i32,
}

impl Wal {
    /// Follows the log of the writer's connection. Ends SQLite's automatic checkpoints.
    pub(crate) fn follow(db: &mut Connection, readers: Arc<Readers>) -> Result<Self> {
        let pages = Arc::new(AtomicI32::new(0));
        let told = Arc::clone(&pages);
        db.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages| {
            told.store(pages, Ordering::Relaxed);
            Ok(())
        }))
        .map_err(sql_error)?;
        Ok(Self { readers, pages, next: PAGES })
    }

    /// Tells readers that the record has changed.
    pub(crate) fn changed(&self) {
        self.readers.renew();
    }

    /// Moves the log if it has grown enough.
    pub(crate) fn tend(&mut self, db: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < self.next {
            return;
        }
        match self.settle(db) {
            Ok(true) => self.next = PAGES,
            // A reader still holds part of it: the next try is after as much again.
            Ok(false) => self.next = pages + PAGES,
            Err(error) => {
                self.next = pages + PAGES;
                tracing::warn!(%error, "the write-ahead log could not be moved into the database");
            }
        }
    }

    /// Moves what can be moved. Answers whether that was all, so that the log starts again.
    pub(crate) fn settle(&self, db: &Connection) -> Result<bool> {
        self.readers.let_go();
        let sql = "PRAGMA wal_checkpoint(PASSIVE)";
        let (log, moved): (i32, i32) =
            db.query_row(sql, [], |row| Ok((row.get(1)?, row.get(2)?))).map_err(sql_error)?;
        // Snapshots taken from here on need nothing of the log, and so do not keep it from starting again.
        self.readers.let_go();
        Ok(log == moved)
    }
}
