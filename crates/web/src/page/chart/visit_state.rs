//! The state of a visit, with the steps that the user may take from it.

use crate::component::form::Field;
use crate::component::show;
use crate::form::Form;
use crate::page::note;
use crate::page::trail;
use crate::said::{self, Said};
use crate::{App, PageError, Ui};
use axum::extract::{Path, State};
use axum::response::Response;
use clinic::chart::Ask;
use clinic::chart::care::Visit;
use clinic::shown::Shown;
use clinic::visit::{self, Change, State as VisitState};
use clinic::{Action, Caller, Error};
use fhir::PatientId;
use maud::{Markup, html};
use serde::Deserialize;
use store::draft::Draft;

/// What a step's form posts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Step {
    patient: String,
    version: String,
    to: String,
    at: String,
    reason: String,
}

/// `POST /visits/{visit}/status`
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(visit): Path<String>,
    Form(step): Form<Step>,
) -> Result<Response, PageError> {
    let change = Change {
        visit: &visit,
        shown: Shown { patient: &step.patient, version: step.version.parse().ok() },
        to: &step.to,
        at: &step.at,
        reason: &step.reason,
        zone: ui.zone.clone(),
        by: &ui.display_name,
    };
    match visit::change_state(app.store.as_ref(), &caller, change).await {
        Ok(_) if caller.may(Action::ReadClinical) => Ok(said::then(&format!("/visits/{visit}"), Said::VisitState)),
        Ok(patient) => Ok(said::then(&format!("/patients/{patient}"), Said::VisitState)),
        Err(error) => {
            if let (Ok(patient), false) = (PatientId::parse(&step.patient), matches!(error, Error::NotFound)) {
                trail::failed(&app, &caller, "visit.state", &[patient], None, &error).await?;
            }
            Err(error.into())
        }
    }
}

/// The steps from this state, each a button; those with a time or a reason open first. Beside “Finish” stand the visit's notes that nobody
/// signed yet.
#[must_use]
pub fn card(ui: &Ui, patient: &str, visit: &Visit, drafts: &[Draft]) -> Markup {
    let Some(state) = visit.state.filter(|_| visit.entry.error.is_none()) else { return html! {} };
    let may = |to: &&VisitState| ui.may(state.needs(**to)) && **to != VisitState::Error;
    let steps: Vec<_> = state.next().iter().filter(may).collect();
    let wrong = state.next().contains(&VisitState::Error) && ui.may(state.needs(VisitState::Error));
    html! {
        @if !steps.is_empty() || wrong {
            section class="card span-12 noprint" aria-label="State of the visit" {
                div class="pad" {
                    form class="filters" method="post" action={ "/visits/" (visit.entry.key.id) "/status" } {
                        (hidden(ui, patient, visit))
                        @for to in &steps { button class="btn" name="to" value=(to.code()) { (to.step(state)) } }
                        div class="line" { label for="at" { "at (empty: now)" } input id="at" name="at" type="datetime-local" autocomplete="off"; }
                    }
                    @if steps.contains(&&VisitState::Finished) { (unsigned(drafts)) }
                    @if wrong {
                        details class="more" {
                            summary { "This visit never was" }
                            form class="filters" method="post" action={ "/visits/" (visit.entry.key.id) "/status" } {
                                (hidden(ui, patient, visit))
                                input type="hidden" name="to" value="entered-in-error";
                                (Field::text("reason", "Reason", "").view(&[]))
                                button class="btn danger" { "Mark as entered in error" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A visit may be over before its note is: that is said, and nothing is held up.
fn unsigned(drafts: &[Draft]) -> Markup {
    html! {
        @for draft in drafts.iter().filter(|draft| !draft.is_signed()) {
            p { span class="chip warn" { "Not signed" } " This visit has a note that nobody signed yet: " a href=(note::address(&draft.patient, draft.id)) { (draft.title) } }
        }
    }
}

/// Visit, patient and version, as they were shown.
fn hidden(ui: &Ui, patient: &str, visit: &Visit) -> Markup {
    html! {
        (ui.csrf_field())
        input type="hidden" name="patient" value=(patient);
        input type="hidden" name="version" value=(visit.entry.version);
    }
}

/// The visits to come and under way, for the front desk, on the page that shows who the patient is.
///
/// # Errors
/// What the store says.
pub async fn of_the_desk(app: &App, ask: &Ask<'_>, ui: &Ui) -> Result<Markup, PageError> {
    if ask.as_of.is_some() || !ask.caller.may(Action::CheckIn) {
        return Ok(html! {});
    }
    let visits = visit::desk(app.store.as_ref(), ask.caller, &ask.patient, &ask.clock()).await?;
    let visits = ask.release(visits, "visits to check in").await?;
    Ok(desk(ui, ask.patient.as_str(), &visits))
}

/// When, with whom and where; nothing of why.
#[must_use]
pub fn desk(ui: &Ui, patient: &str, visits: &[Visit]) -> Markup {
    html! {
        section class="card span-12" aria-labelledby="visits-title" {
            header { h2 id="visits-title" { "Visits " span class="count" { (visits.len()) } } (super::visit_start::link(ui, patient)) }
            @if visits.is_empty() { p class="empty" { strong { "No visit is planned or under way." } } }
            ul class="rows" {
                @for visit in visits {
                    li {
                        span class="lead" { (show::moment(visit.when.as_ref())) } " " span class="chip" { (visit.class) } " " span class="chip info" { (visit.status) }
                        @if let Some(with) = &visit.with { " " span class="muted" { (with) } }
                        @if let Some(place) = &visit.place { " " span class="muted" { (place) } }
                        @if let Some(state) = visit.state {
                            form class="end noprint" method="post" action={ "/visits/" (visit.entry.key.id) "/status" } {
                                (hidden(ui, patient, visit))
                                @for to in state.next().iter().filter(|to| ui.may(state.needs(**to))) {
                                    button class="btn small" name="to" value=(to.code()) { (to.step(state)) } " "
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
