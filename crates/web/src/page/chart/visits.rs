//! Visits: the list.

use super::ask::{self, View};
use super::procedures::{Listed, pager};
use super::visit_start;
use crate::component::{banner, list, show};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::Caller;
use clinic::chart::care::Visit;
use fhir::Kind;
use maud::{Markup, html};
use store::record::Slice;

/// `GET /patients/{id}/visits`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &query)?;
    let slice = ask::paged(Slice::all(Kind::ENCOUNTER), &query)?;
    let loaded = ask.release(ask.load(&[slice]).await?, "visits").await?;
    let (rows, next) = ask::cut(loaded.rows(0));
    let visits: Vec<_> = rows.iter().map(|row| Visit::of(row, &loaded.reading)).collect();
    let listed = Listed {
        total: loaded.total(0),
        next,
        section: "visits",
        show: None,
        as_of: query.day()?,
        later: query.after.is_some(),
    };
    let body = view(&ui, loaded.banner.id.as_str(), &visits, &listed);
    Ok(banner::page(&ui, &loaded.banner, query.place("visits")?, "Visits", &body))
}

/// The list.
#[must_use]
pub fn view(ui: &Ui, patient: &str, visits: &[Visit], listed: &Listed) -> Markup {
    let rows: Vec<_> = visits.iter().map(|visit| row(patient, visit)).collect();
    let errors = visits.iter().filter(|visit| visit.entry.error.is_some()).count();
    html! {
        main id="main" class="page" {
            header class="page-head" { h2 { "Visits" } @if listed.as_of.is_none() { (visit_start::link(ui, patient)) } }
            (list::apart(&[(errors, "entered in error")]))
            (list::card("Visits", listed.count(visits.len(), errors), &["Visit", "When", "Kind", "With", "Where", "Status"], &rows, &html! { p class="empty" { strong { "No visits recorded." } " Those of other practices may stand in the documents." } }))
            (pager(patient, listed, visits.len()))
        }
    }
}

fn row(patient: &str, visit: &Visit) -> Markup {
    html! {
        tr class=[visit.entry.error.is_some().then_some("error")] {
            th scope="row" { a href={ "/visits/" (visit.entry.key.id) } { (visit.title()) } (show::marks(&visit.entry)) }
            td data-label="When" class="date" { (show::moment(visit.when.as_ref())) }
            td data-label="Kind" { span class="chip" { (visit.class) } }
            td data-label="With" { (show::words(visit.with.as_deref())) }
            td data-label="Where" { (show::words(visit.place.as_deref())) }
            td data-label="Status" { (visit.status) }
            td class="acts" { (show::details(patient, &visit.entry, visit.title())) }
        }
    }
}
