//! The diagnoses of a visit, by rank: moved up and down, put on the problem list in one key.

use crate::component::show;
use crate::form::Form;
use crate::page::trail;
use crate::said::{self, Said};
use crate::{App, PageError, Ui};
use axum::extract::{Path, State};
use axum::response::Response;
use clinic::chart::care::Visit;
use clinic::diagnosis::{self, AtVisit, Ranked};
use clinic::visit::State as VisitState;
use clinic::{Action, Caller, Error};
use fhir::{Id, Key, Kind, PatientId};
use maud::{Markup, html};
use reference::icd10cm::{Conflict, Icd10cm};
use serde::Deserialize;

/// What the form posts: the order that was shown, and which diagnosis moves.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Move {
    patient: String,
    version: String,
    /// Ids, separated by spaces.
    order: String,
    up: String,
    down: String,
}

/// `POST /visits/{visit}/diagnoses`
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    Path(visit): Path<String>,
    Form(sent): Form<Move>,
) -> Result<Response, PageError> {
    let patient = PatientId::parse(&sent.patient).map_err(|_| PageError::bad_form())?;
    let at = AtVisit { id: Id::parse(&visit).map_err(|_| PageError::not_found())?, version: sent.version.parse().ok() };
    let (order, moved) = order(&sent).ok_or_else(PageError::bad_form)?;
    match diagnosis::rank(app.store.as_ref(), &caller, &patient, &at, &order).await {
        // The one that moved is where the page opens, and where the Tab key goes on from.
        Ok(()) => Ok(said::then(&format!("/visits/{}#diagnosis-{moved}", at.id), Said::Ranked)),
        Err(error) => {
            if !matches!(error, Error::NotFound) {
                trail::failed(&app, &caller, "diagnosis.rank", &[patient], None, &error).await?;
            }
            Err(error.into())
        }
    }
}

/// The order to come, and which one moved.
fn order(sent: &Move) -> Option<(Vec<Key>, Id)> {
    let mut order = Vec::new();
    for id in sent.order.split_whitespace() {
        order.push(Key::new(Kind::CONDITION, Id::parse(id).ok()?));
    }
    let (moving, up) = if sent.up.is_empty() { (&sent.down, false) } else { (&sent.up, true) };
    let at = order.iter().position(|key| key.id.as_str() == moving)?;
    let to = if up { at.checked_sub(1) } else { Some(at + 1) }.filter(|to| *to < order.len())?;
    order.swap(at, to);
    let moved = order.get(to)?.id.clone();
    Some((order, moved))
}

/// Whether this user says what was diagnosed in a visit: one that took place.
#[must_use]
pub fn may_diagnose(ui: &Ui, visit: &Visit) -> bool {
    ui.may(Action::WriteClinical) && visit.entry.error.is_none() && visit.state != Some(VisitState::Cancelled)
}

/// The card. `may`: whether diagnoses are added, ranked and promoted here; `codes` are those of the visit's day.
#[must_use]
pub fn card(ui: &Ui, patient: &str, visit: &Visit, (diagnoses, codes): (&[Ranked], &Icd10cm), may: bool) -> Markup {
    let ranked: Vec<&Ranked> = diagnoses.iter().filter(|one| one.ranked).collect();
    let ids: Vec<_> = ranked.iter().map(|one| one.problem.entry.key.id.as_str()).collect();
    let moves = may && ids.len() > 1;
    html! {
        section class="card" id="diagnoses" aria-labelledby="diagnoses-title" {
            header {
                h2 id="diagnoses-title" { "Diagnoses " span class="count" { (diagnoses.iter().filter(|one| one.counts).count()) } }
                @if may { a class="btn small noprint" href={ "/patients/" (patient) "/problems/new?visit=" (visit.entry.key.id) } data-key="x" { "Add diagnosis" } }
            }
            @if diagnoses.is_empty() { p class="empty" { strong { "No diagnosis recorded in this visit." } } }
            @if moves {
                form id="rank" method="post" action={ "/visits/" (visit.entry.key.id) "/diagnoses" } {
                    (ui.csrf_field())
                    input type="hidden" name="patient" value=(patient);
                    input type="hidden" name="version" value=(visit.entry.version);
                    input type="hidden" name="order" value=(ids.join(" "));
                }
            }
            ol class="rows" {
                @for one in diagnoses {
                    @let place = ids.iter().position(|id| *id == one.problem.entry.key.id.as_str());
                    (line(ui, patient, visit, one, place.filter(|_| moves).map(|place| (place, ids.len())), may))
                }
            }
            (conflicts(diagnoses, codes))
        }
    }
}

fn line(ui: &Ui, patient: &str, visit: &Visit, one: &Ranked, place: Option<(usize, usize)>, may: bool) -> Markup {
    let Ranked { problem, on_list, .. } = one;
    let id = &problem.entry.key.id;
    html! {
        li id={ "diagnosis-" (id) } class=[(!one.counts).then_some("error")] {
            @if one.ranked && one.counts { @if let Some((place, _)) = place { span class="count" { (place + 1) } } }
            a class="lead" href={ "/patients/" (patient) "/problems/" (id) } { (problem.words) }
            (show::code(problem.code.as_ref())) (show::marks(&problem.entry))
            span class="muted" { (problem.status) }
            @if let Some(said) = &problem.certainty { span class="chip warn" { (said) } }
            div class="end acts noprint" {
                @if let Some((place, of)) = place {
                    button class="btn small" form="rank" name="up" value=(id) disabled[place == 0] { "Up" span class="vh" { ": " (problem.words) } }
                    button class="btn small" form="rank" name="down" value=(id) disabled[place + 1 == of] { "Down" span class="vh" { ": " (problem.words) } }
                }
                @if *on_list { span class="chip quiet" { "On the problem list" } }
                @else if may && one.counts {
                    form method="post" action={ "/patients/" (patient) "/problems/" (id) "/promote" } {
                        (ui.csrf_field())
                        input type="hidden" name="patient" value=(patient);
                        input type="hidden" name="version" value=(problem.entry.version);
                        input type="hidden" name="visit" value=(visit.entry.key.id);
                        button class="btn small" data-key="y" { "Put on the problem list" span class="vh" { ": " (problem.words) } }
                    }
                }
            }
        }
    }
}

/// What the code list does not let stand together.
fn conflicts(diagnoses: &[Ranked], codes: &Icd10cm) -> Markup {
    let own: Vec<_> = diagnoses.iter().filter(|one| one.counts).filter_map(|one| one.problem.code.as_ref()).collect();
    let own: Vec<_> =
        own.into_iter().filter(|code| code.system == "ICD-10-CM").map(|code| code.code.as_str()).collect();
    let mut found: Vec<Conflict<'_>> = Vec::new();
    for (place, one) in own.iter().enumerate() {
        found.extend(own.iter().skip(place + 1).filter_map(|other| codes.excludes1(one, other)));
    }
    html! {
        @if !found.is_empty() {
            div class="notice warn" {
                p { strong { "Not coded together, says ICD-10-CM (Excludes1):" } }
                ul { @for conflict in &found { li { (conflict.of) " excludes " (conflict.excluded) ": " q { (conflict.words) } } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(order: &str, up: &str, down: &str) -> Option<String> {
        let sent = Move { order: order.into(), up: up.into(), down: down.into(), ..Move::default() };
        let (order, _) = super::order(&sent)?;
        Some(order.iter().map(|key| key.id.as_str()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn one_goes_up_or_down_by_one_place() {
        assert_eq!(moved("a b c", "b", "").as_deref(), Some("b a c"));
        assert_eq!(moved("a b c", "", "b").as_deref(), Some("a c b"));
        for (up, down) in [("a", ""), ("", "c"), ("x", ""), ("", "")] {
            assert_eq!(moved("a b c", up, down), None, "{up} {down}");
        }
    }
}
