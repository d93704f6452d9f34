//! Problems: active, resolved, diagnoses of visits, refuted, entered in error: never mixed.

use super::ask::{self, View};
use super::gone;
use crate::component::{banner, list, show};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::chart::problem::{Problem, Problems};
use clinic::{Action, Caller};
use fhir::Kind;
use maud::{Markup, html};
use store::record::Slice;

/// `GET /patients/{id}/problems`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &query)?;
    let loaded = ask.release(ask.load(&[Slice::all(Kind::CONDITION)]).await?, "problems").await?;
    let problems = Problems::of(loaded.rows(0), &loaded.reading);
    let gone = gone::of(&loaded, &[Kind::CONDITION]);
    let body = view(&ui, loaded.banner.id.as_str(), &problems, &gone);
    Ok(banner::page(&ui, &loaded.banner, query.place("problems")?, "Problems", &body))
}

/// The section.
#[must_use]
pub fn view(ui: &Ui, patient: &str, problems: &Problems, gone: &Markup) -> Markup {
    html! {
        main id="main" class="page" {
            header class="page-head" {
                h2 { "Problems" }
                div class="acts" { @if ui.may(Action::WriteClinical) { a class="btn" href={ "/patients/" (patient) "/problems/new" } data-key="n" { "Add a problem" } } }
            }
            (list(patient, "Active problems", Some("No active problems recorded."), &problems.active))
            (list(patient, "Resolved and inactive", None, &problems.resolved))
            (list(patient, "Diagnoses of visits", None, &problems.visit))
            (list(patient, "Considered and refuted", None, &problems.refuted))
            (list(patient, "Entered in error", None, &problems.errors))
            (gone)
        }
    }
}

const COLUMNS: [&str; 5] = ["Problem", "Status", "Began", "Ended", "Recorded"];

/// `empty` is what is said where there is none; without it there is then no list.
fn list(patient: &str, heading: &str, empty: Option<&str>, problems: &[Problem]) -> Markup {
    let rows: Vec<_> = problems.iter().map(|problem| row(patient, problem)).collect();
    match empty {
        Some(empty) => list::card(heading, Some(rows.len() as u64), &COLUMNS, &rows, &show::none(empty)),
        None => list::card_of_any(heading, &COLUMNS, &rows),
    }
}

fn row(patient: &str, problem: &Problem) -> Markup {
    html! {
        tr class=[problem.entry.error.is_some().then_some("error")] {
            th scope="row" {
                a href={ "/patients/" (patient) "/problems/" (problem.entry.key.id) } { (problem.words) } (show::code(problem.code.as_ref())) (show::marks(&problem.entry))
                @if let Some(note) = &problem.note { div class="prose muted" { (note) } }
            }
            td data-label="Status" {
                (problem.status)
                @if let Some(severity) = &problem.severity { ", " (severity.to_lowercase()) }
                @if let Some(certainty) = &problem.certainty { " " span class="chip warn" { (certainty) } }
            }
            td data-label="Began" { (show::words(problem.onset.as_deref())) }
            td data-label="Ended" { @match &problem.ended { Some(ended) => (ended), None => span class="muted" { "not ended" } } }
            td data-label="Recorded" { (show::date(problem.recorded.as_ref())) @if let Some(by) = &problem.asserter { " " span class="muted" { (by) } } }
            td class="acts" { (show::details(patient, &problem.entry, &problem.words)) }
        }
    }
}
