//! MedicationStatement: a medicine somebody says the patient takes.

use super::MedicationChoice;
use super::onset::Onset;

resource! {
    /// R4 MedicationStatement.
    MedicationStatement {
        /// `active`, `completed`, `entered-in-error`, `intended`, `stopped`, `on-hold`, `unknown` or `not-taken`.
        status: text = "status",
        /// Why it has that status.
        status_reasons: many CodeableConcept = "statusReason",
        /// Where it is taken.
        category: one CodeableConcept = "category",
        /// Who takes it.
        subject: one Reference = "subject",
        /// The visit it was told in.
        context: one Reference = "context",
        /// When it was told.
        date_asserted: date = "dateAsserted",
        /// Who told it.
        source: one Reference = "informationSource",
        /// Why.
        reasons: many CodeableConcept = "reasonCode",
        /// Remarks.
        notes: many Annotation = "note",
        /// How it is taken.
        dosages: many Dosage = "dosage",
    }
}

impl<'a> MedicationStatement<'a> {
    /// The medicine.
    #[must_use]
    pub fn medication(self) -> Option<MedicationChoice<'a>> {
        MedicationChoice::of(self.0)
    }

    /// The medicine in words, from a contained Medication too.
    #[must_use]
    pub fn medication_words(self) -> Option<&'a str> {
        self.medication()?.words(|reference| self.contained(reference))
    }

    /// When it is or was taken.
    #[must_use]
    pub fn effective(self) -> Option<Onset<'a>> {
        Onset::of(self.0, "effective")
    }
}
