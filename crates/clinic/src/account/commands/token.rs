//! Tokens of API clients.

use super::{about, field, manager};
use crate::account::user::{check_name, keep};
use crate::account::{Secret, TokenScope};
use crate::error::FieldError;
use crate::{Caller, Error, Result};
use fhir::Kind;
use jiff::{SignedDuration, Timestamp};
use store::Store;
use store::accounts::{AccountChange, ApiToken};
use uuid::Uuid;

/// A token as it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenForm {
    /// What it is for.
    pub name: String,
    /// SMART v2 scopes.
    pub scope: String,
    /// Days until it ends; empty: never.
    pub days: String,
}

/// Makes a token whose secret is shown once, by the caller of this.
///
/// # Errors
/// [`Error::NotPermitted`], [`Error::Fields`].
pub async fn create_token(
    store: &dyn Store,
    caller: &Caller,
    id: Uuid,
    form: &TokenForm,
    secret: &Secret,
) -> Result<ApiToken> {
    manager(caller)?;
    let token = check_token(form, id, secret, caller.at)?;
    // Who makes tokens may not read the trail: they cannot have a program read it for them.
    let reads_trail = TokenScope::parse(&token.scope).is_ok_and(|scope| scope.kinds().read.contains(Kind::AUDIT_EVENT));
    if reads_trail && caller.actor.role.is_some() {
        return Err(field(
            "scope",
            "Scope: the audit trail is opened to a program only at the machine (chartroom token create)",
        ));
    }
    let entry = about(caller, "token.create", format!("{}: {}", token.name, token.scope));
    let made = store.change(AccountChange::CreateToken(token.clone()), entry).await;
    made.map_err(|error| match error {
        store::Error::Taken(_) => field("name", "Name: another token has it; choose another, or revoke that one first"),
        other => other.into(),
    })?;
    Ok(token)
}

fn check_token(form: &TokenForm, id: Uuid, secret: &Secret, at: Timestamp) -> Result<ApiToken> {
    let mut problems = Vec::new();
    let name = keep(&mut problems, check_name("name", &form.name, "Name"));
    let scope = form.scope.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Err(problem) = TokenScope::parse(&scope) {
        problems.push(FieldError { field: "scope", problem: format!("Scope: {problem}") });
    }
    let days = match form.days.trim() {
        "" => Some(None),
        days => days.parse::<i64>().ok().filter(|days| (1..=3650).contains(days)).map(Some),
    };
    if days.is_none() {
        problems.push(FieldError {
            field: "days",
            problem: "Ends after: write 1 to 3650 days, or leave it empty".to_owned(),
        });
    }
    let (Some(name), Some(days), true) = (name, days, problems.is_empty()) else { return Err(Error::Fields(problems)) };
    let expires_at = days.and_then(|days| at.checked_add(SignedDuration::from_hours(24 * days)).ok());
    Ok(ApiToken { id, name, secret: secret.hash(), scope, created_at: at, expires_at, revoked_at: None, used_at: None })
}

/// Ends a token.
///
/// # Errors
/// [`Error::NotPermitted`], [`Error::NotFound`].
pub async fn revoke_token(store: &dyn Store, caller: &Caller, id: Uuid) -> Result<()> {
    manager(caller)?;
    let token = store.tokens().await?.into_iter().find(|token| token.id == id).ok_or(Error::NotFound)?;
    Ok(store.change(AccountChange::RevokeToken(id), about(caller, "token.revoke", token.name)).await?)
}
