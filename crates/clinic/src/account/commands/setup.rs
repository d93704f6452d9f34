//! The one-time link everything starts from: the first manager, and what the practice is called.

use super::{NewPassword, about, account};
use crate::account::password::acceptable;
use crate::account::user::{CheckedUser, actor};
use crate::account::{PracticeForm, Secret, UserForm, check_practice, check_user};
use crate::error::FieldError;
use crate::{Action, Caller, Error, Result};
use jiff::{SignedDuration, Timestamp};
use store::accounts::{AccountChange, DateOrder, PaperSize, PracticeSettings, User};
use store::audit::Entry;
use store::{Role, Store};
use uuid::Uuid;

/// How long a set-up link opens the door.
pub const SETUP_LASTS: SignedDuration = SignedDuration::from_hours(24);

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
    let manager = account(id, user, None, &password, caller.at).await?;
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
    // Not asked on the first page: what is usual where the practice is, until its manager says otherwise.
    let practice = practice.map(|p| PracticeSettings {
        date_order: DateOrder::usual_in(&p.time_zone),
        paper_size: PaperSize::usual_in(&p.time_zone),
        ..p
    });
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
