//! Moving an entry to the patient it belongs to, in two steps: the right patient is found as any patient is, then both identities stand
//! side by side, and the button names who it goes to.

use super::ask::{self, View};
use super::entry::{At, Correction, Trail, key, named, path, said_by, to_mend};
use crate::component::banner::{self, Place};
use crate::component::form::{Field, error_summary};
use crate::component::{born, hit};
use crate::form::Form;
use crate::page::search;
use crate::said::{self, Said};
use crate::{App, PageError, Ui};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use clinic::chart::banner::Banner;
use clinic::chart::change::EntryHistory;
use clinic::entry::{self, MoveTo};
use clinic::patient::commands::{self, Found, Hit};
use clinic::patient::identity::spaced;
use clinic::{Action, Caller, Error, FieldError};
use fhir::{Identity, Key, PatientId};
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

/// What the confirmation sends: both patients and both versions, as they were shown.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Confirmed {
    patient: String,
    version: String,
    target: String,
    target_version: String,
    reason: String,
}

/// `GET …/move`: whom does it belong to?
pub async fn choose(State(app): State<App>, caller: Caller, ui: Ui, at: At) -> Result<Markup, PageError> {
    choices(&app, &caller, &ui, at, "", None).await
}

/// `POST …/move`: the patients found.
pub async fn find(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    at: At,
    Form(asked): Form<search::Asked>,
) -> Result<Markup, PageError> {
    let mut found = search::search(&app, &caller, &ui, &asked.q, search::PAGE, "move").await?;
    found.hits.retain(|hit| hit.identity.id.as_ref().is_none_or(|id| id.as_str() != at.0.0));
    choices(&app, &caller, &ui, at, &asked.q, Some(found)).await
}

async fn choices(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    Path((id, kind, entry)): At,
    q: &str,
    found: Option<Found>,
) -> Result<Markup, PageError> {
    let ask = ask::of(app, caller, ui, &id, &View::default())?;
    let (loaded, history) = ask.history_of(&key(&kind, &entry)?).await?;
    let body = choose_view(ui, &loaded.banner, &history, q, found.as_ref());
    Ok(banner::page(ui, &loaded.banner, PLACE, "Move an entry", &body))
}

/// `GET …/move/{target}`: both identities, to be compared.
pub async fn confirm(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, kind, entry, target)): Path<(String, String, String, String)>,
) -> Result<Markup, PageError> {
    let key = key(&kind, &entry)?;
    confirmation(&app, &caller, &ui, (&id, &key, &target), "", &[]).await
}

/// `POST …/move/{target}`
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, kind, entry, target)): Path<(String, String, String, String)>,
    Form(typed): Form<Confirmed>,
) -> Result<Response, PageError> {
    let trail = Trail { app: &app, caller: &caller, action: "entry.move" };
    let correction = Correction { patient: typed.patient, version: typed.version, reason: typed.reason };
    let named = named(&trail, Path((id.clone(), kind, entry)), &correction).await?;
    let to = PatientId::parse(&target).map_err(|_| PageError::not_found())?;
    let both = [named.patient.clone(), to.clone()];
    if typed.target != target {
        trail.failed(&both, &named.key, &Error::WrongPatient).await?;
        return Err(Error::WrongPatient.into());
    }
    let version = typed.target_version.parse().ok();
    let to = MoveTo { patient: to, version, ids: [Uuid::now_v7(), Uuid::now_v7()] };
    let error = match entry::move_entry(app.store.as_ref(), &caller, &named, &to, &ui.display_name).await {
        Ok(_) => return Ok(said::then(&path(&id, &named.key), Said::Moved)),
        Err(error) => error,
    };
    trail.failed(&both, &named.key, &error).await?;
    let words = "Changed meanwhile, the entry or the patient: nothing was moved. Look at both again, then decide";
    let (status, errors) = to_mend(error, "both-title", words)?;
    let page = confirmation(&app, &caller, &ui, (&id, &named.key, &target), &named.reason, &errors).await?;
    Ok((status, page).into_response())
}

const PLACE: Place = Place { section: "changes", as_of: None };

fn today(ui: &Ui) -> Date {
    ui.now.to_zoned(ui.zone.clone()).date()
}

async fn confirmation(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    (id, key, target): (&str, &Key, &str),
    reason: &str,
    errors: &[FieldError],
) -> Result<Markup, PageError> {
    let ask = ask::of(app, caller, ui, id, &View::default())?;
    let target = PatientId::parse(target).map_err(|_| PageError::not_found())?;
    let (loaded, history) = ask.history_of(key).await?;
    let permit = caller.read_practice(Action::ReadIdentity)?;
    let (store, both) = (app.store.as_ref(), [ask.patient.clone(), target.clone()]);
    let hits = commands::by_ids(store, &permit, &ask.record_number_system, &both).await?;
    let mut entry = caller.entry("patient.find");
    entry.detail = "move".to_owned();
    let hits = store.release(hits, entry).await.map_err(Error::from)?;
    let of = |patient: &PatientId| hits.iter().find(|hit| hit.identity.id.as_ref() == Some(patient));
    let (Some(from), Some(to)) = (of(&ask.patient), of(&target)) else { return Err(PageError::not_found()) };
    if target == ask.patient || !history.here || !history.movable {
        return Err(PageError::not_found());
    }
    let namesake = commands::has_namesake(store, &permit, &ask.record_number_system, &to.identity).await?;
    let to = Hit { similar_name: to.similar_name || namesake, ..to.clone() };
    let body = confirm_view(ui, &history, (from, &to), reason, errors);
    Ok(banner::page(ui, &loaded.banner, PLACE, "Move an entry", &body))
}

/// The first step.
#[must_use]
pub fn choose_view(ui: &Ui, banner: &Banner, history: &EntryHistory, q: &str, found: Option<&Found>) -> Markup {
    let entry = path(banner.id.as_str(), &history.key);
    html! {
        main id="main" class="page narrow" {
            header class="page-head" { h2 { "Whose is this entry?" } a class="btn" href=(entry) { "Leave it here" } }
            (what(history))
            (finder(ui, banner, (&entry, "entry"), q, found))
        }
    }
}

/// The first step's form, and the patients found: each leads to the second. `here`: the address of what is moved; `noun`: what it is.
pub(in crate::page) fn finder(
    ui: &Ui,
    banner: &Banner,
    (here, noun): (&str, &str),
    q: &str,
    found: Option<&Found>,
) -> Markup {
    let today = ui.calendar().today;
    let href = |who: &Identity| who.id.as_ref().map(|id| format!("{here}/move/{id}")).unwrap_or_default();
    html! {
        form class="form" method="post" action={ (here) "/move" } role="search" {
            (ui.csrf_field())
            div class="field long" {
                label for="q" { "Find the right patient" }
                p class="hint" id="q-hint" { "Parts of the name in any order, birth date in any form, end of the phone number, record number" }
                input id="q" name="q" type="search" value=(q) autocomplete="off" spellcheck="false" aria-describedby="q-hint" autofocus[found.is_none()];
            }
            div class="actions" { button class="btn primary" { "Find" } }
        }
        @if let Some(found) = found {
            section class="card" aria-labelledby="found-title" {
                header { h2 id="found-title" { span role="status" { (search::count(found)) } } }
                @if found.hits.is_empty() {
                    p class="empty" { "Try fewer letters, another spelling, or the birth date. " (banner.name) " is left out: the " (noun) " is in that chart already." }
                } @else { (hit::linked(&found.hits, today, href)) }
            }
        }
    }
}

/// The second step.
#[must_use]
pub fn confirm_view(
    ui: &Ui,
    history: &EntryHistory,
    (from, to): (&Hit, &Hit),
    reason: &str,
    errors: &[FieldError],
) -> Markup {
    let id = |hit: &Hit| hit.identity.id.as_ref().map(ToString::to_string).unwrap_or_default();
    let entry = path(&id(from), &history.key);
    html! {
        main id="main" class="page narrow" {
            header class="page-head" { h2 { "Move to the chart of " (to.identity.display_name()) "?" } }
            (error_summary(errors))
            (what(history))
            (both(from, to, today(ui)))
            form class="form" method="post" action={ (entry) "/move/" (id(to)) } {
                (ui.csrf_field())
                input type="hidden" name="patient" value=(id(from));
                input type="hidden" name="version" value=(history.version);
                input type="hidden" name="target" value=(id(to));
                input type="hidden" name="target_version" value=(to.identity.version);
                p { "Both charts will tell of it. The visit it was recorded in is not taken along." }
                (Field::text("reason", "Reason", reason).hint("For example: written in the wrong chart").size("long").view(errors))
                div class="actions" {
                    button class="btn danger" { "Move to " (to.identity.display_name()) }
                    a class="btn" href={ (entry) "/move" } { "Somebody else" }
                    a class="btn" href=(entry) { "Leave it here" }
                }
            }
        }
    }
}

/// Both identities side by side, to be compared.
#[must_use]
pub fn both(from: &Hit, to: &Hit, today: Date) -> Markup {
    let line = |label: &str, of: &dyn Fn(&Identity) -> String| {
        let (here, there) = (of(&from.identity), of(&to.identity));
        let differs = here != there;
        html! { tr { th scope="row" { (label) } td { (unbroken(&here)) } td { (unbroken(&there)) @if !differs { " " span class="chip quiet" { "the same" } } } } }
    };
    html! {
        section class="card" aria-labelledby="both-title" {
            header { h2 id="both-title" { "From whom to whom" } @if to.similar_name { span class="chip warn" { "Similar name" } } }
            table class="plain both" {
                caption class="vh" { "Both patients" }
                thead { tr { th scope="col" { span class="vh" { "Fact" } } th scope="col" class={ "whose " (hit::hue(&from.identity)) } { "It is in the chart of" } th scope="col" class={ "whose " (hit::hue(&to.identity)) } { "It goes to the chart of" } } }
                tbody {
                    (line("Name", &Identity::display_name))
                    (line("Born", &|who| born::of(who, today)))
                    (line("Sex", &|who| hit::sex(&who.sex).to_owned()))
                    (line("Record no.", &|who| if who.record_number.is_empty() { "not given".to_owned() } else { spaced(&who.record_number) }))
                    (line("Phone", &|who| who.phone_end().map_or_else(|| "not recorded".to_owned(), |end| format!("ends {end}"))))
                    @if from.identity.deceased || to.identity.deceased { (line("Deceased", &|who| if who.deceased { "Yes" } else { "No" }.to_owned())) }
                    @if from.identity.test || to.identity.test { (line("Test patient", &|who| if who.test { "Yes" } else { "No" }.to_owned())) }
                }
            }
        }
    }
}

/// A date and its age may part, neither may break.
fn unbroken(words: &str) -> Markup {
    match words.split_once("\u{a0}(") {
        Some((date, age)) => html! { span class="nb" { (date) } " " span class="nb" { "(" (age) } },
        None => html! { (words) },
    }
}

/// What is moved.
fn what(history: &EntryHistory) -> Markup {
    html! {
        details class="card more" {
            summary { (history.sort) ": " (if history.title.is_empty() { "without a title" } else { history.title.as_str() }) }
            (said_by(&history.facts))
        }
    }
}
