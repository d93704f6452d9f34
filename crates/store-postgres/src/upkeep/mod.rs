//! Upkeep of the database: `check` compares in one snapshot, also while servers run; `mend` puts right while it alone may write to the
//! record; `reindex` writes every resource's index rows anew, some resources at a time.

mod check;
mod mend;
mod reindex;
mod tables;
#[cfg(test)]
mod tests;
mod trail;

use crate::Db;
use crate::connection::{Purpose, sql_error};
use crate::line::{Line, Param};
use async_trait::async_trait;
use check::Found;
use futures_util::TryStreamExt as _;
use std::pin::pin;
use store::find::FindKeys;
use store::upkeep::{Progress, Report, Upkeep, repair_entry};
use store::{AuditLog as _, Result};
use tokio_postgres::Row;

#[async_trait]
impl Upkeep for Db {
    async fn check(&self, keys: FindKeys, repair: bool, progress: Progress) -> Result<Report> {
        let found = self.compare(keys, &progress).await?;
        if !repair || found.to_mend.is_nothing() {
            return Ok(found.survey.report);
        }
        self.append(repair_entry(&found.survey.report)).await?;
        let line = self.target.connect(Purpose::Whole).await?;
        mend::all(&line, keys, found.to_mend).await?;
        let again = self.compare(keys, &progress).await?;
        Ok(found.survey.report.after(again.survey.report))
    }

    async fn reindex(&self, keys: FindKeys, progress: Progress) -> Result<u64> {
        let line = self.target.connect(Purpose::Whole).await?;
        reindex::run(&line, keys, &progress).await
    }
}

impl Db {
    async fn compare(&self, keys: FindKeys, progress: &Progress) -> Result<Found> {
        compare(&self.target.connect(Purpose::Whole).await?, &self.key.audit_seed(), keys, progress).await
    }
}

/// Compares everything in one snapshot.
async fn compare(line: &Line, seed: &[u8; 32], keys: FindKeys, progress: &Progress) -> Result<Found> {
    line.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let found = check::check(line, seed, keys, progress).await?;
    line.batch("ROLLBACK").await?;
    Ok(found)
}

/// As [`Upkeep::check`] without mending, for who has no more than a connection and the key.
pub(crate) async fn check(line: &Line, seed: &[u8; 32], keys: FindKeys, progress: &Progress) -> Result<Report> {
    Ok(compare(line, seed, keys, progress).await?.survey.report)
}

/// Hands on the rows of a query as they come: no table is ever held whole. Nothing else may be asked on the line meanwhile.
async fn each(
    line: &Line,
    sql: &str,
    params: &[Param<'_>],
    mut take: impl FnMut(&Row) -> Result<()> + Send,
) -> Result<()> {
    let statement = line.prepared(sql).await?;
    let rows = line.client().query_raw(&statement, params.iter().copied()).await.map_err(sql_error)?;
    let mut rows = pin!(rows);
    while let Some(row) = rows.try_next().await.map_err(sql_error)? {
        take(&row)?;
    }
    Ok(())
}
