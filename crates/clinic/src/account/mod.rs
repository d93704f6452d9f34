//! Who may sign in: accounts, passwords, API tokens, the practice's settings, and the set-up link everything starts from.

mod commands;
mod common;
pub mod password;
mod practice;
pub mod scope;
mod secret;
pub mod throttle;
mod user;

pub use commands::*;
pub(crate) use user::{check_name, is_invisible};

pub use practice::{PracticeForm, check_practice};
pub use scope::TokenScope;
pub use secret::Secret;
pub use user::{Link, NEW_PRACTITIONER, UserForm, actor, check_user};
