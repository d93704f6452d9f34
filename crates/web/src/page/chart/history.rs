//! History: past illnesses, operations, family by relative, social and obstetric answers; who went through each, and what was changed since.

use super::ask::{self, View};
use super::history_review;
use super::summary::value;
use crate::component::{banner, show};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::chart::allergy::Known;
use clinic::chart::banner::Banner;
use clinic::chart::care::{Procedure, Relative};
use clinic::chart::problem::Problem;
use clinic::chart::result::Observed;
use clinic::chart::row::count_of;
use clinic::chart::{Handle, When};
use clinic::history::told::Review;
use clinic::history::{Section, Told, Whole};
use clinic::{Action, Caller};
use maud::{Markup, html};

/// `GET /patients/{id}/history`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &query)?;
    let (loaded, whole) = ask.told().await?;
    let writes = query.day()?.is_none() && ui.may(Action::WriteObservations);
    let body = view(&ui, &loaded.banner, &whole, writes);
    Ok(banner::page(&ui, &loaded.banner, query.place("history")?, "History", &body))
}

/// The page.
#[must_use]
pub fn view(ui: &Ui, banner: &Banner, whole: &Whole, writes: bool) -> Markup {
    html! {
        main id="main" class="grid" {
            header class="page-head span-12" { h2 { "History" } }
            @for told in &whole.sections { (section(ui, banner, told, whole, writes)) }
        }
    }
}

fn section(ui: &Ui, banner: &Banner, told: &Told, whole: &Whole, writes: bool) -> Markup {
    let Told { section, known, review, .. } = told;
    let (slug, patient) = (section.slug(), banner.id.as_str());
    let (add, what) = match section {
        Section::Medical => ("Add", " a past illness"),
        Section::Surgical => ("Add", " an operation"),
        Section::Family => ("Add", " a relative"),
        Section::Social => ("Update", " the social history"),
        Section::Obstetric => ("Update", " the obstetric history"),
    };
    html! {
        section class="card span-6" aria-labelledby=(slug) {
            header {
                h3 id=(slug) { (section.title()) }
                @if writes {
                    a class="btn small noprint" href={ "/patients/" (patient) "/history/" (slug) "/new" } data-key=[(*section == Section::Medical).then_some("n")]
                        data-does=[(*section == Section::Medical).then_some("Add a past illness")] { (add) span class="vh" { (what) } }
                }
            }
            @match known {
                Known::NotAsked => p class="empty" { strong { "Not asked." } " Nobody has recorded whether there is anything: ask." },
                Known::None => p class="empty" { strong { (section.none()) "." } },
                Known::Listed => {},
            }
            @if *known == Known::Listed || in_error(*section, whole) { (entries(patient, *section, whole, writes)) }
            @if *section == Section::Medical && whole.problems > 0 {
                p class="muted" { a href={ "/patients/" (patient) "/problems" } { (count_of(whole.problems, "active problem")) } " on the problem list" }
            }
            @if *section == Section::Surgical && whole.other_procedures > 0 {
                p class="muted" { a href={ "/patients/" (patient) "/procedures" } { (count_of(whole.other_procedures, "other procedure")) } " not called surgical" }
            }
            footer class="actions" {
                (reviewed(*section, review.as_ref(), *known))
                @if writes { (history_review::acts(ui, banner, told)) }
            }
        }
    }
}

/// Whether entries marked in error are listed, struck through.
fn in_error(section: Section, whole: &Whole) -> bool {
    match section {
        Section::Surgical => whole.operations.iter().any(|one| one.entry.error.is_some()),
        Section::Family => whole.family.iter().any(|one| one.entry.error.is_some()),
        _ => false,
    }
}

/// Who went through it, and whether it is still so.
fn reviewed(section: Section, review: Option<&Review>, known: Known) -> Markup {
    html! {
        p {
            @match review {
                None => { "Not reviewed yet" },
                Some(review) => {
                    @if review.none && known == Known::Listed { "“" (section.none()) "” said " } @else if review.none { "Asked " } @else { "Reviewed " }
                    (by(Some(&review.when), review.by.as_deref()))
                    @if let Some(since) = &review.since {
                        " " span class="chip warn" {
                            "Changed since"
                            @if since.when.is_some() { ": " (by(since.when.as_ref(), since.by.as_deref())) } @else { ": an entry is no longer here" }
                        }
                    }
                },
            }
        }
    }
}

fn by(when: Option<&When>, who: Option<&str>) -> Markup {
    html! { (show::moment(when)) @if let Some(who) = who { " by " (who) } }
}

fn entries(patient: &str, section: Section, whole: &Whole, writes: bool) -> Markup {
    let change = |entry: &Handle, what: &str| {
        html! {
            @if writes && entry.error.is_none() && whole.changeable.contains(&entry.key) {
                a class="btn small quiet noprint" href={ "/patients/" (patient) "/history/" (section.slug()) "/" (entry.key.id) } { "Change" span class="vh" { " " (what) } }
            }
            (show::details(patient, entry, what))
        }
    };
    html! {
        @match section {
            Section::Medical => ul class="rows" { @for problem in &whole.illnesses { (illness(problem, &change(&problem.entry, &problem.words))) } },
            Section::Surgical => ul class="rows" { @for operation in &whole.operations { (of_operation(operation, &change(&operation.entry, &operation.words))) } },
            Section::Family => ul class="rows" { @for relative in &whole.family { (of_relative(relative, &change(&relative.entry, &relative.relation))) } },
            Section::Social => (answers(patient, &whole.social)),
            Section::Obstetric => (answers(patient, &whole.obstetric)),
        }
    }
}

fn illness(problem: &Problem, acts: &Markup) -> Markup {
    html! {
        li {
            span class="lead" { (problem.words) } (show::code(problem.code.as_ref()))
            " " span class="muted" { (problem.status) }
            @if let Some(certainty) = &problem.certainty { " " span class="chip warn" { (certainty) } }
            (show::marks(&problem.entry))
            span class="end" { span class="nb" { (problem.onset.as_deref().unwrap_or("onset not recorded")) } @if let Some(ended) = &problem.ended { " to " span class="nb" { (ended) } } " " (acts) }
            @if let Some(note) = &problem.note { div class="prose muted" { (note) } }
        }
    }
}

fn of_operation(operation: &Procedure, acts: &Markup) -> Markup {
    html! {
        li class=[operation.entry.error.is_some().then_some("error")] {
            span class="lead" { (operation.words) @if let Some(site) = &operation.site { ", " (site) } } (show::code(operation.code.as_ref()))
            @if let Some(status) = operation.status.as_ref().filter(|_| operation.entry.error.is_none()) { " " span class="chip warn" { (status) } }
            (show::marks(&operation.entry))
            @for said in [&operation.reason, &operation.by, &operation.place, &operation.outcome].into_iter().flatten() { " " span class="muted" { (said) } }
            span class="end" { span class="nb" { (operation.performed.as_deref().unwrap_or("date not recorded")) } " " (acts) }
            @if let Some(note) = &operation.note { div class="prose muted" { (note) } }
        }
    }
}

fn of_relative(relative: &Relative, acts: &Markup) -> Markup {
    html! {
        li class=[relative.entry.error.is_some().then_some("error")] {
            span class="lead" { (relative.relation) @if let Some(name) = &relative.name { ", " (name) } }
            @if let Some(life) = &relative.life { " " span class="muted" { (life) } }
            (show::marks(&relative.entry))
            span { @if relative.conditions.is_empty() { span class="missing" { "no conditions recorded" } } @else { (relative.conditions.join("; ")) } }
            span class="end" { (acts) }
            @if let Some(note) = &relative.note { div class="prose muted" { (note) } }
        }
    }
}

fn answers(patient: &str, answers: &[Observed]) -> Markup {
    html! {
        dl class="details" {
            @for answer in answers {
                div { dt { a href=(show::entry_path(patient, &answer.entry)) { (answer.main.name) } } dd { (value(answer)) " " span class="muted" { (show::date(answer.when.as_ref())) } } }
            }
        }
    }
}
