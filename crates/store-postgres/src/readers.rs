//! Connections that read: as many as are used at once, up to a limit, kept from one reading to the next.

use crate::connection::{Purpose, Target};
use crate::line::Line;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    turn: OwnedSemaphorePermit,
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
            let idle = self.idle().pop();
            let line = match idle {
                Some(line) if line.closed() => continue,
                Some(line) => line,
                None => self.target.connect(Purpose::Read).await?,
            };
            return Ok(Reader { line, readers: Arc::clone(self), turn });
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Line>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection whose statements all see one state of the database.
    pub(crate) async fn snapshot(self: &Arc<Self>) -> Result<Reader> {
        let reader = self.take().await?;
        reader.line.begin_snapshot();
        Ok(reader)
    }
}

impl Reader {
    /// Ends the reading and hands on its answer.
    pub(crate) async fn done<T>(self, answer: Result<T>) -> Result<T> {
        let Self { line, readers, turn } = self;
        if matches!(answer, Err(Error::Unreachable(_))) {
            // A server that went away took the other connections with it.
            readers.idle().clear();
            return answer;
        }
        if line.end_snapshot() {
            // A snapshot has nothing to commit, and nobody waits for its end. Should that fail, the connection is let go.
            tokio::spawn(async move {
                if line.batch("ROLLBACK").await.is_ok() {
                    readers.idle().push(line);
                }
                drop(turn);
            });
        } else if answer.is_ok() {
            readers.idle().push(line);
        }
        answer
    }
}

impl Deref for Reader {
    type Target = Line;

    fn deref(&self) -> &Line {
        &self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Options;

    async fn pool(options: &Options) -> Option<(test_postgres::Database, Arc<Readers>)> {
        let database = test_postgres::database()?;
        let target = Target::parse(database.url(), options).expect("a URL");
        Some((database, Arc::new(Readers::new(target, options.readers, options.connect_limit))))
    }

    #[tokio::test]
    async fn a_reading_past_its_time_is_ended_and_the_next_one_works() {
        let options = Options { read_limit: Duration::from_millis(20), ..Options::default() };
        let Some((_database, readers)) = pool(&options).await else { return };
        let reader = readers.snapshot().await.expect("a connection");
        let answer = reader.query("SELECT count(*) FROM generate_series(1, 10000000000)", &[]).await;
        assert!(matches!(reader.done(answer).await, Err(Error::TooCostly)));
        let reader = readers.take().await.expect("a connection");
        let answer = reader.query("SELECT 7", &[]).await;
        let rows = reader.done(answer).await.expect("read");
        assert_eq!(rows[0].get::<_, i32>(0), 7);
    }

    #[tokio::test]
    async fn who_finds_every_connection_busy_is_told() {
        let Some(database) = test_postgres::database() else { return };
        let target = Target::parse(database.url(), &Options::default()).expect("a URL");
        // A short patience with the others, not with the database.
        let readers = Arc::new(Readers::new(target, 1, Duration::from_millis(50)));
        let only = readers.take().await.expect("the only one");
        assert!(matches!(readers.take().await, Err(Error::Unreachable(text)) if text.contains("busy")));
        only.done(Ok(())).await.expect("given back");
        readers.take().await.expect("free again");
    }

    #[tokio::test]
    async fn a_reading_cannot_write() {
        let Some((_database, readers)) = pool(&Options::default()).await else { return };
        let reader = readers.snapshot().await.expect("a connection");
        reader.query("SELECT 1", &[]).await.expect("a snapshot");
        let written = reader.query("CREATE TABLE x()", &[]).await;
        assert!(reader.done(written).await.is_err());
        let reader = readers.snapshot().await.expect("a connection");
        assert!(reader.query("CREATE TABLE x()", &[]).await.is_err(), "from its first statement on");
    }

    #[tokio::test]
    async fn a_snapshot_sees_one_state_from_its_first_statement_to_its_end_and_no_longer() {
        let Some((database, readers)) = pool(&Options { readers: 1, ..Options::default() }).await else { return };
        let target = Target::parse(database.url(), &Options::default()).expect("a URL");
        let other = target.connect(Purpose::Whole).await.expect("connected");
        other.batch("CREATE TABLE n(n int4)").await.expect("a table");
        let count = "SELECT count(*) FROM n";
        let counted = |rows: Vec<tokio_postgres::Row>| rows[0].get::<_, i64>(0);
        for before in [0_i64, 2] {
            let reader = readers.snapshot().await.expect("a connection");
            assert_eq!(counted(reader.query(count, &[]).await.expect("counted")), before);
            other.batch("INSERT INTO n VALUES (1), (2)").await.expect("written");
            assert_eq!(counted(reader.query_typed(count, &[]).await.expect("counted")), before);
            assert_eq!(counted(reader.query(count, &[]).await.expect("counted")), before);
            reader.done(Ok(())).await.expect("ended");
        }
        let reader = readers.take().await.expect("the same connection");
        let rows = reader.query("SELECT count(*), current_setting('plan_cache_mode') FROM n", &[]).await;
        let rows = reader.done(rows).await.expect("read");
        assert_eq!((rows[0].get::<_, i64>(0), rows[0].get::<_, &str>(1)), (4, "auto"));
    }
}
