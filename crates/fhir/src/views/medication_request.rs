//! MedicationRequest, shown as "prescription".

use super::MedicationChoice;

resource! {
    /// R4 MedicationRequest.
    MedicationRequest {
        /// `active`, `on-hold`, `cancelled`, `completed`, `entered-in-error`, `stopped`, `draft` or `unknown`.
        status: text = "status",
        /// Why it has that status.
        status_reason: one CodeableConcept = "statusReason",
        /// `proposal`, `plan`, `order` …
        intent: text = "intent",
        /// Inpatient, outpatient, community, discharge.
        categories: many CodeableConcept = "category",
        /// Urgency.
        priority: text = "priority",
        /// Whether it says NOT to give it.
        do_not_perform: flag = "doNotPerform",
        /// Whether it is reported rather than ordered here.
        is_reported: flag = "reportedBoolean",
        /// Who reported it.
        reported_by: one Reference = "reportedReference",
        /// Whom it is for.
        subject: one Reference = "subject",
        /// The visit it was written in.
        encounter: one Reference = "encounter",
        /// When it was written.
        authored_on: date = "authoredOn",
        /// Who prescribed.
        requester: one Reference = "requester",
        /// Who entered it.
        recorder: one Reference = "recorder",
        /// Why.
        reasons: many CodeableConcept = "reasonCode",
        /// Why, as other entries of the chart.
        reason_references: many Reference = "reasonReference",
        /// Continuous, acute …
        course_of_therapy: one CodeableConcept = "courseOfTherapyType",
        /// Remarks.
        notes: many Annotation = "note",
        /// How it is taken.
        dosages: many Dosage = "dosageInstruction",
        /// What the pharmacy is to give.
        dispense: one DispenseRequest = "dispenseRequest",
        /// Whether another product may be given.
        substitution: one Substitution = "substitution",
        /// The prescription this one replaces.
        prior: one Reference = "priorPrescription",
    }
}

impl<'a> MedicationRequest<'a> {
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
}

view! {
    /// What the pharmacy is to give.
    DispenseRequest {
        /// How much at a time.
        quantity: one Quantity = "quantity",
        /// How long that lasts.
        expected_supply: one Quantity = "expectedSupplyDuration",
        /// How many refills.
        refills: number = "numberOfRepeatsAllowed",
        /// From when to when it may be filled.
        validity: one Period = "validityPeriod",
        /// Which pharmacy.
        performer: one Reference = "performer",
    }
}

view! {
    /// Whether another product may be given.
    Substitution {
        /// Yes or no.
        allowed: flag = "allowedBoolean",
        /// Which kind.
        allowed_kind: one CodeableConcept = "allowedCodeableConcept",
        /// Why, or why not.
        reason: one CodeableConcept = "reason",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_medicine_is_named_wherever_its_name_stands() {
        let words = |body: serde_json::Value| MedicationRequest::new(&body).medication_words().map(str::to_owned);
        let concept =
            json!({"medicationCodeableConcept": {"coding": [{"code": "860975", "display": "metformin 500 MG"}]}});
        assert_eq!(words(concept).as_deref(), Some("metformin 500 MG"));
        let contained = json!({"contained": [{"resourceType": "Medication", "id": "m", "code": {"text": "Metformin"}}],
            "medicationReference": {"reference": "#m", "display": "other"}});
        assert_eq!(words(contained).as_deref(), Some("Metformin"));
        let elsewhere = json!({"medicationReference": {"reference": "Medication/1", "display": "Metformin"}});
        assert_eq!(words(elsewhere).as_deref(), Some("Metformin"));
        assert_eq!(words(json!({"medicationReference": 5})), None);
    }

    #[test]
    fn directions_and_supply_are_read_as_written() {
        let body = crate::json::parse(
            br#"{"dosageInstruction":[{"text":"one twice daily","timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}},
                "doseAndRate":[{"doseQuantity":{"value":1.50,"unit":"tablet"}}]}],"dispenseRequest":{"numberOfRepeatsAllowed":3}}"#,
        )
        .unwrap();
        let request = MedicationRequest::new(&body);
        let dosage = request.dosages().next().unwrap();
        assert_eq!(dosage.text(), Some("one twice daily"));
        assert_eq!(dosage.timing().unwrap().repeat().unwrap().frequency(), Some("2"));
        assert_eq!(dosage.doses().next().unwrap().quantity().unwrap().words(), "1.50 tablet");
        assert_eq!(request.dispense().unwrap().refills(), Some("3"));
    }
}
