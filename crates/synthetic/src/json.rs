//! Small builders for the FHIR data types every resource uses.

use crate::rng::mix;
use serde_json::{Number, Value, json};

pub(crate) const LOINC: &str = "http://loinc.org";
pub(crate) const ICD10: &str = "http://hl7.org/fhir/sid/icd-10-cm";
pub(crate) const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
pub(crate) const CVX: &str = "http://hl7.org/fhir/sid/cvx";
pub(crate) const UCUM: &str = "http://unitsofmeasure.org";

/// A resource id: a UUID in the version-4 layout whose bits come from `seed`, the `purpose` and the `number` alone.
pub(crate) fn uuid(seed: u64, purpose: u64, number: u64) -> String {
    let high = mix(mix(seed, purpose), number) & !0xF000 | 0x4000;
    let low = mix(high, number) & !(0b11 << 62) | 0b10 << 62;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xFFFF,
        high & 0xFFFF,
        low >> 48,
        low & 0xFFFF_FFFF_FFFF
    )
}

/// A decimal with exactly `places` digits after the point, as a laboratory would report it (`5.0`, not `5`).
pub(crate) fn decimal(value: f64, places: usize) -> Value {
    let text = format!("{value:.places$}");
    // Every value here is finite, so the text is a JSON number; should it not be, null is refused by every reader.
    text.parse::<Number>().map_or(Value::Null, Value::Number)
}

/// A UCUM quantity.
pub(crate) fn quantity(value: f64, places: usize, unit: &str, code: &str) -> Value {
    json!({ "value": decimal(value, places), "unit": unit, "system": UCUM, "code": code })
}

/// A concept with one coding, whose text is its display.
pub(crate) fn concept(system: &str, code: &str, display: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code, "display": display }], "text": display })
}

/// A concept with one coding and other words for people.
pub(crate) fn concept_said(system: &str, code: &str, display: &str, text: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code, "display": display }], "text": text })
}

/// A concept of an HL7 code system (`http://terminology.hl7.org/CodeSystem/…`).
pub(crate) fn hl7(system: &str, code: &str, display: &str) -> Value {
    json!({ "coding": [{ "system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code, "display": display }] })
}

/// A literal reference with the words people read.
pub(crate) fn reference(kind: &str, id: &str, display: &str) -> Value {
    json!({ "reference": format!("{kind}/{id}"), "display": display })
}

/// A literal reference alone.
pub(crate) fn link(kind: &str, id: &str) -> Value {
    json!({ "reference": format!("{kind}/{id}") })
}

/// The resource type.
pub(crate) fn json_kind(resource: &Value) -> &str {
    resource.get("resourceType").and_then(Value::as_str).unwrap_or_default()
}

/// Sets one element of a resource under construction.
pub(crate) fn set(resource: &mut Value, name: &str, value: Value) {
    if let Some(object) = resource.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}
