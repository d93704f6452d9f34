//! What is measured and asked when a patient is brought to the room: the form checked, and what in it is doubtful.

use super::vital::{DIASTOLIC, SYSTOLIC, Unit, VITALS, Vital};
use super::words::{line, lines};
use crate::error::FieldError;
use fhir::edit::vital::{Absent, Amount};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The form as typed: the first of each field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoomingForm(pub BTreeMap<String, String>);

impl RoomingForm {
    /// A field; empty when it was not sent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map(|value| value.trim()).unwrap_or_default()
    }
}

/// One measured value.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// As it is stored.
    pub amount: Amount,
    /// In the base unit of its vital sign, to compare and compute with.
    pub base: f64,
    /// As it was typed, where it was in two units.
    pub said: String,
}

/// What became of one measurement.
#[derive(Debug, Clone, PartialEq)]
pub enum Taking {
    /// Measured.
    Value(Measured),
    /// Not, and why.
    Not(Absent, String),
}

/// A choice of the form: slug, SNOMED CT code where one is sure, words.
pub type Choice = (&'static str, Option<&'static str>, &'static str);

/// Sites of a blood pressure.
pub const SITES: [Choice; 5] = [
    ("right-arm", Some("368209003"), "Right arm"),
    ("left-arm", Some("368208006"), "Left arm"),
    ("thigh", None, "Thigh"),
    ("wrist", None, "Wrist"),
    ("other", None, "Other site"),
];
/// Positions.
pub const POSITIONS: [Choice; 3] = [
    ("sitting", Some("33586001"), "Sitting"),
    ("standing", Some("10904000"), "Standing"),
    ("lying", Some("102538003"), "Lying"),
];
/// How a temperature is taken.
pub const METHODS: [Choice; 5] = [
    ("oral", None, "Oral"),
    ("ear", None, "Ear (tympanic)"),
    ("temporal", None, "Forehead (temporal artery)"),
    ("axillary", None, "Axillary"),
    ("rectal", None, "Rectal"),
];
/// Pregnancy status (US Core 6.1; LOINC 82810-3).
pub const PREGNANCY: [Choice; 3] = [
    ("pregnant", Some("77386006"), "Pregnant"),
    ("not", Some("60001007"), "Not pregnant"),
    ("possible", Some("102874004"), "Possibly pregnant"),
];
/// Lactation status (LOINC 63895-7).
pub const LACTATION: [Choice; 2] = [("yes", None, "Breastfeeding"), ("no", None, "Not breastfeeding")];

/// A form that may be stored.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rooming {
    /// Why the patient came, in their own words.
    pub reason: String,
    /// The blood pressure, or why there is none; values stand in pairs.
    pub pressure: Option<Result<(Measured, Measured), (Absent, String)>>,
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
    }
}

/// Checks the form, every field at once.
///
/// # Errors
/// Every field to mend, in the order of the form.
pub fn check(form: &RoomingForm, today: Date) -> Result<Rooming, Vec<FieldError>> {
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
    if !form.get("period").is_empty() {
        room.period = form.get("period").parse().ok().filter(|day: &Date| *day <= today && day.year() >= 1900);
        if room.period.is_none() {
            let problem = "Last menstrual period: choose its first day; it cannot be to come".to_owned();
            problems.push(FieldError { field: "period", problem });
        }
    }
    room.pregnancy = choice(form, "pregnancy", &PREGNANCY, &mut problems);
    room.lactation = choice(form, "lactation", &LACTATION, &mut problems);
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

type Pressure = Option<Result<(Measured, Measured), (Absent, String)>>;

fn pressure(form: &RoomingForm, problems: &mut Vec<FieldError>) -> Pressure {
    let mut wrong = |field, problem| problems.push(FieldError { field, problem });
    let (upper, lower) = (form.get("systolic"), form.get("diastolic"));
    match not_taken(form, "pressure") {
        Err(why) => wrong("systolic", format!("Blood pressure: {why}")),
        Ok(Some(_)) if !upper.is_empty() || !lower.is_empty() => {
            wrong("systolic", "Blood pressure: it is measured or not; empty one of the two".to_owned());
        }
        Ok(Some((absent, why))) => return Some(Err((absent, why))),
        Ok(None) => {}
    }
    if upper.is_empty() && lower.is_empty() {
        return None;
    }
    let unit = SYSTOLIC.units.first()?;
    let upper = measured(&SYSTOLIC, unit, upper, "").map_err(|why| wrong("systolic", why)).ok();
    let lower = measured(&DIASTOLIC, unit, lower, "").map_err(|why| wrong("diastolic", why)).ok();
    let (upper, lower) = (upper?, lower?);
    if lower.base >= upper.base {
        let (above, below) = (&upper.amount.number, &lower.amount.number);
        wrong("diastolic", format!("Diastolic pressure: {below} is not below the systolic {above} mmHg"));
        return None;
    }
    Some(Ok((upper, lower)))
}

/// `refused` or `unable`, with the reason that each needs.
fn not_taken(form: &RoomingForm, slug: &str) -> Result<Option<(Absent, String)>, String> {
    let absent = match form.get(&format!("{slug}-not")) {
        "" => return Ok(None),
        "refused" => Absent::Refused,
        "unable" => Absent::Unable,
        _ => return Err("choose why it was not taken from the list".to_owned()),
    };
    match line(form.get(&format!("{slug}-why")), 300)?.as_str() {
        "" => Err("say in a few words why it was not taken".to_owned()),
        why => Ok(Some((absent, why.to_owned()))),
    }
}

fn taking(form: &RoomingForm, vital: &'static Vital) -> Result<Option<Taking>, String> {
    let named = |why: String| format!("{}: {why}", vital.name);
    let (first, more) = (form.get(vital.slug), form.get(&format!("{}-more", vital.slug)));
    let empty = first.is_empty() && more.is_empty();
    match not_taken(form, vital.slug).map_err(named)? {
        Some(_) if !empty => return Err(named("it is measured or not; empty one of the two".to_owned())),
        Some((absent, why)) => return Ok(Some(Taking::Not(absent, why))),
        None if empty => return Ok(None),
        None => {}
    }
    let chosen = form.get(&format!("{}-unit", vital.slug));
    let unit = vital.units.iter().find(|unit| unit.slug == chosen || (chosen.is_empty() && vital.units.len() == 1));
    let unit = unit.ok_or_else(|| named("choose its unit".to_owned()))?;
    measured(vital, unit, first, more).map(|measured| Some(Taking::Value(measured)))
}

/// Reads a value, and refuses what nobody alive can have.
fn measured(vital: &Vital, unit: &Unit, first: &str, more: &str) -> Result<Measured, String> {
    let digits = |text: &str| {
        number(text).ok_or_else(|| format!("{}: write the number in digits, for example 37.2", vital.name))
    };
    let (number, value, said) = match unit.two {
        None if !more.is_empty() => {
            return Err(format!(
                "{}: the second box is for ounces or inches; choose that unit, or empty it",
                vital.name
            ));
        }
        None => {
            let (text, value) = digits(first)?;
            (text, value, String::new())
        }
        Some((great, small)) => {
            let (above, great_value) = digits(if first.is_empty() { "0" } else { first })?;
            let (below, small_value) = digits(if more.is_empty() { "0" } else { more })?;
            let value = great_value * great + small_value * small;
            let (one, other) = if unit.slug == "lboz" { ("lb", "oz") } else { ("ft", "in") };
            let limit = if unit.slug == "lboz" { 16.0 } else { 12.0 };
            if small_value >= limit {
                return Err(format!(
                    "{}: {below} {other} is {one} and {other}; write fewer than {limit} {other}",
                    vital.name
                ));
            }
            let text = format!("{value:.6}");
            let text = text.trim_end_matches('0').trim_end_matches('.').to_owned();
            (text, value, format!("Measured as {above} {one} {below} {other}"))
        }
    };
    let base = unit.base(value);
    if base < vital.possible.0 || base > vital.possible.1 {
        let shown = format!("{number} {}", super::vital::unit_words(unit));
        let other = vital.units.iter().find(|other| {
            let base = other.base(value);
            other.two.is_none() && other.ucum != unit.ucum && base >= vital.usual.0 && base <= vital.usual.1
        });
        let hint = other.map(|other| format!("; is it {number} {}?", other.words)).unwrap_or_default();
        return Err(format!("{}: {shown} is not possible{hint}", vital.name));
    }
    Ok(Measured { amount: Amount { number, unit: unit.words, ucum: unit.ucum }, base, said })
}

/// A plain decimal as typed, without what says nothing before it: `37.2`, `37.20`, `.5` as `0.5`.
fn number(typed: &str) -> Option<(String, f64)> {
    let typed = typed.trim().replace(',', ".");
    let plain = typed.chars().all(|c| c.is_ascii_digit() || c == '.') && typed.len() <= 8;
    let value: f64 = typed.parse().ok().filter(|_| plain && typed.matches('.').count() <= 1)?;
    let (whole, part) = typed.split_once('.').unwrap_or((&typed, ""));
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    Some((if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") }, value))
}

/// The last values of a chart, in base units, to compare with.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Last {
    /// Weight, kg.
    pub weight: Option<f64>,
    /// Height, cm.
    pub height: Option<f64>,
}

/// What in a form is doubtful, each with its value: it is stored when somebody has seen and confirmed it.
#[must_use]
pub fn doubts(room: &Rooming, last: &Last) -> Vec<String> {
    let mut doubts = Vec::new();
    let mut unusual = |vital: &Vital, measured: &Measured| {
        if measured.base < vital.usual.0 || measured.base > vital.usual.1 {
            doubts.push(format!("{} {} {} is unusual", vital.name, measured.amount.number, measured.amount.unit));
        }
    };
    if let Some(Ok((upper, lower))) = &room.pressure {
        unusual(&SYSTOLIC, upper);
        unusual(&DIASTOLIC, lower);
    }
    for (vital, taking) in &room.takings {
        if let Taking::Value(measured) = taking {
            unusual(vital, measured);
        }
    }
    let (weight, height) = (room.value("weight"), room.value("height"));
    let near = |one: f64, other: f64| (one / other - 1.0).abs() < 0.05;
    let swapped = match (weight, height, last.weight, last.height) {
        (Some(weight), Some(height), Some(before), Some(tall)) => near(weight, tall) && near(height, before),
        (Some(weight), Some(height), ..) => weight > height,
        _ => false,
    };
    if swapped {
        doubts.push(format!(
            "Weight {} kg and height {} cm look swapped",
            rounded(weight.unwrap_or_default()),
            rounded(height.unwrap_or_default())
        ));
    } else {
        doubts.extend(compared("Weight", "kg", weight, last.weight, 2.204_622_6, 0.2));
        doubts.extend(compared("Height", "cm", height, last.height, 2.54, 0.1));
    }
    doubts
}

/// A value beside the last one: ten times or a tenth of it, the other unit's number, or far from it.
fn compared(name: &str, unit: &str, now: Option<f64>, before: Option<f64>, factor: f64, far: f64) -> Option<String> {
    let (now, before) = (now?, before.filter(|before| *before > 0.0)?);
    let ratio = now / before;
    let near = |to: f64| (ratio / to - 1.0).abs() < 0.1;
    let (shown, last) = (rounded(now), rounded(before));
    let why = if near(10.0) || near(0.1) {
        "a decimal point may be wrong"
    } else if near(factor) || near(1.0 / factor) {
        "the units may be mixed up"
    } else if (ratio - 1.0).abs() > far {
        "that is far from it"
    } else {
        return None;
    };
    Some(format!("{name} {shown} {unit} beside the last one, {last} {unit}: {why}"))
}

fn rounded(value: f64) -> String {
    crate::chart::trend::brief((value * 10.0).round() / 10.0)
}

/// Body mass index in kg/m² (Quetelet; WHO Technical Report Series 894, 2000) of kg and cm.
#[must_use]
pub fn body_mass_index(weight: f64, height: f64) -> f64 {
    let metres = height / 100.0;
    weight / (metres * metres)
}

/// Body surface in m² of kg and cm: √(height × weight / 3600) (Mosteller RD, N Engl J Med 1987;317:1098).
#[must_use]
pub fn body_surface(weight: f64, height: f64) -> f64 {
    (height * weight / 3600.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> RoomingForm {
        RoomingForm(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn checked(fields: &[(&str, &str)]) -> Result<Rooming, Vec<String>> {
        let today = jiff::civil::date(2026, 11, 22);
        check(&form(fields), today).map_err(|all| all.into_iter().map(|error| error.problem).collect())
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
        ] {
            assert_eq!(checked(fields), Err(vec![problem.to_owned()]), "{fields:?}");
        }
    }

    #[test]
    fn what_is_doubtful_beside_the_last_value_is_asked_about() {
        let last = Last { weight: Some(82.0), height: Some(175.0) };
        let doubt = |fields: &[(&str, &str)]| doubts(&checked(fields).expect("possible"), &last).join("; ");
        let kg = |weight| [("weight", weight), ("weight-unit", "kg")];
        assert_eq!(doubt(&kg("83")), "");
        assert_eq!(doubt(&kg("8.2")), "Weight 8.2 kg beside the last one, 82 kg: a decimal point may be wrong");
        assert_eq!(doubt(&kg("181")), "Weight 181 kg beside the last one, 82 kg: the units may be mixed up");
        assert_eq!(doubt(&kg("110")), "Weight 110 kg beside the last one, 82 kg: that is far from it");
        assert!(doubt(&kg("350")).contains("Weight 350 kg is unusual"));
        let swapped = [("weight", "175"), ("weight-unit", "kg"), ("height", "82"), ("height-unit", "cm")];
        assert_eq!(doubt(&swapped), "Weight 175 kg and height 82 cm look swapped");
    }

    #[test]
    fn computed_values_by_hand() {
        // 70 kg, 175 cm: 70 / 3.0625 = 22.857; sqrt(175 * 70 / 3600) = sqrt(3.40278) = 1.84466.
        assert!((body_mass_index(70.0, 175.0) - 22.857).abs() < 0.001);
        assert!((body_surface(70.0, 175.0) - 1.844_66).abs() < 0.000_01);
    }
}
