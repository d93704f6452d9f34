//! History: medical, surgical, family by relative, social, as imported. And, for those who read no clinical content, who the patient is.

use super::ask::{self, View};
use super::procedures;
use super::summary::value;
use crate::component::{banner, show};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::Caller;
use clinic::chart::Loaded;
use clinic::chart::care::{Procedure, Relative};
use clinic::chart::contact::Contact;
use clinic::chart::problem::Problems;
use clinic::chart::result::Observed;
use clinic::chart::row::count_of;
use fhir::Kind;
use maud::{Markup, html};
use store::record::Slice;

/// What the page shows.
pub struct Past {
    /// Problems, of which the resolved are history.
    pub problems: Problems,
    /// Procedures called surgical.
    pub surgical: Vec<Procedure>,
    /// How many other procedures there are.
    pub other_procedures: usize,
    /// Relatives.
    pub family: Vec<Relative>,
    /// The newest answer to each social question.
    pub social: Vec<Observed>,
}

/// `GET /patients/{id}/history`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &query)?;
    let tobacco = vec![("http://loinc.org".to_owned(), "72166-2".to_owned())];
    let slices = [
        Slice::all(Kind::CONDITION),
        Slice::all(Kind::PROCEDURE),
        Slice::all(Kind::FAMILY_MEMBER_HISTORY),
        Slice { category: Some("social-history".to_owned()), ..Slice::newest(Kind::OBSERVATION, 200) },
        Slice { codes: tobacco, ..Slice::newest(Kind::OBSERVATION, 1) },
    ];
    let loaded = ask.release(ask.load(&slices).await?, "history").await?;
    let reading = &loaded.reading;
    let mut procedures: Vec<_> = loaded.rows(1).iter().map(|row| Procedure::of(row, reading)).collect();
    let all = procedures.len();
    procedures.retain(|procedure| procedure.surgical);
    let mut social: Vec<Observed> = Vec::new();
    for reading in Observed::all(loaded.rows(3), reading).into_iter().chain(Observed::all(loaded.rows(4), reading)) {
        if reading.counts() && reading.has_content() && !social.iter().any(|known| known.main.test == reading.main.test)
        {
            social.push(reading);
        }
    }
    let past = Past {
        problems: Problems::of(loaded.rows(0), reading),
        other_procedures: all - procedures.len(),
        surgical: procedures,
        family: loaded.rows(2).iter().map(|row| Relative::of(row, reading)).collect(),
        social,
    };
    let body = view(loaded.banner.id.as_str(), &past);
    Ok(banner::page(&ui, &loaded.banner, query.place("history")?, "History", &body))
}

/// The section.
#[must_use]
pub fn view(patient: &str, past: &Past) -> Markup {
    html! {
        main id="main" class="grid" {
            header class="page-head span-12" { h2 { "History" } }
            section class="card span-6" aria-labelledby="medical" {
                header { h2 id="medical" { "Medical " span class="count" { (past.problems.resolved.len()) } } }
                @if past.problems.resolved.is_empty() { (show::none("No resolved problems recorded.")) }
                ul class="rows" {
                    @for problem in &past.problems.resolved {
                        li {
                            a class="lead" href=(show::entry_path(patient, &problem.entry)) { (problem.words) }
                            " " span class="muted" { (problem.status) }
                            span class="end nb" { (problem.onset.as_deref().unwrap_or("onset not recorded")) @if let Some(ended) = &problem.ended { " to " (ended) } }
                        }
                    }
                }
            }
            section class="card span-6" aria-labelledby="social" {
                header { h2 id="social" { "Social " span class="count" { (past.social.len()) } } }
                @if past.social.is_empty() { (show::none("No social history recorded.")) }
                dl class="details" {
                    @for answer in &past.social {
                        div { dt { (answer.main.name) } dd { (value(answer)) " " span class="muted" { (show::date(answer.when.as_ref())) } } }
                    }
                }
            }
            section class="card span-6" aria-labelledby="family" {
                header { h2 id="family" { "Family " span class="count" { (past.family.len()) } } }
                @if past.family.is_empty() { (show::none("No family history recorded.")) }
                ul class="rows" {
                    @for relative in &past.family {
                        li class=[relative.entry.error.is_some().then_some("error")] {
                            a class="lead" href=(show::entry_path(patient, &relative.entry)) { (relative.relation) @if let Some(name) = &relative.name { ", " (name) } }
                            @if let Some(life) = &relative.life { " " span class="muted" { (life) } }
                            (show::marks(&relative.entry))
                            div {
                                @if relative.conditions.is_empty() { span class="missing" { "no conditions recorded" } } @else { (relative.conditions.join("; ")) }
                            }
                            @if let Some(note) = &relative.note { div class="prose muted" { (note) } }
                        }
                    }
                }
            }
            section class="card span-6" aria-labelledby="surgical" {
                header { h2 id="surgical" { "Surgical " span class="count" { (past.surgical.len()) } } a href={ "/patients/" (patient) "/procedures" } { "All procedures" } }
                @if past.surgical.is_empty() {
                    p class="empty" { strong { "No procedure is recorded as surgical." }
                        @if past.other_procedures > 0 { " " (count_of(past.other_procedures, "other procedure")) " in the Procedures section." } }
                } @else { (procedures::table(patient, &past.surgical)) }
            }
        }
    }
}

/// Identity and contacts: what the front desk works with.
#[must_use]
pub fn identity(loaded: &Loaded, visits: &Markup) -> Markup {
    let contact = Contact::of(loaded);
    html! {
        main id="main" class="grid" {
            section class="card span-6" aria-labelledby="contact" {
                header { h2 id="contact" { "Contact" } }
                dl class="details" {
                    @for (label, value) in &contact.lines { div { dt { (label) } dd { (value) } } }
                    @if contact.lines.is_empty() { div { dt { "Contact" } dd { (show::missing()) } } }
                }
            }
            section class="card span-6" aria-labelledby="kin" {
                header { h2 id="kin" { "Next of kin and coverage" } }
                dl class="details" {
                    @for (label, value) in &contact.others { div { dt { (label) } dd { (value) } } }
                    @if contact.others.is_empty() { div { dt { "Next of kin" } dd { (show::missing()) } } }
                }
            }
            (visits)
            section class="card span-12" aria-labelledby="appointments" {
                header { h2 id="appointments" { "Appointments " span class="count" { (contact.appointments.len()) } } }
                @if contact.appointments.is_empty() { p class="empty" { strong { "No appointments recorded." } } }
                ul class="rows" {
                    @for appointment in &contact.appointments {
                        li {
                            span class="lead" { (appointment.words) } " " span class="chip" { (appointment.status) }
                            @if let Some(with) = &appointment.with { " " span class="muted" { (with) } }
                            span class="end" { (show::moment(appointment.when.as_ref())) }
                        }
                    }
                }
            }
        }
    }
}
