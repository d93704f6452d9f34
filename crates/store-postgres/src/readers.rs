//! Connections that read: as many as are used at once, up to a limit, kept from one reading to the next.

use crate::connection::{Purpose, Target};
use crate::line::Line;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::{Error, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The pool.
pub(crate) struct Readers {
    target: Target,
    idle: Mutex<Vec<Line>>,
    turns: Arc<Semaphore>,
    patience: Duration,
}

/// A connection in use. It goes back to the pool only through [`Reader::done`]: a reading that is given up in the middle closes its
/// connection, so that nothing of it reaches the next one.
pub(crate) struct Reader {
    line: Line,
    readers: Arc<Readers>,
    snapshot: bool,
    _turn: OwnedSemaphorePermit,
}

impl Readers {
    pub(crate) fn new(target: Target, most: usize, patience: Duration) -> Self {
        Self { target, idle: Mutex::default(), turns: Arc::new(Semaphore::new(most.max(1))), patience }
    }

    /// A connection whose every statement sees what was committed until then.
    pub(crate) async fn take(self: &Arc<Self>) -> Result<Reader> {
        let busy = |_| Error::Unreachable("every connection to it is busy; try again".to_owned());
        let closed = |_| Error::Unreachable("it is closed".to_owned());
        let turn = tokio::time::timeout(self.patience, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.map_err(busy)?.map_err(closed)?;
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let line = match idle {
                Some(line) if line.closed() => continue,
                Some(line) => line,
                None => self.target.connect(Purpose::Read).await?,
            };
            return Ok(Reader { line, readers: Arc::clone(self), snapshot: false, _turn: turn });
        }
    }

    /// A connection whose statements all see one state of the database.
    pub(crate) async fn snapshot(self: &Arc<Self>) -> Result<Reader> {
        let mut reader = self.take().await?;
        reader.line.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        reader.snapshot = true;
        Ok(reader)
    }
}

impl Reader {
    /// Ends the reading and hands on its answer.
    pub(crate) async fn done<T>(self, answer: Result<T>) -> Result<T> {
        let Self { line, readers, snapshot, _turn } = self;
        if matches!(answer, Err(Error::Unreachable(_))) {
            // A server that went away took the other connections with it.
            readers.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
        let answer = answer?;
        // A snapshot has nothing to commit: should its end fail, the connection is let go.
        if !snapshot || line.batch("COMMIT").await.is_ok() {
            readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
        Ok(answer)
    }
}

impl Deref for Reader {
    type Target = Line;

    fn deref(&self) -> &Line {
        &self.line
    }
}
