//! One's own settings: how the screen looks, whether single keys act, the password, signing out everywhere.

use crate::caller::{Preferences, Ui};
use crate::component::form::{check, select};
use crate::component::layout;
use crate::error::PageError;
use crate::form::Form;
use crate::said::{self, Said};
use crate::state::App;
use axum::extract::State;
use axum::response::Response;
use clinic::{Action, Caller};
use maud::{Markup, html};
use serde::Deserialize;

const THEMES: [(&str, &str); 3] = [("", "As the system says"), ("light", "Light"), ("dark", "Dark")];

/// The page.
#[must_use]
pub fn view(ui: &Ui) -> Markup {
    let body = html! {
        main id="main" class="page narrow" {
            header class="page-head" { h1 { "My settings" } }
            form class="form" method="post" action="/preferences" {
                (ui.csrf_field())
                (select("theme", "Colours", &ui.preferences.theme, &THEMES, &[]))
                (check("single_keys", "Single keys act (p for Problems, ? for help)", ui.preferences.single_keys))
                div class="actions" { button class="btn primary" { "Save" } }
            }
            section class="card" aria-labelledby="account-title" {
                header { h2 id="account-title" { "My account" } }
                div class="pad actions" {
                    a class="btn" href="/password" { "Change password" }
                    @if ui.may(Action::OwnAccesses) { a class="btn" href="/audit/mine" { "What I looked at" } }
                    form method="post" action="/sign-out/everywhere" {
                        (ui.csrf_field())
                        button class="btn danger" { "Sign out everywhere" }
                    }
                }
            }
        }
    };
    layout::page(ui, "My settings", None, &body)
}

/// `GET /preferences`
pub async fn show(ui: Ui) -> Markup {
    view(&ui)
}

/// The form's fields.
#[derive(Deserialize)]
pub struct Fields {
    #[serde(default)]
    theme: String,
    #[serde(default)]
    single_keys: String,
}

/// `POST /preferences`
///
/// # Errors
/// What the store says.
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    let theme = THEMES.iter().map(|(theme, _)| *theme).find(|theme| *theme == fields.theme).unwrap_or_default();
    let single_keys = fields.single_keys == "yes";
    Preferences { theme: theme.to_owned(), single_keys, ..ui.preferences }.keep(&app, &caller).await?;
    Ok(said::then("/preferences", Said::Preferences))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_is_chosen() {
        let preferences = Preferences { theme: "dark".to_owned(), single_keys: false, ..Preferences::default() };
        let page = view(&Ui { preferences, ..Ui::sample() }).into_string();
        assert!(page.contains(r#"<option value="dark" selected>"#) && page.contains(r#"data-theme="dark""#));
        assert!(page.contains(r#"data-single-keys="off""#) && !page.contains("checked"));
    }
}
