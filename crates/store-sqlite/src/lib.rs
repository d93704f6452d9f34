//! The embedded, encrypted database of a practice: SQLCipher, one file, one writer, many readers. The default engine.

mod connection;
mod find;
mod ids;
mod index;
pub mod key;
mod schema;

pub use key::DatabaseKey;
