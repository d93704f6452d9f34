//! Immunizations, given and declined.

use super::ask::{self, View};
use super::gone;
use crate::component::{banner, list, show};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::Caller;
use clinic::chart::care::Shot;
use fhir::Kind;
use maud::{Markup, html};
use store::record::Slice;

/// `GET /patients/{id}/immunizations`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &query)?;
    let loaded = ask.release(ask.load(&[Slice::all(Kind::IMMUNIZATION)]).await?, "immunizations").await?;
    let shots: Vec<_> = loaded.rows(0).iter().map(|row| Shot::of(row, &loaded.reading)).collect();
    let gone = gone::of(&loaded, &[Kind::IMMUNIZATION]);
    let body = view(loaded.banner.id.as_str(), &shots, &gone);
    Ok(banner::page(&ui, &loaded.banner, query.place("immunizations")?, "Immunizations", &body))
}

const COLUMNS: [&str; 6] = ["Vaccine", "When", "Dose", "Lot", "Site and route", "By"];

/// The section.
#[must_use]
pub fn view(patient: &str, shots: &[Shot], gone: &Markup) -> Markup {
    let rows: Vec<_> = shots.iter().map(|shot| row(patient, shot)).collect();
    let stands = |given| shots.iter().filter(|shot| shot.entry.error.is_none() && shot.given == given).count();
    let errors = shots.iter().filter(|shot| shot.entry.error.is_some()).count();
    let apart = [(stands(false), "not given"), (errors, "entered in error")];
    html! {
        main id="main" class="page" {
            header class="page-head" { h2 { "Immunizations" } }
            (list::apart(&apart))
            (list::card("Given and declined", Some(stands(true) as u64), &COLUMNS, &rows, &show::none("No immunizations recorded.")))
            (gone)
        }
    }
}

fn row(patient: &str, shot: &Shot) -> Markup {
    let dose: Vec<_> = [shot.series.clone(), shot.dose.clone()].into_iter().flatten().collect();
    html! {
        tr class=[shot.entry.error.is_some().then_some("error")] {
            th scope="row" {
                (shot.vaccine) (show::code(shot.code.as_ref()))
                @if let Some(reason) = &shot.not_given { " " span class="chip warn" { "Not given" } " " span class="muted" { (reason) } }
                @if shot.reported { " " span class="chip quiet" { "Reported" } }
                (show::marks(&shot.entry))
                @if let Some(note) = &shot.note { div class="prose muted" { (note) } }
            }
            td data-label="When" class="date" { @match (&shot.when, &shot.when_text) { (None, Some(text)) => (text), (when, _) => (show::date(when.as_ref())) } }
            td data-label="Dose" { @if dose.is_empty() { (show::missing()) } @else { (dose.join(", ")) } }
            td data-label="Lot" { (show::words(shot.lot.as_deref())) }
            td data-label="Site and route" { (show::words(shot.site.as_deref())) }
            td data-label="By" { (show::words(shot.by.as_deref())) }
            td class="acts" { (show::details(patient, &shot.entry, &shot.vaccine)) }
        }
    }
}
