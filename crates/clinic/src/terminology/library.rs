//! An imported edition as FHIR: a Library whose content is the edition's pack (docs/adr/0010-imported-code-systems.md).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fhir::Id;
use reference::icd10cm::{Icd10cm, pack};
use serde_json::{Value, json};
use store::record::Stored;

const PREFIX: &str = "icd10cm-";
const URL: &str = "urn:chartroom:reference:icd10cm";

/// The id of the edition that begins on this day: importing it again takes the place of the earlier import.
pub(super) fn id(codes: &Icd10cm) -> Option<Id> {
    Id::parse(&format!("{PREFIX}{}", codes.edition().from)).ok()
}

/// An edition as a Library.
///
/// # Errors
/// As [`Icd10cm::pack`].
pub(super) fn body(codes: &Icd10cm) -> std::io::Result<Value> {
    let edition = codes.edition();
    Ok(json!({
        "resourceType": "Library",
        "url": URL,
        "version": edition.name,
        "name": "ICD10CM",
        "title": format!("ICD-10-CM {}", edition.name),
        "status": "active",
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/library-type", "code": "asset-collection"}]},
        "publisher": edition.source,
        "effectivePeriod": {"start": edition.from.to_string(), "end": edition.to.to_string()},
        "content": [{"contentType": "application/gzip", "data": STANDARD.encode(codes.pack()?)}]
    }))
}

/// The edition of a Library; `None` when it is none of ours. One that cannot be read is `Some(None)`.
pub(super) fn read(stored: &Stored) -> Option<Option<Icd10cm>> {
    (!stored.deleted && stored.key.id.as_str().starts_with(PREFIX)).then_some(())?;
    let body: Value = serde_json::from_slice(&stored.body).ok()?;
    (body.get("url")?.as_str() == Some(URL)).then_some(())?;
    let data = body.pointer("/content/0/data").and_then(Value::as_str).unwrap_or_default();
    Some(STANDARD.decode(data).ok().and_then(|packed| pack::read(&packed).ok()))
}
