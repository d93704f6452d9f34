//! The audit trail: all of it for the privacy officer, their own accesses for everybody else who may see charts.

use super::users::role_words;
use crate::caller::Ui;
use crate::component::form::{Field, error_summary, select};
use crate::component::when::moment;
use crate::component::{hit, layout};
use crate::error::PageError;
use crate::form::Form;
use crate::state::App;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use clinic::audit::{self, ACTIONS, AuditForm, AuditPage, Row, Whose};
use clinic::patient::identity::{Identity, spaced};
use clinic::{Caller, Error, FieldError};
use maud::{Markup, html};
use serde::Deserialize;
use store::audit::Outcome;

/// The form's fields.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    patient: String,
    patient_id: String,
    user: String,
    action: String,
    outcome: String,
    from: String,
    until: String,
    before: String,
}

impl Fields {
    fn form(&self) -> AuditForm {
        let Self { patient, patient_id, user, action, outcome, from, until, before } = self.clone();
        AuditForm { patient, patient_id, user, action, outcome, from, until, before }
    }

    /// All of it as hidden fields, but for one that is given anew.
    fn hidden(&self, name: &str, value: &str) -> Markup {
        let all = [
            ("patient", &self.patient),
            ("patient_id", &self.patient_id),
            ("user", &self.user),
            ("action", &self.action),
            ("outcome", &self.outcome),
            ("from", &self.from),
            ("until", &self.until),
        ];
        html! {
            @for (field, kept) in all.iter().filter(|(field, kept)| *field != name && !kept.is_empty()) {
                input type="hidden" name=(field) value=(kept);
            }
            input type="hidden" name=(name) value=(value);
        }
    }
}

/// What the page shows.
pub struct View<'a> {
    /// Whose entries.
    pub whose: Whose,
    /// Id and name of everybody who may be asked about; empty for one's own.
    pub users: &'a [(String, String)],
    /// What was asked.
    pub typed: &'a Fields,
    /// What was found; nothing before the first search and when something is to be mended.
    pub found: Option<&'a AuditPage>,
    /// What to mend.
    pub errors: &'a [FieldError],
}

fn address(whose: Whose) -> &'static str {
    match whose {
        Whose::Everybody => "/audit",
        Whose::Own => "/audit/mine",
    }
}

/// The page.
#[must_use]
pub fn view(ui: &Ui, view: &View) -> Markup {
    let title = if view.whose == Whose::Everybody { "Audit trail" } else { "What I looked at" };
    let body = html! {
        main id="main" class="page" {
            header class="page-head" { h1 { (title) } @if view.found.is_some_and(|found| found.choices.is_none()) { div class="acts" { (export_button(ui, view)) } } }
            (error_summary(view.errors))
            (filters(ui, view))
            @if let Some(found) = view.found {
                @if let Some(choices) = &found.choices { (which_patient(ui, view, choices)) } @else { (list(ui, view, found)) }
            }
        }
    };
    layout::page(ui, title, None, &body)
}

fn filters(ui: &Ui, view: &View) -> Markup {
    let View { typed, errors, .. } = view;
    let mut users = vec![("", "Everybody")];
    users.extend(view.users.iter().map(|(id, name)| (id.as_str(), name.as_str())));
    let mut actions = vec![("", "Anything")];
    actions.extend(ACTIONS);
    let outcomes = [("", "Any"), ("done", "Done"), ("refused", "Refused"), ("failed", "Failed")];
    html! {
        form class="filters" method="post" action=(address(view.whose)) {
            (ui.csrf_field())
            (Field::text("patient", "Patient", &typed.patient).optional().hint("Name, record number, birth date").view(errors))
            @if view.whose == Whose::Everybody { (select("user", "User", &typed.user, &users, errors)) }
            (select("action", "What was done", &typed.action, &actions, errors))
            (select("outcome", "Outcome", &typed.outcome, &outcomes, errors))
            (Field { kind: "date", ..Field::text("from", "From", &typed.from).optional() }.view(errors))
            (Field { kind: "date", ..Field::text("until", "Until", &typed.until).optional() }.view(errors))
            button class="btn primary" { "Show" }
        }
    }
}

fn export_button(ui: &Ui, view: &View) -> Markup {
    html! {
        form method="post" action={ (address(view.whose)) "/csv" } {
            (ui.csrf_field())
            (view.typed.hidden("before", ""))
            button class="btn" { "Save as a table (CSV)" }
        }
    }
}

/// When the words fit several patients: choose one.
fn which_patient(ui: &Ui, view: &View, choices: &[clinic::patient::commands::Hit]) -> Markup {
    html! {
        @if choices.is_empty() {
            p class="empty" { strong { "No patient matches." } " Try the record number, or fewer words." }
        } @else {
            h2 { "Which patient?" }
            ul class="rows" {
                @for choice in choices {
                    li {
                        span class="lead" { (name(&choice.identity)) }
                        form method="post" action=(address(view.whose)) class="end" {
                            (ui.csrf_field())
                            (view.typed.hidden("patient_id", choice.identity.id.as_ref().map_or("", |id| id.as_str())))
                            button class="btn small" { "Choose" span class="vh" { " " (name(&choice.identity)) } }
                        }
                    }
                }
            }
        }
    }
}

/// Name, birth date and record number.
fn name(who: &Identity) -> Markup {
    html! {
        (who.display_name()) " "
        span class="muted" {
            span class="nb" { (crate::component::born::date(&who.birth_date)) } " · "
            span class="id nb" { (spaced(&who.record_number)) }
        }
        " " (hit::marks(who))
    }
}

fn list(ui: &Ui, view: &View, found: &AuditPage) -> Markup {
    html! {
        @if let Some(who) = &found.about { p { "About " strong { (name(who)) } } }
        @if found.rows.is_empty() {
            p class="empty" { strong { "Nothing recorded." } " No entry fits what was asked." }
        } @else {
            table class="list" {
                caption class="vh" { "Entries, newest first" }
                thead { tr {
                    th scope="col" class="date" { "When" } th scope="col" { "Who" } th scope="col" { "What" } th scope="col" { "Patients" }
                    th scope="col" { "Outcome" } th scope="col" { "From" } th scope="col" class="num" { "No." }
                } }
                tbody { @for line in audit::folded(found.rows.iter().collect(), |row| &row.recorded.entry) { (entry_row(ui, &line)) } }
            }
            @if found.more { (older(ui, view, found)) }
        }
    }
}

/// One entry, or the searches of one looking-up, newest first.
fn entry_row(ui: &Ui, line: &[&Row]) -> Markup {
    let (Some(row), Some(oldest)) = (line.first(), line.last()) else { return html! {} };
    let entry = &row.recorded.entry;
    html! {
        tr {
            th scope="row" class="date" { (moment(entry.at, &ui.zone)) }
            td data-label="Who" { (entry.actor.name) @if let Some(role) = entry.actor.role { " " span class="muted" { (role_words(role)) } } }
            td data-label="What" {
                (audit::words(&entry.action))
                @if !entry.detail.is_empty() { " " span class="muted" { (entry.detail) } }
                @if !entry.why.is_empty() { br; span class="muted" { "Reason: " (entry.why) } }
                @if line.len() > 1 { (each(ui, line)) }
            }
            td data-label="Patients" { (patients(line)) }
            td data-label="Outcome" { (outcome(entry.outcome)) }
            td data-label="From" class="muted" { @if let Some(from) = entry.from { (from) } @else { "this machine" } }
            td data-label="No." class="num muted" {
                @if line.len() > 1 { (oldest.recorded.sequence) " to " } (row.recorded.sequence)
            }
        }
    }
}

/// Each of the entries that stand on one line.
fn each(ui: &Ui, line: &[&Row]) -> Markup {
    let sort = line.first().and_then(|row| audit::sort(&row.recorded.entry)).unwrap_or("entries");
    html! {
        details class="more" {
            summary { (line.len()) " " (sort) ", one after another" }
            @for row in line {
                div { (moment(row.recorded.entry.at, &ui.zone)) " " span class="muted" { "No. " (row.recorded.sequence) } }
                (patients(&[row]))
            }
        }
    }
}

/// The first few by name; the rest by number, as all of them are in the table to save.
fn patients(line: &[&Row]) -> Markup {
    const SHOWN: usize = 3;
    let mut all: Vec<_> = Vec::new();
    for (id, who) in line.iter().flat_map(|row| &row.patients) {
        if !all.iter().any(|(known, _)| *known == id) {
            all.push((id, who));
        }
    }
    let more = all.len().saturating_sub(SHOWN);
    html! {
        @for (id, who) in all.iter().take(SHOWN) {
            div { @if let Some(who) = who { (name(who)) } @else { "id " (id.as_str()) } }
        }
        @if more > 0 { div class="muted" { "and " (more) " more" } }
    }
}

fn outcome(outcome: Outcome) -> Markup {
    html! {
        @match outcome {
            Outcome::Done => { "Done" }
            Outcome::Refused => { span class="chip bad" { "Refused" } }
            Outcome::Failed => { span class="chip warn" { "Failed" } }
        }
    }
}

fn older(ui: &Ui, view: &View, found: &AuditPage) -> Markup {
    let before = found.rows.last().map_or(0, |row| row.recorded.sequence);
    html! {
        nav class="pager" aria-label="Pages" {
            form method="post" action=(address(view.whose)) {
                (ui.csrf_field())
                (view.typed.hidden("before", &before.to_string()))
                button class="btn" { "Older" }
            }
        }
    }
}

/// Everybody who can be asked about: accounts and API clients.
async fn users(app: &App) -> Result<Vec<(String, String)>, PageError> {
    let people = app.store.users().await?.into_iter().map(|user| {
        let words = format!("{} ({})", user.display_name, user.username);
        (user.id.to_string(), words)
    });
    let tokens =
        app.store.tokens().await?.into_iter().map(|token| (token.id.to_string(), format!("Program: {}", token.name)));
    Ok(people.chain(tokens).collect())
}

async fn page(app: &App, caller: &Caller, ui: &Ui, whose: Whose, fields: &Fields) -> Result<Response, PageError> {
    let users = if whose == Whose::Everybody { users(app).await? } else { Vec::new() };
    let users = users.as_slice();
    match audit::search(app.store.as_ref(), caller, whose, &fields.form(), &ui.practice).await {
        Ok(found) => {
            let shown = View { whose, users, typed: fields, found: Some(&found), errors: &[] };
            Ok(view(ui, &shown).into_response())
        }
        Err(Error::Fields(errors)) => {
            let shown = View { whose, users, typed: fields, found: None, errors: &errors };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, view(ui, &shown)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

async fn table(app: &App, caller: &Caller, ui: &Ui, whose: Whose, fields: &Fields) -> Result<Response, PageError> {
    let found = audit::export(app.store.as_ref(), caller, whose, &fields.form(), &ui.practice).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    Ok((headers, audit::csv(&found.rows)).into_response())
}

/// `GET /audit`
///
/// # Errors
/// What the store says.
pub async fn show(State(app): State<App>, caller: Caller, ui: Ui) -> Result<Response, PageError> {
    page(&app, &caller, &ui, Whose::Everybody, &Fields::default()).await
}

/// `POST /audit`
///
/// # Errors
/// What the store says.
pub async fn search(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    page(&app, &caller, &ui, Whose::Everybody, &fields).await
}

/// `POST /audit/csv`
///
/// # Errors
/// What the store says.
pub async fn export(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    table(&app, &caller, &ui, Whose::Everybody, &fields).await
}

/// `GET /audit/mine`
///
/// # Errors
/// What the store says.
pub async fn mine(State(app): State<App>, caller: Caller, ui: Ui) -> Result<Response, PageError> {
    page(&app, &caller, &ui, Whose::Own, &Fields::default()).await
}

/// `POST /audit/mine`
///
/// # Errors
/// What the store says.
pub async fn search_mine(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    page(&app, &caller, &ui, Whose::Own, &fields).await
}

/// `POST /audit/mine/csv`
///
/// # Errors
/// What the store says.
pub async fn export_mine(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    table(&app, &caller, &ui, Whose::Own, &fields).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use store::audit::{Entry, Recorded};

    #[test]
    fn an_entry_shows_who_what_and_from_where_as_text() {
        let entry = Entry {
            detail: "<i>GET</i>".to_owned(),
            ..Entry::new(Timestamp::UNIX_EPOCH, uuid::Uuid::nil(), store::Actor::program("import"), "chart.read")
        };
        let found = AuditPage {
            rows: vec![Row { recorded: Recorded { sequence: 41, entry }, patients: Vec::new() }],
            more: true,
            ..AuditPage::default()
        };
        let typed = Fields::default();
        let shown = View { whose: Whose::Everybody, users: &[], typed: &typed, found: Some(&found), errors: &[] };
        let page = view(&Ui::sample(), &shown).into_string();
        assert!(
            page.contains("Read a chart")
                && page.contains("&lt;i&gt;GET&lt;/i&gt;")
                && page.contains("31-Dec-1969 18:00")
        );
        assert!(page.contains("name=\"before\" value=\"41\""));
        assert!(page.contains("action=\"/audit/csv\""));
    }
}
