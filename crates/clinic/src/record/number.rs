//! The record number: an identifier of type MR that every Patient carries, whichever way it arrived.

use crate::error::{Error, Result};
use fhir::{Issue, IssueType};
use serde_json::{Value, json};
use store::record::Stored;

/// Gives a Patient the number the stored version has. `false` when there is none yet: the store must give one.
///
/// # Errors
/// [`Error::Invalid`] when the Patient brings a number that is not its own: a number is given once and never changed from outside.
pub fn settle(patient: &mut Value, before: Option<&Stored>, system: &str) -> Result<bool> {
    let stored =
        before.filter(|stored| !stored.body.is_empty()).and_then(|stored| fhir::json::parse(&stored.body).ok());
    let had = stored.as_ref().and_then(|stored| of(stored, system));
    match (had, of(patient, system)) {
        (Some(had), Some(has)) if had == has => Ok(true),
        (Some(had), None) if !present(patient, system) => {
            add(patient, system, had);
            Ok(true)
        }
        (None, None) if !present(patient, system) => Ok(false),
        _ => {
            let text = format!(
                "Record numbers are given by this practice: leave out the identifier of system {system}, or keep the one this patient has."
            );
            Err(Error::Invalid(vec![Issue::error(IssueType::BusinessRule, text).at("Patient.identifier")]))
        }
    }
}

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
