//! What in a form is doubtful: values that are seldom, and values beside the last ones that look like a slip.

use super::aged::usual;
use super::{Measured, Of, Rooming, Taking};
use crate::chart::when::day_text;
use crate::visit::vital::{DIASTOLIC, SYSTOLIC, Vital};
use jiff::ToSpan;

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
pub fn doubts(room: &Rooming, last: &Last, of: &Of) -> Vec<String> {
    let (mut doubts, mut at_age) = (Vec::new(), Vec::new());
    let mut unusual = |vital: &Vital, measured: &Measured| {
        let outside = |(least, most)| measured.base < least || measured.base > most;
        let told = || format!("{} {} {} is unusual", vital.name, measured.amount.number, measured.amount.unit);
        if outside(vital.usual) {
            doubts.push(told());
        } else if outside(usual(vital, of)) {
            at_age.push((vital.slug, format!("{} at this age", told())));
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
        at_age.retain(|(slug, _)| !["weight", "height"].contains(slug));
    } else {
        let weight = ("weight", compared("Weight", "kg", weight, last.weight, 2.204_622_6, 0.2));
        let height = ("height", compared("Height", "cm", height, last.height, 2.54, 0.1));
        for (slug, told) in [weight, height] {
            // What is said of it beside the last value says more than its age does.
            at_age.retain(|(of, _)| told.is_none() || *of != slug);
            doubts.extend(told);
        }
    }
    doubts.extend(at_age.into_iter().map(|(_, told)| told));
    let a_year_ago = of.today.checked_sub(1.year()).ok();
    if let Some(day) = room.period.filter(|day| a_year_ago.is_some_and(|ago| *day < ago)) {
        doubts.push(format!("Last menstrual period {} is more than 12 months ago", day_text(day)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visit::rooming::{RoomingForm, check};

    fn form(fields: &[(&str, &str)]) -> RoomingForm {
        RoomingForm(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn born(year: i16, month: i8, day: i8) -> Of {
        let born = Some(jiff::civil::date(year, month, day));
        Of { today: jiff::civil::date(2026, 11, 22), born, pregnancies: true }
    }

    fn asked(fields: &[(&str, &str)], last: &Last, of: &Of) -> String {
        doubts(&check(&form(fields), of).expect("possible"), last, of).join("; ")
    }

    #[test]
    fn what_nobody_of_this_age_has_is_asked_about_without_an_earlier_value() {
        let asked = |sign: &str, value: &str, of: &Of| {
            let unit = if sign == "weight" { "kg" } else { "cm" };
            let field = format!("{sign}-unit");
            asked(&[(sign, value), (&field, unit)], &Last::default(), of)
        };
        let (adult, toddler, newborn) = (born(1979, 12, 23), born(2024, 8, 1), born(2026, 11, 18));
        let child = born(2020, 11, 23);
        for (sign, value, of, doubtful) in [
            ("weight", "7.5", &adult, true),
            ("height", "60", &adult, true),
            ("weight", "75", &adult, false),
            ("height", "148", &adult, false),
            ("weight", "80", &toddler, true),
            ("height", "175", &toddler, true),
            // CDC 2000: at 27 months the medians are about 12.7 kg, 88 cm and 48 cm.
            ("weight", "12.7", &toddler, false),
            ("height", "88", &toddler, false),
            ("head", "48", &toddler, false),
            ("head", "36", &toddler, true),
            ("weight", "3.4", &newborn, false),
            ("weight", "0.9", &newborn, false),
            ("height", "50", &newborn, false),
            ("head", "35", &newborn, false),
            ("weight", "34", &newborn, true),
            // The median of five years and eleven months is about 20.5 kg.
            ("weight", "20.5", &child, false),
            ("weight", "205", &child, true),
        ] {
            let told = asked(sign, value, of);
            assert_eq!(told.contains("is unusual at this age"), doubtful, "{sign} {value}: {told}");
        }
        let unknown = Of { born: None, ..adult };
        assert_eq!(asked("weight", "7.5", &unknown), "", "of whom the age is not known, less is asked");
    }

    #[test]
    fn a_period_of_a_year_ago_is_asked_about() {
        let asked = |day| asked(&[("period", day)], &Last::default(), &born(1979, 12, 23));
        assert_eq!(asked("2025-11-22"), "");
        assert_eq!(asked("2025-11-21"), "Last menstrual period 21-Nov-2025 is more than 12 months ago");
    }

    #[test]
    fn what_is_doubtful_beside_the_last_value_is_asked_about() {
        let last = Last { weight: Some(82.0), height: Some(175.0) };
        let doubt = |fields: &[(&str, &str)]| asked(fields, &last, &born(1979, 12, 23));
        let kg = |weight| [("weight", weight), ("weight-unit", "kg")];
        assert_eq!(doubt(&kg("83")), "");
        assert_eq!(doubt(&kg("8.2")), "Weight 8.2 kg beside the last one, 82 kg: a decimal point may be wrong");
        assert_eq!(doubt(&kg("181")), "Weight 181 kg beside the last one, 82 kg: the units may be mixed up");
        assert_eq!(doubt(&kg("110")), "Weight 110 kg beside the last one, 82 kg: that is far from it");
        assert!(doubt(&kg("350")).contains("Weight 350 kg is unusual"));
        let swapped = [("weight", "175"), ("weight-unit", "kg"), ("height", "82"), ("height-unit", "cm")];
        assert_eq!(doubt(&swapped), "Weight 175 kg and height 82 cm look swapped");
    }
}
