//! AllergyIntolerance: listed, none known, or nothing because nobody asked.

use crate::chart::Chart;
use crate::course::Allergies;
use crate::json::{RXNORM, concept, hl7};
use serde_json::json;

const ABSENT: &str = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";

impl Chart<'_> {
    pub(crate) fn write_allergies(&mut self) {
        let course = self.course;
        let nurse = self.practice.directory.nurse(course.traits.nurse).reference("Practitioner");
        match &course.allergies {
            Allergies::NotAsked => {}
            Allergies::NoneKnown => {
                let id = self.id();
                let asked = course.visits.first().map_or(course.start, |v| v.day.min(self.practice.today));
                self.out.push(json!({
                    "resourceType": "AllergyIntolerance", "id": id,
                    "clinicalStatus": hl7("allergyintolerance-clinical", "active", "Active"),
                    "verificationStatus": hl7("allergyintolerance-verification", "confirmed", "Confirmed"),
                    "code": concept(ABSENT, "no-known-allergies", "No known allergies"),
                    "patient": self.subject(), "recordedDate": asked.text(), "recorder": nurse,
                }));
            }
            Allergies::Listed(list) => {
                for row in list {
                    let id = self.id();
                    let (words, severity) = *self.rng.pick(row.reactions);
                    let criticality = if severity == "severe" { "high" } else { "low" };
                    let certain =
                        if self.rng.chance(0.8) { ("confirmed", "Confirmed") } else { ("unconfirmed", "Unconfirmed") };
                    let since =
                        course.person.birth.plus(row.from_age * 365 + 60).min(course.start).max(course.person.birth);
                    let code =
                        row.code.map_or_else(|| json!({ "text": row.name }), |code| concept(RXNORM, code, row.name));
                    self.out.push(json!({
                        "resourceType": "AllergyIntolerance", "id": id,
                        "clinicalStatus": hl7("allergyintolerance-clinical", "active", "Active"),
                        "verificationStatus": hl7("allergyintolerance-verification", certain.0, certain.1),
                        "type": row.kind, "category": [row.category], "criticality": criticality,
                        "code": code, "patient": self.subject(),
                        "onsetDateTime": since.text().get(..4).unwrap_or_default(),
                        "recordedDate": course.start.text(), "recorder": nurse,
                        "reaction": [{ "manifestation": [{ "text": words }], "severity": severity }],
                    }));
                }
            }
        }
    }
}
