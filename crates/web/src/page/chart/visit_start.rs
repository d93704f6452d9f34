//! Starting a visit from the chart: now, planned, or one that took place.

use super::ask::{self, View};
use crate::component::banner::{self, Place};
use crate::component::form::{Field, area, check, error_summary, needed, select};
use crate::form::Form;
use crate::page::trail;
use crate::said::{self, Said};
use crate::{App, PageError, Ui};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic::chart::banner::Banner;
use clinic::shown::Shown;
use clinic::visit::kinds::{CLASSES, KINDS};
use clinic::visit::start::{LONGEST_REASON, Offered};
use clinic::visit::{self, StartForm, Starting, commands};
use clinic::{Action, Caller, Error, FieldError};
use fhir::{Id, PatientId};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

/// What the form posts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Posted {
    patient: String,
    version: String,
    once: String,
    state: String,
    day: String,
    time: String,
    class: String,
    kind: String,
    reason: String,
    with: String,
    also: String,
    place: String,
    alive: String,
}

impl Posted {
    fn form(&self) -> StartForm {
        StartForm {
            state: self.state.clone(),
            day: self.day.clone(),
            time: self.time.clone(),
            class: self.class.clone(),
            kind: self.kind.clone(),
            reason: self.reason.clone(),
            with: [self.with.clone(), self.also.clone()],
            place: self.place.clone(),
            alive: self.alive == "yes",
        }
    }
}

/// The button that leads here, for those who may.
#[must_use]
pub fn link(ui: &Ui, patient: &str) -> Markup {
    html! {
        @if ui.may(Action::CheckIn) {
            div class="acts noprint" { a class="btn" href={ "/patients/" (patient) "/visits/new" } data-key="n" { "Start a visit" } }
        }
    }
}

/// `GET /patients/{id}/visits/new`
pub async fn new(State(app): State<App>, caller: Caller, ui: Ui, Path(id): Path<String>) -> Result<Markup, PageError> {
    let with = [commands::own(&caller), String::new()];
    let form = StartForm { state: "arrived".to_owned(), class: "AMB".to_owned(), with, ..StartForm::default() };
    page(&app, &caller, &ui, &id, &form, &[]).await
}

/// `POST /patients/{id}/visits/new`
pub async fn start(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let patient = PatientId::parse(&id).map_err(|_| PageError::not_found())?;
    let form = posted.form();
    let starting = Starting {
        patient: patient.clone(),
        shown: Shown { patient: &posted.patient, version: posted.version.parse().ok() },
        form: form.clone(),
        zone: ui.zone.clone(),
        once: &posted.once,
        id: Id::from_uuid(Uuid::now_v7()),
    };
    let error = match visit::start(app.store.as_ref(), &caller, starting).await {
        Ok(key) if caller.may(Action::ReadClinical) => {
            return Ok(said::then(&format!("/visits/{}", key.id), Said::VisitStarted));
        }
        Ok(_) => return Ok(said::then(&format!("/patients/{patient}"), Said::VisitStarted)),
        Err(error) => error,
    };
    trail::failed(&app, &caller, "visit.start", &[patient], None, &error).await?;
    let (status, errors) = match error {
        Error::Fields(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Error::Conflict(why) => {
            (StatusCode::CONFLICT, vec![FieldError { field: "state", problem: format!("No visit: {why}") }])
        }
        Error::Stale => (StatusCode::PRECONDITION_FAILED, vec![stale("state")]),
        other => return Err(other.into()),
    };
    Ok((status, page(&app, &caller, &ui, &id, &form, &errors).await?).into_response())
}

/// What to do when who the patient is was changed since the form was opened.
pub(super) fn stale(field: &'static str) -> FieldError {
    let problem =
        "Somebody changed this patient’s details meanwhile: check above that this is the right patient, and save again";
    FieldError { field, problem: problem.to_owned() }
}

async fn page(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    id: &str,
    typed: &StartForm,
    errors: &[FieldError],
) -> Result<Markup, PageError> {
    let ask = ask::of(app, caller, ui, id, &View::default())?;
    let sealed = ask.load(&[]).await?.zip(commands::offered(ask.store, caller).await?);
    let (loaded, offered) = ask.release(sealed, "start of a visit").await?;
    let once = Uuid::new_v4().to_string();
    let body = view(ui, &loaded.banner, &Shows { typed, offered: &offered, once: &once, errors });
    Ok(banner::page(ui, &loaded.banner, Place { section: "visits", as_of: None }, "Start a visit", &body))
}

/// What the form shows.
pub struct Shows<'a> {
    /// What was typed before.
    pub typed: &'a StartForm,
    /// Whom and where it chooses among.
    pub offered: &'a Offered,
    /// Its own key: sent twice, it starts one visit.
    pub once: &'a str,
    /// What to mend.
    pub errors: &'a [FieldError],
}

/// The page.
#[must_use]
pub fn view(ui: &Ui, banner: &Banner, shows: &Shows) -> Markup {
    let Shows { typed, offered, once, errors } = shows;
    let clinical = ui.may(Action::WriteObservations);
    let back = if ui.may(Action::ReadClinical) { "/visits" } else { "" };
    let states = [("arrived", "The patient is here, or was"), ("planned", "The patient is to come")];
    let classes = CLASSES.map(|(code, _, words)| (code, words));
    let kinds: Vec<_> = std::iter::once(("", "Choose one")).chain(KINDS.map(|kind| (kind, kind))).collect();
    let (with, also) = (choices("Nobody named", &offered.people), choices("Nobody else", &offered.people));
    let places = choices("Not said", &offered.places);
    html! {
        main id="main" class="page narrow" {
            header class="page-head" { h2 { "Start a visit" } }
            (error_summary(errors))
            form class="form" method="post" action={ "/patients/" (banner.id) "/visits/new" } data-guard {
                (ui.csrf_field())
                input type="hidden" name="patient" value=(banner.id);
                input type="hidden" name="version" value=(banner.version);
                input type="hidden" name="once" value=(once);
                (needed("state", "State", &typed.state, &states, errors))
                div class="row" {
                    (Field { kind: "date", ..Field::text("day", "Day", &typed.day) }.optional().hint("Empty: now, of a patient who is here").size("short").view(errors))
                    (Field { kind: "time", ..Field::text("time", "Time", &typed.time) }.optional().size("short").view(errors))
                }
                @if errors.iter().any(|error| error.field == "alive") {
                    (check("alive", "The patient was alive at this time", typed.alive))
                }
                (needed("class", "It takes place", &typed.class, &classes, errors))
                (needed("kind", "Kind", &typed.kind, &kinds, errors))
                @if clinical {
                    (area("reason", "Reason for the visit, in the patient’s own words", &typed.reason, LONGEST_REASON, errors))
                }
                (select("with", "With", &typed.with[0], &with, errors))
                (select("also", "And with", &typed.with[1], &also, errors))
                @if !offered.places.is_empty() { (select("place", "Place", &typed.place, &places, errors)) }
                div class="actions" {
                    button class="btn primary" { "Start for " (banner.name) }
                    a class="btn" href={ "/patients/" (banner.id) (back) } { "Cancel" }
                }
            }
        }
    }
}

/// A list as a form offers it, with the choice of none first.
pub(super) fn choices<'a>(none: &'a str, list: &'a [(String, String)]) -> Vec<(&'a str, &'a str)> {
    std::iter::once(("", none)).chain(list.iter().map(|(value, words)| (value.as_str(), words.as_str()))).collect()
}
