//! Who viewed this chart: all accesses for those who audit, one's own for the others.

use super::ask::{self, View};
use crate::component::{banner, show};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use clinic::chart::change::Access;
use clinic::{Action, Caller};
use maud::{Markup, html};
use store::audit::Outcome;

/// `GET /patients/{id}/access`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(query): Query<View>,
) -> Result<Markup, PageError> {
    let ask = ask::of(&app, &caller, &ui, &id, &query)?;
    let (loaded, accesses, next) = ask.accesses(query.sequence()?).await?;
    let body = view(loaded.banner.id.as_str(), &accesses, caller.may(Action::Audit), next);
    Ok(banner::page(&ui, &loaded.banner, query.place("access")?, "Who viewed", &body))
}

/// The section.
#[must_use]
pub fn view(patient: &str, accesses: &[Access], all: bool, next: Option<u64>) -> Markup {
    let shown: usize = accesses.iter().map(|access| 1 + access.earlier.len()).sum();
    html! {
        main id="main" class="page" {
            header class="page-head" { h2 { "Who viewed" } }
            section class="card" {
                header { h2 { @if all { "Every access to this chart" } @else { "Your own accesses to this chart" } } }
                @if !all { p class="pad muted" { "Only what you did yourself is listed here. Who else viewed this chart, the privacy officer sees." } }
                @if accesses.is_empty() { p class="empty" { strong { "None recorded before this one." } } } @else {
                    table class="list" {
                        caption class="vh" { "Accesses, newest first" }
                        thead { tr { th scope="col" { "When" } th scope="col" { "Who" } th scope="col" { "Role" } th scope="col" { "What" } th scope="col" { "Why" } } }
                        tbody { @for access in accesses { (row(access)) } }
                    }
                }
            }
            @if let Some(next) = next {
                nav class="pager" aria-label="Pages" { span { (shown) " shown" } a class="btn" rel="next" href={ "/patients/" (patient) "/access?before=" (next) } { "Older" } }
            }
        }
    }
}

fn row(access: &Access) -> Markup {
    html! {
        tr {
            th scope="row" { (show::moment(Some(&access.when))) }
            td data-label="Who" { (access.who) }
            td data-label="Role" { (access.role) }
            td data-label="What" {
                (access.deed)
                @if !access.earlier.is_empty() {
                    details class="more" {
                        summary { (access.earlier.len() + 1) " " (access.sort) ", one after another" }
                        @for when in [&access.when].into_iter().chain(&access.earlier) { div { (show::moment(Some(when))) } }
                    }
                }
                @match access.outcome {
                    Outcome::Done => {},
                    Outcome::Refused => { " " span class="chip bad" { "Refused" } },
                    Outcome::Failed => { " " span class="chip warn" { "Failed" } },
                }
            }
            td data-label="Why" { @if access.why.is_empty() { span class="muted" { "none asked" } } @else { (access.why) } }
        }
    }
}
