//! What is measured and asked when a patient is brought to the room: the form, checked.

mod aged;
mod choices;
mod computed;
mod doubt;
mod measured;

pub use choices::{Choice, LACTATION, METHODS, POSITIONS, PREGNANCY, SITES};
pub use computed::{body_mass_index, body_surface};
pub use doubt::{Last, doubts};
pub use measured::{Measured, Pressure, Taking};

use super::vital::{VITALS, Vital};
use super::words::lines;
use crate::chart::corrected;
use crate::error::FieldError;
use jiff::civil::Date;
use measured::{pressure, taking};
use std::collections::BTreeMap;

/// Of whom, and on which day, it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Of {
    /// Today in the practice.
    pub today: Date,
    /// The birth date; the first day it can be, where it is not known whole.
    pub born: Option<Date>,
    /// Whether pregnancies are asked about ([`crate::history::section::asks_of_pregnancies`]).
    pub pregnancies: bool,
}

/// The form as typed: the first of each field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoomingForm(pub BTreeMap<String, String>);

impl RoomingForm {
    /// A field; empty when it was not sent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map(|value| value.trim()).unwrap_or_default()
    }

    /// Whether the reason was written anew here: it is not what the form came with. `now`: as it is kept, where the form does not say.
    #[must_use]
    pub fn changes_reason(&self, now: &str) -> bool {
        !same_words(self.get("reason"), self.0.get(REASON_SHOWN).map_or(now, String::as_str))
    }

    /// The form as it is shown with the reason that is kept now. What was not changed here follows it; answers whether somebody else wrote
    /// another one than is typed here.
    pub fn meet(&mut self, now: &str) -> bool {
        let (typed, shown) = (self.0.contains_key("reason"), self.0.get(REASON_SHOWN).cloned());
        let mine = typed && self.changes_reason(now);
        if !mine {
            self.0.insert("reason".to_owned(), now.to_owned());
        }
        self.0.insert(REASON_SHOWN.to_owned(), now.to_owned());
        mine && self.changes_reason(now) && shown.is_some_and(|shown| !same_words(&shown, now))
    }
}

/// The hidden field with the reason that the form came with.
pub const REASON_SHOWN: &str = "reason-shown";

/// The same but for how lines end.
fn same_words(one: &str, other: &str) -> bool {
    one.trim().lines().map(str::trim_end).eq(other.trim().lines().map(str::trim_end))
}

/// A form that may be stored.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rooming {
    /// Why the patient came, in their own words.
    pub reason: String,
    /// The blood pressure, or why there is none; values stand in pairs.
    pub pressure: Pressure,
    /// Where on the body, in which position; how the temperature was taken.
    pub site: Option<Choice>,
    /// The position.
    pub position: Option<Choice>,
    /// The method.
    pub method: Option<Choice>,
    /// The others, by their slugs.
    pub takings: Vec<(&'static Vital, Taking)>,
    /// First day of the last menstrual period.
    pub period: Option<Date>,
    /// Pregnancy status.
    pub pregnancy: Option<Choice>,
    /// Lactation status.
    pub lactation: Option<Choice>,
    /// How long the gestation was at birth, in days: asked of young children.
    pub gestation: Option<i64>,
}

impl Rooming {
    /// The value of a vital sign in its base unit.
    #[must_use]
    pub fn value(&self, slug: &str) -> Option<f64> {
        self.takings.iter().find_map(|(vital, taking)| match taking {
            Taking::Value(measured) if vital.slug == slug => Some(measured.base),
            _ => None,
        })
    }

    /// Whether there is nothing to store but the reason.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pressure.is_none()
            && self.takings.is_empty()
            && self.period.is_none()
            && self.pregnancy.is_none()
            && self.lactation.is_none()
            && self.gestation.is_none()
    }
}

/// Checks the form, every field at once.
///
/// # Errors
/// Every field to mend, in the order of the form.
pub fn check(form: &RoomingForm, of: &Of) -> Result<Rooming, Vec<FieldError>> {
    let mut problems = Vec::new();
    let mut room = Rooming::default();
    match lines(form.get("reason"), super::start::LONGEST_REASON) {
        Ok(reason) => room.reason = reason,
        Err(why) => problems.push(FieldError { field: "reason", problem: format!("Reason: {why}") }),
    }
    room.pressure = pressure(form, &mut problems);
    room.site = choice(form, "site", &SITES, &mut problems);
    room.position = choice(form, "position", &POSITIONS, &mut problems);
    room.method = choice(form, "method", &METHODS, &mut problems);
    for vital in &VITALS {
        match taking(form, vital) {
            Ok(Some(taking)) => room.takings.push((vital, taking)),
            Ok(None) => {}
            Err(problem) => problems.push(FieldError { field: vital.slug, problem }),
        }
    }
    match period(form, of) {
        Ok(day) => room.period = day,
        Err(problem) => problems.push(FieldError { field: "period", problem: problem.to_owned() }),
    }
    room.pregnancy = choice(form, "pregnancy", &PREGNANCY, &mut problems);
    room.lactation = choice(form, "lactation", &LACTATION, &mut problems);
    if !of.pregnancies && (room.period.is_some() || room.pregnancy.is_some() || room.lactation.is_some()) {
        let problem = "Pregnancy and lactation: they are not asked about in this chart".to_owned();
        problems.push(FieldError { field: "period", problem });
    }
    match gestation(form) {
        Ok(days) => room.gestation = days,
        Err(problem) => problems.push(FieldError { field: "gestation", problem }),
    }
    if problems.is_empty() { Ok(room) } else { Err(problems) }
}

fn choice(form: &RoomingForm, field: &'static str, of: &[Choice], problems: &mut Vec<FieldError>) -> Option<Choice> {
    let chosen = form.get(field);
    let found = of.iter().find(|(slug, ..)| *slug == chosen).copied();
    if found.is_none() && !chosen.is_empty() {
        problems.push(FieldError { field, problem: "Choose one of the list".to_owned() });
    }
    found
}

/// The first day of the last menstrual period.
fn period(form: &RoomingForm, of: &Of) -> Result<Option<Date>, &'static str> {
    if form.get("period").is_empty() {
        return Ok(None);
    }
    let day: Option<Date> = form.get("period").parse().ok();
    match day.filter(|day| *day <= of.today && day.year() >= 1900) {
        None => Err("Last menstrual period: choose its first day; it cannot be to come"),
        Some(day) if of.born.is_some_and(|born| day < born) => {
            Err("Last menstrual period: that is before the patient was born")
        }
        day => Ok(day),
    }
}

/// Weeks and days, in days.
fn gestation(form: &RoomingForm) -> Result<Option<i64>, String> {
    let (weeks, days) = (form.get("gestation"), form.get("gestation-days"));
    if weeks.is_empty() && days.is_empty() {
        return Ok(None);
    }
    let whole = |text: &str| text.parse::<i64>().ok();
    let days = if days.is_empty() { Some(0) } else { whole(days).filter(|days| (0..7).contains(days)) };
    let wrong = || "Gestation at birth: write whole weeks, and days from 0 to 6".to_owned();
    let all = whole(weeks).zip(days).map(|(weeks, days)| weeks.saturating_mul(7).saturating_add(days));
    let all = all.ok_or_else(wrong)?;
    if corrected::POSSIBLE.contains(&all) {
        return Ok(Some(all));
    }
    Err("Gestation at birth: that is not possible of a child born alive; between 20 and 45 weeks".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> RoomingForm {
        RoomingForm(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn checked(fields: &[(&str, &str)]) -> Result<Rooming, Vec<String>> {
        let of = Of {
            today: jiff::civil::date(2026, 11, 22),
            born: Some(jiff::civil::date(1979, 12, 23)),
            pregnancies: true,
        };
        check(&form(fields), &of).map_err(|all| all.into_iter().map(|error| error.problem).collect())
    }

    fn amount(fields: &[(&str, &str)]) -> (String, &'static str) {
        let room = checked(fields).expect("good");
        match room.takings.first().map(|(_, taking)| taking.clone()) {
            Some(Taking::Value(measured)) => (measured.amount.number, measured.amount.ucum),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn values_are_kept_as_measured_in_the_unit_chosen() {
        assert_eq!(amount(&[("weight", "82.50"), ("weight-unit", "kg")]), ("82.50".into(), "kg"));
        assert_eq!(
            amount(&[("weight", "7"), ("weight-more", "4"), ("weight-unit", "lboz")]),
            ("7.25".into(), "[lb_av]")
        );
        assert_eq!(
            amount(&[("height", "5"), ("height-more", "7.5"), ("height-unit", "ftin")]),
            ("67.5".into(), "[in_i]")
        );
        assert_eq!(amount(&[("temperature", "101,3"), ("temperature-unit", "f")]), ("101.3".into(), "[degF]"));
        assert_eq!(amount(&[("pulse", "072")]), ("72".into(), "/min"), "its one unit needs no choice");
    }

    #[test]
    fn what_nobody_can_have_is_refused_by_name_with_what_it_may_be() {
        for (fields, problem) in [
            (
                &[("temperature", "98.6"), ("temperature-unit", "c")][..],
                "Temperature: 98.6 °C is not possible; is it 98.6 °F?",
            ),
            (&[("temperature", "37"), ("temperature-unit", "f")], "Temperature: 37 °F is not possible; is it 37 °C?"),
            (&[("pulse", "700")], "Pulse: 700 /min is not possible"),
            (&[("saturation", "101")], "Oxygen saturation: 101 % is not possible"),
            (&[("weight", "80")], "Weight: choose its unit"),
            (&[("weight", "1e3"), ("weight-unit", "kg")], "Weight: write the number in digits, for example 37.2"),
            (&[("pain", "-1")], "Pain (0–10): write the number in digits, for example 37.2"),
            (&[("systolic", "80"), ("diastolic", "120")], "Diastolic pressure: 120 is not below the systolic 80 mmHg"),
            (&[("systolic", "120")], "Diastolic pressure: write the number in digits, for example 37.2"),
            (&[("weight-not", "refused")], "Weight: say in a few words why it was not taken"),
            (
                &[("pulse", "70"), ("pulse-not", "unable"), ("pulse-why", "x")],
                "Pulse: it is measured or not; empty one of the two",
            ),
            (&[("period", "2026-11-23")], "Last menstrual period: choose its first day; it cannot be to come"),
            (&[("period", "1979-12-22")], "Last menstrual period: that is before the patient was born"),
        ] {
            assert_eq!(checked(fields), Err(vec![problem.to_owned()]), "{fields:?}");
        }
    }

    #[test]
    fn a_reason_that_was_not_changed_here_follows_what_somebody_else_wrote() {
        let mut fresh = form(&[]);
        assert!(!fresh.meet("My knee\nhurts"));
        assert_eq!(fresh.get("reason"), "My knee\nhurts");
        let came_back = [("reason", "My knee\r\nhurts"), (REASON_SHOWN, "My knee\r\nhurts ")];
        assert!(!form(&came_back).changes_reason("Other words"), "how lines end is no change");
        let mut untouched = form(&came_back);
        assert!(!untouched.meet("Chest pain"));
        assert_eq!((untouched.get("reason"), untouched.get(REASON_SHOWN)), ("Chest pain", "Chest pain"));
        let mut written = form(&[("reason", "Both knees"), (REASON_SHOWN, "My knee hurts")]);
        assert!(written.meet("Chest pain"), "two wrote: both are shown");
        assert_eq!((written.get("reason"), written.get(REASON_SHOWN)), ("Both knees", "Chest pain"));
        assert!(written.changes_reason("Chest pain") && !written.meet("Chest pain"), "told once");
        let mut agreed = form(&[("reason", "Chest pain"), (REASON_SHOWN, "")]);
        assert!(!agreed.meet("Chest pain"));
    }

    #[test]
    fn a_gestation_is_of_weeks_and_days() {
        let days = |weeks: &str, days: &str| {
            checked(&[("gestation", weeks), ("gestation-days", days)]).map(|room| room.gestation)
        };
        assert_eq!(days("32", "3"), Ok(Some(227)));
        assert_eq!(days("32", ""), Ok(Some(224)));
        assert_eq!(days("", ""), Ok(None));
        for (weeks, more) in [("32", "7"), ("32.5", ""), ("", "3"), ("3", ""), ("50", "")] {
            assert_eq!(days(weeks, more).map_err(|problems| problems.len()), Err(1), "{weeks} {more}");
        }
    }
}
