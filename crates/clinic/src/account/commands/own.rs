//! What people do with their own account: password, preferences, sessions.

use super::{NewPassword, about, existing, field, hashed, manager};
use crate::account::password::acceptable;
use crate::{Caller, Result};
use store::Store;
use store::accounts::{AccountChange, SecretHash, User};
use uuid::Uuid;

/// A change of one's own password.
pub struct OwnPassword<'a> {
    /// The present one.
    pub current: &'a str,
    /// The new one.
    pub new: &'a str,
    /// The new one again.
    pub again: &'a str,
    /// 16 random bytes.
    pub salt: [u8; 16],
    /// The session that stays; all others end.
    pub keep: SecretHash,
}

/// Changes one's own password.
///
/// # Errors
/// [`Error::Fields`], also when the present password is wrong (which counts as a failed sign-in).
pub async fn change_password(store: &dyn Store, caller: &Caller, user: &User, change: &OwnPassword<'_>) -> Result<()> {
    crate::session::reauthenticate(store, caller, user, change.current, "current").await?;
    let practice = store.practice().await?.unwrap_or_default();
    let context = [user.username.as_str(), &user.display_name, &practice.name];
    acceptable(change.new, &context).map_err(|problem| field("new", problem))?;
    if change.new == change.current {
        return Err(field("new", "New password: it is the present one; choose another"));
    }
    if change.new != change.again {
        return Err(field("again", "New password again: it differs from the line above; type both anew"));
    }
    let hash = hashed(&NewPassword { text: change.new, salt: change.salt, must_change: false }).await?;
    let set = AccountChange::SetPassword { user: user.id, hash, must_change: false, keep: Some(change.keep) };
    Ok(store.change(set, about(caller, "password.change", "")).await?)
}

/// Keeps one's own interface preferences (JSON the interface wrote).
///
/// # Errors
/// What the store says.
pub async fn set_preferences(store: &dyn Store, caller: &Caller, preferences: String) -> Result<()> {
    let change = AccountChange::SetPreferences { user: caller.actor.id, preferences };
    Ok(store.change(change, about(caller, "preferences.change", "")).await?)
}

/// Ends every session of an account.
///
/// # Errors
/// [`Error::NotPermitted`] for other people's, [`Error::NotFound`].
pub async fn end_sessions(store: &dyn Store, caller: &Caller, id: Uuid) -> Result<()> {
    if caller.actor.id != id {
        manager(caller)?;
    }
    let user = existing(store, id).await?;
    Ok(store.change(AccountChange::EndSessions(id), about(caller, "user.end-sessions", user.username)).await?)
}
