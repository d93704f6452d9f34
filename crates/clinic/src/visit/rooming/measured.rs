//! One measurement of the form: a value in its unit, or why there is none.

use super::RoomingForm;
use crate::error::FieldError;
use crate::visit::vital::{DIASTOLIC, SYSTOLIC, Unit, Vital, unit_words};
use crate::visit::words::line;
use fhir::edit::vital::{Absent, Amount};

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

/// A blood pressure, or why there is none; none of both where it was not asked.
pub type Pressure = Option<Result<(Measured, Measured), (Absent, String)>>;

/// The blood pressure of a form.
pub(super) fn pressure(form: &RoomingForm, problems: &mut Vec<FieldError>) -> Pressure {
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

/// A vital sign of a form.
///
/// # Errors
/// Why it cannot be stored.
pub(super) fn taking(form: &RoomingForm, vital: &'static Vital) -> Result<Option<Taking>, String> {
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
        let shown = format!("{number} {}", unit_words(unit));
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
