//! Finding a code: what the user starred and recorded last stands there before anything is typed, and weighs in what is found. What is
//! typed is of no patient, and is asked by POST all the same: an address would keep it.

use crate::component::form::Field;
use crate::form::Form;
use crate::{App, PageError, Ui};
use axum::extract::State;
use clinic::chart::when::day_text;
use clinic::{Caller, FieldError};
use jiff::civil::Date;
use maud::{Markup, html};
use reference::icd10cm::{Answer, Entry, Hit, Icd10cm};
use serde::Deserialize;

/// How many codes a search shows.
pub const HITS: usize = 20;

/// What is asked while it is typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    /// The day of the visit.
    day: String,
}

/// `POST /diagnoses/find`: a fragment of options, best first.
pub async fn find(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Form(asked): Form<Asked>,
) -> Result<Markup, PageError> {
    let versions = app.shelf.icd10cm(app.store.as_ref(), &caller).await;
    let day = asked.day.parse().unwrap_or(ui.calendar().today);
    let hits = versions.on(day).codes.search(asked.q.trim(), &ui.preferences.codes.weights(), HITS);
    Ok(html! {
        @for hit in &hits { li role="option" data-code=(hit.entry.code()) { (words(hit.entry, hit.by.as_deref())) } }
        @if hits.is_empty() { li class="empty" { "No diagnosis matches. Try fewer or other words." } }
    })
}

/// The field, with the edition that answers.
#[must_use]
pub fn field(typed: &str, autofocus: bool, (answer, day): (Answer<'_>, Date), errors: &[FieldError]) -> Markup {
    let field = Field { kind: "search", autofocus, ..Field::text("q", "Find a diagnosis", typed) };
    html! {
        (edition(answer, day))
        div data-picker="/diagnoses/find" data-day=(day) {
            (field.optional().size("long").hint("Words in any order, their beginnings, everyday terms, or a code").view(errors))
        }
    }
}

/// Which edition the codes are of; loud where it is not in effect on that day.
fn edition(answer: Answer<'_>, day: Date) -> Markup {
    let edition = answer.codes.edition();
    let days = format!("{} to {}", day_text(edition.from), day_text(edition.to));
    html! {
        @if answer.in_effect {
            p class="muted" { "ICD-10-CM " (edition.name) ", in effect " (days) }
        } @else {
            div class="notice warn" {
                p { strong { "No edition of ICD-10-CM at hand is in effect on " (day_text(day)) "." }
                    " These codes are of " (edition.name) ", for visits of " (days) ": codes may have been added, changed or ended since. Whoever looks after this server imports that day’s edition." }
            }
        }
    }
}

/// What was found, each a button.
#[must_use]
pub fn found(ui: &Ui, hits: &[Hit]) -> Markup {
    html! {
        section class="card" aria-labelledby="found-title" {
            header { h3 id="found-title" { span role="status" { @match hits.len() { 0 => "No diagnosis matches", 1 => "1 diagnosis", n => { (n) " diagnoses" } } } } }
            @if hits.is_empty() { p class="empty" { "Try fewer or other words." } }
            ul class="rows" { @for hit in hits { (row(ui, hit.entry, hit.by.as_deref())) } }
        }
    }
}

/// The user's own codes, before anything is typed.
#[must_use]
pub fn own(ui: &Ui, codes: &Icd10cm) -> Markup {
    let own = &ui.preferences.codes;
    let recent: Vec<_> = own.recent.iter().filter(|code| !own.stars(code)).cloned().collect();
    html! {
        @for (heading, listed) in [("Favourites", &own.starred), ("Recorded last", &recent)] {
            @let entries: Vec<_> = listed.iter().filter_map(|code| codes.get(code)).collect();
            @if !entries.is_empty() {
                section class="card" aria-label=(heading) {
                    header { h3 { (heading) " " span class="count" { (entries.len()) } } }
                    ul class="rows" { @for entry in entries { (row(ui, entry, None)) } }
                }
            }
        }
    }
}

fn row(ui: &Ui, entry: Entry<'_>, by: Option<&str>) -> Markup {
    let code = entry.code();
    html! {
        li {
            button class="btn choose" name="pick" value=(code) { (words(entry, by)) }
            span class="end" { (star(ui, &code, "star", &code)) }
        }
    }
}

fn words(entry: Entry<'_>, by: Option<&str>) -> Markup {
    html! {
        code { (entry.code()) } " " span { (entry.words()) }
        @if let Some(by) = by { " " span class="muted" { (by) } }
        " " @if entry.billable() { span class="chip" { "Billable" } } @else { span class="muted" { "needs more detail to bill" } }
    }
}

/// The button that stars a code, or takes its star away.
#[must_use]
pub fn star(ui: &Ui, code: &str, name: &str, value: &str) -> Markup {
    let starred = ui.preferences.codes.stars(code);
    html! {
        button class="btn small quiet" name=(name) value=(value) aria-pressed=(starred) {
            span aria-hidden="true" { (if starred { "★" } else { "☆" }) } " Favourite" span class="vh" { ": " (code) }
        }
    }
}
