//! Whether this database can still be read and written.

use crate::Db;
use crate::writer::Work;
use async_trait::async_trait;
use store::{Health, Result};

#[async_trait]
impl Health for Db {
    async fn ready(&self) -> Result<()> {
        self.ask(Work::Ready).await?;
        let reader = self.readers.take().await?;
        let answer = reader.query("SELECT last FROM audit_head", &[]).await;
        reader.done(answer).await.map(|_rows| ())
    }

    async fn stopped(&self) {
        self.writer_stopped().await;
    }

    async fn settle(&self) -> Result<()> {
        self.ask(Work::Settle).await.map(|_done| ())
    }
}
