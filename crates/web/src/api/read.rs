//! `GET /fhir/Type/id` and `GET /fhir/Type/id/_history/version`.

use super::{Facts, answer, key};
use crate::error::ApiError;
use crate::state::App;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use clinic::chart::binary;
use clinic::{Action, Error};
use fhir::{Key, Kind};
use store::audit::{Entry, Outcome};
use store::record::Stored;

/// The current version.
///
/// # Errors
/// 404 absent, 410 deleted, 403 out of the token's scope.
pub async fn read(
    State(app): State<App>,
    Path((kind, id)): Path<(String, String)>,
    facts: Facts,
) -> Result<Response, ApiError> {
    let key = key(&kind, &id)?;
    let stored = one(&app, &facts, &key, None).await?;
    show(&facts, stored)
}

/// One version.
///
/// # Errors
/// As [`read`].
pub async fn version(
    State(app): State<App>,
    Path((kind, id, version)): Path<(String, String, String)>,
    facts: Facts,
) -> Result<Response, ApiError> {
    let key = key(&kind, &id)?;
    let version = version.parse().map_err(|_| ApiError::not_found())?;
    let stored = one(&app, &facts, &key, Some(version)).await?;
    show(&facts, stored)
}

/// Reads one resource, audited whether it is there or not.
pub(super) async fn one(app: &App, facts: &Facts, key: &Key, version: Option<u32>) -> Result<Stored, ApiError> {
    let permit = facts.caller.read_practice(Action::UseApi)?;
    let mut entry = facts.caller.entry(if version.is_some() { "api.vread" } else { "api.read" });
    entry.what.push((key.clone(), version.unwrap_or(0)));
    if !permit.kinds().contains(key.kind) {
        app.store.append(Entry { outcome: Outcome::Refused, ..entry }).await?;
        return Err(Error::NotPermitted.into());
    }
    let found = match version {
        None => app.store.read(&permit, key).await?,
        Some(version) => app.store.read_version(&permit, key, version).await?,
    };
    let Some(sealed) = found else {
        app.store.append(Entry { outcome: Outcome::Failed, ..entry }).await?;
        return Err(ApiError::not_found());
    };
    if let Some((_, shown)) = entry.what.first_mut() {
        *shown = sealed.for_decision().version;
    }
    if key.kind == Kind::BINARY {
        entry.patients = binary::patients(app.store.as_ref(), &facts.caller, sealed.for_decision()).await?;
    }
    let stored = app.store.release(sealed, entry).await?;
    if stored.deleted { Err(Error::Gone.into()) } else { Ok(stored) }
}

fn show(facts: &Facts, stored: Stored) -> Result<Response, ApiError> {
    if answer::is_unchanged(facts, stored.version, stored.recorded_at) {
        return Ok(answer::version(StatusCode::NOT_MODIFIED, stored.version, stored.recorded_at, None));
    }
    Ok(answer::version(StatusCode::OK, stored.version, stored.recorded_at, Some(stored.body)))
}
