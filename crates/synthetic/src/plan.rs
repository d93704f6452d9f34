//! What is meant to happen: orders, appointments, tasks, goals and care plans.

use crate::chart::Chart;
use crate::course::{Status, Visit};
use crate::day::Day;
use crate::json::{ICD10, LOINC, concept, concept_said, hl7, link, quantity, set};
use crate::lab_table::Panel;
use crate::problem_table::Moves;
use serde_json::{Value, json};

/// What a goal aims at: words, and the test it is read from with its target.
struct Aim {
    moves: Moves,
    words: &'static str,
    code: (&'static str, &'static str),
    high: (f64, &'static str, &'static str),
    activities: &'static [&'static str],
}

/// Targets: ADA Standards of Care 2024 (A1c below 7 %), ACC/AHA 2017 (pressure below 130/80).
const AIMS: &[Aim] = &[
    Aim {
        moves: Moves::Sugar,
        words: "A1c below 7 percent",
        code: ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"),
        high: (7.0, "%", "%"),
        activities: &["Diabetes class, four evenings", "Eye examination once a year", "Check feet every day"],
    },
    Aim {
        moves: Moves::Pressure,
        words: "Blood pressure below 130/80",
        code: ("8480-6", "Systolic blood pressure"),
        high: (130.0, "mmHg", "mm[Hg]"),
        activities: &["Home blood pressure twice a week", "Less salt at the table", "Walk 30 minutes most days"],
    },
];

impl Chart<'_> {
    /// The order behind a report; recent ones only.
    pub(crate) fn write_order(&mut self, position: usize, visit: &Visit, panel: Panel) -> Option<Value> {
        if !self.demo() || self.practice.today.0 - visit.day.0 > 500 {
            return None;
        }
        let id = self.id();
        let (code, name) = panel.code();
        let category = json!({ "text": "Laboratory" });
        self.out.push(json!({
            "resourceType": "ServiceRequest", "id": id, "status": "completed", "intent": "order", "category": [category],
            "code": concept_said(LOINC, code, name, panel.said()), "subject": self.subject(), "encounter": self.encounter(position),
            "authoredOn": visit.day.at(visit.minute + 16), "requester": self.clinician(visit),
        }));
        Some(link("ServiceRequest", &id))
    }

    pub(crate) fn write_plans(&mut self) {
        let course = self.course;
        let today = self.practice.today;
        if course.person.death.is_some() {
            return;
        }
        if self.rng.chance(0.5) {
            self.write_care_plan();
        }
        let Some(position) = course.visits.iter().rposition(|v| v.status == Status::Finished) else { return };
        let Some(visit) = course.visits.get(position) else { return };
        if today.0 - visit.day.0 < 240 {
            if self.rng.chance(0.15) {
                self.write_referral(position, visit);
            }
            if self.rng.chance(0.1) {
                self.write_task(position, visit);
            }
        }
        if self.rng.chance(0.3) {
            self.write_next_appointment();
        }
    }

    fn write_care_plan(&mut self) {
        let course = self.course;
        let today = self.practice.today;
        let treated = |aim: &&Aim| course.problems.iter().any(|p| p.row.moves == aim.moves && p.active(today));
        let Some(aim) = AIMS.iter().find(treated) else { return };
        let Some(problem) = course.problems.iter().position(|p| p.row.moves == aim.moves && p.active(today)) else {
            return;
        };
        let since = course.start.plus(30).min(today);
        let (goal, plan) = (self.id(), self.id());
        let address = self.conditions.get(problem).map(|id| link("Condition", id));
        let (high, unit, ucum) = aim.high;
        self.out.push(json!({
            "resourceType": "Goal", "id": goal, "lifecycleStatus": "active",
            "achievementStatus": hl7("goal-achievement", "in-progress", "In Progress"),
            "description": { "text": aim.words }, "subject": self.subject(), "startDate": since.text(),
            "target": [{ "measure": concept(LOINC, aim.code.0, aim.code.1), "detailRange": { "high": quantity(high, 0, unit, ucum) } }],
            "addresses": address.iter().collect::<Vec<_>>(),
        }));
        let activity = |words: &&str| json!({ "detail": { "kind": "ServiceRequest", "status": "in-progress", "description": words } });
        let activities: Vec<Value> = aim.activities.iter().map(activity).collect();
        self.out.push(json!({
            "resourceType": "CarePlan", "id": plan, "status": "active", "intent": "plan",
            "category": [{ "coding": [{
                "system": "http://hl7.org/fhir/us/core/CodeSystem/careplan-category", "code": "assess-plan", "display": "Assessment and Plan of Treatment"
            }] }],
            "title": format!("Plan of care: {}", aim.words), "subject": self.subject(), "period": { "start": since.text() },
            "addresses": address.iter().collect::<Vec<_>>(), "goal": [link("Goal", &goal)], "activity": activities,
        }));
    }

    fn write_referral(&mut self, position: usize, visit: &Visit) {
        let id = self.id();
        let to = *self.rng.pick(&[
            "Referral to cardiology",
            "Referral to eye clinic",
            "Referral to physical therapy",
            "Referral to dermatology",
        ]);
        let waiting = self.rng.chance(0.6);
        let mut request = json!({
            "resourceType": "ServiceRequest", "id": id, "status": if waiting { "active" } else { "completed" }, "intent": "order",
            "category": [{ "text": "Referral" }], "priority": "routine", "code": { "text": to },
            "subject": self.subject(), "encounter": self.encounter(position),
            "authoredOn": visit.day.at(visit.minute + 18), "requester": self.clinician(visit),
        });
        if let Some(problem) = visit.follows.first().and_then(|i| self.course.problems.get(*i)) {
            set(&mut request, "reasonCode", json!([concept(ICD10, problem.row.code, problem.row.name)]));
        }
        self.out.push(request);
    }

    fn write_task(&mut self, position: usize, visit: &Visit) {
        let id = self.id();
        let words = *self.rng.pick(&[
            "Call patient about results",
            "Ask hospital for discharge summary",
            "Renew prescription",
            "Complete school form",
            "Book follow-up visit",
        ]);
        self.out.push(json!({
            "resourceType": "Task", "id": id, "status": "requested", "intent": "order", "priority": "routine",
            "description": words, "for": self.subject(), "encounter": self.encounter(position),
            "authoredOn": visit.day.at(visit.minute + 22), "requester": self.clinician(visit), "owner": self.nurse(visit),
            "restriction": { "period": { "end": self.practice.today.plus(7).text() } },
        }));
    }

    /// The appointment of one of today's visits; gives the reference its Encounter carries.
    pub(crate) fn write_todays_appointment(&mut self, visit: &Visit, reason: &str) -> Value {
        let status = match visit.status {
            Status::Planned => "booked",
            Status::Arrived => "arrived",
            Status::InProgress => "checked-in",
            Status::Finished => "fulfilled",
        };
        let id = self.push_appointment(status, visit.day, visit.minute, visit.clinician, reason);
        link("Appointment", &id)
    }

    /// One booked visit to come, at a time that follows from the patient's index, so that no two share it.
    fn write_next_appointment(&mut self) {
        let place = self.course.person.index as i32;
        let (in_day, days) = (place % 64, place / 64);
        let mut day = self.practice.today.plus(7).workday();
        for _ in 0..days {
            day = day.plus(1).workday();
        }
        let half_hour = in_day / 4;
        let minute = 480 + half_hour * 30 + if half_hour >= 8 { 60 } else { 0 };
        self.push_appointment("booked", day, minute, (in_day % 4) as usize, "Follow-up visit");
    }

    fn push_appointment(&mut self, status: &str, day: Day, minute: i32, clinician: usize, reason: &str) -> String {
        let id = self.id();
        let doctor = self.practice.directory.clinician(clinician).reference("Practitioner");
        let with = |actor: Value| json!({ "actor": actor, "required": "required", "status": "accepted" });
        self.out.push(json!({
            "resourceType": "Appointment", "id": id, "status": status,
            "appointmentType": hl7("v2-0276", "ROUTINE", "Routine appointment - default if not valued"),
            "description": reason, "start": day.at(minute), "end": day.at(minute + 30), "minutesDuration": 30,
            "created": day.plus(-14).max(self.course.person.birth).at(600),
            "participant": [with(self.subject()), with(doctor)],
        }));
        id
    }
}
