//! The cosignature.

use super::{named, signed};
use crate::form::Form;
use crate::page::chart::ask::{self, View};
use crate::page::trail;
use crate::said::{self, Said};
use crate::{App, PageError, Ui};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic::note::cosigning::{Cosign, cosign};
use clinic::note::proof;
use clinic::note::signing::Seen;
use clinic::{Caller, Error, FieldError};
use fhir::Id;
use serde::Deserialize;
use uuid::Uuid;

/// What the cosigner sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    patient: String,
    version: String,
    seen: String,
}

/// `POST /patients/{id}/notes/{note}/cosign`
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    ui: Ui,
    Path((id, note)): Path<(String, String)>,
    Form(sent): Form<Sent>,
) -> Result<Response, PageError> {
    let (patient, number) = named(&id, &note)?;
    let ask = ask::of(&app, &caller, &ui, &id, &View::default())?;
    let read = ask.find_summary().await?.zip(proof::of(&ask, &Id::from_uuid(number)).await?);
    let ((loaded, summary), proof) = ask.release(read, "summary").await?;
    let seen = Seen::of(&loaded, &summary).with(signed::added(&proof));
    let (shown, version) = (sent.patient.as_str(), sent.version.parse().ok());
    let asked = Cosign { shown, version, note: number, seen: &sent.seen, by: &ui.display_name, proof: Uuid::now_v7() };
    let error = match cosign(&ask, &asked, &seen).await {
        Ok(()) => return Ok(said::then(&format!("/patients/{patient}/notes/{number}"), Said::Cosigned)),
        Err(error) => error,
    };
    trail::failed(&app, &caller, "note.cosign", &[patient], None, &error).await?;
    let (status, problem) = match error {
        Error::Conflict(problem) => (StatusCode::CONFLICT, problem),
        Error::Stale => {
            let problem = "who this patient is was changed since you opened the note: check above that this is the right patient, then cosign";
            (StatusCode::PRECONDITION_FAILED, problem.to_owned())
        }
        other => return Err(other.into()),
    };
    let errors = [FieldError { field: "signatures", problem }];
    let page = signed::page(&app, &caller, &ui, (&id, &note), &View::default(), &errors).await?;
    Ok((status, page).into_response())
}
