//! The vitals flowsheet with its plots: signs down, moments across, the newest first.

use super::ask::{self, View};
use super::gone;
use super::results::{Shown, head, whole_time};
use super::summary::value;
use crate::component::{banner, plot, show};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::Caller;
use clinic::chart::flowsheet::{Flowsheet, Plot, Signs};
use clinic::chart::result::Observed;
use clinic::chart::{Clock, When};
use fhir::Kind;
use jiff::civil::Date;
use maud::{Markup, html};
use store::record::Slice;

/// Columns of a page.
const COLUMNS: usize = 12;
/// Observations read for a page.
const READ: u32 = 400;

/// `GET /patients/{id}/vitals`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &query)?;
    let before = query.moment()?;
    let signs = Slice { category: Some("vital-signs".to_owned()), before, ..Slice::newest(Kind::OBSERVATION, READ) };
    let loaded = ask.release(ask.load(&[signs]).await?, "vitals").await?;
    let cut = loaded.rows(0).len() >= READ as usize;
    let sheet = Flowsheet::of(Observed::all(loaded.rows(0), &loaded.reading), COLUMNS, cut);
    let page = Page {
        patient: loaded.banner.id.as_str(),
        as_of: query.day()?,
        later: before.is_some(),
        clock: &loaded.reading.clock,
    };
    let body = view(&page, &sheet, &gone::of(&loaded, &[Kind::OBSERVATION]));
    Ok(banner::page(&ui, &loaded.banner, query.place("results")?, "Vitals", &body))
}

/// Where the page stands.
pub struct Page<'a> {
    /// The patient.
    pub patient: &'a str,
    /// The day of a past chart.
    pub as_of: Option<Date>,
    /// Whether newer columns are on another page.
    pub later: bool,
    /// The clock.
    pub clock: &'a Clock,
}

/// The page.
#[must_use]
pub fn view(page: &Page<'_>, sheet: &Flowsheet, gone: &Markup) -> Markup {
    let address = format!("/patients/{}/vitals", page.patient);
    let day = page.as_of.map(|date| format!("as-of={date}&")).unwrap_or_default();
    html! {
        main id="main" class="page" {
            (head(page.patient, Shown::Vitals, page.as_of))
            @if sheet.columns.is_empty() {
                section class="card" { (show::none("No vital signs recorded.")) }
            } @else {
                section class="card" {
                    header { h2 { "Vital signs over time" } }
                    (table(page.patient, sheet))
                }
            }
            @if page.later || sheet.older.is_some() {
                p class="paper" { "Not all readings: this sheet holds " (sheet.columns.len()) " times" @if page.later { ", not the newest ones" } ". Others are left out." }
                nav class="pager" aria-label="Pages" {
                    @if page.later { a class="btn" rel="prev" href={ (address) (whole_time(page.as_of)) } { "Newest" } }
                    span { (sheet.columns.len()) " times shown" }
                    @if let Some(older) = &sheet.older { a class="btn" rel="next" href={ (address) "?" (day) "before=" (older.at) } { "Older" } }
                }
            }
            div class="grid plots" {
                @for row in &sheet.rows { @if let Some(drawn) = &row.plot { (course(page, &row.name, drawn)) } }
            }
            (gone)
        }
    }
}

fn table(patient: &str, sheet: &Flowsheet) -> Markup {
    html! {
        div class="scroll" role="region" aria-label="Vital signs over time" tabindex="0" {
            table class="matrix" {
                caption class="vh" { "Vital signs over time, newest first" }
                thead { tr {
                    th scope="col" { "Sign" }
                    @for column in &sheet.columns { th scope="col" { (show::date(Some(column))) @if let Some(time) = &column.time { " " span class="muted nb" { (time) } } } }
                } }
                tbody { @for row in &sheet.rows { (signs(patient, row, &sheet.columns)) } }
            }
        }
    }
}

fn signs(patient: &str, row: &Signs, columns: &[When]) -> Markup {
    let newest = row.cells.iter().flatten().find(|reading| reading.main.value.is_some());
    html! {
        tr {
            th scope="row" {
                @match newest { Some(reading) => a href={ "/patients/" (patient) "/results/" (reading.entry.key.id) } { (row.name) }, None => (row.name) }
                @if let Some(range) = newest.and_then(|reading| reading.main.range.as_ref()) { " " span class="muted" { (show::wrapping(range)) } }
            }
            @for (cell, column) in row.cells.iter().zip(columns) {
                td data-label=[(!cell.is_empty()).then(|| column.full())] {
                    @for (index, reading) in cell.iter().enumerate() { @if index > 0 { br; } (one(reading)) }
                }
            }
        }
    }
}

/// A reading; one that was not taken says why.
fn one(reading: &Observed) -> Markup {
    html! {
        @match &reading.main.absent {
            Some(absent) if reading.main.value.is_none() => span class="missing" { "not taken: " (show::wrapping(absent)) @if let Some(note) = &reading.note { ", " (show::wrapping(note)) } },
            _ => (value(reading)),
        }
        (show::modified(&reading.entry))
    }
}

fn course(page: &Page<'_>, name: &str, Plot { trend, readings }: &Plot) -> Markup {
    let table = html! {
        table class="list plain" {
            caption class="vh" { (name) ", values of this plot, newest first" }
            thead { tr { th scope="col" { "When" } th scope="col" { "Value" } } }
            tbody { @for reading in readings { tr { th scope="row" { (show::moment(reading.when.as_ref())) } td { (one(reading)) } } } }
        }
    };
    html! { section class="card span-6" { (plot::view(name, trend, page.clock, (&table, false))) } }
}
