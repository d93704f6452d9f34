//! A practice's database on PostgreSQL: for practices that run several servers, or want their database elsewhere.
//!
//! The same promises as `store-sqlite`, by the same conformance suite. Why it is built so: docs/adr/0009-postgresql.md.
//!
//! A write goes `record` → `writer` → `group` → `job` → `commit`; a read goes `record` → `readers` → `rows`. Each commit and each release of
//! what was read carries an entry into `audit_chain`.

mod account_change;
mod accounts;
mod audit;
mod audit_chain;
mod audit_checkpoint;
mod audit_index;
mod chart;
mod commit;
mod connection;
mod db;
mod drafts;
mod failure;
mod find;
mod find_renew;
mod group;
mod health;
mod history;
mod idempotency;
mod index;
mod index_range;
mod index_rows;
mod job;
mod line;
mod pending;
mod readers;
mod record;
mod rows;
mod schema;
mod search;
mod tls;
mod token_cache;
mod transfer;
mod turn;
mod upkeep;
mod url;
mod view;
mod writer;

pub use connection::Options;
pub use db::Db;
pub use transfer::{Arriving, Leaving};
