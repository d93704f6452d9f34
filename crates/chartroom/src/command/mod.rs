//! One file per command.

pub mod check;
pub mod copy;
pub mod demo;
mod demo_charts;
pub mod import;
pub mod init;
pub mod key;
mod progress;
pub mod reference;
mod remote;
pub mod serve;
pub mod token;
pub mod user;
pub mod verify;
pub mod verify_audit;

use clinic::Caller;
use jiff::Timestamp;
use uuid::Uuid;

/// The person at the machine, acting through a command.
#[must_use]
pub fn program(name: &str) -> Caller {
    Caller::program(name, Timestamp::now(), Uuid::now_v7())
}
