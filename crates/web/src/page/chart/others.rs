//! Results that have no place in the tables over time: of every other kind or none, without a date, or entered in error.

use super::ask;
use super::procedures::{Listed, pager};
use super::results::{Shown, head};
use super::summary::value;
use crate::component::{list, show};
use clinic::chart::result::Observed;
use clinic::chart::row::count_of;
use clinic::chart::{Reading, Row};
use maud::{Markup, html};

/// Observations looked through for a page of those that have no place in the tables.
pub const SEARCHED: u32 = 2000;

/// A page of the observations that have no place in the tables, and where the next one begins.
#[must_use]
pub fn page(rows: &[Row], reading: &Reading) -> (Vec<Observed>, Option<String>) {
    let mut found = Vec::new();
    let mut last = None;
    for row in rows {
        let one = Observed::of(row, reading);
        if !one.is_tabled() {
            if found.len() == ask::PAGE as usize {
                return (found, last);
            }
            found.push(one);
        }
        last = Some(format!("after={}", row.key.id));
    }
    (found, last.filter(|_| rows.len() >= SEARCHED as usize))
}

/// What has no place in the tables, newest first, those without a date last.
#[must_use]
pub fn view(patient: &str, readings: &[Observed], listed: &Listed, gone: &Markup) -> Markup {
    let row = |reading: &Observed| {
        let class = if reading.entry.error.is_some() {
            Some("error")
        } else {
            reading.flag().is_abnormal().then_some("abnormal")
        };
        html! {
            tr class=[class] {
                th scope="row" { a href={ "/patients/" (patient) "/results/" (reading.entry.key.id) } { (reading.main.name) } (show::marks(&reading.entry)) }
                td data-label="Value" { (value(reading))
                    @if !reading.members.is_empty() { " " span class="muted" { (count_of(reading.members.len(), "result")) " of its own" } }
                    @if let Some(note) = &reading.note { div class="prose muted" { (note) } } }
                td data-label="When" class="date" { @match &reading.when { Some(when) => (show::moment(Some(when))), None => span class="missing" { "date not recorded" } } }
                td data-label="Kind" { (show::words(reading.category.as_deref())) }
                td data-label="Reference" { (show::range(reading.main.range.as_deref())) }
                td class="acts" { (show::details(patient, &reading.entry, &reading.main.name)) }
            }
        }
    };
    let rows: Vec<_> = readings.iter().map(row).collect();
    let empty = html! { p class="empty" { strong { "No other results " @if listed.later || listed.next.is_some() { "on this page." } @else { "recorded." } } } };
    html! {
        main id="main" class="page" {
            (head(patient, Shown::Other, listed.as_of))
            p class="muted" { "Results of every other kind (imaging, examinations, questionnaires, procedures), of no kind, and those without a date." }
            (list::card("Other results", None, &["Test", "Value", "When", "Kind", "Reference"], &rows, &empty))
            (gone)
            (pager(patient, listed, readings.len()))
        }
    }
}
