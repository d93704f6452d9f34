//! The Summary: the face of a chart. For those who may not read clinical content, identity and contacts.

use super::ask::{self, View};
use super::visit_state;
use crate::component::banner::{self, path};
use crate::component::{show, spark};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::chart::Flag;
use clinic::chart::allergy::Known;
use clinic::chart::contact::Contact;
use clinic::chart::medicine::Medicine;
use clinic::chart::plan::Plan;
use clinic::chart::problem::Problem;
use clinic::chart::result::Observed;
use clinic::chart::summary::{Measured, Summary};
use clinic::{Action, Caller};
use jiff::civil::Date;
use maud::{Markup, html};

/// `GET /patients/{id}`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &query)?;
    let (loaded, summary) = ask.summary().await?;
    let body = if caller.may(Action::ReadClinical) {
        view(loaded.banner.id.as_str(), &summary, query.day()?, loaded.reading.clock.today)
    } else {
        let visits = visit_state::of_the_desk(&app, &ask, &ui).await?;
        super::identity::identity(&loaded, &visits)
    };
    Ok(banner::page(&ui, &loaded.banner, query.place("")?, "Summary", &body))
}

/// The clinical Summary.
#[must_use]
pub fn view(patient: &str, summary: &Summary, as_of: Option<Date>, today: Date) -> Markup {
    let link = |section: &'static str| path(patient, section, as_of);
    // Pages opened from a past chart show that day too.
    let day = as_of.map(|date| format!("?as-of={date}")).unwrap_or_default();
    html! {
        main id="main" class="grid" {
            section class="card span-5" aria-labelledby="problems-title" {
                header { h2 id="problems-title" { "Problems " span class="count" { (summary.problems.active.len()) } } a href=(link("problems")) { "All problems" } }
                (problems(summary))
            }
            div class="span-7 stack" {
                (withheld(summary))
                section class="card" aria-labelledby="medicines-title" {
                    header { h2 id="medicines-title" { "Active medicines " span class="count" { (summary.medicines.active.len()) } } a href=(link("medicines")) { "All medicines" } }
                    (medicines(summary))
                }
            }
            section class="card span-8" aria-labelledby="measures-title" {
                header { h2 id="measures-title" { "Vitals and key results" } a href=(link("results")) { "All results" } }
                (measures(patient, &summary.measures, &day))
            }
            div class="span-4 stack" {
                section class="card" aria-labelledby="allergies-title" {
                    header { h2 id="allergies-title" { "Allergies" } a href=(link("allergies")) { "All allergies" } }
                    (allergies(summary))
                }
                section class="card" aria-labelledby="shots-title" {
                    header { h2 id="shots-title" { "Immunizations " span class="count" { (summary.shots_given) } } a href=(link("immunizations")) { "All immunizations" } }
                    @if summary.shots_declined > 0 { p class="pad muted" { (summary.shots_declined) " not given" } }
                    @if summary.shots.is_empty() { (show::none("No immunizations recorded.")) }
                    ul class="rows" {
                        @for shot in &summary.shots {
                            li { span class="lead" { (shot.vaccine) (show::modified(&shot.entry)) @if !shot.given { " " span class="chip warn" { "Not given" } } }
                                span class="end" { (show::date(shot.when.as_ref())) } }
                        }
                    }
                }
                section class="card" aria-labelledby="team-title" {
                    header { h2 id="team-title" { "Care team" } }
                    @if summary.team.is_empty() { p class="empty" { strong { "No care team recorded." } } }
                    ul class="rows" {
                        @for member in &summary.team {
                            li { span class="lead" { (member.name) } @if let Some(role) = &member.role { " " span class="muted" { (role) } } }
                        }
                    }
                }
            }
            (reach(&summary.contact, today))
            (plans(patient, &summary.plans))
            section class="card span-7" aria-labelledby="visits-title" {
                header { h2 id="visits-title" { "Recent visits" @if let Some(total) = summary.visits_total { " " span class="count" { (total) } } } a href=(link("visits")) { "All visits" } }
                @if summary.visits.is_empty() { p class="empty" { strong { "No visits recorded." } } }
                ul class="rows" {
                    @for visit in &summary.visits {
                        li {
                            @if visit.class != visit.title() { span class="chip" { (visit.class) } " " }
                            a class="lead" href={ "/visits/" (visit.entry.key.id) (day) } { (visit.title()) }
                            (show::modified(&visit.entry))
                            @if let Some(with) = &visit.with { " " span class="muted" { (with) } }
                            @if visit.status != "Finished" { " " span class="chip info" { (visit.status) } }
                            span class="end" { (show::date(visit.when.as_ref())) }
                        }
                    }
                }
            }
            section class="card span-5" aria-labelledby="documents-title" {
                header { h2 id="documents-title" { "Notes and documents" @if let Some(total) = summary.documents_total { " " span class="count" { (total) } } } span { a href=(link("notes")) { "All notes" } " " a href=(link("documents")) { "All documents" } } }
                @if summary.documents.is_empty() { p class="empty" { strong { "No notes or documents." } } }
                ul class="rows" {
                    @for document in &summary.documents {
                        li {
                            a class="lead" href={ "/patients/" (patient) "/documents/" (document.entry.key.id) (day) } { (document.title) }
                            (show::modified(&document.entry))
                            @if let Some(status) = &document.status { " " span class="chip warn" { (status) } }
                            @if let Some(by) = &document.by { " " span class="muted" { (by) } }
                            span class="end" { (show::date(document.when.as_ref())) }
                        }
                    }
                }
            }
        }
    }
}

/// What the front desk works with, for those who treat: when the patient comes next, how to reach them and theirs, who pays.
fn reach(contact: &Contact, today: Date) -> Markup {
    let to_come = contact.to_come(today);
    html! {
        section class="card span-12" aria-labelledby="reach-title" {
            header { h2 id="reach-title" { "Contacts and appointments" } }
            dl class="details" {
                div {
                    dt { "Next appointment" }
                    dd {
                        @if to_come.is_empty() { span class="muted" { "none booked" } }
                        @for appointment in to_come.iter().take(3) {
                            div { (show::moment(appointment.when.as_ref())) ", " (appointment.words)
                                @if let Some(with) = &appointment.with { " " span class="muted" { (with) } }
                                @if appointment.status != "Booked" { " " span class="chip quiet" { (appointment.status) } } }
                        }
                        @if to_come.len() > 3 { div class="muted" { (to_come.len() - 3) " more later" } }
                    }
                }
                @for (label, value) in contact.lines.iter().chain(&contact.others) { div { dt { (label) } dd { (value) } } }
                @if contact.lines.is_empty() { div { dt { "Phone and address" } dd { (show::missing()) } } }
                @if !contact.others.iter().any(|(label, _)| label != "Coverage") { div { dt { "Next of kin" } dd { (show::missing()) } } }
                @if !contact.others.iter().any(|(label, _)| label == "Coverage") { div { dt { "Coverage" } dd { (show::missing()) } } }
            }
        }
    }
}

/// Goals and care plans; nothing where none is in force.
fn plans(patient: &str, plans: &[Plan]) -> Markup {
    html! {
        @if !plans.is_empty() {
            section class="card span-12" aria-labelledby="plans-title" {
                header { h2 id="plans-title" { "Goals and care plans " span class="count" { (plans.len()) } } }
                ul class="rows" {
                    @for plan in plans {
                        li {
                            span class="chip quiet" { (plan.sort) } " "
                            a class="lead" href=(show::entry_path(patient, &plan.entry)) { (plan.words) } (show::marks(&plan.entry))
                            @if let Some(status) = &plan.status { " " span class="chip warn" { (status) } }
                            @if !plan.parts.is_empty() { " " span class="muted" { (plan.parts.join("; ")) } }
                            @if let Some(when) = &plan.when { span class="end" { (when) } }
                        }
                    }
                }
            }
        }
    }
}

pub(crate) fn problems(summary: &Summary) -> Markup {
    let visits = summary.problems.of_visits();
    let row = |problem: &Problem, visit: bool| {
        html! {
            li {
                span class="lead" { (problem.words) } (show::modified(&problem.entry))
                @if visit { " " span class="chip quiet" { "Visit diagnosis" } }
                (show::code(problem.code.as_ref()))
                @if let Some(severity) = &problem.severity { " " span class="chip quiet" { (severity) } }
                @if let Some(certainty) = &problem.certainty { " " span class="chip warn" { (certainty) } }
                span class="end" { (since(problem.onset.as_deref())) }
            }
        }
    };
    html! {
        @match (summary.problems.active.is_empty(), visits.is_empty()) {
            (true, true) => (show::none("No active problems recorded.")),
            (true, false) => p class="pad muted" { "None on the problem list." },
            (false, _) => {},
        }
        ul class="rows" {
            @for problem in &summary.problems.active { (row(problem, false)) }
            @for problem in visits { (row(problem, true)) }
        }
        @if !summary.problems.resolved.is_empty() {
            p class="pad muted" { (summary.problems.resolved.len()) " resolved or inactive, in the problem list" }
        }
    }
}

fn since(onset: Option<&str>) -> Markup {
    html! { @match onset { Some(onset) => span class="nb" { (onset) }, None => span class="missing" { "onset not recorded" } } }
}

/// What must not be given, in a card of its own above the active medicines and never among them.
pub(crate) fn withheld(summary: &Summary) -> Markup {
    let medicines = &summary.medicines.withheld;
    html! {
        @if !medicines.is_empty() {
            section class="card urgent" aria-labelledby="withheld-title" {
                header { h2 id="withheld-title" { "Not to be given " span class="count" { (medicines.len()) } } }
                ul class="rows" {
                    @for medicine in medicines {
                        li {
                            span class="lead" { (super::medicines::not_given(medicine)) } (show::modified(&medicine.entry))
                            " " @match super::medicines::why_not(medicine) { Some(why) => (why), None => span class="missing" { "reason not recorded" } }
                            span class="end" { (show::date(medicine.since.as_ref())) }
                        }
                    }
                }
            }
        }
    }
}

pub(crate) fn medicines(summary: &Summary) -> Markup {
    let row = |medicine: &Medicine| {
        html! {
            tr {
                th scope="row" { strong class="drug" { (medicine.name) } @if medicine.reported { " " span class="chip quiet" { "Reported" } } (show::modified(&medicine.entry)) }
                td data-label="How to take" { @match &medicine.sig { Some(sig) => (sig), None => span class="missing" { "directions not recorded" } } }
                td data-label="Since" class="date" { (show::date(medicine.since.as_ref())) }
            }
        }
    };
    html! {
        @if summary.medicines.active.is_empty() {
            (show::none("No active medicines recorded."))
        } @else {
            table class="list" {
                caption class="vh" { "Active medicines" }
                thead { tr { th scope="col" { "Medicine" } th scope="col" { "How to take" } th scope="col" { "Since" } } }
                tbody { @for medicine in &summary.medicines.active { (row(medicine)) } }
            }
        }
        @let others = [
            (summary.medicines.ended.len(), "with the course ended but recorded as active"),
            (summary.medicines.held.len(), "on hold"),
            (summary.medicines.unclear.len(), "of unknown status"),
            (summary.medicines.proposed.len(), "proposed"),
            (summary.stopped, "stopped"),
        ];
        @if others.iter().any(|(count, _)| *count > 0) {
            p class="pad muted" {
                "Not shown here: "
                @for (index, (count, words)) in others.iter().filter(|(count, _)| *count > 0).enumerate() {
                    @if index > 0 { ", " } (count) " " (words)
                }
            }
        }
    }
}

fn allergies(summary: &Summary) -> Markup {
    let allergies = &summary.allergies;
    html! {
        @match allergies.known {
            Known::NotAsked => (super::allergies::not_asked(allergies)),
            Known::None => ul class="rows" {
                @for denied in &allergies.denied {
                    li { span class="lead" { (denied.substance) } span class="end" { (show::date(denied.recorded.as_ref())) } }
                }
            },
            Known::Listed => { (super::allergies::contradiction(allergies)) ul class="rows" {
                @for allergy in &allergies.active {
                    li {
                        span class="lead" { strong { (allergy.substance) } } (show::modified(&allergy.entry))
                        " " @if allergy.reactions.is_empty() { span class="missing" { "reaction not recorded" } } @else { (allergy.reactions.join(", ")) }
                        @if allergy.severe { " " span class="chip bad" { "Severe" } }
                        @if let Some(certainty) = &allergy.certainty { " " span class="chip warn" { (certainty) } }
                    }
                }
            } },
        }
    }
}

fn measures(patient: &str, measures: &[Measured], day: &str) -> Markup {
    html! {
        table class="list" {
            caption class="vh" { "Newest value of each, with the one before, its reference range and its course" }
            thead { tr {
                th scope="col" { "Measure" } th scope="col" { "Latest" } th scope="col" { "When" } th scope="col" { "Before" }
                th scope="col" { "Reference" } th scope="col" { "Trend" }
            } }
            tbody { @for measured in measures { (measured_row(patient, measured, day)) } }
        }
    }
}

fn measured_row(patient: &str, measured: &Measured, day: &str) -> Markup {
    let mut readings = measured.readings.iter();
    let (latest, before) = (readings.next(), readings.next());
    let abnormal = latest.is_some_and(|latest| latest.flag().is_abnormal());
    html! {
        @match latest {
            None => tr {
                th scope="row" { (measured.name) }
                td data-label="Latest" { (show::missing()) }
                td data-label="When" {} td data-label="Before" {} td data-label="Reference" {} td data-label="Trend" {}
            },
            Some(latest) => tr class=[abnormal.then_some("abnormal")] {
                th scope="row" { a href={ "/patients/" (patient) "/results/" (latest.entry.key.id) (day) } { (measured.name) } }
                td data-label="Latest" { (value(latest)) (show::modified(&latest.entry)) }
                td data-label="When" class="date" { (show::date(latest.when.as_ref())) }
                td data-label="Before" class=[before.is_none().then_some("optional")] { @match before { Some(before) => (value_quiet(before)), None => span class="muted" { "none before" } } }
                td data-label="Reference" class=[latest.main.range.is_none().then_some("optional")] { span class="muted" { (show::range(latest.main.range.as_deref())) } }
                td data-label="Trend" { (spark::view(&measured.name, &measured.trend)) }
            },
        }
    }
}

/// The value, or the values of its parts where it has none of its own.
#[must_use]
pub fn value(reading: &Observed) -> Markup {
    html! {
        @if reading.main.value.is_some() || reading.parts.is_empty() {
            (show::measure(&reading.main))
        } @else {
            @for part in &reading.parts { span class="part" { (part.name) ": " (show::measure(part)) } " " }
        }
        @if let Some(status) = &reading.status { " " span class="chip warn" { (status) } }
    }
}

fn value_quiet(reading: &Observed) -> Markup {
    html! { @match &reading.main.value { Some(value) => (show::marked(value, Flag::Unknown)), None => (value(reading)) } }
}
