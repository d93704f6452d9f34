//! The vitals flowsheet: one row a vital sign in a fixed order, one column a moment, newest first; every reading of a moment is shown, and
//! what was refused or not obtained too.

use super::result::Observed;
use super::trend::Trend;
use super::when::When;

/// A sign: its words, its LOINC codes (FHIR R4 "Vital Signs", US Core 6.1; what rooming stores), and whether its course is drawn.
struct Sign {
    name: &'static str,
    codes: &'static [&'static str],
    drawn: bool,
}

const fn sign(name: &'static str, codes: &'static [&'static str], drawn: bool) -> Sign {
    Sign { name, codes, drawn }
}

const SIGNS: [Sign; 12] = [
    sign("Blood pressure", &["85354-9", "55284-4"], true),
    sign("Pulse", &["8867-4"], true),
    sign("Respiration", &["9279-1"], false),
    sign("Temperature", &["8310-5", "8331-1"], true),
    sign("Oxygen saturation", &["59408-5", "2708-6"], true),
    sign("Weight", &["29463-7", "3141-9"], true),
    sign("Height", &["8302-2", "8306-3"], true),
    sign("Body mass index", &["39156-5"], true),
    sign("Body surface", &["3140-1"], false),
    sign("Head circumference", &["9843-4", "8287-5"], false),
    sign("Pain (0–10)", &["72514-3"], false),
    sign("Glucose, fingerstick", &["41653-7", "14743-9"], false),
];

/// The table and the plots.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Flowsheet {
    /// Moments, newest first.
    pub columns: Vec<When>,
    /// Signs that were recorded, the known ones first.
    pub rows: Vec<Signs>,
    /// Whether there are older columns, and before which moment they begin.
    pub older: Option<When>,
}

/// One sign.
#[derive(Debug, Clone, PartialEq)]
pub struct Signs {
    /// Its words.
    pub name: String,
    /// Its readings of each column.
    pub cells: Vec<Vec<Observed>>,
    /// Its course, where it is drawn and there is one; of all that was read, not of these columns alone.
    pub plot: Option<Plot>,
}

/// A sign's course.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// The line.
    pub trend: Trend,
    /// What it is drawn of, newest first.
    pub readings: Vec<Observed>,
}

impl Flowsheet {
    /// Lays readings out in `columns` at most. `cut`: whether older readings were not read; the oldest moment may then be known in part, and
    /// waits for the next page.
    #[must_use]
    pub fn of(readings: Vec<Observed>, columns: usize, cut: bool) -> Self {
        let mut all: Vec<(When, Observed)> = readings
            .into_iter()
            .filter(|reading| reading.entry.error.is_none() && reading.has_content())
            .filter_map(|reading| Some((reading.when.clone()?, reading)))
            .collect();
        all.sort_by_key(|(when, _)| std::cmp::Reverse(when.at));
        let mut moments: Vec<When> = Vec::new();
        for (when, _) in &all {
            if moments.last().is_none_or(|last| minute(last) != minute(when)) {
                moments.push(when.clone());
            }
        }
        if cut && moments.len() > 1 {
            moments.pop();
        }
        let older = if moments.len() > columns { moments.get(columns - 1) } else { moments.last().filter(|_| cut) };
        let older = older.cloned();
        moments.truncate(columns);
        let mut rows: Vec<Found<'_>> = SIGNS.iter().map(|sign| (Some(sign), Vec::new())).collect();
        for (when, reading) in all {
            let test = &reading.main.test;
            let known = |sign: &Sign| test.system == "http://loinc.org" && sign.codes.contains(&test.code.as_str());
            let same = |(sign, found): &Found<'_>| match sign {
                Some(sign) => known(sign),
                None => found.first().is_some_and(|(_, first)| first.main.test == *test),
            };
            match rows.iter().position(same).and_then(|place| rows.get_mut(place)) {
                Some((_, found)) => found.push((when, reading)),
                None => rows.push((None, vec![(when, reading)])),
            }
        }
        let row = |(sign, found): Found<'_>| {
            let first = &found.first()?.1;
            let name = sign.map_or_else(|| first.main.name.clone(), |sign| sign.name.to_owned());
            let cell = |moment: &When| {
                found.iter().filter(|(when, _)| minute(when) == minute(moment)).map(|(_, one)| one.clone()).collect()
            };
            let cells: Vec<Vec<Observed>> = moments.iter().map(cell).collect();
            let readings: Vec<_> = found.iter().map(|(_, reading)| reading.clone()).take(DRAWN).collect();
            let trend = Trend::of(&readings);
            let plot = sign.filter(|sign| sign.drawn && trend.draws()).map(|_| Plot { trend, readings });
            (plot.is_some() || cells.iter().any(|cell| !cell.is_empty())).then_some(Signs { name, cells, plot })
        };
        Self { rows: rows.into_iter().filter_map(row).collect(), columns: moments, older }
    }
}

/// A known sign, or none, with what was read of it.
type Found<'a> = (Option<&'a Sign>, Vec<(When, Observed)>);

/// Readings of a plot.
const DRAWN: usize = 40;

/// Readings of one minute share a column.
fn minute(when: &When) -> i64 {
    when.at.as_second().div_euclid(60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::bands::Who;
    use crate::chart::row::Names;
    use crate::chart::{Clock, Reading, Row};
    use jiff::civil::date;
    use jiff::tz::TimeZone;
    use store::record::Stored;

    fn reading(code: &str, at: &str, value: &str) -> Observed {
        let value = match value {
            "refused" => r#""dataAbsentReason":{"text":"Refused"}"#.to_owned(),
            value => format!(r#""valueQuantity":{{"value":{value},"unit":"x","code":"x"}}"#),
        };
        let body = format!(
            r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}],"text":"Sign {code}"}},"effectiveDateTime":"{at}",{value}}}"#
        );
        let stored = Stored {
            key: fhir::Key::parse("Observation/o").expect("key"),
            version: 1,
            sequence: 1,
            patient: None,
            recorded_at: jiff::Timestamp::UNIX_EPOCH,
            deleted: false,
            body: body.into_bytes().into(),
        };
        let clock = Clock { zone: TimeZone::UTC, today: date(2026, 11, 22) };
        let names = Names::default();
        Observed::of(&Row::read(&stored).expect("a body"), &Reading { clock, names, who: Who::default() })
    }

    fn said(sheet: &Flowsheet) -> Vec<String> {
        let text = |one: &Observed| {
            one.main.value.as_ref().map_or("-", |value| value.number.as_deref().unwrap_or("?")).to_owned()
        };
        let cell = |cell: &Vec<Observed>| cell.iter().map(text).collect::<Vec<_>>().join("+");
        sheet
            .rows
            .iter()
            .map(|row| format!("{}: {}", row.name, row.cells.iter().map(cell).collect::<Vec<_>>().join(" | ")))
            .collect()
    }

    #[test]
    fn signs_stand_in_their_order_and_every_reading_of_a_moment_in_its_cell() {
        let all = vec![
            reading("99999-9", "2026-11-20T10:00:00Z", "1"),
            reading("29463-7", "2026-11-20T10:00:00Z", "82"),
            reading("8867-4", "2026-11-21T10:00:20Z", "90"),
            reading("8867-4", "2026-11-21T10:00:10Z", "88"),
            reading("29463-7", "2026-11-21T10:00:10Z", "refused"),
        ];
        let sheet = Flowsheet::of(all, 12, false);
        assert_eq!(said(&sheet), ["Pulse: 90+88 | ", "Weight: - | 82", "Sign 99999-9:  | 1"]);
        assert!(sheet.older.is_none());
    }

    #[test]
    fn what_was_read_in_part_waits_for_the_next_page() {
        let all =
            || (10..16).map(|day| reading("8867-4", &format!("2026-11-{day}T10:00:00Z"), "80")).collect::<Vec<_>>();
        let older = |sheet: Flowsheet| (sheet.columns.len(), sheet.older.map(|when| when.date));
        assert_eq!(older(Flowsheet::of(all(), 4, false)), (4, Some("12-Nov-2026".to_owned())));
        assert_eq!(older(Flowsheet::of(all(), 12, true)), (5, Some("11-Nov-2026".to_owned())));
        assert_eq!(older(Flowsheet::of(all(), 12, false)), (6, None));
    }
}
