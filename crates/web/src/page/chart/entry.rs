//! One entry of a chart: what it says, its versions with their differences, and its corrections.

use super::ask::{self, View};
use crate::component::banner::{self, Place};
use crate::component::form::{Field, error_summary};
use crate::component::show;
use crate::form::Form;
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use clinic::chart::banner::Banner;
use clinic::chart::change::{EntryHistory, Version};
use clinic::entry::{self, MoveTo, Named};
use clinic::{Caller, Error, FieldError};
use fhir::{Id, Key, Kind, PatientId};
use maud::{Markup, html};
use serde::Deserialize;
use store::audit::{Entry, Outcome};
use uuid::Uuid;

/// What a correction's form sends. The patient and the version are those of the page it was made from.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Correction {
    /// The chart the page showed.
    #[serde(default)]
    pub patient: String,
    /// The version the page showed.
    #[serde(default)]
    pub version: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// Record number of the right patient.
    #[serde(default)]
    pub record_number: String,
    /// Birth date of the right patient.
    #[serde(default)]
    pub birth_date: String,
}

/// `GET /patients/{id}/changes/{kind}/{entry}`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, kind, entry)): Path<(String, String, String)>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    page(&app, &caller, &ui, &key(&kind, &entry)?, (&id, &query), &Correction::default(), &[]).await
}

async fn page(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    key: &Key,
    (id, query): (&str, &View),
    typed: &Correction,
    errors: &[FieldError],
) -> Result<Markup, PageError> {
    let ask = ask::of(app, caller, ui, id, query)?;
    let (loaded, history) = ask.history_of(key).await?;
    let correct = query.as_of.is_none() && entry::may_correct(caller, key.kind, &ask.patient);
    let body = view(ui, &loaded.banner, &history, correct, typed, errors);
    let place = Place { section: "changes", as_of: query.day()? };
    Ok(banner::page(ui, &loaded.banner, place, &history.title, &body))
}

/// `POST …/error`
pub async fn mark_error(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, kind, entry)): Path<(String, String, String)>,
    Form(typed): Form<Correction>,
) -> Result<Response, PageError> {
    let trail = Trail { app: &app, caller: &caller, action: "entry.error" };
    let named = named(&trail, &id, key(&kind, &entry)?, &typed).await?;
    let done = entry::mark_error(app.store.as_ref(), &caller, &named, &ui.display_name).await;
    answer(&trail, &ui, &named, &typed, done.map(|_| here(&named))).await
}

/// `POST …/restore`
pub async fn restore(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, kind, entry)): Path<(String, String, String)>,
    Form(typed): Form<Correction>,
) -> Result<Response, PageError> {
    let trail = Trail { app: &app, caller: &caller, action: "entry.restore" };
    let named = named(&trail, &id, key(&kind, &entry)?, &typed).await?;
    let done = entry::restore(app.store.as_ref(), &caller, &named).await;
    answer(&trail, &ui, &named, &typed, done.map(|_| here(&named))).await
}

/// `POST …/move`
pub async fn move_entry(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, kind, entry)): Path<(String, String, String)>,
    Form(typed): Form<Correction>,
) -> Result<Response, PageError> {
    let trail = Trail { app: &app, caller: &caller, action: "entry.move" };
    let named = named(&trail, &id, key(&kind, &entry)?, &typed).await?;
    let to = MoveTo {
        record_number: typed.record_number.clone(),
        birth_date: typed.birth_date.clone(),
        record_number_system: ui.practice.record_number_system.clone(),
        calendar: ui.calendar(),
        ids: [Uuid::now_v7(), Uuid::now_v7()],
    };
    let done = entry::move_entry(app.store.as_ref(), &caller, &named, &to, &ui.display_name).await;
    answer(&trail, &ui, &named, &typed, done.map(|_| here(&named))).await
}

/// Where a correction that fails is recorded. One that is done carries its own entry.
struct Trail<'a> {
    app: &'a App,
    caller: &'a Caller,
    action: &'static str,
}

impl Trail<'_> {
    async fn failed(&self, patient: &PatientId, key: &Key, error: &Error) -> Result<(), PageError> {
        let refused = matches!(error, Error::NotPermitted);
        let entry = Entry {
            outcome: if refused { Outcome::Refused } else { Outcome::Failed },
            patients: vec![patient.clone()],
            what: vec![(key.clone(), 0)],
            ..self.caller.entry(self.action)
        };
        self.app.store.append(entry).await?;
        Ok(())
    }
}

/// The page again: after it is done, or with what is to be mended and what was typed kept.
async fn answer(
    trail: &Trail<'_>,
    ui: &Ui,
    named: &Named,
    typed: &Correction,
    done: Result<String, Error>,
) -> Result<Response, PageError> {
    let error = match done {
        Ok(address) => return Ok(Redirect::to(&address).into_response()),
        Err(error) => error,
    };
    trail.failed(&named.patient, &named.key, &error).await?;
    let Error::Fields(errors) = error else { return Err(error.into()) };
    let view = View::default();
    let page = page(trail.app, trail.caller, ui, &named.key, (named.patient.as_str(), &view), typed, &errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn here(named: &Named) -> String {
    format!("/patients/{}/changes/{}/{}", named.patient, named.key.kind, named.key.id)
}

fn key(kind: &str, entry: &str) -> Result<Key, PageError> {
    let kind = Kind::parse(kind).ok_or_else(PageError::not_found)?;
    Ok(Key::new(kind, Id::parse(entry).map_err(|_| PageError::not_found())?))
}

/// What the form names; the page's patient must be the address's.
async fn named(trail: &Trail<'_>, id: &str, key: Key, typed: &Correction) -> Result<Named, PageError> {
    let patient = PatientId::parse(id).map_err(|_| PageError::not_found())?;
    if typed.patient != id {
        trail.failed(&patient, &key, &Error::WrongPatient).await?;
        return Err(Error::WrongPatient.into());
    }
    Ok(Named { patient, key, version: typed.version.parse().ok(), reason: typed.reason.clone() })
}

/// The page.
#[must_use]
pub fn view(
    ui: &Ui,
    banner: &Banner,
    history: &EntryHistory,
    correct: bool,
    typed: &Correction,
    errors: &[FieldError],
) -> Markup {
    let title = if history.title.is_empty() { history.sort.as_str() } else { history.title.as_str() };
    html! {
        main id="main" class="grid" {
            header class="page-head span-12" {
                h2 {
                    (title) " " span class="chip quiet" { (history.sort) }
                    @if history.error { " " span class="chip bad" { "Entered in error" } }
                }
            }
            div class="span-12" { (error_summary(errors)) }
            @if !history.here { div class="notice warn span-12" { p { "This entry is no longer in this chart: it was moved to another one, or deleted. Its versions here are kept." } } }
            section class="card span-6" aria-labelledby="facts-title" {
                header { h2 id="facts-title" { "What it says" } }
                dl class="details" { @for (place, words) in &history.facts { div { dt { (place) } dd class="prose" { (words) } } } }
            }
            div class="span-6 stack" {
                section class="card" aria-labelledby="versions-title" {
                    header { h2 id="versions-title" { "Versions " span class="count" { (history.versions.len()) } } }
                    @for version in &history.versions { (version_view(version)) }
                }
                @if correct && history.here { (corrections(ui, banner, history, typed, errors)) }
            }
        }
    }
}

fn version_view(version: &Version) -> Markup {
    html! {
        div class="pad" {
            p { strong { "Version " (version.version) } " " (show::moment(Some(&version.when))) " " span class="muted" { (version.deed) } }
            @if !version.differences.is_empty() {
                dl class="details" {
                    @for difference in &version.differences {
                        div {
                            dt { (difference.place) }
                            dd {
                                @if let Some(before) = &difference.before { del class="was" { (before) } " " }
                                @if let Some(after) = &difference.after { ins class="now" { (after) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn corrections(ui: &Ui, banner: &Banner, history: &EntryHistory, typed: &Correction, errors: &[FieldError]) -> Markup {
    let action = format!("/patients/{}/changes/{}/{}", banner.id, history.key.kind, history.key.id);
    let fixed = html! {
        (ui.csrf_field())
        input type="hidden" name="patient" value=(banner.id);
        input type="hidden" name="version" value=(history.version);
    };
    let moving = !typed.record_number.is_empty() || errors.iter().any(|error| error.field != "reason");
    let (error_reason, move_reason) = if moving { ("", typed.reason.as_str()) } else { (typed.reason.as_str(), "") };
    let mine = |moved: bool| if moved == moving { errors } else { &[] };
    html! {
        @if history.restorable {
            section class="card noprint" aria-labelledby="restore-title" {
                header { h2 id="restore-title" { "Take the mark back" } }
                form class="form pad" method="post" action={ (action) "/restore" } {
                    (fixed)
                    p { "The version before the mark becomes the newest again. The mark stays among the versions." }
                    div class="actions" { button class="btn" { "It was not an error" } }
                }
            }
        }
        @if history.markable {
            details class="card more noprint" open[!errors.is_empty() && !moving] {
                summary { "Entered in error…" }
                form class="form pad" method="post" action={ (action) "/error" } {
                    (fixed)
                    p { "It stays in the chart of " strong { (banner.name) } ", struck through, with your reason. You can take it back." }
                    (Field::text("reason", "Reason", error_reason).hint("For example: measured on another patient").view(mine(false)))
                    div class="actions" { button class="btn danger" { "Mark as entered in error" } }
                }
            }
        }
        @if history.movable {
            details class="card more noprint" open[!errors.is_empty() && moving] {
                summary { "Belongs to another patient…" }
                form class="form pad" method="post" action={ (action) "/move" } {
                    (fixed)
                    p { "It leaves the chart of " strong { (banner.name) } " and enters the other one. Both charts tell of it. The visit it was recorded in is not taken along." }
                    (Field::text("record_number", "Record number of the right patient", &typed.record_number).view(mine(true)))
                    (Field::text("birth_date", "Birth date of the right patient", &typed.birth_date).hint("Day, month, year, for example 5 May 1962").view(mine(true)))
                    (Field { name: "reason", ..Field::text("reason", "Reason", move_reason) }.hint("For example: written in the wrong chart").view(mine(true)))
                    div class="actions" { button class="btn danger" { "Move to the other chart" } }
                }
            }
        }
    }
}
