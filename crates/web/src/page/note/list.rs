//! What is not signed yet: one's own drafts, and for the manager everybody's, to be handed over.

use super::address;
use crate::component::{layout, list, when};
use crate::{App, PageError, Ui};
use axum::extract::State;
use clinic::note::{self, NoteKind};
use clinic::patient::commands::by_ids;
use clinic::{Action, Caller};
use fhir::{Identity, PatientId};
use maud::{Markup, html};
use std::collections::HashMap;
use store::accounts::User;
use store::audit::Entry;
use store::draft::{Draft, DraftsOf};

/// `GET /drafts`
pub async fn mine(State(app): State<App>, caller: Caller, ui: Ui) -> Result<Markup, PageError> {
    let (drafts, who) = load(&app, &caller, &ui, DraftsOf::Author(caller.actor.id), Action::ReadClinical).await?;
    let rows: Vec<_> = drafts.iter().map(|draft| row(&ui, draft, &who, None)).collect();
    let empty = html! { p class="empty" { strong { "Every note of yours is signed." } } };
    let body = html! {
        main id="main" class="page" {
            header class="page-head" { h1 { "Unsigned notes" } }
            (list::card("Drafts", Some(drafts.len() as u64), &["Note", "Patient", "Born", "Record no.", "Changed"], &rows, &empty))
        }
    };
    Ok(layout::page(&ui, "Unsigned notes", None, &body))
}

/// `GET /drafts/all`
pub async fn all(State(app): State<App>, caller: Caller, ui: Ui) -> Result<Markup, PageError> {
    let (drafts, who) = load(&app, &caller, &ui, DraftsOf::Practice, Action::AssignDrafts).await?;
    let users = app.store.users().await?;
    let rows: Vec<_> = drafts.iter().map(|draft| row(&ui, draft, &who, Some(&users))).collect();
    let empty = html! { p class="empty" { strong { "No drafts." } " Every note is signed." } };
    let columns = ["Note", "Patient", "Born", "Record no.", "Changed", "Author", "Hand to"];
    let body = html! {
        main id="main" class="page" {
            header class="page-head" { h1 { "Unsigned notes of the practice" } }
            p class="muted" { "Their text is shown only to those who treat. A draft of somebody who left is handed to a colleague, who reads and signs it." }
            (list::card("Drafts", Some(drafts.len() as u64), &columns, &rows, &empty))
        }
    };
    Ok(layout::page(&ui, "Unsigned notes of the practice", None, &body))
}

type Who = HashMap<PatientId, Identity>;

async fn load(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    of: DraftsOf,
    action: Action,
) -> Result<(Vec<Draft>, Who), PageError> {
    let store = app.store.as_ref();
    let drafts = note::drafts(store, caller, of).await?;
    let patients: Vec<_> = drafts.for_decision().iter().map(|draft| draft.patient.clone()).collect();
    let permit = caller.read_practice(action)?;
    let who = by_ids(store, &permit, &ui.practice.record_number_system, &patients).await?;
    let named = |hit: clinic::patient::commands::Hit| Some((hit.identity.id.clone()?, hit.identity));
    let who = who.map(|hits| hits.into_iter().filter_map(named).collect::<Who>());
    Ok(store.release(drafts.zip(who), Entry { ..caller.entry("note.list") }).await?)
}

fn row(ui: &Ui, draft: &Draft, who: &Who, users: Option<&[User]>) -> Markup {
    let known = who.get(&draft.patient);
    let today = ui.calendar().today;
    html! {
        tr {
            th scope="row" { @match users { None => { a href=(address(&draft.patient, draft.id)) { (draft.title) } }, Some(_) => (draft.title) } }
            td data-label="Patient" { (known.map_or_else(|| "not readable".to_owned(), Identity::display_name)) }
            td data-label="Born" class="date" { @if let Some(known) = known { (crate::component::born::of(known, today)) } }
            td data-label="Record no." class="id" { @if let Some(known) = known { (clinic::patient::identity::spaced(&known.record_number)) } }
            td data-label="Changed" class="date" { (when::moment(draft.changed_at, &ui.zone)) }
            @if let Some(users) = users { (hand_over(ui, draft, users)) }
        }
    }
}

fn hand_over(ui: &Ui, draft: &Draft, users: &[User]) -> Markup {
    let author = users.iter().find(|user| user.id == draft.author);
    let kind = NoteKind::of(&draft.kind);
    let may = |user: &&User| {
        user.disabled_at.is_none() && user.id != draft.author && kind.is_some_and(|kind| kind.may_sign(Some(user.role)))
    };
    html! {
        td data-label="Author" {
            (author.map_or("account unknown", |author| author.display_name.as_str()))
            @if author.is_none_or(|author| author.disabled_at.is_some()) { " " span class="chip warn" { "left" } }
        }
        td data-label="Hand to" class="acts" {
            form class="line" method="post" action={ (address(&draft.patient, draft.id)) "/reassign" } {
                (ui.csrf_field())
                input type="hidden" name="patient" value=(draft.patient);
                select name="to" aria-label={ "Hand " (draft.title) " to" } { @for user in users.iter().filter(may) { option value=(user.id) { (user.display_name) } } }
                button class="btn small" { "Hand over" }
            }
        }
    }
}
