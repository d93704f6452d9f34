//! The banner and the sections of a chart: the same facts in the same place on every page of a patient.

use crate::Ui;
use crate::component::layout;
use crate::said;
use clinic::Action;
use clinic::chart::banner::{AllergyLine, Banner};
use clinic::chart::when::day_text;
use jiff::civil::Date;
use maud::{Markup, html};

/// A section of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// The last part of its address; empty for the Summary.
    pub path: &'static str,
    /// Its words.
    pub label: &'static str,
    /// The key that opens it.
    pub key: &'static str,
    /// What it takes to see it.
    pub needs: Action,
}

const fn section(path: &'static str, label: &'static str, key: &'static str) -> Section {
    Section { path, label, key, needs: Action::ReadClinical }
}

/// Every section, in the order of the tabs.
pub const SECTIONS: [Section; 14] = [
    Section { path: "", label: "Summary", key: "s", needs: Action::ReadIdentity },
    section("timeline", "Timeline", "t"),
    section("visits", "Visits", "v"),
    section("notes", "Notes", ""),
    section("problems", "Problems", "p"),
    section("medicines", "Medicines", "m"),
    section("allergies", "Allergies", "a"),
    section("results", "Results", "l"),
    section("immunizations", "Immunizations", "i"),
    section("procedures", "Procedures", "r"),
    Section { path: "documents", label: "Documents", key: "d", needs: Action::ReadDocuments },
    section("history", "History", "h"),
    section("changes", "Changes", "c"),
    Section { path: "access", label: "Who viewed", key: "w", needs: Action::OwnAccesses },
];

/// Where on the chart a page is.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The section's path in [`SECTIONS`].
    pub section: &'static str,
    /// The chart as it stood on this day; now when none.
    pub as_of: Option<Date>,
}

/// A whole page of a chart. `body` is `<main>`.
#[must_use]
pub fn page(ui: &Ui, banner: &Banner, place: Place, title: &str, body: &Markup) -> Markup {
    let sheet = html! {
        div class="sheet" {
            div class="sheet-head" aria-hidden="true" {
                (banner.line())
                @if let Some(date) = place.as_of { " · As it was on " (day_text(date)) }
                div class="printed" {
                    (ui.practice.name) " · Printed "
                    // When the page was made; the browser mends it when it prints.
                    span data-printed=(ui.now) data-zone=(ui.practice.time_zone) { (ui.now.to_zoned(ui.zone.clone()).strftime("%d-%b-%Y %H:%M")) }
                    " by " (ui.display_name)
                }
            }
            div class="sheet-body" {
                div class="chart-head" {
                    (identity(ui, banner, place))
                    (tabs(ui, banner, place))
                }
                @if let Some(date) = place.as_of {
                    p class="asof" role="status" {
                        strong { "Chart as it was on " (day_text(date)) "." } " What was recorded here later is not shown. "
                        a href=(path(banner.id.as_str(), place.section, None)) { "Back to now" }
                    }
                }
                (said::view(ui.said))
                (body)
            }
        }
    };
    layout::patient_page(ui, &format!("{} · {title}", banner.name), u32::from(banner.hue), &sheet)
}

/// The address of a section.
#[must_use]
pub fn path(patient: &str, section: &str, as_of: Option<Date>) -> String {
    let mut path = format!("/patients/{patient}");
    if !section.is_empty() {
        path.push('/');
        path.push_str(section);
    }
    if let Some(date) = as_of {
        path.push_str(&format!("?as-of={date}"));
    }
    path
}

fn identity(ui: &Ui, banner: &Banner, place: Place) -> Markup {
    let id = banner.id.as_str();
    html! {
        section class="banner" aria-label="Patient" {
            @if banner.photo {
                img class="photo" src={ "/patients/" (id) "/photo" } alt="" width="44" height="44";
            } @else {
                span class="photo" aria-hidden="true" { (banner.initials) }
            }
            div class="who" {
                h1 {
                    (banner.name)
                    @if banner.similar_name { " " span class="chip warn" { "Similar name" } }
                    @if banner.preferred.is_some() || banner.pronouns.is_some() {
                        " " span class="aka" {
                            @if let Some(preferred) = &banner.preferred { "“" (preferred) "”" }
                            @if banner.preferred.is_some() && banner.pronouns.is_some() { ", " }
                            @if let Some(pronouns) = &banner.pronouns { (pronouns) }
                        }
                    }
                }
                dl class="facts" {
                    (fact("Born", &html! { (banner.born) @if let Some(age) = &banner.age { " (" (age) ")" } }))
                    @if let Some(corrected) = &banner.corrected { (fact("Corrected age", &html! { (corrected) })) }
                    (fact("Sex", &html! { (banner.sex) }))
                    div { dt { "Record no." } dd class="id" { @match &banner.record_number { Some(number) => (number), None => "not given" } } }
                    @if let Some(language) = &banner.language { (fact("Language", &html! { (language) })) }
                    @if let Some(phone) = &banner.phone { div class="optional" { dt { "Phone" } dd class="nb" { (phone) } } }
                }
            }
            div class="acts noprint" {
                @if ui.may(Action::WriteIdentity) && place.as_of.is_none() { a class="btn" href={ "/patients/" (id) "/edit" } data-key="e" { "Edit" } }
                button class="btn" type="button" data-print { "Print" }
            }
            @match &banner.allergies {
                None => {},
                Some(AllergyLine::NotAsked) => p class="allergies unasked" { strong { "Allergies" } " " span { "Not asked" } },
                Some(AllergyLine::Ended(words)) => p class="allergies unasked" { strong { "Allergies" } " " span { (words) } },
                Some(AllergyLine::None(words)) => p class="allergies none" { strong { "Allergies" } " " span { (words) } },
                Some(AllergyLine::Listed(lines)) => p class="allergies listed" {
                    strong { "Allergies" }
                    @for line in lines { " " span { (line) } }
                },
            }
            @if let Some(deceased) = &banner.deceased { p class="flag deceased" { (deceased) } }
            @if banner.restricted { p class="flag restricted" { "Restricted record" } }
            @if banner.test { p class="flag test" { "Test patient: not a real person" } }
            @if banner.merged { p class="flag merged" { "Merged into another record" } }
        }
    }
}

fn fact(label: &str, value: &Markup) -> Markup {
    html! { div { dt { (label) } dd { (value) } } }
}

fn tabs(ui: &Ui, banner: &Banner, place: Place) -> Markup {
    html! {
        nav class="sections" aria-label="Chart" {
            @for section in SECTIONS.iter().filter(|section| ui.may(section.needs)) {
                a href=(path(banner.id.as_str(), section.path, place.as_of)) data-key=[(!section.key.is_empty()).then_some(section.key)]
                    aria-current=[(section.path == place.section).then_some("page")] { (section.label) }
            }
        }
    }
}
