//! A draft is given up, or handed to another author.

use super::posted;
use crate::form::Form;
use crate::said::{self, Said};
use crate::{App, PageError};
use axum::extract::{Path, State};
use axum::response::Response;
use clinic::{Caller, note};
use serde::Deserialize;
use uuid::Uuid;

/// Of whom it was shown.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    patient: String,
    to: String,
}

/// `POST /patients/{id}/drafts/{draft}/discard`
pub async fn save(
    State(app): State<App>,
    caller: Caller,
    Path((id, draft)): Path<(String, String)>,
    Form(sent): Form<Sent>,
) -> Result<Response, PageError> {
    let (patient, draft) = posted(&id, &draft, &sent.patient)?;
    note::discard(app.store.as_ref(), &caller, &patient, draft).await?;
    Ok(said::then(&format!("/patients/{patient}/notes"), Said::Discarded))
}

/// `POST /patients/{id}/drafts/{draft}/reassign`
pub async fn reassign(
    State(app): State<App>,
    caller: Caller,
    Path((id, draft)): Path<(String, String)>,
    Form(sent): Form<Sent>,
) -> Result<Response, PageError> {
    let (patient, draft) = posted(&id, &draft, &sent.patient)?;
    // What is no account is nobody's.
    let to = Uuid::try_parse(&sent.to).unwrap_or_default();
    note::reassign(app.store.as_ref(), &caller, &patient, draft, to).await?;
    Ok(said::then("/drafts/all", Said::Reassigned))
}
