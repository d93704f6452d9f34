//! Registering a patient and editing who they are: one form, two addresses.

use super::chart::ask::{self, View};
use crate::component::patient_form::{Shown, view};
use crate::form::Form;
use crate::said::{self, Said};
use crate::{App, PageError, Ui};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic::chart::banner::Banner;
use clinic::patient::Identity;
use clinic::patient::commands::{self, EditOf, NewPatient, Registration};
use clinic::patient::lists::{self, Practitioners};
use clinic::{Action, Caller, Error};
use fhir::edit::patient::Demographics;
use fhir::{Id, PatientId};
use serde::Deserialize;
use store::Sealed;
use store::audit::Entry;
use store::record::Idempotency;

/// What the form posts. Names as in [`Demographics`]; all may be missing.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Posted {
    family: String,
    given: String,
    suffix: String,
    preferred: String,
    former_family: String,
    birth_date: String,
    sex: String,
    pronouns: String,
    mobile: String,
    phone: String,
    email: String,
    line: String,
    city: String,
    state: String,
    postal_code: String,
    country: String,
    language: String,
    interpreter: String,
    contact_name: String,
    contact_relationship: String,
    contact_phone: String,
    general_practitioner: String,
    deceased: String,
    /// Whom else to offer as general practitioner: a form that asks this is answered with the form, and nothing is saved.
    practitioner_name: String,
    /// The patient and version the edit form was opened on.
    patient: String,
    version: String,
    /// The look-alikes that were shown and are said to be others: ids, with commas between.
    others: String,
    /// One per opened form, so that sending it twice registers once.
    once: String,
}

impl Posted {
    fn others(&self) -> Vec<PatientId> {
        self.others.split(',').filter_map(|id| PatientId::parse(id).ok()).collect()
    }

    /// The name of a practitioner to be found. A click elsewhere than on "Find" searches too, rather than lose what was typed.
    fn searched(&self) -> Option<&str> {
        Some(self.practitioner_name.trim()).filter(|name| !name.is_empty())
    }

    fn demographics(&self) -> Demographics {
        Demographics {
            family: self.family.clone(),
            given: self.given.clone(),
            suffix: self.suffix.clone(),
            preferred: self.preferred.clone(),
            former_family: self.former_family.clone(),
            birth_date: self.birth_date.clone(),
            sex: self.sex.clone(),
            pronouns: self.pronouns.clone(),
            mobile: self.mobile.clone(),
            phone: self.phone.clone(),
            email: self.email.clone(),
            line: self.line.clone(),
            city: self.city.clone(),
            state: self.state.clone(),
            postal_code: self.postal_code.clone(),
            country: self.country.clone(),
            language: self.language.clone(),
            contact_name: self.contact_name.clone(),
            contact_relationship: self.contact_relationship.clone(),
            contact_phone: self.contact_phone.clone(),
            general_practitioner: self.general_practitioner.clone(),
            deceased: self.deceased.clone(),
            interpreter: self.interpreter == "yes",
        }
    }
}

/// `GET /patients/new`
pub async fn new(State(app): State<App>, caller: Caller, ui: Ui) -> Result<impl IntoResponse, PageError> {
    let once = uuid::Uuid::new_v4().to_string();
    let form = Demographics::default();
    let practitioners = practitioners(&app, &caller, &form, "").await?;
    let practitioners = released(&app, practitioners, caller.entry("practitioner.list")).await?;
    Ok(view(&ui, &Shown { once: &once, ..Shown::of(&form, &practitioners) }))
}

/// `POST /patients/new`
pub async fn register(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let form = posted.demographics();
    if let Some(searched) = posted.searched() {
        let practitioners = practitioners(&app, &caller, &form, searched).await?;
        let practitioners = released(&app, practitioners, caller.entry("practitioner.list")).await?;
        return Ok(
            view(&ui, &Shown { searched, once: &posted.once, ..Shown::of(&form, &practitioners) }).into_response()
        );
    }
    let store = app.store.as_ref();
    let system = &ui.practice.record_number_system;
    let new = NewPatient { id: new_id(&posted.once), others: posted.others(), once: idempotency(&posted, &form) };
    let (errors, look_alikes) = match commands::register(store, &caller, system, &form, new, ui.calendar()).await {
        Ok(Registration::Done(id)) => return Ok(said::then(&format!("/patients/{id}"), Said::Registered)),
        Ok(Registration::LookAlikes(found)) => (Vec::new(), found),
        Err(Error::Fields(errors)) => (errors, Sealed::empty(Vec::new())),
        Err(other) => return Err(other.into()),
    };
    let sealed = look_alikes.zip(practitioners(&app, &caller, &form, "").await?);
    let entry = if errors.is_empty() { looked_alike(&caller) } else { caller.entry("practitioner.list") };
    let (look_alikes, practitioners) = released(&app, sealed, entry).await?;
    let shown =
        Shown { errors: &errors, look_alikes: &look_alikes, once: &posted.once, ..Shown::of(&form, &practitioners) };
    let status = if errors.is_empty() { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, view(&ui, &shown)).into_response())
}

/// `GET /patients/{id}/edit`
pub async fn edit(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, PageError> {
    let opened = open(&app, &caller, &ui, &id, None, "").await?;
    let editing = Some((&opened.banner, opened.identity.version));
    Ok(view(&ui, &Shown { editing, ..Shown::of(&opened.identity.demographics, &opened.practitioners) }))
}

/// `POST /patients/{id}/edit`
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path(id): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let patient = PatientId::parse(&id).map_err(|_| PageError::not_found())?;
    if posted.patient != patient.as_str() {
        return Err(Error::WrongPatient.into());
    }
    let version: u32 = posted.version.parse().map_err(|_| Error::VersionMissing)?;
    let form = posted.demographics();
    if let Some(searched) = posted.searched() {
        let opened = open(&app, &caller, &ui, &id, Some(&form), searched).await?;
        let editing = Some((&opened.banner, version));
        return Ok(view(&ui, &Shown { editing, searched, ..Shown::of(&form, &opened.practitioners) }).into_response());
    }
    let others = posted.others();
    let of = EditOf { id: &patient, based_on: version, others: &others };
    let system = &ui.practice.record_number_system;
    let (errors, look_alikes) =
        match commands::edit(app.store.as_ref(), &caller, system, &form, of, ui.calendar()).await {
            Ok(Registration::Done(_)) => return Ok(said::then(&format!("/patients/{patient}"), Said::Identity)),
            Ok(Registration::LookAlikes(found)) => (Vec::new(), found),
            Err(Error::Fields(errors)) => (errors, Sealed::empty(Vec::new())),
            Err(Error::Stale) => return too_late(&app, &caller, &ui, &form, of).await,
            Err(other) => return Err(other.into()),
        };
    // Fields to mend are no looking-up: nobody was searched for, and the trail must not say so.
    let look_alikes =
        if errors.is_empty() { released(&app, look_alikes, looked_alike(&caller)).await? } else { Vec::new() };
    let opened = open(&app, &caller, &ui, &id, Some(&form), "").await?;
    let editing = Some((&opened.banner, version));
    let shown =
        Shown { editing, errors: &errors, look_alikes: &look_alikes, ..Shown::of(&form, &opened.practitioners) };
    let status = if errors.is_empty() { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, view(&ui, &shown)).into_response())
}

/// Somebody saved while the form was open: the form again, over what is there now, with who changed what.
async fn too_late(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    typed: &Demographics,
    of: EditOf<'_>,
) -> Result<Response, PageError> {
    let system = &ui.practice.record_number_system;
    let sealed = commands::meanwhile(app.store.as_ref(), caller, system, typed, of, ui.calendar()).await?;
    let detail = "edit form, changed meanwhile".to_owned();
    let meanwhile = released(app, sealed, Entry { detail, ..caller.entry("chart.read") }).await?;
    let opened = open(app, caller, ui, of.id.as_str(), Some(&meanwhile.form), "").await?;
    let editing = Some((&opened.banner, meanwhile.version));
    let shown = Shown { editing, meanwhile: Some(&meanwhile), ..Shown::of(&meanwhile.form, &opened.practitioners) };
    Ok((StatusCode::PRECONDITION_FAILED, view(ui, &shown)).into_response())
}

/// The trail's entry for having looked for patients who may be the same person.
fn looked_alike(caller: &Caller) -> Entry {
    Entry { detail: "look-alikes".to_owned(), ..caller.entry("patient.find") }
}

/// What the edit form needs besides what was typed.
struct Opened {
    banner: Banner,
    identity: Identity,
    practitioners: Practitioners,
}

/// Reads it, as one page load of one audit entry; `typed` is the form when one was sent.
async fn open(
    app: &App,
    caller: &Caller,
    ui: &Ui,
    id: &str,
    typed: Option<&Demographics>,
    searched: &str,
) -> Result<Opened, PageError> {
    let ask = ask::of(app, caller, ui, id, &View::default())?;
    let permit = caller.read_chart(Action::WriteIdentity, &ask.patient)?;
    let identity = commands::identity(ask.store, &permit, &ask.record_number_system, &ask.patient).await?;
    let form = typed.unwrap_or(&identity.for_decision().demographics);
    let offered = practitioners(app, caller, form, searched).await?;
    let sealed = ask.load(&[]).await?.zip(identity).zip(offered);
    let ((loaded, identity), practitioners) = ask.release(sealed, "edit form").await?;
    Ok(Opened { banner: loaded.banner, identity, practitioners })
}

/// The id of what a form makes: the same whenever it is sent, so that a patient is not their own look-alike, an allergy not listed twice.
pub(super) fn new_id(once: &str) -> Id {
    let digest = ring::digest::digest(&ring::digest::SHA256, once.as_bytes());
    let id = digest.as_ref().first_chunk::<16>().filter(|_| once.len() == 36);
    Id::from_uuid(id.map_or_else(uuid::Uuid::now_v7, |bytes| uuid::Builder::from_custom_bytes(*bytes).into_uuid()))
}

fn idempotency(posted: &Posted, form: &Demographics) -> Option<Idempotency> {
    let digest = ring::digest::digest(&ring::digest::SHA256, format!("{form:?}").as_bytes());
    let request = digest.as_ref().try_into().ok()?;
    (posted.once.len() == 36).then(|| Idempotency {
        key: format!("register:{}", posted.once),
        request,
        answer: String::new(),
    })
}

/// The practitioners the form offers.
async fn practitioners(
    app: &App,
    caller: &Caller,
    form: &Demographics,
    searched: &str,
) -> Result<Sealed<Practitioners>, PageError> {
    let permit = caller.read_practice(Action::ReadIdentity)?;
    let kept = &form.general_practitioner;
    Ok(lists::practitioners(app.store.as_ref(), &permit, caller, kept, searched).await?)
}

async fn released<T: Send>(app: &App, sealed: Sealed<T>, entry: Entry) -> Result<T, PageError> {
    Ok(app.store.release(sealed, entry).await.map_err(Error::from)?)
}
