//! `$validate`: would this be taken? Nothing is stored.

use super::body::Sent;
use super::path::Path;
use super::{Facts, answer, key, kind, outcome, read};
use crate::error::ApiError;
use crate::state::App;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use clinic::Error;
use fhir::{Issue, IssueType, Kind, json};
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
    let (body, limits) = resource(&facts, sent.resource()?)?;
    told(kind, &body, limits)
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
    let (body, limits) = resource(&facts, sent.resource()?)?;
    told(key.kind, &body, limits)
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
    told(key.kind, &body, limits(&facts, &Value::Null)?)
}

/// The resource that was sent, and what is not looked at though it was asked for.
fn resource(facts: &Facts, mut body: Value) -> Result<(Value, Vec<Issue>), ApiError> {
    if body.get("resourceType").and_then(Value::as_str) != Some(Kind::PARAMETERS.name()) {
        return Ok((body, limits(facts, &Value::Null)?));
    }
    let limits = limits(facts, &body)?;
    let parts = body.get_mut("parameter").and_then(Value::as_array_mut);
    let mut named =
        parts.into_iter().flatten().filter(|part| part.get("name").and_then(Value::as_str) == Some("resource"));
    let resource = named.next().and_then(|part| part.get_mut("resource")).map(Value::take);
    Ok((resource.unwrap_or(body), limits))
}

/// A profile or mode (<http://hl7.org/fhir/R4/resource-operation-validate.html>): what is sent is held against R4 itself, as a create
/// or update would be.
fn limits(facts: &Facts, parameters: &Value) -> Result<Vec<Issue>, ApiError> {
    let mut asked = super::search::pairs(facts.query.as_bytes())?;
    for part in parameters.get("parameter").and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| part.get(name).and_then(Value::as_str).map(str::to_owned);
        let value = ["valueUri", "valueCanonical", "valueCode", "valueString"].into_iter().find_map(text);
        asked.extend(text("name").zip(value));
    }
    let mut limits = Vec::new();
    for (name, value) in asked {
        match (name.as_str(), value.as_str()) {
            ("mode", "create" | "update") | ("_format" | "_pretty", _) => {}
            ("profile", _) => {
                let text = "Profiles are not known here: this was checked against FHIR R4 itself alone.";
                limits.push(Issue::warning(IssueType::NotSupported, text));
            }
            _ => {
                let text = "$validate takes a resource, mode create or update, and profile.";
                return Err(ApiError::one(StatusCode::BAD_REQUEST, IssueType::NotSupported, text));
            }
        }
    }
    Ok(limits)
}

fn told(kind: Kind, body: &Value, limits: Vec<Issue>) -> Result<Response, ApiError> {
    let mut issues = match clinic::record::check_as(body, kind) {
        Ok(()) => fhir::validate::validate(kind, body),
        Err(Error::Malformed(issues) | Error::Invalid(issues)) => issues,
        Err(error) => return Err(error.into()),
    };
    issues.extend(limits);
    Ok(answer::json(StatusCode::OK, outcome::of(&issues)))
}
