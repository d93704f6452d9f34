//! Which of the patients found is most likely the one meant, and why it was found.

use super::Identity;
use super::fold::{digits, fold, parts};
use super::keys::{Word, reversed, sounds};

/// Why a hit matched, where the name shown does not say it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// By what is shown.
    Shown,
    /// A former name, whole.
    FormerName(String),
    /// A name spelt nearly so.
    Similar,
    /// A name that sounds alike.
    Sounds,
}

/// A patient's score for a search (higher is likelier) and the weakest reason it matched; `None` when a word does not match at all.
#[must_use]
pub fn score(identity: &Identity, words: &[Word]) -> Option<(u32, Because)> {
    let mut total = 0;
    let mut because = Because::Shown;
    for word in words {
        let (points, reason) = word_score(identity, word)?;
        total += points;
        because = because.max(reason);
    }
    Some((total, because))
}

fn word_score(identity: &Identity, word: &Word) -> Option<(u32, Because)> {
    match word {
        Word::Name(name) => name_score(identity, name),
        Word::Date(readings) => date_score(identity, readings).map(|points| (points, Because::Shown)),
        Word::Digits(number, readings) => {
            [number_score(identity, number), date_score(identity, readings), phone_score(identity, number)]
                .into_iter()
                .flatten()
                .max()
                .map(|points| (points, Because::Shown))
        }
        Word::Number(number) => number_score(identity, number)
            .map(|points| (points, Because::Shown))
            .or_else(|| name_score(identity, number)),
    }
}

fn name_score(identity: &Identity, word: &str) -> Option<(u32, Because)> {
    let current: Vec<String> = identity.current_names.iter().flat_map(|name| parts(name)).collect();
    if current.iter().any(|part| part == word) {
        let family = fold(&identity.family) == word;
        return Some((if family { 105 } else { 100 }, Because::Shown));
    }
    if current.iter().any(|part| part.starts_with(word)) {
        return Some((70, Because::Shown));
    }
    for former in &identity.former_names {
        let parts = parts(former);
        if parts.iter().any(|part| part == word) {
            return Some((65, Because::FormerName(former.clone())));
        }
        if parts.iter().any(|part| part.starts_with(word)) {
            return Some((45, Because::FormerName(former.clone())));
        }
    }
    let all = || current.iter().cloned().chain(identity.former_names.iter().flat_map(|name| parts(name)));
    if all().any(|part| similar(&part, word)) {
        return Some((40, Because::Similar));
    }
    let code = sounds(word);
    all().any(|part| sounds(&part).iter().any(|sound| code.contains(sound))).then_some((25, Because::Sounds))
}

/// Whether two folded names are one typing slip apart: a letter wrong, missing, added, or two swapped.
#[must_use]
pub fn similar(a: &str, b: &str) -> bool {
    a.chars().count().min(b.chars().count()) >= 3 && strsim::osa_distance(a, b) <= 1
}

fn date_score(identity: &Identity, readings: &[super::birth_date::Reading]) -> Option<u32> {
    let stored = digits(&identity.birth_date);
    let at = readings.iter().position(|reading| !stored.is_empty() && stored.starts_with(&reading.key()))?;
    let exact = readings.get(at).is_some_and(|reading| reading.key() == stored);
    Some(if exact { 100 } else { 50 } - u32::try_from(at).unwrap_or(0).min(4))
}

fn number_score(identity: &Identity, number: &str) -> Option<u32> {
    if identity.record_number == number {
        return Some(150);
    }
    let folded = || identity.numbers.iter().map(|number| fold(number));
    if folded().any(|stored| stored == number) {
        return Some(130);
    }
    folded().any(|stored| stored.starts_with(number)).then_some(60)
}

fn phone_score(identity: &Identity, number: &str) -> Option<u32> {
    let typed = reversed(number.strip_prefix('1').filter(|rest| rest.len() == 10).unwrap_or(number));
    let ends = |phone: &String| reversed(&digits(phone)).starts_with(&typed);
    (typed.len() >= 4 && identity.phones.iter().any(ends)).then_some(if typed.len() >= 10 { 95 } else { 55 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patient::birth_date::Calendar;
    use crate::patient::keys::words;
    use store::accounts::DateOrder;

    fn person(family: &str, given: &str, birth_date: &str) -> Identity {
        Identity {
            family: family.into(),
            given: given.into(),
            current_names: vec![format!("{given} {family}")],
            birth_date: birth_date.into(),
            ..Identity::default()
        }
    }

    fn calendar(order: DateOrder) -> Calendar {
        Calendar { today: jiff::civil::date(2026, 11, 22), order }
    }

    fn order(text: &str, people: &[Identity]) -> Vec<String> {
        let words = words(text, calendar(DateOrder::MonthFirst));
        let mut hits: Vec<_> = people.iter().filter_map(|p| Some((score(p, &words)?.0, p.display_name()))).collect();
        hits.sort_by_key(|hit| std::cmp::Reverse(hit.0));
        hits.into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn the_likeliest_comes_first() {
        let mut former = person("Jones", "Ann", "1970-01-01");
        former.former_names.push("Ann Smith".into());
        let people = [
            person("Smyth", "Ann", "1970-01-01"),
            former,
            person("Smithson", "Ann", "1970-01-01"),
            person("Smith", "Ann", "1970-01-01"),
            person("Brown", "Ann", "1970-01-01"),
        ];
        assert_eq!(order("ann smith", &people), ["SMITH, Ann", "SMITHSON, Ann", "JONES, Ann", "SMYTH, Ann"]);
        assert_eq!(order("smith, ann", &people), order("ann smith", &people));
    }

    #[test]
    fn a_birth_date_narrows_whatever_its_form() {
        let people = [
            person("Smith", "Ann", "1962-05-04"),
            person("Smith", "Ann", "1962-04-05"),
            person("Smith", "Ann", "1990-05-04"),
        ];
        assert_eq!(order("smith 4 may 62", &people).len(), 1);
        assert_eq!(order("smith 5/4/1962", &people).len(), 2);
        assert_eq!(order("smith 1962", &people).len(), 2);
    }

    #[test]
    fn of_two_readings_of_a_date_the_practice_s_own_ranks_first() {
        let people = [person("Smith", "Ann", "1962-05-04"), person("Smith", "Zoe", "1962-04-05")];
        let points = |order| {
            let words = words("5/4/1962", calendar(order));
            people.each_ref().map(|person| score(person, &words).map(|(points, _)| points))
        };
        let [may, april] = points(DateOrder::MonthFirst);
        assert!(may > april && april.is_some());
        let [may, april] = points(DateOrder::DayFirst);
        assert!(april > may && may.is_some());
    }

    #[test]
    fn umlauts_digits_in_names_and_a_month_of_birth() {
        let people = [person("Müller", "Jörg", "1962-05-04"), person("Abbott774", "Ann", "1962-06-04")];
        for text in [
            "muel",
            "mul",
            "mueller",
            "muller",
            "müller",
            "joer",
            "jor",
            "jörg",
            "MUEL joer",
            "1962-05",
            "muel 05/1962",
        ] {
            assert_eq!(order(text, &people), ["MÜLLER, Jörg"], "{text}");
        }
        for text in ["abbott", "abbott774", "Abbott77", "abott", "1962-06"] {
            assert_eq!(order(text, &people), ["ABBOTT774, Ann"], "{text}");
        }
    }

    #[test]
    fn the_reason_is_said_when_the_name_does_not_show_it() {
        let mut ann = person("Jones", "Ann", "1970-01-01");
        ann.former_names.push("Ann Wilder".into());
        let because = |text| score(&ann, &words(text, calendar(DateOrder::MonthFirst))).map(|(_, because)| because);
        assert_eq!(because("wilder"), Some(Because::FormerName("Ann Wilder".into())));
        assert_eq!(because("jnoes"), Some(Because::Similar));
        assert_eq!(because("jonas ann"), Some(Because::Similar));
        assert_eq!(because("brown"), None);
    }
}
