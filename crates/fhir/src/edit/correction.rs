//! Corrections of chart entries: marked as entered in error, or moved to the chart they belong to. Nothing is ever removed: each is a
//! new version, and why it was made stays in it.

use crate::{Key, Kind, PatientId};
use serde_json::{Map, Value, json};

/// Says why an entry was marked as entered in error.
pub const ERROR: &str = "urn:chartroom:entered-in-error";
/// Says that an entry was moved into its chart from another one, and why.
pub const MOVED: &str = "urn:chartroom:moved";

/// Who corrects, why and when.
#[derive(Debug, Clone)]
pub struct Because<'a> {
    /// The reason given.
    pub reason: &'a str,
    /// Who.
    pub by: &'a str,
    /// When, as a FHIR instant.
    pub at: &'a str,
}

/// Why an entry cannot be corrected so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPossible {
    /// R4 gives this type no way to say it.
    #[error("this type of entry cannot be marked as entered in error")]
    NoSuchStatus,
    /// It is marked already.
    #[error("this entry is already marked as entered in error")]
    Already,
    /// It names no patient.
    #[error("this entry belongs to no chart, so it cannot be moved")]
    NoPatient,
    /// A visit holds other entries.
    #[error("a visit cannot be moved: move its entries, then mark the visit as entered in error")]
    Visit,
    /// The patient's own record.
    #[error("a patient's own record cannot be corrected this way")]
    Patient,
}

/// How a type says that it was entered in error (R4 value sets of its status element).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// A code in this element.
    Code(&'static str),
    /// `verificationStatus`, of this code system; `clinicalStatus` must then be absent (R4 con-5, ait-2).
    Verification(&'static str),
}

fn way(kind: Kind) -> Option<Way> {
    Some(match kind.name() {
        "Condition" => Way::Verification("http://terminology.hl7.org/CodeSystem/condition-ver-status"),
        "AllergyIntolerance" => {
            Way::Verification("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification")
        }
        "Goal" => Way::Code("lifecycleStatus"),
        "Observation"
        | "DiagnosticReport"
        | "DocumentReference"
        | "Immunization"
        | "Procedure"
        | "Encounter"
        | "MedicationRequest"
        | "MedicationStatement"
        | "MedicationAdministration"
        | "MedicationDispense"
        | "CarePlan"
        | "CareTeam"
        | "Composition"
        | "ServiceRequest"
        | "QuestionnaireResponse"
        | "Coverage"
        | "Appointment"
        | "Task"
        | "Media"
        | "Flag"
        | "Consent"
        | "Communication"
        | "CommunicationRequest"
        | "ImagingStudy"
        | "ClinicalImpression"
        | "FamilyMemberHistory"
        | "Claim"
        | "ExplanationOfBenefit"
        | "Device"
        | "DeviceRequest"
        | "Specimen"
        | "List"
        | "RiskAssessment"
        | "EpisodeOfCare"
        | "NutritionOrder"
        | "DetectedIssue"
        | "ImmunizationEvaluation"
        | "VisionPrescription"
        | "RequestGroup" => Way::Code("status"),
        _ => return None,
    })
}

/// Whether entries of a type can be marked as entered in error.
#[must_use]
pub fn can_mark(kind: Kind) -> bool {
    way(kind).is_some()
}

/// Marks an entry as entered in error, with the reason kept in it.
///
/// # Errors
/// When its type cannot say so, or it says so already.
pub fn mark_error(body: &mut Value, kind: Kind, because: &Because<'_>) -> Result<(), NotPossible> {
    let way = way(kind).ok_or(NotPossible::NoSuchStatus)?;
    let members = body.as_object_mut().ok_or(NotPossible::NoSuchStatus)?;
    let status = match way {
        Way::Code(element) => {
            if members.get(element).and_then(Value::as_str) == Some("entered-in-error") {
                return Err(NotPossible::Already);
            }
            (element, json!("entered-in-error"))
        }
        Way::Verification(system) => {
            let coding = members.get("verificationStatus").and_then(|status| status.pointer("/coding/0/code"));
            if coding.and_then(Value::as_str) == Some("entered-in-error") {
                return Err(NotPossible::Already);
            }
            members.shift_remove("clinicalStatus");
            // R4 con-4: only what is resolved, inactive or in remission has ended, and no such status may stand here. Its earlier version tells.
            members.retain(|name, _| !name.trim_start_matches('_').starts_with("abatement"));
            let coding = json!({"system": system, "code": "entered-in-error", "display": "Entered in Error"});
            ("verificationStatus", json!({"coding": [coding]}))
        }
    };
    members.insert(status.0.to_owned(), status.1);
    members.shift_remove(&format!("_{}", status.0));
    explain(members, ERROR, because);
    Ok(())
}

/// Whether a body says that it was entered in error, in whichever element its type says it.
#[must_use]
pub fn is_marked(body: &Value) -> bool {
    let says = |status: Option<&Value>| status.and_then(Value::as_str) == Some("entered-in-error");
    let verified = body.pointer("/verificationStatus/coding").and_then(Value::as_array);
    says(body.get("status"))
        || says(body.get("lifecycleStatus"))
        || verified.is_some_and(|codings| codings.iter().any(|coding| says(coding.get("code"))))
}

/// The element that names the patient of a resource, when it has one that names a patient.
fn patient_element(members: &Map<String, Value>) -> Option<&'static str> {
    ["subject", "patient", "beneficiary"].into_iter().find(|element| {
        let reference = members.get(*element).and_then(|subject| subject.get("reference")).and_then(Value::as_str);
        reference.and_then(Key::parse).is_some_and(|key| key.kind == Kind::PATIENT)
    })
}

/// Moves an entry to another patient's chart. Every reference to the old patient becomes one to the new; references to entries of the
/// chart it leaves (its visit, its order, what it derives from, its specimen) stay behind, and so do the narrative and the words that
/// stood beside them, which may name the old patient. References to people and places of the practice stay.
///
/// # Errors
/// When it is a visit or a patient, or names no patient.
pub fn move_to(body: &mut Value, kind: Kind, patient: &PatientId, because: &Because<'_>) -> Result<(), NotPossible> {
    match kind {
        Kind::PATIENT => return Err(NotPossible::Patient),
        Kind::ENCOUNTER => return Err(NotPossible::Visit),
        _ => {}
    }
    let members = body.as_object_mut().ok_or(NotPossible::NoPatient)?;
    let element = patient_element(members).ok_or(NotPossible::NoPatient)?;
    let old = members.get(element).and_then(|subject| subject.get("reference")).and_then(Value::as_str);
    let old = old.and_then(Key::parse).ok_or(NotPossible::NoPatient)?;
    members.shift_remove("text");
    for (_, value) in members.iter_mut() {
        leave_behind(value, &old, patient);
    }
    members.retain(|name, value| name == "extension" || !is_empty(value));
    explain(members, MOVED, because);
    Ok(())
}

/// Types that belong to the practice rather than to one chart: references to them go along.
const PRACTICE: [Kind; 7] = [
    Kind::PRACTITIONER,
    Kind::PRACTITIONER_ROLE,
    Kind::ORGANIZATION,
    Kind::LOCATION,
    Kind::MEDICATION,
    Kind::BINARY,
    Kind::DEVICE,
];

/// Rewrites references to the old patient and empties references to the old chart's entries; what is empty then goes.
fn leave_behind(value: &mut Value, old: &Key, new: &PatientId) {
    match value {
        Value::Array(items) => {
            for item in items.iter_mut() {
                leave_behind(item, old, new);
            }
            items.retain(|item| !is_empty(item));
        }
        Value::Object(members) => {
            let key = members.get("reference").and_then(Value::as_str).and_then(Key::parse);
            match key {
                Some(key) if key == *old => *value = json!({"reference": new.key().to_string()}),
                Some(key) if !PRACTICE.contains(&key.kind) => *value = json!({}),
                _ => {
                    for (_, member) in members.iter_mut() {
                        leave_behind(member, old, new);
                    }
                    members.retain(|_, member| !is_empty(member));
                }
            }
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// The entries an entry cannot be moved without: results of a report, members of a panel.
#[must_use]
pub fn members_of(body: &Value) -> Vec<Key> {
    let references = |element: &str| {
        let all = body.get(element).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        all.iter().filter_map(|reference| reference.get("reference")?.as_str().and_then(Key::parse)).collect::<Vec<_>>()
    };
    let mut keys = references("result");
    keys.extend(references("hasMember"));
    keys
}

/// Provenance that lets a chart tell of an entry that left it or came to it: it names the chart and the entry.
#[must_use]
pub fn moved_provenance(patient: &PatientId, entry: &Key, left: bool, who: &Value, because: &Because<'_>) -> Value {
    let activity =
        if left { "Entry moved to another patient's chart" } else { "Entry moved here from another patient's chart" };
    json!({
        "resourceType": "Provenance",
        "target": [{"reference": patient.key().to_string()}, {"reference": entry.to_string()}],
        "recorded": because.at,
        "activity": {"text": activity},
        "reason": [{"text": because.reason}],
        "agent": [{"who": who}]
    })
}

fn explain(members: &mut Map<String, Value>, url: &str, because: &Because<'_>) {
    let said = json!({"url": url, "extension": [
        {"url": "reason", "valueString": because.reason},
        {"url": "by", "valueString": because.by},
        {"url": "at", "valueInstant": because.at},
    ]});
    match members.get_mut("extension").and_then(Value::as_array_mut) {
        Some(extensions) => {
            extensions.retain(|extension| extension.get("url").and_then(Value::as_str) != Some(url));
            extensions.push(said);
        }
        None => {
            members.insert("extension".to_owned(), json!([said]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BECAUSE: Because<'_> = Because { reason: "Wrong patient", by: "Dr Ama Okafor", at: "2026-11-22T10:00:00Z" };

    #[test]
    fn each_type_says_it_in_its_own_element() {
        let mut condition = json!({"resourceType": "Condition", "clinicalStatus": {"coding": [{"code": "active"}]},
            "verificationStatus": {"coding": [{"code": "confirmed"}]}});
        mark_error(&mut condition, Kind::CONDITION, &BECAUSE).expect("marked");
        assert!(condition.get("clinicalStatus").is_none(), "con-5");
        assert_eq!(condition.pointer("/verificationStatus/coding/0/code"), Some(&json!("entered-in-error")));
        assert_eq!(condition.pointer("/extension/0/extension/0/valueString"), Some(&json!("Wrong patient")));
        assert_eq!(mark_error(&mut condition, Kind::CONDITION, &BECAUSE), Err(NotPossible::Already));

        let mut ended = json!({"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p"}, "code": {"text": "Sprain"},
            "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "resolved"}]},
            "onsetDateTime": "2015", "abatementDateTime": "2016"});
        mark_error(&mut ended, Kind::CONDITION, &BECAUSE).expect("marked");
        let issues = crate::validate::validate(Kind::CONDITION, &ended);
        assert!(
            !issues.iter().any(crate::Issue::is_error) && ended.get("onsetDateTime").is_some(),
            "con-4: {issues:?}"
        );

        let mut observation = json!({"resourceType": "Observation", "status": "final", "valueInteger": 3});
        mark_error(&mut observation, Kind::OBSERVATION, &BECAUSE).expect("marked");
        assert_eq!(observation.get("status"), Some(&json!("entered-in-error")));
        assert_eq!(observation.get("valueInteger"), Some(&json!(3)), "nothing else changes");
        let mut goal = json!({"lifecycleStatus": "active"});
        mark_error(&mut goal, Kind::GOAL, &BECAUSE).expect("marked");
        assert_eq!(goal.get("lifecycleStatus"), Some(&json!("entered-in-error")));
        assert_eq!(mark_error(&mut json!({}), Kind::PROVENANCE, &BECAUSE), Err(NotPossible::NoSuchStatus));
    }

    #[test]
    fn a_moved_entry_names_the_right_patient_and_leaves_the_visit_behind() {
        let right = PatientId::parse("right").expect("id");
        let mut body = json!({"resourceType": "Observation", "subject": {"reference": "Patient/wrong", "display": "WRONG, Pat"},
            "text": {"status": "generated", "div": "<div>wrong, Pat</div>"},
            "encounter": {"reference": "Encounter/e", "display": "Visit of wrong, Pat"}, "valueInteger": 3,
            "performer": [{"reference": "Patient/wrong", "display": "wrong, Pat"}, {"reference": "Practitioner/p", "display": "Dr P"}],
            "basedOn": [{"reference": "ServiceRequest/wrong-order"}], "specimen": {"reference": "Specimen/of-wrong"},
            "component": [{"code": {"text": "Part"}, "extension": [{"url": "urn:x", "valueReference": {"reference": "Patient/wrong"}}]}]});
        move_to(&mut body, Kind::OBSERVATION, &right, &BECAUSE).expect("moved");
        assert_eq!(body.get("subject"), Some(&json!({"reference": "Patient/right"})));
        assert!(["encounter", "text", "basedOn", "specimen"].iter().all(|element| body.get(*element).is_none()));
        assert_eq!(
            body.get("performer"),
            Some(&json!([{"reference": "Patient/right"}, {"reference": "Practitioner/p", "display": "Dr P"}]))
        );
        assert_eq!(body.pointer("/component/0/extension/0/valueReference/reference"), Some(&json!("Patient/right")));
        assert!(!body.to_string().contains("wrong"), "nothing of the other patient comes along");
        let mut allergy = json!({"resourceType": "AllergyIntolerance", "patient": {"reference": "Patient/wrong"}});
        move_to(&mut allergy, Kind::ALLERGY_INTOLERANCE, &right, &BECAUSE).expect("moved");
        assert_eq!(allergy.pointer("/patient/reference"), Some(&json!("Patient/right")));
        assert_eq!(move_to(&mut json!({}), Kind::ENCOUNTER, &right, &BECAUSE), Err(NotPossible::Visit));
        assert_eq!(move_to(&mut json!({}), Kind::OBSERVATION, &right, &BECAUSE), Err(NotPossible::NoPatient));
    }
}
