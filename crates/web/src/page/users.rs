//! Users, for the manager: who may sign in and as what.

use super::user::{NewFields, People, form};
use crate::caller::Ui;
use crate::component::layout;
use crate::component::when::day;
use crate::error::PageError;
use crate::form::Form;
use crate::secret;
use crate::state::App;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic::account::{self, NewPassword};
use clinic::{Caller, Error};
use maud::{Markup, html};
use store::Role;
use store::accounts::User;
use uuid::Uuid;

/// The roles a person may have, with their words.
pub(super) const ROLES: [(&str, &str); 5] = [
    ("front-desk", "Front desk"),
    ("nurse", "Nurse"),
    ("clinician", "Clinician"),
    ("manager", "Manager"),
    ("privacy-officer", "Privacy officer"),
];

/// A role in words.
#[must_use]
pub fn role_words(role: Role) -> &'static str {
    ROLES.iter().find(|(slug, _)| *slug == role.slug()).map_or("Program", |(_, words)| words)
}

/// The list.
#[must_use]
pub fn view(ui: &Ui, users: &[User]) -> Markup {
    let body = html! {
        main id="main" class="page" {
            header class="page-head" {
                h1 { "Users" }
                div class="acts" { a class="btn primary" href="/users/new" data-key="n" { "New user" } }
            }
            table class="list" {
                caption class="vh" { "Everybody who may sign in" }
                thead { tr {
                    th scope="col" { "Name" } th scope="col" { "User name" } th scope="col" { "Role" } th scope="col" { "State" }
                    th scope="col" class="date" { "Since" }
                } }
                tbody { @for user in users { (row(ui, user)) } }
            }
        }
    };
    layout::page(ui, "Users", None, &body)
}

fn row(ui: &Ui, user: &User) -> Markup {
    html! {
        tr class=[user.disabled_at.is_some().then_some("stopped")] {
            th scope="row" { a href={ "/users/" (user.id) } { (user.display_name) } }
            td data-label="User name" { (user.username) }
            td data-label="Role" { (role_words(user.role)) }
            td data-label="State" { (state(user)) }
            td data-label="Since" class="date" { (day(user.created_at, &ui.zone)) }
        }
    }
}

/// Whether somebody may sign in, in words.
pub(super) fn state(user: &User) -> Markup {
    html! {
        @if user.disabled_at.is_some() { span class="chip quiet" { "Disabled" } }
        @else if user.must_change { span class="chip warn" { "One-time password" } }
        @else { span class="chip ok" { "Active" } }
    }
}

/// `GET /users`
///
/// # Errors
/// What the store says.
pub async fn show(State(app): State<App>, ui: Ui) -> Result<Markup, PageError> {
    Ok(view(&ui, &app.store.users().await?))
}

/// `GET /users/new`
///
/// # Errors
/// What the store says.
pub async fn new(State(app): State<App>, caller: Caller, ui: Ui) -> Result<Markup, PageError> {
    Ok(form(&ui, &NewFields::default(), &People::read(&app, &caller, None).await?, &[]))
}

/// `POST /users`
///
/// # Errors
/// What the store says.
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Form(fields): Form<NewFields>,
) -> Result<Response, PageError> {
    let words = secret::new()?.one_time_password();
    let password = NewPassword { text: &words, salt: secret::salt()?, must_change: true };
    match account::create_user(app.store.as_ref(), &caller, Uuid::now_v7(), &fields.form(), &password).await {
        Ok(user) => Ok(one_time(&ui, &user, &words).into_response()),
        Err(Error::Fields(errors)) => {
            let people = People::read(&app, &caller, None).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, form(&ui, &fields, &people, &errors)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

/// The one-time password, shown this once.
#[must_use]
pub fn one_time(ui: &Ui, user: &User, words: &str) -> Markup {
    let body = html! {
        main id="main" class="page narrow" {
            header class="page-head" { h1 { "One-time password" } }
            div class="notice ok" role="status" {
                p { "For " strong { (user.display_name) } ", user name " strong { (user.username) } ":" }
                p { code class="id" { (words) } }
            }
            p { "It is shown this once, and lost when this page is closed or loaded again. Hand it over in person; it must be changed at the first sign-in." }
            p { "If it was lost, give another: on " a href={ "/users/" (user.id) } { (user.display_name) "’s page" } ", under “Give a one-time password”. The lost one then opens nothing." }
            div class="actions" { a class="btn primary" href="/users" { "To the users" } }
        }
    };
    layout::page(ui, "One-time password", None, &body)
}

#[cfg(test)]
pub(super) fn sample() -> User {
    User {
        id: Uuid::nil(),
        username: "d.reyes".to_owned(),
        display_name: "Dana <b>Reyes</b>".to_owned(),
        role: Role::Nurse,
        practitioner: None,
        password_hash: "$argon2id$never-shown".to_owned(),
        must_change: true,
        disabled_at: None,
        created_at: jiff::Timestamp::UNIX_EPOCH,
        preferences: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_says_who_and_never_how_they_sign_in() {
        let ui = Ui { role: Role::Manager, ..Ui::sample() };
        let page = view(&ui, &[sample()]).into_string();
        assert!(
            page.contains("Dana &lt;b&gt;Reyes&lt;/b&gt;")
                && page.contains("Nurse")
                && page.contains("One-time password")
        );
        assert!(!page.contains("argon2id"));
    }

    #[test]
    fn every_role_of_a_person_has_words() {
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Integration) {
            assert_ne!(role_words(role), "Program", "{role}");
        }
    }
}
