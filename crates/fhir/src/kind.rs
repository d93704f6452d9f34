//! The R4 resource types, as small numbers that a database column can hold.
//!
//! ```
//! use fhir::Kind;
//! assert_eq!(Kind::parse("Patient"), Some(Kind::PATIENT));
//! assert_eq!(Kind::PATIENT.name(), "Patient");
//! assert_eq!(Kind::parse("patient"), None);
//! ```

use std::fmt;

/// One R4 (4.0.1) resource type. The number is stored in databases: names are only ever appended to the table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind(u8);

/// Names by number. Sorted, but for what later versions append.
const NAMES: [&str; 146] = [
    "Account",
    "ActivityDefinition",
    "AdverseEvent",
    "AllergyIntolerance",
    "Appointment",
    "AppointmentResponse",
    "AuditEvent",
    "Basic",
    "Binary",
    "BiologicallyDerivedProduct",
    "BodyStructure",
    "Bundle",
    "CapabilityStatement",
    "CarePlan",
    "CareTeam",
    "CatalogEntry",
    "ChargeItem",
    "ChargeItemDefinition",
    "Claim",
    "ClaimResponse",
    "ClinicalImpression",
    "CodeSystem",
    "Communication",
    "CommunicationRequest",
    "CompartmentDefinition",
    "Composition",
    "ConceptMap",
    "Condition",
    "Consent",
    "Contract",
    "Coverage",
    "CoverageEligibilityRequest",
    "CoverageEligibilityResponse",
    "DetectedIssue",
    "Device",
    "DeviceDefinition",
    "DeviceMetric",
    "DeviceRequest",
    "DeviceUseStatement",
    "DiagnosticReport",
    "DocumentManifest",
    "DocumentReference",
    "EffectEvidenceSynthesis",
    "Encounter",
    "Endpoint",
    "EnrollmentRequest",
    "EnrollmentResponse",
    "EpisodeOfCare",
    "EventDefinition",
    "Evidence",
    "EvidenceVariable",
    "ExampleScenario",
    "ExplanationOfBenefit",
    "FamilyMemberHistory",
    "Flag",
    "Goal",
    "GraphDefinition",
    "Group",
    "GuidanceResponse",
    "HealthcareService",
    "ImagingStudy",
    "Immunization",
    "ImmunizationEvaluation",
    "ImmunizationRecommendation",
    "ImplementationGuide",
    "InsurancePlan",
    "Invoice",
    "Library",
    "Linkage",
    "List",
    "Location",
    "Measure",
    "MeasureReport",
    "Media",
    "Medication",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationKnowledge",
    "MedicationRequest",
    "MedicationStatement",
    "MedicinalProduct",
    "MedicinalProductAuthorization",
    "MedicinalProductContraindication",
    "MedicinalProductIndication",
    "MedicinalProductIngredient",
    "MedicinalProductInteraction",
    "MedicinalProductManufactured",
    "MedicinalProductPackaged",
    "MedicinalProductPharmaceutical",
    "MedicinalProductUndesirableEffect",
    "MessageDefinition",
    "MessageHeader",
    "MolecularSequence",
    "NamingSystem",
    "NutritionOrder",
    "Observation",
    "ObservationDefinition",
    "OperationDefinition",
    "OperationOutcome",
    "Organization",
    "OrganizationAffiliation",
    "Parameters",
    "Patient",
    "PaymentNotice",
    "PaymentReconciliation",
    "Person",
    "PlanDefinition",
    "Practitioner",
    "PractitionerRole",
    "Procedure",
    "Provenance",
    "Questionnaire",
    "QuestionnaireResponse",
    "RelatedPerson",
    "RequestGroup",
    "ResearchDefinition",
    "ResearchElementDefinition",
    "ResearchStudy",
    "ResearchSubject",
    "RiskAssessment",
    "RiskEvidenceSynthesis",
    "Schedule",
    "SearchParameter",
    "ServiceRequest",
    "Slot",
    "Specimen",
    "SpecimenDefinition",
    "StructureDefinition",
    "StructureMap",
    "Subscription",
    "Substance",
    "SubstanceNucleicAcid",
    "SubstancePolymer",
    "SubstanceProtein",
    "SubstanceReferenceInformation",
    "SubstanceSourceMaterial",
    "SubstanceSpecification",
    "SupplyDelivery",
    "SupplyRequest",
    "Task",
    "TerminologyCapabilities",
    "TestReport",
    "TestScript",
    "ValueSet",
    "VerificationResult",
    "VisionPrescription",
];

impl Kind {
    /// The resource type of this exact, case-sensitive name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        // What later versions append is not in order: only then is every name looked at.
        let found = NAMES.binary_search(&name).ok().or_else(|| NAMES.iter().position(|known| *known == name));
        found.and_then(|i| u8::try_from(i).ok()).map(Self)
    }

    /// The type stored under this number, if it is one we know.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        (usize::from(number) < NAMES.len()).then_some(Self(number))
    }

    /// The number databases store.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }

    /// The name as FHIR writes it, such as `AllergyIntolerance`.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.get(usize::from(self.0)).copied().unwrap_or_default()
    }

    /// Every type, in number order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..NAMES.len()).filter_map(|i| u8::try_from(i).ok()).map(Self)
    }
}

/// The types that code names. Each equals `Kind::parse` of its name (tested).
impl Kind {
    #[allow(missing_docs)]
    pub const ALLERGY_INTOLERANCE: Self = Self(3);
    #[allow(missing_docs)]
    pub const APPOINTMENT: Self = Self(4);
    #[allow(missing_docs)]
    pub const AUDIT_EVENT: Self = Self(6);
    #[allow(missing_docs)]
    pub const BINARY: Self = Self(8);
    #[allow(missing_docs)]
    pub const BUNDLE: Self = Self(11);
    #[allow(missing_docs)]
    pub const CARE_PLAN: Self = Self(13);
    #[allow(missing_docs)]
    pub const CARE_TEAM: Self = Self(14);
    #[allow(missing_docs)]
    pub const COMPOSITION: Self = Self(25);
    #[allow(missing_docs)]
    pub const CONDITION: Self = Self(27);
    #[allow(missing_docs)]
    pub const CONSENT: Self = Self(28);
    #[allow(missing_docs)]
    pub const COVERAGE: Self = Self(30);
    #[allow(missing_docs)]
    pub const DEVICE: Self = Self(34);
    #[allow(missing_docs)]
    pub const DIAGNOSTIC_REPORT: Self = Self(39);
    #[allow(missing_docs)]
    pub const DOCUMENT_REFERENCE: Self = Self(41);
    #[allow(missing_docs)]
    pub const ENCOUNTER: Self = Self(43);
    #[allow(missing_docs)]
    pub const FAMILY_MEMBER_HISTORY: Self = Self(53);
    #[allow(missing_docs)]
    pub const FLAG: Self = Self(54);
    #[allow(missing_docs)]
    pub const GOAL: Self = Self(55);
    #[allow(missing_docs)]
    pub const IMMUNIZATION: Self = Self(61);
    #[allow(missing_docs)]
    pub const LIST: Self = Self(69);
    #[allow(missing_docs)]
    pub const LOCATION: Self = Self(70);
    #[allow(missing_docs)]
    pub const MEDIA: Self = Self(73);
    #[allow(missing_docs)]
    pub const MEDICATION: Self = Self(74);
    #[allow(missing_docs)]
    pub const MEDICATION_DISPENSE: Self = Self(76);
    #[allow(missing_docs)]
    pub const MEDICATION_REQUEST: Self = Self(78);
    #[allow(missing_docs)]
    pub const MEDICATION_STATEMENT: Self = Self(79);
    #[allow(missing_docs)]
    pub const OBSERVATION: Self = Self(95);
    #[allow(missing_docs)]
    pub const OPERATION_OUTCOME: Self = Self(98);
    #[allow(missing_docs)]
    pub const ORGANIZATION: Self = Self(99);
    #[allow(missing_docs)]
    pub const PARAMETERS: Self = Self(101);
    #[allow(missing_docs)]
    pub const PATIENT: Self = Self(102);
    #[allow(missing_docs)]
    pub const PRACTITIONER: Self = Self(107);
    #[allow(missing_docs)]
    pub const PRACTITIONER_ROLE: Self = Self(108);
    #[allow(missing_docs)]
    pub const PROCEDURE: Self = Self(109);
    #[allow(missing_docs)]
    pub const PROVENANCE: Self = Self(110);
    #[allow(missing_docs)]
    pub const QUESTIONNAIRE_RESPONSE: Self = Self(112);
    #[allow(missing_docs)]
    pub const RELATED_PERSON: Self = Self(113);
    #[allow(missing_docs)]
    pub const SERVICE_REQUEST: Self = Self(123);
    #[allow(missing_docs)]
    pub const SPECIMEN: Self = Self(125);
    #[allow(missing_docs)]
    pub const TASK: Self = Self(139);
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_never_move() {
        // Stored in every database: a change here makes old practices unreadable.
        assert_eq!((Kind::ALLERGY_INTOLERANCE.number(), Kind::ALLERGY_INTOLERANCE.name()), (3, "AllergyIntolerance"));
        assert_eq!((Kind::APPOINTMENT.number(), Kind::APPOINTMENT.name()), (4, "Appointment"));
        assert_eq!((Kind::AUDIT_EVENT.number(), Kind::AUDIT_EVENT.name()), (6, "AuditEvent"));
        assert_eq!((Kind::BINARY.number(), Kind::BINARY.name()), (8, "Binary"));
        assert_eq!((Kind::BUNDLE.number(), Kind::BUNDLE.name()), (11, "Bundle"));
        assert_eq!((Kind::CARE_PLAN.number(), Kind::CARE_PLAN.name()), (13, "CarePlan"));
        assert_eq!((Kind::CARE_TEAM.number(), Kind::CARE_TEAM.name()), (14, "CareTeam"));
        assert_eq!((Kind::COMPOSITION.number(), Kind::COMPOSITION.name()), (25, "Composition"));
        assert_eq!((Kind::CONDITION.number(), Kind::CONDITION.name()), (27, "Condition"));
        assert_eq!((Kind::CONSENT.number(), Kind::CONSENT.name()), (28, "Consent"));
        assert_eq!((Kind::COVERAGE.number(), Kind::COVERAGE.name()), (30, "Coverage"));
        assert_eq!((Kind::DEVICE.number(), Kind::DEVICE.name()), (34, "Device"));
        assert_eq!((Kind::DIAGNOSTIC_REPORT.number(), Kind::DIAGNOSTIC_REPORT.name()), (39, "DiagnosticReport"));
        assert_eq!((Kind::DOCUMENT_REFERENCE.number(), Kind::DOCUMENT_REFERENCE.name()), (41, "DocumentReference"));
        assert_eq!((Kind::ENCOUNTER.number(), Kind::ENCOUNTER.name()), (43, "Encounter"));
        assert_eq!(
            (Kind::FAMILY_MEMBER_HISTORY.number(), Kind::FAMILY_MEMBER_HISTORY.name()),
            (53, "FamilyMemberHistory")
        );
        assert_eq!((Kind::FLAG.number(), Kind::FLAG.name()), (54, "Flag"));
        assert_eq!((Kind::GOAL.number(), Kind::GOAL.name()), (55, "Goal"));
        assert_eq!((Kind::IMMUNIZATION.number(), Kind::IMMUNIZATION.name()), (61, "Immunization"));
        assert_eq!((Kind::LIST.number(), Kind::LIST.name()), (69, "List"));
        assert_eq!((Kind::LOCATION.number(), Kind::LOCATION.name()), (70, "Location"));
        assert_eq!((Kind::MEDIA.number(), Kind::MEDIA.name()), (73, "Media"));
        assert_eq!((Kind::MEDICATION.number(), Kind::MEDICATION.name()), (74, "Medication"));
        assert_eq!((Kind::MEDICATION_DISPENSE.number(), Kind::MEDICATION_DISPENSE.name()), (76, "MedicationDispense"));
        assert_eq!((Kind::MEDICATION_REQUEST.number(), Kind::MEDICATION_REQUEST.name()), (78, "MedicationRequest"));
        assert_eq!(
            (Kind::MEDICATION_STATEMENT.number(), Kind::MEDICATION_STATEMENT.name()),
            (79, "MedicationStatement")
        );
        assert_eq!((Kind::OBSERVATION.number(), Kind::OBSERVATION.name()), (95, "Observation"));
        assert_eq!((Kind::OPERATION_OUTCOME.number(), Kind::OPERATION_OUTCOME.name()), (98, "OperationOutcome"));
        assert_eq!((Kind::ORGANIZATION.number(), Kind::ORGANIZATION.name()), (99, "Organization"));
        assert_eq!((Kind::PARAMETERS.number(), Kind::PARAMETERS.name()), (101, "Parameters"));
        assert_eq!((Kind::PATIENT.number(), Kind::PATIENT.name()), (102, "Patient"));
        assert_eq!((Kind::PRACTITIONER.number(), Kind::PRACTITIONER.name()), (107, "Practitioner"));
        assert_eq!((Kind::PRACTITIONER_ROLE.number(), Kind::PRACTITIONER_ROLE.name()), (108, "PractitionerRole"));
        assert_eq!((Kind::PROCEDURE.number(), Kind::PROCEDURE.name()), (109, "Procedure"));
        assert_eq!((Kind::PROVENANCE.number(), Kind::PROVENANCE.name()), (110, "Provenance"));
        assert_eq!(
            (Kind::QUESTIONNAIRE_RESPONSE.number(), Kind::QUESTIONNAIRE_RESPONSE.name()),
            (112, "QuestionnaireResponse")
        );
        assert_eq!((Kind::RELATED_PERSON.number(), Kind::RELATED_PERSON.name()), (113, "RelatedPerson"));
        assert_eq!((Kind::SERVICE_REQUEST.number(), Kind::SERVICE_REQUEST.name()), (123, "ServiceRequest"));
        assert_eq!((Kind::SPECIMEN.number(), Kind::SPECIMEN.name()), (125, "Specimen"));
        assert_eq!((Kind::TASK.number(), Kind::TASK.name()), (139, "Task"));
        assert_eq!(NAMES.len(), 146);
    }

    #[test]
    fn every_type_round_trips() {
        for kind in Kind::all() {
            assert_eq!(Kind::parse(kind.name()), Some(kind));
            assert_eq!(Kind::from_number(kind.number()), Some(kind));
        }
        assert_eq!(Kind::from_number(255), None);
    }
}
