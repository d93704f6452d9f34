//! People easily taken for one another: look-alikes, twins, and children who bear a parent's name.

use crate::day::Day;
use crate::names::Names;
use crate::person::{Person, Sex, ordinary};
use crate::rng::Rng;

/// The same name as the patient before, born a few weeks away or on the same day of another year.
pub(crate) fn look_alike(seed: u64, index: usize, today: Day, names: &Names) -> Person {
    let other = ordinary(seed, index - 1, today, names);
    let mut person = ordinary(seed, index, today, names);
    let mut rng = Rng::new(seed, 0x100C, index as u64);
    let shift = if rng.chance(0.5) { -rng.between(2, 40) } else { -365 * rng.between(1, 2) };
    person.birth = other.birth.plus(shift);
    person.death = None;
    person.sex = other.sex;
    person.gender = if other.sex == Sex::Female { "female" } else { "male" };
    person.family.clone_from(&other.family);
    person.given = other.given.iter().take(1).cloned().collect();
    (person.race, person.hispanic) = (other.race, other.hispanic);
    (person.former_family, person.former_given, person.preferred) = (None, None, None);
    (person.pronouns, person.gender_identity, person.suffix) = (None, None, None);
    person.married = if person.birth.years_to(today) < 18 { ("S", "Never Married") } else { person.married };
    person
}

/// A twin of the patient before: same birth date, surname and home, names that begin alike where the pool has one.
pub(crate) fn twin(seed: u64, index: usize, today: Day, names: &Names) -> Person {
    let mut first = ordinary(seed, index - 1, today, names);
    let mut rng = Rng::new(seed, 0x7717, index as u64);
    let initial = first.given.first().and_then(|g| g.chars().next());
    let pool = names.pool(&mut rng);
    let woman = first.sex == Sex::Female;
    let mut given = names.given(pool, woman, &mut rng);
    for _ in 0..60 {
        if given.chars().next() == initial && first.given.first() != Some(&given) {
            break;
        }
        given = names.given(names.pool(&mut rng), woman, &mut rng);
    }
    first.index = index;
    first.given = vec![given];
    first.gender = if woman { "female" } else { "male" };
    first.twin = Some(2);
    (first.former_family, first.former_given, first.preferred) = (None, None, None);
    (first.pronouns, first.gender_identity, first.suffix) = (None, None, None);
    first.email = None;
    first
}

/// A child who bears the parent's whole name.
pub(crate) fn namesake_child(seed: u64, index: usize, today: Day, names: &Names) -> Person {
    let parent = ordinary(seed, index - 1, today, names);
    let mut person = ordinary(seed, index, today, names);
    let mut rng = Rng::new(seed, 0xC41D, index as u64);
    let born = parent.birth.plus(365 * rng.between(21, 34) + rng.between(0, 360));
    if born.plus(30) < today && parent.former_given.is_none() {
        person.birth = born;
        person.death = None;
        person.sex = parent.sex;
        person.gender = if parent.sex == Sex::Female { "female" } else { "male" };
        person.family.clone_from(&parent.family);
        person.given.clone_from(&parent.given);
        person.suffix = (parent.sex == Sex::Male).then_some("Jr.");
        (person.former_family, person.former_given, person.preferred) = (None, None, None);
        (person.pronouns, person.gender_identity) = (None, None);
        person.street.clone_from(&parent.street);
        person.town = parent.town;
        person.postal_code.clone_from(&parent.postal_code);
        if person.birth.years_to(today) < 18 {
            person.married = ("S", "Never Married");
        }
    }
    person
}
