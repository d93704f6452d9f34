//! One connection, with the statements it has prepared.

use crate::connection::sql_error;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use store::Result;
use tokio::task::JoinHandle;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

/// What is bound to a statement.
pub(crate) type Param<'a> = &'a (dyn ToSql + Sync);

/// Statements kept prepared: more than the program's own, fewer than a hostile client could make by searching.
const MOST: usize = 512;

/// A connection. Dropping it closes it: what was under way in it is rolled back.
pub(crate) struct Line {
    client: Client,
    statements: Mutex<HashMap<Box<str>, Statement>>,
    task: JoinHandle<()>,
}

impl Line {
    pub(crate) fn new(client: Client, task: JoinHandle<()>) -> Self {
        Self { client, statements: Mutex::default(), task }
    }

    /// Whether the connection is gone.
    pub(crate) fn closed(&self) -> bool {
        self.client.is_closed()
    }

    /// A prepared statement. Its text is made of static fragments; what varies is bound.
    pub(crate) async fn prepared(&self, sql: &str) -> Result<Statement> {
        let kept = self.statements.lock().unwrap_or_else(PoisonError::into_inner).get(sql).cloned();
        if let Some(statement) = kept {
            return Ok(statement);
        }
        let statement = self.client.prepare(sql).await.map_err(sql_error)?;
        let mut statements = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        if statements.len() >= MOST {
            statements.clear();
        }
        statements.insert(sql.into(), statement.clone());
        Ok(statement)
    }

    /// Rows of a query.
    pub(crate) async fn query(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        let statement = self.prepared(sql).await?;
        self.client.query(&statement, params).await.map_err(sql_error)
    }

    /// The first row, if there is one.
    pub(crate) async fn first(&self, sql: &str, params: &[Param<'_>]) -> Result<Option<Row>> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// Runs a statement; returns how many rows it touched.
    pub(crate) async fn execute(&self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        let statement = self.prepared(sql).await?;
        self.client.execute(&statement, params).await.map_err(sql_error)
    }

    /// Runs statements that take no values.
    pub(crate) async fn batch(&self, sql: &str) -> Result<()> {
        self.client.batch_execute(sql).await.map_err(sql_error)
    }

    /// The connection itself.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}
