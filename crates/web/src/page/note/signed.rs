//! A signed note: its text, who signed and cosigned it, whether it is still what was signed, and what was added. Whoever is to cosign it
//! finds the chart beside it and does so at its foot.

use super::address;
use super::editor::{beside, ends};
use crate::component::form::error_summary;
use crate::component::{banner, show};
use crate::page::chart::ask::{self, View};
use crate::page::paper;
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::chart::banner::Banner;
use clinic::chart::document::Document;
use clinic::chart::file::DocumentPage;
use clinic::chart::summary::Summary;
use clinic::note::proof::{self, Proof, Signature, Worth};
use clinic::note::signing::Seen;
use clinic::{Action, Caller, FieldError};
use fhir::{Id, Key, Kind};
use maud::{Markup, html};
use uuid::Uuid;

/// `GET /patients/{id}/notes/{note}`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, note)): Path<(String, String)>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    page(&app, &caller, &ui, (&id, &note), &query, &[]).await
}

/// The page; with what keeps it from being cosigned.
pub(super) async fn page(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    (id, note): (&str, &str),
    query: &View,
    errors: &[FieldError],
) -> Result<Markup, PageError> {
    let ask = ask::of(app, caller, ui, id, query)?;
    let key = Key::new(Kind::COMPOSITION, Id::parse(note).map_err(|_| PageError::not_found())?);
    let found = ask.find_document(key.kind, note).await?;
    let read = found.zip(proof::of(&ask, &key.id).await?);
    let ((_, page), proof) = read.for_decision();
    let mine = proof.awaits.as_ref().is_some_and(|awaits| awaits.account == Some(caller.actor.id));
    if !mine || query.day()?.is_some() || page.document.entry.error.is_some() {
        let ((loaded, page), proof) = ask.release(read, "document").await?;
        let body = view(ui, &loaded.banner, (&page, &proof), None, errors);
        return Ok(banner::page(ui, &loaded.banner, query.place("notes")?, &page.document.title, &body));
    }
    let (((_, page), proof), (loaded, summary)) = ask.release(read.zip(ask.find_summary().await?), "document").await?;
    let seen = Seen::of(&loaded, &summary).with(added(&proof)).mark();
    let body = view(ui, &loaded.banner, (&page, &proof), Some((&summary, &seen)), errors);
    Ok(banner::page(ui, &loaded.banner, query.place("notes")?, &page.document.title, &body))
}

/// The addenda that stand below a note: a cosigner sees them too.
pub(super) fn added(proof: &Proof) -> impl Iterator<Item = (Key, u32)> {
    proof.addenda.iter().map(|added| (Key::new(Kind::COMPOSITION, added.id.clone()), added.version))
}

/// The page. `cosigning`: the chart beside it and its mark, for who is to cosign.
#[must_use]
pub fn view(
    ui: &Ui,
    banner: &Banner,
    (page, proof): (&DocumentPage, &Proof),
    cosigning: Option<(&Summary, &str)>,
    errors: &[FieldError],
) -> Markup {
    let Some((summary, seen)) = cosigning else {
        return html! { main id="main" class="page note-page" { (error_summary(errors)) (note(ui, banner, page, proof)) } };
    };
    html! {
        main id="main" class="grid workspace" {
            @if !errors.is_empty() { div class="span-12" { (error_summary(errors)) } }
            div class="span-8 stack" { (note(ui, banner, page, proof)) }
            aside class="span-4 stack noprint" aria-label="The chart beside the note" { (beside(banner, summary)) }
            (foot(ui, banner, page, seen))
        }
    }
}

fn foot(ui: &Ui, banner: &Banner, page: &DocumentPage, seen: &str) -> Markup {
    html! {
        div class="note-foot span-12 noprint" {
            p id="saved" { "This note waits for your cosignature" }
            div class="actions" {
                form method="post" action={ "/patients/" (banner.id) "/notes/" (page.document.entry.key.id) "/cosign" } {
                    (ui.csrf_field())
                    input type="hidden" name="patient" value=(banner.id);
                    input type="hidden" name="version" value=(banner.version);
                    input type="hidden" name="seen" value=(seen);
                    button class="btn primary" data-key="Ctrl Enter" { "Cosign note for " (banner.name) }
                }
            }
        }
    }
}

fn note(ui: &Ui, banner: &Banner, page: &DocumentPage, proof: &Proof) -> Markup {
    let document = &page.document;
    let id = &document.entry.key.id;
    let patient = &banner.id;
    let here = !proof.signatures.is_empty();
    let cosigned = proof.signatures.iter().any(|signature| signature.cosigned);
    html! {
            header class="page-head" {
                h2 { (document.title) (show::marks(&document.entry)) }
                div class="acts noprint" {
                    @if here && ui.may(Action::WriteNotes) && document.entry.error.is_none() {
                        a class="btn" href={ "/patients/" (patient) "/notes/new?appends=" (id) } { "Add an addendum" }
                    }
                    @if let Some(draft) = movable(ui, document, proof) { a class="btn" href={ (address(patient, draft)) "/move" } { "Move its text to the right patient" } }
                    @if here { a class="btn" href={ "/patients/" (patient) "/notes/" (id) "/seen" } { "What the signer saw" } }
                    @if cosigned { a class="btn" href={ "/patients/" (patient) "/notes/" (id) "/seen?by=cosigner" } { "What the cosigner saw" } }
                    (paper::links(ui, &format!("/patients/{patient}/notes/{id}/paper"), "PDF"))
                    (show::details(patient.as_str(), &document.entry, &document.title))
                }
            }
            (ends(proof.origin.as_ref(), proof.moved.as_ref()))
            @if let Some(awaits) = &proof.awaits { p class="notice warn" { strong { "Awaiting cosignature of " (awaits.name) "." } " Its author signed it; it is not validated yet." } }
            @if let Some(first) = &proof.appends { p class="notice info" { "This adds to " a href={ "/patients/" (patient) "/notes/" (first) } { "an earlier note" } "." } }
            @if proof.signatures.iter().any(|signature| signature.worth == Worth::Broken) {
                p class="notice danger" role="alert" { strong { "This is not what was signed." } " Its text or its signature was changed past Chartroom. Tell the privacy officer." }
            }
            section class="card" {
                dl class="details" {
                    (fact("Type", &show::words(document.kind.as_deref())))
                    (fact("Date", &show::moment(document.when.as_ref())))
                    (fact("By", &show::words(document.by.as_deref())))
                    @if let Some(status) = &document.status { (fact("Status", &html! { span class="chip warn" { (status) } })) }
                }
            }
            @for (heading, text) in &page.sections {
                section class="card" { header { h2 { (heading) } } p class="prose pad" { (text) } }
            }
            @if page.sections.is_empty() { section class="card" { p class="empty" { strong { "This note has no content." } } } }
            @if here {
                section class="card" aria-labelledby="signatures" {
                    header { h2 id="signatures" { "Signatures" } }
                    ul class="rows" {
                        @for signature in &proof.signatures { (line(signature)) }
                        @if let Some(awaits) = &proof.awaits { li { span class="lead" { "Awaiting cosignature of " (awaits.name) } } }
                    }
                }
            } @else { p class="muted" { "Not signed in this practice." } }
            @for added in &proof.addenda {
                section class="card addendum" {
                    header { h2 { a href={ "/patients/" (patient) "/notes/" (added.id) } { "Addendum" } } span class="muted" { (added.by) ", " (added.when) } }
                    p class="prose pad" { (added.text) }
                }
            }
    }
}

/// The draft of a note that was signed in the wrong chart, while its text is still to be moved.
fn movable(ui: &Ui, document: &Document, proof: &Proof) -> Option<Uuid> {
    let wrong = document.entry.error.is_some() && !proof.signatures.is_empty() && proof.moved.is_none();
    Uuid::try_parse(document.entry.key.id.as_str()).ok().filter(|_| wrong && ui.may(Action::WriteNotes))
}

fn line(signature: &Signature) -> Markup {
    html! {
        li {
            span class="lead" { (if signature.cosigned { "Cosigned by " } else { "Signed by " }) (signature.by) }
            " " @match signature.worth {
                Worth::Holds => span class="chip ok" { "Unchanged since" },
                Worth::Broken => span class="chip bad" { "Changed since" },
            }
            span class="end" { (signature.when) }
        }
    }
}

fn fact(label: &str, value: &Markup) -> Markup {
    html! { div { dt { (label) } dd { (value) } } }
}
