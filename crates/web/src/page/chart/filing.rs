//! Filing a document in a chart: the front desk's papers, and those of care for those who treat.

use super::ask::{self, View};
use crate::component::banner::{self, Place};
use crate::component::form::{Field, error_summary, needed};
use crate::page::trail;
use crate::upload::Upload;
use crate::{App, PageError, Ui};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use clinic::chart::banner::Banner;
use clinic::document::{self, Filing, FilingForm, MOST_BYTES, offered};
use clinic::{Caller, Error, FieldError};
use fhir::{Id, PatientId};
use maud::{Markup, html};
use uuid::Uuid;

/// `GET /patients/{id}/documents/new`
pub async fn new(State(app): State<App>, caller: Caller, ui: Ui, Path(id): Path<String>) -> Result<Markup, PageError> {
    let form = FilingForm { day: ui.calendar().today.to_string(), ..FilingForm::default() };
    page(&app, &caller, &ui, &id, &form, &[]).await
}

/// `POST /patients/{id}/documents/new`
pub async fn file(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    upload: Upload,
) -> Result<Response, PageError> {
    let patient = PatientId::parse(&id).map_err(|_| PageError::not_found())?;
    let form = FilingForm {
        title: upload.text("title").to_owned(),
        kind: upload.text("kind").to_owned(),
        day: upload.text("day").to_owned(),
        from: upload.text("from").to_owned(),
        file_name: upload.file_name.clone(),
    };
    let filing = Filing {
        patient: patient.clone(),
        shown: upload.text("patient"),
        version: upload.text("version").parse().ok(),
        form: form.clone(),
        bytes: &upload.file,
        today: ui.calendar().today,
        once: upload.text("once"),
        ids: [Id::from_uuid(Uuid::now_v7()), Id::from_uuid(Uuid::now_v7())],
    };
    let error = match document::file(app.store.as_ref(), &caller, filing).await {
        Ok(key) => return Ok(Redirect::to(&format!("/patients/{patient}/documents/{}", key.id)).into_response()),
        Err(error) => error,
    };
    trail::failed(&app, &caller, "document.file", &[patient], None, &error).await?;
    let (status, errors) = match error {
        Error::Fields(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Error::Stale => {
            let problem = "Somebody changed this patient's details meanwhile: check above that this is the right patient, choose the file again, and file it".to_owned();
            (StatusCode::PRECONDITION_FAILED, vec![FieldError { field: "file", problem }])
        }
        other => return Err(other.into()),
    };
    Ok((status, page(&app, &caller, &ui, &id, &form, &errors).await?).into_response())
}

async fn page(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    id: &str,
    typed: &FilingForm,
    errors: &[FieldError],
) -> Result<Markup, PageError> {
    let ask = ask::of(app, caller, ui, id, &View::default())?;
    let loaded = ask.release(ask.load(&[]).await?, "filing form").await?;
    let kinds: Vec<_> = offered(caller).map(|kind| (kind.slug, kind.words)).collect();
    let once = Uuid::new_v4().to_string();
    let body = view(ui, &loaded.banner, &Form { typed, kinds: &kinds, once: &once, errors });
    let place = Place { section: "documents", as_of: None };
    Ok(banner::page(ui, &loaded.banner, place, "File a document", &body))
}

/// What the form shows.
pub struct Form<'a> {
    /// What was typed before.
    pub typed: &'a FilingForm,
    /// The kinds that may be filed: slug and words.
    pub kinds: &'a [(&'a str, &'a str)],
    /// Its own key: sent twice, it files once.
    pub once: &'a str,
    /// What to mend.
    pub errors: &'a [FieldError],
}

/// The page.
#[must_use]
pub fn view(ui: &Ui, banner: &Banner, form: &Form) -> Markup {
    let Form { typed, kinds, once, errors } = form;
    let address = format!("/patients/{}/documents", banner.id);
    let hint = format!("A PDF, a picture (PNG or JPEG) or plain text, up to {} MB", MOST_BYTES >> 20);
    let mut choices = vec![("", "Choose one")];
    choices.extend(kinds.iter().copied());
    html! {
        main id="main" class="page narrow" {
            header class="page-head" { h2 { "File a document" } }
            (error_summary(errors))
            form class="form" method="post" action={ (address) "/new" } enctype="multipart/form-data" data-guard data-most-bytes=(MOST_BYTES) {
                (ui.csrf_field())
                input type="hidden" name="patient" value=(banner.id);
                input type="hidden" name="version" value=(banner.version);
                input type="hidden" name="once" value=(once);
                (Field { kind: "file", ..Field::text("file", "File", "").hint(&hint) }.view(errors))
                (needed("kind", "Kind", &typed.kind, &choices, errors))
                (Field::text("title", "Title", &typed.title).optional().hint("Empty: the kind's name").view(errors))
                (Field { kind: "date", ..Field::text("day", "Date it bears", &typed.day) }.view(errors))
                (Field::text("from", "From", &typed.from).optional().hint("Who wrote it, for example Lindow Heart Clinic").view(errors))
                div class="actions" {
                    button class="btn primary" { "File for " (banner.name) }
                    a class="btn" href=(address) { "Cancel" }
                }
            }
        }
    }
}
