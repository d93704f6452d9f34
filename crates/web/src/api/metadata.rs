//! `/fhir/metadata`: what this server does, made from the tables that make it do so.

use super::answer;
use crate::error::ApiError;
use crate::state::App;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use fhir::search::parameters::{self, Definition};
use fhir::{Kind, json};
use serde_json::{Value, json};

/// The CapabilityStatement. Open: it says nothing of any practice or patient.
///
/// # Errors
/// 406 when it is asked for in another form than JSON.
pub async fn show(State(app): State<App>, headers: HeaderMap, uri: axum::http::Uri) -> Result<Response, ApiError> {
    super::facts::accepts_json(&headers, uri.query().unwrap_or_default())?;
    let base = super::facts::base(&app, &headers);
    Ok(answer::json(StatusCode::OK, Bytes::from(json::write(&statement(&base)))))
}

/// Types that are not offered: parts of the transport.
const NOT_STORED: [&str; 2] = ["OperationOutcome", "Parameters"];

/// The interactions of a stored type, as R4 codes them.
const INTERACTIONS: [&str; 9] =
    ["read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type"];

/// Parameters of every type that no table row stands for.
const EVERYWHERE: [(&str, &str); 5] =
    [("_id", "token"), ("_lastUpdated", "date"), ("_text", "special"), ("_content", "special"), ("_has", "special")];

fn statement(base: &str) -> Value {
    let types: Vec<Value> = Kind::all().filter(|kind| !NOT_STORED.contains(&kind.name())).map(resource).collect();
    json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-22",
        "kind": "instance",
        "software": {"name": "Chartroom", "version": env!("CARGO_PKG_VERSION")},
        "implementation": {"description": "The record of one practice", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "patchFormat": ["application/json-patch+json"],
        "rest": [{
            "mode": "server",
            "documentation": "A change or deletion of a resource that belongs to a chart names the version it is based on (If-Match); \
                Prefer: return=minimal|representation|OperationOutcome and handling=strict|lenient are heeded; \
                an Idempotency-Key makes a repeated write or transaction, conditions included, answer as the first time for 7 days; a batch takes none. \
                The answer to a batch or transaction holds at most 64 MB; entries past it say so (413). A search within a chart is Patient/[id]/[type].",
            "security": {"description": "A bearer token made by the practice's manager, with SMART v2 system scopes."},
            "resource": types,
            "interaction": [{"code": "transaction"}, {"code": "batch"}, {"code": "history-system"}],
            "operation": [operation("validate", "Resource-validate")],
            "compartment": ["http://hl7.org/fhir/CompartmentDefinition/patient"]
        }]
    })
}

fn operation(name: &str, definition: &str) -> Value {
    json!({"name": name, "definition": format!("http://hl7.org/fhir/OperationDefinition/{definition}")})
}

/// The trail is read, and no more.
fn trail() -> Value {
    json!({
        "type": Kind::AUDIT_EVENT.name(),
        "profile": "http://hl7.org/fhir/StructureDefinition/AuditEvent",
        "documentation": "The audit trail, newest first, an event for each patient an entry names. Only for a token whose scope names AuditEvent.",
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "no-version",
        "searchParam": [{"name": "patient", "type": "reference"}, {"name": "date", "type": "date"}]
    })
}

fn resource(kind: Kind) -> Value {
    if kind == Kind::AUDIT_EVENT {
        return trail();
    }
    let mut described = json!({
        "type": kind.name(),
        "profile": format!("http://hl7.org/fhir/StructureDefinition/{kind}")
    });
    let Some(members) = described.as_object_mut() else { return described };
    let interactions: Vec<Value> = INTERACTIONS.iter().map(|code| json!({"code": code})).collect();
    members.insert("interaction".into(), interactions.into());
    for (name, value) in [
        ("versioning", json!("versioned-update")),
        ("readHistory", json!(true)),
        ("updateCreate", json!(true)),
        ("conditionalCreate", json!(true)),
        ("conditionalRead", json!("full-support")),
        ("conditionalUpdate", json!(true)),
        ("conditionalDelete", json!("single")),
        ("referencePolicy", json!(["literal", "local"])),
    ] {
        members.insert(name.into(), value);
    }
    let includes: Vec<Value> =
        references(kind).map(|definition| json!(format!("{kind}:{}", definition.code))).collect();
    if !includes.is_empty() {
        members.insert("searchInclude".into(), includes.into());
    }
    let reverse: Vec<Value> = Kind::all()
        .filter(|from| *from != Kind::AUDIT_EVENT)
        .flat_map(|from| {
            references(from).filter(move |d| names(d, kind)).map(move |d| json!(format!("{from}:{}", d.code)))
        })
        .collect();
    if !reverse.is_empty() {
        members.insert("searchRevInclude".into(), reverse.into());
    }
    let everywhere = EVERYWHERE.iter().map(|(name, value)| json!({"name": name, "type": value}));
    let own = parameters::of_kind(kind).map(|d| json!({"name": d.code, "type": d.value.name()}));
    members.insert("searchParam".into(), everywhere.chain(own).collect());
    if kind == Kind::PATIENT {
        members.insert("operation".into(), json!([operation("everything", "Patient-everything")]));
    }
    described
}

fn references(kind: Kind) -> impl Iterator<Item = &'static Definition> {
    parameters::of_kind(kind).filter(|definition| definition.value == parameters::ValueType::Reference)
}

fn names(definition: &Definition, kind: Kind) -> bool {
    definition.only.map_or(definition.targets.contains(&kind), |only| only == kind)
}
