//! The practice's settings, for the manager.

use crate::caller::Ui;
use crate::component::form::{Field, area, error_summary, select};
use crate::component::layout;
use crate::error::PageError;
use crate::form::Form;
use crate::said::{self, Said};
use crate::state::App;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic::account::{self, PracticeForm};
use clinic::{Caller, Error, FieldError};
use maud::{Markup, html};
use serde::Deserialize;

/// The orders of month and day, by an example that tells them apart.
const DATE_ORDERS: [(&str, &str); 2] =
    [("month-first", "Month first: 5/4 is 4 May"), ("day-first", "Day first: 5/4 is 5 April")];

const PAPER_SIZES: [(&str, &str); 2] = [("letter", "Letter, 8.5 × 11 in"), ("a4", "A4, 210 × 297 mm")];

/// The form's fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    name: String,
    time_zone: String,
    idle_minutes: String,
    date_order: String,
    paper_size: String,
    contact: String,
}

/// The page.
#[must_use]
pub fn view(ui: &Ui, typed: &Fields, errors: &[FieldError]) -> Markup {
    let body = html! {
        main id="main" class="page narrow" {
            header class="page-head" { h1 { "Practice settings" } }
            (error_summary(errors))
            form class="form" method="post" action="/settings" data-guard {
                (ui.csrf_field())
                (Field::text("name", "Practice name", &typed.name).view(errors))
                (Field::text("time_zone", "Time zone", &typed.time_zone)
                    .hint("Its name in the IANA list, for example America/Chicago. Dates and times are shown in it.").view(errors))
                (Field::text("idle_minutes", "Lock after", &typed.idle_minutes)
                    .hint("Minutes without use before the screen locks, 2 to 60").view(errors))
                (select("date_order", "Dates typed in numbers", &typed.date_order, &DATE_ORDERS, errors))
                p class="hint" { "A search looks for both readings, this one first. A form asks where both are possible." }
                (select("paper_size", "Sheets for what is printed", &typed.paper_size, &PAPER_SIZES, errors))
                (area("contact", "Address and telephone, as they stand at the head of papers (up to 4 lines)", &typed.contact, 240, errors))
                div class="actions" { button class="btn primary" { "Save" } }
            }
        }
    };
    layout::page(ui, "Practice settings", None, &body)
}

/// `GET /settings`
pub async fn show(ui: Ui) -> Markup {
    let typed = Fields {
        name: ui.practice.name.clone(),
        time_zone: ui.practice.time_zone.clone(),
        idle_minutes: ui.practice.idle_minutes.to_string(),
        date_order: ui.practice.date_order.slug().to_owned(),
        paper_size: ui.practice.paper_size.slug().to_owned(),
        contact: ui.practice.contact.clone(),
    };
    view(&ui, &typed, &[])
}

/// `POST /settings`
///
/// # Errors
/// What the store says.
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    let form = PracticeForm {
        name: fields.name.clone(),
        time_zone: fields.time_zone.clone(),
        idle_minutes: fields.idle_minutes.clone(),
        date_order: fields.date_order.clone(),
        paper_size: fields.paper_size.clone(),
        contact: fields.contact.clone(),
    };
    match account::set_practice(app.store.as_ref(), &caller, &form).await {
        Ok(_) => Ok(said::then("/settings", Said::Settings)),
        Err(Error::Fields(errors)) => {
            Ok((StatusCode::UNPROCESSABLE_ENTITY, view(&ui, &fields, &errors)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_stays_beside_what_is_wrong() {
        let typed = Fields { name: "Elm".to_owned(), time_zone: "Mars/Base".to_owned(), ..Fields::default() };
        let errors = [FieldError { field: "time_zone", problem: "Time zone: unknown".to_owned() }];
        let page = view(&Ui::sample(), &typed, &errors).into_string();
        assert!(page.contains("value=\"Mars/Base\"") && page.contains("id=\"time_zone-error\""));
    }
}
