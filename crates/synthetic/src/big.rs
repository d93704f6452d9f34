//! One chart far larger than any other, for the benches: 1,000 visits, 20,000 observations, 2,000 documents.

use crate::chart::{Chart, patient_id};
use crate::course::{Allergies, Course, Depth, Kind, Medicine, Problem, Status, Visit};
use crate::drug_table::drug;
use crate::json::{LOINC, concept_said, hl7, json_kind, quantity, set};
use crate::lab_table::Panel;
use crate::person::{Person, Sex};
use crate::practice::{PatientChart, Practice};
use crate::problem_table::CHRONIC;
use serde_json::json;

/// Visits of the big chart.
pub const BIG_VISITS: usize = 1_000;
/// Observations of the big chart.
pub const BIG_OBSERVATIONS: usize = 20_000;
/// Documents of the big chart.
pub const BIG_DOCUMENTS: usize = 2_000;

/// Visits in one part.
const PART: usize = 10;
/// Ids set aside for each part, after those of the whole chart.
const IDS_A_PART: u64 = 5_000;
/// Beyond every patient's index.
const INDEX: usize = 20_000_003;

impl Practice {
    /// Id of the big chart's patient.
    pub fn big_patient(&self) -> String {
        patient_id(self.seed, INDEX)
    }

    /// The big chart in 100 parts of about 240 resources, the Patient in the first; load them in order. Its references end in it or
    /// in the directory.
    pub fn big_chart(&self) -> impl Iterator<Item = PatientChart> + '_ {
        let person = self.big_person();
        (0..BIG_VISITS / PART).map(move |part| self.big_part(&person, part))
    }

    fn big_person(&self) -> Person {
        let mut person = self.person(INDEX);
        person.birth = self.today.plus(-(68 * 365 + 120));
        (person.sex, person.gender, person.death) = (Sex::Female, "female", None);
        person.family = "Fairweather-Longacre".to_owned();
        person.given = vec!["Constance".to_owned(), "Maria".to_owned()];
        (person.preferred, person.former_family) =
            (Some("Connie".to_owned()), Some(("Longacre".to_owned(), self.today.plus(-40 * 365))));
        (person.former_given, person.pronouns, person.gender_identity, person.suffix) = (None, None, None, None);
        (person.language, person.interpreter) = (None, false);
        person
    }

    fn big_part(&self, person: &Person, part: usize) -> PatientChart {
        let course = self.big_course(person);
        let mut chart = Chart::new(self, &course, Depth::Demo);
        chart.skip_ids(part as u64 * IDS_A_PART);
        if part == 0 {
            chart.write_patient();
            chart.write_problems();
            chart.write_allergies();
            chart.write_medicines();
        }
        for position in part * PART..(part + 1) * PART {
            chart.write_visit(position);
        }
        if part + 1 == BIG_VISITS / PART {
            // These name visits of any part, so they come last.
            chart.write_immunizations();
        }
        let share = |all: usize| all * PART / BIG_VISITS;
        chart.fill_observations(part, share(BIG_OBSERVATIONS));
        chart.fill_documents(part, share(BIG_DOCUMENTS));
        PatientChart { patient: chart.patient, resources: chart.out }
    }

    /// A story with a visit every third or fourth day for ten years.
    fn big_course<'a>(&self, person: &'a Person) -> Course<'a> {
        let mut course = Course::new(self.seed, person, self.today, None, Depth::Demo);
        let kept = ["I10", "E78.5", "E11.9", "N18.31", "I48.91", "K21.9", "M17.0"];
        let start = self.today.plus(-3_652);
        course.start = start;
        course.allergies = Allergies::NoneKnown;
        let wanted = CHRONIC.iter().filter(|row| kept.contains(&row.code));
        course.problems = wanted.map(|row| Problem { row, onset: start.plus(-400), resolved: None }).collect();
        course.visits = (0..BIG_VISITS as i32)
            .map(|n| big_visit(n, start.plus(5 + n * 3_640 / BIG_VISITS as i32), course.problems.len()))
            .collect();
        let first = course.visits.first().map_or(start, |v| v.day);
        let taking =
            [("314077", 0), ("617310", 1), ("860975", 2), ("855332", 4), ("866427", 4), ("198051", 5), ("198440", 6)];
        let medicine = |(code, problem): (&str, usize)| {
            Some(Medicine {
                drug: drug(code)?,
                start: first,
                stop: None,
                why_stopped: "",
                problem: Some(problem),
                visit: 0,
            })
        };
        course.medicines = taking.into_iter().filter_map(medicine).collect();
        course
    }
}

fn big_visit(number: i32, day: crate::day::Day, problems: usize) -> Visit {
    let panels = match number % 10 {
        0 => vec![Panel::Cmp, Panel::Inr],
        3 => vec![Panel::Cbc, Panel::Inr],
        5 => vec![Panel::A1c, Panel::Lipids, Panel::Ucr],
        7 => vec![Panel::Bmp],
        _ => vec![Panel::Inr],
    };
    Visit {
        day: day.workday(),
        minute: 480 + (number % 12) * 15,
        kind: Kind::FollowUp,
        status: Status::Finished,
        video: false,
        clinician: (number % 4) as usize,
        nurse: (number % 3) as usize,
        room: (number % 5) as usize,
        follows: (0..problems).collect(),
        panels,
    }
}

impl Chart<'_> {
    /// Home glucose readings until the part has its share of observations.
    fn fill_observations(&mut self, part: usize, share: usize) {
        let so_far = self.out.iter().filter(|r| json_kind(r) == "Observation").count();
        for number in so_far..share {
            let Some(visit) = self.course.visits.get(part * PART + number % PART) else { return };
            let id = self.id();
            let value = self.rng.real(88.0, 232.0);
            let mut reading = json!({
                "resourceType": "Observation", "id": id, "status": "final",
                "category": [hl7("observation-category", "laboratory", "Laboratory")],
                "code": concept_said(LOINC, "2339-0", "Glucose [Mass/volume] in Blood", "Glucose, home reading"),
                "subject": self.subject(),
            });
            set(&mut reading, "effectiveDateTime", json!(visit.day.at(400 + (number % 60) as i32 * 15)));
            set(&mut reading, "performer", json!([self.subject()]));
            set(&mut reading, "valueQuantity", quantity(value, 0, "mg/dL", "mg/dL"));
            self.out.push(reading);
        }
    }

    /// Messages from the patient's home log until the part has its share of documents, and none above it.
    fn fill_documents(&mut self, part: usize, share: usize) {
        let mut count = 0;
        self.out.retain(|r| {
            count += usize::from(json_kind(r) == "DocumentReference");
            json_kind(r) != "DocumentReference" || count <= share
        });
        for number in count.min(share)..share {
            let Some(visit) = self.course.visits.get(part * PART + number % PART) else { return };
            let text = format!(
                "Home log received and filed. Readings looked over against the plan of {}; nothing to change. Next review at the coming visit.",
                crate::note_text::said_day(visit.day)
            );
            let mut document = self.document(("34746-8", "Nurse Note"), "Home log", "text/plain", text.as_bytes());
            set(&mut document, "date", json!(visit.day.at(960)));
            set(&mut document, "author", json!([self.nurse(visit)]));
            self.out.push(document);
        }
    }
}
