//! Connections that read: they never wait for the writer, nor it for them.

use crate::DatabaseKey;
use crate::connection::{self, Purpose, sql_error};
use rusqlite::Connection;
use std::path::PathBuf;
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

/// The pool. Connections are opened as they are needed: as many as threads that read at once.
pub(crate) struct Readers {
    file: PathBuf,
    key: DatabaseKey,
    idle: Mutex<Vec<Connection>>,
    scans: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn new(file: PathBuf, key: DatabaseKey) -> Self {
        Self { file, key, idle: Mutex::new(Vec::new()), scans: Arc::new(Semaphore::new(SCANS)) }
    }

    /// Reads at once, on this thread: for what takes microseconds.
    pub(crate) fn now<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let db = self.take()?;
        let answer = read(&db).map_err(sql_error);
        self.give_back(db);
        answer
    }

    /// Reads from one snapshot on a blocking thread, within the time limit: for what may be long.
    pub(crate) async fn scan<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.blocking(Some(SCAN_LIMIT), read).await
    }

    /// Reads everything there is, however long it takes: for checking the whole audit chain.
    pub(crate) async fn whole<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.blocking(None, read).await
    }

    async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        limit: Option<Duration>,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let stopped = |_| Error::Broken("a reading was stopped".to_owned());
        let turn = Arc::clone(&self.scans).acquire_owned().await.map_err(|_| Error::Broken("closed".to_owned()))?;
        let readers = Arc::clone(self);
        let reading = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let mut db = readers.take()?;
            if let Some(limit) = limit {
                let until = Instant::now() + limit;
                db.progress_handler(STEPS, Some(move || Instant::now() > until)).map_err(sql_error)?;
            }
            let answer = snapshot(&db, read);
            db.progress_handler(0, None::<fn() -> bool>).map_err(sql_error)?;
            readers.give_back(db);
            answer
        });
        reading.await.map_err(stopped)?
    }

    fn take(&self) -> Result<Connection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| connection::open(&self.file, &self.key, Purpose::Read, false), Ok)
    }

    fn give_back(&self, db: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(db);
    }
}

fn snapshot<T>(db: &Connection, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    let tx = db.unchecked_transaction().map_err(sql_error)?;
    let answer = read(&tx)?;
    tx.finish().map_err(sql_error)?;
    Ok(answer)
}
