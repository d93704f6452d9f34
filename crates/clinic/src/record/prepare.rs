//! From the bytes somebody sent to the version that is stored. Pure.

use super::references;
use crate::error::{Error, Result};
use crate::patient::keys;
use bytes::Bytes;
use fhir::identity::Identity;
use fhir::index::Index;
use fhir::{Issue, IssueType, Key, Kind, json};
use jiff::Timestamp;
use serde_json::{Map, Value};
use store::record::{NewVersion, Stored};

/// Reads a body: JSON with no member twice, an object that names its resource type.
///
/// # Errors
/// [`Error::Malformed`] (400) naming where the text stops being that.
pub fn read_body(bytes: &[u8]) -> Result<Value> {
    let body = json::parse(bytes).map_err(|e| Error::Malformed(vec![Issue::from(&e)]))?;
    kind_of(&body)?;
    Ok(body)
}

/// The resource type a body names.
///
/// # Errors
/// [`Error::Malformed`] when it names none that R4 has.
pub fn kind_of(body: &Value) -> Result<Kind> {
    let unreadable = |text: &str| Error::Malformed(vec![Issue::error(IssueType::Structure, text).at("resourceType")]);
    let object = body.as_object().ok_or_else(|| unreadable("The body must be one JSON object: a FHIR resource."))?;
    let name = object.get("resourceType").and_then(Value::as_str);
    let name = name.ok_or_else(|| unreadable("A resource needs a resourceType, such as \"Patient\"."))?;
    Kind::parse(name).ok_or_else(|| unreadable("This resourceType is not one FHIR R4 has."))
}

/// Whether a body is a valid resource of its type.
///
/// # Errors
/// [`Error::Invalid`] (422) with every finding, each naming its FHIRPath.
pub fn check(body: &Value) -> Result<()> {
    check_as(body, kind_of(body)?)
}

/// Writes the id, `meta.versionId` and `meta.lastUpdated` into a body, each where it stood or after `resourceType`; the rest of `meta` stays.
pub fn stamp(body: &mut Value, key: &Key, version: u32, at: Timestamp) {
    let Some(members) = body.as_object_mut() else { return };
    put_early(members, 1, "id", Value::from(key.id.as_str()));
    let mut meta = match members.get_mut("meta").map(Value::take) {
        Some(Value::Object(meta)) => meta,
        _ => Map::new(),
    };
    put_early(&mut meta, 0, "versionId", Value::from(version.to_string()));
    put_early(&mut meta, 1, "lastUpdated", Value::from(instant(at)));
    put_early(members, 2, "meta", Value::Object(meta));
}

/// An instant as `meta.lastUpdated` writes it: UTC, milliseconds.
#[must_use]
pub fn instant(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// Sets a member in place, or inserts it at `place` when it is new.
fn put_early(members: &mut Map<String, Value>, place: usize, name: &str, value: Value) {
    if let Some(slot) = members.get_mut(name) {
        *slot = value;
    } else {
        members.shift_insert(place.min(members.len()), name.to_owned(), value);
    }
}

/// The stored form of a valid body: stamped, canonical, indexed. `number_system` is the practice's record-number system.
///
/// # Errors
/// [`Error::Malformed`] when the body names no resource type.
pub fn new_version(mut body: Value, key: &Key, version: u32, at: Timestamp, number_system: &str) -> Result<NewVersion> {
    stamp(&mut body, key, version, at);
    let find_keys = if key.kind == Kind::PATIENT { keys::of(&Identity::of(&body, number_system)) } else { Vec::new() };
    Ok(NewVersion { index: Index::of(key.kind, &body), find_keys, body: Bytes::from(json::write(&body)) })
}

/// References to entries of a bundle, in a resource that is stored: they name nothing here, and a chart's entry would be in no chart.
fn leading_nowhere(body: &Value) -> Vec<Issue> {
    let mut issues = Vec::new();
    references::each(body, &mut |reference, path| {
        if reference.starts_with("urn:uuid:") {
            let text = "This names an entry of a transaction; there is none of this name here.";
            issues.push(Issue::error(IssueType::NotFound, text).at(path()));
        }
    });
    issues
}

/// [`check`], and that the body is of the type the request names.
///
/// # Errors
/// As [`check`]; [`Error::Malformed`] (400) when the types differ.
pub fn check_as(body: &Value, kind: Kind) -> Result<()> {
    if kind_of(body)? != kind {
        let text = format!("The resourceType of the body must be {kind}, as in the address.");
        return Err(Error::Malformed(vec![Issue::error(IssueType::Invalid, text).at("resourceType")]));
    }
    let mut issues = fhir::validate::validate(kind, body);
    if kind != Kind::BUNDLE {
        issues.extend(leading_nowhere(body));
    }
    if issues.iter().any(Issue::is_error) { Err(Error::Invalid(issues)) } else { Ok(()) }
}

/// A change to store: its name, what it is based on, and what it says.
pub(super) struct Prepared {
    pub(super) key: Key,
    pub(super) before: Option<Stored>,
    pub(super) what: What,
}

/// A version as it will be stored, or a Patient that still waits for its record number.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every resource is the large one: a box would only cost an allocation"
)]
pub(super) enum What {
    Version(NewVersion),
    Unnumbered(Value),
}
