//! One user, for the manager: changing, disabling, a new one-time password.

use super::users::{ROLES, one_time, state};
use crate::caller::Ui;
use crate::component::form::{Field, error_summary, select};
use crate::component::layout;
use crate::error::PageError;
use crate::form::Form;
use crate::said::{self, Said};
use crate::secret;
use crate::state::App;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic::account::{self, NEW_PRACTITIONER, NewPassword, UserForm};
use clinic::note::supervision::{self, Supervision};
use clinic::patient::lists;
use clinic::{Action, Caller, Error, FieldError};
use maud::{Markup, html};
use serde::Deserialize;
use store::Role;
use store::accounts::User;
use uuid::Uuid;

/// The fields of both forms; the user name is only asked for once.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewFields {
    username: String,
    display_name: String,
    role: String,
    practitioner: String,
}

impl NewFields {
    pub(super) fn form(&self) -> UserForm {
        UserForm {
            username: self.username.clone(),
            display_name: self.display_name.clone(),
            role: self.role.clone(),
            practitioner: self.practitioner.clone(),
        }
    }

    fn of(user: &User) -> Self {
        Self {
            username: user.username.clone(),
            display_name: user.display_name.clone(),
            role: user.role.slug().to_owned(),
            practitioner: user.practitioner.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default(),
        }
    }
}

/// The practice's practitioners: id and name, by name.
#[derive(Debug, Default)]
pub(super) struct People(Vec<(String, String)>);

impl People {
    /// Reads them; where two have one name, their ids tell them apart. Those of other accounts than `own` are marked: they are taken.
    pub(super) async fn read(app: &App, caller: &Caller, own: Option<Uuid>) -> Result<Self, PageError> {
        let users = app.store.users().await?;
        let permit = caller.read_practice(Action::ReadIdentity)?;
        let sealed = lists::all_practitioners(app.store.as_ref(), &permit, caller).await?;
        let found = app.store.release(sealed, caller.entry("practitioner.list")).await?;
        let named = found.iter().map(|(reference, name)| {
            let id = reference.strip_prefix("Practitioner/").unwrap_or(reference).to_owned();
            let several = found.iter().filter(|(_, other)| other == name).count() > 1;
            let mut words = if several { format!("{name} (id {id})") } else { name.clone() };
            let is_linked = |user: &&User| user.practitioner.as_ref().is_some_and(|linked| linked.as_str() == id);
            if let Some(holder) = users.iter().filter(|user| Some(user.id) != own).find(is_linked) {
                words.push_str(&format!(" – taken: account {}", holder.username));
            }
            (id, words)
        });
        Ok(Self(named.collect()))
    }
}

/// The form for a new user.
#[must_use]
pub(super) fn form(ui: &Ui, typed: &NewFields, people: &People, errors: &[FieldError]) -> Markup {
    let body = html! {
        main id="main" class="page narrow" {
            header class="page-head" { h1 { "New user" } }
            (error_summary(errors))
            form class="form" method="post" action="/users" data-guard {
                (ui.csrf_field())
                (Field::text("username", "User name", &typed.username)
                    .hint("Typed at sign-in; it stays for good, as the audit trail knows people by it").view(errors))
                (common(typed, people, errors))
                div class="actions" { button class="btn primary" { "Make the account" } a class="btn" href="/users" { "Cancel" } }
            }
        }
    };
    layout::page(ui, "New user", None, &body)
}

fn common(typed: &NewFields, people: &People, errors: &[FieldError]) -> Markup {
    let current = typed.practitioner.trim();
    let current = current.strip_prefix("Practitioner/").unwrap_or(current);
    let mut choices =
        vec![("", "None: charts do not name this person"), (NEW_PRACTITIONER, "A new practitioner of this name")];
    choices.extend(people.0.iter().map(|(id, name)| (id.as_str(), name.as_str())));
    if !choices.iter().any(|(id, _)| *id == current) {
        choices.push((current, "One who is not in the list"));
    }
    html! {
        (Field::text("display_name", "Name", &typed.display_name).hint("As colleagues know them, for example Dr Ama Okafor").view(errors))
        (select("role", "Role", &typed.role, &ROLES, errors))
        (select("practitioner", "Who they are in charts", current, &choices, errors))
        p class="hint" { "Visits and notes name practitioners. Linked to theirs, this person sees their own patients on the first page." }
    }
}

/// Whose cosignature the notes of an account need, and who may be asked for it.
#[derive(Debug, Default)]
struct Cosigners {
    version: u32,
    chosen: String,
    offered: Vec<(String, String)>,
}

impl Cosigners {
    async fn read(app: &App, user: &User) -> Result<Self, PageError> {
        let known = Supervision::read(app.store.as_ref()).await?;
        let chosen = known.cosigner(user.id);
        let users = app.store.users().await?;
        let may = |other: &&User| known.may_cosign(other, user.id) || Some(other.id) == chosen;
        let offered = users.iter().filter(may).map(|other| (other.id.to_string(), other.display_name.clone()));
        let chosen_text = chosen.map(|id| id.to_string()).unwrap_or_default();
        Ok(Self { version: known.version(user.id), chosen: chosen_text, offered: offered.collect() })
    }

    fn view(&self, ui: &Ui, user: &User, errors: &[FieldError]) -> Markup {
        let mut choices = vec![("", "Nobody: their signature is enough")];
        choices.extend(self.offered.iter().map(|(id, name)| (id.as_str(), name.as_str())));
        html! {
            section class="card" aria-labelledby="cosigner-title" {
                header { h2 id="cosigner-title" { "Cosignature" } }
                form class="form" method="post" action={ "/users/" (user.id) "/cosigner" } {
                    (ui.csrf_field())
                    input type="hidden" name="version" value=(self.version);
                    (select("cosigner", "Notes they sign are cosigned by", &self.chosen, &choices, errors))
                    p class="hint" { "For staff who are supervised. What they sign from now on says that it awaits the cosignature, until it is given." }
                    div class="actions" { button class="btn" { "Save the cosigner" } }
                }
            }
        }
    }
}

/// What the cosigner's form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ChosenCosigner {
    cosigner: String,
    version: u32,
}

/// `POST /users/{id}/cosigner`
///
/// # Errors
/// 404; 412 when it was changed meanwhile; what the store says.
pub async fn set_cosigner(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Form(chosen): Form<ChosenCosigner>,
) -> Result<Response, PageError> {
    let user = found(&app, &id).await?;
    // What is no account is nobody's, and so refused.
    let cosigner = Some(chosen.cosigner).filter(|text| !text.is_empty());
    let cosigner = cosigner.map(|text| Uuid::parse_str(&text).unwrap_or_default());
    let result = supervision::set_cosigner(app.store.as_ref(), &caller, user.id, cosigner, chosen.version).await;
    answered(&app, &caller, &ui, (&user, &NewFields::of(&user)), result).await
}

/// One user.
#[must_use]
fn view(
    ui: &Ui,
    user: &User,
    typed: &NewFields,
    (people, cosigners): (&People, &Cosigners),
    errors: &[FieldError],
) -> Markup {
    let act = |deed: &str, class: &str, words: &str| {
        html! {
            form method="post" action={ "/users/" (user.id) "/" (deed) } { (ui.csrf_field()) button class=(class) { (words) } }
        }
    };
    // What ends somebody's work at once is asked about first.
    let asked = |words: &str, meaning: &str, act: Markup| {
        html! {
            details class="card more" { summary { (words) "…" } div class="pad" { p { (meaning) } (act) } }
        }
    };
    let name = user.display_name.as_str();
    let body = html! {
        main id="main" class="page narrow" {
            header class="page-head" { h1 { (user.display_name) } div class="acts" { (state(user)) } }
            (error_summary(errors))
            form class="form" method="post" action={ "/users/" (user.id) } data-guard {
                (ui.csrf_field())
                p { "User name " strong { (user.username) } }
                (common(typed, people, errors))
                p class="hint" { "A new role signs them out everywhere." }
                div class="actions" { button class="btn primary" { "Save" } a class="btn" href="/users" { "Cancel" } }
            }
            @if matches!(user.role, Role::Nurse | Role::Clinician) { (cosigners.view(ui, user, errors)) }
            section class="card" aria-labelledby="access-title" {
                header { h2 id="access-title" { "Access" } }
                div class="pad actions" {
                    (act("end-sessions", "btn", "Sign out everywhere"))
                    @if user.disabled_at.is_some() { (act("enable", "btn", "Enable")) }
                }
                (asked("Give a one-time password",
                    "Their present password stops working at once and they are signed out everywhere. You are shown a password for one use, to be handed over in person.",
                    act("reset-password", "btn danger", &format!("Give {name} a one-time password"))))
                @if user.disabled_at.is_none() {
                    (asked("Disable",
                        "They are signed out everywhere and cannot sign in until somebody enables the account again. What they wrote stays.",
                        act("disable", "btn danger", &format!("Disable {name}"))))
                }
            }
        }
    };
    layout::page(ui, &user.display_name, None, &body)
}

async fn found(app: &App, id: &str) -> Result<User, PageError> {
    let id = Uuid::parse_str(id).map_err(|_| PageError::not_found())?;
    app.store.user(id).await?.ok_or_else(PageError::not_found)
}

/// `GET /users/{id}`
///
/// # Errors
/// 404; what the store says.
pub async fn show(State(app): State<App>, caller: Caller, ui: Ui, Path(id): Path<String>) -> Result<Markup, PageError> {
    let user = found(&app, &id).await?;
    let people = People::read(&app, &caller, Some(user.id)).await?;
    let cosigners = Cosigners::read(&app, &user).await?;
    Ok(view(&ui, &user, &NewFields::of(&user), (&people, &cosigners), &[]))
}

/// `POST /users/{id}`
///
/// # Errors
/// 404; what the store says.
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Form(fields): Form<NewFields>,
) -> Result<Response, PageError> {
    let user = found(&app, &id).await?;
    let result = account::update_user(app.store.as_ref(), &caller, user.id, &fields.form()).await;
    answered(&app, &caller, &ui, (&user, &fields), result).await
}

/// Back to the list, or the page again with what to mend.
async fn answered(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    (user, typed): (&User, &NewFields),
    result: clinic::Result<()>,
) -> Result<Response, PageError> {
    let errors = match result {
        Ok(()) => return Ok(said::then("/users", Said::Account)),
        Err(Error::Fields(errors)) => errors,
        Err(Error::Store(store::Error::LastManager)) => vec![FieldError {
            field: "role",
            problem: "This is the last active manager: make somebody else a manager first".to_owned(),
        }],
        Err(other) => return Err(other.into()),
    };
    let people = People::read(app, caller, Some(user.id)).await?;
    let cosigners = Cosigners::read(app, user).await?;
    let page = view(ui, user, typed, (&people, &cosigners), &errors);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// `POST /users/{id}/disable`
///
/// # Errors
/// 404; what the store says.
pub async fn disable(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let user = found(&app, &id).await?;
    let result = account::disable_user(app.store.as_ref(), &caller, user.id).await;
    answered(&app, &caller, &ui, (&user, &NewFields::of(&user)), result).await
}

/// `POST /users/{id}/enable`
///
/// # Errors
/// 404; what the store says.
pub async fn enable(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let user = found(&app, &id).await?;
    let result = account::enable_user(app.store.as_ref(), &caller, user.id).await;
    answered(&app, &caller, &ui, (&user, &NewFields::of(&user)), result).await
}

/// `POST /users/{id}/end-sessions`
///
/// # Errors
/// 404; what the store says.
pub async fn end_sessions(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let user = found(&app, &id).await?;
    let result = account::end_sessions(app.store.as_ref(), &caller, user.id).await;
    answered(&app, &caller, &ui, (&user, &NewFields::of(&user)), result).await
}

/// `POST /users/{id}/reset-password`
///
/// # Errors
/// 404; what the store says.
pub async fn reset_password(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
) -> Result<Markup, PageError> {
    let user = found(&app, &id).await?;
    let words = secret::new()?.one_time_password();
    let password = NewPassword { text: &words, salt: secret::salt()?, must_change: true };
    account::reset_password(app.store.as_ref(), &caller, user.id, &password).await?;
    Ok(one_time(&ui, &user, &words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::users::sample;

    #[test]
    fn a_user_s_page_offers_what_applies() {
        let mut user = sample();
        let page = view(&Ui::sample(), &user, &NewFields::of(&user), (&People::default(), &Cosigners::default()), &[])
            .into_string();
        assert!(
            page.contains("/disable\"")
                && !page.contains("/enable\"")
                && page.contains(r#"<option value="nurse" selected>"#)
        );
        user.disabled_at = Some(jiff::Timestamp::UNIX_EPOCH);
        let page = view(&Ui::sample(), &user, &NewFields::of(&user), (&People::default(), &Cosigners::default()), &[])
            .into_string();
        assert!(page.contains("/enable\"") && !page.contains("/disable\""));
    }
}
