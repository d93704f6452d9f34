//! The signature.

use super::{editor, named, revisions};
use crate::form::Form;
use crate::page::chart::ask::{self, View};
use crate::page::trail;
use crate::said::{self, Said};
use crate::{App, PageError, Ui};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic::note::signing::Seen;
use clinic::note::{self, Sign};
use clinic::{Caller, Error, FieldError};
use serde::Deserialize;
use uuid::Uuid;

/// What the signer sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    patient: String,
    version: String,
    seen: String,
    /// `name revision`, separated by commas.
    revisions: String,
}

/// `POST /patients/{id}/drafts/{draft}/sign`
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, draft)): Path<(String, String)>,
    Form(sent): Form<Sent>,
) -> Result<Response, PageError> {
    let (patient, number) = named(&id, &draft)?;
    let ask = ask::of(&app, &caller, &ui, &id, &View::default())?;
    let (loaded, summary) = ask.summary().await?;
    let sign = Sign {
        patient: patient.clone(),
        shown: &sent.patient,
        version: sent.version.parse().ok(),
        id: number,
        revisions: revisions(&sent.revisions).collect(),
        seen: &sent.seen,
        by: &ui.display_name,
        proof: Uuid::now_v7(),
    };
    let error = match note::sign(app.store.as_ref(), &caller, &sign, &Seen::of(&loaded, &summary)).await {
        Ok(key) => return Ok(said::then(&format!("/patients/{patient}/notes/{}", key.id), Said::Signed)),
        Err(error) => error,
    };
    trail::failed(&app, &caller, "note.sign", &[patient], None, &error).await?;
    let (status, errors) = match error {
        Error::Fields(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Error::Conflict(problem) => (StatusCode::CONFLICT, vec![FieldError { field: "note", problem }]),
        Error::Stale => {
            let problem = "who this patient is was changed since you opened the note: check above that this is the right patient, then sign";
            (StatusCode::PRECONDITION_FAILED, vec![FieldError { field: "note", problem: problem.to_owned() }])
        }
        other => return Err(other.into()),
    };
    Ok((status, editor::page(&app, &caller, &ui, (&id, &draft), &errors).await?).into_response())
}
