//! One entry of a chart: what it says, its versions with their differences, and its corrections in place. [`super::moving`] takes it to
//! another chart.

use super::ask::{self, View};
use crate::component::banner::{self, Place};
use crate::component::form::{Field, error_summary};
use crate::component::show;
use crate::form::Form;
use crate::page::trail;
use crate::said::{self, Said};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic::chart::Ask;
use clinic::chart::banner::Banner;
use clinic::chart::change::{EntryHistory, Version};
use clinic::chart::fact::Fact;
use clinic::entry::{self, Named};
use clinic::patient::commands;
use clinic::{Action, Caller, Error, FieldError};
use fhir::{Id, Key, Kind, PatientId};
use maud::{Markup, html};
use serde::Deserialize;
use store::audit::Entry;

/// What a correction's form sends. The patient and the version are those of the page it was made from.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Correction {
    /// The chart the page showed.
    pub patient: String,
    /// The version the page showed.
    pub version: String,
    /// Why.
    pub reason: String,
}

/// The address of an entry: chart, type, id.
pub type At = Path<(String, String, String)>;

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

/// Who received an entry that was moved just now, told once to who moved it.
async fn receiver(ask: &Ask<'_>, history: &EntryHistory) -> Result<Option<String>, PageError> {
    let Some(to) = history.moves.to.clone().filter(|_| !history.here) else { return Ok(None) };
    let permit = ask.caller.read_practice(Action::ReadIdentity)?;
    let hits = commands::by_ids(ask.store, &permit, &ask.record_number_system, &[to]).await?;
    let entry = Entry { detail: "move".to_owned(), ..ask.caller.entry("patient.find") };
    let hits = ask.store.release(hits, entry).await.map_err(Error::from)?;
    Ok(hits.first().map(|hit| hit.identity.display_name()))
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
    let receiver = if ui.said == Some(Said::Moved) { receiver(&ask, &history).await? } else { None };
    let said = fhir::json::parse(history.source.as_bytes()).unwrap_or_default();
    let correct = query.as_of.is_none() && entry::may_correct(caller, key.kind, &said, &ask.patient);
    let body = view(ui, &loaded.banner, (&history, receiver.as_deref()), correct, typed, errors);
    let place = Place { section: "changes", as_of: query.day()? };
    Ok(banner::page(ui, &loaded.banner, place, &history.title, &body))
}

/// `POST …/error`
pub async fn mark_error(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    at: At,
    Form(typed): Form<Correction>,
) -> Result<Response, PageError> {
    let trail = Trail { app: &app, caller: &caller, action: "entry.error" };
    let named = named(&trail, at, &typed).await?;
    let done = entry::mark_error(app.store.as_ref(), &caller, &named, &ui.display_name).await;
    answer(&trail, &ui, &named, &typed, done.map(|_| Said::Marked)).await
}

/// `POST …/restore`
pub async fn restore(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    at: At,
    Form(typed): Form<Correction>,
) -> Result<Response, PageError> {
    let trail = Trail { app: &app, caller: &caller, action: "entry.restore" };
    let named = named(&trail, at, &typed).await?;
    let done = entry::restore(app.store.as_ref(), &caller, &named).await;
    answer(&trail, &ui, &named, &typed, done.map(|_| Said::Restored)).await
}

/// Where a correction that fails is recorded. One that is done carries its own entry.
pub struct Trail<'a> {
    /// The practice.
    pub app: &'a App,
    /// Who asks.
    pub caller: &'a Caller,
    /// What was tried.
    pub action: &'static str,
}

impl Trail<'_> {
    /// Records that it failed.
    ///
    /// # Errors
    /// When the entry cannot be written.
    pub async fn failed(&self, patients: &[PatientId], key: &Key, error: &Error) -> Result<(), PageError> {
        trail::failed(self.app, self.caller, self.action, patients, Some(key), error).await
    }
}

/// The page again: after it is done, or with what is to be mended and what was typed kept.
async fn answer(
    trail: &Trail<'_>,
    ui: &Ui,
    named: &Named,
    typed: &Correction,
    done: Result<Said, Error>,
) -> Result<Response, PageError> {
    let error = match done {
        Ok(said) => return Ok(said::then(&path(named.patient.as_str(), &named.key), said)),
        Err(error) => error,
    };
    trail.failed(std::slice::from_ref(&named.patient), &named.key, &error).await?;
    let words = "Changed meanwhile: nothing was saved. Look at the newest version here, then decide again";
    let (status, errors) = to_mend(error, "versions-title", words)?;
    let view = View::default();
    let page = page(trail.app, trail.caller, ui, &named.key, (named.patient.as_str(), &view), typed, &errors).await?;
    Ok((status, page).into_response())
}

/// What goes back to the form, with what was typed kept: fields to mend, or that the entry was changed meanwhile, which `words` says.
///
/// # Errors
/// Anything else.
pub fn to_mend(error: Error, place: &'static str, words: &str) -> Result<(StatusCode, Vec<FieldError>), PageError> {
    match error {
        Error::Fields(errors) => Ok((StatusCode::UNPROCESSABLE_ENTITY, errors)),
        Error::Stale | Error::Store(store::Error::Stale { .. }) => {
            Ok((StatusCode::PRECONDITION_FAILED, vec![FieldError { field: place, problem: words.to_owned() }]))
        }
        other => Err(other.into()),
    }
}

/// The address of an entry's page.
#[must_use]
pub fn path(patient: &str, key: &Key) -> String {
    format!("/patients/{patient}/changes/{}/{}", key.kind, key.id)
}

/// The entry an address names.
///
/// # Errors
/// 404 when it names none.
pub fn key(kind: &str, entry: &str) -> Result<Key, PageError> {
    let kind = Kind::parse(kind).ok_or_else(PageError::not_found)?;
    Ok(Key::new(kind, Id::parse(entry).map_err(|_| PageError::not_found())?))
}

/// What the form names; the page's patient must be the address's.
///
/// # Errors
/// 404; 409 when the page was of another chart.
pub async fn named(trail: &Trail<'_>, Path((id, kind, entry)): At, typed: &Correction) -> Result<Named, PageError> {
    let key = key(&kind, &entry)?;
    let patient = PatientId::parse(&id).map_err(|_| PageError::not_found())?;
    if typed.patient != id {
        trail.failed(&[patient], &key, &Error::WrongPatient).await?;
        return Err(Error::WrongPatient.into());
    }
    Ok(Named { patient, key, version: typed.version.parse().ok(), reason: typed.reason.clone() })
}

/// What an entry says.
#[must_use]
pub fn said_by(facts: &[Fact]) -> Markup {
    html! { dl class="details single" { @for fact in facts { div { dt { (fact.label) } dd class="prose" { (fact.words) } } } } }
}

/// The page.
#[must_use]
pub fn view(
    ui: &Ui,
    banner: &Banner,
    (history, receiver): (&EntryHistory, Option<&str>),
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
            @if !errors.is_empty() { div class="span-12" { (error_summary(errors)) } }
            (whereabouts(history, receiver))
            section class="card span-6" aria-labelledby="facts-title" {
                header { h2 id="facts-title" { "What it says" } }
                (said_by(&history.facts))
            }
            div class="span-6 stack" {
                section class="card" aria-labelledby="versions-title" {
                    header { h2 id="versions-title" { "Versions " span class="count" { (history.versions.len()) } } }
                    ol class="versions" { @for version in &history.versions { (version_view(version)) } }
                }
                @if correct && history.here { (corrections(ui, banner, history, typed, errors)) }
            }
            details class="card more span-12 noprint" {
                summary { "Technical view" }
                p class="muted" { "The newest version as it is kept: FHIR R4, JSON. Programs read it so through the API." }
                pre class="source" tabindex="0" role="region" aria-label="The entry as JSON" { (history.source) }
            }
        }
    }
}

/// Where an entry is, if it is not here any more, and where it was before. The other patient is linked, not named: this page may be shown or
/// printed to this one.
fn whereabouts(history: &EntryHistory, receiver: Option<&str>) -> Markup {
    let there = |patient: &PatientId| format!("/patients/{patient}/changes/{}/{}", history.key.kind, history.key.id);
    html! {
        @if !history.here {
            div class="notice warn span-12" {
                p {
                    @if let Some(patient) = &history.moves.to {
                        "This entry is no longer in this chart: it was filed in the wrong one and was moved. Its versions here are kept. "
                        @if let Some(name) = receiver { span class="noprint" { "It is in the chart of " strong { (name) } " now. " } }
                        a class="noprint" href=(there(patient)) { "Open it in the other patient’s chart" }
                    } @else if history.deleted {
                        "This entry was deleted. Its versions here are kept."
                    } @else {
                        "This entry is no longer in this chart: it was moved to another one. Its versions here are kept."
                    }
                }
            }
        } @else if let Some(patient) = &history.moves.from {
            div class="notice span-12 noprint" {
                p { "This entry was moved here from another patient’s chart. " a href=(there(patient)) { "Open what is kept of it there" } }
            }
        }
    }
}

fn version_view(version: &Version) -> Markup {
    html! {
        li {
            p { strong { (version.deed) } " " (show::moment(Some(&version.when))) @if let Some(by) = &version.by { " by " (by) } " " span class="muted" { "version " (version.version) } }
            @if version.differences.is_empty() {
                @if version.deed == "Changed" { p class="muted" { "Nothing that is shown here changed." } }
            } @else {
                dl class="details single" {
                    @for difference in &version.differences {
                        div {
                            dt { (difference.label) }
                            dd class="prose" {
                                @if let Some(before) = &difference.before { span class="vh" { "before: " } del class="was" { (before) } " " }
                                @if let Some(after) = &difference.after { span class="vh" { "now: " } ins class="now" { (after) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn corrections(ui: &Ui, banner: &Banner, history: &EntryHistory, typed: &Correction, errors: &[FieldError]) -> Markup {
    let action = path(banner.id.as_str(), &history.key);
    let fixed = html! {
        (ui.csrf_field())
        input type="hidden" name="patient" value=(banner.id);
        input type="hidden" name="version" value=(history.version);
    };
    html! {
        @if history.restorable {
            section class="card noprint" aria-labelledby="restore-title" {
                header { h2 id="restore-title" { "Take the mark back" } }
                form class="form" method="post" action={ (action) "/restore" } {
                    (fixed)
                    p { "The newest version without the mark becomes the newest again. The mark stays among the versions." }
                    div class="actions" { button class="btn" { "It was not an error" } }
                }
            }
        }
        @if history.markable {
            details class="card more noprint" open[!errors.is_empty()] {
                summary { "Entered in error…" }
                form class="form" method="post" action={ (action) "/error" } {
                    (fixed)
                    p { "It stays in the chart of " strong { (banner.name) } ", struck through, with your reason. You can take it back." }
                    (Field::text("reason", "Reason", &typed.reason).hint("For example: measured on another patient").view(errors))
                    div class="actions" { button class="btn danger" { "Mark as entered in error" } }
                }
            }
        }
        @if history.key.kind == Kind::ENCOUNTER && ui.may(Action::WriteClinical) {
            section class="card noprint" aria-labelledby="move-title" {
                header { h2 id="move-title" { "Belongs to another patient" } }
                p { "A visit cannot be moved, as other entries belong to it. Move those one by one, each from its own page; then mark the visit as entered in error here, and register it in the right chart." }
            }
        }
        @if history.movable && ui.may(Action::WriteClinical) {
            section class="card noprint" aria-labelledby="move-title" {
                header { h2 id="move-title" { "Belongs to another patient" } a class="btn small" href={ (action) "/move" } { "Find the right patient" span class="vh" { " for this entry" } } }
            }
        }
    }
}
