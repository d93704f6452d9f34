//! One problem: what is said of it, what belongs to it, and the form that says its course anew.

use super::Sent;
use super::parts::{course, note};
use crate::component::banner::{self, Place};
use crate::component::form::{error_summary, select};
use crate::component::show;
use crate::form::Form;
use crate::page::chart::ask::{self, View};
use crate::page::chart::summary::value;
use crate::page::trail;
use crate::said::{self, Said};
use crate::{App, PageError, Ui};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic::chart::problem::Problem;
use clinic::diagnosis::{self, About, DiagnosisForm, JUDGEMENTS, OfProblem};
use clinic::{Action, Caller, Error, FieldError};
use fhir::edit::condition::is_over;
use fhir::{Id, Key, Kind, PatientId};
use maud::{Markup, html};

/// `GET /patients/{id}/problems/{condition}`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(at): Path<(String, String)>,
) -> Result<Markup, PageError> {
    page(&app, &caller, &ui, &at, None, &[]).await
}

/// `POST /patients/{id}/problems/{condition}`
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(at): Path<(String, String)>,
    Form(sent): Form<Sent>,
) -> Result<Response, PageError> {
    let of = named(&at, &sent)?;
    let form = sent.form();
    let by = (ui.calendar().today, ui.display_name.as_str());
    let error = match diagnosis::change(app.store.as_ref(), &caller, &of, &form, by).await {
        Ok(()) => return Ok(said::then(&address(&at), Said::Problem)),
        Err(error) => error,
    };
    trail::failed(&app, &caller, "diagnosis.change", std::slice::from_ref(&of.patient), None, &error).await?;
    let (status, errors) = match error {
        Error::Fields(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Error::Stale => {
            let problem = "Somebody changed this problem meanwhile: compare, then save".to_owned();
            (StatusCode::PRECONDITION_FAILED, vec![FieldError { field: "status", problem }])
        }
        other => return Err(other.into()),
    };
    Ok((status, page(&app, &caller, &ui, &at, Some(form), &errors).await?).into_response())
}

/// `POST /patients/{id}/problems/{condition}/promote`
pub async fn promote(
    State(app): State<App>,
    caller: Caller,
    Path(at): Path<(String, String)>,
    Form(sent): Form<Sent>,
) -> Result<Response, PageError> {
    let of = named(&at, &sent)?;
    match diagnosis::promote(app.store.as_ref(), &caller, &of).await {
        Ok(()) => {
            let visit = Id::parse(sent.text("visit")).ok();
            let back = visit.map_or_else(|| address(&at), |visit| format!("/visits/{visit}#diagnosis-{}", of.id));
            Ok(said::then(&back, Said::Promoted))
        }
        Err(error) => {
            trail::failed(&app, &caller, "diagnosis.promote", std::slice::from_ref(&of.patient), None, &error).await?;
            Err(error.into())
        }
    }
}

/// `POST /patients/{id}/problems/{condition}/resolve`
pub async fn resolve(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(at): Path<(String, String)>,
    Form(sent): Form<Sent>,
) -> Result<Response, PageError> {
    let of = named(&at, &sent)?;
    match diagnosis::resolve(app.store.as_ref(), &caller, &of, ui.calendar().today).await {
        Ok(()) => Ok(said::then(&address(&at), Said::Resolved)),
        Err(error) => {
            trail::failed(&app, &caller, "diagnosis.resolve", std::slice::from_ref(&of.patient), None, &error).await?;
            Err(error.into())
        }
    }
}

fn named<'a>((id, condition): &(String, String), sent: &'a Sent) -> Result<OfProblem<'a>, PageError> {
    Ok(OfProblem {
        patient: PatientId::parse(id).map_err(|_| PageError::not_found())?,
        shown: sent.text("patient"),
        id: Id::parse(condition).map_err(|_| PageError::not_found())?,
        version: sent.text("version").parse().ok(),
    })
}

fn address((id, condition): &(String, String)) -> String {
    format!("/patients/{id}/problems/{condition}")
}

async fn page(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    at: &(String, String),
    typed: Option<DiagnosisForm>,
    errors: &[FieldError],
) -> Result<Markup, PageError> {
    let ask = ask::of(app, caller, ui, &at.0, &View::default())?;
    let key = Key::new(Kind::CONDITION, Id::parse(&at.1).map_err(|_| PageError::not_found())?);
    let (loaded, row, about) = diagnosis::about(&ask, &key).await?;
    let problem = diagnosis::problem(&row, &loaded.reading).ok_or_else(PageError::not_found)?;
    let form = typed.unwrap_or_else(|| DiagnosisForm::of(&row));
    let edit = (ui.may(Action::WriteClinical) && problem.entry.error.is_none()).then_some((&form, errors));
    let body = view(ui, loaded.banner.id.as_str(), (&problem, &about), diagnosis::only_of_a_visit(&row), edit);
    Ok(banner::page(ui, &loaded.banner, Place { section: "problems", as_of: None }, "Problem", &body))
}

fn view(
    ui: &Ui,
    patient: &str,
    (problem, about): (&Problem, &About),
    of_visit: bool,
    edit: Option<(&DiagnosisForm, &[FieldError])>,
) -> Markup {
    let address = format!("/patients/{patient}/problems/{}", problem.entry.key.id);
    let hidden = html! {
        (ui.csrf_field())
        input type="hidden" name="patient" value=(patient);
        input type="hidden" name="version" value=(problem.entry.version);
    };
    html! {
        main id="main" class="grid" {
            header class="page-head span-12" {
                h2 { (problem.words) (show::code(problem.code.as_ref())) (show::marks(&problem.entry)) }
                div class="acts" {
                    @if edit.is_some() && of_visit {
                        form method="post" action={ (address) "/promote" } { (hidden) button class="btn" data-key="y" { "Put on the problem list" } }
                    }
                    @if edit.is_some_and(|(form, _)| !is_over(&form.status)) {
                        form method="post" action={ (address) "/resolve" } { (hidden) button class="btn" data-key="z" { "Resolved today" } }
                    }
                    (show::details(patient, &problem.entry, &problem.words))
                }
            }
            section class="card span-6" aria-labelledby="course-title" {
                header { h3 id="course-title" { "Course" } }
                dl class="details" {
                    div { dt { "Status" } dd { (problem.status) @if let Some(said) = &problem.certainty { " " span class="chip warn" { (said) } } } }
                    div { dt { "Severity" } dd { (show::words(problem.severity.as_deref())) } }
                    div { dt { "Began" } dd { (show::words(problem.onset.as_deref())) } }
                    div { dt { "Ended" } dd { @match &problem.ended { Some(ended) => (ended), None => span class="muted" { "not ended" } } } }
                    div { dt { "Recorded" } dd { (show::date(problem.recorded.as_ref())) @if let Some(by) = &problem.asserter { " " span class="muted" { (by) } } } }
                }
                @if let Some(note) = &problem.note { div class="prose" { (note) } }
            }
            @if let Some((form, errors)) = edit {
                section class="card span-6" aria-labelledby="change-title" {
                    header { h3 id="change-title" { "Change" } }
                    (error_summary(errors))
                    form class="form" method="post" action=(address) data-guard {
                        (hidden)
                        (course(form, errors))
                        (certainty(form, errors))
                        (note("Add a note", &form.note, errors))
                        div class="actions" { button class="btn primary" { "Save" } }
                    }
                }
            }
            @if !about.results.is_empty() {
                section class="card span-6" {
                    header { h3 { "Results of its visits " span class="count" { (about.results.len()) } } }
                    ul class="rows" {
                        @for result in &about.results {
                            li { a class="lead" href={ "/patients/" (patient) "/results/" (result.entry.key.id) } { (result.main.name) } " " span { (value(result)) } span class="end" { (show::date(result.when.as_ref())) } }
                        }
                    }
                }
            }
            (card("Medicines", &about.medicines.iter().map(|one| (show::entry_path(patient, &one.entry), one.name.clone(), one.status.clone())).collect::<Vec<_>>()))
            (card("Visits", &about.visits.iter().map(|one| (format!("/visits/{}", one.entry.key.id), one.title().to_owned(), on(one.when.as_ref()))).collect::<Vec<_>>()))
            (card("Notes", &about.notes.iter().map(|one| (format!("/patients/{patient}/notes/{}", one.entry.key.id), one.title.clone(), on(one.when.as_ref()))).collect::<Vec<_>>()))
            (card("Reports", &about.reports.iter().map(|one| (format!("/patients/{patient}/reports/{}", one.entry.key.id), one.name.clone(), one.status.clone().unwrap_or_default())).collect::<Vec<_>>()))
        }
    }
}

/// How sure it is; that nothing is recorded may stay so. A code that is no choice of ours is never taken for the first of them.
fn certainty(form: &DiagnosisForm, errors: &[FieldError]) -> Markup {
    let known = JUDGEMENTS.iter().any(|(code, _)| *code == form.certainty);
    let unsaid = (!known).then_some(("", if form.certainty.is_empty() { "Not recorded" } else { "Choose one" }));
    let choices: Vec<_> = unsaid.into_iter().chain(JUDGEMENTS).collect();
    select("certainty", "Certainty", &form.certainty, &choices, errors)
}

fn on(when: Option<&clinic::chart::When>) -> String {
    when.map_or_else(|| "date not recorded".to_owned(), |when| when.date.clone())
}

/// Address, words and detail of each line.
fn card(heading: &str, lines: &[(String, String, String)]) -> Markup {
    html! {
        @if !lines.is_empty() {
            section class="card span-6" {
                header { h3 { (heading) " " span class="count" { (lines.len()) } } }
                ul class="rows" { @for (address, words, detail) in lines { li { a class="lead" href=(address) { (words) } " " span class="muted" { (detail) } } } }
            }
        }
    }
}
