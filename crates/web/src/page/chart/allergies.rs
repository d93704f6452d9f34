//! Allergies: listed, none known, or not asked.

use super::ask::{self, View};
use super::{allergy_form, gone};
use crate::component::{banner, list, show};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::chart::allergy::{Allergies, Allergy, Known};
use clinic::{Action, Caller};
use fhir::Kind;
use maud::{Markup, html};

/// `GET /patients/{id}/allergies`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &query)?;
    let loaded = ask.release(ask.load(&[]).await?, "allergies").await?;
    let allergies = loaded.allergies.clone().unwrap_or_default();
    let gone = gone::of(&loaded, &[Kind::ALLERGY_INTOLERANCE]);
    let now = query.day()?.is_none();
    let acts = if now {
        allergy_form::acts(&ui, &loaded.banner, &allergies)
    } else {
        html! {}
    };
    let writes = now && ui.may(Action::WriteObservations);
    let body = view((loaded.banner.id.as_str(), writes), &allergies, &gone, &acts);
    Ok(banner::page(&ui, &loaded.banner, query.place("allergies")?, "Allergies", &body))
}

/// The section; whose it is, and whether it is changed from here.
#[must_use]
pub fn view(patient: (&str, bool), allergies: &Allergies, gone: &Markup, acts: &Markup) -> Markup {
    html! {
        main id="main" class="page" {
            header class="page-head" { h2 { "Allergies" } (acts) }
            (contradiction(allergies))
            @match allergies.known {
                Known::NotAsked => section class="card" { (not_asked(allergies)) },
                Known::None => (list(patient, "None known", &allergies.denied)),
                Known::Listed => {
                    (list(patient, "Allergies and intolerances", &allergies.active))
                    (list(patient, "Asked and denied", &allergies.denied))
                },
            }
            (list(patient, "Inactive, resolved or refuted", &allergies.inactive))
            (list(patient, "Entered in error", &allergies.errors))
            (gone)
        }
    }
}

/// Said where nothing is in force and nobody recorded that there are none.
#[must_use]
pub fn not_asked(allergies: &Allergies) -> Markup {
    html! {
        @match allergies.ended() {
            None => p class="empty" { strong { "Not asked." } " Nobody has recorded whether there are any: ask." },
            Some(ended) => p class="empty" { strong { (ended) "." } " Nobody has recorded whether there are others: ask." },
        }
    }
}

/// Said where somebody recorded that there are none and something is listed: which of the two is wrong, only a person can tell.
#[must_use]
pub fn contradiction(allergies: &Allergies) -> Markup {
    html! {
        @if allergies.contradicted() {
            p class="notice warn" role="note" { "Says “" (allergies.denied.first().map_or("none known", |denied| denied.substance.as_str())) "”, but entries are listed: check with the patient, then mark the wrong one as entered in error." }
        }
    }
}

const COLUMNS: [&str; 6] = ["Substance", "Reaction", "Criticality", "Kind", "Began", "Recorded"];

fn list(patient: (&str, bool), heading: &str, allergies: &[Allergy]) -> Markup {
    let rows: Vec<_> = allergies.iter().map(|allergy| row(patient, allergy)).collect();
    list::card_of_any(heading, &COLUMNS, &rows)
}

fn row((patient, writes): (&str, bool), allergy: &Allergy) -> Markup {
    let kind: Vec<_> = [allergy.kind.clone(), allergy.category.clone()].into_iter().flatten().collect();
    html! {
        tr class=[allergy.entry.error.is_some().then_some("error")] {
            th scope="row" {
                (allergy.substance) (show::code(allergy.code.as_ref()))
                @if let Some(certainty) = &allergy.certainty { " " span class="chip warn" { (certainty) } }
                (show::marks(&allergy.entry))
                @if let Some(note) = &allergy.note { div class="prose muted" { (note) } }
            }
            td data-label="Reaction" {
                @if allergy.reactions.is_empty() { (show::missing()) } @else { (allergy.reactions.join(", ")) }
                @if allergy.severe { " " span class="chip bad" { "Severe" } }
            }
            td data-label="Criticality" { (show::words(allergy.criticality.as_deref())) }
            td data-label="Kind" { @if kind.is_empty() { (show::missing()) } @else { (kind.join(", ")) } }
            td data-label="Began" { (show::words(allergy.onset.as_deref())) }
            td data-label="Recorded" { (show::date(allergy.recorded.as_ref())) }
            td class="acts" {
                @if writes && allergy.changeable && allergy.entry.error.is_none() {
                    a class="btn small quiet noprint" href={ "/patients/" (patient) "/allergies/" (allergy.entry.key.id) } { "Change" span class="vh" { " " (allergy.substance) } }
                }
                (show::details(patient, &allergy.entry, &allergy.substance))
            }
        }
    }
}
