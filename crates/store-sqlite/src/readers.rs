//! Connections that read: they never wait for the writer, nor it for them.
//!
//! SQLite empties a reader's page cache whenever anything was written since its last transaction, and a page costs its decryption to
//! read again. Each read of a chart writes an audit entry, so every read would start cold. Therefore a reader keeps its snapshot open
//! from one read to the next, for as long as only audit entries were written: the writer counts an *epoch* that moves on with each
//! commit to anything else, before it answers. A reader of an older epoch takes a new snapshot first.

use crate::DatabaseKey;
use crate::connection::{self, Purpose, sql_error};
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::{Error, Result};
use tokio::sync::Semaphore;

/// Long readings at once, each on a blocking thread.
const SCANS: usize = 4;
/// How long one reading may take.
const SCAN_LIMIT: Duration = Duration::from_secs(5);
/// Steps of SQLite's machine between looks at the clock.
const STEPS: i32 = 20_000;

/// A connection and the epoch of the snapshot it holds.
struct Reader {
    db: Connection,
    snapshot: Option<u64>,
}

/// How fresh a reading must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fresh {
    /// Everything but audit entries.
    Record,
    /// Audit entries too.
    Audit,
}

/// The pool. Connections are opened as they are needed: as many as threads that read at once.
pub(crate) struct Readers {
    file: PathBuf,
    key: DatabaseKey,
    idle: Mutex<Vec<Reader>>,
    epoch: AtomicU64,
    scans: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn new(file: PathBuf, key: DatabaseKey) -> Self {
        let (idle, scans) = (Mutex::new(Vec::new()), Arc::new(Semaphore::new(SCANS)));
        Self { file, key, idle, epoch: AtomicU64::new(0), scans }
    }

    /// Reads at once, on this thread: for what takes microseconds.
    pub(crate) fn now<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let reader = self.take(Fresh::Record)?;
        let answer = read(&reader.db).map_err(sql_error);
        self.give_back(reader, answer.is_ok());
        answer
    }

    /// Reads from one snapshot on a blocking thread, within the time limit: for what may be long.
    pub(crate) async fn scan<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.blocking(Fresh::Record, Some(SCAN_LIMIT), read).await
    }

    /// As [`Self::scan`], with every audit entry written until now.
    pub(crate) async fn scan_audit<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.blocking(Fresh::Audit, Some(SCAN_LIMIT), read).await
    }

    /// As [`Self::scan_audit`], however long it takes: for checking the whole audit chain.
    pub(crate) async fn whole_audit<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.blocking(Fresh::Audit, None, read).await
    }

    async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        fresh: Fresh,
        limit: Option<Duration>,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let stopped = |_| Error::Broken("a reading was stopped".to_owned());
        let turn = Arc::clone(&self.scans).acquire_owned().await.map_err(|_| Error::Broken("closed".to_owned()))?;
        let readers = Arc::clone(self);
        let reading = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let mut reader = readers.take(fresh)?;
            if let Some(limit) = limit {
                let until = Instant::now() + limit;
                reader.db.progress_handler(STEPS, Some(move || Instant::now() > until)).map_err(sql_error)?;
            }
            let answer = read(&reader.db);
            reader.db.progress_handler(0, None::<fn() -> bool>).map_err(sql_error)?;
            readers.give_back(reader, answer.is_ok() && fresh == Fresh::Record);
            answer
        });
        reading.await.map_err(stopped)?
    }

    /// Moves the epoch on: what is read from now on is read from a new snapshot, and none older is held by an idle reader.
    /// Called by the writer after a commit to the record, and around moving the write-ahead log into the database.
    pub(crate) fn renew(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    /// Lets go of the snapshots that idle readers hold, so that the write-ahead log can be moved in whole.
    pub(crate) fn let_go(&self) {
        self.renew();
        for reader in self.idle.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            reader.let_go();
        }
    }

    /// A connection whose snapshot is as fresh as asked.
    fn take(&self, fresh: Fresh) -> Result<Reader> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => Reader { db: connection::open(&self.file, &self.key, Purpose::Read, false)?, snapshot: None },
        };
        // Read before the snapshot is taken: a commit in between makes the snapshot younger than it is thought, never older.
        let epoch = self.epoch.load(Ordering::SeqCst);
        if reader.snapshot != Some(epoch) || fresh == Fresh::Audit {
            reader.let_go();
            reader.db.execute_batch("BEGIN").map_err(sql_error)?;
            reader.snapshot = Some(epoch);
        }
        Ok(reader)
    }

    /// Takes a connection back; it keeps its snapshot if that may serve again.
    fn give_back(&self, mut reader: Reader, keep: bool) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // Looked at under the lock, so that none slips past `let_go`.
        if !keep || reader.snapshot != Some(self.epoch.load(Ordering::SeqCst)) {
            reader.let_go();
        }
        idle.push(reader);
    }
}

impl Reader {
    fn let_go(&mut self) {
        if self.snapshot.take().is_some() && !self.db.is_autocommit() {
            // A read transaction has nothing to lose.
            let _ended = self.db.execute_batch("ROLLBACK");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key;
    use ring::rand::SystemRandom;

    #[tokio::test]
    async fn a_reading_past_its_time_is_ended_and_the_next_one_works() {
        let (dir, random) = (tempfile::tempdir().expect("a folder"), SystemRandom::new());
        let secret = key::create_key_file(&dir.path().join("key"), &random).expect("a key file");
        let (key, _) = key::create(dir.path(), &secret, &random).expect("keys");
        let file = dir.path().join("practice.db");
        drop(connection::open(&file, &key, Purpose::Write, true).expect("made"));
        let readers = Arc::new(Readers::new(file, key));
        let count = |sql: &'static str| {
            move |db: &Connection| db.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(sql_error)
        };
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        let ended = readers.blocking(Fresh::Record, Some(Duration::ZERO), count(endless)).await;
        assert!(matches!(ended, Err(Error::TooCostly)));
        assert_eq!(readers.scan(count("SELECT 7")).await.expect("read"), 7);
        assert_eq!(readers.idle.lock().expect("idle").len(), 1, "the connection is used again");
    }
}
