//! A diagnosis is found by words, narrowed to one code, and recorded. What is searched for travels in forms alone, never in an address.

use super::choice::{Choice, mark};
use super::details::{self, Shown};
use super::{Sent, find};
use crate::component::banner::{self, Place};
use crate::component::form::error_summary;
use crate::form::Form;
use crate::page::chart::ask::{self, View};
use crate::page::trail;
use crate::said::{self, Said};
use crate::{App, PageError, Ui};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic::chart::banner::Banner;
use clinic::chart::care::Visit;
use clinic::chart::{Ask, Loaded};
use clinic::diagnosis::{self, AtVisit, DiagnosisForm, Record};
use clinic::{Caller, Error, FieldError};
use fhir::{Id, Key, Kind, PatientId};
use jiff::civil::Date;
use maud::{Markup, html};
use reference::icd10cm::Icd10cm;
use serde::Deserialize;
use store::record::Slice;
use uuid::Uuid;

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

/// `POST /patients/{id}/problems/new`: a search, a code chosen or starred, a choice made, or all of it saved.
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response, PageError> {
    if sent.text("step") != "save" {
        let ui = starred(&app, &caller, ui, &sent).await?;
        return Ok(page(&app, &caller, &ui, &id, &sent, &[]).await?.into_response());
    }
    let patient = PatientId::parse(&id).map_err(|_| PageError::not_found())?;
    let error = match record(&app, &caller, &ui, &patient, &sent).await {
        Ok((key, code)) => {
            let mut preferences = ui.preferences.clone();
            if preferences.codes.used(&code) {
                // What was recorded stands, whether or not its code is kept among the recent ones.
                preferences.keep(&app, &caller).await.ok();
            }
            let address = match sent.text("visit") {
                "" => format!("/patients/{patient}/problems/{}", key.id),
                visit => format!("/visits/{visit}"),
            };
            return Ok(said::then(&address, Said::Diagnosis));
        }
        Err(error) => error,
    };
    trail::failed(&app, &caller, "diagnosis.record", &[patient], None, &error).await?;
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

/// The user's settings, with a code starred or its star taken away where that was asked.
async fn starred(app: &App, caller: &Caller, mut ui: Ui, sent: &Sent) -> Result<Ui, PageError> {
    let versions = app.shelf.icd10cm(app.store.as_ref(), caller).await;
    let codes = versions.on(ui.calendar().today).codes;
    let code = match (sent.text("star"), sent.text("step")) {
        ("", "star") => Choice::of(codes, sent).code,
        (code, _) => code.to_owned(),
    };
    if let Some(entry) = codes.get(&code) {
        ui.preferences.codes.star(&entry.code());
        ui.preferences.keep(app, caller).await?;
    }
    Ok(ui)
}

/// A chart's conditions, and the visit that a form names, with its version.
async fn chart(ask: &Ask<'_>, visit: &str, section: &str) -> clinic::Result<(Loaded, Option<(Visit, u32)>)> {
    let slices = [Slice::all(Kind::CONDITION)];
    if visit.is_empty() {
        return Ok((ask.release(ask.load(&slices).await?, section).await?, None));
    }
    let key = Key::new(Kind::ENCOUNTER, Id::parse(visit).map_err(|_| Error::NotFound)?);
    let (loaded, row) = ask.entry_of(&key, &slices, section).await?;
    let visit = (Visit::of(&row, &loaded.reading), row.version);
    Ok((loaded, Some(visit)))
}

/// The day whose codes are to be used: the visit's, else today.
fn day(visit: Option<&(Visit, u32)>, ui: &Ui) -> Date {
    visit.and_then(|(visit, _)| visit.when.as_ref()?.day).unwrap_or(ui.calendar().today)
}

/// Records it. Answers with the Condition and its code.
async fn record(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    patient: &PatientId,
    sent: &Sent,
) -> clinic::Result<(Key, String)> {
    let visit = match sent.text("visit") {
        "" => None,
        id => Some(AtVisit {
            id: Id::parse(id).map_err(|_| Error::NotFound)?,
            version: sent.text("visit_version").parse().ok(),
        }),
    };
    let view = View::default();
    let ask = ask::of(app, caller, ui, patient.as_str(), &view).map_err(|_| Error::NotFound)?;
    let (loaded, shown) = match chart(&ask, sent.text("visit"), "diagnoses beside").await {
        // A visit that is not of this chart is refused below, by what it is.
        Err(Error::NotFound) => chart(&ask, "", "diagnoses beside").await?,
        read => read?,
    };
    let versions = app.shelf.icd10cm(app.store.as_ref(), caller).await;
    let codes: &Icd10cm = versions.on(day(shown.as_ref(), ui)).codes;
    let choice = Choice::of(codes, sent);
    let form = DiagnosisForm { code: choice.code.clone(), ..sent.form() };
    if choice.is_unfinished() {
        let problem = format!("Choices: make all of them, or none to record {} as it is", choice.code);
        return Err(Error::Fields(vec![FieldError { field: "choices", problem }]));
    }
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
    Ok((diagnosis::record(app.store.as_ref(), caller, record).await?, choice.code))
}

async fn page(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    id: &str,
    sent: &Sent,
    errors: &[FieldError],
) -> Result<Markup, PageError> {
    let ask = ask::of(app, caller, ui, id, &View::default())?;
    let (loaded, visit) = chart(&ask, sent.text("visit"), "diagnosis form").await?;
    let versions = app.shelf.icd10cm(app.store.as_ref(), caller).await;
    let day = day(visit.as_ref(), ui);
    let answer = versions.on(day);
    let codes: &Icd10cm = answer.codes;
    let choice = Choice::of(codes, sent);
    let key = visit.as_ref().map(|(visit, _)| &visit.entry.key);
    let others = diagnosis::active_codes(loaded.rows(0), key, None);
    let shown = Shown {
        sent,
        visit: visit.as_ref(),
        answer,
        day,
        hits: codes.search(sent.text("q"), &ui.preferences.codes.weights(), find::HITS),
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
                (find::field(sent.text("q"), entry.is_none(), (shown.answer, shown.day), errors))
                div class="actions" { button class="btn" name="step" value="find" { "Find" } a class="btn" href=(back) { "Cancel" } }
                @if entry.is_none() {
                    @if sent.text("q").is_empty() { (find::own(ui, shown.answer.codes)) } @else { (find::found(ui, hits)) }
                }
            }
            @if let Some(entry) = entry { (details::view(ui, &address, &hidden, shown, *entry)) }
        }
    }
}
