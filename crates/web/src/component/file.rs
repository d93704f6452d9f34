//! A file of the chart, shown in its page without being able to act: text as text, pictures, PDFs; anything else is only downloaded.

use clinic::chart::document::{Attachment, Place, Shown};
use clinic::chart::file::Content;
use fhir::Key;
use maud::{Markup, html};

/// `PDF, 41 KB`.
#[must_use]
pub fn words(file: &Attachment) -> String {
    let kind = file.kind_words();
    match (&file.place, file.size_words()) {
        (Place::Missing, _) => format!("{kind}, content missing"),
        (Place::Elsewhere(_), _) => format!("{kind}, kept elsewhere"),
        (_, Some(size)) => format!("{kind}, {size}"),
        (_, None) => kind.to_owned(),
    }
}

/// The file; `entry` is the document or report that holds it, `name` what that is called.
#[must_use]
pub fn view(patient: &str, entry: &Key, file: &Attachment, name: &str, content: &Content) -> Markup {
    let address = format!("/patients/{patient}/files/{}/{}/{}", entry.kind, entry.id, file.number);
    let title = file.title.as_deref().unwrap_or(name);
    html! {
        section class="card" {
            @match content {
                None => p class="empty" {
                    @match &file.place {
                        Place::Elsewhere(address) => { strong { "Kept elsewhere." } " It is not fetched from there: " span class="prose" { (address) } },
                        _ => strong { "The content of this file is missing." },
                    }
                },
                Some((shown, text)) => {
                    header {
                        h2 { (title) " " span class="muted" { (words(file)) } }
                        a class="btn small noprint" href=(address) download { "Download" @if *shown == Shown::Text { " the original" } }
                    }
                    @match (shown, text) {
                        (Shown::Text, Some(text)) => p class="prose pad" { (text) },
                        (Shown::Picture(_), _) => div class="pad" { img class="picture" src=(address) alt=(title); },
                        (Shown::Pdf, _) => (pdf(&address, title)),
                        _ => p class="pad" { "This file cannot be shown here: download it to read it." },
                    }
                },
            }
        }
    }
}

/// A PDF, drawn in the page by a viewer that only such a page loads; without script it is downloaded.
fn pdf(address: &str, title: &str) -> Markup {
    html! {
        div data-pdf=(address) data-title=(title) { p { "A PDF document. Download it to read it." } }
        script type="module" src=(assets::url("pdf.js")) {}
    }
}
