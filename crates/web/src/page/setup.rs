//! The one-time set-up link: the first manager makes their account and names the practice.

use super::sign_in::form_cookie;
use crate::component::form::{Field, error_summary};
use crate::component::layout;
use crate::cookie::Cookie;
use crate::error::PageError;
use crate::form::Form;
use crate::guard::Asked;
use crate::state::App;
use crate::{csrf, secret};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use clinic::account::{self, PracticeForm, Secret, SetupForm};
use clinic::{Caller, Error, FieldError, session};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

/// The form's fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    name: String,
    time_zone: String,
    username: String,
    display_name: String,
    password: String,
    again: String,
}

/// The page.
#[must_use]
pub fn view(token: &str, typed: &Fields, errors: &[FieldError]) -> Markup {
    let body = html! {
        (error_summary(errors))
        p { "This link works once. You become the practice's manager: you make everybody else's account." }
        form class="form" method="post" {
            input type="hidden" name=(csrf::FIELD) value=(token);
            fieldset {
                legend { "The practice" }
                (Field::text("name", "Practice name", &typed.name).view(errors))
                (Field::text("time_zone", "Time zone", &typed.time_zone)
                    .hint("Its name in the IANA list, for example America/Chicago").view(errors))
            }
            fieldset {
                legend { "You" }
                (Field::text("display_name", "Your name", &typed.display_name).autocomplete("name").view(errors))
                (Field::text("username", "User name", &typed.username)
                    .hint("What you type to sign in").autocomplete("username").view(errors))
                (Field::password("password", "Password", "new-password")
                    .hint("At least 15 characters, for example four or five unrelated words").view(errors))
                (Field::password("again", "Password again", "new-password").view(errors))
            }
            div class="actions" { button class="btn primary" { "Set up the practice" } }
        }
    };
    layout::gate_with("Set up", Some(token), "Chartroom", &body)
}

/// `GET /setup/{secret}`: looking at the link does not use it up.
///
/// # Errors
/// 404 once the practice has a manager.
pub async fn show(State(app): State<App>, Path(link): Path<String>, headers: HeaderMap) -> Result<Response, PageError> {
    if Secret::parse(&link).is_none() || account::has_manager(app.store.as_ref()).await? {
        return Err(PageError::not_found());
    }
    let cookie = form_cookie(&headers)?;
    let page = view(&csrf::of_form_cookie(&cookie), &Fields::default(), &[]);
    Ok((AppendHeaders([(header::SET_COOKIE, Cookie::Form.set(&cookie))]), page).into_response())
}

/// `POST /setup/{secret}`
///
/// # Errors
/// 403 when the link is used, over or never was.
pub async fn save(
    State(app): State<App>,
    asked: Asked,
    Path(link): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    let link = Secret::parse(&link).ok_or_else(PageError::not_found)?;
    if account::has_manager(app.store.as_ref()).await? {
        return Err(PageError::not_found());
    }
    let Asked { at, request, from } = asked;
    let caller = Caller { actor: session::nobody("set-up link"), at, request, from, token: None };
    let form = SetupForm {
        practice: PracticeForm {
            name: fields.name.clone(),
            time_zone: fields.time_zone.clone(),
            idle_minutes: "15".to_owned(),
            date_order: String::new(),
            paper_size: String::new(),
            contact: String::new(),
        },
        username: fields.username.clone(),
        display_name: fields.display_name.clone(),
        password: fields.password.clone(),
        again: fields.again.clone(),
    };
    match account::set_up(app.store.as_ref(), &caller, &link, Uuid::now_v7(), &form, secret::salt()?).await {
        Ok(_) => Ok(Redirect::to("/sign-in").into_response()),
        Err(Error::Fields(errors)) => {
            let token = csrf::expected(None, &headers).unwrap_or_default();
            Ok((StatusCode::UNPROCESSABLE_ENTITY, view(&token, &fields, &errors)).into_response())
        }
        Err(Error::NotPermitted) => Err(PageError::bad_link()),
        Err(other) => Err(other.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_comes_back_but_for_the_passwords() {
        let typed = Fields { name: "<Elm>".to_owned(), password: "secret words".to_owned(), ..Fields::default() };
        let page = view("t", &typed, &[]).into_string();
        assert!(page.contains("&lt;Elm&gt;") && !page.contains("secret words"));
    }
}
