//! Procedure: something done on or with the patient.

use super::onset::Onset;

resource! {
    /// R4 Procedure.
    Procedure {
        /// `preparation`, `in-progress`, `not-done`, `on-hold`, `stopped`, `completed`, `entered-in-error` or `unknown`.
        status: text = "status",
        /// Why it has that status.
        status_reason: one CodeableConcept = "statusReason",
        /// Surgical, diagnostic …
        category: one CodeableConcept = "category",
        /// What was done.
        code: one CodeableConcept = "code",
        /// On whom.
        subject: one Reference = "subject",
        /// The visit.
        encounter: one Reference = "encounter",
        /// Who recorded it.
        recorder: one Reference = "recorder",
        /// Who did it.
        performers: many Performer = "performer",
        /// Where it was done.
        location: one Reference = "location",
        /// Why.
        reasons: many CodeableConcept = "reasonCode",
        /// Why, as other entries of the chart.
        reason_references: many Reference = "reasonReference",
        /// Where on the body.
        body_sites: many CodeableConcept = "bodySite",
        /// What came of it.
        outcome: one CodeableConcept = "outcome",
        /// What went wrong.
        complications: many CodeableConcept = "complication",
        /// Instructions for afterwards.
        follow_up: many CodeableConcept = "followUp",
        /// Remarks.
        notes: many Annotation = "note",
        /// The reports about it.
        reports: many Reference = "report",
    }
}

impl<'a> Procedure<'a> {
    /// When it was done.
    #[must_use]
    pub fn performed(self) -> Option<Onset<'a>> {
        Onset::of(self.0, "performed")
    }
}
