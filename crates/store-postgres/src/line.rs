//! One connection, with the statements it has prepared.

use crate::connection::sql_error;
use futures_util::future::{try_join, try_join_all};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{Error, Result};
use tokio::task::JoinHandle;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row, Statement};

/// What is bound to a statement.
pub(crate) type Param<'a> = &'a (dyn ToSql + Sync);

/// A statement with its columns, for writing many rows at once.
pub(crate) struct Bulk<'a> {
    sql: &'static str,
    columns: Vec<Param<'a>>,
}

impl<'a> Bulk<'a> {
    pub(crate) fn new<const N: usize>(sql: &'static str, columns: [Param<'a>; N]) -> Self {
        Self { sql, columns: columns.into() }
    }
}

/// Statements kept prepared: more than the program's own, fewer than a hostile client could make by searching.
const MOST: usize = 512;

/// How a statement of a snapshot is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Planned {
    /// Once, for whatever values: what walks along a known index.
    Once,
    /// For these values.
    Each,
}

/// What is sent together with the next statement, so that it costs no trip: the beginning of a snapshot, and how to plan.
#[derive(Debug, Clone, Copy)]
struct Ahead {
    begun: bool,
    planned: Planned,
}

/// A connection. Dropping it closes it: what was under way in it is rolled back.
pub(crate) struct Line {
    client: Client,
    /// In a snapshot.
    snapshot: Mutex<Option<Ahead>>,
    statements: Mutex<HashMap<Box<str>, Statement>>,
    task: JoinHandle<()>,
    /// How long an answer may be waited for: longer than the database's own limits, so that it is the database's silence that ends it.
    patience: Option<Duration>,
    silent: AtomicBool,
}

impl Line {
    pub(crate) fn new(client: Client, task: JoinHandle<()>, patience: Option<Duration>) -> Self {
        Self {
            client,
            snapshot: Mutex::default(),
            statements: Mutex::default(),
            task,
            patience,
            silent: AtomicBool::new(false),
        }
    }

    /// Whether the connection is gone, or has fallen silent: what is still to come on it belongs to what was given up.
    pub(crate) fn closed(&self) -> bool {
        self.client.is_closed() || self.silent.load(Ordering::Relaxed)
    }

    /// An answer, unless the database keeps silent for too long: a cable that was pulled tells nobody.
    async fn answer<T>(&self, asked: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>) -> Result<T> {
        let Some(patience) = self.patience else { return asked.await.map_err(sql_error) };
        if let Ok(answer) = tokio::time::timeout(patience, asked).await {
            return answer.map_err(sql_error);
        }
        self.silent.store(true, Ordering::Relaxed);
        Err(Error::Unreachable("it does not answer".to_owned()))
    }

    /// A prepared statement. Its text is made of static fragments; what varies is bound.
    pub(crate) async fn prepared(&self, sql: &str) -> Result<Statement> {
        self.prepared_typed(sql, &[]).await
    }

    async fn prepared_typed(&self, sql: &str, types: &[Type]) -> Result<Statement> {
        let kept = self.statements.lock().unwrap_or_else(PoisonError::into_inner).get(sql).cloned();
        if let Some(statement) = kept {
            return Ok(statement);
        }
        let statement = self.answer(self.client.prepare_typed(sql, types)).await?;
        let mut statements = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        if statements.len() >= MOST {
            statements.clear();
        }
        statements.insert(sql.into(), statement.clone());
        Ok(statement)
    }

    /// What is asked from now on sees one state of the database. It begins with the first statement.
    pub(crate) fn begin_snapshot(&self) {
        *self.snapshot() = Some(Ahead { begun: false, planned: Planned::Each });
    }

    /// Whether a snapshot was begun that is still to be ended.
    pub(crate) fn end_snapshot(&self) -> bool {
        self.snapshot().take().is_some_and(|ahead| ahead.begun)
    }

    fn snapshot(&self) -> MutexGuard<'_, Option<Ahead>> {
        self.snapshot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, in a snapshot with what must come before. What is polled together is sent together, in this order.
    async fn asked<T>(
        &self,
        planned: Planned,
        asked: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        let before = self.snapshot().as_mut().map_or("", |ahead| ahead.of(planned));
        if before.is_empty() {
            return self.answer(asked).await;
        }
        let (_set, answer) = self.answer(try_join(self.client.batch_execute(before), asked)).await?;
        Ok(answer)
    }

    /// Rows of a query.
    pub(crate) async fn query(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        let statement = self.prepared(sql).await?;
        self.asked(Planned::Once, self.client.query(&statement, params)).await
    }

    /// The first row, if there is one.
    pub(crate) async fn first(&self, sql: &str, params: &[Param<'_>]) -> Result<Option<Row>> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// Runs a statement; returns how many rows it touched.
    pub(crate) async fn execute(&self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        let statement = self.prepared(sql).await?;
        self.answer(self.client.execute(&statement, params)).await
    }

    /// Begins a transaction with `begin` and runs queries in it, all sent in one go. Their rows come in the order of the queries.
    pub(crate) async fn begin(&self, begin: &str, queries: &[(&str, &[Param<'_>])]) -> Result<Vec<Vec<Row>>> {
        let mut statements = Vec::with_capacity(queries.len());
        for (sql, _) in queries {
            statements.push(self.prepared(sql).await?);
        }
        let all = statements.iter().zip(queries).map(|(statement, (_, params))| self.client.query(statement, params));
        // Polled in this order, they are sent in this order.
        let (_begun, rows) = self.answer(try_join(self.client.batch_execute(begin), try_join_all(all))).await?;
        Ok(rows)
    }

    /// Runs statements one after another, then `end`, all sent in one go. After one that fails the server does none of the rest, and a
    /// COMMIT among them undoes the transaction.
    pub(crate) async fn together(&self, bulks: &[Bulk<'_>], end: Option<&str>) -> Result<()> {
        let mut statements = Vec::with_capacity(bulks.len());
        for bulk in bulks {
            statements.push(self.prepared(bulk.sql).await?);
        }
        let all = statements.iter().zip(bulks).map(|(statement, bulk)| self.client.execute(statement, &bulk.columns));
        let end = async {
            match end {
                Some(sql) => self.client.batch_execute(sql).await,
                None => Ok(()),
            }
        };
        // Polled in this order, they are sent in this order.
        self.answer(try_join(try_join_all(all), end)).await.map(|_counts| ())
    }

    /// Runs statements that take no values.
    pub(crate) async fn batch(&self, sql: &str) -> Result<()> {
        self.answer(self.client.batch_execute(sql)).await
    }

    /// Rows of a text that is planned for these values and not kept.
    pub(crate) async fn query_typed(&self, sql: &str, params: &[(Param<'_>, Type)]) -> Result<Vec<Row>> {
        self.asked(Planned::Each, self.client.query_typed(sql, params)).await
    }

    /// The same, but kept, with the plan of the first time.
    pub(crate) async fn query_once(&self, sql: &str, params: &[(Param<'_>, Type)]) -> Result<Vec<Row>> {
        let (values, types): (Vec<Param<'_>>, Vec<Type>) = params.iter().cloned().unzip();
        let statement = self.prepared_typed(sql, &types).await?;
        self.asked(Planned::Once, self.client.query(&statement, &values)).await
    }

    /// The connection itself, for an answer that is taken piece by piece.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }
}

impl Ahead {
    /// What must be sent before a statement that is to be planned so. Each of these holds until the snapshot ends.
    fn of(&mut self, planned: Planned) -> &'static str {
        let (begun, before) = (self.begun, self.planned);
        *self = Self { begun: true, planned };
        match (begun, planned) {
            (false, Planned::Once) => {
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL plan_cache_mode = force_generic_plan"
            }
            // The session's own setting plans a statement that is not kept for its values.
            (false, Planned::Each) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            (true, _) if planned == before => "",
            (true, Planned::Once) => "SET LOCAL plan_cache_mode = force_generic_plan",
            (true, Planned::Each) => "SET LOCAL plan_cache_mode = auto",
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}
