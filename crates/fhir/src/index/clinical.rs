//! Which chart a resource belongs to, and where in its section it stands: two tables.

use crate::{Key, Kind, PatientId};
use serde_json::Value;

/// The element that names the chart a resource belongs to, where it is one plain reference.
///
/// R4's patient compartment (CompartmentDefinition/patient, 4.0.1) names for each type the parameters that put it in a chart; the
/// column holds the first of subject, patient or the like. Device is added: R4 leaves it out, but a patient's device names them.
#[must_use]
pub fn compartment_path(kind: Kind) -> Option<&'static str> {
    match kind.name() {
        "Account"
        | "AdverseEvent"
        | "CarePlan"
        | "CareTeam"
        | "ChargeItem"
        | "ClinicalImpression"
        | "Communication"
        | "CommunicationRequest"
        | "Composition"
        | "Condition"
        | "DeviceRequest"
        | "DeviceUseStatement"
        | "DiagnosticReport"
        | "DocumentManifest"
        | "DocumentReference"
        | "Encounter"
        | "Flag"
        | "Goal"
        | "ImagingStudy"
        | "Invoice"
        | "List"
        | "MeasureReport"
        | "Media"
        | "MedicationAdministration"
        | "MedicationDispense"
        | "MedicationRequest"
        | "MedicationStatement"
        | "Observation"
        | "Procedure"
        | "QuestionnaireResponse"
        | "RequestGroup"
        | "RiskAssessment"
        | "ServiceRequest"
        | "Specimen"
        | "Basic" => Some("subject"),
        "AllergyIntolerance"
        | "BodyStructure"
        | "Claim"
        | "ClaimResponse"
        | "Consent"
        | "CoverageEligibilityRequest"
        | "CoverageEligibilityResponse"
        | "DetectedIssue"
        | "Device"
        | "EpisodeOfCare"
        | "ExplanationOfBenefit"
        | "FamilyMemberHistory"
        | "Immunization"
        | "ImmunizationEvaluation"
        | "ImmunizationRecommendation"
        | "MolecularSequence"
        | "NutritionOrder"
        | "RelatedPerson"
        | "SupplyDelivery"
        | "VisionPrescription" => Some("patient"),
        "Coverage" => Some("beneficiary"),
        "EnrollmentRequest" => Some("candidate"),
        "ResearchSubject" => Some("individual"),
        "SupplyRequest" => Some("deliverTo"),
        "Task" => Some("for"),
        _ => None,
    }
}

/// For types whose patients are among several references: where they are. The first patient named is the chart.
fn compartment_list(kind: Kind) -> Option<&'static [&'static str]> {
    match kind.name() {
        "Appointment" => Some(&["participant", "actor"]),
        "AppointmentResponse" => Some(&["actor"]),
        "Schedule" => Some(&["actor"]),
        "Person" => Some(&["link", "target"]),
        "Provenance" => Some(&["target"]),
        _ => None,
    }
}

/// The chart a resource belongs to: a Patient its own, others as the tables say, practice-wide ones none.
#[must_use]
pub fn patient(kind: Kind, resource: &Value) -> Option<PatientId> {
    if kind == Kind::PATIENT {
        return PatientId::parse(resource.get("id")?.as_str()?).ok();
    }
    if let Some(path) = compartment_path(kind) {
        return resource.get(path).and_then(patient_named);
    }
    first_patient(compartment_list(kind)?, resource)
}

fn first_patient(path: &[&str], at: &Value) -> Option<PatientId> {
    if let Value::Array(items) = at {
        return items.iter().find_map(|item| first_patient(path, item));
    }
    match path.split_first() {
        None => patient_named(at),
        Some((name, rest)) => at.get(*name).and_then(|next| first_patient(rest, next)),
    }
}

fn patient_named(reference: &Value) -> Option<PatientId> {
    let key = Key::parse(reference.get("reference")?.as_str()?)?;
    (key.kind == Kind::PATIENT).then(|| PatientId::new(key.id))
}

/// The elements that date a resource in its chart, best first: when it was true of the patient before when it was written down.
///
/// The first is also a search parameter of the type, which the date column then sorts for.
#[must_use]
pub fn date_paths(kind: Kind) -> &'static [&'static str] {
    match kind.name() {
        // When it was measured; a result without that, when it was released.
        "Observation" | "DiagnosticReport" => &["effective", "issued"],
        "Encounter" | "EpisodeOfCare" | "CarePlan" | "CareTeam" | "Flag" | "Account" => &["period", "created"],
        "Procedure" => &["performed"],
        "Immunization" => &["occurrence", "recorded"],
        // A problem stands by when it began; one without that, by when it was written down.
        "Condition" => &["onset", "recordedDate"],
        // Allergies have no period: when it was written down, or last happened.
        "AllergyIntolerance" => &["recordedDate", "onset", "lastOccurrence"],
        // Prescriptions and orders stand by when they were written: what patient and clinician remember.
        "MedicationRequest"
        | "ServiceRequest"
        | "DeviceRequest"
        | "CommunicationRequest"
        | "Task"
        | "RequestGroup"
        | "SupplyRequest" => &["authoredOn", "occurrence"],
        "NutritionOrder" => &["dateTime"],
        "MedicationStatement" | "MedicationAdministration" => &["effective", "dateAsserted"],
        "MedicationDispense" => &["whenHandedOver", "whenPrepared"],
        "DocumentReference" => &["date"],
        "Composition"
        | "List"
        | "FamilyMemberHistory"
        | "AdverseEvent"
        | "ClinicalImpression"
        | "Invoice"
        | "MeasureReport"
        | "DetectedIssue" => &["date", "effective", "identified"],
        "DocumentManifest"
        | "Claim"
        | "ClaimResponse"
        | "ExplanationOfBenefit"
        | "VisionPrescription"
        | "Media"
        | "CoverageEligibilityRequest"
        | "CoverageEligibilityResponse" => &["created", "issued"],
        "QuestionnaireResponse" => &["authored"],
        "Communication" => &["sent", "received"],
        "Consent" => &["dateTime"],
        "Goal" => &["start", "statusDate"],
        "Appointment" | "Slot" | "AppointmentResponse" => &["start", "created"],
        "Specimen" => &["collection.collected", "receivedTime"],
        "ImagingStudy" => &["started"],
        "Coverage" => &["period"],
        "RiskAssessment" | "DeviceUseStatement" | "SupplyDelivery" | "ChargeItem" => &["occurrence", "recordedOn"],
        "Provenance" => &["recorded"],
        "ImmunizationRecommendation" | "ImmunizationEvaluation" => &["date"],
        "Device" => &["manufactureDate"],
        _ => &[],
    }
}
