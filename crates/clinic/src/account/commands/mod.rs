//! What a manager does with accounts, tokens and settings, and everybody with their own. Each is one transaction with its audit entry.

mod own;
mod practice;
mod setup;
mod token;
mod user;

pub use own::{OwnPassword, change_password, end_sessions, set_preferences};
pub use practice::set_practice;
pub use setup::{SETUP_LASTS, SetupForm, has_manager, offer_setup, set_up};
pub use token::{TokenForm, create_token, revoke_token};
pub use user::{create_user, disable_user, enable_user, reset_password, update_user};

use super::password;
use super::user::CheckedUser;
use crate::error::FieldError;
use crate::{Action, Caller, Error, Result};
use fhir::Id;
use jiff::Timestamp;
use store::Store;
use store::accounts::User;
use store::audit::Entry;
use uuid::Uuid;

/// A password about to be kept.
pub struct NewPassword<'a> {
    /// As typed or made.
    pub text: &'a str,
    /// 16 random bytes.
    pub salt: [u8; 16],
    /// Whether its owner must change it at the next sign-in.
    pub must_change: bool,
}

fn manager(caller: &Caller) -> Result<()> {
    if caller.may(Action::Manage) { Ok(()) } else { Err(Error::NotPermitted) }
}

fn field(field: &'static str, problem: impl Into<String>) -> Error {
    Error::Fields(vec![FieldError { field, problem: problem.into() }])
}

fn about(caller: &Caller, action: &str, detail: impl Into<String>) -> Entry {
    Entry { detail: detail.into(), ..caller.entry(action) }
}

async fn hashed(password: &NewPassword<'_>) -> Result<String> {
    password::hash_aside(password.text.to_owned(), password.salt)
        .await
        .map_err(|error| Error::Conflict(error.to_string()))
}

async fn account(
    id: Uuid,
    user: CheckedUser,
    practitioner: Option<Id>,
    password: &NewPassword<'_>,
    at: Timestamp,
) -> Result<User> {
    Ok(User {
        id,
        username: user.username,
        display_name: user.display_name,
        role: user.role,
        practitioner,
        password_hash: hashed(password).await?,
        must_change: password.must_change,
        disabled_at: None,
        created_at: at,
        preferences: "{}".to_owned(),
    })
}

async fn existing(store: &dyn Store, id: Uuid) -> Result<User> {
    store.user(id).await?.ok_or(Error::NotFound)
}
