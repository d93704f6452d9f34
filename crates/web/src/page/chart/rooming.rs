//! Rooming: the reason for the visit in the patient's words, and vitals; as many readings as the visit needs.

use super::ask::{self, View};
use super::summary::value;
use crate::component::banner::{self, Place};
use crate::component::form::{Field, area, error_summary, select};
use crate::component::show;
use crate::form::Form;
use crate::page::trail;
use crate::said::{self, Said};
use crate::{App, PageError, Ui};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic::chart::banner::Banner;
use clinic::chart::care::Visit;
use clinic::chart::result::Observed;
use clinic::history::obstetric;
use clinic::history::section::asks_of_pregnancies;
use clinic::shown::Shown;
use clinic::visit::rooming::{Choice, LACTATION, METHODS, POSITIONS, PREGNANCY, REASON_SHOWN, RoomingForm, SITES};
use clinic::visit::start::LONGEST_REASON;
use clinic::visit::vital::{VITALS, Vital, unit_words};
use clinic::visit::{self, Outcome, Room};
use clinic::{Action, Caller, Error, FieldError};
use fhir::{Id, PatientId};
use maud::{Markup, html};
use uuid::Uuid;

/// `GET /visits/{visit}/rooming`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(visit): Path<String>,
) -> Result<Markup, PageError> {
    page(&app, &caller, &ui, &visit, None, &Told::default()).await
}

/// What a form that comes back tells.
#[derive(Default)]
struct Told {
    errors: Vec<FieldError>,
    doubts: Vec<String>,
    /// That the visit was changed since the form was opened.
    stale: bool,
}

/// `POST /visits/{visit}/rooming`
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(visit): Path<String>,
    Form(posted): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let mut form = RoomingForm(posted.into_iter().collect());
    let mut taken = |name: &str| form.0.remove(name).unwrap_or_default();
    let (patient, version, once) = (taken("patient"), taken("version"), taken("once"));
    // A form's line ends come back as the web writes them.
    let confirmed = taken("confirmed").replace("\r\n", "\n");
    taken(crate::csrf::FIELD);
    let room = Room {
        visit: &visit,
        shown: Shown { patient: &patient, version: version.parse().ok() },
        form: &form,
        confirmed: &confirmed,
        once: &once,
        zone: ui.zone.clone(),
        by: &ui.display_name,
        id: || Id::from_uuid(Uuid::now_v7()),
    };
    let (status, told) = match visit::room(app.store.as_ref(), &caller, room).await {
        Ok(Outcome::Saved) => return Ok(said::then(&format!("/visits/{visit}/rooming"), Said::Roomed)),
        Ok(Outcome::Doubtful(doubts)) => (StatusCode::CONFLICT, Told { doubts, ..Told::default() }),
        Err(error) => {
            if let (Ok(patient), false) = (PatientId::parse(&patient), matches!(error, Error::NotFound)) {
                trail::failed(&app, &caller, "visit.room", &[patient], None, &error).await?;
            }
            match error {
                Error::Fields(errors) => (StatusCode::UNPROCESSABLE_ENTITY, Told { errors, ..Told::default() }),
                Error::Stale => (StatusCode::PRECONDITION_FAILED, Told { stale: true, ..Told::default() }),
                other => return Err(other.into()),
            }
        }
    };
    Ok((status, page(&app, &caller, &ui, &visit, Some(form), &told).await?).into_response())
}

async fn page(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    visit: &str,
    typed: Option<RoomingForm>,
    told: &Told,
) -> Result<Markup, PageError> {
    let patient = clinic::chart::visit::patient_of(app.store.as_ref(), caller, visit).await?;
    let ask = ask::of(app, caller, ui, patient.as_str(), &View::default())?;
    let (loaded, visit, content) = ask.visit(visit, &[obstetric::slice()]).await?;
    let reason = visit.reason.clone().unwrap_or_default();
    let mut typed = typed.unwrap_or_default();
    let another = typed.meet(&reason);
    let mut errors = told.errors.clone();
    errors.extend(told.stale.then(|| stale(another.then_some(&reason))));
    let once = Uuid::new_v4().to_string();
    let shows = Shows {
        visit: &visit,
        young: loaded.is_young(),
        pregnancies: asks_of_pregnancies(loaded.patient.root(), loaded.reading.clock.today, loaded.rows(0)),
        typed: &typed,
        taken: &content.observations,
        once: &once,
        errors: &errors,
        doubts: &told.doubts,
    };
    let body = view(ui, &loaded.banner, &shows);
    Ok(banner::page(ui, &loaded.banner, Place { section: "visits", as_of: None }, "Rooming", &body))
}

/// What to do when the visit was changed since the form was opened. `another`: the reason that somebody else wrote meanwhile.
fn stale(another: Option<&String>) -> FieldError {
    let meanwhile = "Somebody changed this visit meanwhile";
    let problem = match another {
        None => format!("{meanwhile}: the form shows it as it is now, with what you typed; look at it and save again"),
        Some(reason) => {
            let theirs = if reason.is_empty() {
                "took the reason away".to_owned()
            } else {
                format!("wrote the reason “{reason}”")
            };
            format!("{meanwhile} and {theirs}: saving puts yours in its place; join the two if both hold")
        }
    };
    FieldError { field: "reason", problem }
}

/// What the page shows.
pub struct Shows<'a> {
    /// The visit.
    pub visit: &'a Visit,
    /// Whether the patient is so young that the gestation at birth matters.
    pub young: bool,
    /// Whether pregnancies are asked about in this chart.
    pub pregnancies: bool,
    /// What was typed before.
    pub typed: &'a RoomingForm,
    /// What was measured in this visit so far.
    pub taken: &'a [Observed],
    /// The form's own key: sent twice, it stores once.
    pub once: &'a str,
    /// What to mend.
    pub errors: &'a [FieldError],
    /// What to confirm.
    pub doubts: &'a [String],
}

/// The button that leads here, for those who may.
#[must_use]
pub fn link(ui: &Ui, visit: &Visit) -> Markup {
    let open = visit.state.is_some_and(|state| !state.is_over() && state != visit::State::Planned);
    html! {
        @if open && ui.may(Action::WriteObservations) {
            a class="btn" href={ "/visits/" (visit.entry.key.id) "/rooming" } data-key="u" { "Vitals and reason" }
        }
    }
}

/// The page.
#[must_use]
pub fn view(ui: &Ui, banner: &Banner, shows: &Shows) -> Markup {
    let Shows { visit, young, pregnancies, typed, taken, once, errors, doubts } = shows;
    let address = format!("/visits/{}", visit.entry.key.id);
    html! {
        main id="main" class="page" {
            header class="page-head" { h2 { "Rooming" } div class="acts" { a class="btn" href=(address) { "Back to the visit" } } }
            (error_summary(errors))
            form class="form compact" method="post" action={ (address) "/rooming" } data-guard {
                (ui.csrf_field())
                input type="hidden" name="patient" value=(banner.id);
                input type="hidden" name="version" value=(visit.entry.version);
                input type="hidden" name="once" value=(once);
                input type="hidden" name=(REASON_SHOWN) value=(typed.get(REASON_SHOWN));
                @if !doubts.is_empty() {
                    div class="error-summary" role="alert" tabindex="-1" {
                        h2 { "Check before saving" }
                        ul { @for doubt in *doubts { li { (doubt) } } }
                        div class="field check" {
                            input type="checkbox" id="confirmed" name="confirmed" value=(doubts.join("\n"));
                            label for="confirmed" { "Checked: this is what was measured" }
                        }
                    }
                }
                (area("reason", "Reason for the visit, in the patient’s own words", typed.get("reason"), LONGEST_REASON, errors))
                (Field { kind: "time", ..Field::text("taken", "Measured at", typed.get("taken")) }.optional().hint("A time of today; empty: now").size("short").view(errors))
                div class="signs" {
                    fieldset class="wide" { legend { "Blood pressure" }
                        div class="row" {
                            (number("systolic", "Systolic, mmHg", typed, errors))
                            (number("diastolic", "Diastolic, mmHg", typed, errors))
                            (choose("site", "Site", &SITES, typed, errors))
                            (choose("position", "Position", &POSITIONS, typed, errors))
                        }
                        (not_taken("pressure", "Blood pressure", typed))
                    }
                    @for vital in &VITALS { (one(vital, typed, errors)) }
                    @if *young { (gestation(typed, errors)) }
                    @if *pregnancies { (pregnancy(typed, errors)) }
                }
                div class="actions" {
                    button class="btn primary" { "Save for " (banner.name) }
                    a class="btn" href=(address) { "Cancel" }
                }
            }
            (so_far(taken))
        }
    }
}

/// How long the gestation was: ages of children born before term are corrected by it.
fn gestation(typed: &RoomingForm, errors: &[FieldError]) -> Markup {
    html! {
        fieldset { legend { "Gestation at birth" }
            div class="row" {
                (number("gestation", "Whole weeks", typed, errors))
                (number("gestation-days", "and days", typed, errors))
            }
        }
    }
}

fn pregnancy(typed: &RoomingForm, errors: &[FieldError]) -> Markup {
    html! {
        fieldset class="wide" { legend { "Pregnancy and lactation" }
            div class="row" {
                (Field { kind: "date", ..Field::text("period", "Last menstrual period, first day", typed.get("period")) }.optional().view(errors))
                (choose("pregnancy", "Pregnancy", &PREGNANCY, typed, errors))
                (choose("lactation", "Breastfeeding", &LACTATION, typed, errors))
            }
        }
    }
}

/// What was measured in this visit already: another reading is added to it.
fn so_far(taken: &[Observed]) -> Markup {
    html! {
        @if !taken.is_empty() {
            section class="card" aria-labelledby="taken" {
                header { h2 id="taken" { "In this visit so far " span class="count" { (taken.len()) } } }
                ul class="rows" {
                    @for reading in taken {
                        li { span class="lead" { (reading.main.name) } " " (value(reading))
                            @if let Some(method) = &reading.method { " " span class="muted" { (method) } }
                            (show::marks(&reading.entry))
                            span class="end" { (show::moment(reading.when.as_ref())) } }
                    }
                }
            }
        }
    }
}

fn number(name: &str, label: &str, typed: &RoomingForm, errors: &[FieldError]) -> Markup {
    Field::text(name, label, typed.get(name)).optional().size("short").view(errors)
}

fn choose(name: &str, label: &str, of: &[Choice], typed: &RoomingForm, errors: &[FieldError]) -> Markup {
    let all: Vec<_> =
        std::iter::once(("", "Not said")).chain(of.iter().map(|(slug, _, words)| (*slug, *words))).collect();
    select(name, label, typed.get(name), &all, errors)
}

fn one(vital: &Vital, typed: &RoomingForm, errors: &[FieldError]) -> Markup {
    let unit = format!("{}-unit", vital.slug);
    let more = format!("{}-more", vital.slug);
    let units: Vec<_> =
        std::iter::once(("", "Choose")).chain(vital.units.iter().map(|unit| (unit.slug, unit_words(unit)))).collect();
    let alone = vital.units.first().filter(|_| vital.units.len() == 1).map(unit_words);
    let label = alone.map_or_else(|| vital.name.to_owned(), |unit| format!("{}, {unit}", vital.name));
    let second = match vital.slug {
        "weight" => "and ounces",
        "height" => "and inches",
        _ => "",
    };
    html! {
        fieldset { legend { (vital.name) }
            div class="row" {
                (number(vital.slug, &label, typed, errors))
                @if !second.is_empty() { (number(&more, second, typed, errors)) }
                @if alone.is_none() { (select(&unit, "Unit", typed.get(&unit), &units, errors)) }
                @if vital.slug == "temperature" { (choose("method", "How", &METHODS, typed, errors)) }
            }
            (not_taken(vital.slug, vital.name, typed))
        }
    }
}

/// Refused, or not to be obtained, and why.
fn not_taken(slug: &str, name: &str, typed: &RoomingForm) -> Markup {
    let (kind, why) = (format!("{slug}-not"), format!("{slug}-why"));
    html! {
        details class="more" open[!typed.get(&kind).is_empty()] {
            summary { "Not taken" span class="vh" { ": " (name) } }
            div class="row" {
                (select(&kind, "Instead", typed.get(&kind), &[("", "It is measured, or not asked"), ("refused", "Refused"), ("unable", "Unable to obtain")], &[]))
                (Field::text(&why, "Reason", typed.get(&why)).optional().view(&[]))
            }
        }
    }
}
