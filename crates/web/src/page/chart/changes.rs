//! Changes: what was added and changed, newest first, and the whole chart as it was on a day.

use super::ask::{self, View};
use crate::component::banner::{self, path};
use crate::component::show;
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::Caller;
use clinic::chart::change::{Change, Changes};
use clinic::chart::when::day_text;
use jiff::civil::Date;
use maud::{Markup, html};

/// `GET /patients/{id}/changes`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &query)?;
    let (loaded, changes) = ask.changes(query.sequence()?).await?;
    let early = query.show.as_deref() == Some("early");
    let body =
        view(loaded.banner.id.as_str(), &changes, query.day()?, ui.calendar().today, (query.before.is_some(), early));
    Ok(banner::page(&ui, &loaded.banner, query.place("changes")?, "Changes", &body))
}

/// The section.
#[must_use]
pub fn view(
    patient: &str,
    changes: &Changes,
    as_of: Option<Date>,
    today: Date,
    (later, early): (bool, bool),
) -> Markup {
    let day = as_of.map(|date| format!("as-of={date}&")).unwrap_or_default();
    html! {
        main id="main" class="page" {
            header class="page-head" { h2 { "Changes" } }
            @if early { p class="notice warn" role="alert" { "Nothing was recorded in this chart before " (changes.began.map_or_else(|| "that day".to_owned(), day_text)) ", when it was registered or imported here: choose that day or a later one." } }
            section class="card" {
                header { h2 { "The chart as it was" } }
                form class="filters pad" method="get" action=(path(patient, "", None)) {
                    div class="field short" {
                        label for="as-of" { "At the end of this day" }
                        p class="hint" id="as-of-hint" { "By the day things were recorded here, however old they are" @if let Some(began) = changes.began { ": from " (day_text(began)) } }
                        input type="date" id="as-of" name="as-of" required min=[changes.began] max=(today) value=[as_of.map(|date| date.to_string())] aria-describedby="as-of-hint";
                    }
                    button class="btn" { "Show the chart" }
                }
            }
            section class="card" {
                header { h2 { "What was added and changed" } }
                @if changes.changes.is_empty() { p class="empty" { strong { "No changes recorded." } } } @else {
                    table class="list" {
                        caption class="vh" { "Changes, newest first" }
                        thead { tr { th scope="col" { "Entry" } th scope="col" { "What" } th scope="col" { "Kind" } th scope="col" { "Recorded" } th scope="col" { "By" } th scope="col" { "Version" } } }
                        tbody { @for change in &changes.changes { (row(patient, change)) } }
                    }
                }
            }
            @if later || changes.before.is_some() {
                nav class="pager" aria-label="Pages" {
                    @if later { a class="btn" rel="prev" href=(path(patient, "changes", as_of)) { "Newest" } }
                    span { (changes.changes.len()) " shown" }
                    @if let Some(before) = changes.before { a class="btn" rel="next" href={ "/patients/" (patient) "/changes?" (day) "before=" (before) } { "Older" } }
                }
            }
        }
    }
}

fn row(patient: &str, change: &Change) -> Markup {
    let title = if change.title.is_empty() { change.sort.as_str() } else { change.title.as_str() };
    html! {
        tr {
            th scope="row" { a href={ "/patients/" (patient) "/changes/" (change.key.kind) "/" (change.key.id) } { (title) } }
            td data-label="What" { (change.deed) @if let Some(why) = &change.why { div class="prose muted" { (why) } } }
            td data-label="Kind" { (change.sort) }
            td data-label="Recorded" class="date" { (show::moment(Some(&change.when))) }
            td data-label="By" { (show::words(change.by.as_deref())) }
            td data-label="Version" class="num" { (change.version) }
        }
    }
}
