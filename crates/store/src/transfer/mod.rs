//! Moving a whole practice from one database to another, whichever engines they are: every row that is kept, in a form of no engine's.
//!
//! What follows from what is kept (current pointers, indexes, the keys patients are found by) is not copied but made anew. Sessions, failed
//! sign-ins and what they are counted under stay behind: everyone signs in anew.
//!
//! [`run`] copies part by part, page by page, each page in one transaction. What has arrived is itself the memory of how far the copy is:
//! cut short at any moment, it goes on after the last row that is there. Until it is finished the target opens as nothing else.

mod row;
mod run;

pub use row::{Field, Part, Row, Sort};
pub use run::{Copied, run};

use crate::audit::Entry;
use crate::engine::wrap::DatabaseKey;
use crate::error::Result;
use crate::find::FindKeys;
use async_trait::async_trait;
use zeroize::Zeroizing;

/// What is said of a target that is not finished.
pub const UNFINISHED: &str = "a copy to here was cut short: run the same `chartroom copy` again";

/// Rows of a page, at most.
pub const PAGE_ROWS: usize = 2_000;
/// Bytes of a page: it ends with the row that reaches them.
pub const PAGE_BYTES: usize = 4 << 20;

/// What makes a practice the one it is.
pub struct Practice {
    /// Its data key: what signs its audit trail is made from it.
    pub key: DatabaseKey,
    /// The key's wrappings, of which the recovery key's goes along.
    pub wrappings: String,
    /// What page links are sealed with, where the database keeps a key for that.
    pub page_links: Option<Zeroizing<[u8; 32]>>,
}

/// What is kept, to be read in order.
#[async_trait]
pub trait Rows: Send {
    /// Rows of a part in the order of its key, after this one, or from the first: none when there are no more.
    async fn page(&mut self, part: Part, after: Option<&Row>) -> Result<Vec<Row>>;

    /// How many rows a part has.
    async fn count(&mut self, part: Part) -> Result<u64>;
}

/// A practice to be copied. While it is held, nobody else writes to it.
pub trait Source: Rows {
    /// Which one.
    fn practice(&self) -> &Practice;
}

/// Where a copy arrives.
#[async_trait]
pub trait Target: Rows {
    /// The last row of a part that has arrived.
    async fn last(&mut self, part: Part) -> Result<Option<Row>>;

    /// Keeps a page, in one transaction; with `anew` in place of every row of the part before.
    async fn take(&mut self, part: Part, rows: &[Row], anew: bool) -> Result<()>;

    /// Makes anew what follows from some further resources' last versions; how many resources, none when all are done.
    async fn derive(&mut self, keys: FindKeys) -> Result<u64>;

    /// Ends the copy, with its entry in the trail: from now on the target opens as a practice. All of it or nothing.
    async fn finish(&mut self, keys: FindKeys, entry: &Entry) -> Result<()>;
}
