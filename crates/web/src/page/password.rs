//! Changing one's own password: asked for after a one-time password, offered always.

use crate::caller::{Signed, Ui};
use crate::component::form::{Field, error_summary};
use crate::component::layout;
use crate::error::PageError;
use crate::form::Form;
use crate::said::{self, Said};
use crate::secret;
use crate::state::App;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use clinic::account::{self, OwnPassword};
use clinic::{Caller, Error, FieldError};
use maud::{Markup, html};
use serde::Deserialize;

/// The page; `must` says that nothing else is open before.
#[must_use]
pub fn view(ui: &Ui, must: bool, errors: &[FieldError]) -> Markup {
    let body = html! {
        main id="main" class="page narrow" {
            header class="page-head" { h1 { "Change password" } }
            (error_summary(errors))
            @if must {
                div class="notice info" role="status" { p { "Your password was for one use. Choose your own to go on." } }
            }
            form class="form" method="post" action="/password" {
                (ui.csrf_field())
                (Field::password("current", "Present password", "current-password").view(errors))
                (Field::password("new", "New password", "new-password")
                    .hint("At least 15 characters, for example four or five unrelated words. All characters count, spaces too.")
                    .view(errors))
                (Field::password("again", "New password again", "new-password").view(errors))
                div class="actions" {
                    button class="btn primary" { "Change password" }
                    @if !must { a class="btn" href="/preferences" { "Cancel" } }
                }
            }
            p class="muted" { "You stay signed in here; everywhere else you are signed out." }
        }
    };
    layout::page(ui, "Change password", None, &body)
}

/// `GET /password`
pub async fn show(ui: Ui, signed: Signed) -> Response {
    if signed.session.locked {
        return Redirect::to("/lock?next=%2Fpassword").into_response();
    }
    view(&ui, signed.user.must_change, &[]).into_response()
}

/// The form's fields.
#[derive(Deserialize)]
pub struct Fields {
    #[serde(default)]
    current: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    again: String,
}

/// `POST /password`
///
/// # Errors
/// What the store says.
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    signed: Signed,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    if signed.session.locked {
        return Ok(Redirect::to("/lock?next=%2Fpassword").into_response());
    }
    let change = OwnPassword {
        current: &fields.current,
        new: &fields.new,
        again: &fields.again,
        salt: secret::salt()?,
        keep: signed.session.secret,
    };
    match account::change_password(app.store.as_ref(), &caller, &signed.user, &change).await {
        Ok(()) => Ok(said::then("/", Said::Password)),
        Err(Error::Fields(errors)) => {
            let page = view(&ui, signed.user.must_change, &errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_one_time_password_there_is_no_way_round() {
        let ui = Ui { locked: true, ..Ui::sample() };
        let page = view(&ui, true, &[]).into_string();
        assert!(page.contains("for one use") && !page.contains("/preferences"));
    }
}
