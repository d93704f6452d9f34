//! Moving the write-ahead log into the database, at moments of our choosing.
//!
//! SQLite's own automatic checkpoint would make commits wait for the whole of it, and would be tried with every commit while a reader
//! keeps the log from being moved whole, each try with its fsync. Here, when the log has grown by a fixed amount and idle readers have
//! let go of it, a thread of its own moves it while the writer goes on; the writer then moves the little that was added meanwhile,
//! after which the log starts again from its beginning.

use crate::connection::sql_error;
use crate::readers::Readers;
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use store::{Error, Result};

/// How long the log is, the readers that may hold it, and the thread that moves it.
pub(crate) struct Wal {
    readers: Arc<Readers>,
    pages: Arc<AtomicI32>,
    /// Pages it may grow by before it is moved.
    grain: i32,
    /// Its length at which it is moved next.
    next: i32,
    mover: Mover,
    moving: bool,
}

impl Wal {
    /// Follows the log of the writer's connection; `other` is a second connection, for moving. Ends SQLite's automatic checkpoints.
    pub(crate) fn follow(db: &mut Connection, other: Connection, readers: Arc<Readers>, grain: i32) -> Result<Self> {
        let pages = Arc::new(AtomicI32::new(0));
        let told = Arc::clone(&pages);
        db.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages| {
            told.store(pages, Ordering::Relaxed);
            Ok(())
        }))
        .map_err(sql_error)?;
        Ok(Self { readers, pages, grain, next: grain, mover: Mover::start(other)?, moving: false })
    }

    /// Tells readers that the record has changed.
    pub(crate) fn changed(&self) {
        self.readers.renew();
    }

    /// Has the log moved if it has grown enough.
    pub(crate) fn tend(&mut self, db: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < self.next || self.mover.busy() {
            return;
        }
        if !self.moving {
            self.readers.let_go();
            self.moving = self.mover.ask();
            return;
        }
        self.moving = false;
        self.next = match self.settle(db) {
            Ok(true) => self.grain,
            // A reader still holds part of it: the next try is after as much again.
            Ok(false) => pages + self.grain,
            Err(error) => {
                tracing::warn!(%error, "the write-ahead log could not be moved into the database");
                pages + self.grain
            }
        };
    }

    /// Moves what can be moved, now. Answers whether that was all, so that the log starts again.
    pub(crate) fn settle(&self, db: &Connection) -> Result<bool> {
        self.readers.let_go();
        let whole = move_log(db)?;
        // Snapshots taken from here on need nothing of the log, and so do not keep it from starting again.
        self.readers.let_go();
        Ok(whole)
    }
}

fn move_log(db: &Connection) -> Result<bool> {
    db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        let (busy, log, moved): (bool, i32, i32) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(!busy && log == moved)
    })
    .map_err(sql_error)
}

/// The thread that moves the log while the writer goes on.
struct Mover {
    ask: Option<SyncSender<()>>,
    busy: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Mover {
    fn start(db: Connection) -> Result<Self> {
        let (ask, asked): (SyncSender<()>, Receiver<()>) = sync_channel(1);
        let busy = Arc::new(AtomicBool::new(false));
        let done = Arc::clone(&busy);
        let run = move || {
            while asked.recv().is_ok() {
                if let Err(error) = move_log(&db) {
                    tracing::warn!(%error, "the write-ahead log could not be moved into the database");
                }
                done.store(false, Ordering::Release);
            }
        };
        let thread = std::thread::Builder::new()
            .name("chartroom-log".to_owned())
            .spawn(run)
            .map_err(|e| Error::Broken(format!("a thread did not start: {e}")))?;
        Ok(Self { ask: Some(ask), busy, thread: Some(thread) })
    }

    fn busy(&self) -> bool {
        self.busy.load(Ordering::Acquire)
    }

    fn ask(&self) -> bool {
        self.busy.store(true, Ordering::Release);
        self.ask.as_ref().is_some_and(|ask| ask.try_send(()).is_ok())
    }
}

impl Drop for Mover {
    fn drop(&mut self) {
        drop(self.ask.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to move.
            let _finished = thread.join();
        }
    }
}
