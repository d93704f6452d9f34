//! A practice's database on PostgreSQL: for practices that run several servers, or want their database elsewhere.
//!
//! The same promises as `store-sqlite`, by the same conformance suite. Why it is built so: docs/adr/0009-postgresql.md.
//!
//! A write goes `record` → `writer` → `group` → `commit`; a read goes `record` → `readers` → `rows`. Each commit and each release of
//! what was read carries an entry into `audit_chain`.
#![allow(dead_code, reason = "grows from here in the next commits")]

mod connection;
mod find;
mod index;
mod line;
mod readers;
mod rows;
mod schema;
mod search;
mod tls;

pub use connection::Options;
