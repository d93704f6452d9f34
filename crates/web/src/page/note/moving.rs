//! A note that was written in the wrong chart: the right patient is found as any patient is, then both identities stand side by side, and
//! the button names whose chart its text goes to.

use super::{address, named, posted, revisions};
use crate::component::banner::{self, Place};
use crate::component::form::{Field, error_summary};
use crate::form::Form;
use crate::page::chart::ask::{self, View};
use crate::page::chart::moving::{both, finder};
use crate::page::search;
use crate::page::trail;
use crate::said::{self, Said};
use crate::{App, PageError, Ui};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic::note::moving::{Move, move_note};
use clinic::patient::commands::{self, Found, Hit};
use clinic::shown::Shown;
use clinic::{Action, Caller, Error, FieldError, note};
use fhir::PatientId;
use maud::{Markup, html};
use serde::Deserialize;
use store::audit::Entry;
use store::draft::Draft;
use uuid::Uuid;

/// What the confirmation sends: both patients and the text, as they were shown.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Confirmed {
    patient: String,
    target: String,
    target_version: String,
    /// `name revision`, separated by commas.
    revisions: String,
    once: String,
    reason: String,
}

/// `GET /patients/{id}/drafts/{draft}/move`: whom does it belong to?
pub async fn choose(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, draft)): Path<(String, String)>,
) -> Result<Markup, PageError> {
    choices(&app, &caller, &ui, (&id, &draft), "", None).await
}

/// `POST /patients/{id}/drafts/{draft}/move`: the patients found.
pub async fn find(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, draft)): Path<(String, String)>,
    Form(asked): Form<search::Asked>,
) -> Result<Markup, PageError> {
    let mut found = search::search(&app, &caller, &ui, &asked.q, search::PAGE, "move").await?;
    found.hits.retain(|hit| hit.identity.id.as_ref().is_none_or(|known| known.as_str() != id));
    choices(&app, &caller, &ui, (&id, &draft), &asked.q, Some(found)).await
}

const PLACE: Place = Place { section: "notes", as_of: None };

async fn choices(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    (id, draft): (&str, &str),
    q: &str,
    found: Option<Found>,
) -> Result<Markup, PageError> {
    let (patient, number) = named(id, draft)?;
    let ask = ask::of(app, caller, ui, id, &View::default())?;
    let draft = note::draft(app.store.as_ref(), caller, &patient, number).await?;
    let (draft, loaded) = ask.release(draft.zip(ask.load(&[]).await?), "draft").await?;
    let here = address(&patient, number);
    let body = html! {
        main id="main" class="page narrow" {
            header class="page-head" { h2 { "Whose is this note?" } a class="btn" href=(here) { "Leave it here" } }
            p { strong { (draft.title) } ", in the chart of " (loaded.banner.name) }
            (finder(ui, &loaded.banner, (&here, "note"), q, found.as_ref()))
        }
    };
    Ok(banner::page(ui, &loaded.banner, PLACE, "Move a note", &body))
}

/// `GET /patients/{id}/drafts/{draft}/move/{to}`: both identities, to be compared.
pub async fn confirm(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, draft, to)): Path<(String, String, String)>,
) -> Result<Markup, PageError> {
    confirmation(&app, &caller, &ui, (&id, &draft, &to), "", &[]).await
}

async fn confirmation(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    (id, draft, to): (&str, &str, &str),
    reason: &str,
    errors: &[FieldError],
) -> Result<Markup, PageError> {
    let (patient, number) = named(id, draft)?;
    let target = PatientId::parse(to).map_err(|_| PageError::not_found())?;
    let ask = ask::of(app, caller, ui, id, &View::default())?;
    let draft = note::draft(app.store.as_ref(), caller, &patient, number).await?;
    let (draft, loaded) = ask.release(draft.zip(ask.load(&[]).await?), "draft").await?;
    let permit = caller.read_practice(Action::ReadIdentity)?;
    let store = app.store.as_ref();
    let hits = commands::by_ids(store, &permit, &ask.record_number_system, &[patient.clone(), target.clone()]).await?;
    let entry = Entry { detail: "move".to_owned(), ..caller.entry("patient.find") };
    let hits = store.release(hits, entry).await.map_err(Error::from)?;
    let of = |patient: &PatientId| hits.iter().find(|hit| hit.identity.id.as_ref() == Some(patient));
    let (Some(from), Some(to)) = (of(&patient), of(&target)) else { return Err(PageError::not_found()) };
    if target == patient {
        return Err(PageError::not_found());
    }
    let namesake = commands::has_namesake(store, &permit, &ask.record_number_system, &to.identity).await?;
    let to = Hit { similar_name: to.similar_name || namesake, ..to.clone() };
    let body = confirm_view(ui, &draft, (from, &to), reason, errors);
    Ok(banner::page(ui, &loaded.banner, PLACE, "Move a note", &body))
}

/// The second step.
#[must_use]
pub fn confirm_view(ui: &Ui, draft: &Draft, (from, to): (&Hit, &Hit), reason: &str, errors: &[FieldError]) -> Markup {
    let here = address(&draft.patient, draft.id);
    let target = to.identity.id.as_ref().map(ToString::to_string).unwrap_or_default();
    let revision = |section: &store::draft::DraftSection| format!("{} {}", section.name, section.stands.revision);
    let revisions: Vec<_> = draft.sections.iter().map(revision).collect();
    html! {
        main id="main" class="page narrow" {
            header class="page-head" { h2 { "Move to the chart of " (to.identity.display_name()) "?" } }
            (error_summary(errors))
            details class="card more" open {
                summary { (draft.title) }
                dl class="details single" { @for section in &draft.sections { div { dt { (section.title) } dd class="prose" { (section.stands.text) } } } }
            }
            (both(from, to, ui.calendar().today))
            form class="form" method="post" action={ (here) "/move/" (target) } {
                (ui.csrf_field())
                input type="hidden" name="patient" value=(draft.patient);
                input type="hidden" name="target" value=(target);
                input type="hidden" name="target_version" value=(to.identity.version);
                input type="hidden" name="revisions" value=(revisions.join(","));
                input type="hidden" name="once" value=(Uuid::new_v4());
                p { "Its text becomes a draft of yours in the right chart, marked as coming from another one until it is edited; you read it there and sign it. Both charts will tell of it. The visit is not taken along." }
                (Field::text("reason", "Reason", reason).hint("For example: written in the wrong chart").size("long").view(errors))
                div class="actions" {
                    button class="btn danger" { "Move to " (to.identity.display_name()) }
                    a class="btn" href={ (here) "/move" } { "Somebody else" }
                    a class="btn" href=(here) { "Leave it here" }
                }
            }
        }
    }
}

/// `POST /patients/{id}/drafts/{draft}/move/{to}`
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, draft, to)): Path<(String, String, String)>,
    Form(typed): Form<Confirmed>,
) -> Result<Response, PageError> {
    let (patient, number) = posted(&id, &draft, &typed.patient)?;
    let target = PatientId::parse(&to).map_err(|_| PageError::not_found())?;
    let new = Uuid::try_parse(&typed.once).unwrap_or_else(|_| Uuid::new_v4());
    let asked = Move {
        patient: patient.clone(),
        shown: &typed.patient,
        note: number,
        revisions: revisions(&typed.revisions).collect(),
        to: target.clone(),
        to_shown: Shown { patient: &typed.target, version: typed.target_version.parse().ok() },
        new,
        reason: &typed.reason,
        by: &ui.display_name,
    };
    let error = match move_note(app.store.as_ref(), &caller, &asked).await {
        Ok(()) => return Ok(said::then(&address(&target, new), Said::NoteMoved)),
        Err(error) => error,
    };
    trail::failed(&app, &caller, "note.move", &[patient, target], None, &error).await?;
    let (status, errors) = match error {
        Error::Fields(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Error::Conflict(problem) => (StatusCode::CONFLICT, vec![FieldError { field: "both-title", problem }]),
        Error::Stale => {
            let problem =
                "Who the right patient is was changed meanwhile: nothing was moved. Look at both again, then decide";
            let errors = vec![FieldError { field: "both-title", problem: problem.to_owned() }];
            (StatusCode::PRECONDITION_FAILED, errors)
        }
        other => return Err(other.into()),
    };
    let page = confirmation(&app, &caller, &ui, (&id, &draft, &to), &typed.reason, &errors).await?;
    Ok((status, page).into_response())
}
