//! Appointment: a visit booked.

resource! {
    /// R4 Appointment.
    Appointment {
        /// `proposed`, `pending`, `booked`, `arrived`, `fulfilled`, `cancelled`, `noshow`, `checked-in`, `waitlist` …
        status: text = "status",
        /// Why it was cancelled.
        cancelation_reason: one CodeableConcept = "cancelationReason",
        /// What sort of service.
        service_types: many CodeableConcept = "serviceType",
        /// What sort of appointment.
        type_: one CodeableConcept = "appointmentType",
        /// Why.
        reasons: many CodeableConcept = "reasonCode",
        /// In words.
        description: text = "description",
        /// When it begins.
        start: date = "start",
        /// When it ends.
        end: date = "end",
        /// How long, in minutes.
        minutes: number = "minutesDuration",
        /// When it was booked.
        created: date = "created",
        /// Remarks.
        comment: text = "comment",
        /// What the patient is to know.
        patient_instruction: text = "patientInstruction",
        /// Who and where.
        participants: many AppointmentParticipant = "participant",
    }
}

view! {
    /// Somebody, or a room, that takes part.
    AppointmentParticipant {
        /// In which role.
        types: many CodeableConcept = "type",
        /// Who or where.
        actor: one Reference = "actor",
        /// `required`, `optional` or `information-only`.
        required: text = "required",
        /// `accepted`, `declined`, `tentative` or `needs-action`.
        status: text = "status",
        /// When.
        period: one Period = "period",
    }
}
