//! Results: the cumulative table, the reports, and whatever else was observed. The vitals flowsheet is a page of its own.

use super::ask::{self, View};
use super::gone;
use super::others;
use super::procedures::{Listed, pager};
use super::summary::value;
use crate::component::{banner, file, list, show};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::Caller;
use clinic::chart::When;
use clinic::chart::course::ReportPage;
use clinic::chart::grid::{Grid, GridRow};
use clinic::chart::report::Report;
use clinic::chart::result::Observed;
use fhir::Kind;
use jiff::civil::Date;
use maud::{Markup, html};
use store::record::Slice;

/// Columns of a table page.
const COLUMNS: usize = 12;
/// Observations read for a table page.
const READ: u32 = 400;
/// Reports of a page.
const REPORTS: u32 = 100;

/// Which of the views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Laboratory results over time.
    Table,
    /// Vital signs over time, at an address of their own.
    Vitals,
    /// Reports.
    Reports,
    /// Every observation that has no place in the tables.
    Other,
}

impl Shown {
    const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Table, "table", "Laboratory"),
        (Self::Vitals, "vitals", "Vitals"),
        (Self::Reports, "reports", "Reports"),
        (Self::Other, "other", "Other"),
    ];

    fn parse(text: Option<&str>) -> Self {
        let mut own = Self::ALL.into_iter().filter(|(shown, ..)| *shown != Self::Vitals);
        own.find(|(_, slug, _)| Some(*slug) == text).map_or(Self::Table, |(shown, ..)| shown)
    }
}

/// `GET /patients/{id}/results`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &query)?;
    let shown = Shown::parse(query.show.as_deref());
    let before = query.moment()?;
    let category =
        |code: &str| Slice { category: Some(code.to_owned()), before, ..Slice::newest(Kind::OBSERVATION, READ) };
    let reports = Slice { before, ..Slice::newest(Kind::DIAGNOSTIC_REPORT, REPORTS) };
    let (slices, section) = match shown {
        Shown::Table | Shown::Vitals => (vec![category("laboratory"), reports], "results"),
        Shown::Reports => (vec![ask::paged(Slice::all(Kind::DIAGNOSTIC_REPORT), &query)?], "reports"),
        Shown::Other => {
            let all = ask::paged(Slice::all(Kind::OBSERVATION), &query)?;
            (vec![Slice { newest: Some(others::SEARCHED), ..all }], "results")
        }
    };
    let loaded = ask.release(ask.load(&slices).await?, section).await?;
    let patient = loaded.banner.id.as_str();
    let as_of = query.day()?;
    let reading = &loaded.reading;
    let later = before.is_some();
    let gone = gone::of(&loaded, &[Kind::OBSERVATION, Kind::DIAGNOSTIC_REPORT]);
    let body = match shown {
        Shown::Reports => {
            let (rows, next) = ask::cut(loaded.rows(0));
            let reports = Report::all(rows, reading);
            let later = query.after.is_some();
            let listed =
                Listed { total: loaded.total(0), next, section: "results", show: Some("reports"), as_of, later };
            reports_view(patient, &reports, &listed, &gone)
        }
        Shown::Other => {
            let (readings, next) = others::page(loaded.rows(0), reading);
            let later = query.after.is_some();
            let listed = Listed { total: loaded.total(0), next, section: "results", show: Some("other"), as_of, later };
            others::view(patient, &readings, &listed, &gone)
        }
        _ => {
            let reports = Report::all(loaded.rows(1), reading);
            let full = loaded.rows(0).len() >= READ as usize;
            let readings = Observed::all(loaded.rows(0), reading);
            let mut grid = Grid::of(if full { whole_columns(readings) } else { readings }, &reports, COLUMNS);
            if grid.older.is_none() && full {
                grid.older = grid.columns.last().cloned();
            }
            table_view(patient, &grid, as_of, later, &gone)
        }
    };
    Ok(banner::page(&ui, &loaded.banner, query.place("results")?, "Results", &body))
}

/// Of a read that was cut off, what is known whole: the oldest moment may go on beyond it, and waits for the next page.
fn whole_columns(mut readings: Vec<Observed>) -> Vec<Observed> {
    let oldest = readings.iter().filter_map(|reading| Some(reading.when.as_ref()?.at)).min();
    let later = |reading: &Observed| reading.when.as_ref().map(|when| when.at) > oldest;
    if readings.iter().any(later) {
        readings.retain(later);
    }
    readings
}

/// `GET /patients/{id}/reports/{report}`: one report with its results.
pub async fn report(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, report)): Path<(String, String)>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &query)?;
    let (loaded, page) = ask.report(&report).await?;
    let body = report_view(loaded.banner.id.as_str(), &page);
    Ok(banner::page(&ui, &loaded.banner, query.place("results")?, "Report", &body))
}

/// The query of a page without others: the day of a past chart.
pub(super) fn whole_time(as_of: Option<Date>) -> String {
    as_of.map(|date| format!("?as-of={date}")).unwrap_or_default()
}

pub(super) fn head(patient: &str, shown: Shown, as_of: Option<Date>) -> Markup {
    let day = as_of.map(|date| format!("as-of={date}&")).unwrap_or_default();
    html! {
        header class="page-head" {
            h2 { "Results" }
            nav class="acts" aria-label="Views of the results" {
                @for (which, slug, label) in Shown::ALL {
                    @let address = match which { Shown::Vitals => format!("/patients/{patient}/vitals{}", whole_time(as_of)), _ => format!("/patients/{patient}/results?{day}show={slug}") };
                    a class=(if which == shown { "btn primary" } else { "btn" }) href=(address) aria-current=[(which == shown).then_some("page")] { (label) }
                }
            }
        }
    }
}

/// Tests down, dates across.
#[must_use]
pub fn table_view(patient: &str, grid: &Grid, as_of: Option<Date>, later: bool, gone: &Markup) -> Markup {
    let slug = "table";
    let day = as_of.map(|date| format!("as-of={date}&")).unwrap_or_default();
    let title = "Laboratory results over time";
    html! {
        main id="main" class="page" {
            (head(patient, Shown::Table, as_of))
            @if grid.columns.is_empty() {
                section class="card" { (show::none("No laboratory results recorded.")) }
            } @else {
                section class="card" {
                    header { h2 { (title) } }
                    div class="scroll" role="region" aria-label=(title) tabindex="0" {
                        table class="matrix" {
                            caption class="vh" { (title) ", newest first" }
                            thead { tr {
                                th scope="col" { "Test" }
                                @for column in &grid.columns {
                                    th scope="col" { (show::date(Some(column))) @if let Some(time) = &column.time { " " span class="muted nb" { (time) } } }
                                }
                            } }
                            @for group in &grid.groups {
                                tbody {
                                    @if grid.groups.len() > 1 || group.name != "Other results" {
                                        tr class="group" { th scope="rowgroup" colspan=(grid.columns.len() + 1) { (group.name) } }
                                    }
                                    @for row in &group.rows { (grid_row(patient, row, &grid.columns)) }
                                }
                            }
                        }
                    }
                }
            }
            (gone)
            @if later || grid.older.is_some() {
                p class="paper" { "Not all results: this sheet holds " (grid.columns.len()) " dates" @if later { ", not the newest ones" } @if let Some(oldest) = grid.columns.last() { ", back to " (oldest.date) } ". Others are left out." }
                nav class="pager" aria-label="Pages" {
                    @if later { a class="btn" rel="prev" href={ "/patients/" (patient) "/results?" (day) "show=" (slug) } { "Newest" } }
                    span { (grid.columns.len()) " dates shown" }
                    @if let Some(older) = &grid.older { a class="btn" rel="next" href={ "/patients/" (patient) "/results?" (day) "show=" (slug) "&before=" (older.at) } { "Older" } }
                }
            }
        }
    }
}

fn grid_row(patient: &str, row: &GridRow, columns: &[When]) -> Markup {
    let newest = row.cells.iter().flatten().next();
    html! {
        tr {
            th scope="row" {
                @match newest {
                    Some(reading) => a href={ "/patients/" (patient) "/results/" (reading.entry.key.id) } { (row.name) },
                    None => (row.name),
                }
                @if let Some(range) = &row.range { " " span class="muted" { (show::wrapping(range)) } }
            }
            @for (cell, column) in row.cells.iter().zip(columns) {
                td data-label=[(!cell.is_empty()).then(|| column.full())] {
                    @for (index, reading) in cell.iter().enumerate() { @if index > 0 { br; } (value(reading)) (show::modified(&reading.entry)) }
                }
            }
        }
    }
}

/// The reports.
#[must_use]
pub fn reports_view(patient: &str, reports: &[Report], listed: &Listed, gone: &Markup) -> Markup {
    let row = |report: &Report| {
        html! {
            tr class=[report.entry.error.is_some().then_some("error")] {
                th scope="row" {
                    a href={ "/patients/" (patient) "/reports/" (report.entry.key.id) } { (report.name) }
                    @if report.entry.error.is_none() { @if let Some(status) = &report.status { " " span class="chip warn" { (status) } } }
                    (show::marks(&report.entry))
                    @if let Some(conclusion) = &report.conclusion { div class="prose muted" { (conclusion) } }
                }
                td data-label="When" class="date" { (show::moment(report.when.as_ref())) }
                td data-label="Kind" { (show::words(report.category.as_deref())) }
                td data-label="Results" { (report.results.len()) }
                td data-label="By" { (show::words(report.by.as_deref())) }
                td class="acts" { (show::details(patient, &report.entry, &report.name)) }
            }
        }
    };
    let errors = reports.iter().filter(|report| report.entry.error.is_some()).count();
    let rows: Vec<_> = reports.iter().map(row).collect();
    html! {
        main id="main" class="page" {
            (head(patient, Shown::Reports, listed.as_of))
            (list::apart(&[(errors, "entered in error")]))
            (list::card("Reports", listed.count(reports.len(), errors), &["Report", "When", "Kind", "Results", "By"], &rows, &show::none("No reports recorded.")))
            (gone)
            (pager(patient, listed, reports.len()))
        }
    }
}

/// One report.
#[must_use]
pub fn report_view(patient: &str, page: &ReportPage) -> Markup {
    let ReportPage { report, results, files } = page;
    let found: Vec<_> = report.results.iter().filter_map(|key| results.get(&key.to_string())).collect();
    html! {
        main id="main" class="page" {
            header class="page-head" { h2 { (report.name) (show::marks(&report.entry)) } div class="acts" { (show::details(patient, &report.entry, &report.name)) } }
            section class="card" {
                dl class="details" {
                    (detail("Taken", &show::moment(report.when.as_ref())))
                    (detail("Issued", &show::moment(report.issued.as_ref())))
                    (detail("Kind", &show::words(report.category.as_deref())))
                    (detail("By", &show::words(report.by.as_deref())))
                    (detail("Status", &html! { @match &report.status { Some(status) => span class="chip warn" { (status) }, None => "Final" } }))
                }
                @if let Some(conclusion) = &report.conclusion { div class="pad" { h3 { "Conclusion" } p class="prose" { (conclusion) } } }
                @if !report.findings.is_empty() { div class="pad" { h3 { "Coded conclusion" } ul { @for finding in &report.findings { li { (finding) } } } } }
            }
            @if !report.results.is_empty() {
                section class="card" {
                    header { h2 { "Results " span class="count" { (report.results.len()) } } }
                    @if found.len() < report.results.len() {
                        p class="pad muted" { (report.results.len() - found.len()) " of its results are not in this chart." }
                    }
                    table class="list" {
                        caption class="vh" { "Results of this report" }
                        thead { tr { th scope="col" { "Test" } th scope="col" { "Value" } th scope="col" { "Reference" } } }
                        tbody {
                            @for reading in found {
                                tr class=[reading.flag().is_abnormal().then_some("abnormal")] {
                                    th scope="row" { a href={ "/patients/" (patient) "/results/" (reading.entry.key.id) } { (reading.main.name) } (show::marks(&reading.entry)) }
                                    td data-label="Value" { (value(reading)) @if let Some(note) = &reading.note { div class="prose muted" { (note) } } }
                                    td data-label="Reference" { (show::range(reading.main.range.as_deref())) }
                                }
                            }
                        }
                    }
                }
            }
            @for (form, content) in report.forms.iter().zip(files) { (file::view(patient, &report.entry.key, form, &report.name, content)) }
        }
    }
}

fn detail(label: &str, value: &Markup) -> Markup {
    html! { div { dt { (label) } dd { (value) } } }
}
