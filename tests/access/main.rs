//! Who gets in, who does not, and what the browser is told.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

mod accounts;
mod charts;
mod forms;
mod headers;
mod policy;
mod probes;
mod reviewed;
mod setup;
mod sign_in;
mod trail;
