//! One result, and the course of its test: a plot with unit and reference band, and the table of all its values.

use super::ask::{self, View};
use super::summary::value;
use crate::component::{banner, plot, show};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::Caller;
use clinic::chart::result::Observed;
use clinic::chart::trend::Trend;
use clinic::chart::when::Clock;
use maud::{Markup, html};

/// `GET /patients/{id}/results/{observation}`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, observation)): Path<(String, String)>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &query)?;
    let (loaded, one, all) = ask.course(&observation).await?;
    let body = view(loaded.banner.id.as_str(), &one, &all, &loaded.reading.clock);
    Ok(banner::page(&ui, &loaded.banner, query.place("results")?, &one.main.name, &body))
}

/// The page.
#[must_use]
pub fn view(patient: &str, one: &Observed, all: &[Observed], clock: &Clock) -> Markup {
    let trend = Trend::of(all);
    html! {
        main id="main" class="page" {
            header class="page-head" { h2 { (one.main.name) (show::marks(&one.entry)) } div class="acts" { (show::details(patient, &one.entry, &one.main.name)) } }
            section class="card" aria-labelledby="one-title" {
                header { h2 id="one-title" { @match &one.when { Some(when) => { "Result of " (show::moment(Some(when))) }, None => "Result, date not recorded" } } }
                dl class="details" {
                    (fact("Value", &value(one)))
                    @for measure in std::iter::once(&one.main).chain(&one.parts) {
                        @if let Some(exact) = measure.value.as_ref().and_then(|value| value.exact.as_ref()) {
                            (fact(&format!("{} as reported", measure.name), &show::wrapping(exact)))
                        }
                    }
                    (fact("Reference range", &show::range(one.main.range.as_deref())))
                    @if !one.parts.is_empty() && one.main.value.is_some() {
                        @for part in &one.parts { (fact(&part.name, &show::measure(part))) }
                    }
                    (fact("Measured by", &show::words(one.by.as_deref())))
                    @if let Some(method) = &one.method { (fact("Method", &html! { (method) })) }
                }
                @if let Some(note) = &one.note { p class="prose pad" { (note) } }
            }
            section class="card" aria-labelledby="course-title" {
                header { h2 id="course-title" { "Course " span class="count" { (all.len()) } } }
                (plot::view(&one.main.name, &trend, clock, (&table(patient, all), true)))
            }
        }
    }
}

fn table(patient: &str, all: &[Observed]) -> Markup {
    html! {
        table class="list" {
            caption class="vh" { "All values, newest first" }
            thead { tr { th scope="col" { "When" } th scope="col" { "Value" } th scope="col" { "Reference" } th scope="col" { "By" } th scope="col" { span class="vh" { "Details" } } } }
            tbody {
                @for reading in all {
                    tr class=[if reading.entry.error.is_some() { Some("error") } else { reading.flag().is_abnormal().then_some("abnormal") }] {
                        th scope="row" { (show::moment(reading.when.as_ref())) }
                        td data-label="Value" {
                            (value(reading))
                            (show::marks(&reading.entry))
                            @if let Some(note) = &reading.note { div class="prose muted" { (note) } }
                        }
                        td data-label="Reference" { (show::range(reading.main.range.as_deref())) }
                        td data-label="By" { (show::words(reading.by.as_deref())) }
                        td class="acts" { (show::details(patient, &reading.entry, "this value")) }
                    }
                }
            }
        }
    }
}

fn fact(label: &str, value: &Markup) -> Markup {
    html! { div { dt { (label) } dd { (value) } } }
}
