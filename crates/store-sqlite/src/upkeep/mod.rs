//! Upkeep of the file: `check` compares in one snapshot, `mend` puts right in the writer's transactions, `reindex` makes every index anew.

pub(crate) mod check;
mod mend;
pub(crate) mod reindex;
mod tables;
#[cfg(test)]
mod tests;
mod trail;

use crate::Db;
use crate::connection::sql_error;
use async_trait::async_trait;
use check::{Found, check};
use store::find::FindKeys;
use store::upkeep::{Progress, Report, Upkeep, repair_entry};
use store::{AuditLog as _, Result};

#[async_trait]
impl Upkeep for Db {
    async fn check(&self, keys: FindKeys, repair: bool, progress: Progress) -> Result<Report> {
        let found = self.compare(keys, &progress).await?;
        if !repair || found.to_mend.is_nothing() {
            return Ok(found.report);
        }
        self.append(repair_entry(&found.report)).await?;
        mend::all(self, keys, found.to_mend).await?;
        let again = self.compare(keys, &progress).await?;
        Ok(found.report.after(again.report))
    }

    async fn reindex(&self, keys: FindKeys, progress: Progress) -> Result<u64> {
        let done = reindex::run(self, keys, &progress).await;
        if done.is_err() {
            // What was begun is of no use: the indexes that are in use are whole.
            self.ask(crate::writer::Work::Mend(Box::new(reindex::clear))).await?;
        }
        done
    }
}

impl Db {
    async fn compare(&self, keys: FindKeys, progress: &Progress) -> Result<Found> {
        let (seed, file, progress) = (self.audit_seed(), self.checkpoint_file(), progress.clone());
        self.readers.whole_audit(move |db| check(db, &seed, &file, keys, &progress)).await
    }

    /// How many resources there are.
    async fn resources(&self) -> Result<u64> {
        self.readers
            .whole_audit(|db| db.query_row("SELECT count(*) FROM resource", [], |row| row.get(0)).map_err(sql_error))
            .await
    }
}
