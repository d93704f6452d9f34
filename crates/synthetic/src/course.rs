//! A patient's story over the chart's years: which problems, which visits, which treatment, decided before any resource is written,
//! so that notes, results and medicines can agree with one another.

use crate::agenda::Slot;
use crate::allergy_table::Allergen;
use crate::day::Day;
use crate::drug_table::Drug;
use crate::lab_table::Panel;
use crate::onset;
use crate::person::Person;
use crate::problem_table::{Acute, Chronic};
use crate::rng::Rng;

/// How much is told of each patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Ten full years: 60 to 250 resources for most adults.
    Demo,
    /// The recent past in brief: about 30 resources each, for practices of up to 100,000.
    Scale,
}

/// Years a chart reaches back.
pub(crate) const YEARS: i32 = 10;

/// What a visit was for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    WellChild,
    Adult,
    FollowUp,
    Acute(&'static Acute),
}

/// How far a visit has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Planned,
    Arrived,
    InProgress,
    Finished,
}

/// One visit.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) day: Day,
    /// Minutes after midnight.
    pub(crate) minute: i32,
    pub(crate) kind: Kind,
    pub(crate) status: Status,
    /// Seen over video: no room, no vital signs, nothing drawn.
    pub(crate) video: bool,
    pub(crate) clinician: usize,
    pub(crate) nurse: usize,
    pub(crate) room: usize,
    /// Positions in `Course::problems` of what is followed.
    pub(crate) follows: Vec<usize>,
    pub(crate) panels: Vec<Panel>,
}

/// One lasting problem of this patient.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) row: &'static Chronic,
    pub(crate) onset: Day,
    pub(crate) resolved: Option<Day>,
}

impl Problem {
    pub(crate) fn active(&self, on: Day) -> bool {
        self.onset <= on && self.resolved.is_none_or(|end| on < end)
    }
}

/// One medicine over the time it was taken.
#[derive(Clone, Debug)]
pub(crate) struct Medicine {
    pub(crate) drug: &'static Drug,
    pub(crate) start: Day,
    pub(crate) stop: Option<Day>,
    pub(crate) why_stopped: &'static str,
    /// The problem it treats, or the visit whose acute illness it treats.
    pub(crate) problem: Option<usize>,
    pub(crate) visit: usize,
}

/// What is recorded of allergies.
#[derive(Clone, Debug)]
pub(crate) enum Allergies {
    NotAsked,
    NoneKnown,
    Listed(Vec<&'static Allergen>),
}

/// The whole story.
pub(crate) struct Course<'a> {
    pub(crate) person: &'a Person,
    pub(crate) start: Day,
    pub(crate) visits: Vec<Visit>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) medicines: Vec<Medicine>,
    pub(crate) allergies: Allergies,
    pub(crate) traits: Traits,
}

/// What stays the same in a body, as z-scores.
#[derive(Clone, Debug)]
pub(crate) struct Traits {
    pub(crate) height: f64,
    pub(crate) weight: f64,
    pub(crate) head: f64,
    pub(crate) pressure: f64,
    pub(crate) lipids: f64,
    pub(crate) kidney: f64,
    pub(crate) blood: f64,
    /// The clinician they usually see.
    pub(crate) clinician: usize,
    pub(crate) nurse: usize,
    pub(crate) payer: usize,
}

impl<'a> Course<'a> {
    /// The story of `person` up to `today`; `slot` is today's appointment, if the practice gave them one.
    pub(crate) fn new(seed: u64, person: &'a Person, today: Day, slot: Option<Slot>, depth: Depth) -> Self {
        let mut rng = Rng::new(seed, 0xC0025E, person.index as u64);
        let end = person.death.map_or(today, |death| death.plus(-1));
        let start = chart_start(person, end, &mut rng);
        let traits = traits(person, today, &mut rng);
        let mut course = Course {
            person,
            start,
            visits: Vec::new(),
            problems: onset::problems(person, end, &mut rng),
            medicines: Vec::new(),
            allergies: onset::allergies(person, end, &mut rng),
            traits,
        };
        course.plan_visits(end.plus(if slot.is_some() { -20 } else { -1 }), depth, &mut rng);
        if let Some(slot) = slot {
            course.add_today(today, slot, &mut rng);
        }
        course.choose_panels(depth, &mut rng);
        course.prescribe(end, &mut rng);
        course
    }
}

fn chart_start(person: &Person, end: Day, rng: &mut Rng) -> Day {
    let joined = if rng.chance(0.45) { YEARS * 365 } else { rng.between(200, YEARS * 365) };
    end.plus(-joined).max(person.birth.plus(1))
}

fn traits(person: &Person, today: Day, rng: &mut Rng) -> Traits {
    let age = person.birth.years_to(today);
    Traits {
        height: rng.normal() * 0.9,
        weight: rng.normal() * 0.8,
        head: rng.normal() * 0.7,
        pressure: rng.normal(),
        lipids: rng.normal(),
        kidney: rng.normal(),
        blood: rng.normal(),
        clinician: rng.below(4),
        nurse: rng.below(3),
        payer: if age >= 65 { 2 } else { [0, 1, 3].get(rng.below(3)).copied().unwrap_or(0) },
    }
}
