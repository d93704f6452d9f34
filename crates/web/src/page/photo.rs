//! A patient's photo.

use crate::{App, PageError};
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use clinic::patient::commands;
use clinic::{Action, Caller, Error};
use fhir::PatientId;

/// `GET /patients/{id}/photo`: 404 when there is none, or when the bytes on file are no picture.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, PageError> {
    let id = PatientId::parse(&id).map_err(|_| PageError::not_found())?;
    let permit = caller.read_chart(Action::ReadIdentity, &id)?;
    let store = app.store.as_ref();
    let photo = commands::photo(store, &permit, &id).await?;
    let mut entry = caller.entry("patient.read");
    entry.detail = "photo".to_owned();
    let (bytes, media_type) =
        store.release(photo, entry).await.map_err(Error::from)?.ok_or_else(PageError::not_found)?;
    Ok(([(header::CONTENT_TYPE, media_type), (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")], bytes))
}
