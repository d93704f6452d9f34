//! Whether the store can still do what it is for.

use crate::error::Result;
use async_trait::async_trait;

/// What whoever watches the program asks. Neither call touches a chart.
#[async_trait]
pub trait Health: Send + Sync {
    /// Whether it can read and write now: it asks whatever does the writing, not only a reader.
    async fn ready(&self) -> Result<()>;

    /// Resolves once it can write no more and never will in this process. A server ends itself then, to be started again.
    async fn stopped(&self);
}
