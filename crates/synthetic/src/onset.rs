//! What a patient has: lasting problems by age and sex, and allergies.

use crate::allergy_table::{ALLERGENS, Allergen};
use crate::course::{Allergies, Problem};
use crate::day::Day;
use crate::person::Person;
use crate::problem_table::{CHRONIC, Moves};
use crate::rng::Rng;

/// The lasting problems someone has met with by `end`.
pub(crate) fn problems(person: &Person, end: Day, rng: &mut Rng) -> Vec<Problem> {
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

/// What has been asked and answered of allergies by `end`.
pub(crate) fn allergies(person: &Person, end: Day, rng: &mut Rng) -> Allergies {
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
