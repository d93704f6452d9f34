//! The workspace of a visit: why the patient came, what was measured, diagnosed and written, with the chart beside it and the signature at
//! the foot. A visit of a past chart is read only.

use super::ask::{self, View};
use super::summary::value;
use super::{rooming, visit_diagnoses, visit_state};
use crate::component::banner::{self, Place};
use crate::component::show;
use crate::page::note::{self, editor};
use crate::page::paper;
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::chart::Handle;
use clinic::chart::banner::Banner;
use clinic::chart::care::Visit;
use clinic::chart::result::Observed;
use clinic::chart::visit::{VisitContent, Workspace};
use clinic::diagnosis::Carried;
use clinic::note::phrase::Sayings;
use clinic::note::signing::Seen;
use clinic::{Action, Caller};
use fhir::Kind;
use maud::{Markup, html};
use reference::icd10cm::Icd10cm;
use store::draft::Draft;
use uuid::Uuid;

/// `GET /visits/{visit}`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(visit): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let patient = clinic::chart::visit::patient_of(app.store.as_ref(), &caller, &visit).await?;
    let ask = ask::of(&app, &caller, &ui, patient.as_str(), &query)?;
    let place = Place { section: "visits", as_of: query.day()? };
    let versions = app.shelf.icd10cm(app.store.as_ref(), &caller).await;
    let codes = |visit: &Visit| {
        let day = visit.when.as_ref().and_then(|when| when.day).unwrap_or(ui.calendar().today);
        versions.on(day).codes
    };
    if place.as_of.is_some() {
        let (loaded, visit, content) = ask.visit(&visit, &[]).await?;
        let body = past(&ui, loaded.banner.id.as_str(), &visit, &content, codes(&visit));
        return Ok(banner::page(&ui, &loaded.banner, place, "Visit", &body));
    }
    let shown = ask.workspace(&visit).await?;
    let own = shown.drafts.iter().find(|draft| draft.author == caller.actor.id);
    let own = match own {
        Some(draft) => Some((draft, editor::aids(&app, &caller, draft).await?)),
        None => None,
    };
    let body = view(&ui, &shown, (own.as_ref(), caller.actor.id), codes(&shown.visit));
    Ok(banner::page(&ui, &shown.loaded.banner, place, "Visit", &body))
}

/// The note that its reader writes in this visit, who is to cosign it, and what may be typed.
type Own<'a> = (&'a Draft, (Option<String>, Sayings));

/// The workspace, as one user sees it. `own`: the reader's note of it, where one is being written.
#[must_use]
pub fn view(ui: &Ui, shown: &Workspace, (own, me): (Option<&Own<'_>>, Uuid), codes: &Icd10cm) -> Markup {
    let Workspace { loaded, summary, visit, content, drafts } = shown;
    let (banner, patient) = (&loaded.banner, loaded.banner.id.as_str());
    let carried = Carried::of(&content.diagnoses);
    let seen = Seen::of(loaded, summary).carrying(&carried).mark();
    html! {
        main id="main" class="grid workspace" {
            (head(ui, patient, visit, &rooming::link(ui, visit)))
            (visit_state::card(ui, patient, visit, drafts))
            div class="span-8 stack" {
                (reason(patient, visit))
                (vitals(patient, visit, content))
                (visit_diagnoses::card(ui, patient, visit, (&content.diagnoses, codes), visit_diagnoses::may_diagnose(ui, visit)))
                (writing(ui, banner, visit, (own, drafts), me))
                (results(patient, content))
                (lists(patient, content))
            }
            aside class="span-4 stack" aria-label="The chart beside the visit" { (editor::beside(banner, summary)) }
            @if let Some((draft, (cosigner, _))) = own { (editor::foot(ui, banner, (draft, &seen), true, cosigner.as_deref())) }
        }
    }
}

/// A visit as it stood on a day: nothing is written there.
#[must_use]
pub fn past(ui: &Ui, patient: &str, visit: &Visit, content: &VisitContent, codes: &Icd10cm) -> Markup {
    html! {
        main id="main" class="grid" {
            (head(ui, patient, visit, &html! {}))
            div class="span-12 stack" {
                (reason(patient, visit))
                (vitals(patient, visit, content))
                (visit_diagnoses::card(ui, patient, visit, (&content.diagnoses, codes), false))
                (results(patient, content))
                (lists(patient, content))
            }
        }
    }
}

fn head(ui: &Ui, patient: &str, visit: &Visit, acts: &Markup) -> Markup {
    html! {
        header class="page-head span-12" {
            h2 {
                @match &visit.when { Some(when) => { "Visit of " (show::date(Some(when))) }, None => "Visit, date not recorded" }
                " " span class="chip info" { (visit.status) } (show::marks(&visit.entry))
            }
            div class="acts" { (acts) (paper::links(ui, &format!("/visits/{}/paper", visit.entry.key.id), "Visit summary")) (show::details(patient, &visit.entry, "this visit")) }
        }
    }
}

/// Why the patient came, and what the visit is.
fn reason(patient: &str, visit: &Visit) -> Markup {
    html! {
        section class="card" aria-labelledby="reason-title" {
            header { h2 id="reason-title" { "Reason" } a href=(banner::path(patient, "history", None)) { "History" } }
            p class="prose lead" { @match &visit.reason { Some(reason) => (reason), None => span class="missing" { "Reason not recorded" } } }
            dl class="details" {
                (fact("Kind", &html! { (visit.class) @if let Some(kind) = visit.kind.as_ref().filter(|kind| **kind != visit.class) { ", " (kind) } }))
                (fact("With", &show::words(visit.with.as_deref())))
                (fact("Where", &show::words(visit.place.as_deref())))
                (fact("Began", &show::moment(visit.when.as_ref())))
                @if visit.until.is_some() { (fact("Ended", &show::moment(visit.until.as_ref()))) }
            }
        }
    }
}

/// Notes of the visit that are being written: one's own in place, others by their address.
fn writing(ui: &Ui, banner: &Banner, visit: &Visit, (own, drafts): (Option<&Own<'_>>, &[Draft]), me: Uuid) -> Markup {
    let patient = banner.id.as_str();
    let others: Vec<_> = drafts.iter().filter(|draft| own.is_none_or(|(own, _)| own.id != draft.id)).collect();
    let may = ui.may(Action::WriteNotes) && visit.entry.error.is_none();
    html! {
        section class="card" aria-labelledby="note-title" {
            header {
                h2 id="note-title" { @match own { Some((draft, _)) => { (draft.title) " " span class="chip warn" { "Draft, not signed" } }, None => "Note" } }
                @if may { a class="btn small noprint" href={ "/patients/" (patient) "/notes/new?visit=" (visit.entry.key.id) } data-key="n" data-does="New note of this visit" { @if own.is_some() { "Write another note" } @else { "Write a note" } } }
            }
            @if own.is_none() && others.is_empty() { p class="empty" { strong { "No note of this visit is being written." } } }
            @if !others.is_empty() {
                ul class="rows" {
                    @for draft in others {
                        li { a class="lead" href=(note::address(&draft.patient, draft.id)) { (draft.title) }
                            span class="chip warn" { @if draft.author == me { "Your draft, not signed" } @else { "Another author’s draft, not signed" } } }
                    }
                }
            }
        }
        @if let Some((draft, (_, sayings))) = own { (editor::writing(ui, (draft, sayings), "note stack", false)) }
    }
}

/// Vital signs, and where they are taken and read over time.
fn vitals(patient: &str, visit: &Visit, content: &VisitContent) -> Markup {
    let (taken, _) = by_kind(content);
    html! {
        section class="card" aria-labelledby="vitals-title" {
            header { h2 id="vitals-title" { "Vitals " span class="count" { (taken.len()) } } a href={ "/patients/" (patient) "/vitals" } { "Over time" } }
            @if taken.is_empty() { p class="empty" { strong { "Nothing was measured in this visit." } @if visit.state.is_some_and(|state| !state.is_over()) { " It is taken under “Vitals and reason”." } } }
            @else { (table(patient, "Vitals of this visit", &taken)) }
        }
    }
}

/// Results and what was asked.
fn results(patient: &str, content: &VisitContent) -> Markup {
    let (_, found) = by_kind(content);
    html! {
        @if !found.is_empty() {
            section class="card" aria-labelledby="results-title" {
                header { h2 id="results-title" { "Results and answers " span class="count" { (found.len()) } } }
                (table(patient, "Results and answers of this visit", &found))
            }
        }
    }
}

/// Vital signs, and the other observations.
fn by_kind(content: &VisitContent) -> (Vec<&Observed>, Vec<&Observed>) {
    let vital = |reading: &&Observed| reading.categories.iter().any(|code| code.eq_ignore_ascii_case("vital-signs"));
    // As they were taken down: pressure first, what is computed last.
    content.observations.iter().rev().partition(vital)
}

fn table(patient: &str, caption: &str, readings: &[&Observed]) -> Markup {
    html! {
        table class="list" {
            caption class="vh" { (caption) }
            thead { tr { th scope="col" { "Measure" } th scope="col" { "Value" } th scope="col" { "Reference" } th scope="col" { "When" } } }
            tbody {
                @for reading in readings {
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

fn lists(patient: &str, content: &VisitContent) -> Markup {
    html! {
        @for (heading, lines) in [
            ("Medicines", &content.medicines),
            ("Procedures", &content.procedures),
            ("Immunizations", &content.shots),
            ("Reports", &content.reports),
            ("Notes and documents", &content.documents),
        ] {
            @if !lines.is_empty() {
                section class="card" {
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
    }
}

/// Documents and reports open as what they are; other entries on their own page.
fn href(patient: &str, entry: &Handle) -> String {
    match entry.key.kind {
        Kind::DOCUMENT_REFERENCE => format!("/patients/{patient}/documents/{}", entry.key.id),
        Kind::DIAGNOSTIC_REPORT => format!("/patients/{patient}/reports/{}", entry.key.id),
        _ => show::entry_path(patient, entry),
    }
}

fn fact(label: &str, value: &Markup) -> Markup {
    html! { div { dt { (label) } dd { (value) } } }
}
