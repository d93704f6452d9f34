//! A signed note: its text, who signed it, whether it is still what was signed, and what was added.

use crate::Ui;
use crate::component::show;
use crate::page::paper;
use clinic::Action;
use clinic::chart::banner::Banner;
use clinic::chart::file::DocumentPage;
use clinic::note::proof::{Proof, Signature, Worth};
use maud::{Markup, html};

/// The page.
#[must_use]
pub fn view(ui: &Ui, banner: &Banner, page: &DocumentPage, proof: &Proof) -> Markup {
    let document = &page.document;
    let id = &document.entry.key.id;
    let patient = &banner.id;
    let here = !proof.signatures.is_empty();
    html! {
        main id="main" class="page note-page" {
            header class="page-head" {
                h2 { (document.title) (show::marks(&document.entry)) }
                div class="acts noprint" {
                    @if here && ui.may(Action::WriteNotes) && document.entry.error.is_none() {
                        a class="btn" href={ "/patients/" (patient) "/notes/new?appends=" (id) } { "Add an addendum" }
                    }
                    @if here { a class="btn" href={ "/patients/" (patient) "/notes/" (id) "/seen" } { "What the signer saw" } }
                    (paper::links(ui, &format!("/patients/{patient}/notes/{id}/paper"), "PDF"))
                    (show::details(patient.as_str(), &document.entry, &document.title))
                }
            }
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
                    header { h2 id="signatures" { "Signed" } }
                    ul class="rows" { @for signature in &proof.signatures { (line(signature)) } }
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
}

fn line(signature: &Signature) -> Markup {
    html! {
        li {
            span class="lead" { (signature.by) }
            " " @match signature.worth {
                Worth::Holds => span class="chip ok" { "Unchanged since" },
                Worth::Broken => span class="chip danger" { "Changed since" },
            }
            span class="end" { (signature.when) }
        }
    }
}

fn fact(label: &str, value: &Markup) -> Markup {
    html! { div { dt { (label) } dd { (value) } } }
}
