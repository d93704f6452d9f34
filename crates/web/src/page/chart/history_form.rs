//! The forms of a history, each on a page of its own: a new entry, an entry changed, and the answers of a section.

use super::ask::{self, View};
use super::history_fields::fields;
use super::visit_start::stale;
use crate::component::banner::{self, Place};
use crate::component::form::error_summary;
use crate::form::Form;
use crate::page::registration::new_id;
use crate::page::trail;
use crate::said::{self, Said};
use crate::{App, PageError, Ui};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic::chart::banner::Banner;
use clinic::chart::{Handle, Row};
use clinic::history::{self, HistoryForm, Section, Telling, family, medical, surgical};
use clinic::shown::Shown;
use clinic::{Caller, Error, FieldError};
use fhir::{Id, Key, PatientId};
use maud::{Markup, html};
use uuid::Uuid;

/// Where a form stands.
struct At {
    patient: PatientId,
    section: Section,
    /// The entry that is changed.
    entry: Option<Id>,
}

impl At {
    fn of(id: &str, section: &str, entry: Option<&str>) -> Result<Self, PageError> {
        let section = Section::parse(section).ok_or_else(PageError::not_found)?;
        if entry.is_some() && section.asks() {
            return Err(PageError::not_found());
        }
        Ok(Self {
            patient: PatientId::parse(id).map_err(|_| PageError::not_found())?,
            section,
            entry: entry.map(|entry| Id::parse(entry).map_err(|_| PageError::not_found())).transpose()?,
        })
    }

    fn title(&self) -> &'static str {
        match (self.section, &self.entry) {
            (Section::Medical, None) => "Add a past illness",
            (Section::Medical, Some(_)) => "Change a past illness",
            (Section::Surgical, None) => "Add an operation",
            (Section::Surgical, Some(_)) => "Change an operation",
            (Section::Family, None) => "Add a relative",
            (Section::Family, Some(_)) => "Change a relative",
            (Section::Social, _) => "Social history",
            (Section::Obstetric, _) => "Obstetric history",
        }
    }
}

/// `GET /patients/{id}/history/{section}/new`
pub async fn new(
    app: State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, section)): Path<(String, String)>,
) -> Result<Markup, PageError> {
    page(&app, &caller, &ui, &At::of(&id, &section, None)?, None, &[]).await
}

/// `GET /patients/{id}/history/{section}/{entry}`
pub async fn edit(
    app: State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, section, entry)): Path<(String, String, String)>,
) -> Result<Markup, PageError> {
    page(&app, &caller, &ui, &At::of(&id, &section, Some(&entry))?, None, &[]).await
}

/// `POST /patients/{id}/history/{section}/new`
pub async fn save(
    app: State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, section)): Path<(String, String)>,
    Form(posted): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    store(&app, &caller, &ui, &At::of(&id, &section, None)?, posted).await
}

/// `POST /patients/{id}/history/{section}/{entry}`
pub async fn change(
    app: State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, section, entry)): Path<(String, String, String)>,
    Form(posted): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    store(&app, &caller, &ui, &At::of(&id, &section, Some(&entry))?, posted).await
}

async fn store(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    at: &At,
    posted: Vec<(String, String)>,
) -> Result<Response, PageError> {
    let mut form = HistoryForm(posted.into_iter().collect());
    let mut taken = |name: &str| form.0.remove(name).unwrap_or_default();
    let (patient, version, once) = (taken("patient"), taken("version"), taken("once"));
    taken(crate::csrf::FIELD);
    let telling = Telling {
        patient: at.patient.clone(),
        section: at.section,
        shown: Shown { patient: &patient, version: version.parse().ok() },
        once: &once,
        by: &ui.display_name,
        zone: ui.zone.clone(),
        id: at.entry.clone().unwrap_or_else(|| new_id(&once)),
        more: || Id::from_uuid(Uuid::now_v7()),
    };
    let done = match at.entry {
        None => history::record(app.store.as_ref(), caller, telling, &form).await,
        Some(_) => history::change(app.store.as_ref(), caller, telling, &form).await,
    };
    let Err(error) = done else { return Ok(said::then(&format!("/patients/{}/history", at.patient), Said::History)) };
    let action = if at.entry.is_some() { "history.change" } else { "history.record" };
    trail::failed(app, caller, action, std::slice::from_ref(&at.patient), None, &error).await?;
    let (status, errors) = match error {
        Error::Fields(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Error::Stale if at.entry.is_some() => {
            let problem = "Somebody changed this entry meanwhile: open it anew, compare, then save".to_owned();
            (StatusCode::PRECONDITION_FAILED, vec![FieldError { field: first(at.section), problem }])
        }
        Error::Stale => (StatusCode::PRECONDITION_FAILED, vec![stale(first(at.section))]),
        other => return Err(other.into()),
    };
    Ok((status, page(app, caller, ui, at, Some((form, version)), &errors).await?).into_response())
}

fn first(section: Section) -> &'static str {
    match section {
        Section::Medical | Section::Surgical => "what",
        Section::Family => "relation",
        Section::Social => "smoking",
        Section::Obstetric => "gravida",
    }
}

/// What a form shows of an entry that is there.
fn of_entry(section: Section, row: &Row) -> HistoryForm {
    match section {
        Section::Medical => medical::shown(row),
        Section::Surgical => surgical::shown(row),
        _ => family::shown(row),
    }
}

async fn page(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    at: &At,
    typed: Option<(HistoryForm, String)>,
    errors: &[FieldError],
) -> Result<Markup, PageError> {
    let ask = ask::of(app, caller, ui, at.patient.as_str(), &View::default())?;
    let (banner, there, before) = match &at.entry {
        Some(id) => {
            let key = Key::new(at.section.kind(), id.clone());
            let (loaded, row) = ask.entry_of(&key, &[], "history form").await?;
            if Section::of(&row, true) != Some(at.section) {
                return Err(PageError::not_found());
            }
            let entry = row.handle(&loaded.reading.clock);
            (loaded.banner, Some(entry), of_entry(at.section, &row))
        }
        None => {
            let (loaded, whole) = ask.told().await?;
            let before = if at.section.asks() { whole.answered } else { HistoryForm::default() };
            (loaded.banner, None, before)
        }
    };
    let (form, version) = typed.map_or((before, None), |(form, version)| (form, Some(version)));
    let body = view(ui, &banner, at, (&form, there.as_ref(), version), errors);
    Ok(banner::page(ui, &banner, Place { section: "history", as_of: None }, at.title(), &body))
}

/// The page. A form that comes back says the version of the entry that it was made from; of a new entry, that of the patient who is shown now.
fn view(
    ui: &Ui,
    banner: &Banner,
    at: &At,
    (form, there, version): (&HistoryForm, Option<&Handle>, Option<String>),
    errors: &[FieldError],
) -> Markup {
    let address = format!("/patients/{}/history", banner.id);
    let leaf = at.entry.as_ref().map_or("new", |entry| entry.as_str());
    let version =
        there.map_or_else(|| banner.version.to_string(), |there| version.unwrap_or_else(|| there.version.to_string()));
    html! {
        main id="main" class="page narrow" {
            header class="page-head" { h2 { (at.title()) } }
            (error_summary(errors))
            form class="form" method="post" action={ (address) "/" (at.section.slug()) "/" (leaf) } data-guard {
                (ui.csrf_field())
                input type="hidden" name="patient" value=(banner.id);
                input type="hidden" name="version" value=(version);
                input type="hidden" name="once" value=(Uuid::new_v4());
                (fields(ui, at.section, form, there.is_some(), errors))
                div class="actions" {
                    button class="btn primary" { "Save for " (banner.name) }
                    a class="btn" href=(address) { "Cancel" }
                }
            }
        }
    }
}
