//! Documents and notes: the lists, one document shown safely, and its files.

use super::ask::{self, View};
use super::gone;
use super::procedures::Listed;
use crate::component::{banner, file, list, show};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use clinic::chart::document::Document;
use clinic::chart::file::DocumentPage;
use clinic::note;
use clinic::{Action, Caller};
use fhir::Kind;
use fhir::edit::note::{SIGNED, SIGNED_ELSEWHERE};
use maud::{Markup, html};
use std::collections::BTreeMap;
use store::Sealed;
use store::draft::{Draft, DraftsOf};
use store::record::Slice;

/// What a file of the chart may do in a browser: nothing.
const FILE_CSP: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// `GET /patients/{id}/documents`: what was filed, other than notes.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    list_page(&app, &caller, &ui, &id, &query, &DOCUMENTS).await
}

/// `GET /patients/{id}/notes`: what clinicians wrote of the patient.
pub async fn notes(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    list_page(&app, &caller, &ui, &id, &query, &NOTES).await
}

/// One of the two lists. An entry is in exactly one of them: [`Document::note`] tells.
pub struct List {
    section: &'static str,
    title: &'static str,
    notes: bool,
    none: &'static str,
}

const DOCUMENTS: List = List { section: "documents", title: "Documents", notes: false, none: "No documents recorded." };
const NOTES: List = List { section: "notes", title: "Notes", notes: true, none: "No notes recorded." };

async fn list_page(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    id: &str,
    query: &View,
    list: &List,
) -> Result<Markup, PageError> {
    let ask = ask::of(app, caller, ui, id, query)?;
    // Who sees the office's documents only is shown all of them at once: a page cut before the others are left out would end early.
    let paged = ask.clinical();
    let all = Slice::all(Kind::DOCUMENT_REFERENCE);
    let mut slices = vec![if paged { ask::paged(all, query)? } else { all }];
    // Notes kept as Compositions are few: they stand on the first page.
    if list.notes && query.after.is_none() {
        slices.push(Slice::newest(Kind::COMPOSITION, ask::PAGE));
    }
    let drafts = match list.notes && query.after.is_none() && query.day()?.is_none() {
        true => {
            let of = [DraftsOf::Patient(ask.patient.clone()), DraftsOf::Moved(ask.patient.clone())];
            let [written, moved] = of.map(|of| note::drafts(app.store.as_ref(), caller, of));
            written.await?.zip(moved.await?)
        }
        false => Sealed::empty((Vec::new(), Vec::new())),
    };
    let sealed = ask.load(&slices).await?;
    let filers = ask.filers(sealed.for_decision().rows(0)).await?;
    let ((loaded, filers), (drafts, moved)) = ask.release(sealed.zip(filers).zip(drafts), list.section).await?;
    let reading = &loaded.reading;
    let (rows, next) = if paged { ask::cut(loaded.rows(0)) } else { (loaded.rows(0), None) };
    // A note signed here, or in another Chartroom, stands in the list by its DocumentReference.
    let marked =
        |row: &&clinic::chart::Row| [SIGNED, SIGNED_ELSEWHERE].iter().any(|mark| row.root().extension(mark).is_some());
    let elsewhere = loaded.rows(1).iter().filter(|row| !marked(row));
    let all = rows.iter().chain(elsewhere).map(|row| Document::of(row, reading));
    let (mut documents, others): (Vec<_>, Vec<_>) = all.partition(|document| document.note == list.notes);
    for document in documents.iter_mut().filter(|document| document.by.is_none()) {
        document.by = filers.of(&document.entry.key, 1).map(|name| format!("Filed by {name}"));
    }
    documents.sort_by_key(|document| std::cmp::Reverse(document.when.as_ref().map(|when| when.at)));
    let later = query.after.is_some();
    let count = (next.is_none() && !later).then_some([documents.len(), others.len()]);
    let types = Types::of(&documents, query.show.as_deref());
    documents.retain(|document| types.shows(document));
    let listed = Listed { total: 0, next, section: list.section, show: None, as_of: query.day()?, later };
    let gone = gone::of(&loaded, &[Kind::DOCUMENT_REFERENCE, Kind::COMPOSITION]);
    // What waits for a cosignature is a note by now, and stands among them.
    let drafts: Vec<_> = drafts.into_iter().filter(|draft| !draft.is_signed()).collect();
    let unsigned = if list.notes {
        html! { (unsigned(ui, &drafts)) (moved_away(ui, &moved)) }
    } else {
        html! {}
    };
    let body = view(ui, loaded.banner.id.as_str(), list, (&documents, &types, &gone, &unsigned), count, &listed);
    Ok(banner::page(ui, &loaded.banner, query.place(list.section)?, list.title, &body))
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

const COLUMNS: [&str; 5] = ["Title", "Type", "Date", "By", "File"];

/// The list. `count`: how many are in it and in the other one, where the page has read them all.
#[must_use]
pub fn view(
    ui: &Ui,
    patient: &str,
    list: &List,
    (documents, types, gone, top): (&[Document], &Types, &Markup, &Markup),
    count: Option<[usize; 2]>,
    listed: &Listed,
) -> Markup {
    let rows: Vec<_> = documents.iter().map(|document| row(ui, patient, document)).collect();
    let empty = html! {
        p class="empty" { strong { @if count.is_some() { (list.none) } @else { "None on this page of the list." } } }
    };
    html! {
        main id="main" class="page" {
            header class="page-head" {
                h2 { (list.title) }
                @if ui.may(Action::ReadClinical) {
                    (elsewhere(patient, list, count.map(|[_, others]| others), listed))
                } @else {
                    p class="muted" { "Only the office's documents are shown here; clinical ones are for those who treat." }
                }
                @if list.notes && listed.as_of.is_none() && ui.may(Action::WriteNotes) {
                    div class="acts noprint" { a class="btn" href={ "/patients/" (patient) "/notes/new" } data-key="n" data-does="New note" { "New note" } }
                }
                @if !list.notes && listed.as_of.is_none() && ui.may(Action::FileDocuments) {
                    div class="acts noprint" { a class="btn" href={ "/patients/" (patient) "/documents/new" } data-key="n" { "File a document" } }
                }
            }
            (top)
            (types.view(patient, listed))
            (list::card(list.title, count.map(|[mine, _]| mine as u64), &COLUMNS, &rows, &empty))
            (gone)
            @if listed.later || listed.next.is_some() { (pages(patient, listed, documents.len())) }
        }
    }
}

/// The types of a list's entries, and the one that is asked for.
pub struct Types {
    /// By name: its words and how many there are.
    all: BTreeMap<String, (String, usize)>,
    chosen: Option<String>,
}

impl Types {
    fn of(documents: &[Document], asked: Option<&str>) -> Self {
        let mut all = BTreeMap::new();
        for words in documents.iter().map(type_words) {
            all.entry(name(words)).or_insert_with(|| (words.to_owned(), 0)).1 += 1;
        }
        let chosen = asked.filter(|asked| all.contains_key(*asked)).map(str::to_owned);
        Self { all, chosen }
    }

    fn shows(&self, document: &Document) -> bool {
        self.chosen.as_ref().is_none_or(|chosen| *chosen == name(type_words(document)))
    }

    /// Links to each type, where there are several.
    fn view(&self, patient: &str, listed: &Listed) -> Markup {
        let day = listed.as_of.map(|date| format!("as-of={date}&")).unwrap_or_default();
        let link = |name: Option<&String>, words: &str| {
            let chosen = name == self.chosen.as_ref();
            let show = name.map(|name| format!("show={name}")).unwrap_or_default();
            let href = format!("/patients/{patient}/{}?{day}{show}", listed.section);
            html! { a class=(if chosen { "btn small primary" } else { "btn small" }) href=(href.trim_end_matches(['?', '&'])) aria-current=[chosen.then_some("page")] { (words) } }
        };
        html! {
            @if self.all.len() > 1 && !listed.later && listed.next.is_none() {
                nav class="acts noprint" aria-label="Types" {
                    (link(None, "All"))
                    @for (name, (words, count)) in &self.all { (link(Some(name), &format!("{words} ({count})"))) }
                }
            }
        }
    }
}

fn type_words(document: &Document) -> &str {
    document.kind.as_deref().or(document.category.as_deref()).unwrap_or("Type not recorded")
}

/// A type's words as they stand in an address.
fn name(words: &str) -> String {
    let letters = words.to_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    letters.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// What this list holds, and where the rest is.
fn elsewhere(patient: &str, list: &List, others: Option<usize>, listed: &Listed) -> Markup {
    let to = |section: &str| banner::path(patient, section, listed.as_of);
    let count = others.map(|others| format!("\u{a0}({others})")).unwrap_or_default();
    let day = listed.as_of.map(|date| format!("&as-of={date}")).unwrap_or_default();
    html! {
        p class="muted" {
            @if list.notes {
                "What clinicians wrote. Letters, scans and other filed papers are under " a href=(to("documents")) { "Documents" (count) } "."
            } @else {
                "What was filed: letters, scans, forms. What clinicians wrote is under " a href=(to("notes")) { "Notes" (count) }
                ", reports of laboratory and imaging under " a href={ (to("results").split('?').next().unwrap_or_default()) "?show=reports" (day) } { "Results" } "."
            }
        }
    }
}

fn pages(patient: &str, listed: &Listed, shown: usize) -> Markup {
    let day = listed.as_of.map(|date| format!("as-of={date}&")).unwrap_or_default();
    html! {
        nav class="pager" aria-label="Pages" {
            @if listed.later { a class="btn" rel="prev" href=(banner::path(patient, listed.section, listed.as_of)) { "Newest" } }
            span { (shown) " on this page" }
            @if let Some(next) = &listed.next {
                a class="btn" rel="next" href={ "/patients/" (patient) "/" (listed.section) "?" (day) (next) } { "Older" }
            }
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
            td data-label="File" { @for attachment in &document.files { span { (file::words(attachment)) } " " } }
            td class="acts" { @if ui.may(Action::ReadClinical) { (show::details(patient, &document.entry, &document.title)) } }
        }
    }
}

/// What is being written in this chart: never to be taken for a note.
fn unsigned(ui: &Ui, drafts: &[Draft]) -> Markup {
    html! {
        @if !drafts.is_empty() {
            section class="card drafts noprint" aria-labelledby="drafts-title" {
                header { h2 id="drafts-title" { "Drafts, not signed " span class="count" { (drafts.len()) } } }
                ul class="rows" {
                    @for draft in drafts {
                        li {
                            a class="lead" href=(crate::page::note::address(&draft.patient, draft.id)) { (draft.title) }
                            " " span class="chip warn" { "Draft" }
                            @if let Some(first) = draft.sections.first() { " " span class="muted" { (first.stands.name) } }
                            span class="end" { "changed " (crate::component::when::moment(draft.changed_at, &ui.zone)) }
                        }
                    }
                }
            }
        }
    }
}

/// Drafts that were written here by mistake, told as entries that were moved are: struck through, with who, when and why.
fn moved_away(ui: &Ui, moved: &[Draft]) -> Markup {
    let drafts = moved.iter().filter(|draft| !draft.is_signed());
    let rows = drafts.filter_map(|draft| draft.moved.as_ref().map(|to| (draft, to))).map(|(draft, to)| {
        html! {
            tr class="error" {
                th scope="row" { (draft.title) " " span class="chip bad" { "Moved to another patient’s chart" } }
                td data-label="Reason" { span class="reason" { (to.why) } }
                td data-label="By" { span class="reason" { (to.by) } }
                td data-label="Moved" class="date" { span class="reason" { (crate::component::when::moment(to.at, &ui.zone)) } }
                td class="acts" { a class="btn small quiet noprint" href=(crate::page::note::address(&draft.patient, draft.id)) { "Details" span class="vh" { " of " (draft.title) } } }
            }
        }
    });
    let rows: Vec<_> = rows.collect();
    list::card_of_any("Drafts written here by mistake and moved", &["Note", "Reason", "By", "Moved"], &rows)
}

fn href(patient: &str, document: &Document) -> String {
    let section = if document.entry.key.kind == Kind::COMPOSITION || document.signed { "notes" } else { "documents" };
    format!("/patients/{patient}/{section}/{}", document.entry.key.id)
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
            @for (attachment, content) in document.files.iter().zip(&page.files) { (file::view(patient, &document.entry.key, attachment, &document.title, content)) }
            @if document.files.is_empty() && page.sections.is_empty() { section class="card" { p class="empty" { strong { "This document has no content." } } } }
        }
    }
}

fn fact(label: &str, value: &Markup) -> Markup {
    html! { div { dt { (label) } dd { (value) } } }
}
