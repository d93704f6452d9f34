//! A whole practice in a test's process: the real application over a real encrypted database in a folder of its own.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let practice = chartroom_tests::Practice::new().await;
//! let nurse = practice.signed_in(store::Role::Nurse).await;
//! assert_eq!(nurse.get("/").await.status, 200);
//! # });
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "only tests use this crate"
)]

mod answer;
mod browser;
mod client;
mod practice;

pub use answer::Answer;
pub use browser::{BOUNDARY, Browser, multipart};
pub use client::Client;
pub use practice::{PASSWORD, Practice, START};
