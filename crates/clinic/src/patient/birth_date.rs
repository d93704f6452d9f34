//! Birth dates as people type them: `5/4/1962`, `4 May 62`, `19620504`, `May 1962`.

use jiff::civil::Date;
use store::accounts::DateOrder;

/// What a typed date is read by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// Today in the practice: no birth date is later.
    pub today: Date,
    /// Which of month and day its people write first.
    pub order: DateOrder,
}

/// One reading of a typed date. Month and day may be left out, from the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reading {
    /// Four-digit year.
    pub year: i16,
    /// 1 to 12.
    pub month: Option<i8>,
    /// 1 to 31, valid in its month.
    pub day: Option<i8>,
}

impl Reading {
    /// The search key: `19620504`, `196205` or `1962`.
    #[must_use]
    pub fn key(&self) -> String {
        match (self.month, self.day) {
            (Some(month), Some(day)) => format!("{:04}{month:02}{day:02}", self.year),
            (Some(month), None) => format!("{:04}{month:02}", self.year),
            (None, _) => format!("{:04}", self.year),
        }
    }

    /// The FHIR date: `1962-05-04`, `1962-05` or `1962`.
    #[must_use]
    pub fn fhir(&self) -> String {
        match (self.month, self.day) {
            (Some(month), Some(day)) => format!("{:04}-{month:02}-{day:02}", self.year),
            (Some(month), None) => format!("{:04}-{month:02}", self.year),
            (None, _) => format!("{:04}", self.year),
        }
    }
}

/// Every plausible reading of a text as a birth date not after today; empty when it is not a date.
/// `5/4/1962` has two, the one of the practice's order first; a two-digit year is the latest such year that is not in the future.
#[must_use]
pub fn readings(text: &str, calendar: Calendar) -> Vec<Reading> {
    let pieces = pieces(text);
    let found = match pieces.as_slice() {
        [Piece::Digits(all)] => packed(all, calendar),
        [Piece::Digits(a), Piece::Digits(b), Piece::Digits(c)] => numeric(a, b, c, calendar),
        [Piece::Digits(y), Piece::Month(month), Piece::Digits(day)] if y.len() == 4 => {
            full(number(y).unwrap_or(0), Some(*month), number(day)).into_iter().collect()
        }
        [Piece::Digits(day), Piece::Month(month), Piece::Digits(y)]
        | [Piece::Month(month), Piece::Digits(day), Piece::Digits(y)] => {
            year(y, calendar.today).into_iter().filter_map(|y| full(y, Some(*month), number(day))).collect()
        }
        [Piece::Month(month), Piece::Digits(y)] if y.len() == 4 => {
            vec![Reading { year: number(y).unwrap_or(0), month: Some(*month), day: None }]
        }
        [Piece::Digits(y), Piece::Digits(month)] | [Piece::Digits(month), Piece::Digits(y)]
            if y.len() == 4 && month.len() <= 2 =>
        {
            vec![Reading { year: number(y).unwrap_or(0), month: number(month), day: None }]
        }
        _ => Vec::new(),
    };
    let mut kept: Vec<Reading> = Vec::new();
    for reading in found {
        if reading.plausible(calendar.today) && !kept.contains(&reading) {
            kept.push(reading);
        }
    }
    kept
}

impl Reading {
    fn plausible(self, today: Date) -> bool {
        let first = Date::new(self.year, self.month.unwrap_or(1), self.day.unwrap_or(1));
        self.year >= 1880 && first.is_ok_and(|first| first <= today)
    }
}

enum Piece {
    Digits(String),
    Month(i8),
}

/// Digit runs and month names, separators dropped; anything else makes it no date at all.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let run = |keep: fn(char) -> bool| rest.find(|c| !keep(c)).unwrap_or(rest.len());
        if first.is_ascii_digit() {
            let (digits, after) = rest.split_at(run(|c| c.is_ascii_digit()));
            let after = ["st", "nd", "rd", "th"].iter().find_map(|s| after.strip_prefix(s)).unwrap_or(after);
            pieces.push(Piece::Digits(digits.to_owned()));
            rest = after;
        } else if first.is_alphabetic() {
            let (word, after) = rest.split_at(run(char::is_alphabetic));
            match month(word) {
                Some(month) => pieces.push(Piece::Month(month)),
                None => return Vec::new(),
            }
            rest = after;
        } else if " /.-,".contains(first) {
            rest = rest.get(1..).unwrap_or("");
        } else {
            return Vec::new();
        }
    }
    pieces
}

fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.to_lowercase();
    let fits =
        |name: &&str| word.len() >= 3 && name.starts_with(word.as_str()) || (word == "sept" && **name == *"september");
    MONTHS.iter().position(fits).and_then(|i| i8::try_from(i + 1).ok())
}

fn number<T: std::str::FromStr>(digits: &str) -> Option<T> {
    digits.parse().ok()
}

/// The years a written year may mean: four digits itself; two digits the latest not in the future, then a century before.
fn year(digits: &str, today: Date) -> Vec<i16> {
    match (digits.len(), number::<i16>(digits)) {
        (4, Some(year)) => vec![year],
        (2, Some(short)) => {
            let century = today.year() - today.year() % 100;
            let latest = if century + short <= today.year() { century + short } else { century - 100 + short };
            // Somebody over a hundred is rare, but is found too.
            if today.year() - latest < 20 { vec![latest, latest - 100] } else { vec![latest] }
        }
        _ => Vec::new(),
    }
}

fn full(year: i16, month: Option<i8>, day: Option<i8>) -> Option<Reading> {
    Date::new(year, month?, day?).is_ok().then_some(Reading { year, month, day })
}

/// Three numbers: year first when it has four digits, else month and day in both orders, the practice's first.
fn numeric(a: &str, b: &str, c: &str, calendar: Calendar) -> Vec<Reading> {
    if a.len() == 4 {
        return full(number(a).unwrap_or(0), number(b), number(c)).into_iter().collect();
    }
    let mut found = Vec::new();
    let (first, second) = if calendar.order == DateOrder::MonthFirst { (a, b) } else { (b, a) };
    for year in year(c, calendar.today) {
        found.extend(full(year, number(first), number(second)));
        found.extend(full(year, number(second), number(first)));
    }
    found
}

/// Digits without separators: `19620504`, `05041962`, `050462`, `1962`.
fn packed(digits: &str, calendar: Calendar) -> Vec<Reading> {
    let cut = |from: usize, to: usize| digits.get(from..to).unwrap_or("");
    match digits.len() {
        8 => {
            let mut found = numeric(cut(0, 4), cut(4, 6), cut(6, 8), calendar);
            found.extend(numeric(cut(0, 2), cut(2, 4), cut(4, 8), calendar));
            found
        }
        6 => numeric(cut(0, 2), cut(2, 4), cut(4, 6), calendar),
        4 => vec![Reading { year: number(digits).unwrap_or(0), month: None, day: None }],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        read_in(DateOrder::MonthFirst, text)
    }

    fn read_in(order: DateOrder, text: &str) -> Vec<String> {
        let calendar = Calendar { today: jiff::civil::date(2026, 11, 22), order };
        readings(text, calendar).iter().map(Reading::fhir).collect()
    }

    #[test]
    fn common_forms_are_read() {
        for text in [
            "19620504",
            "1962-05-04",
            "1962/5/4",
            "4 May 1962",
            "May 4, 1962",
            "4-May-62",
            "04May1962",
            "4th may 62",
            "1962 May 4",
        ] {
            assert_eq!(read(text), ["1962-05-04"], "{text}");
        }
    }

    #[test]
    fn month_first_and_day_first_are_both_tried() {
        assert_eq!(read("5/4/1962"), ["1962-05-04", "1962-04-05"]);
        assert_eq!(read("13/4/1962"), ["1962-04-13"]);
        assert_eq!(read("05041962"), ["1962-05-04", "1962-04-05"]);
        assert_eq!(read("5.5.62"), ["1962-05-05"]);
    }

    #[test]
    fn the_practice_s_order_comes_first_and_the_other_is_not_lost() {
        let read = |text| read_in(DateOrder::DayFirst, text);
        assert_eq!(read("5/4/1962"), ["1962-04-05", "1962-05-04"]);
        assert_eq!(read("05041962"), ["1962-04-05", "1962-05-04"]);
        assert_eq!(read("4/13/1962"), ["1962-04-13"]);
        assert_eq!(read("1962-05-04"), ["1962-05-04"]);
        assert_eq!(read("4 May 62"), ["1962-05-04"]);
        assert_eq!(read("5/4/20"), ["2020-04-05", "2020-05-04", "1920-04-05", "1920-05-04"]);
    }

    #[test]
    fn two_digit_years_are_past_and_the_very_old_are_found() {
        assert_eq!(read("4 May 20"), ["2020-05-04", "1920-05-04"]);
        assert_eq!(read("4 May 27"), ["1927-05-04"]);
    }

    #[test]
    fn parts_of_a_date_are_enough() {
        assert_eq!(read("1962"), ["1962"]);
        assert_eq!(read("May 1962"), ["1962-05"]);
        assert_eq!(read("Sept 1962"), ["1962-09"]);
        for text in ["1962-05", "1962/5", "1962 05", "05/1962", "5.1962"] {
            assert_eq!(read(text), ["1962-05"], "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "smith",
            "31/2/1962",
            "2/30/62",
            "5/4",
            "1962-13",
            "1962-0",
            "1/1/2999",
            "1234567",
            "--",
            "5/4/1962/7",
            "🎂",
        ] {
            assert_eq!(read(text), Vec::<String>::new(), "{text}");
        }
    }
}
