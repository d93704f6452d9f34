//! The FHIR R4 REST API at `/fhir`. One verb, one file; bodies are stored and served as bytes.
//!
//! Every handler takes [`Facts`] (who asks, what they prefer, which forms they accept), asks `clinic` for a permit, and answers through
//! [`answer`]. Whatever fails is an OperationOutcome.

pub mod answer;
pub mod body;
pub mod bundle_in;
pub mod bundle_out;
pub mod everything;
pub mod facts;
pub mod history;
pub mod metadata;
pub mod outcome;
pub mod path;
pub mod read;
pub mod routes;
pub mod search;
pub mod validate;
pub mod write;

pub use facts::Facts;

use crate::error::ApiError;
use crate::state::App;
use axum::http::StatusCode;
use fhir::{Id, Key, Kind};
use store::audit::{Entry, Outcome};

/// What was attempted; a failure is in the trail before it is told. What succeeds carries its own entry.
pub(crate) async fn in_trail<T>(app: &App, entry: Entry, attempted: Result<T, ApiError>) -> Result<T, ApiError> {
    // A database that cannot answer takes no entry either, and its first answer (it may have been saved) is the one that must be told.
    if let Err(error) = &attempted
        && error.status() != StatusCode::SERVICE_UNAVAILABLE
    {
        let refused = error.status() == StatusCode::FORBIDDEN;
        let outcome = if refused { Outcome::Refused } else { Outcome::Failed };
        app.store.append(Entry { outcome, ..entry }).await?;
    }
    attempted
}

/// The resource type of an address.
///
/// # Errors
/// 404 when R4 has no such type.
pub fn kind(name: &str) -> Result<Kind, ApiError> {
    match Kind::parse(name) {
        Some(kind) => Ok(kind),
        None if name.starts_with('$') => Err(ApiError::unknown_operation()),
        None => Err(ApiError::unknown_type()),
    }
}

/// The resource of an address.
///
/// # Errors
/// 404 when R4 has no such type, or the id is not one a resource can have.
pub fn key(kind_name: &str, id: &str) -> Result<Key, ApiError> {
    let kind = kind(kind_name)?;
    let unknown = |_| if id.starts_with('$') { ApiError::unknown_operation() } else { ApiError::not_found() };
    Ok(Key::new(kind, Id::parse(id).map_err(unknown)?))
}
