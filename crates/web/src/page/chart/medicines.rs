//! Medicines: not to be given, active, with their course ended, on hold, proposed, stopped, of unknown status: never mixed, each with its count.

use super::ask::{self, View};
use super::gone;
use crate::component::{banner, list, show};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::Caller;
use clinic::chart::medicine::{Medicine, Medicines};
use fhir::Kind;
use maud::{Markup, html};
use store::record::Slice;

/// `GET /patients/{id}/medicines`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &query)?;
    let slices = [Slice::all(Kind::MEDICATION_REQUEST), Slice::all(Kind::MEDICATION_STATEMENT)];
    let loaded = ask.release(ask.load(&slices).await?, "medicines").await?;
    let mut medicines = Medicines::of(loaded.rows(0), &loaded.reading);
    medicines.add(Medicines::of(loaded.rows(1), &loaded.reading));
    let gone = gone::of(&loaded, &[Kind::MEDICATION_REQUEST, Kind::MEDICATION_STATEMENT]);
    let body = view(loaded.banner.id.as_str(), &medicines, &gone);
    Ok(banner::page(&ui, &loaded.banner, query.place("medicines")?, "Medicines", &body))
}

/// The section.
#[must_use]
pub fn view(patient: &str, medicines: &Medicines, gone: &Markup) -> Markup {
    html! {
        main id="main" class="page" {
            header class="page-head" { h2 { "Medicines" } }
            (withheld(patient, &medicines.withheld))
            (list(patient, "Active medicines", &medicines.active, true))
            (list(patient, "Course ended, still recorded as active", &medicines.ended, false))
            (list(patient, "On hold", &medicines.held, false))
            (list(patient, "Proposed, not yet prescribed", &medicines.proposed, false))
            (list(patient, "Status unknown", &medicines.unclear, false))
            (list(patient, "Stopped and completed", &medicines.stopped, false))
            (list(patient, "Entered in error", &medicines.errors, false))
            (gone)
        }
    }
}

/// Orders that something must not be given stand first and apart: read as a prescription, one would do harm.
fn withheld(patient: &str, medicines: &[Medicine]) -> Markup {
    let row = |medicine: &Medicine| {
        html! {
            tr class=[medicine.entry.error.is_some().then_some("error")] {
                th scope="row" { (not_given(medicine)) (show::marks(&medicine.entry))
                    @if let Some(sig) = &medicine.sig { div class="muted" { "Named in the order: " (sig) } }
                    @if let Some(note) = &medicine.note { div class="prose muted" { (note) } } }
                td data-label="Reason" { (show::words(why_not(medicine).as_deref())) }
                td data-label="Since" class="date" { (show::date(medicine.since.as_ref())) }
                td data-label="Status" { (medicine.status) }
                td data-label="By" { (show::words(medicine.by.as_deref())) }
                td class="acts" { (show::details(patient, &medicine.entry, &medicine.name)) }
            }
        }
    };
    let rows: Vec<_> = medicines.iter().map(row).collect();
    list::card_of_any("Not to be given", &["Medicine", "Reason", "Since", "Status", "By"], &rows)
}

/// The name of what must not be given, with its warning.
#[must_use]
pub fn not_given(medicine: &Medicine) -> Markup {
    html! { strong class="drug" { (medicine.name) } " " span class="chip warn" { "Do not give" } }
}

/// Why it must not be given: the reason of the order, and of its status, as far as said.
#[must_use]
pub fn why_not(medicine: &Medicine) -> Option<String> {
    let said: Vec<_> = [&medicine.reason, &medicine.status_reason].into_iter().flatten().map(String::as_str).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

const ACTIVE: [&str; 6] = ["Medicine", "How to take", "Since", "For", "Supply", "By"];
const OTHER: [&str; 7] = ["Medicine", "How to take", "Since", "Status", "For", "Supply", "By"];

fn list(patient: &str, heading: &str, medicines: &[Medicine], active: bool) -> Markup {
    let rows: Vec<_> = medicines.iter().map(|medicine| row(patient, medicine, active)).collect();
    if active {
        list::card(heading, Some(rows.len() as u64), &ACTIVE, &rows, &show::none("No active medicines recorded."))
    } else {
        list::card_of_any(heading, &OTHER, &rows)
    }
}

fn row(patient: &str, medicine: &Medicine, active: bool) -> Markup {
    let class = if medicine.entry.error.is_some() { Some("error") } else { (!active).then_some("stopped") };
    html! {
        tr class=[class] {
            th scope="row" {
                strong class="drug" { (medicine.name) }
                @if medicine.reported { " " span class="chip quiet" { "Reported" } }
                (show::marks(&medicine.entry))
                @if let Some(note) = &medicine.note { div class="prose muted" { (note) } }
            }
            td data-label="How to take" { @match &medicine.sig { Some(sig) => (sig), None => span class="missing" { "directions not recorded" } } }
            td data-label="Since" class="date" { (show::date(medicine.since.as_ref())) }
            @if !active {
                td data-label="Status" {
                    @if medicine.status == "Course ended" { span class="chip warn" { "Course ended " (show::date(medicine.ended.as_ref())) } } @else { (medicine.status) }
                    @if let (Some(ended), true) = (&medicine.ended, medicine.status != "Course ended") { " " (show::date(Some(ended))) }
                    @if let Some(reason) = &medicine.status_reason { ": " (reason) }
                }
            }
            td data-label="For" { (show::words(medicine.reason.as_deref())) }
            td data-label="Supply" { (show::words(medicine.supply.as_deref())) }
            td data-label="By" { (show::words(medicine.by.as_deref())) }
            td class="acts" { (show::details(patient, &medicine.entry, &medicine.name)) }
        }
    }
}
