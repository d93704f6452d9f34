//! Visits: the list, and one visit with what was found and done in it.

use super::ask::{self, View};
use super::procedures::{Listed, pager};
use super::summary::value;
use super::{rooming, visit_start, visit_state};
use crate::component::banner::{self, Place};
use crate::component::{list, show};
use crate::page::paper;
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::chart::Handle;
use clinic::chart::care::Visit;
use clinic::chart::visit::VisitContent;
use clinic::{Action, Caller};
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

/// `GET /visits/{visit}`
pub async fn one(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(visit): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let patient = clinic::chart::visit::patient_of(app.store.as_ref(), &caller, &visit).await?;
    let ask = ask::of(&app, &caller, &ui, patient.as_str(), &query)?;
    let (loaded, visit, content) = ask.visit(&visit).await?;
    let place = Place { section: "visits", as_of: query.day()? };
    Ok(banner::page(&ui, &loaded.banner, place, "Visit", &visit_view(&ui, loaded.banner.id.as_str(), &visit, &content)))
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

/// One visit.
#[must_use]
pub fn visit_view(ui: &Ui, patient: &str, visit: &Visit, content: &VisitContent) -> Markup {
    html! {
        main id="main" class="grid" {
            header class="page-head span-12" {
                h2 { @match &visit.when { Some(when) => { "Visit of " (show::date(Some(when))) }, None => "Visit, date not recorded" } }
                div class="acts" {
                    (rooming::link(ui, visit))
                    @if ui.may(Action::ReadClinical) { a class="btn" href={ "/patients/" (patient) "/history" } { "History" } }
                    @if ui.may(Action::WriteNotes) && visit.entry.error.is_none() {
                        a class="btn" href={ "/patients/" (patient) "/notes/new?visit=" (visit.entry.key.id) } data-key="n" data-does="New note of this visit" { "Write a note" }
                    }
                    @if ui.may(Action::WriteClinical) && visit.entry.error.is_none() { a class="btn" href={ "/patients/" (patient) "/problems/new?visit=" (visit.entry.key.id) } data-key="x" { "Add diagnosis" } }
                    @if ui.may(Action::ReadClinical) { (paper::links(ui, &format!("/visits/{}/paper", visit.entry.key.id), "Visit summary")) }
                    (show::details(patient, &visit.entry, "this visit"))
                }
            }
            (visit_state::card(ui, patient, visit))
            section class="card span-12" aria-labelledby="visit-title" {
                header { h2 id="visit-title" { (visit.title()) (show::marks(&visit.entry)) } }
                dl class="details" {
                    (fact("Kind", &html! { (visit.class) @if let Some(kind) = visit.kind.as_ref().filter(|kind| **kind != visit.class) { ", " (kind) } }))
                    (fact("Status", &html! { (visit.status) }))
                    (fact("Began", &show::moment(visit.when.as_ref())))
                    (fact("Ended", &show::moment(visit.until.as_ref())))
                    (fact("With", &show::words(visit.with.as_deref())))
                    (fact("Where", &show::words(visit.place.as_deref())))
                }
            }
            @if ui.may(Action::ReadClinical) { (content_view(patient, content)) }
        }
    }
}

fn content_view(patient: &str, content: &VisitContent) -> Markup {
    html! {
        @for (heading, lines) in [
            ("Diagnoses and problems", &content.problems),
            ("Medicines", &content.medicines),
            ("Procedures", &content.procedures),
            ("Immunizations", &content.shots),
            ("Reports", &content.reports),
            ("Notes and documents", &content.documents),
        ] {
            @if !lines.is_empty() {
                section class="card span-6" {
                    header { h2 { (heading) " " span class="count" { (lines.len()) } } }
                    ul class="rows" {
                        @for line in lines {
                            li { a class="lead" href=(href(patient, &line.entry)) { (line.words) } (show::marks(&line.entry))
                                @if let Some(detail) = &line.detail { " " span class="muted" { (detail) } } }
                        }
                    }
                }
            }
        }
        @if !content.observations.is_empty() {
            section class="card span-12" {
                header { h2 { "Vitals and results " span class="count" { (content.observations.len()) } } }
                table class="list" {
                    caption class="vh" { "Vitals and results of this visit" }
                    thead { tr { th scope="col" { "Measure" } th scope="col" { "Value" } th scope="col" { "Reference" } th scope="col" { "When" } } }
                    tbody {
                        @for reading in &content.observations {
                            tr class=[reading.flag().is_abnormal().then_some("abnormal")] {
                                th scope="row" { a href={ "/patients/" (patient) "/results/" (reading.entry.key.id) } { (reading.main.name) } (show::marks(&reading.entry)) }
                                td data-label="Value" { (value(reading)) }
                                td data-label="Reference" { (show::range(reading.main.range.as_deref())) }
                                td data-label="When" class="date" { (show::moment(reading.when.as_ref())) }
                            }
                        }
                    }
                }
            }
        }
        @if content.is_empty() { section class="card span-12" { p class="empty" { strong { "Nothing else was recorded in this visit." } } } }
    }
}

/// Documents and reports open as what they are; other entries on their own page.
fn href(patient: &str, entry: &Handle) -> String {
    match entry.key.kind {
        Kind::DOCUMENT_REFERENCE => format!("/patients/{patient}/documents/{}", entry.key.id),
        Kind::CONDITION => format!("/patients/{patient}/problems/{}", entry.key.id),
        Kind::DIAGNOSTIC_REPORT => format!("/patients/{patient}/reports/{}", entry.key.id),
        _ => show::entry_path(patient, entry),
    }
}

fn fact(label: &str, value: &Markup) -> Markup {
    html! { div { dt { (label) } dd { (value) } } }
}
