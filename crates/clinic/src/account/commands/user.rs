//! Making, changing, ending and opening accounts.

use super::{NewPassword, about, account, existing, field, hashed, manager};
use crate::account::password::acceptable;
use crate::account::user::{CheckedUser, Link};
use crate::account::{UserForm, check_user};
use crate::{Action, Caller, Error, Result, record};
use fhir::edit::practitioner;
use fhir::{Id, Key, Kind};
use store::Store;
use store::accounts::{AccountChange, User};
use uuid::Uuid;

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
    if !password.must_change {
        acceptable(password.text, &[&user.username, &user.display_name])
            .map_err(|problem| field("password", problem))?;
    }
    // Asked before a Practitioner is made for nobody; who takes the name in between is told below.
    if store.user_named(&user.username).await?.is_some() {
        return Err(taken());
    }
    let link = linked(store, caller, id, &user).await?;
    let user = account(id, user, link, password, caller.at).await?;
    let entry = about(caller, "user.create", format!("{} {}", user.username, user.role));
    let made = store.change(AccountChange::Create(user.clone()), entry).await;
    made.map_err(|error| match error {
        store::Error::Taken(_) => taken(),
        other => other.into(),
    })?;
    Ok(user)
}

fn taken() -> Error {
    field("username", "User name: somebody has it already; choose another")
}

/// The Practitioner an account is linked to: one of the practice, or one made for the account, under the account's own id.
async fn linked(store: &dyn Store, caller: &Caller, account: Uuid, user: &CheckedUser) -> Result<Option<Id>> {
    match &user.practitioner {
        Link::None => Ok(None),
        Link::To(id) if known(store, caller, id).await? => match holder(store, id, account).await? {
            None => Ok(Some(id.clone())),
            Some(holder) => {
                let problem = format!(
                    "Practitioner: the account {holder} is this one already; choose another, or unlink that account first"
                );
                Err(field("practitioner", problem))
            }
        },
        Link::To(_) => {
            Err(field("practitioner", "Practitioner: the practice has none with this id; choose one of the list"))
        }
        Link::New => {
            let id = Id::from_uuid(account);
            if !known(store, caller, &id).await? {
                let permit = caller.write_practice(Action::Manage)?;
                let body = practitioner::named(&id, &user.display_name);
                let audit = about(caller, "practitioner.create", user.username.as_str());
                record::create(store, &permit, Key::new(Kind::PRACTITIONER, id.clone()), body, audit).await?;
            }
            Ok(Some(id))
        }
    }
}

/// Another account that is this practitioner in charts. Two would sign as one person.
async fn holder(store: &dyn Store, practitioner: &Id, account: Uuid) -> Result<Option<String>> {
    let users = store.users().await?;
    let mut others = users.into_iter().filter(|user| user.id != account);
    Ok(others.find(|user| user.practitioner.as_ref() == Some(practitioner)).map(|user| user.username))
}

async fn known(store: &dyn Store, caller: &Caller, id: &Id) -> Result<bool> {
    let permit = caller.read_practice(Action::ReadIdentity)?;
    let known = store.known(&permit, Kind::PRACTITIONER, std::slice::from_ref(id)).await?;
    Ok(known.iter().any(|(_, version)| *version > 0))
}

/// Changes name, role and link. The user name stays: the audit trail knows people by it.
///
/// # Errors
/// [`Error::NotPermitted`], [`Error::NotFound`], [`Error::Fields`], the last manager's role as [`Error::Store`].
pub async fn update_user(store: &dyn Store, caller: &Caller, id: Uuid, form: &UserForm) -> Result<()> {
    manager(caller)?;
    let before = existing(store, id).await?;
    let user = check_user(&UserForm { username: before.username.clone(), ..form.clone() })?;
    let practitioner = linked(store, caller, id, &user).await?;
    let entry = about(caller, "user.update", format!("{} {} to {}", before.username, before.role, user.role));
    let change = AccountChange::Update { user: id, display_name: user.display_name, role: user.role, practitioner };
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
