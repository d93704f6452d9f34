//! What a practice says of itself.

use super::user::{check_name, keep};
use crate::error::FieldError;
use crate::{Error, Result};
use jiff::tz::TimeZone;
use store::accounts::{DateOrder, PaperSize, PracticeSettings};

/// The settings as they are typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PracticeForm {
    /// Name.
    pub name: String,
    /// IANA zone.
    pub time_zone: String,
    /// Minutes without use before a session locks.
    pub idle_minutes: String,
    /// Slug of a [`DateOrder`]; empty leaves it as it is.
    pub date_order: String,
    /// Slug of a [`PaperSize`]; empty leaves it as it is.
    pub paper_size: String,
    /// Address and telephone, as they stand on papers.
    pub contact: String,
}

/// Checks a form, every field at once; what it does not show stays as it is in `current`.
///
/// # Errors
/// [`Error::Fields`].
pub fn check_practice(form: &PracticeForm, current: &PracticeSettings) -> Result<PracticeSettings> {
    let mut problems = Vec::new();
    let name = keep(&mut problems, check_name("name", &form.name, "Practice name"));
    let time_zone = keep(&mut problems, check_zone(&form.time_zone));
    let idle_minutes = keep(&mut problems, check_minutes(&form.idle_minutes));
    let date_order = keep(&mut problems, check_order(&form.date_order, current.date_order));
    let paper_size = keep(&mut problems, check_size(&form.paper_size, current.paper_size));
    let contact = keep(&mut problems, check_contact(&form.contact));
    match (name, time_zone, idle_minutes, date_order, paper_size, contact) {
        (Some(name), Some(time_zone), Some(idle_minutes), Some(date_order), Some(paper_size), Some(contact)) => {
            let record_number_system = current.record_number_system.clone();
            Ok(PracticeSettings {
                name,
                time_zone,
                record_number_system,
                idle_minutes,
                date_order,
                paper_size,
                contact,
            })
        }
        _ => Err(Error::Fields(problems)),
    }
}

fn check_zone(text: &str) -> std::result::Result<String, FieldError> {
    let wrong = || FieldError {
        field: "time_zone",
        problem: "Time zone: write its name in the IANA list, for example America/Chicago".to_owned(),
    };
    let zone = TimeZone::get(text.trim()).map_err(|_| wrong())?;
    zone.iana_name().map(str::to_owned).ok_or_else(wrong)
}

/// At least two: the use of a session is noted to the minute.
fn check_minutes(text: &str) -> std::result::Result<u32, FieldError> {
    let minutes = text.trim().parse().ok().filter(|minutes| (2..=60).contains(minutes));
    minutes.ok_or_else(|| FieldError {
        field: "idle_minutes",
        problem: "Lock after: write 2 to 60 minutes without use".to_owned(),
    })
}

fn check_order(slug: &str, current: DateOrder) -> std::result::Result<DateOrder, FieldError> {
    match slug.trim() {
        "" => Ok(current),
        slug => DateOrder::parse(slug).ok_or_else(|| FieldError {
            field: "date_order",
            problem: "Dates in numbers: choose one of the list".to_owned(),
        }),
    }
}

fn check_size(slug: &str, current: PaperSize) -> std::result::Result<PaperSize, FieldError> {
    match slug.trim() {
        "" => Ok(current),
        slug => PaperSize::parse(slug)
            .ok_or_else(|| FieldError { field: "paper_size", problem: "Sheets: choose one of the list".to_owned() }),
    }
}

/// Lines on a paper's head.
const CONTACT_LINES: usize = 4;
const CONTACT_LETTERS: usize = 240;

fn check_contact(text: &str) -> std::result::Result<String, FieldError> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let contact = lines.join("\n");
    let fits = lines.len() <= CONTACT_LINES && contact.chars().count() <= CONTACT_LETTERS;
    if fits && !contact.chars().any(|letter| letter.is_control() && letter != '\n') {
        return Ok(contact);
    }
    let problem = format!("Address and telephone: write at most {CONTACT_LINES} lines and {CONTACT_LETTERS} letters");
    Err(FieldError { field: "contact", problem })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_those_of_the_list() {
        assert_eq!(check_zone(" america/chicago ").expect("zone"), "America/Chicago");
        for bad in ["", "Chicago", "+02:00", "../etc/passwd", "America/Nowhere"] {
            assert!(check_zone(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_stands_on_papers_fits_there() {
        assert_eq!(check_contact(" Elm Street 1 \r\n\n555-0100 \n").expect("lines"), "Elm Street 1\n555-0100");
        assert_eq!(check_contact("").expect("nothing"), "");
        for bad in ["1\n2\n3\n4\n5", "a\u{7}b", &"x".repeat(241)] {
            assert!(check_contact(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_lock_comes_within_the_hour() {
        for bad in ["", "0", "1", "61", "-1", "15.5", "soon"] {
            assert!(check_minutes(bad).is_err(), "{bad}");
        }
        assert_eq!(check_minutes("15").expect("minutes"), 15);
    }
}
