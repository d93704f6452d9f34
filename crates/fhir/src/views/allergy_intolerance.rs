//! AllergyIntolerance: a risk of harm from a substance.

use super::CodeableConcept;
use super::onset::Onset;

resource! {
    /// R4 AllergyIntolerance.
    AllergyIntolerance {
        /// `active`, `inactive` or `resolved`, as a concept.
        clinical_status: one CodeableConcept = "clinicalStatus",
        /// `unconfirmed`, `confirmed`, `refuted` or `entered-in-error`, as a concept.
        verification_status: one CodeableConcept = "verificationStatus",
        /// `allergy` or `intolerance`.
        type_: text = "type",
        /// `food`, `medication`, `environment`, `biologic`.
        categories: texts = "category",
        /// `low`, `high` or `unable-to-assess`: how bad the next reaction may be.
        criticality: text = "criticality",
        /// The substance, or that there is none known.
        code: one CodeableConcept = "code",
        /// Whom it is about.
        patient: one Reference = "patient",
        /// The visit it was recorded in.
        encounter: one Reference = "encounter",
        /// When it was recorded.
        recorded_date: date = "recordedDate",
        /// Who recorded it.
        recorder: one Reference = "recorder",
        /// Who told it.
        asserter: one Reference = "asserter",
        /// The last reaction.
        last_occurrence: date = "lastOccurrence",
        /// Remarks.
        notes: many Annotation = "note",
        /// What happened.
        reactions: many AllergyReaction = "reaction",
    }
}

impl<'a> AllergyIntolerance<'a> {
    /// When it began.
    #[must_use]
    pub fn onset(self) -> Option<Onset<'a>> {
        Onset::of(self.0, "onset")
    }

    /// Whether it holds now: active, and neither refuted nor entered in error.
    #[must_use]
    pub fn is_active(self) -> bool {
        let code = |concept: Option<CodeableConcept<'a>>| concept.and_then(CodeableConcept::code);
        let gone = matches!(code(self.verification_status()), Some("refuted" | "entered-in-error"));
        !gone && !matches!(code(self.clinical_status()), Some("inactive" | "resolved"))
    }
}

view! {
    /// One reaction.
    AllergyReaction {
        /// The very substance, where it differs from the allergy's.
        substance: one CodeableConcept = "substance",
        /// Signs and symptoms.
        manifestations: many CodeableConcept = "manifestation",
        /// In words.
        description: text = "description",
        /// When it began.
        onset: date = "onset",
        /// `mild`, `moderate` or `severe`.
        severity: text = "severity",
        /// How the patient was exposed.
        exposure_route: one CodeableConcept = "exposureRoute",
        /// Remarks.
        notes: many Annotation = "note",
    }
}
