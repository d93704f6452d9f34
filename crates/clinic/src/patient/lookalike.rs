//! Look-alikes: is somebody about to be registered twice, and which names on a list are easily taken for each other.

use super::Identity;
use super::fold::{digits, fold, parts};
use super::keys::sounds;
use super::rank::similar;

/// Why a registered patient may be the person being registered. Shown beside the hit.
#[must_use]
pub fn reason(new: &Identity, known: &Identity) -> Option<&'static str> {
    let family =
        names_alike(&[&new.family], &[&known.family]) || names_alike(&[&new.family], &refs(&known.former_names));
    let given = names_alike(&[&new.given], &[&known.given]) || names_alike(&[&new.given], &refs(&known.current_names));
    let dates = dates_alike(&new.birth_date, &known.birth_date);
    let same_date = !new.birth_date.is_empty() && new.birth_date == known.birth_date;
    let phone = new.phones.iter().map(|p| digits(p)).any(|new| known.phones.iter().any(|known| digits(known) == new));
    match () {
        () if family && given && same_date => Some("Same birth date and a like name"),
        () if family && given && dates => Some("A like name and a like birth date"),
        () if given && same_date && phone => Some("Same birth date and phone, like given name"),
        () if family && same_date && new.sex == known.sex => Some("Same birth date, sex and a like family name"),
        () if family && given && phone => Some("A like name and the same phone"),
        () => None,
    }
}

fn refs(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

/// Whether any part of one name is, is spelt nearly, sounds like, or begins like a part of the other.
fn names_alike(a: &[&str], b: &[&str]) -> bool {
    let all = |names: &[&str]| names.iter().flat_map(|name| parts(name)).collect::<Vec<_>>();
    let (a, b) = (all(a), all(b));
    a.iter().any(|a| b.iter().any(|b| parts_alike(a, b)))
}

fn parts_alike(a: &str, b: &str) -> bool {
    let shorter = a.len().min(b.len());
    a == b
        || similar(a, b)
        || (shorter >= 3 && (a.starts_with(b) || b.starts_with(a)))
        || sounds(a).iter().any(|sound| sounds(b).contains(sound))
}

/// Whether two birth dates may be one: either unknown, one digit wrong, two swapped, or day and month swapped.
fn dates_alike(a: &str, b: &str) -> bool {
    let (a, b) = (digits(a), digits(b));
    if a.is_empty() || b.is_empty() || a.starts_with(&b) || b.starts_with(&a) || strsim::osa_distance(&a, &b) <= 1 {
        return true;
    }
    let swapped = |date: &str| Some(format!("{}{}{}", date.get(..4)?, date.get(6..8)?, date.get(4..6)?));
    swapped(&a).as_ref() == Some(&b)
}

/// Which patients of one list have names easily taken for another's on it (interface rule 3): same or nearly the same family name
/// with a like given name or the same first letter.
#[must_use]
pub fn confusable(list: &[Identity]) -> Vec<bool> {
    let names: Vec<_> = list.iter().map(folded).collect();
    let with_another =
        |(i, a): (usize, &Folded)| names.iter().enumerate().any(|(j, b)| i != j && taken_for_each_other(a, b));
    names.iter().enumerate().map(with_another).collect()
}

/// Whether a name is easily taken for one of these others', by the same rule as on a list. Who died is not taken for anybody. The others
/// are looked at one by one, no further than the first that is.
#[must_use]
pub fn taken_for_another(one: &Identity, others: impl Iterator<Item = Identity>) -> bool {
    let own = folded(one);
    let mut others = others.filter(|other| other.id != one.id && !other.deceased);
    others.any(|other| taken_for_each_other(&own, &folded(&other)))
}

/// Family and given name, folded.
type Folded = (String, String);

fn folded(one: &Identity) -> Folded {
    (fold(&one.family), fold(&one.given))
}

fn taken_for_each_other(a: &Folded, b: &Folded) -> bool {
    !a.0.is_empty()
        && (a.0 == b.0 || similar(&a.0, &b.0))
        && (a.1.chars().next() == b.1.chars().next() || parts_alike(&a.1, &b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(family: &str, given: &str, birth_date: &str) -> Identity {
        Identity {
            family: family.into(),
            given: given.into(),
            current_names: vec![format!("{given} {family}")],
            birth_date: birth_date.into(),
            sex: "female".into(),
            ..Identity::default()
        }
    }

    #[test]
    fn the_same_person_typed_differently_is_noticed() {
        let known = person("Catherine-Smith", "Anna Maria", "1962-05-04");
        for (family, given, date) in [
            ("Smith", "Anna", "1962-05-04"),
            ("Smyth", "Ana", "1962-05-04"),
            ("smith", "Maria", "1962-04-05"),
            ("Smith", "Anna", "1962-05-14"),
            ("Smith", "Anna", ""),
            ("Smith", "Zoe", "1962-05-04"),
        ] {
            assert!(reason(&person(family, given, date), &known).is_some(), "{family} {given} {date}");
        }
    }

    #[test]
    fn different_people_are_let_through() {
        let known = person("Smith", "Anna", "1962-05-04");
        for (family, given, date) in [
            ("Smith", "Anna", "1999-12-31"),
            ("Brown", "Anna", "1962-05-04"),
            ("Smith", "Zoe", "1970-01-01"),
            ("Li", "Wei", ""),
        ] {
            assert_eq!(reason(&person(family, given, date), &known), None, "{family} {given} {date}");
        }
    }

    #[test]
    fn similar_names_on_a_list_are_marked_both() {
        let list = [
            person("Larsen", "Liam", ""),
            person("Larson", "Liam", ""),
            person("Larsen", "Zoe", ""),
            person("Diaz", "Liam", ""),
        ];
        assert_eq!(confusable(&list), [true, true, false, false]);
    }
}
