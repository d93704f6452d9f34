//! Signing in and out.

use super::place::{Place, local};
use crate::caller::Signed;
use crate::component::form::{Field, error_summary};
use crate::component::layout;
use crate::cookie::Cookie;
use crate::error::PageError;
use crate::form::Form;
use crate::guard::Asked;
use crate::state::App;
use crate::{csrf, secret};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use clinic::account::Secret;
use clinic::session::{self, Attempt, SignIn};
use clinic::{Caller, FieldError};
use maud::{Markup, html};
use serde::Deserialize;

/// What the page shows.
#[derive(Debug, Default)]
pub struct View<'a> {
    /// The practice's name; empty before set-up.
    pub practice: &'a str,
    /// The form's token.
    pub csrf: &'a str,
    /// Where to go on.
    pub next: &'a str,
    /// What was typed.
    pub username: &'a str,
    /// What to mend.
    pub errors: &'a [FieldError],
}

/// The form.
#[must_use]
pub fn view(view: &View) -> Markup {
    let brand = if view.practice.is_empty() { "Chartroom" } else { view.practice };
    let username = Field::text("username", "User name", view.username).autocomplete("username");
    let password = Field::password("password", "Password", "current-password");
    // After a wrong password the name stands: what is typed next is the password.
    let (username, password) = match view.username {
        "" => (username.focused(), password),
        _ => (username, password.focused()),
    };
    let body = html! {
        (error_summary(view.errors))
        form class="form" method="post" action="/sign-in" {
            input type="hidden" name=(csrf::FIELD) value=(view.csrf);
            input type="hidden" name="next" value=(view.next);
            (username.view(view.errors))
            (password.view(view.errors))
            div class="actions" { button class="btn primary" { "Sign in" } }
        }
    };
    layout::gate_with("Sign in", Some(view.csrf), brand, &body)
}

/// A form cookie this browser has already, or a new one.
pub(super) fn form_cookie(headers: &HeaderMap) -> Result<String, PageError> {
    match Cookie::Form.read(headers).filter(|value| Secret::parse(value).is_some()) {
        Some(value) => Ok(value.to_owned()),
        None => Ok(secret::new()?.to_text()),
    }
}

/// `GET /sign-in`
///
/// # Errors
/// What the store says.
pub async fn show(
    State(app): State<App>,
    Query(place): Query<Place>,
    signed: Option<axum::Extension<Signed>>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    if signed.is_some() {
        return Ok(Redirect::to(local(&place.next)).into_response());
    }
    let cookie = form_cookie(&headers)?;
    let practice = app.store.practice().await?.unwrap_or_default();
    let token = csrf::of_form_cookie(&cookie);
    let page = view(&View { practice: &practice.name, csrf: &token, next: local(&place.next), ..View::default() });
    Ok((AppendHeaders([(header::SET_COOKIE, Cookie::Form.set(&cookie))]), page).into_response())
}

/// The form's fields.
#[derive(Deserialize)]
pub struct Fields {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// `POST /sign-in`
///
/// # Errors
/// What the store says.
pub async fn save(
    State(app): State<App>,
    asked: Asked,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    let secret = secret::new()?;
    let attempt = Attempt {
        username: &fields.username,
        password: &fields.password,
        at: asked.at,
        request: asked.request,
        from: asked.from,
        previous: Cookie::Session.read(&headers).and_then(Secret::parse).map(|previous| previous.hash()),
        secret: &secret,
        csrf: secret::bits()?,
        salt: secret::salt()?,
    };
    let (status, problem) = match session::sign_in(app.store.as_ref(), &attempt).await? {
        SignIn::Opened(_) => {
            let cookies = [
                (header::SET_COOKIE, Cookie::Session.set(&secret.to_text())),
                (header::SET_COOKIE, Cookie::Form.clear()),
            ];
            return Ok((AppendHeaders(cookies), Redirect::to(local(&fields.next))).into_response());
        }
        SignIn::Refused => (StatusCode::UNPROCESSABLE_ENTITY, "User name or password is wrong: type both again"),
        SignIn::Wait(_) => (StatusCode::TOO_MANY_REQUESTS, "Too many wrong passwords: wait some minutes and try again"),
    };
    let errors = [FieldError { field: "username", problem: problem.to_owned() }];
    let token = csrf::expected(None, &headers).unwrap_or_default();
    let practice = app.store.practice().await?.unwrap_or_default();
    let page = view(&View {
        practice: &practice.name,
        csrf: &token,
        next: local(&fields.next),
        username: &fields.username,
        errors: &errors,
    });
    Ok((status, page).into_response())
}

/// `POST /sign-out`
///
/// # Errors
/// What the store says.
pub async fn sign_out(State(app): State<App>, caller: Caller, signed: Signed) -> Result<Response, PageError> {
    session::sign_out(app.store.as_ref(), &caller, &signed.session.secret, false).await?;
    Ok(signed_out())
}

/// `POST /sign-out/everywhere`
///
/// # Errors
/// What the store says.
pub async fn sign_out_everywhere(
    State(app): State<App>,
    caller: Caller,
    signed: Signed,
) -> Result<Response, PageError> {
    session::sign_out(app.store.as_ref(), &caller, &signed.session.secret, true).await?;
    Ok(signed_out())
}

/// Back to the door, with nothing left in the browser.
fn signed_out() -> Response {
    let headers = [
        (header::SET_COOKIE, Cookie::Session.clear()),
        (header::HeaderName::from_static("clear-site-data"), header::HeaderValue::from_static("\"cache\"")),
    ];
    (AppendHeaders(headers), Redirect::to("/sign-in")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_comes_back_as_text_but_for_the_password() {
        let errors = [FieldError { field: "username", problem: "wrong".to_owned() }];
        let page =
            view(&View { username: "<img src=x>", practice: "Elm <Street>", errors: &errors, ..View::default() });
        let page = page.into_string();
        assert!(page.contains("&lt;img src=x&gt;") && page.contains("Elm &lt;Street&gt;"));
        assert!(page.contains("autocomplete=\"current-password\""));
    }
}
