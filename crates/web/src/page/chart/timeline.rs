//! The timeline: what happened, newest first, a year at a time.

use super::ask::{self, View};
use super::procedures::{Listed, pager};
use crate::component::{banner, show};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::Caller;
use clinic::chart::timeline::{Event, KINDS, events};
use fhir::Kind;
use jiff::Timestamp;
use maud::{Markup, html};
use store::record::Slice;

/// Entries of each type read for a page.
const EACH: u32 = 60;

/// `GET /patients/{id}/timeline`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &query)?;
    let before = query.moment()?;
    let slices: Vec<_> = KINDS.iter().map(|kind| Slice { before, ..Slice::newest(*kind, EACH) }).collect();
    let loaded = ask.release(ask.load(&slices).await?, "timeline").await?;
    // A type that filled its share is only known back to its oldest entry: the page ends where the first such type does.
    let mut known_to: Option<Timestamp> = None;
    let mut all = Vec::new();
    let mut total = 0;
    for part in &loaded.parts {
        let of_kind = events(&part.rows, &loaded.reading);
        if part.rows.len() >= EACH as usize {
            let oldest = of_kind.last().map(|event| event.when.at);
            known_to = known_to.max(oldest);
        }
        total += part.total;
        all.extend(of_kind);
    }
    // Entries of that moment wait for the next page together, unless the page holds nothing else.
    let whole = known_to.filter(|end| all.iter().any(|event: &Event| event.when.at > *end));
    match whole {
        Some(end) => all.retain(|event| event.when.at > end),
        None => all.retain(|event| known_to.is_none_or(|end| event.when.at >= end)),
    }
    let next = whole.and_then(|end| end.checked_add(jiff::SignedDuration::from_millis(1)).ok()).or(known_to);
    all.sort_by(|a, b| b.when.at.cmp(&a.when.at).then_with(|| a.entry.key.cmp(&b.entry.key)));
    let next = next.map(|at| format!("before={at}"));
    let listed = Listed { total, next, section: "timeline", show: None, as_of: query.day()?, later: before.is_some() };
    let body = view(loaded.banner.id.as_str(), &all, &listed);
    Ok(banner::page(&ui, &loaded.banner, query.place("timeline")?, "Timeline", &body))
}

/// The section.
#[must_use]
pub fn view(patient: &str, events: &[Event], listed: &Listed) -> Markup {
    html! {
        main id="main" class="page" {
            header class="page-head" { h2 { "Timeline" } }
            @if events.is_empty() { p class="empty" { strong { "Nothing recorded yet." } } }
            ol class="timeline" {
                @for (index, event) in events.iter().enumerate() {
                    @let before = index.checked_sub(1).and_then(|before| events.get(before));
                    @if before.is_none_or(|before| before.when.year() != event.when.year()) {
                        li class="year" { h3 { (event.when.year()) } }
                    }
                    li class=(if event.status.is_some() { "event apart" } else { "event" }) {
                        (show::date(Some(&event.when)))
                        div {
                            p { span class=(if event.warning { "chip warn" } else { "chip" }) { (event.sort) } " " a href=(href(patient, event)) { (event.title) } @if let Some(status) = &event.status { " " span class="chip warn" { (status) } } (show::marks(&event.entry)) }
                            @if let Some(detail) = &event.detail { p class="muted" { (detail) } }
                        }
                    }
                }
            }
            (pager(patient, listed, events.len()))
        }
    }
}

fn href(patient: &str, event: &Event) -> String {
    let id = &event.entry.key.id;
    match event.entry.key.kind {
        Kind::ENCOUNTER => format!("/visits/{id}"),
        Kind::DOCUMENT_REFERENCE => format!("/patients/{patient}/documents/{id}"),
        Kind::DIAGNOSTIC_REPORT => format!("/patients/{patient}/reports/{id}"),
        _ => show::entry_path(patient, &event.entry),
    }
}
