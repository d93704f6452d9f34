//! `GET /fhir/Type/id` and `GET /fhir/Type/id/_history/version`.

use super::path::Path;
use super::{Facts, answer, key};
use crate::error::ApiError;
use crate::state::App;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use clinic::chart::binary;
use clinic::{Action, Error, audit};
use fhir::search::query::Summary;
use fhir::search::{Handling, Query};
use fhir::subset::Subset;
use fhir::{IssueType, Key, Kind};
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
    let part = part(&facts, key.kind)?;
    let stored = one(&app, &facts, &key, None).await?;
    Ok(show(&facts, part.as_ref(), stored))
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
    let part = part(&facts, key.kind)?;
    let stored = one(&app, &facts, &key, Some(version)).await?;
    Ok(show(&facts, part.as_ref(), stored))
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
        None | Some(1) if key.kind == Kind::AUDIT_EVENT => audit::event(app.store.as_ref(), &permit, &key.id).await?,
        _ if key.kind == Kind::AUDIT_EVENT => None,
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

fn show(facts: &Facts, part: Option<&Subset>, stored: Stored) -> Response {
    if answer::is_unchanged(facts, stored.version, stored.recorded_at) {
        return answer::version(StatusCode::NOT_MODIFIED, stored.version, stored.recorded_at, None);
    }
    let part = part.and_then(|part| part.apply(stored.key.kind, &stored.body));
    let body = part.map_or(stored.body, Bytes::from);
    answer::version(StatusCode::OK, stored.version, stored.recorded_at, Some(body))
}

/// `_summary` and `_elements` of a read; the rest of its query changes nothing.
fn part(facts: &Facts, kind: Kind) -> Result<Option<Subset>, ApiError> {
    let mut pairs = super::search::pairs(facts.query.as_bytes())?;
    pairs.retain(|(name, _)| matches!(name.as_str(), "_summary" | "_elements"));
    let handling = if facts.strict { Handling::Strict } else { Handling::Lenient };
    let (query, _) = Query::parse(kind, &pairs, handling, facts.caller.at)
        .map_err(|issues| ApiError::new(StatusCode::BAD_REQUEST, issues))?;
    if query.summary == Summary::Count {
        let text = "_summary=count is for searches.";
        return Err(ApiError::one(StatusCode::BAD_REQUEST, IssueType::NotSupported, text));
    }
    Ok(Subset::of(&query))
}
