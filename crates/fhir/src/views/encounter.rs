//! Encounter, shown as "visit".

use crate::date::FhirDate;

resource! {
    /// R4 Encounter.
    Encounter {
        /// `planned`, `arrived`, `triaged`, `in-progress`, `onleave`, `finished`, `cancelled`, `entered-in-error`, `unknown`.
        status: text = "status",
        /// Earlier statuses with their times.
        status_history: many EncounterStatus = "statusHistory",
        /// Ambulatory, emergency, inpatient, virtual (HL7 v3 ActCode).
        class: one Coding = "class",
        /// What sort of visit.
        types: many CodeableConcept = "type",
        /// Broad kind of service.
        service_type: one CodeableConcept = "serviceType",
        /// Urgency.
        priority: one CodeableConcept = "priority",
        /// Whom it is about.
        subject: one Reference = "subject",
        /// Who took part.
        participants: many EncounterParticipant = "participant",
        /// The appointment it was booked as.
        appointments: many Reference = "appointment",
        /// From when to when.
        period: one Period = "period",
        /// How long, less any leave.
        length: one Quantity = "length",
        /// Why, coded or in words.
        reasons: many CodeableConcept = "reasonCode",
        /// Why, as other entries of the chart.
        reason_references: many Reference = "reasonReference",
        /// Diagnoses of the visit.
        diagnoses: many EncounterDiagnosis = "diagnosis",
        /// Stay in hospital.
        hospitalization: one Hospitalization = "hospitalization",
        /// Where it took place.
        locations: many EncounterLocation = "location",
        /// The organization responsible.
        service_provider: one Reference = "serviceProvider",
        /// The visit it is part of.
        part_of: one Reference = "partOf",
    }
}

impl<'a> Encounter<'a> {
    /// When it began, else when it ended.
    #[must_use]
    pub fn date(self) -> Option<FhirDate<'a>> {
        self.period().and_then(|period| period.start().or(period.end()))
    }

    /// The best words for the visit: its type, else its class.
    #[must_use]
    pub fn words(self) -> Option<&'a str> {
        let kind = self.types().find_map(super::CodeableConcept::words);
        kind.or_else(|| self.class().and_then(super::Coding::words))
    }
}

view! {
    /// An earlier status.
    EncounterStatus {
        /// The status.
        status: text = "status",
        /// When it held.
        period: one Period = "period",
    }
}

view! {
    /// Somebody who took part.
    EncounterParticipant {
        /// In which role.
        types: many CodeableConcept = "type",
        /// When.
        period: one Period = "period",
        /// Who.
        individual: one Reference = "individual",
    }
}

view! {
    /// A diagnosis of the visit.
    EncounterDiagnosis {
        /// The Condition (or Procedure).
        condition: one Reference = "condition",
        /// Admission, chief complaint, billing …
        use_: one CodeableConcept = "use",
        /// 1 is the first.
        rank: number = "rank",
    }
}

view! {
    /// A stay in hospital.
    Hospitalization {
        /// From where.
        admit_source: one CodeableConcept = "admitSource",
        /// To where.
        discharge_disposition: one CodeableConcept = "dischargeDisposition",
        /// Whether it was a readmission.
        re_admission: one CodeableConcept = "reAdmission",
    }
}

view! {
    /// A place of the visit.
    EncounterLocation {
        /// The place.
        location: one Reference = "location",
        /// `planned`, `active`, `reserved` or `completed`.
        status: text = "status",
        /// When.
        period: one Period = "period",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_visit_has_a_date_words_and_people() {
        let body = json!({"status": "finished", "class": {"code": "AMB", "display": "ambulatory"},
            "period": {"start": "2024-01-02T09:00:00+01:00"},
            "participant": [{"individual": {"reference": "Practitioner/d1", "display": "Dr Ruiz"}}]});
        let visit = Encounter::new(&body);
        assert_eq!(visit.words(), Some("ambulatory"));
        assert_eq!(visit.date().unwrap().timestamp().unwrap().to_string(), "2024-01-02T08:00:00Z");
        let doctor = visit.participants().next().unwrap().individual().unwrap();
        assert_eq!(doctor.key().unwrap().to_string(), "Practitioner/d1");
    }
}
