//! Immunization: a vaccine given, or not.

use super::onset::Onset;

/// CVX, the codes of vaccines.
pub const CVX: &str = "http://hl7.org/fhir/sid/cvx";

resource! {
    /// R4 Immunization.
    Immunization {
        /// `completed`, `entered-in-error` or `not-done`.
        status: text = "status",
        /// Why it was not done.
        status_reason: one CodeableConcept = "statusReason",
        /// The vaccine.
        vaccine: one CodeableConcept = "vaccineCode",
        /// Who got it.
        patient: one Reference = "patient",
        /// The visit.
        encounter: one Reference = "encounter",
        /// When it was recorded.
        recorded: date = "recorded",
        /// Whether it was given by whoever recorded it.
        primary_source: flag = "primarySource",
        /// Where it was given.
        location: one Reference = "location",
        /// Who made it.
        manufacturer: one Reference = "manufacturer",
        /// Lot.
        lot_number: text = "lotNumber",
        /// When the lot expires.
        expiration_date: date = "expirationDate",
        /// Where on the body.
        site: one CodeableConcept = "site",
        /// By which way.
        route: one CodeableConcept = "route",
        /// How much.
        dose: one Quantity = "doseQuantity",
        /// Who gave it.
        performers: many Performer = "performer",
        /// Remarks.
        notes: many Annotation = "note",
        /// Why.
        reasons: many CodeableConcept = "reasonCode",
        /// The series it counts in.
        protocols: many ImmunizationProtocol = "protocolApplied",
    }
}

impl<'a> Immunization<'a> {
    /// When it was given.
    #[must_use]
    pub fn occurrence(self) -> Option<Onset<'a>> {
        Onset::of(self.0, "occurrence")
    }
}

view! {
    /// The series a dose counts in.
    ImmunizationProtocol {
        /// The series.
        series: text = "series",
        /// The diseases.
        target_diseases: many CodeableConcept = "targetDisease",
        /// Which dose of the series, as a number.
        dose_number: number = "doseNumberPositiveInt",
        /// Which dose of the series, in words.
        dose_words: text = "doseNumberString",
    }
}

view! {
    /// Who did something, in which role (Immunization, Procedure).
    Performer {
        /// The role.
        function: one CodeableConcept = "function",
        /// Who.
        actor: one Reference = "actor",
        /// For which organization.
        on_behalf_of: one Reference = "onBehalfOf",
    }
}
