//! Finding a patient: the search page and the palette. Searches are posted, so that no name stands in an address.

use crate::component::{hit, layout};
use crate::form::Form;
use crate::{App, PageError, Ui};
use axum::extract::State;
use axum::response::IntoResponse;
use clinic::patient::commands::{self, Found};
use clinic::{Action, Caller};
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;

/// How many hits the page and the palette show.
pub(super) const PAGE: usize = 50;
const PALETTE: usize = 8;

/// The search box.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    pub(super) q: String,
}

/// `GET /search`
pub async fn show(ui: Ui) -> Markup {
    view(&ui, "", None, ui.calendar().today)
}

/// `POST /search`
pub async fn find(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Form(asked): Form<Asked>,
) -> Result<impl IntoResponse, PageError> {
    let today = ui.calendar().today;
    let found = search(&app, &caller, &ui, &asked.q, PAGE, "page").await?;
    Ok(view(&ui, &asked.q, Some(&found), today))
}

/// `POST /search/palette`: the options alone. Asked when typing has paused; each is an entry of the trail, as it shows patients.
pub async fn palette(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Form(asked): Form<Asked>,
) -> Result<impl IntoResponse, PageError> {
    let today = ui.calendar().today;
    let found = search(&app, &caller, &ui, &asked.q, PALETTE, "palette").await?;
    Ok(options(&found, today))
}

/// What the box finds, with the audit entry of having looked.
pub(super) async fn search(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    q: &str,
    limit: usize,
    kind: &str,
) -> Result<Found, PageError> {
    let permit = caller.read_practice(Action::ReadIdentity)?;
    let store = app.store.as_ref();
    let found = commands::find(store, &permit, &ui.practice.record_number_system, q, ui.calendar(), limit).await?;
    let mut entry = caller.entry("patient.find");
    entry.detail = kind.to_owned();
    Ok(store.release(found, entry).await.map_err(clinic::Error::from)?)
}

/// The palette's options, or what to do when there are none.
#[must_use]
pub fn options(found: &Found, today: Date) -> Markup {
    html! {
        (hit::options(&found.hits, today))
        @if found.hits.is_empty() && found.asked {
            li class="empty" { "No patient matches. Try fewer letters, another spelling, or the birth date." }
        } @else if found.more {
            li class="empty" { "There are more: type more of the name, or the birth date." }
        }
    }
}

/// The page.
#[must_use]
pub fn view(ui: &Ui, q: &str, found: Option<&Found>, today: Date) -> Markup {
    let body = html! {
        main id="main" class="page" {
            header class="page-head" {
                h1 { "Patients" }
                div class="acts" {
                    @if ui.may(Action::WriteIdentity) { a class="btn" href="/patients/new" data-key="n" { "Register a patient" } }
                }
            }
            form class="form" method="post" action="/search" role="search" {
                (ui.csrf_field())
                div class="field long" {
                    label for="q" { "Find a patient" }
                    p class="hint" id="q-hint" {
                        "Parts of the name in any order, birth date in any form, end of the phone number, record number"
                    }
                    input id="q" name="q" type="search" value=(q) autocomplete="off" spellcheck="false" aria-describedby="q-hint" autofocus[found.is_none()];
                }
                div class="actions" { button class="btn primary" { "Find" } }
            }
            @if let Some(found) = found { (results(found, today)) }
        }
    };
    layout::page(ui, "Patients", None, &body)
}

/// How many were found, in words.
pub(super) fn count(found: &Found) -> String {
    match (found.asked, found.hits.len(), found.more) {
        (false, ..) => "Type something to search for".to_owned(),
        (true, 0, _) => "No patient matches".to_owned(),
        (true, 1, false) => "1 patient".to_owned(),
        (true, n, false) => format!("{n} patients"),
        (true, n, true) => format!("The {n} likeliest of more"),
    }
}

fn results(found: &Found, today: Date) -> Markup {
    html! {
        section class="card" aria-labelledby="found-title" {
            header {
                h2 id="found-title" { span role="status" { (count(found)) } }
            }
            @if found.hits.is_empty() {
                p class="empty" { "Try fewer letters, another spelling, a former name, or the birth date alone." }
            } @else { (hit::list(&found.hits, today)) }
        }
    }
}
