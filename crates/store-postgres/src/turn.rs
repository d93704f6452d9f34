//! Turns: one request at a time, of all servers, searches by a condition and then writes by what it found.
//!
//! A turn is a lock that its connection holds. Should the connection be lost, the next one gets its turn while what this one wrote may
//! still be on its way; so a commit of a server that has a turn is stored only if that turn's lock is still held when the commit holds the
//! record, and whoever gets a turn holds the record once before it searches: it then sees everything that earlier turns will ever write.
//! A turn ends when its last commit is done, even if whoever asked for that has gone away.

use crate::connection::{Purpose, Target};
use crate::line::Line;
use crate::rows::get;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use store::{Error, Result};
use tokio::runtime::Handle;
use tokio::sync::OwnedMutexGuard;

/// The lock of turns: other numbers are in `schema.rs` (migrating) and `group.rs` (writing).
const HOLD: &str = "SELECT pg_advisory_lock(1128813908, 3)";
/// Holds the record for a moment (`group.rs`), so that what was being written is there or never will be.
const SEE_ALL: &str = "SELECT pg_advisory_xact_lock(1128813908, 2), pg_backend_pid()";
const LET_GO: &str = "SELECT pg_advisory_unlock(1128813908, 3)";
/// Whether a connection's process still holds the lock.
pub(crate) const HELD: &str =
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = 1128813908 AND objid = 3
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND granted AND pid = $1";

/// This server's turns: one connection, kept from one to the next.
#[derive(Default)]
pub(crate) struct Turns {
    line: Arc<tokio::sync::Mutex<Option<Line>>>,
    now: Mutex<Weak<Held>>,
}

/// A turn that is held.
pub(crate) struct Held {
    /// The database's process that holds it.
    pub(crate) process: i32,
    /// `None` only while it is dropped.
    place: Option<(Line, OwnedMutexGuard<Option<Line>>)>,
}

impl Turns {
    /// Waits for a turn: first in this server's own order, so that it waits on one connection only, then in that of all servers.
    pub(crate) async fn take(&self, target: &Target) -> Result<Arc<Held>> {
        let mut own = Arc::clone(&self.line).lock_owned().await;
        // Taken out: a wait that is given up closes its connection, and with it goes the lock that it may just have got.
        let kept = own.take().filter(|line| !line.closed());
        let had_one = kept.is_some();
        let mut line = match kept {
            Some(line) => line,
            None => target.connect(Purpose::Turn).await?,
        };
        let process = match hold(&line).await {
            // It may have been lost while nobody used it.
            Err(Error::Unreachable(_)) if had_one => {
                line = target.connect(Purpose::Turn).await?;
                hold(&line).await?
            }
            held => held?,
        };
        let held = Arc::new(Held { process, place: Some((line, own)) });
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&held);
        Ok(held)
    }

    /// The turn that this server has now. Whatever it commits meanwhile keeps it.
    pub(crate) fn now(&self) -> Option<Arc<Held>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).upgrade()
    }
}

async fn hold(line: &Line) -> Result<i32> {
    line.batch(HOLD).await?;
    let row = line.first(SEE_ALL, &[]).await?;
    get(&row.ok_or_else(|| Error::Broken("a lock answered nothing".to_owned()))?, 1)
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some((line, mut own)) = self.place.take() else { return };
        // Where nobody can wait, dropping the connection ends the turn as well.
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            if line.batch(LET_GO).await.is_ok() {
                *own = Some(line);
            }
        });
    }
}
