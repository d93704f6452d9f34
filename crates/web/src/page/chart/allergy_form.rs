//! Recording an allergy, changing one, or that none are known.

use super::ask::{self, View};
use super::visit_start::stale;
use crate::component::banner::{self, Place};
use crate::component::form::{Field, area, error_summary, needed, select};
use crate::form::Form;
use crate::page::registration::new_id;
use crate::page::trail;
use crate::said::{self, Said};
use crate::{App, PageError, Ui};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic::allergy::form::{CATEGORIES, CERTAINTIES, CRITICALITIES, JUDGEMENTS, KINDS, SEVERITIES, STATUSES};
use clinic::allergy::{self, AllergyForm, Recording};
use clinic::chart::allergy::{Allergies, Known};
use clinic::chart::banner::Banner;
use clinic::shown::Shown;
use clinic::{Action, Caller, Error, FieldError};
use fhir::{Id, Key, Kind, PatientId};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

/// What the forms post.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Posted {
    patient: String,
    version: String,
    visit: String,
    once: String,
    substance: String,
    category: String,
    kind: String,
    reactions: String,
    severity: String,
    certainty: String,
    criticality: String,
    status: String,
    onset: String,
    note: String,
}

impl Posted {
    fn form(&self) -> AllergyForm {
        AllergyForm {
            substance: self.substance.clone(),
            category: self.category.clone(),
            kind: self.kind.clone(),
            reactions: self.reactions.clone(),
            severity: self.severity.clone(),
            certainty: self.certainty.clone(),
            criticality: self.criticality.clone(),
            status: self.status.clone(),
            onset: self.onset.clone(),
            note: self.note.clone(),
        }
    }

    fn recording<'a>(&'a self, patient: &PatientId, ui: &'a Ui) -> Recording<'a> {
        Recording {
            patient: patient.clone(),
            shown: Shown { patient: &self.patient, version: self.version.parse().ok() },
            visit: &self.visit,
            once: &self.once,
            by: &ui.display_name,
            today: ui.calendar().today,
            id: new_id(&self.once),
        }
    }
}

/// What may be done from the section: add one, or say that there are none where none is listed.
#[must_use]
pub fn acts(ui: &Ui, banner: &Banner, allergies: &Allergies) -> Markup {
    html! {
        @if ui.may(Action::WriteObservations) {
            div class="acts noprint" {
                @if allergies.known == Known::NotAsked {
                    form method="post" action={ "/patients/" (banner.id) "/allergies/none" } {
                        (ui.csrf_field())
                        (hidden(banner))
                        input type="hidden" name="once" value=(Uuid::new_v4());
                        button class="btn" { "Asked: no known allergies" }
                    }
                }
                a class="btn" href={ "/patients/" (banner.id) "/allergies/new" } data-key="n" { "Add an allergy" }
            }
        }
    }
}

/// Patient and version, as they were shown.
fn hidden(banner: &Banner) -> Markup {
    html! {
        input type="hidden" name="patient" value=(banner.id);
        input type="hidden" name="version" value=(banner.version);
    }
}

/// `GET /patients/{id}/allergies/new`
pub async fn new(State(app): State<App>, caller: Caller, ui: Ui, Path(id): Path<String>) -> Result<Markup, PageError> {
    let form = AllergyForm { certainty: "unconfirmed".to_owned(), ..AllergyForm::default() };
    page(&app, &caller, &ui, &id, &form, "", &[]).await
}

/// `GET /patients/{id}/allergies/{allergy}`
pub async fn edit(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(at): Path<(String, String)>,
) -> Result<Markup, PageError> {
    change_page(&app, &caller, &ui, &at, None, &[]).await
}

/// `POST /patients/{id}/allergies/{allergy}`
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(at): Path<(String, String)>,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let patient = PatientId::parse(&at.0).map_err(|_| PageError::not_found())?;
    let id = Id::parse(&at.1).map_err(|_| PageError::not_found())?;
    let changing = Recording { id, ..posted.recording(&patient, &ui) };
    let error = match allergy::change(app.store.as_ref(), &caller, changing, &posted.form()).await {
        Ok(()) => return Ok(said::then(&format!("/patients/{patient}/allergies"), Said::Allergy)),
        Err(error) => error,
    };
    trail::failed(&app, &caller, "allergy.change", &[patient], None, &error).await?;
    let (status, errors) = match error {
        Error::Fields(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Error::Stale => {
            let problem = "Somebody changed this allergy meanwhile: open it anew, compare, then save".to_owned();
            (StatusCode::PRECONDITION_FAILED, vec![FieldError { field: "substance", problem }])
        }
        other => return Err(other.into()),
    };
    Ok((status, change_page(&app, &caller, &ui, &at, Some(&posted), &errors).await?).into_response())
}

/// The form of an allergy that is there. One that comes back says the version that it was made from.
async fn change_page(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    at: &(String, String),
    typed: Option<&Posted>,
    errors: &[FieldError],
) -> Result<Markup, PageError> {
    let ask = ask::of(app, caller, ui, &at.0, &View::default())?;
    let key = Key::new(Kind::ALLERGY_INTOLERANCE, Id::parse(&at.1).map_err(|_| PageError::not_found())?);
    let (loaded, row) = ask.entry_of(&key, &[], "allergy form").await?;
    if !allergy::is_changeable(&row) {
        return Err(PageError::not_found());
    }
    let version = typed.map_or_else(|| row.version.to_string(), |typed| typed.version.clone());
    let form = typed.map_or_else(|| AllergyForm::of(&row), Posted::form);
    let address = format!("/patients/{}/allergies", loaded.banner.id);
    let body = html! {
        main id="main" class="page narrow" {
            header class="page-head" { h2 { "Change an allergy or intolerance" } }
            (error_summary(errors))
            form class="form" method="post" action={ (address) "/" (row.key.id) } data-guard {
                (ui.csrf_field())
                input type="hidden" name="patient" value=(loaded.banner.id);
                input type="hidden" name="version" value=(version);
                (fields(&form, true, errors))
                div class="actions" {
                    button class="btn primary" { "Save for " (loaded.banner.name) }
                    a class="btn" href=(address) { "Cancel" }
                }
            }
        }
    };
    Ok(banner::page(ui, &loaded.banner, Place { section: "allergies", as_of: None }, "Change an allergy", &body))
}

/// The fields; one that is there says too what has become of it, and its notes are added to.
fn fields(typed: &AllergyForm, there: bool, errors: &[FieldError]) -> Markup {
    let none = if there && typed.category.is_empty() { "Not recorded" } else { "Choose one" };
    let categories: Vec<_> =
        std::iter::once(("", none)).chain(CATEGORIES.map(|(slug, _, words)| (slug, words))).collect();
    let certainties: &[_] = if there { &JUDGEMENTS } else { &CERTAINTIES };
    html! {
        (Field::text("substance", "Substance", &typed.substance).hint("For example Penicillin, peanut, latex").view(errors))
        (needed("category", "It is", &typed.category, &categories, errors))
        (select("kind", "Allergy or intolerance", &typed.kind, &KINDS, errors))
        (Field::text("reactions", "Reactions", &typed.reactions).optional().hint("With commas between, for example hives, wheeze").view(errors))
        (select("severity", "Severity", &typed.severity, &SEVERITIES, errors))
        (select("criticality", "Criticality", &typed.criticality, &CRITICALITIES, errors))
        (needed("certainty", "Certainty", &typed.certainty, certainties, errors))
        @if there { (needed("status", "Now", &typed.status, &STATUSES, errors)) }
        (Field::text("onset", "Since", &typed.onset).optional().hint("A year, a month as 2019-05, a day as year-month-day, or words").view(errors))
        (area("note", if there { "Add a remark" } else { "Remark" }, &typed.note, 1000, errors))
    }
}

/// `POST /patients/{id}/allergies/new`
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let patient = PatientId::parse(&id).map_err(|_| PageError::not_found())?;
    let form = posted.form();
    let error = match allergy::record(app.store.as_ref(), &caller, posted.recording(&patient, &ui), &form).await {
        Ok(_) => return Ok(said::then(&format!("/patients/{patient}/allergies"), Said::Allergy)),
        Err(error) => error,
    };
    trail::failed(&app, &caller, "allergy.record", &[patient], None, &error).await?;
    let (status, errors) = match error {
        Error::Fields(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Error::Stale => (StatusCode::PRECONDITION_FAILED, vec![stale("substance")]),
        other => return Err(other.into()),
    };
    Ok((status, page(&app, &caller, &ui, &id, &form, &posted.visit, &errors).await?).into_response())
}

/// `POST /patients/{id}/allergies/none`
pub async fn none(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let patient = PatientId::parse(&id).map_err(|_| PageError::not_found())?;
    match allergy::none_known(app.store.as_ref(), &caller, posted.recording(&patient, &ui)).await {
        Ok(()) => Ok(said::then(&format!("/patients/{patient}/allergies"), Said::Allergy)),
        Err(error) => {
            trail::failed(&app, &caller, "allergy.none", &[patient], None, &error).await?;
            Err(error.into())
        }
    }
}

async fn page(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    id: &str,
    typed: &AllergyForm,
    visit: &str,
    errors: &[FieldError],
) -> Result<Markup, PageError> {
    let ask = ask::of(app, caller, ui, id, &View::default())?;
    let loaded = ask.release(ask.load(&[]).await?, "allergy form").await?;
    let once = Uuid::new_v4().to_string();
    let body = view(ui, &loaded.banner, typed, (&once, visit), errors);
    Ok(banner::page(ui, &loaded.banner, Place { section: "allergies", as_of: None }, "Add an allergy", &body))
}

/// The page. `once` is the form's own key, with the visit it is of.
#[must_use]
pub fn view(
    ui: &Ui,
    banner: &Banner,
    typed: &AllergyForm,
    (once, visit): (&str, &str),
    errors: &[FieldError],
) -> Markup {
    let address = format!("/patients/{}/allergies", banner.id);
    html! {
        main id="main" class="page narrow" {
            header class="page-head" { h2 { "Add an allergy or intolerance" } }
            (error_summary(errors))
            form class="form" method="post" action={ (address) "/new" } data-guard {
                (ui.csrf_field())
                (hidden(banner))
                input type="hidden" name="once" value=(once);
                input type="hidden" name="visit" value=(visit);
                (fields(typed, false, errors))
                div class="actions" {
                    button class="btn primary" { "Save for " (banner.name) }
                    a class="btn" href=(address) { "Cancel" }
                }
            }
        }
    }
}
