//! Birth dates and ages as lists show them: `23-Dec-1979 (46 y)`, in the words of the chart's banner.

use clinic::chart::when::age;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_date_and_age_and_never_nothing() {
        let on: Date = "2026-11-22".parse().expect("date");
        assert_eq!(born("1979-12-23", on), "23-Dec-1979\u{a0}(46\u{a0}y)");
        assert_eq!(born("1962-05", on), "May-1962\u{a0}(about\u{a0}64\u{a0}y)");
        assert_eq!(born("", on), "not recorded");
        assert_eq!(born("soon", on), "soon");
    }
}
