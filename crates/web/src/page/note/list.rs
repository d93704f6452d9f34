//! What is not signed yet: one's own drafts and what one is to cosign, and for the manager everybody's, to be handed over.

use super::address;
use crate::component::{layout, list, when};
use crate::{App, PageError, Ui};
use axum::extract::State;
use clinic::note::commands::may_have;
use clinic::note::{self, supervision::Supervision};
use clinic::patient::commands::by_ids;
use clinic::{Action, Caller};
use fhir::edit::correction::is_marked;
use fhir::{Id, Identity, Key, Kind, PatientId, json};
use maud::{Markup, html};
use std::collections::HashMap;
use store::Sealed;
use store::accounts::User;
use store::audit::Entry;
use store::draft::{Draft, DraftsOf};
use store::record::Stored;

/// `GET /drafts`
pub async fn mine(State(app): State<App>, caller: Caller, ui: Ui) -> Result<Markup, PageError> {
    let (waiting, who) = load(&app, &caller, &ui, DraftsOf::Author(caller.actor.id), Action::ReadClinical).await?;
    let (signed, drafts): (Vec<_>, Vec<_>) = waiting.iter().partition(|draft| draft.is_signed());
    let users = if signed.is_empty() { Vec::new() } else { app.store.users().await? };
    let mine: Vec<_> = drafts.iter().map(|draft| row(&ui, draft, &who, &html! {})).collect();
    let others = signed.iter().map(|draft| row(&ui, draft, &who, &author(&users, draft)));
    let others: Vec<_> = others.collect();
    let empty = html! { p class="empty" { strong { "Every note of yours is signed." } } };
    let body = html! {
        main id="main" class="page" {
            header class="page-head" { h1 { "Unsigned notes" } }
            (list::card("Drafts", Some(mine.len() as u64), &COLUMNS, &mine, &empty))
            (list::card_of_any("To cosign", &[&COLUMNS[..], &["Signed by"]].concat(), &others))
        }
    };
    Ok(layout::page(&ui, "Unsigned notes", None, &body))
}

const COLUMNS: [&str; 5] = ["Note", "Patient", "Born", "Record no.", "Changed"];

/// `GET /drafts/all`
pub async fn all(State(app): State<App>, caller: Caller, ui: Ui) -> Result<Markup, PageError> {
    let (drafts, who) = load(&app, &caller, &ui, DraftsOf::Practice, Action::AssignDrafts).await?;
    let users = app.store.users().await?;
    let supervision = Supervision::read(app.store.as_ref()).await?;
    let rows = drafts.iter().map(|draft| row(&ui, draft, &who, &hand_over(&ui, draft, &users, &supervision)));
    let rows: Vec<_> = rows.collect();
    let empty =
        html! { p class="empty" { strong { "No drafts." } " Every note is signed, and cosigned where it must be." } };
    let columns = [&COLUMNS[..], &["Waits for", "Hand to"]].concat();
    let body = html! {
        main id="main" class="page" {
            header class="page-head" { h1 { "Unsigned notes of the practice" } }
            p class="muted" { "Their text is shown only to those who treat. A draft of somebody who left is handed to a colleague, who reads and signs it; a note that waits for a cosignature to another cosigner." }
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
    let drafts = match action {
        Action::ReadClinical => counted(app, caller, drafts).await?,
        _ => drafts,
    };
    Ok(store.release(drafts.zip(who), Entry { ..caller.entry("note.list") }).await?)
}

/// Without signed notes that were marked as entered in error since: those are cosigned by nobody.
async fn counted(app: &App, caller: &Caller, drafts: Sealed<Vec<Draft>>) -> Result<Sealed<Vec<Draft>>, PageError> {
    let permit = caller.read_practice(Action::ReadClinical)?;
    let signed = drafts.for_decision().iter().filter(|draft| draft.is_signed());
    let keys: Vec<_> = signed.map(|draft| Key::new(Kind::COMPOSITION, Id::from_uuid(draft.id))).collect();
    let notes = app.store.read_many(&permit, &keys).await?;
    let is_error = |stored: &&Stored| json::parse(&stored.body).is_ok_and(|body| is_marked(&body));
    let errors: Vec<_> = notes.for_decision().iter().filter(is_error).map(|stored| stored.key.id.clone()).collect();
    Ok(drafts.map(|mut drafts| {
        drafts.retain(|draft| !errors.contains(&Id::from_uuid(draft.id)));
        drafts
    }))
}

/// One line; `end`: further cells.
fn row(ui: &Ui, draft: &Draft, who: &Who, end: &Markup) -> Markup {
    let known = who.get(&draft.patient);
    let today = ui.calendar().today;
    let open = ui.may(Action::WriteNotes);
    // The page of a draft that is a note by now leads on to it.
    html! {
        tr {
            th scope="row" { @if open { a href=(address(&draft.patient, draft.id)) { (draft.title) } } @else { (draft.title) } }
            td data-label="Patient" { (known.map_or_else(|| "not readable".to_owned(), Identity::display_name)) }
            td data-label="Born" class="date" { @if let Some(known) = known { (crate::component::born::of(known, today)) } }
            td data-label="Record no." class="id" { @if let Some(known) = known { (clinic::patient::identity::spaced(&known.record_number)) } }
            td data-label="Changed" class="date" { (when::moment(draft.changed_at, &ui.zone)) }
            (end)
        }
    }
}

fn author(users: &[User], draft: &Draft) -> Markup {
    let author = users.iter().find(|user| user.id == draft.author);
    html! { td data-label="Signed by" { (author.map_or("account unknown", |author| author.display_name.as_str())) } }
}

fn hand_over(ui: &Ui, draft: &Draft, users: &[User], supervision: &Supervision) -> Markup {
    let whose = draft.waits_for();
    let now = users.iter().find(|user| Some(user.id) == whose);
    let may = |user: &&User| Some(user.id) != whose && may_have(draft, user, supervision);
    html! {
        td data-label="Waits for" {
            (now.map_or("account unknown", |user| user.display_name.as_str()))
            @if draft.is_signed() { " " span class="chip info" { "to cosign" } }
            @if now.is_none_or(|user| user.disabled_at.is_some()) { " " span class="chip warn" { "left" } }
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
