//! Medicines: active, on hold, proposed, stopped, of unknown status: never mixed, each with its count.

use super::ask::{self, View};
use crate::component::{banner, show};
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
    let body = view(loaded.banner.id.as_str(), &medicines);
    Ok(banner::page(&ui, &loaded.banner, query.place("medicines")?, "Medicines", &body))
}

/// The section.
#[must_use]
pub fn view(patient: &str, medicines: &Medicines) -> Markup {
    html! {
        main id="main" class="page" {
            header class="page-head" { h2 { "Medicines" } }
            (list(patient, "Active medicines", &medicines.active, true))
            (list(patient, "On hold", &medicines.held, false))
            (list(patient, "Proposed, not yet prescribed", &medicines.proposed, false))
            (list(patient, "Status unknown", &medicines.unclear, false))
            (list(patient, "Stopped and completed", &medicines.stopped, false))
            (list(patient, "Entered in error", &medicines.errors, false))
        }
    }
}

fn list(patient: &str, heading: &str, medicines: &[Medicine], active: bool) -> Markup {
    if medicines.is_empty() && !active {
        return html! {};
    }
    html! {
        section class="card" {
            header { h2 { (heading) " " span class="count" { (medicines.len()) } } }
            @if medicines.is_empty() { p class="empty" { strong { "No active medicines recorded." } } } @else {
                table class="list" {
                    caption class="vh" { (heading) }
                    thead { tr {
                        th scope="col" { "Medicine" } th scope="col" { "How to take" } th scope="col" { "Since" }
                        @if !active { th scope="col" { "Status" } }
                        th scope="col" { "For" } th scope="col" { "Supply" } th scope="col" { "By" } th scope="col" { span class="vh" { "Details" } }
                    } }
                    tbody { @for medicine in medicines { (row(patient, medicine, active)) } }
                }
            }
        }
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
                    (medicine.status)
                    @if let Some(ended) = &medicine.ended { " " (show::date(Some(ended))) }
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
