//! The first page after sign-in: the charts opened last, and my patients.

use crate::component::{hit, layout};
use crate::{App, PageError, Ui};
use axum::extract::State;
use axum::response::IntoResponse;
use clinic::patient::commands::{self, Hit};
use clinic::patient::lists::{self, Mine};
use clinic::{Action, Caller};
use jiff::{ToSpan, civil::Date};
use maud::{Markup, html};

/// How many of each list are shown.
const SHOWN: u32 = 12;

/// What the page shows.
pub struct Home {
    /// Charts this user opened last, newest first.
    pub recent: Vec<Hit>,
    /// Whom they saw within twelve months, and whose general practitioner they are; `None` when they treat nobody.
    pub mine: Option<Mine>,
}

/// `GET /`
pub async fn show(State(app): State<App>, caller: Caller, ui: Ui) -> Result<impl IntoResponse, PageError> {
    let today = ui.now.to_zoned(ui.zone.clone()).date();
    if !caller.may(Action::ReadIdentity) {
        return Ok(view(&ui, &Home { recent: Vec::new(), mine: None }, today));
    }
    let store = app.store.as_ref();
    let action = if caller.may(Action::ReadClinical) { Action::ReadClinical } else { Action::ReadIdentity };
    let permit = caller.read_practice(action)?;
    let system = &ui.practice.record_number_system;
    let ids = store.recent_patients(caller.actor.id, SHOWN).await.map_err(clinic::Error::from)?;
    let recent = commands::by_ids(store, &permit, system, &ids).await?;
    let mine = lists::mine(store, &permit, system, &caller, today.saturating_sub(12.months())).await?;
    let mut entry = caller.entry("patient.list");
    entry.detail = "home".to_owned();
    let (recent, mine) = store.release(recent.zip(mine), entry).await.map_err(clinic::Error::from)?;
    // Only those who treat patients have patients of their own.
    let mine = (caller.actor.practitioner.is_some() && caller.may(Action::ReadClinical)).then_some(mine);
    Ok(view(&ui, &Home { recent, mine }, today))
}

/// The page.
#[must_use]
pub fn view(ui: &Ui, home: &Home, today: Date) -> Markup {
    let body = html! {
        main id="main" class="grid" {
            header class="page-head span-12" {
                h1 { "Home" }
                div class="acts" {
                    @if ui.may(Action::WriteIdentity) { a class="btn" href="/patients/new" data-key="n" { "Register a patient" } }
                }
            }
            @if ui.may(Action::ReadIdentity) {
                section class="card span-6" aria-labelledby="recent-title" {
                    header { h2 id="recent-title" { "Charts you opened last" } }
                    @if home.recent.is_empty() {
                        p class="empty" { strong { "No charts yet." } " Those you open will be listed here. "
                            a class="btn" href="/search" { "Find a patient" } }
                    } @else { (hit::list(&home.recent, today)) }
                }
            }
            @if let Some(mine) = &home.mine {
                section class="card span-6" aria-labelledby="mine-title" {
                    header { h2 id="mine-title" { "My patients" } @if !mine.hits.is_empty() { span class="muted" { "Those you saw last come first" } } }
                    @if mine.hits.is_empty() {
                        p class="empty" { strong { "None yet." } " Patients whose general practitioner you are, or whom you saw within twelve months." }
                    } @else {
                        (hit::list(&mine.hits, today))
                        @if mine.more { p class="pad muted" { "And more: find them by name." } }
                    }
                }
            }
            @if ui.may(Action::Manage) {
                section class="card span-6" aria-labelledby="manage-title" {
                    header { h2 id="manage-title" { "The practice" } }
                    ul class="rows" {
                        li { a class="lead" href="/users" { "Users" } span class="muted" { "Who may sign in, and what they may do" } }
                        li { a class="lead" href="/tokens" { "Tokens" } span class="muted" { "Programs that may use the FHIR API" } }
                        li { a class="lead" href="/templates" { "Templates" } span class="muted" { "What notes are begun from" } }
                        li { a class="lead" href="/shared-phrases" { "Phrases" } span class="muted" { "What a dot and a name bring into notes" } }
                        li { a class="lead" href="/settings" { "Settings" } span class="muted" { "Name, time zone, idle lock" } }
                    }
                }
            }
            @if ui.may(Action::Audit) {
                section class="card span-6" aria-labelledby="audit-title" {
                    header { h2 id="audit-title" { "Privacy" } }
                    ul class="rows" { li { a class="lead" href="/audit" { "Audit trail" } span class="muted" { "Who saw or changed what, when, from where" } } }
                }
            }
        }
    };
    layout::page(ui, "Home", None, &body)
}
