//! A note is begun: which template, and for which visit.

use super::{address, reason, visit_key};
use crate::component::banner::{self, Place};
use crate::component::show;
use crate::form::Form;
use crate::page::chart::ask::{self, View};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use axum::response::Redirect;
use clinic::Caller;
use clinic::chart::banner::Banner;
use clinic::chart::care::Visit;
use clinic::chart::document::Document;
use clinic::note::library::Library;
use clinic::note::live::Live;
use clinic::note::{self, Begin, Template};
use fhir::{Id, Kind, PatientId};
use jiff::SignedDuration;
use maud::{Markup, html};
use serde::Deserialize;
use store::record::Slice;
use uuid::Uuid;

/// Which visit or note it is for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct For {
    visit: String,
    appends: String,
}

/// What the form sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    patient: String,
    template: String,
    visit: String,
    appends: String,
    copies: String,
    once: String,
}

/// `GET /patients/{id}/notes/new`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(of): Query<For>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &View::default())?;
    // Nobody writes of a visit to come, unless the address names it.
    let now = caller.at.checked_add(SignedDuration::from_millis(1)).unwrap_or(caller.at);
    let visits = Slice { before: Some(now), ..Slice::newest(Kind::ENCOUNTER, VISITS) };
    let slices = [visits, Slice::newest(Kind::COMPOSITION, NOTES)];
    let (loaded, named) = if of.visit.is_empty() {
        (ask.release(ask.load(&slices).await?, "note templates").await?, None)
    } else {
        let (loaded, row) = ask.entry_of(&visit_key(&of.visit)?, &slices, "note templates").await?;
        let visit = Visit::of(&row, &loaded.reading);
        (loaded, Some(visit))
    };
    let notes: Vec<_> = loaded.rows(1).iter().map(|row| Document::of(row, &loaded.reading)).collect();
    let took_place =
        |visit: &Visit| visit.entry.error.is_none() && visit.state != Some(clinic::visit::State::Cancelled);
    let others = loaded.rows(0).iter().map(|row| Visit::of(row, &loaded.reading)).filter(took_place);
    let visits = named.into_iter().chain(others.filter(|visit| visit.entry.key.id.as_str() != of.visit));
    let visits: Vec<_> = visits.collect();
    let library = Library::read(app.store.as_ref()).await?;
    let offered: Vec<_> = library.offered().collect();
    let body = view(&ui, &loaded.banner, (&visits, &notes, &offered), &of, &Uuid::new_v4().to_string());
    Ok(banner::page(&ui, &loaded.banner, Place { section: "notes", as_of: None }, "New note", &body))
}

/// How many visits are offered.
const VISITS: u32 = 8;
/// How many earlier notes are.
const NOTES: u32 = 8;

/// The choice: the template's button begins the note. Of the visits, the one that the address names comes first.
#[must_use]
pub fn view(
    ui: &Ui,
    banner: &Banner,
    (visits, notes, templates): (&[Visit], &[Document], &[&Template]),
    of: &For,
    once: &str,
) -> Markup {
    html! {
        main id="main" class="page narrow" {
            header class="page-head" { h2 { "New note" } }
            form class="form" method="post" action={ "/patients/" (banner.id) "/notes/new" } {
                (ui.csrf_field())
                input type="hidden" name="patient" value=(banner.id);
                input type="hidden" name="once" value=(once);
                input type="hidden" name="appends" value=(of.appends);
                div class="field" {
                    label for="visit" { "Visit" }
                    select id="visit" name="visit" {
                        option value="" selected[of.visit.is_empty()] { "Not of a visit" }
                        @for visit in visits {
                            option value=(visit.entry.key.id) selected[visit.entry.key.id.as_str() == of.visit] { (said(visit)) }
                        }
                    }
                }
                @if of.appends.is_empty() && notes.iter().any(|note| note.entry.error.is_none()) {
                    div class="field" {
                        label for="copies" { "Copy forward from" }
                        select id="copies" name="copies" aria-describedby="copies-hint" {
                            option value="" { "Nothing" }
                            @for note in notes.iter().filter(|note| note.entry.error.is_none()) {
                                option value=(note.entry.key.id) { (show::date(note.when.as_ref())) ": " (note.title) }
                            }
                        }
                        p class="hint" id="copies-hint" { "Sections of the same heading; marked as copied until you edit them." }
                    }
                }
                fieldset class="choices" {
                    legend { "Begin with" }
                    @for template in templates.iter().filter(|template| (template.kind.slug == "addendum") != of.appends.is_empty()) { (choice(ui, template)) }
                }
                div class="actions" { a class="btn" href={ "/patients/" (banner.id) "/notes" } { "Cancel" } }
            }
        }
    }
}

fn said(visit: &Visit) -> Markup {
    html! { (show::date(visit.when.as_ref())) ": " (visit.title()) " (" (visit.status) ")" }
}

fn choice(ui: &Ui, template: &Template) -> Markup {
    let sections: Vec<_> = template.sections.iter().map(|(title, _)| title.as_str()).collect();
    html! {
        div class="choice" {
            button class="btn" name="template" value=(template.slug) { (template.title) }
            p class="muted" {
                (sections.join(", "))
                @if !template.kind.may_sign(Some(ui.role)) { ". A clinician has to sign it." }
            }
        }
    }
}

/// `POST /patients/{id}/notes/new`
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Form(chosen): Form<Chosen>,
) -> Result<Redirect, PageError> {
    let patient = PatientId::parse(&id).map_err(|_| PageError::not_found())?;
    if chosen.patient != id {
        return Err(clinic::Error::WrongPatient.into());
    }
    let parse = |text: &str| {
        if text.is_empty() { Ok(None) } else { Id::parse(text).map(Some).map_err(|_| PageError::not_found()) }
    };
    let (visit, appends, copies) = (parse(&chosen.visit)?, parse(&chosen.appends)?, parse(&chosen.copies)?);
    let slug = if appends.is_some() { "addendum" } else { chosen.template.as_str() };
    let library = Library::read(app.store.as_ref()).await?;
    let mut template = library.named(slug).cloned().ok_or_else(PageError::not_found)?;
    let ask = ask::of(&app, &caller, &ui, &id, &View::default())?;
    let (loaded, summary) = ask.summary().await?;
    let reason = reason(&ask, &summary, visit.as_ref().map(Id::as_str)).await?;
    let clock = ask.clock();
    let live =
        Live { banner: &loaded.banner, summary: &summary, reason: reason.as_deref(), clock: &clock, now: caller.at };
    for (_, text) in &mut template.sections {
        *text = live.fill(text);
    }
    let draft = Uuid::try_parse(&chosen.once).map_err(|_| PageError::bad_form())?;
    let (zone, by) = (ui.zone.clone(), ui.display_name.as_str());
    let begin = Begin { patient: patient.clone(), id: draft, visit, appends, copies, zone, template, by };
    note::begin(app.store.as_ref(), &caller, begin).await?;
    Ok(Redirect::to(&address(&patient, draft)))
}
