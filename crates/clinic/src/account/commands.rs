//! What a manager does with accounts, tokens and settings, and everybody with their own. Each is one transaction with its audit entry.

use super::password::{self, acceptable};
use super::user::{CheckedUser, actor};
use super::{PracticeForm, Secret, TokenScope, UserForm, check_practice, check_user};
use crate::error::FieldError;
use crate::{Action, Caller, Error, Result};
use fhir::Kind;
use jiff::{SignedDuration, Timestamp};
use store::accounts::{AccountChange, ApiToken, PracticeSettings, SecretHash, User};
use store::audit::Entry;
use store::{Role, Store};
use uuid::Uuid;

/// How long a set-up link opens the door.
pub const SETUP_LASTS: SignedDuration = SignedDuration::from_hours(24);

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

/// Makes an account under `id`. The password is checked against the rules unless it is a one-time one of ours.
///
/// # Errors
/// [`Error::NotPermitted`], [`Error::Fields`] (the user name taken, the Practitioner unknown, …).
pub async fn create_user(
    store: &dyn Store,
    caller: &Caller,
    id: Uuid,
    form: &UserForm,
    password: &NewPassword<'_>,
) -> Result<User> {
    manager(caller)?;
    let user = check_user(form)?;
    linked(store, caller, &user).await?;
    if !password.must_change {
        acceptable(password.text, &[&user.username, &user.display_name])
            .map_err(|problem| field("password", problem))?;
    }
    let user = account(id, user, password, caller.at).await?;
    let entry = about(caller, "user.create", format!("{} {}", user.username, user.role));
    let made = store.change(AccountChange::Create(user.clone()), entry).await;
    made.map_err(|error| match error {
        store::Error::Taken(_) => field("username", "User name: somebody has it already; choose another"),
        other => other.into(),
    })?;
    Ok(user)
}

async fn account(id: Uuid, user: CheckedUser, password: &NewPassword<'_>, at: Timestamp) -> Result<User> {
    Ok(User {
        id,
        username: user.username,
        display_name: user.display_name,
        role: user.role,
        practitioner: user.practitioner,
        password_hash: hashed(password).await?,
        must_change: password.must_change,
        disabled_at: None,
        created_at: at,
        preferences: "{}".to_owned(),
    })
}

/// The Practitioner an account is linked to must be in the practice.
async fn linked(store: &dyn Store, caller: &Caller, user: &CheckedUser) -> Result<()> {
    let Some(id) = &user.practitioner else { return Ok(()) };
    let permit = caller.read_practice(Action::ReadIdentity)?;
    let known = store.known(&permit, Kind::PRACTITIONER, std::slice::from_ref(id)).await?;
    if known.iter().any(|(_, version)| *version > 0) {
        return Ok(());
    }
    Err(field(
        "practitioner",
        "Practitioner: there is none with this id; leave it empty, or import the Practitioner first",
    ))
}

async fn existing(store: &dyn Store, id: Uuid) -> Result<User> {
    store.user(id).await?.ok_or(Error::NotFound)
}

/// Changes name, role and link. The user name stays: the audit trail knows people by it.
///
/// # Errors
/// [`Error::NotPermitted`], [`Error::NotFound`], [`Error::Fields`], the last manager's role as [`Error::Store`].
pub async fn update_user(store: &dyn Store, caller: &Caller, id: Uuid, form: &UserForm) -> Result<()> {
    manager(caller)?;
    let before = existing(store, id).await?;
    let user = check_user(&UserForm { username: before.username.clone(), ..form.clone() })?;
    linked(store, caller, &user).await?;
    let entry = about(caller, "user.update", format!("{} {} to {}", before.username, before.role, user.role));
    let change = AccountChange::Update {
        user: id,
        display_name: user.display_name,
        role: user.role,
        practitioner: user.practitioner,
    };
    Ok(store.change(change, entry).await?)
}

/// Ends an account and its sessions.
///
/// # Errors
/// [`Error::NotPermitted`], [`Error::NotFound`], the last manager as [`Error::Store`].
pub async fn disable_user(store: &dyn Store, caller: &Caller, id: Uuid) -> Result<()> {
    manager(caller)?;
    let user = existing(store, id).await?;
    Ok(store.change(AccountChange::Disable(id), about(caller, "user.disable", user.username)).await?)
}

/// Opens an account again.
///
/// # Errors
/// [`Error::NotPermitted`], [`Error::NotFound`].
pub async fn enable_user(store: &dyn Store, caller: &Caller, id: Uuid) -> Result<()> {
    manager(caller)?;
    let user = existing(store, id).await?;
    Ok(store.change(AccountChange::Enable(id), about(caller, "user.enable", user.username)).await?)
}

/// Gives an account a one-time password and ends its sessions.
///
/// # Errors
/// [`Error::NotPermitted`], [`Error::NotFound`].
pub async fn reset_password(store: &dyn Store, caller: &Caller, id: Uuid, password: &NewPassword<'_>) -> Result<()> {
    manager(caller)?;
    let user = existing(store, id).await?;
    let hash = hashed(password).await?;
    let change = AccountChange::SetPassword { user: id, hash, must_change: true, keep: None };
    Ok(store.change(change, about(caller, "user.reset-password", user.username)).await?)
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
    let name = super::user::keep(&mut problems, super::user::check_name("name", &form.name, "Name"));
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

/// Changes the practice's settings.
///
/// # Errors
/// [`Error::NotPermitted`], [`Error::Fields`].
pub async fn set_practice(store: &dyn Store, caller: &Caller, form: &PracticeForm) -> Result<PracticeSettings> {
    manager(caller)?;
    let current = store.practice().await?.unwrap_or_default();
    let practice = check_practice(form, &current)?;
    store.change(AccountChange::SetPractice(practice.clone()), about(caller, "practice.settings", "")).await?;
    Ok(practice)
}

/// Offers a one-time set-up link, unless somebody set the practice up already: then `false`.
///
/// # Errors
/// What the store says.
pub async fn offer_setup(store: &dyn Store, caller: &Caller, secret: &Secret) -> Result<bool> {
    if !caller.may(Action::Manage) || has_manager(store).await? {
        return Ok(false);
    }
    let expires_at = caller.at.checked_add(SETUP_LASTS).unwrap_or(Timestamp::MAX);
    store
        .change(AccountChange::OfferSetup { secret: secret.hash(), expires_at }, about(caller, "setup.offer", ""))
        .await?;
    Ok(true)
}

/// Whether the practice has been set up: an account of a manager exists.
///
/// # Errors
/// What the store says.
pub async fn has_manager(store: &dyn Store) -> Result<bool> {
    Ok(store.users().await?.iter().any(|user| user.role == Role::Manager))
}

/// The first manager and the practice, as they are typed at the set-up link.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetupForm {
    /// The practice.
    pub practice: PracticeForm,
    /// The manager's user name.
    pub username: String,
    /// The manager's name.
    pub display_name: String,
    /// Their password.
    pub password: String,
    /// And again.
    pub again: String,
}

/// Uses the set-up link.
///
/// # Errors
/// [`Error::Fields`]; [`Error::NotPermitted`] when the link is used, over or never was.
pub async fn set_up(
    store: &dyn Store,
    caller: &Caller,
    link: &Secret,
    id: Uuid,
    form: &SetupForm,
    salt: [u8; 16],
) -> Result<User> {
    let (practice, user) = check_setup(form)?;
    let password = NewPassword { text: &form.password, salt, must_change: false };
    let manager = account(id, user, &password, caller.at).await?;
    let entry = Entry { actor: actor(&manager), ..about(caller, "setup.use", "") };
    let change = AccountChange::Setup { secret: link.hash(), manager: manager.clone(), practice, at: caller.at };
    store.change(change, entry).await?;
    Ok(manager)
}

fn check_setup(form: &SetupForm) -> Result<(PracticeSettings, CheckedUser)> {
    let mut problems = Vec::new();
    let mut take = |error| match error {
        Error::Fields(more) => {
            problems.extend(more);
            None
        }
        other => Some(other),
    };
    let practice = check_practice(&form.practice, &PracticeSettings::default()).map_err(&mut take);
    let user = UserForm {
        username: form.username.clone(),
        display_name: form.display_name.clone(),
        role: Role::Manager.slug().to_owned(),
        practitioner: String::new(),
    };
    let user = check_user(&user).map_err(&mut take);
    let context = [form.username.as_str(), &form.display_name, &form.practice.name];
    if let Err(problem) = acceptable(&form.password, &context) {
        problems.push(FieldError { field: "password", problem });
    } else if form.password != form.again {
        let problem = "Password again: it differs from the line above; type both anew".to_owned();
        problems.push(FieldError { field: "again", problem });
    }
    match (practice, user, problems.is_empty()) {
        (Ok(practice), Ok(user), true) => Ok((practice, user)),
        _ => Err(Error::Fields(problems)),
    }
}
