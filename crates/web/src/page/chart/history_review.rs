//! One click that says a section of the history was gone through, or that there is nothing in it.

use crate::form::Form;
use crate::page::registration::new_id;
use crate::page::trail;
use crate::said::{self, Said};
use crate::{App, PageError, Ui};
use axum::extract::{Path, State};
use axum::response::Response;
use clinic::Caller;
use clinic::chart::allergy::Known;
use clinic::chart::banner::Banner;
use clinic::history::{self, Section, Telling, Told};
use clinic::shown::Shown;
use fhir::{Id, PatientId};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

/// What the buttons post.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Posted {
    patient: String,
    version: String,
    once: String,
    seen: String,
}

/// The buttons: nothing to go through where nobody asked yet.
#[must_use]
pub fn acts(ui: &Ui, banner: &Banner, told: &Told) -> Markup {
    let address = format!("/patients/{}/history/{}", banner.id, told.section.slug());
    let (act, words) = match told.known {
        Known::NotAsked => ("none", format!("Asked: {}", lower(told.section.none()))),
        Known::None | Known::Listed => ("reviewed", "Reviewed, no change".to_owned()),
    };
    html! {
        form class="noprint" method="post" action={ (address) "/" (act) } {
            (ui.csrf_field())
            input type="hidden" name="patient" value=(banner.id);
            input type="hidden" name="version" value=(banner.version);
            input type="hidden" name="once" value=(Uuid::new_v4());
            input type="hidden" name="seen" value=(told.seen);
            button class="btn small" { (words) span class="vh" { " (" (told.section.title()) ")" } }
        }
    }
}

fn lower(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// `POST /patients/{id}/history/{section}/reviewed`
pub async fn reviewed(
    app: State<App>,
    caller: Caller,
    ui: Ui,
    at: Path<(String, String)>,
    posted: Form<Posted>,
) -> Result<Response, PageError> {
    save(app, &caller, &ui, at, posted, false).await
}

/// `POST /patients/{id}/history/{section}/none`
pub async fn none(
    app: State<App>,
    caller: Caller,
    ui: Ui,
    at: Path<(String, String)>,
    posted: Form<Posted>,
) -> Result<Response, PageError> {
    save(app, &caller, &ui, at, posted, true).await
}

async fn save(
    State(app): State<App>,
    caller: &Caller,
    ui: &Ui,
    Path((id, section)): Path<(String, String)>,
    Form(posted): Form<Posted>,
    none: bool,
) -> Result<Response, PageError> {
    let patient = PatientId::parse(&id).map_err(|_| PageError::not_found())?;
    let telling = Telling {
        patient: patient.clone(),
        section: Section::parse(&section).ok_or_else(PageError::not_found)?,
        shown: Shown { patient: &posted.patient, version: posted.version.parse().ok() },
        once: &posted.once,
        by: &ui.display_name,
        zone: ui.zone.clone(),
        id: new_id(&posted.once),
        more: || Id::from_uuid(Uuid::now_v7()),
    };
    match history::review(app.store.as_ref(), caller, telling, &posted.seen, none).await {
        Ok(()) => Ok(said::then(&format!("/patients/{patient}/history"), Said::Reviewed)),
        Err(error) => {
            trail::failed(&app, caller, "history.review", &[patient], None, &error).await?;
            Err(error.into())
        }
    }
}
