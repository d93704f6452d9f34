//! Tokens of API clients, for the manager.

use crate::caller::Ui;
use crate::component::form::{Field, error_summary, select};
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
use clinic::account::scope::{PRESETS, TYPES, ticked};
use clinic::account::{self, TokenForm};
use clinic::{Caller, Error, FieldError};
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;
use store::accounts::ApiToken;
use uuid::Uuid;

/// The form's fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    name: String,
    /// A preset's word, [`TICKED`] or [`TYPED`].
    how: String,
    scope: String,
    days: String,
    /// The boxes of the table: `read.TYPE` and `write.TYPE`.
    #[serde(flatten)]
    boxes: BTreeMap<String, String>,
}

/// The scope is what is ticked in the table.
const TICKED: &str = "ticked";
/// The scope is what is typed.
const TYPED: &str = "typed";

impl Fields {
    /// What the form shows first: the least a program can be given that is of use, for a year.
    fn first() -> Self {
        Self { how: "reads-all".to_owned(), days: "365".to_owned(), ..Self::default() }
    }

    fn is_ticked(&self, column: &str, name: &str) -> bool {
        self.boxes.contains_key(&format!("{column}.{name}"))
    }

    /// The scope that was chosen. Something ticked or typed beside another choice is asked about: it must not be given by mistake,
    /// nor left out unseen.
    fn scope(&self) -> Result<String, FieldError> {
        let table = TYPES.iter().map(|(name, _)| (*name, self.is_ticked("read", name), self.is_ticked("write", name)));
        let table = ticked(table);
        let problem = |problem: &str| FieldError { field: "how", problem: format!("What it may do: {problem}") };
        let chosen = PRESETS.iter().find(|(word, ..)| *word == self.how).map(|(.., scope)| *scope);
        match (self.how.as_str(), chosen) {
            (TICKED, _) if table.is_empty() => Err(problem("tick at least one box of the table")),
            (TICKED, _) if self.scope.trim().is_empty() => Ok(table),
            ("" | TYPED, _) if table.is_empty() => Ok(self.scope.clone()),
            (_, Some(scope)) if table.is_empty() && self.scope.trim().is_empty() => Ok(scope.to_owned()),
            ("" | TICKED | TYPED, _) | (_, Some(_)) => {
                Err(problem("the list, the table and the typed scope say different things; keep one of them"))
            }
            _ => Err(problem("choose one of the list")),
        }
    }
}

/// The list, and the form for a new one.
#[must_use]
pub fn view(ui: &Ui, tokens: &[ApiToken], typed: &Fields, errors: &[FieldError]) -> Markup {
    let mut choices: Vec<(&str, &str)> = PRESETS.iter().map(|(word, words, _)| (*word, *words)).collect();
    choices.extend([(TICKED, "What is ticked in the table"), (TYPED, "The scope typed below")]);
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
                    (select("how", "What it may do", &typed.how, &choices, errors))
                    (table(typed))
                    details class="more" open[typed.how == TYPED] {
                        summary { "Type the scope" }
                        (Field::text("scope", "Scope", &typed.scope).optional()
                            .hint("system/TYPE.rs to read, .cud to write, .cruds for both; TYPE is a resource type or *; several with spaces")
                            .view(errors))
                    }
                    (Field::text("days", "Ends after days", &typed.days).optional().hint("Empty: it does not end").view(errors))
                    div class="actions" { button class="btn primary" { "Make the token" } }
                }
            }
        }
    };
    layout::page(ui, "API tokens", None, &body)
}

/// Type by type: read, written, or both. Writing is creating, changing and deleting, which a token gets together.
fn table(typed: &Fields) -> Markup {
    let tick = |column: &str, name: &str, words: &str| {
        let field = format!("{column}.{name}");
        html! { input type="checkbox" name=(field) value="yes" checked[typed.is_ticked(column, name)] aria-label=(words); }
    };
    html! {
        details class="more" open[typed.how == TICKED] {
            summary { "Choose type by type" }
            table class="list plain" {
                caption class="vh" { "What the token may do with each type" }
                thead { tr {
                    th scope="col" { "Type" } th scope="col" { "Read and search" } th scope="col" { "Create, change, delete" }
                } }
                tbody {
                    @for (name, words) in TYPES {
                        tr {
                            th scope="row" { (words) @if name != "*" { " " span class="muted" { (name) } } }
                            td data-label="Read and search" { (tick("read", name, &format!("Read {words}"))) }
                            td data-label="Create, change, delete" { (tick("write", name, &format!("Write {words}"))) }
                        }
                    }
                }
            }
        }
    }
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
    Ok(view(&ui, &app.store.tokens().await?, &Fields::first(), &[]))
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
    let form = |scope| TokenForm { name: fields.name.clone(), scope, days: fields.days.clone() };
    let made_now = match fields.scope() {
        Ok(scope) => account::create_token(app.store.as_ref(), &caller, Uuid::now_v7(), &form(scope), &secret).await,
        Err(error) => Err(Error::Fields(vec![error])),
    };
    match made_now {
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

    fn posted(text: &str) -> Result<String, &'static str> {
        let fields: Fields = serde_urlencoded::from_str(text).expect("a form");
        fields.scope().map_err(|error| error.field)
    }

    #[test]
    fn a_scope_is_chosen_ticked_or_typed_and_never_two_of_them() {
        assert_eq!(posted("how=reads-all"), Ok("system/*.rs".to_owned()));
        assert_eq!(
            posted("how=ticked&read.Patient=yes&write.Observation=yes&read.Observation=yes&read.Nothing=yes"),
            Ok("system/Patient.rs system/Observation.cruds".to_owned())
        );
        assert_eq!(posted("how=typed&scope=system/Patient.rs"), Ok("system/Patient.rs".to_owned()));
        assert_eq!(posted("scope=system/Patient.rs"), Ok("system/Patient.rs".to_owned()), "as programs send it");
        for wrong in [
            "how=ticked",
            "how=other",
            "how=reads-all&write.Patient=yes",
            "how=reads-all&scope=system/*.cruds",
            "how=typed&scope=system/*.rs&read.Patient=yes",
            "how=ticked&scope=system/*.rs&read.Patient=yes",
        ] {
            assert_eq!(posted(wrong), Err("how"), "{wrong}");
        }
    }

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
