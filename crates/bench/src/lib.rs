//! A small HTTP client over loopback and the program as a running server: for measuring it, and for the tests that kill it.

pub mod load;
pub mod server;
