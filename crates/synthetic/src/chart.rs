//! Writes one patient's chart: the order in which its parts are told, and the ids they get.

use crate::agenda::Slot;
use crate::course::{Course, Depth, Visit};
use crate::day::Day;
use crate::json::{link, uuid};
use crate::lab_table::Key;
use crate::person::Person;
use crate::practice::{PatientChart, Practice};
use crate::rng::Rng;
use serde_json::{Value, json};

/// A chart being written.
pub(crate) struct Chart<'a> {
    pub(crate) practice: &'a Practice,
    pub(crate) course: &'a Course<'a>,
    /// How much is told of this patient.
    depth: Depth,
    pub(crate) patient: String,
    pub(crate) rng: Rng,
    pub(crate) out: Vec<Value>,
    /// Ids of the Encounters, by position in the course.
    pub(crate) encounters: Vec<String>,
    /// Ids of the problem-list Conditions, by position in the course.
    pub(crate) conditions: Vec<String>,
    /// Results so far: test, value as shown, day.
    pub(crate) last_results: Vec<(Key, String, Day)>,
    next: u64,
}

const IDS: u64 = 0x1D5;
const WRITING: u64 = 0x3217;

/// The id of patient `index`.
pub(crate) fn patient_id(seed: u64, index: usize) -> String {
    uuid(seed, IDS, (index as u64) << 20)
}

/// The whole chart of one person.
pub(crate) fn write(practice: &Practice, person: &Person, slot: Option<Slot>) -> PatientChart {
    let course = Course::new(practice.seed, person, practice.today, slot, practice.depth);
    let mut chart = Chart::new(practice, &course, practice.depth);
    chart.write_patient();
    chart.write_problems();
    chart.write_allergies();
    for position in 0..course.visits.len() {
        chart.write_visit(position);
    }
    chart.write_medicines();
    chart.write_immunizations();
    chart.write_history();
    if chart.demo() {
        chart.write_elsewhere();
        chart.write_documents();
        chart.write_plans();
    }
    PatientChart { patient: chart.patient, resources: chart.out }
}

impl<'a> Chart<'a> {
    pub(crate) fn new(practice: &'a Practice, course: &'a Course<'a>, depth: Depth) -> Self {
        let index = course.person.index;
        let mut chart = Chart {
            practice,
            course,
            depth,
            patient: patient_id(practice.seed, index),
            rng: Rng::new(practice.seed, WRITING, index as u64),
            out: Vec::with_capacity(if depth == Depth::Demo { 256 } else { 48 }),
            encounters: Vec::new(),
            conditions: Vec::new(),
            last_results: Vec::new(),
            next: (index as u64) << 20,
        };
        chart.encounters = course.visits.iter().map(|_| chart.id()).collect();
        chart.conditions = course.problems.iter().map(|_| chart.id()).collect();
        chart
    }

    /// The next free id of this chart.
    pub(crate) fn id(&mut self) -> String {
        self.next += 1;
        uuid(self.practice.seed, IDS, self.next)
    }

    /// Leaves out ids that other parts of the chart use.
    pub(crate) fn skip_ids(&mut self, count: u64) {
        self.next += count;
    }

    /// A reference to the patient.
    pub(crate) fn subject(&self) -> Value {
        link("Patient", &self.patient)
    }

    /// A reference to the visit at `position`.
    pub(crate) fn encounter(&self, position: usize) -> Value {
        self.encounters.get(position).map_or_else(|| json!({}), |id| link("Encounter", id))
    }

    pub(crate) fn clinician(&self, visit: &Visit) -> Value {
        self.practice.directory.clinician(visit.clinician).reference("Practitioner")
    }

    pub(crate) fn nurse(&self, visit: &Visit) -> Value {
        self.practice.directory.nurse(visit.nurse).reference("Practitioner")
    }

    pub(crate) fn demo(&self) -> bool {
        self.depth == Depth::Demo
    }
}
