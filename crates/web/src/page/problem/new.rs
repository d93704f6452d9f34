//! A diagnosis is found by words, narrowed to one code, and recorded. What is searched for travels in forms alone, never in an address.

use super::Sent;
use super::parts::{course, note};
use crate::component::banner::{self, Place};
use crate::component::form::{Field, check, error_summary, needed, select};
use crate::form::Form;
use crate::page::chart::ask::{self, View};
use crate::said::{self, Said};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic::chart::banner::Banner;
use clinic::chart::care::Visit;
use clinic::diagnosis::{self, AtVisit, CERTAINTIES, DiagnosisForm, Record};
use clinic::{Caller, Error, FieldError};
use fhir::{Id, Key, Kind, PatientId};
use maud::{Markup, html};
use reference::icd10cm::{self, Axis, Conflict, Hit, Icd10cm};
use serde::Deserialize;
use store::audit::{Entry, Outcome};
use store::record::Slice;
use uuid::Uuid;

/// How many codes a search shows.
const HITS: usize = 20;

/// Which visit it is a diagnosis of.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct For {
    visit: String,
}

/// `GET /patients/{id}/problems/new`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Query(of): Query<For>,
) -> Result<Markup, PageError> {
    let sent = Sent(vec![("visit".to_owned(), of.visit), ("once".to_owned(), Uuid::new_v4().to_string())]);
    page(&app, &caller, &ui, &id, &sent, &[]).await
}

/// `POST /patients/{id}/problems/new`: a search, a code chosen, a choice made, or all of it saved.
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response, PageError> {
    if sent.text("step") != "save" {
        return Ok(page(&app, &caller, &ui, &id, &sent, &[]).await?.into_response());
    }
    let patient = PatientId::parse(&id).map_err(|_| PageError::not_found())?;
    let error = match record(&app, &caller, &ui, &patient, &sent).await {
        Ok(key) => {
            let address = match sent.text("visit") {
                "" => format!("/patients/{patient}/problems/{}", key.id),
                visit => format!("/visits/{visit}"),
            };
            return Ok(said::then(&address, Said::Diagnosis));
        }
        Err(error) => error,
    };
    let outcome = if matches!(error, Error::NotPermitted) { Outcome::Refused } else { Outcome::Failed };
    app.store.append(Entry { outcome, patients: vec![patient], ..caller.entry("diagnosis.record") }).await?;
    let (status, errors) = match error {
        Error::Fields(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Error::Stale => {
            let problem =
                "The visit was changed since you opened this page: look at it once more, then save".to_owned();
            (StatusCode::PRECONDITION_FAILED, vec![FieldError { field: "q", problem }])
        }
        other => return Err(other.into()),
    };
    Ok((status, page(&app, &caller, &ui, &id, &sent, &errors).await?).into_response())
}

async fn record(app: &App, caller: &Caller, ui: &Ui, patient: &PatientId, sent: &Sent) -> clinic::Result<Key> {
    let codes = icd10cm::builtin().as_ref();
    let visit = match sent.text("visit") {
        "" => None,
        id => Some(AtVisit {
            id: Id::parse(id).map_err(|_| Error::NotFound)?,
            version: sent.text("visit_version").parse().ok(),
        }),
    };
    let choice = Choice::of(codes, sent);
    let form = DiagnosisForm { code: choice.code.clone(), ..sent.form() };
    if choice.is_unfinished() {
        let problem = format!("Choices: make all of them, or none to record {} as it is", choice.code);
        return Err(Error::Fields(vec![FieldError { field: "choices", problem }]));
    }
    let view = View::default();
    let ask = ask::of(app, caller, ui, patient.as_str(), &view).map_err(|_| Error::NotFound)?;
    let loaded = ask.release(ask.load(&[Slice::all(Kind::CONDITION)]).await?, "diagnoses beside").await?;
    let key = visit.as_ref().map(|visit| Key::new(Kind::ENCOUNTER, visit.id.clone()));
    let once = sent.text("once").parse().map_err(|_| Error::NotFound)?;
    let own = Key::new(Kind::CONDITION, Id::from_uuid(once));
    let others = diagnosis::active_codes(loaded.rows(0), key.as_ref(), Some(&own));
    let conflicts = diagnosis::conflicts(codes, &choice.code, &others);
    if !conflicts.is_empty() && mark(&choice.code, &conflicts) != sent.text("seen") {
        let problem = "Read what the code list says of these diagnoses together, then save".to_owned();
        return Err(Error::Fields(vec![FieldError { field: "conflicts", problem }]));
    }
    let record = Record {
        patient: patient.clone(),
        shown: sent.text("patient"),
        id: once,
        visit,
        form: &form,
        codes,
        today: ui.calendar().today,
        by: &ui.display_name,
    };
    diagnosis::record(app.store.as_ref(), caller, record).await
}

/// What was shown of conflicts, to tell whether they were seen.
fn mark(code: &str, conflicts: &[Conflict]) -> String {
    let pairs: Vec<_> = conflicts.iter().map(|conflict| format!("{}-{}", conflict.of, conflict.excluded)).collect();
    format!("{code} {}", pairs.join(" "))
}

/// The code so far: the one that was picked, or the one that the choices made leave.
struct Choice {
    /// What was picked.
    base: String,
    /// What would be recorded.
    code: String,
    axes: Vec<Axis>,
    chosen: Vec<(icd10cm::Kind, String)>,
    billable: bool,
}

impl Choice {
    fn of(codes: &Icd10cm, sent: &Sent) -> Self {
        let picked = sent.text("pick");
        let base = if picked.is_empty() { sent.text("code") } else { picked };
        let chosen = |kind: icd10cm::Kind| {
            let words = sent.text(&format!("axis-{}", kind.name()));
            (picked.is_empty() && !words.is_empty()).then(|| (kind, words.to_owned()))
        };
        let chosen: Vec<_> = icd10cm::Kind::ALL.into_iter().filter_map(chosen).collect();
        let by: Vec<_> = chosen.iter().map(|(kind, words)| (*kind, words.as_str())).collect();
        let narrowed = codes.narrow(base, &by);
        let (entry, known) = (narrowed.code, codes.get(base));
        let code = entry.or(known).map_or_else(|| base.to_owned(), icd10cm::Entry::code);
        let billable = codes.get(&code).is_some_and(icd10cm::Entry::billable);
        Self { base: base.to_owned(), code, axes: narrowed.axes, chosen, billable }
    }

    fn is_unfinished(&self) -> bool {
        !self.chosen.is_empty() && !self.billable
    }
}

async fn page(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    id: &str,
    sent: &Sent,
    errors: &[FieldError],
) -> Result<Markup, PageError> {
    let codes = icd10cm::builtin().as_ref();
    let ask = ask::of(app, caller, ui, id, &View::default())?;
    let slices = [Slice::all(Kind::CONDITION)];
    let visit = sent.text("visit");
    let (loaded, visit) = if visit.is_empty() {
        (ask.release(ask.load(&slices).await?, "diagnosis form").await?, None)
    } else {
        let key = Key::new(Kind::ENCOUNTER, Id::parse(visit).map_err(|_| PageError::not_found())?);
        let (loaded, row) = ask.entry_of(&key, &slices, "diagnosis form").await?;
        let visit = (Visit::of(&row, &loaded.reading), row.version);
        (loaded, Some(visit))
    };
    let choice = Choice::of(codes, sent);
    let key = visit.as_ref().map(|(visit, _)| &visit.entry.key);
    let others = diagnosis::active_codes(loaded.rows(0), key, None);
    let shown = Shown {
        sent,
        visit: visit.as_ref(),
        hits: codes.search(sent.text("q"), &[], HITS),
        conflicts: diagnosis::conflicts(codes, &choice.code, &others),
        again: others.contains(&choice.code),
        entry: codes.get(&choice.code),
        choice,
        errors,
    };
    let title = if visit.is_some() { "Diagnosis of a visit" } else { "New problem" };
    let body = view(ui, &loaded.banner, title, &shown);
    Ok(banner::page(ui, &loaded.banner, Place { section: "problems", as_of: None }, title, &body))
}

/// What the page shows.
struct Shown<'a> {
    sent: &'a Sent,
    visit: Option<&'a (Visit, u32)>,
    hits: Vec<Hit<'a>>,
    conflicts: Vec<Conflict<'a>>,
    again: bool,
    entry: Option<icd10cm::Entry<'a>>,
    choice: Choice,
    errors: &'a [FieldError],
}

fn view(ui: &Ui, banner: &Banner, title: &str, shown: &Shown) -> Markup {
    let Shown { sent, visit, hits, entry, errors, .. } = shown;
    let address = format!("/patients/{}/problems", banner.id);
    let hidden = html! {
        (ui.csrf_field())
        input type="hidden" name="patient" value=(banner.id);
        input type="hidden" name="once" value=(sent.text("once"));
        @if let Some((visit, version)) = visit {
            input type="hidden" name="visit" value=(visit.entry.key.id);
            input type="hidden" name="visit_version" value=(version);
        }
    };
    let back = visit.map_or_else(|| address.clone(), |(visit, _)| format!("/visits/{}", visit.entry.key.id));
    html! {
        main id="main" class="page narrow" {
            header class="page-head" { h2 { (title) } }
            (error_summary(errors))
            form class="form" method="post" action={ (address) "/new" } role="search" {
                (hidden)
                (Field { kind: "search", autofocus: entry.is_none(), ..Field::text("q", "Find a diagnosis", sent.text("q")) }
                    .optional().size("long").hint("Words in any order, their beginnings, everyday terms, or a code").view(errors))
                div class="actions" { button class="btn" name="step" value="find" { "Find" } a class="btn" href=(back) { "Cancel" } }
                @if entry.is_none() && !sent.text("q").is_empty() { (found(hits)) }
            }
            @if let Some(entry) = entry { (details(&address, &hidden, shown, *entry)) }
        }
    }
}

fn found(hits: &[Hit]) -> Markup {
    html! {
        section class="card" aria-labelledby="found-title" {
            header { h3 id="found-title" { span role="status" { @match hits.len() { 0 => "No diagnosis matches", 1 => "1 diagnosis", n => { (n) " diagnoses" } } } } }
            @if hits.is_empty() { p class="empty" { "Try fewer or other words." } }
            ul class="rows" {
                @for hit in hits {
                    li {
                        button class="btn" name="pick" value=(hit.entry.code()) { code { (hit.entry.code()) } " " (hit.entry.words()) }
                        @if let Some(by) = &hit.by { " " span class="muted" { (by) } }
                        " " @if hit.entry.billable() { span class="chip" { "Billable" } } @else { span class="muted" { "needs more detail to bill" } }
                    }
                }
            }
        }
    }
}

fn details(address: &str, hidden: &Markup, shown: &Shown, entry: icd10cm::Entry<'_>) -> Markup {
    let Shown { sent, visit, conflicts, again, choice, errors, .. } = shown;
    let typed = sent.form();
    let fresh = |value: &str, first: &str| if value.is_empty() { first.to_owned() } else { value.to_owned() };
    let form = DiagnosisForm { status: fresh(&typed.status, "active"), ..typed };
    html! {
        form class="form" method="post" action={ (address) "/new" } data-guard {
            (hidden)
            input type="hidden" name="code" value=(choice.base);
            input type="hidden" name="seen" value=(mark(&choice.code, conflicts));
            h3 { code { (entry.code()) } " " (entry.words()) }
            @if *again { p class="notice info" { "This code is active in the chart already." } }
            @if !choice.billable {
                p class="notice warn" { "This code is not billable: it can stand on the problem list." @if visit.is_some() { " A claim for this visit needs more detail." } }
            }
            @if !choice.axes.is_empty() || !choice.chosen.is_empty() {
                fieldset id="choices" {
                    legend { "More detail" }
                    @for (kind, words) in &choice.chosen { (select(&format!("axis-{}", kind.name()), kind.name(), words, &[("", "Not chosen"), (words, words)], errors)) }
                    @for axis in choice.axes.iter().filter(|axis| choice.chosen.iter().all(|(kind, _)| *kind != axis.kind)) {
                        @let choices: Vec<_> = std::iter::once(("", "Not chosen")).chain(axis.choices.iter().map(|words| (words.as_str(), words.as_str()))).collect();
                        (select(&format!("axis-{}", axis.kind.name()), axis.kind.name(), "", &choices, errors))
                    }
                    button class="btn" name="step" value="narrow" { "Show the code" }
                }
            }
            @if !conflicts.is_empty() {
                div class="notice warn" id="conflicts" role="alert" {
                    p { strong { "Not coded together, says ICD-10-CM (Excludes1):" } }
                    ul { @for conflict in conflicts { li { (conflict.of) " excludes " (conflict.excluded) ": " q { (conflict.words) } } } }
                }
            }
            (course(&form, errors))
            (needed("certainty", "Certainty", &fresh(&form.certainty, "confirmed"), &CERTAINTIES, errors))
            (note("Note", &form.note, errors))
            @if visit.is_some() { (check("on_list", "On the problem list too", form.on_list)) }
            div class="actions" { button class="btn primary" name="step" value="save" { "Save " (entry.code()) } }
        }
    }
}
