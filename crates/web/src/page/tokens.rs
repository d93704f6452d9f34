//! Tokens of API clients, for the manager.

use crate::caller::Ui;
use crate::component::form::{Field, error_summary};
use crate::component::layout;
use crate::component::when::{day, moment};
use crate::error::PageError;
use crate::form::Form;
use crate::said::{self, Said};
use crate::secret;
use crate::state::App;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic::account::{self, TokenForm};
use clinic::{Caller, Error, FieldError};
use maud::{Markup, html};
use serde::Deserialize;
use store::accounts::ApiToken;
use uuid::Uuid;

/// The form's fields.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub struct Fields {
    name: String,
    scope: String,
    days: String,
}

impl Default for Fields {
    fn default() -> Self {
        Self { name: String::new(), scope: "system/*.rs".to_owned(), days: "365".to_owned() }
    }
}

/// The list, and the form for a new one.
#[must_use]
pub fn view(ui: &Ui, tokens: &[ApiToken], typed: &Fields, errors: &[FieldError]) -> Markup {
    let body = html! {
        main id="main" class="page" {
            header class="page-head" { h1 { "API tokens" } }
            (error_summary(errors))
            @if tokens.is_empty() {
                p class="empty" { strong { "No tokens." } " A program needs one to use the API at /fhir." }
            } @else {
                table class="list" {
                    caption class="vh" { "Tokens of programs" }
                    thead { tr {
                        th scope="col" { "Name" } th scope="col" { "Scope" } th scope="col" { "State" } th scope="col" class="date" { "Made" }
                        th scope="col" class="date" { "Last used" } th scope="col" { span class="vh" { "Acts" } }
                    } }
                    tbody { @for token in tokens { (row(ui, token)) } }
                }
            }
            section class="card" aria-labelledby="new-title" {
                header { h2 id="new-title" { "New token" } }
                form class="form pad" method="post" action="/tokens" {
                    (ui.csrf_field())
                    (Field::text("name", "Name", &typed.name).hint("What it is for, for example Laboratory results").view(errors))
                    (Field::text("scope", "Scope", &typed.scope)
                        .hint("system/TYPE.rs to read, .cud to write, .cruds for both; TYPE is a resource type or *; several with spaces")
                        .view(errors))
                    (Field::text("days", "Ends after days", &typed.days).optional().hint("Empty: it does not end").view(errors))
                    div class="actions" { button class="btn primary" { "Make the token" } }
                }
            }
        }
    };
    layout::page(ui, "API tokens", None, &body)
}

fn row(ui: &Ui, token: &ApiToken) -> Markup {
    let over = token.revoked_at.is_some() || token.expires_at.is_some_and(|end| end <= ui.now);
    html! {
        tr class=[over.then_some("stopped")] {
            th scope="row" { (token.name) }
            td data-label="Scope" { code { (token.scope) } }
            td data-label="State" {
                @if token.revoked_at.is_some() { span class="chip quiet" { "Revoked" } }
                @else if over { span class="chip quiet" { "Over" } }
                @else if let Some(end) = token.expires_at { span class="chip ok" { "Until " (day(end, &ui.zone)) } }
                @else { span class="chip ok" { "Active" } }
            }
            td data-label="Made" class="date" { (day(token.created_at, &ui.zone)) }
            td data-label="Last used" class="date" {
                @if let Some(used) = token.used_at { (moment(used, &ui.zone)) } @else { span class="missing" { "never" } }
            }
            td class="acts" {
                @if !over {
                    form method="post" action={ "/tokens/" (token.id) "/revoke" } {
                        (ui.csrf_field())
                        button class="btn small danger" { "Revoke" span class="vh" { " " (token.name) } }
                    }
                }
            }
        }
    }
}

/// The secret, shown this once.
#[must_use]
fn made(ui: &Ui, name: &str, text: &str) -> Markup {
    let body = html! {
        main id="main" class="page narrow" {
            header class="page-head" { h1 { "New token" } }
            div class="notice ok" role="status" { p { "Token of " strong { (name) } ":" } p { code class="id" { (text) } } }
            p { "It is shown this once; we keep only a hash. The program sends it as " code { "Authorization: Bearer …" } "." }
            div class="actions" { a class="btn primary" href="/tokens" { "To the tokens" } }
        }
    };
    layout::page(ui, "New token", None, &body)
}

/// `GET /tokens`
///
/// # Errors
/// What the store says.
pub async fn show(State(app): State<App>, ui: Ui) -> Result<Markup, PageError> {
    Ok(view(&ui, &app.store.tokens().await?, &Fields::default(), &[]))
}

/// `POST /tokens`
///
/// # Errors
/// What the store says.
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    let secret = secret::new()?;
    let form = TokenForm { name: fields.name.clone(), scope: fields.scope.clone(), days: fields.days.clone() };
    match account::create_token(app.store.as_ref(), &caller, Uuid::now_v7(), &form, &secret).await {
        Ok(token) => Ok(made(&ui, &token.name, &secret.to_text()).into_response()),
        Err(Error::Fields(errors)) => {
            let page = view(&ui, &app.store.tokens().await?, &fields, &errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST /tokens/{id}/revoke`
///
/// # Errors
/// 404; what the store says.
pub async fn revoke(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Response, PageError> {
    let id = Uuid::parse_str(&id).map_err(|_| PageError::not_found())?;
    account::revoke_token(app.store.as_ref(), &caller, id).await?;
    Ok(said::then("/tokens", Said::TokenRevoked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_s_secret_is_on_no_list() {
        let token = ApiToken {
            id: Uuid::nil(),
            name: "Lab <script>".to_owned(),
            secret: [7; 32],
            scope: "system/*.rs".to_owned(),
            created_at: jiff::Timestamp::UNIX_EPOCH,
            expires_at: None,
            revoked_at: None,
            used_at: None,
        };
        let page = view(&Ui::sample(), &[token], &Fields::default(), &[]).into_string();
        assert!(page.contains("Lab &lt;script&gt;") && page.contains("Revoke"));
        assert!(view(&Ui::sample(), &[], &Fields::default(), &[]).into_string().contains("No tokens"));
    }
}
