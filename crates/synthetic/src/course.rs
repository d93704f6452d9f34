//! A patient's story over the chart's years: which problems, which visits, which treatment, decided before any resource is written,
//! so that notes, results and medicines can agree with one another.

use crate::agenda::Slot;
use crate::allergy_table::{ALLERGENS, Allergen};
use crate::day::Day;
use crate::drug_table::{Class, Drug, drug};
use crate::lab_table::Panel;
use crate::person::{Person, Sex};
use crate::problem_table::{ACUTE, Acute, CHRONIC, Chronic, Moves};
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
            problems: problems(person, end, &mut rng),
            medicines: Vec::new(),
            allergies: allergies(person, end, &mut rng),
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

    fn plan_visits(&mut self, end: Day, depth: Depth, rng: &mut Rng) {
        let mut planned: Vec<(Day, Kind)> = Vec::new();
        self.plan_child_visits(end, rng, &mut planned);
        self.plan_adult_visits(end, rng, &mut planned);
        self.plan_illnesses(end, rng, &mut planned);
        planned.sort_by_key(|(day, _)| *day);
        planned.dedup_by(|later, earlier| later.0.0 - earlier.0.0 < 4);
        let keep = if depth == Depth::Scale { 3 } else { 60 };
        let skip = planned.len().saturating_sub(keep);
        for (day, kind) in planned.into_iter().skip(skip) {
            let visit = self.visit(day, kind, rng);
            self.visits.push(visit);
        }
    }

    fn visit(&self, day: Day, kind: Kind, rng: &mut Rng) -> Visit {
        let usual = rng.chance(0.75);
        let follows = match kind {
            Kind::Acute(_) => Vec::new(),
            _ => (0..self.problems.len()).filter(|i| self.problems.get(*i).is_some_and(|p| p.active(day))).collect(),
        };
        Visit {
            day,
            minute: business_minute(rng),
            kind,
            status: Status::Finished,
            clinician: if usual { self.traits.clinician } else { rng.below(4) },
            nurse: rng.below(3),
            room: rng.below(5),
            follows,
            panels: Vec::new(),
        }
    }

    /// Well-child visits at the ages of the Bright Futures periodicity schedule (AAP, 2025), yearly from 3 to 17.
    fn plan_child_visits(&self, end: Day, rng: &mut Rng, planned: &mut Vec<(Day, Kind)>) {
        const EARLY: [i32; 11] = [4, 14, 61, 122, 183, 274, 366, 457, 549, 731, 914];
        let birth = self.person.birth;
        let yearly = (3..18).map(|year| year * 365 + 10);
        for (i, age) in EARLY.into_iter().chain(yearly).enumerate() {
            let late = if i < 2 { rng.between(0, 2) } else { rng.between(0, 24) };
            let day = birth.plus(age + late).workday();
            if day >= self.start && day <= end && rng.chance(0.93) {
                planned.push((day, Kind::WellChild));
            }
        }
    }

    fn plan_adult_visits(&self, end: Day, rng: &mut Rng, planned: &mut Vec<(Day, Kind)>) {
        let adult = self.person.birth.plus(18 * 366);
        let mut day = self.start.max(adult).plus(rng.between(0, 200));
        while day <= end {
            let active = self.problems.iter().filter(|p| p.active(day)).count();
            let checkup = rng.chance(0.5);
            let seen = active > 0 || rng.chance(0.6);
            if seen {
                planned.push((day.workday(), if checkup || active == 0 { Kind::Adult } else { Kind::FollowUp }));
            }
            let gap = match active {
                0 => rng.between(400, 640),
                1 => rng.between(320, 480),
                2..=3 => rng.between(230, 400),
                _ => rng.between(170, 320),
            };
            day = day.plus(gap);
        }
        planned.retain(|(day, _)| *day <= end);
    }

    fn plan_illnesses(&self, end: Day, rng: &mut Rng, planned: &mut Vec<(Day, Kind)>) {
        let mut day = self.start.plus(rng.between(20, 500));
        while day <= end {
            let age = self.person.birth.years_to(day);
            let visit = day.workday();
            if let Some(acute) = illness(self.person, age, visit, rng)
                && visit <= end
            {
                planned.push((visit, Kind::Acute(acute)));
            }
            day = day.plus(if age < 6 { rng.between(90, 420) } else { rng.between(300, 1600) });
        }
    }

    fn add_today(&mut self, today: Day, slot: Slot, rng: &mut Rng) {
        let age = self.person.birth.years_to(today);
        let kind = match illness(self.person, age, today, rng) {
            Some(acute) if rng.chance(0.4) => Kind::Acute(acute),
            _ if age < 18 => Kind::WellChild,
            _ if self.problems.iter().any(|p| p.active(today)) => Kind::FollowUp,
            _ => Kind::Adult,
        };
        let mut visit = self.visit(today, kind, rng);
        visit.minute = slot.minute;
        visit.clinician = slot.clinician;
        visit.room = slot.room;
        visit.status = slot.status;
        self.visits.push(visit);
    }

    /// Panels follow the problems: each is drawn when it is due again at a visit that follows its problem.
    fn choose_panels(&mut self, depth: Depth, rng: &mut Rng) {
        let mut drawn: Vec<(Panel, Day)> = Vec::new();
        let adult = self.person.birth.plus(18 * 366);
        let problems = &self.problems;
        for visit in &mut self.visits {
            if visit.day < adult || matches!(visit.kind, Kind::Acute(_)) || visit.status != Status::Finished {
                continue;
            }
            let age = self.person.birth.years_to(visit.day);
            let mut wanted: Vec<Panel> = Vec::new();
            for problem in visit.follows.iter().filter_map(|i| problems.get(*i)) {
                wanted.extend(problem.row.panels);
            }
            if age >= 40 && matches!(visit.kind, Kind::Adult) && rng.chance(0.3) {
                wanted.extend([Panel::Lipids, Panel::Cmp, Panel::Cbc]);
            }
            if wanted.contains(&Panel::Cmp) {
                wanted.retain(|p| *p != Panel::Bmp);
            }
            for panel in wanted {
                let pause = match (panel, depth) {
                    (Panel::A1c | Panel::Inr, _) => 80,
                    (Panel::Cbc | Panel::Cmp, Depth::Demo) => 1000,
                    _ => 380,
                };
                let due =
                    drawn.iter().rev().find(|(p, _)| *p == panel).is_none_or(|(_, day)| visit.day.0 - day.0 >= pause);
                if due && !visit.panels.contains(&panel) {
                    visit.panels.push(panel);
                    drawn.push((panel, visit.day));
                }
            }
        }
        if depth == Depth::Scale {
            let last = self.visits.iter().rposition(|v| !v.panels.is_empty());
            for (i, visit) in self.visits.iter_mut().enumerate() {
                if Some(i) != last {
                    visit.panels.clear();
                }
                visit.panels.truncate(2);
            }
        }
    }

    fn prescribe(&mut self, end: Day, rng: &mut Rng) {
        let mut medicines = Vec::new();
        for (position, problem) in self.problems.iter().enumerate() {
            let mut course = Vec::new();
            self.treat(position, problem, end, rng, &mut course);
            // One medicine may treat two problems; it is prescribed once.
            course.retain(|new: &Medicine| !medicines.iter().any(|old: &Medicine| old.drug.code == new.drug.code));
            medicines.extend(course);
        }
        for (visit, row) in self.visits.iter().enumerate() {
            if let Kind::Acute(acute) = row.kind
                && row.status == Status::Finished
                && self.person.birth.years_to(row.day) >= 12
                && let Some(drug) =
                    acute.medicines.iter().filter_map(|code| drug(code)).find(|d| self.tolerates(d.class))
            {
                let days = i32::try_from(drug.supply.1).unwrap_or(7);
                let stop = row.day.plus(days);
                let (stop, why_stopped) = (Some(stop).filter(|s| *s <= end), "Course completed");
                medicines.push(Medicine { drug, start: row.day, stop, why_stopped, problem: None, visit });
            }
        }
        self.medicines = medicines;
    }

    /// Whether a medicine of this class may be given: no allergy to it, and no anti-inflammatory beside a failing kidney or warfarin.
    fn tolerates(&self, class: Class) -> bool {
        let risky = |p: &Problem| matches!(p.row.moves, Moves::Kidney | Moves::Rhythm);
        if class == Class::Nsaid && self.problems.iter().any(risky) {
            return false;
        }
        match &self.allergies {
            Allergies::Listed(list) => class == Class::None || !list.iter().any(|a| a.rules_out == class),
            _ => true,
        }
    }

    /// One course of treatment through its steps, each begun at a visit that follows the problem.
    fn treat(&self, position: usize, problem: &Problem, end: Day, rng: &mut Rng, medicines: &mut Vec<Medicine>) {
        let fits = |course: &&&[&[&str]]| {
            course.iter().flat_map(|step| step.iter()).filter_map(|c| drug(c)).all(|d| self.tolerates(d.class))
        };
        let courses: Vec<_> = problem.row.courses.iter().filter(fits).collect();
        if courses.is_empty() || (problem.row.moves == Moves::Pressure && rng.chance(0.06)) {
            return;
        }
        let steps: &[&[&str]] = rng.pick::<&&[&[&str]]>(&courses);
        let visits: Vec<(usize, Day)> = self
            .visits
            .iter()
            .enumerate()
            .filter(|(_, v)| v.follows.contains(&position) && v.status == Status::Finished)
            .map(|(i, v)| (i, v.day))
            .collect();
        let mut at = 0;
        let mut open: Vec<Medicine> = Vec::new();
        for (number, step) in steps.iter().enumerate() {
            let Some(&(visit, day)) = visits.get(at) else { break };
            let mut kept = Vec::new();
            for mut medicine in open {
                if step.contains(&medicine.drug.code) {
                    kept.push(medicine);
                } else {
                    medicine.stop = Some(day);
                    medicine.why_stopped =
                        *rng.pick(&["Dose changed", "Not enough effect", "Changed to another medicine"]);
                    medicines.push(medicine);
                }
            }
            for drug in step.iter().filter_map(|code| drug(code)) {
                if !kept.iter().any(|m: &Medicine| m.drug.code == drug.code) {
                    kept.push(Medicine {
                        drug,
                        start: day,
                        stop: None,
                        why_stopped: "",
                        problem: Some(position),
                        visit,
                    });
                }
            }
            open = kept;
            at += 1 + number + rng.below(3);
        }
        for mut medicine in open {
            if let Some(resolved) = problem.resolved {
                medicine.stop = Some(resolved.max(medicine.start.plus(14)));
                medicine.why_stopped = "Problem resolved";
            }
            medicine.stop = medicine.stop.filter(|stop| *stop <= end);
            medicines.push(medicine);
        }
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

/// A quarter past, half past …: visits begin on quarter hours from 08:00 to 16:30, none over lunch.
fn business_minute(rng: &mut Rng) -> i32 {
    let quarter = rng.between(0, 30);
    let minute = 480 + quarter * 15;
    if minute >= 720 { minute + 60 } else { minute }
}

fn problems(person: &Person, end: Day, rng: &mut Rng) -> Vec<Problem> {
    let age = f64::from(person.birth.years_to(end));
    let mut found: Vec<Problem> = Vec::new();
    for row in CHRONIC {
        let onset_age = rng.real(row.onset.0, row.onset.1);
        let (has, ends, length) = (rng.chance(row.share), rng.chance(row.resolves), rng.between(200, 2500));
        if row.sex.is_some_and(|sex| sex != person.sex) || !has || onset_age >= age {
            continue;
        }
        let onset = person.birth.plus((onset_age * 365.25) as i32);
        let resolved = Some(onset.plus(length)).filter(|day| ends && *day < end.plus(-30));
        found.push(Problem { row, onset, resolved });
    }
    drop_contradictions(&mut found);
    found
}

/// Diabetes ends prediabetes, and one asthma is enough.
fn drop_contradictions(found: &mut Vec<Problem>) {
    let diabetes = found.iter().find(|p| p.row.moves == Moves::Sugar).map(|p| p.onset);
    if let Some(onset) = diabetes {
        found.retain(|p| p.row.moves != Moves::PreSugar || p.onset.plus(400) < onset);
        for problem in found.iter_mut().filter(|p| p.row.moves == Moves::PreSugar) {
            problem.resolved = Some(onset);
        }
    }
    if found.iter().any(|p| p.row.code == "J45.40") {
        found.retain(|p| p.row.code != "J45.20");
    }
}

fn allergies(person: &Person, end: Day, rng: &mut Rng) -> Allergies {
    let age = person.birth.years_to(end);
    match rng.unit() {
        u if u < 0.08 || age < 1 => Allergies::NotAsked,
        u if u < 0.62 => Allergies::NoneKnown,
        _ => {
            let count = 1 + rng.zipf(3);
            let mut list: Vec<&'static Allergen> = Vec::new();
            for _ in 0..count * 3 {
                let row = rng.pick_zipf(ALLERGENS);
                if row.from_age <= age && list.len() < count && !list.iter().any(|a| a.name == row.name) {
                    list.push(row);
                }
            }
            if list.is_empty() { Allergies::NoneKnown } else { Allergies::Listed(list) }
        }
    }
}

fn illness(person: &Person, age: i32, day: Day, rng: &mut Rng) -> Option<&'static Acute> {
    let sex: Sex = person.sex;
    for _ in 0..8 {
        let row = rng.pick_zipf(ACUTE);
        let fits = row.ages.0 <= age && age <= row.ages.1 && row.sex.is_none_or(|s| s == sex);
        // COVID-19 was first diagnosed here in March 2020.
        if fits && (row.code != "U07.1" || day > Day(18_330)) {
            return Some(row);
        }
    }
    None
}
