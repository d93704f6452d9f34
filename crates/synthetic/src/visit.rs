//! Encounters with their vital signs, and what hangs on them.

use crate::chart::Chart;
use crate::course::{Kind, Status, Visit};
use crate::json::{LOINC, UCUM, concept_said, decimal, hl7, link, quantity, set};
use crate::note_text::Taken;
use serde_json::{Value, json};

impl Chart<'_> {
    pub(crate) fn write_visit(&mut self, position: usize) {
        let Some(visit) = self.course.visits.get(position) else { return };
        let diagnoses = self.write_diagnoses(position);
        let mut encounter = self.encounter_resource(position, visit, &diagnoses);
        if visit.day == self.practice.today {
            let appointment = self.write_todays_appointment(visit, visit_words(visit).1);
            set(&mut encounter, "appointment", json!([appointment]));
        }
        self.out.push(encounter);
        let mut taken = None;
        if matches!(visit.status, Status::Finished | Status::InProgress) {
            taken = Some(if visit.video { Taken::default() } else { self.write_vitals(position, visit) });
        }
        if let Some(taken) = taken
            && self.has_note(position, visit)
        {
            self.write_note(position, visit, &taken);
        }
        if visit.status == Status::Finished {
            self.write_results(position, visit);
        }
    }

    fn encounter_resource(&self, position: usize, visit: &Visit, diagnoses: &[String]) -> Value {
        let (kind, reason) = visit_words(visit);
        let status = match visit.status {
            Status::Planned => "planned",
            Status::Arrived => "arrived",
            Status::InProgress => "in-progress",
            Status::Finished => "finished",
        };
        let class = if visit.video { ("VR", "virtual") } else { ("AMB", "ambulatory") };
        let role = |code: &str, words: &str, who: Value| json!({ "type": [hl7("v3-ParticipationType", code, words)], "individual": who });
        let mut encounter = json!({
            "resourceType": "Encounter", "id": self.encounters.get(position), "status": status,
            "class": { "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": class.0, "display": class.1 },
            "type": [{ "text": kind }], "subject": self.subject(),
            "participant": [
                role("PPRF", "primary performer", self.clinician(visit)),
                role("PART", "Participation", self.nurse(visit)),
            ],
            "reasonCode": [{ "text": reason }],
        });
        let mut period = json!({ "start": visit.day.at(visit.minute) });
        if visit.status == Status::Finished {
            set(&mut period, "end", json!(visit.day.at(visit.minute + 30)));
        }
        set(&mut encounter, "period", period);
        if !diagnoses.is_empty() {
            set(&mut encounter, "diagnosis", self.diagnosis_entries(diagnoses));
        }
        if !visit.video {
            let room = self.practice.directory.room(visit.room);
            set(&mut encounter, "location", json!([{ "location": room.reference("Location") }]));
        }
        set(&mut encounter, "serviceProvider", self.practice.directory.practice.reference("Organization"));
        encounter
    }

    fn write_vitals(&mut self, position: usize, visit: &Visit) -> Taken {
        let course = self.course;
        let fever = matches!(visit.kind, Kind::Acute(acute) if acute.fever);
        let signs = course.signs(visit.day, fever, &mut self.rng);
        let size = course.size(visit.day);
        let months = course.person.birth.months_to(visit.day);
        let weight = size.weight * (1.0 + self.rng.normal() * 0.006);
        let ill = matches!(visit.kind, Kind::Acute(_));
        let whole = ill || !matches!(visit.kind, Kind::FollowUp);
        let taken = Taken {
            pressure: (months >= 36.0).then(|| (signs.systolic.round(), signs.diastolic.round())),
            pulse: signs.pulse,
            temperature: whole.then_some(signs.temperature),
            weight,
            height: size.height,
            head: size.head,
        };
        if let Some((systolic, diastolic)) = taken.pressure {
            self.push_pressure(position, visit, systolic, diastolic);
        }
        self.push_vital(
            position,
            visit,
            ("29463-7", "Body weight", "Weight"),
            quantity(weight, if months < 24.0 { 2 } else { 1 }, "kg", "kg"),
        );
        self.push_vital(position, visit, ("8867-4", "Heart rate", "Pulse"), quantity(signs.pulse, 0, "/min", "/min"));
        if !self.demo() {
            return taken;
        }
        if whole {
            let temperature = quantity(signs.temperature, 1, "°C", "Cel");
            self.push_vital(position, visit, ("8310-5", "Body temperature", "Temperature"), temperature);
        }
        if ill || months < 24.0 || self.rng.chance(0.2) {
            self.push_vital(
                position,
                visit,
                ("9279-1", "Respiratory rate", "Breathing rate"),
                quantity(signs.breaths, 0, "/min", "/min"),
            );
            let code = ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", "Oxygen saturation");
            self.push_vital(position, visit, code, quantity(signs.oxygen, 0, "%", "%"));
        }
        if whole && !ill {
            self.push_vital(position, visit, ("8302-2", "Body height", "Height"), quantity(size.height, 1, "cm", "cm"));
            if months >= 24.0 {
                let index = weight / (size.height / 100.0).powi(2);
                let code = ("39156-5", "Body mass index (BMI) [Ratio]", "BMI");
                self.push_vital(position, visit, code, quantity(index, 1, "kg/m2", "kg/m2"));
            }
            if let Some(head) = size.head {
                let code = ("9843-4", "Head Occipital-frontal circumference", "Head circumference");
                self.push_vital(position, visit, code, quantity(head, 1, "cm", "cm"));
            }
        }
        taken
    }

    fn vital(&mut self, position: usize, visit: &Visit, (code, name, said): (&str, &str, &str)) -> Value {
        let id = self.id();
        json!({
            "resourceType": "Observation", "id": id, "status": "final",
            "category": [hl7("observation-category", "vital-signs", "Vital Signs")],
            "code": concept_said(LOINC, code, name, said),
            "subject": self.subject(), "encounter": self.encounter(position),
            "effectiveDateTime": visit.day.at(visit.minute + 4),
            "performer": [link("Practitioner", &self.practice.directory.nurse(visit.nurse).id)],
        })
    }

    fn push_vital(&mut self, position: usize, visit: &Visit, code: (&str, &str, &str), value: Value) {
        let mut vital = self.vital(position, visit, code);
        set(&mut vital, "valueQuantity", value);
        self.out.push(vital);
    }

    /// Blood pressure; a grown-up's above 130/80 is marked high (ACC/AHA guideline, 2017), below 90 systolic low.
    fn push_pressure(&mut self, position: usize, visit: &Visit, systolic: f64, diastolic: f64) {
        let panel = ("85354-9", "Blood pressure panel with all children optional", "Blood pressure");
        let mut vital = self.vital(position, visit, panel);
        let part = |code: &str, name: &str, value: f64| {
            let value = json!({ "value": decimal(value, 0), "unit": "mmHg", "system": UCUM, "code": "mm[Hg]" });
            json!({ "code": concept_said(LOINC, code, name, name), "valueQuantity": value })
        };
        let parts = [
            part("8480-6", "Systolic blood pressure", systolic),
            part("8462-4", "Diastolic blood pressure", diastolic),
        ];
        if self.course.person.birth.years_to(visit.day) >= 18 {
            let mark = match (systolic, diastolic) {
                (s, d) if s >= 130.0 || d >= 80.0 => ("H", "High"),
                (s, _) if s < 90.0 => ("L", "Low"),
                _ => ("N", "Normal"),
            };
            set(&mut vital, "interpretation", json!([hl7("v3-ObservationInterpretation", mark.0, mark.1)]));
        }
        set(&mut vital, "component", json!(parts));
        self.out.push(vital);
    }
}

/// The type of a visit and why the patient came, in words.
fn visit_words(visit: &Visit) -> (&'static str, &'static str) {
    match visit.kind {
        Kind::WellChild => ("Well-child visit", "Well-child check"),
        Kind::Adult => ("Annual physical", "Yearly check-up"),
        Kind::FollowUp if visit.video => ("Video visit", "Follow-up of long-term problems"),
        Kind::FollowUp => ("Follow-up visit", "Follow-up of long-term problems"),
        Kind::Acute(acute) => ("Office visit", acute.reason),
    }
}
