//! Whether the store can still do what it is for.

use crate::error::Result;
use async_trait::async_trait;

/// What whoever watches the program asks. None of these touches a chart.
#[async_trait]
pub trait Health: Send + Sync {
    /// Whether it can read and write now: it asks whatever does the writing, not only a reader.
    async fn ready(&self) -> Result<()>;

    /// Resolves once it can write no more and never will in this process. A server ends itself then, to be started again.
    async fn stopped(&self);

    /// Signs the audit chain as it stands and leaves the database tidy: before a program ends, before a backup, after an import.
    async fn settle(&self) -> Result<()>;
}
