//! Birth dates and ages as lists show them: `23-Dec-1979 (46 y)`, in the words of the chart's banner.

use clinic::chart::when::age;
use fhir::Identity;
use jiff::civil::Date;

pub use clinic::chart::when::date_text as date;

/// Birth date and age together, or `not recorded`.
#[must_use]
pub fn born(birth_date: &str, today: Date) -> String {
    match (birth_date.is_empty(), age(birth_date, today)) {
        (true, _) => "not recorded".to_owned(),
        (false, Some(age)) => format!("{}\u{a0}({})", date(birth_date), age.replace(' ', "\u{a0}")),
        (false, None) => date(birth_date),
    }
}

/// The same of a patient: the age now, or, of somebody who died, at death where its day is known.
#[must_use]
pub fn of(who: &Identity, today: Date) -> String {
    if !who.deceased {
        return born(&who.birth_date, today);
    }
    let died = who.demographics.deceased.get(..10).and_then(|day| day.parse().ok());
    let at = died.and_then(|day| age(&who.birth_date, day)).map(|age| format!("died at {age}").replace(' ', "\u{a0}"));
    match at {
        Some(at) => format!("{}\u{a0}({at})", date(&who.birth_date)),
        None if who.birth_date.is_empty() => born("", today),
        None => date(&who.birth_date),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dead_do_not_grow_older() {
        let on: Date = "2026-11-22".parse().expect("date");
        let mut who = Identity { birth_date: "1940-05-01".to_owned(), deceased: true, ..Identity::default() };
        assert_eq!(of(&who, on), "01-May-1940", "no age where the day is not known");
        who.demographics.deceased = "2020-04-30".to_owned();
        assert_eq!(of(&who, on), "01-May-1940\u{a0}(died\u{a0}at\u{a0}79\u{a0}y)");
        assert_eq!(of(&Identity { deceased: false, ..who }, on), "01-May-1940\u{a0}(86\u{a0}y)");
    }

    #[test]
    fn a_list_says_date_and_age_and_never_nothing() {
        let on: Date = "2026-11-22".parse().expect("date");
        assert_eq!(born("1979-12-23", on), "23-Dec-1979\u{a0}(46\u{a0}y)");
        assert_eq!(born("1962-05", on), "May-1962\u{a0}(about\u{a0}64\u{a0}y)");
        assert_eq!(born("", on), "not recorded");
        assert_eq!(born("soon", on), "soon");
    }
}
