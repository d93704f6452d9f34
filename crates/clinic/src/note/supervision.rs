//! Whose notes need whose cosignature: said of an account by the manager. A note that its author signs from then on waits for it.

use crate::access::{Action, Caller};
use crate::error::{Error, FieldError, Result};
use std::collections::HashMap;
use store::accounts::{AccountChange, User};
use store::audit::Entry;
use store::texts::{KeptText, TextChange, TextKey, TextKind};
use store::{Role, Store};
use uuid::Uuid;

/// Who is supervised by whom, and the version that says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Supervision(HashMap<Uuid, (u32, Option<Uuid>)>);

impl Supervision {
    /// Of the whole practice.
    ///
    /// # Errors
    /// What the store says.
    pub async fn read(store: &dyn Store) -> Result<Self> {
        let all = store.texts(TextKind::Cosigner).await?;
        let said = |kept: &KeptText| Some((kept.key.owner?, (kept.version, named(kept))));
        Ok(Self(all.iter().filter_map(said).collect()))
    }

    /// Who cosigns for this account.
    #[must_use]
    pub fn cosigner(&self, user: Uuid) -> Option<Uuid> {
        self.0.get(&user).and_then(|(_, cosigner)| *cosigner)
    }

    /// The version that says so; 0: nothing was ever said.
    #[must_use]
    pub fn version(&self, user: Uuid) -> u32 {
        self.0.get(&user).map_or(0, |(version, _)| *version)
    }

    /// Whether somebody's notes need the cosignature of this account.
    fn supervises(&self, user: Uuid) -> bool {
        self.0.values().any(|(_, cosigner)| *cosigner == Some(user))
    }

    /// Whether an account may cosign for another: a clinician who answers for their own notes alone.
    #[must_use]
    pub fn may_cosign(&self, cosigner: &User, author: Uuid) -> bool {
        cosigner.role == Role::Clinician
            && cosigner.disabled_at.is_none()
            && cosigner.id != author
            && self.cosigner(cosigner.id).is_none()
    }
}

fn named(kept: &KeptText) -> Option<Uuid> {
    kept.text.as_deref().and_then(|text| Uuid::try_parse(text).ok())
}

fn key(user: Uuid) -> TextKey {
    TextKey { kind: TextKind::Cosigner, owner: Some(user), name: "notes".to_owned() }
}

/// The account whose cosignature somebody's notes need.
///
/// # Errors
/// What the store says.
pub async fn cosigner_of(store: &dyn Store, user: Uuid) -> Result<Option<User>> {
    match store.text(&key(user)).await?.as_ref().and_then(named) {
        Some(cosigner) => Ok(store.user(cosigner).await?),
        None => Ok(None),
    }
}

/// Says whose cosignature the notes of an account need from now on. `based_on`: the version that was shown.
///
/// # Errors
/// [`Error::NotPermitted`]; [`Error::NotFound`]; [`Error::Fields`] when that account may not cosign, or this one cosigns for others;
/// [`Error::Stale`] when it was changed meanwhile.
pub async fn set_cosigner(
    store: &dyn Store,
    caller: &Caller,
    user: Uuid,
    cosigner: Option<Uuid>,
    based_on: u32,
) -> Result<()> {
    if !caller.may(Action::Manage) {
        return Err(Error::NotPermitted);
    }
    let author = store.user(user).await?.ok_or(Error::NotFound)?;
    let known = Supervision::read(store).await?;
    let senior = match cosigner {
        None => None,
        Some(id) => Some(
            store
                .user(id)
                .await?
                .filter(|senior| known.may_cosign(senior, user))
                .ok_or_else(|| wrong("Cosigner: choose an active clinician whose own notes need no cosignature"))?,
        ),
    };
    if senior.is_some() && known.supervises(user) {
        return Err(wrong("Cosigner: this person cosigns for others; give those another cosigner first"));
    }
    let text = senior.as_ref().map(|senior| senior.id.to_string());
    let to = senior.map_or_else(|| "nobody".to_owned(), |senior| senior.username);
    let audit = Entry { detail: format!("{} by {to}", author.username), ..caller.entry("user.cosigner") };
    let change = TextChange { key: key(user), based_on, text, by: caller.actor.id };
    Ok(store.change(AccountChange::KeepText(change), audit).await?)
}

fn wrong(problem: &str) -> Error {
    Error::Fields(vec![FieldError { field: "cosigner", problem: problem.to_owned() }])
}
