//! RelatedPerson: somebody who acts for or about the patient.

resource! {
    /// R4 RelatedPerson.
    RelatedPerson {
        /// Whether it is in use.
        active: flag = "active",
        /// Whose relative.
        patient: one Reference = "patient",
        /// How related.
        relationships: many CodeableConcept = "relationship",
        /// Their names.
        names: many HumanName = "name",
        /// Phones, e-mail.
        telecom: many ContactPoint = "telecom",
        /// Administrative gender.
        gender: text = "gender",
        /// Day of birth.
        birth_date: date = "birthDate",
        /// Addresses.
        addresses: many Address = "address",
        /// When it holds.
        period: one Period = "period",
        /// Languages.
        communication: many PatientCommunication = "communication",
    }
}
