//! What a patient takes: each problem's course of treatment step by step, and short courses for illness.

use crate::course::{Allergies, Course, Kind, Medicine, Problem, Status};
use crate::day::Day;
use crate::drug_table::{Class, drug};
use crate::problem_table::Moves;
use crate::rng::Rng;

impl Course<'_> {
    pub(crate) fn prescribe(&mut self, end: Day, rng: &mut Rng) {
        let mut medicines = Vec::new();
        for (position, problem) in self.problems.iter().enumerate() {
            let mut course = self.treat(position, problem, end, rng);
            // One medicine may treat two problems; it is prescribed once.
            course.retain(|new| !medicines.iter().any(|old: &Medicine| old.drug.code == new.drug.code));
            medicines.extend(course);
        }
        medicines.extend(self.visits.iter().enumerate().filter_map(|(visit, _)| self.short_course(visit, end)));
        self.medicines = medicines;
    }

    /// The medicine of an illness: the first that no allergy rules out, for patients of 12 years and more.
    fn short_course(&self, visit: usize, end: Day) -> Option<Medicine> {
        let row = self.visits.get(visit)?;
        let Kind::Acute(acute) = row.kind else { return None };
        if row.status != Status::Finished || self.person.birth.years_to(row.day) < 12 {
            return None;
        }
        let drug = acute.medicines.iter().filter_map(|code| drug(code)).find(|d| self.tolerates(d.class))?;
        let days = i32::try_from(drug.supply.1).unwrap_or(7);
        let stop = Some(row.day.plus(days)).filter(|day| *day <= end);
        Some(Medicine { drug, start: row.day, stop, why_stopped: "Course completed", problem: None, visit })
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
    fn treat(&self, position: usize, problem: &Problem, end: Day, rng: &mut Rng) -> Vec<Medicine> {
        let Some(steps) = self.choose_course(problem, rng) else { return Vec::new() };
        let followed = |(at, visit): (usize, &crate::course::Visit)| {
            (visit.follows.contains(&position) && visit.status == Status::Finished).then_some((at, visit.day))
        };
        let visits: Vec<(usize, Day)> = self.visits.iter().enumerate().filter_map(followed).collect();
        let (mut over, mut open): (Vec<Medicine>, Vec<Medicine>) = (Vec::new(), Vec::new());
        let mut at = 0;
        for (number, step) in steps.iter().enumerate() {
            let Some(&(visit, day)) = visits.get(at) else { break };
            let (kept, changed): (Vec<_>, Vec<_>) = open.into_iter().partition(|m| step.contains(&m.drug.code));
            open = kept;
            over.extend(changed.into_iter().map(|medicine| Medicine {
                stop: Some(day),
                why_stopped: rng.pick::<&str>(&["Dose changed", "Not enough effect", "Changed to another medicine"]),
                ..medicine
            }));
            for drug in step.iter().filter_map(|code| drug(code)) {
                if !open.iter().any(|m| m.drug.code == drug.code) {
                    open.push(Medicine {
                        drug,
                        start: day,
                        stop: None,
                        why_stopped: "",
                        problem: Some(position),
                        visit,
                    });
                }
            }
            at += 1 + number + rng.below(3);
        }
        over.extend(open.into_iter().map(|medicine| until_resolved(medicine, problem, end)));
        over
    }

    /// A course none of whose medicines is ruled out; a few pressures are left to diet.
    fn choose_course(&self, problem: &Problem, rng: &mut Rng) -> Option<&'static [&'static [&'static str]]> {
        let fits = |course: &&&'static [&'static [&'static str]]| {
            let medicines = course.iter().flat_map(|step| step.iter()).filter_map(|code| drug(code));
            medicines.into_iter().all(|d| self.tolerates(d.class))
        };
        let courses: Vec<_> = problem.row.courses.iter().filter(fits).copied().collect();
        let left_alone = problem.row.moves == Moves::Pressure && rng.chance(0.06);
        courses.get(rng.below(courses.len())).copied().filter(|_| !left_alone)
    }
}

fn until_resolved(mut medicine: Medicine, problem: &Problem, end: Day) -> Medicine {
    if let Some(resolved) = problem.resolved {
        medicine.stop = Some(resolved.max(medicine.start.plus(14))).filter(|stop| *stop <= end);
        medicine.why_stopped = "Problem resolved";
    }
    medicine
}
