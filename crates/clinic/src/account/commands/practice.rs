//! The practice's settings.

use super::{about, manager};
use crate::account::{PracticeForm, check_practice};
use crate::{Caller, Result};
use store::Store;
use store::accounts::{AccountChange, PracticeSettings};

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
