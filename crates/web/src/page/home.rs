//! The first page after signing in.

use crate::caller::Ui;
use crate::component::layout;
use maud::{Markup, html};

/// The page.
#[must_use]
pub fn view(ui: &Ui) -> Markup {
    let body = html! {
        main id="main" class="page" {
            header class="page-head" { h1 { "Welcome, " (ui.display_name) } }
        }
    };
    layout::page(ui, "Home", None, &body)
}

/// `GET /`
pub async fn show(ui: Ui) -> Markup {
    view(&ui)
}
