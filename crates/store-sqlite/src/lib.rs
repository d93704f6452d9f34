//! The embedded, encrypted database of a practice: SQLCipher, one file, one writer, many readers. The default engine.
//!
//! ```no_run
//! use ring::rand::SystemRandom;
//! use std::path::Path;
//! use store_sqlite::{Db, Options, key};
//! # fn main() -> store::Result<()> {
//! let (data, random) = (Path::new("practice"), SystemRandom::new());
//! let secret = key::create_key_file(Path::new("practice.key"), &random)?;
//! let (key, recovery) = key::create(data, &secret, &random)?;
//! println!("recovery key: {}", *recovery);
//! let db = Db::create(data, &key, &Options::default())?;
//! # Ok(())
//! # }
//! ```
//!
//! A write goes `record` → `writer` → `group` → `commit`; a read goes `record` → `readers` → `rows`. Each commit and each release of
//! what was read carries an entry into `audit_chain`.

mod account_change;
mod accounts;
mod audit;
mod audit_chain;
mod audit_checkpoint;
mod audit_index;
mod audit_span;
mod audit_verify;
mod chart;
mod commit;
mod connection;
mod db;
mod drafts;
mod failure;
mod find;
mod group;
mod health;
mod history;
mod idempotency;
mod ids;
mod index;
pub mod key;
mod lock;
pub mod private;
mod readers;
mod record;
mod reserve;
mod rows;
mod schema;
mod search;
mod token_cache;
mod transfer;
mod upkeep;
mod wal;
mod writer;

pub use db::{Db, FILES, Options, sizes};
pub use key::DatabaseKey;
pub use lock::Lock;
pub use store::find::FindKeys;
pub use transfer::{Arriving, Leaving};
