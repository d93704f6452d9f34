//! The record number: an identifier of type MR that every Patient carries, whichever way it arrived.

use serde_json::{Value, json};

/// The record number a Patient carries, if it has one of ours.
#[must_use]
pub fn of<'a>(patient: &'a Value, system: &str) -> Option<&'a str> {
    let identifiers = patient.get("identifier")?.as_array()?;
    let ours = identifiers.iter().find(|i| i.get("system").and_then(Value::as_str) == Some(system))?;
    ours.get("value").and_then(Value::as_str)
}

/// Whether a Patient carries any identifier of our system, with a value or without.
#[must_use]
pub fn present(patient: &Value, system: &str) -> bool {
    let identifiers = patient.get("identifier").and_then(Value::as_array);
    identifiers.is_some_and(|all| all.iter().any(|i| i.get("system").and_then(Value::as_str) == Some(system)))
}

/// Adds our record number after the identifiers a Patient came with.
/// Type MR: <http://terminology.hl7.org/CodeSystem/v2-0203> (HL7 v2 table 0203, "Medical record number").
pub fn add(patient: &mut Value, system: &str, number: &str) {
    let ours = json!({
        "use": "usual",
        "type": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/v2-0203",
            "code": "MR",
            "display": "Medical record number"
        }]},
        "system": system,
        "value": number
    });
    let Some(members) = patient.as_object_mut() else { return };
    match members.get_mut("identifier").and_then(Value::as_array_mut) {
        Some(identifiers) => identifiers.push(ours),
        None => {
            members.insert("identifier".to_owned(), json!([ours]));
        }
    }
}
