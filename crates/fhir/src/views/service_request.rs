//! ServiceRequest, shown as "order".

use super::onset::Onset;

resource! {
    /// R4 ServiceRequest.
    ServiceRequest {
        /// `draft`, `active`, `on-hold`, `revoked`, `completed`, `entered-in-error` or `unknown`.
        status: text = "status",
        /// `proposal`, `plan`, `directive`, `order` …
        intent: text = "intent",
        /// Laboratory, imaging, referral …
        categories: many CodeableConcept = "category",
        /// Urgency.
        priority: text = "priority",
        /// Whether it says NOT to do it.
        do_not_perform: flag = "doNotPerform",
        /// What.
        code: one CodeableConcept = "code",
        /// Details of what.
        details: many CodeableConcept = "orderDetail",
        /// For whom.
        subject: one Reference = "subject",
        /// The visit.
        encounter: one Reference = "encounter",
        /// When it was written.
        authored_on: date = "authoredOn",
        /// Who asked.
        requester: one Reference = "requester",
        /// What sort of performer.
        performer_type: one CodeableConcept = "performerType",
        /// Who is to do it.
        performers: many Reference = "performer",
        /// Why.
        reasons: many CodeableConcept = "reasonCode",
        /// Why, as other entries of the chart.
        reason_references: many Reference = "reasonReference",
        /// On which specimens.
        specimens: many Reference = "specimen",
        /// Where on the body.
        body_sites: many CodeableConcept = "bodySite",
        /// Remarks.
        notes: many Annotation = "note",
        /// What the patient is to know.
        patient_instruction: text = "patientInstruction",
        /// The number shared by orders made together.
        requisition: one Identifier = "requisition",
    }
}

impl<'a> ServiceRequest<'a> {
    /// When it is to be done.
    #[must_use]
    pub fn occurrence(self) -> Option<Onset<'a>> {
        Onset::of(self.0, "occurrence")
    }
}
