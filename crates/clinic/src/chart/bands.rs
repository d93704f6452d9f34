//! Usual ranges of vital signs by age and sex, for values whose resource carries no range of its own. Each band names its source; what no
//! source states has none. docs/clinical-content.md lists them.

use super::flag::Flag;
use super::quantity::Value;
use fhir::{Element, units};
use jiff::Unit;
use jiff::civil::Date;

/// Of whom a chart is, what ranges depend on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    born: Option<Date>,
    female: Option<bool>,
}

impl Who {
    /// Reads a Patient. Without a whole birth date no band that depends on age applies.
    #[must_use]
    pub fn of(patient: Element<'_>) -> Self {
        let female = match patient.text("gender") {
            Some("female") => Some(true),
            Some("male") => Some(false),
            _ => None,
        };
        Self { born: patient.text("birthDate").and_then(|born| born.parse().ok()), female }
    }

    /// The age in whole years and in days on a day.
    fn age(&self, on: Date) -> Option<(i16, i32)> {
        let born = self.born.filter(|born| *born <= on)?;
        let years = on.since((Unit::Year, born)).ok()?.get_years();
        Some((years, on.since((Unit::Day, born)).ok()?.get_days()))
    }
}

/// A band of usual values: both limits are within it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// The lowest usual value.
    pub low: Option<f64>,
    /// The highest.
    pub high: Option<f64>,
    /// The unit, UCUM.
    unit: &'static str,
    /// Who says so, and when.
    pub source: &'static str,
}

const PALS: &str = "PALS 2015";

/// Awake pulse and respiration by age: up to years (exclusive), low, high. PALS guidelines (AHA), 2015. The newborn's pulse is in [`of`].
const PULSE: [(i16, f64, f64); 5] =
    [(1, 100.0, 190.0), (3, 98.0, 140.0), (6, 80.0, 120.0), (12, 75.0, 118.0), (16, 60.0, 100.0)];
const RESPIRATION: [(i16, f64, f64); 5] =
    [(1, 30.0, 53.0), (3, 22.0, 37.0), (6, 20.0, 28.0), (12, 18.0, 25.0), (16, 12.0, 20.0)];

/// Blood pressures of children that require further evaluation, by age from 1 to 12: systolic and diastolic of boys, then of girls (Flynn JT
/// et al., AAP Clinical Practice Guideline, Pediatrics 2017;140:e20171904, table 6).
const CHILDREN: [[f64; 4]; 12] = [
    [98.0, 52.0, 98.0, 54.0],
    [100.0, 55.0, 101.0, 58.0],
    [101.0, 58.0, 102.0, 60.0],
    [102.0, 60.0, 103.0, 62.0],
    [103.0, 63.0, 104.0, 64.0],
    [105.0, 66.0, 105.0, 67.0],
    [106.0, 68.0, 106.0, 68.0],
    [107.0, 69.0, 107.0, 69.0],
    [107.0, 70.0, 108.0, 71.0],
    [108.0, 72.0, 109.0, 72.0],
    [110.0, 74.0, 111.0, 74.0],
    [113.0, 75.0, 114.0, 75.0],
];

/// The band of a LOINC code for a person on a day.
#[must_use]
pub fn of(code: &str, who: &Who, on: Date) -> Option<Band> {
    let both = |low: f64, high: f64, unit, source| Some(Band { low: Some(low), high: Some(high), unit, source });
    match code {
        // Fever from 38.0 °C (CDC, 2017: 100.4 °F); hypothermia below 35.0 °C (CDC, 2024: 95 °F).
        "8310-5" | "8331-1" => both(35.0, 37.9, "Cel", "CDC"),
        "59408-5" | "2708-6" => Some(Band { low: Some(95.0), high: None, unit: "%", source: "WHO 2011" }),
        "8867-4" => match who.age(on)? {
            (_, 0..28) => both(100.0, 205.0, "/min", PALS),
            (years, _) => banded(&PULSE, years)
                .map_or_else(|| both(60.0, 100.0, "/min", "AHA 2024"), |(low, high)| both(low, high, "/min", PALS)),
        },
        "9279-1" => match banded(&RESPIRATION, who.age(on)?.0) {
            Some((low, high)) => both(low, high, "/min", PALS),
            None => both(12.0, 20.0, "/min", "RCP NEWS2 2017"),
        },
        "8480-6" => pressure(who, on, [0, 2], 129.0),
        "8462-4" => pressure(who, on, [1, 3], 79.0),
        _ => None,
    }
}

fn banded(bands: &[(i16, f64, f64)], years: i16) -> Option<(f64, f64)> {
    bands.iter().find(|(below, ..)| years < *below).map(|(_, low, high)| (*low, *high))
}

/// From 13 years, stage 1 hypertension of ACC/AHA (Whelton PK et al., 2017) and AAP (2017) begins above `high`; below, the table's threshold.
fn pressure(who: &Who, on: Date, columns: [usize; 2], high: f64) -> Option<Band> {
    let (years, _) = who.age(on)?;
    let band = |high, source| Some(Band { low: None, high: Some(high), unit: "mm[Hg]", source });
    if years >= 13 {
        return band(high, if years >= 18 { "ACC/AHA 2017" } else { "AAP 2017" });
    }
    let row = CHILDREN.get(usize::try_from(years - 1).ok()?)?;
    let column = if who.female? { columns[1] } else { columns[0] };
    // Values at the threshold require evaluation.
    band(row.get(column)? - 1.0, "AAP 2017")
}

impl Band {
    /// Where a value stands, when it is in a unit that can be compared.
    #[must_use]
    pub fn place(&self, value: &Value) -> Flag {
        let Some(number) = self.number(value).filter(|_| value.comparator.is_none()) else { return Flag::Unknown };
        // Half a unit of the last digit: 37.94 °C of 100.3 °F is no fever.
        match (self.low, self.high) {
            (Some(low), _) if number < low => Flag::Low,
            (_, Some(high)) if number >= high + self.step() => Flag::High,
            _ => Flag::Normal,
        }
    }

    /// The limits, where the band is of this unit: for a plot.
    #[must_use]
    pub fn limits_in(&self, unit: &str) -> (Option<f64>, Option<f64>) {
        if unit == self.unit { (self.low, self.high) } else { (None, None) }
    }

    /// The step from the highest usual value to the first that is high.
    fn step(&self) -> f64 {
        if self.unit == "Cel" { 0.1 - 1e-9 } else { 1e-9 }
    }

    fn number(&self, value: &Value) -> Option<f64> {
        if value.unit_code == self.unit {
            return value.as_f64();
        }
        units::convert(value.number.as_deref()?, &value.unit_code, self.unit).ok()?.parse().ok()
    }

    /// In words, with whose it is: `35–37.9 °C (usual range, CDC)`.
    #[must_use]
    pub fn words(&self) -> String {
        let unit = super::number::unit(self.unit);
        let limit = super::trend::brief;
        let range = match (self.low, self.high) {
            (Some(low), Some(high)) => format!("{}–{}", limit(low), limit(high)),
            (Some(low), None) => format!("≥\u{a0}{}", limit(low)),
            (None, Some(high)) => format!("≤\u{a0}{}", limit(high)),
            (None, None) => String::new(),
        };
        format!("{range}\u{a0}{unit} (usual range, {})", self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn place(born: Date, female: bool, code: &str, number: &str, unit: &str) -> Flag {
        let who = Who { born: Some(born), female: Some(female) };
        let value = Value { number: Some(number.into()), unit_code: unit.into(), ..Value::default() };
        of(code, &who, date(2026, 11, 22)).map_or(Flag::Unknown, |band| band.place(&value))
    }

    #[test]
    fn each_age_has_its_band() {
        let adult = date(1979, 12, 23);
        for (born, code, number, unit, flag) in [
            (adult, "8310-5", "39.1", "Cel", Flag::High),
            (adult, "8310-5", "37.9", "Cel", Flag::Normal),
            (adult, "8310-5", "38.0", "Cel", Flag::High),
            (adult, "8310-5", "100.4", "[degF]", Flag::High),
            (adult, "8310-5", "100.3", "[degF]", Flag::Normal),
            (adult, "8310-5", "34.9", "Cel", Flag::Low),
            (adult, "59408-5", "94", "%", Flag::Low),
            (adult, "8867-4", "101", "/min", Flag::High),
            (adult, "9279-1", "12", "/min", Flag::Normal),
            (adult, "8480-6", "130", "mm[Hg]", Flag::High),
            (adult, "8462-4", "79", "mm[Hg]", Flag::Normal),
            (date(2026, 11, 1), "8867-4", "200", "/min", Flag::Normal),
            (date(2026, 10, 1), "8867-4", "200", "/min", Flag::High),
            (date(2024, 1, 1), "9279-1", "38", "/min", Flag::High),
            (date(2021, 11, 22), "8480-6", "103", "mm[Hg]", Flag::Normal),
            (date(2021, 11, 22), "8480-6", "104", "mm[Hg]", Flag::High),
            (date(2026, 5, 1), "8480-6", "90", "mm[Hg]", Flag::Unknown),
        ] {
            assert_eq!(place(born, true, code, number, unit), flag, "{code} {number} {unit} {born}");
        }
        assert_eq!(place(date(2021, 11, 22), false, "8480-6", "103", "mm[Hg]"), Flag::High, "a boy of five");
        assert_eq!(place(adult, true, "8310-5", "39.1", "kg"), Flag::Unknown, "not to be compared");
    }
}
