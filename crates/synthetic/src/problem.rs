//! Conditions: the problem list, and what each visit was for.

use crate::chart::Chart;
use crate::course::{Kind, Status};
use crate::json::{ICD10, concept_said, hl7, link, set};
use crate::problem_table::{ADULT_EXAM, CHILD_EXAM, NEWBORN_EXAM, NEWBORN_LATER};
use serde_json::{Value, json};

impl Chart<'_> {
    pub(crate) fn write_problems(&mut self) {
        let doctor = self.practice.directory.clinician(self.course.traits.clinician);
        for (problem, id) in self.course.problems.iter().zip(&self.conditions) {
            // Someone notes it no earlier than the chart begins.
            let recorded = problem.onset.max(self.course.start);
            let status = if problem.resolved.is_some() { ("resolved", "Resolved") } else { ("active", "Active") };
            let mut condition = json!({
                "resourceType": "Condition", "id": id,
                "clinicalStatus": hl7("condition-clinical", status.0, status.1),
                "verificationStatus": hl7("condition-ver-status", "confirmed", "Confirmed"),
                "category": [hl7("condition-category", "problem-list-item", "Problem List Item")],
                "code": concept_said(ICD10, problem.row.code, problem.row.name, problem.row.said),
                "subject": link("Patient", &self.patient),
                "onsetDateTime": problem.onset.text(),
            });
            if let Some(end) = problem.resolved {
                set(&mut condition, "abatementDateTime", json!(end.text()));
            }
            set(&mut condition, "recordedDate", json!(recorded.text()));
            set(&mut condition, "recorder", doctor.reference("Practitioner"));
            self.out.push(condition);
        }
    }

    /// The diagnosis of one visit: an illness of its own, or the first problem it followed. Gives the Conditions' ids.
    pub(crate) fn write_diagnoses(&mut self, position: usize) -> Vec<String> {
        let Some(visit) = self.course.visits.get(position) else { return Vec::new() };
        if visit.status != Status::Finished {
            return Vec::new();
        }
        if let Kind::FollowUp = visit.kind {
            return visit.follows.iter().take(4).filter_map(|i| self.conditions.get(*i).cloned()).collect();
        }
        let (code, name, text, ends) = match visit.kind {
            Kind::Acute(acute) => (acute.code, acute.name, acute.name, Some(visit.day.plus(acute.days))),
            _ => {
                let (code, name) = self.exam(position);
                (code, name, name, None)
            }
        };
        if ends.is_none() && !self.demo() {
            return Vec::new();
        }
        let id = self.id();
        let over = ends.filter(|day| *day <= self.practice.today && self.course.person.death.is_none_or(|d| *day < d));
        let status = if over.is_some() || ends.is_none() { ("resolved", "Resolved") } else { ("active", "Active") };
        let mut condition = json!({
            "resourceType": "Condition", "id": id,
            "clinicalStatus": hl7("condition-clinical", status.0, status.1),
            "verificationStatus": hl7("condition-ver-status", "confirmed", "Confirmed"),
            "category": [hl7("condition-category", "encounter-diagnosis", "Encounter Diagnosis")],
            "code": concept_said(ICD10, code, name, text),
            "subject": self.subject(), "encounter": self.encounter(position),
            "onsetDateTime": visit.day.text(),
        });
        if let Some(end) = over.or(ends.is_none().then_some(visit.day)) {
            set(&mut condition, "abatementDateTime", json!(end.text()));
        }
        set(&mut condition, "recordedDate", json!(visit.day.text()));
        set(&mut condition, "recorder", self.clinician(visit));
        self.out.push(condition);
        vec![id]
    }

    /// The code of a visit that was an examination.
    pub(crate) fn exam(&self, position: usize) -> (&'static str, &'static str) {
        let Some(visit) = self.course.visits.get(position) else { return ADULT_EXAM };
        let days = visit.day.0 - self.course.person.birth.0;
        match days {
            ..8 => NEWBORN_EXAM,
            8..29 => NEWBORN_LATER,
            _ if matches!(visit.kind, Kind::WellChild) => CHILD_EXAM,
            _ => ADULT_EXAM,
        }
    }

    /// References to the Conditions a visit was about, ranked.
    pub(crate) fn diagnosis_entries(&self, ids: &[String]) -> Value {
        let entry = |(rank, id): (usize, &String)| json!({ "condition": link("Condition", id), "rank": rank + 1 });
        Value::Array(ids.iter().enumerate().map(entry).collect())
    }
}
