//! The front door: a practice, its directory and its charts.

use crate::agenda::{self, Slot};
use crate::chart;
use crate::course::Depth;
use crate::day::Day;
use crate::names::Names;
use crate::person::{Person, person};
use crate::staff::{Directory, StaffMember};
use serde_json::{Value, json};

/// The seed of `chartroom demo`, so that the bench can ask for the people who are in it.
pub const DEMO_SEED: u64 = 20_261_122;

/// The practice's time zone (IANA name): every time in its charts is in it.
pub const TIME_ZONE: &str = "America/New_York";

/// A synthetic practice of so many patients, as it stands on one day.
pub struct Practice {
    pub(crate) seed: u64,
    pub(crate) today: Day,
    pub(crate) patients: usize,
    pub(crate) depth: Depth,
    pub(crate) names: Names,
    pub(crate) directory: Directory,
    agenda: Vec<(usize, Slot)>,
}

/// Everything of one patient.
#[derive(Clone, Debug)]
pub struct PatientChart {
    /// Id of the Patient.
    pub patient: String,
    /// Their resources, the Patient first; what is referred to comes before what refers to it, where it can.
    pub resources: Vec<Value>,
}

impl Practice {
    /// A practice of `patients` people on the day `today`. Cheap: charts are made when asked for.
    pub fn new(seed: u64, today: jiff::civil::Date, patients: usize, depth: Depth) -> Self {
        let names = Names::new();
        let today = Day::of(today);
        let agenda = agenda::today(seed, today, patients, &names);
        Practice { seed, today, patients, depth, names, directory: Directory::new(seed), agenda }
    }

    /// How many patients it has, the big chart not counted.
    pub fn patients(&self) -> usize {
        self.patients
    }

    /// The five people with an account, each with a role of their own.
    pub fn staff(&self) -> Vec<StaffMember> {
        self.directory.accounts()
    }

    /// Organizations, rooms, practitioners and their roles: load these first.
    pub fn directory(&self) -> Vec<Value> {
        self.directory.resources()
    }

    /// The chart of patient `index` (0 to `patients() - 1`).
    pub fn chart(&self, index: usize) -> PatientChart {
        let person = self.person(index);
        let slot = self.agenda.iter().find(|(at, _)| *at == index).map(|(_, slot)| *slot);
        chart::write(self, &person, slot)
    }

    /// Every chart, one after the other; nothing is kept.
    pub fn charts(&self) -> impl Iterator<Item = PatientChart> + '_ {
        (0..self.patients).map(|index| self.chart(index))
    }

    pub(crate) fn person(&self, index: usize) -> Person {
        person(self.seed, index, self.today, &self.names)
    }
}

/// A transaction Bundle that puts each resource at its own id: sending it twice changes nothing.
pub fn transaction(resources: Vec<Value>) -> Value {
    let entry = |resource: Value| {
        let text = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default();
        let (kind, id) = (text("resourceType"), text("id"));
        let request = json!({ "method": "PUT", "url": format!("{kind}/{id}") });
        json!({ "fullUrl": format!("urn:uuid:{id}"), "resource": resource, "request": request })
    };
    let entries: Vec<Value> = resources.into_iter().map(entry).collect();
    json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries })
}
