//! One test over time: the points of a sparkline or plot, in one unit, with the newest reading's range.

use super::flag::Flag;
use super::quantity::Value;
use super::result::{Decimal, Measure, Observed};
use fhir::units;
use jiff::Timestamp;

/// One drawn point.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// When.
    pub at: Timestamp,
    /// Its value.
    pub value: f64,
    /// Whether it is marked.
    pub out: bool,
}

/// One line of a plot, oldest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// What it is, where a plot has several.
    pub name: String,
    /// Its points.
    pub points: Vec<Point>,
}

/// Lines of one unit with their reference band.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trend {
    /// The unit; readings in others are converted to it or left out, and counted.
    pub unit: String,
    /// One line, or two for a blood pressure.
    pub lines: Vec<Line>,
    /// The reference band of the newest reading.
    pub band: (Option<f64>, Option<f64>),
    /// That band in words, with whose it is, as the newest reading has it.
    pub range: Option<String>,
    /// Readings drawn in this unit that were taken in another one.
    pub converted: usize,
    /// Readings left out because their unit cannot be compared.
    pub other_units: usize,
}

impl Trend {
    /// The trend of readings of one test (any order).
    #[must_use]
    pub fn of(readings: &[Observed]) -> Self {
        let mut counted: Vec<_> = readings.iter().filter(|r| r.counts() && r.when.is_some()).collect();
        counted.sort_by_key(|reading| reading.when.as_ref().map(|when| when.at));
        let numbered = |code: Option<&str>| -> Vec<(Timestamp, &Measure)> {
            counted
                .iter()
                .filter_map(|reading| {
                    let measure = match code {
                        None => &reading.main,
                        Some(code) => reading.parts.iter().find(|part| part.test.code == code)?,
                    };
                    measure.value.as_ref()?.as_f64()?;
                    Some((reading.when.as_ref()?.at, measure))
                })
                .collect()
        };
        let systolic = numbered(Some("8480-6"));
        if systolic.is_empty() {
            return Self::build(&[("", numbered(None))]);
        }
        Self::build(&[("Systolic", systolic), ("Diastolic", numbered(Some("8462-4")))])
    }

    fn build(series: &[(&str, Vec<(Timestamp, &Measure)>)]) -> Self {
        let newest = series.first().and_then(|(_, points)| points.last()).map(|(_, measure)| *measure);
        let Some(unit) = newest.and_then(|measure| measure.value.as_ref()) else { return Self::default() };
        let limit = |side: &Option<Decimal>| side.as_ref().and_then(Decimal::as_f64);
        let mut trend = Self {
            unit: unit.unit.clone(),
            band: newest.map_or((None, None), |measure| (limit(&measure.limits.0), limit(&measure.limits.1))),
            range: newest.and_then(|measure| measure.range.clone()),
            ..Self::default()
        };
        for (name, points) in series {
            let mut line = Line { name: (*name).to_owned(), points: Vec::with_capacity(points.len()) };
            for (at, measure) in points {
                let Some(value) = &measure.value else { continue };
                let same = value.unit_code == unit.unit_code || value.unit == unit.unit;
                let number = if same { value.as_f64() } else { converted(value, unit) };
                match number {
                    Some(number) => {
                        trend.converted += usize::from(!same);
                        line.points.push(Point { at: *at, value: number, out: measure.flag.is_abnormal() });
                    }
                    None => trend.other_units += 1,
                }
            }
            trend.lines.push(line);
        }
        trend
    }

    /// Whether there is something to draw: a line with two points.
    #[must_use]
    pub fn draws(&self) -> bool {
        self.lines.iter().any(|line| line.points.len() > 1)
    }

    /// In words, for those who do not see the line: `last 5: 7.1 to 8.2 %, rising`.
    #[must_use]
    pub fn spoken(&self) -> String {
        let Some(line) = self.lines.first().filter(|line| !line.points.is_empty()) else { return String::new() };
        let values = || line.points.iter().map(|point| point.value);
        let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        let (first, last) = (values().next().unwrap_or(low), values().next_back().unwrap_or(high));
        let spread = high - low;
        let course = if spread == 0.0 || (last - first).abs() < spread / 4.0 {
            "level"
        } else if last > first {
            "rising"
        } else {
            "falling"
        };
        let abnormal = line.points.iter().filter(|point| point.out).count();
        let mut text = format!("last {}: {} to {}", line.points.len(), brief(low), brief(high));
        if !self.unit.is_empty() {
            text.push_str(&format!(" {}", self.unit));
        }
        text.push_str(&format!(", {course}"));
        if abnormal > 0 {
            text.push_str(&format!(", {abnormal} abnormal"));
        }
        text
    }
}

/// A value in another unit of UCUM, where both are of one kind.
fn converted(value: &Value, unit: &Value) -> Option<f64> {
    units::convert(value.number.as_deref()?, &value.unit_code, &unit.unit_code).ok()?.parse().ok()
}

/// A number for an axis or a spoken summary: at most two decimals, none that say nothing; the very large and the very small as powers.
#[must_use]
pub fn brief(number: f64) -> String {
    if number != 0.0 && !(0.005..1e7).contains(&number.abs()) {
        return format!("{number:.2e}");
    }
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The newest reading's flag, for a row's mark.
#[must_use]
pub fn newest_flag(readings: &[Observed]) -> Flag {
    readings.first().map_or(Flag::Unknown, Observed::flag)
}
