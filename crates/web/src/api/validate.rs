//! `$validate`: would this be taken? Nothing is stored.

use super::body::Sent;
use super::{Facts, answer, key, kind, outcome, read};
use crate::error::ApiError;
use crate::state::App;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use clinic::Error;
use fhir::{Kind, json};
use serde_json::Value;

/// `POST /fhir/Type/$validate`: the resource, or Parameters with it.
///
/// # Errors
/// 400, 415 when there is no resource to look at. What is wrong with one is an answer.
pub async fn of_type(
    State(app): State<App>,
    Path(name): Path<String>,
    facts: Facts,
    sent: Sent,
) -> Result<Response, ApiError> {
    let kind = kind(&name)?;
    app.store.append(facts.caller.entry("api.validate")).await?;
    let body = resource(sent.resource()?);
    told(kind, &body)
}

/// `POST /fhir/Type/id/$validate`: the resource as it would be stored under this id.
///
/// # Errors
/// As [`of_type`].
pub async fn of_one(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
    facts: Facts,
    sent: Sent,
) -> Result<Response, ApiError> {
    let key = key(&name, &id)?;
    if sent.bytes.is_empty() {
        return stored(State(app), Path((name, id)), facts).await;
    }
    app.store.append(facts.caller.entry("api.validate")).await?;
    told(key.kind, &resource(sent.resource()?))
}

/// `GET /fhir/Type/id/$validate`: the resource as it is stored.
///
/// # Errors
/// As [`super::read::read`].
pub async fn stored(
    State(app): State<App>,
    Path((name, id)): Path<(String, String)>,
    facts: Facts,
) -> Result<Response, ApiError> {
    let key = key(&name, &id)?;
    let stored = read::one(&app, &facts, &key, None).await?;
    let body = json::parse(&stored.body).map_err(|_| ApiError::fault("a stored body cannot be read"))?;
    told(key.kind, &body)
}

fn resource(body: Value) -> Value {
    if body.get("resourceType").and_then(Value::as_str) != Some(Kind::PARAMETERS.name()) {
        return body;
    }
    let parts = body.get("parameter").and_then(Value::as_array);
    let named =
        parts.and_then(|parts| parts.iter().find(|part| part.get("name").and_then(Value::as_str) == Some("resource")));
    named.and_then(|part| part.get("resource")).cloned().unwrap_or(body)
}

fn told(kind: Kind, body: &Value) -> Result<Response, ApiError> {
    let issues = match clinic::record::check_as(body, kind) {
        Ok(()) => fhir::validate::validate(kind, body),
        Err(Error::Malformed(issues) | Error::Invalid(issues)) => issues,
        Err(error) => return Err(error.into()),
    };
    Ok(answer::json(StatusCode::OK, outcome::of(&issues)))
}
