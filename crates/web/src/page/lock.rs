//! The lock: hides everything until the password is given again, and keeps the place.

use super::place::{Place, local};
use crate::caller::{Signed, Ui};
use crate::component::form::{Field, error_summary};
use crate::component::layout;
use crate::cookie::Cookie;
use crate::error::PageError;
use crate::form::Form;
use crate::secret;
use crate::state::App;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use clinic::session::{self, Unlocked};
use clinic::{Caller, Error, FieldError};
use maud::{Markup, html};
use serde::Deserialize;

/// The lock page. It names the user, who is known to whoever stands before the screen, and nothing else.
#[must_use]
pub fn view(ui: &Ui, next: &str, errors: &[FieldError]) -> Markup {
    let body = html! {
        (error_summary(errors))
        p { "Signed in as " strong { (ui.display_name) } ". Your password opens the page where you left it." }
        form class="form" method="post" action="/unlock" {
            (ui.csrf_field())
            input type="hidden" name="next" value=(next);
            (Field::password("password", "Password", "current-password").focused().view(errors))
            div class="actions" { button class="btn primary" { "Unlock" } }
        }
        form method="post" action="/sign-out" { (ui.csrf_field()) button class="btn quiet" { "Sign out, or sign in as somebody else" } }
    };
    layout::gate_with("Locked", Some(&ui.csrf), &ui.practice.name, &body)
}

/// `GET /lock`
pub async fn show(ui: Ui, signed: Signed, Query(place): Query<Place>) -> Response {
    if signed.session.locked {
        view(&ui, local(&place.next), &[]).into_response()
    } else {
        Redirect::to(local(&place.next)).into_response()
    }
}

/// `POST /lock`
///
/// # Errors
/// What the store says.
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    signed: Signed,
    Form(place): Form<Place>,
) -> Result<Redirect, PageError> {
    if !signed.session.locked {
        session::lock(app.store.as_ref(), &caller, &signed.session.secret, "asked").await?;
    }
    let next = percent_encoding::utf8_percent_encode(local(&place.next), percent_encoding::NON_ALPHANUMERIC);
    Ok(Redirect::to(&format!("/lock?next={next}")))
}

/// `POST /still-here`: a page in use says so, for typing asks for nothing; the guard has noted the use.
pub async fn still_here() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// The unlock form's fields.
#[derive(Deserialize)]
pub struct Fields {
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// `POST /unlock`
///
/// # Errors
/// What the store says.
pub async fn unlock(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    signed: Signed,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    let next = local(&fields.next);
    if !signed.session.locked {
        return Ok(Redirect::to(next).into_response());
    }
    let secret = secret::new()?;
    let unlocked =
        Unlocked { session: &signed.session, user: &signed.user, password: &fields.password, secret: &secret };
    match session::unlock(app.store.as_ref(), &caller, &unlocked).await {
        Ok(()) => {
            let cookie = [(header::SET_COOKIE, Cookie::Session.set(&secret.to_text()))];
            Ok((AppendHeaders(cookie), Redirect::to(next)).into_response())
        }
        Err(Error::Fields(errors)) => Ok((StatusCode::UNPROCESSABLE_ENTITY, view(&ui, next, &errors)).into_response()),
        Err(other) => Err(other.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_page_shows_the_user_and_no_way_in_but_the_password() {
        let page = view(&Ui { locked: true, ..Ui::sample() }, "/patients/x", &[]).into_string();
        assert!(page.contains("Dr Ama Okafor") && page.contains("value=\"/patients/x\""));
        assert!(!page.contains("class=\"topbar\"") && !page.contains("data-idle-seconds"));
    }
}
