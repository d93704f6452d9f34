//! Documents and notes: the lists, one document shown safely, and its files.

use super::ask::{self, View};
use super::procedures::{Listed, pager};
use crate::component::{banner, show};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use clinic::chart::document::{Attachment, Document, Place, Shown};
use clinic::chart::file::DocumentPage;
use clinic::{Action, Caller};
use fhir::Kind;
use maud::{Markup, html};
use store::record::Slice;

/// What a file of the chart may do in a browser: nothing.
const FILE_CSP: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// `GET /patients/{id}/documents`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    list_page(&app, &caller, &ui, &id, &query, "documents").await
}

/// `GET /patients/{id}/notes`
pub async fn notes(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    list_page(&app, &caller, &ui, &id, &query, "notes").await
}

async fn list_page(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    id: &str,
    query: &View,
    section: &'static str,
) -> Result<Markup, PageError> {
    let ask = ask::of(app, caller, ui, id, query)?;
    // Who sees the office's documents only is shown all of them at once: a page cut before the others are left out would end early.
    let paged = ask.clinical();
    let all = Slice::all(Kind::DOCUMENT_REFERENCE);
    let mut slices = vec![if paged { ask::paged(all, query)? } else { all }];
    if section == "notes" {
        slices.push(Slice::newest(Kind::COMPOSITION, ask::PAGE));
    }
    let loaded = ask.release(ask.load(&slices).await?, section).await?;
    let reading = &loaded.reading;
    let (rows, next) = if paged { ask::cut(loaded.rows(0)) } else { (loaded.rows(0), None) };
    let mut documents: Vec<_> = rows.iter().chain(loaded.rows(1)).map(|row| Document::of(row, reading)).collect();
    let mut total = loaded.total(0);
    if section == "notes" {
        documents.retain(|document| document.note);
        documents.sort_by_key(|document| std::cmp::Reverse(document.when.as_ref().map(|when| when.at)));
        total = documents.len() as u64;
    }
    let listed = Listed { total, next, section, as_of: query.day()?, later: query.after.is_some() };
    let title = if section == "notes" { "Notes" } else { "Documents" };
    Ok(banner::page(
        ui,
        &loaded.banner,
        query.place(section)?,
        title,
        &view(ui, loaded.banner.id.as_str(), title, &documents, &listed),
    ))
}

/// `GET /patients/{id}/documents/{document}`
pub async fn one(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, document)): Path<(String, String)>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &query)?;
    let (loaded, page) = ask.document(Kind::DOCUMENT_REFERENCE, &document).await?;
    let section = if page.document.note { "notes" } else { "documents" };
    Ok(banner::page(
        &ui,
        &loaded.banner,
        query.place(section)?,
        &page.document.title,
        &document_view(&ui, loaded.banner.id.as_str(), &page),
    ))
}

/// `GET /patients/{id}/notes/{composition}`
pub async fn note(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, composition)): Path<(String, String)>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &query)?;
    let (loaded, page) = ask.document(Kind::COMPOSITION, &composition).await?;
    Ok(banner::page(
        &ui,
        &loaded.banner,
        query.place("notes")?,
        &page.document.title,
        &document_view(&ui, loaded.banner.id.as_str(), &page),
    ))
}

/// `GET /patients/{id}/files/{kind}/{entry}/{number}`: the bytes, as what they are, unable to act.
pub async fn file(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, kind, entry, number)): Path<(String, String, String, usize)>,
) -> Result<impl IntoResponse, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &View::default())?;
    let kind = Kind::parse(&kind).ok_or_else(PageError::not_found)?;
    let file = ask.file(kind, &entry, number).await?;
    let name = format!("attachment; filename=\"document-{number}.{}\"", file.shown.ending());
    let headers = [
        (header::CONTENT_TYPE, file.shown.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CONTENT_SECURITY_POLICY, FILE_CSP.to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, file.bytes))
}

/// The list.
#[must_use]
pub fn view(ui: &Ui, patient: &str, title: &str, documents: &[Document], listed: &Listed) -> Markup {
    html! {
        main id="main" class="page" {
            header class="page-head" {
                h2 { (title) }
                @if listed.section == "documents" && listed.as_of.is_none() && ui.may(Action::FileDocuments) {
                    div class="acts noprint" { a class="btn" href={ "/patients/" (patient) "/documents/new" } data-key="n" { "File a document" } }
                }
            }
            @if !ui.may(Action::ReadClinical) { p class="muted" { "Only the office's documents are shown here; clinical ones are for those who treat." } }
            section class="card" {
                header { h2 { (title) " " span class="count" { (listed.total) } } }
                @if documents.is_empty() { p class="empty" { strong { "None recorded." } " Notes and documents filed in this chart appear here." } } @else {
                    table class="list" {
                        caption class="vh" { (title) }
                        thead { tr {
                            th scope="col" { "Title" } th scope="col" { "Type" } th scope="col" { "Date" } th scope="col" { "By" }
                            th scope="col" { "File" } th scope="col" { span class="vh" { "Details" } }
                        } }
                        tbody { @for document in documents { (row(ui, patient, document)) } }
                    }
                }
            }
            (pager(patient, listed, documents.len()))
        }
    }
}

fn row(ui: &Ui, patient: &str, document: &Document) -> Markup {
    html! {
        tr class=[document.entry.error.is_some().then_some("error")] {
            th scope="row" {
                a href=(href(patient, document)) { (document.title) }
                @if document.entry.error.is_none() { @if let Some(status) = &document.status { " " span class="chip warn" { (status) } } }
                (show::marks(&document.entry))
            }
            td data-label="Type" { (show::words(document.kind.as_deref().or(document.category.as_deref()))) }
            td data-label="Date" class="date" { (show::date(document.when.as_ref())) }
            td data-label="By" { (show::words(document.by.as_deref())) }
            td data-label="File" { @for file in &document.files { span { (file_words(file)) } " " } }
            td class="acts" { @if ui.may(Action::ReadClinical) { (show::details(patient, &document.entry, &document.title)) } }
        }
    }
}

fn href(patient: &str, document: &Document) -> String {
    let section = if document.entry.key.kind == Kind::COMPOSITION { "notes" } else { "documents" };
    format!("/patients/{patient}/{section}/{}", document.entry.key.id)
}

/// `PDF, 41 KB`.
fn file_words(file: &Attachment) -> String {
    let kind = match file.content_type.split(';').next().unwrap_or_default() {
        "application/pdf" => "PDF",
        "text/plain" | "text/html" | "application/xhtml+xml" | "text/xml" | "application/xml" => "Text",
        "image/png" | "image/jpeg" | "image/gif" | "image/webp" => "Image",
        "" => "File",
        other => other,
    };
    match (&file.place, file.size_words()) {
        (Place::Missing, _) => format!("{kind}, content missing"),
        (Place::Elsewhere(_), _) => format!("{kind}, kept elsewhere"),
        (_, Some(size)) => format!("{kind}, {size}"),
        (_, None) => kind.to_owned(),
    }
}

/// One document.
#[must_use]
pub fn document_view(ui: &Ui, patient: &str, page: &DocumentPage) -> Markup {
    let document = &page.document;
    html! {
        main id="main" class="page" {
            header class="page-head" { h2 { (document.title) (show::marks(&document.entry)) } div class="acts" { @if ui.may(Action::ReadClinical) { (show::details(patient, &document.entry, &document.title)) } } }
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
            @for (file, content) in document.files.iter().zip(&page.files) { (file_view(patient, document, file, content.as_ref())) }
            @if document.files.is_empty() && page.sections.is_empty() { section class="card" { p class="empty" { strong { "This document has no content." } } } }
        }
    }
}

fn file_view(
    patient: &str,
    document: &Document,
    file: &Attachment,
    content: Option<&(Shown, Option<String>)>,
) -> Markup {
    let address =
        format!("/patients/{patient}/files/{}/{}/{}", document.entry.key.kind, document.entry.key.id, file.number);
    let title = file.title.as_deref().unwrap_or(&document.title);
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
                        h2 { (title) " " span class="muted" { (file_words(file)) } }
                        @if *shown != Shown::Text { a class="btn small noprint" href=(address) download { "Download" } }
                    }
                    @match (shown, text) {
                        (Shown::Text, Some(text)) => p class="prose pad" { (text) },
                        (Shown::Picture(_), _) => div class="pad" { img class="picture" src=(address) alt=(title); },
                        (Shown::Pdf, _) => p class="pad" { "A PDF document. " a class="btn" href=(address) download { "Download and open" } },
                        _ => p class="pad" { "This file cannot be shown here. " a class="btn" href=(address) download { "Download" } },
                    }
                },
            }
        }
    }
}

fn fact(label: &str, value: &Markup) -> Markup {
    html! { div { dt { (label) } dd { (value) } } }
}
