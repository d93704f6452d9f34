//! Procedures.

use super::ask::{self, View};
use super::gone;
use crate::component::{banner, list, show};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::Caller;
use clinic::chart::care::Procedure;
use fhir::Kind;
use jiff::civil::Date;
use maud::{Markup, html};
use store::record::Slice;

/// `GET /patients/{id}/procedures`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &query)?;
    let slice = ask::paged(Slice::all(Kind::PROCEDURE), &query)?;
    let loaded = ask.release(ask.load(&[slice]).await?, "procedures").await?;
    let (rows, next) = ask::cut(loaded.rows(0));
    let procedures: Vec<_> = rows.iter().map(|row| Procedure::of(row, &loaded.reading)).collect();
    let page = Listed {
        total: loaded.total(0),
        next,
        section: "procedures",
        show: None,
        as_of: query.day()?,
        later: query.after.is_some(),
    };
    let gone = gone::of(&loaded, &[Kind::PROCEDURE]);
    let body = view(loaded.banner.id.as_str(), &procedures, &page, &gone);
    Ok(banner::page(&ui, &loaded.banner, query.place("procedures")?, "Procedures", &body))
}

/// Where in a long list a page stands.
#[derive(Debug, Clone)]
pub struct Listed {
    /// How many there are in all.
    pub total: u64,
    /// Where the next page begins: `after=…` or `before=…`.
    pub next: Option<String>,
    /// The section.
    pub section: &'static str,
    /// Which of the section's views, where it has several.
    pub show: Option<&'static str>,
    /// The day it stands for.
    pub as_of: Option<Date>,
    /// Whether this is not the first page.
    pub later: bool,
}

impl Listed {
    /// How many there are without those in error; none where the list goes over several pages, whose errors nobody has counted.
    #[must_use]
    pub fn count(&self, shown: usize, errors: usize) -> Option<u64> {
        (!self.later && self.next.is_none()).then_some(shown.saturating_sub(errors) as u64)
    }
}

/// Links to the first and the next page of a list; nothing when it fits one.
#[must_use]
pub fn pager(patient: &str, listed: &Listed, shown: usize) -> Markup {
    let day = listed.as_of.map(|date| format!("as-of={date}&")).unwrap_or_default();
    let show = listed.show.map(|show| format!("show={show}&")).unwrap_or_default();
    let query = format!("{day}{show}");
    let newest = format!("/patients/{patient}/{}?{query}", listed.section);
    html! {
        @if listed.later || listed.next.is_some() {
            nav class="pager" aria-label="Pages" {
                @if listed.later { a class="btn" rel="prev" href=(newest.trim_end_matches(['?', '&'])) { "Newest" } }
                span { (shown) " shown of " (listed.total) " entries" }
                @if let Some(next) = &listed.next {
                    a class="btn" rel="next" href={ "/patients/" (patient) "/" (listed.section) "?" (query) (next) } { "Older" }
                }
            }
        }
    }
}

/// The section.
#[must_use]
pub fn view(patient: &str, procedures: &[Procedure], listed: &Listed, gone: &Markup) -> Markup {
    let errors = procedures.iter().filter(|procedure| procedure.entry.error.is_some()).count();
    html! {
        main id="main" class="page" {
            header class="page-head" { h2 { "Procedures" } }
            (list::apart(&[(errors, "entered in error")]))
            (list::card("Procedures", listed.count(procedures.len(), errors), &COLUMNS, &rows(patient, procedures), &show::none("No procedures recorded.")))
            (pager(patient, listed, procedures.len()))
            (gone)
        }
    }
}

const COLUMNS: [&str; 5] = ["Procedure", "When", "Why", "By", "Outcome"];

fn rows(patient: &str, procedures: &[Procedure]) -> Vec<Markup> {
    procedures.iter().map(|procedure| row(patient, procedure)).collect()
}

fn row(patient: &str, procedure: &Procedure) -> Markup {
    html! {
        tr class=[procedure.entry.error.is_some().then_some("error")] {
            th scope="row" {
                (procedure.words) (show::code(procedure.code.as_ref()))
                @if let Some(site) = &procedure.site { ", " (site) }
                @if let Some(place) = &procedure.place { " " span class="muted" { (place) } }
                @if procedure.entry.error.is_none() { @if let Some(status) = &procedure.status { " " span class="chip warn" { (status) } } }
                (show::marks(&procedure.entry))
                @if let Some(note) = &procedure.note { div class="prose muted" { (note) } }
            }
            td data-label="When" class="date" { @match (&procedure.when, &procedure.performed) { (None, Some(text)) => (text), (when, _) => (show::date(when.as_ref())) } }
            td data-label="Why" { (show::words(procedure.reason.as_deref())) }
            td data-label="By" { (show::words(procedure.by.as_deref())) }
            td data-label="Outcome" { (show::words(procedure.outcome.as_deref())) }
            td class="acts" { (show::details(patient, &procedure.entry, &procedure.words)) }
        }
    }
}
