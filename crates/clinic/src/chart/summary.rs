//! The Summary: everything above the fold, from one reading of the chart.

use super::allergy::Allergies;
use super::care::{Member, Shot, Visit};
use super::contact::Contact;
use super::document::Document;
use super::medicine::Medicines;
use super::plan::Plan;
use super::problem::Problems;
use super::result::Observed;
use super::trend::Trend;
use fhir::Kind;
use store::record::{Slice, Stored};

/// A line of the vitals and key results.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Its words here.
    pub name: String,
    /// Newest first; empty when it was never recorded.
    pub readings: Vec<Observed>,
    /// Its course.
    pub trend: Trend,
}

/// The whole page's content.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    /// Problems.
    pub problems: Problems,
    /// Medicines; of the stopped only some.
    pub medicines: Medicines,
    /// How many medicines were stopped.
    pub stopped: usize,
    /// Allergies.
    pub allergies: Allergies,
    /// Vitals and key results.
    pub measures: Vec<Measured>,
    /// The newest immunizations.
    pub shots: Vec<Shot>,
    /// How many were given.
    pub shots_given: usize,
    /// How many were declined or not given.
    pub shots_declined: usize,
    /// The newest visits.
    pub visits: Vec<Visit>,
    /// How many there are, without errors; none where not all were read.
    pub visits_total: Option<usize>,
    /// The newest notes and documents.
    pub documents: Vec<Document>,
    /// How many there are, without errors; none where not all were read.
    pub documents_total: Option<usize>,
    /// Who cares for the patient.
    pub team: Vec<Member>,
    /// Goals and care plans in force.
    pub plans: Vec<Plan>,
    /// How to reach the patient and whom else, coverage, appointments.
    pub contact: Contact,
}

/// One line the Summary looks for: its words and the LOINC codes it is recorded under, all comparable with one another.
struct Line {
    name: &'static str,
    codes: &'static [&'static str],
    /// Shown as "not recorded" when there is none.
    always: bool,
}

const fn line(name: &'static str, codes: &'static [&'static str]) -> Line {
    Line { name, codes, always: false }
}

/// LOINC codes (the notice is in the README, under its licence): vital signs as in FHIR R4 "Vital Signs" and US Core 6.1; results that primary care follows.
/// This material contains content from LOINC (http://loinc.org), copyright Regenstrief Institute, Inc. and the LOINC Committee.
const LINES: &[Line] = &[
    Line { name: "Blood pressure", codes: &["85354-9", "55284-4"], always: true },
    Line { name: "Heart rate", codes: &["8867-4"], always: true },
    line("Respiratory rate", &["9279-1"]),
    line("Oxygen saturation", &["59408-5", "2708-6"]),
    line("Temperature", &["8310-5", "8331-1"]),
    Line { name: "Weight", codes: &["29463-7", "3141-9"], always: true },
    Line { name: "Height", codes: &["8302-2"], always: true },
    line("Length", &["8306-3"]),
    line("Head circumference", &["9843-4", "8287-5"]),
    line("Body mass index", &["39156-5"]),
    line("Pain (0–10)", &["72514-3"]),
    line("Hemoglobin A1c", &["4548-4"]),
    line("Glucose", &["2345-7", "2339-0", "1558-6"]),
    line("eGFR", &["33914-3", "98979-8", "62238-1"]),
    line("Creatinine", &["2160-0", "38483-4"]),
    line("Urine albumin/creatinine", &["14959-1", "9318-7"]),
    line("Potassium", &["2823-3", "6298-4"]),
    line("Sodium", &["2951-2", "2947-0"]),
    line("LDL cholesterol", &["13457-7", "18262-6", "2089-1"]),
    line("Total cholesterol", &["2093-3"]),
    line("Hemoglobin", &["718-7"]),
    line("Platelets", &["777-3"]),
    line("ALT", &["1742-6"]),
    line("TSH", &["3016-3", "11580-8"]),
    line("INR", &["6301-6", "34714-6"]),
    line("PSA", &["2857-1"]),
    line("PHQ-9 score", &["44261-6"]),
    line("Tobacco", &["72166-2"]),
];

/// How many readings of one code make its sparkline.
const READINGS: u32 = 12;
/// How many of the newest laboratory results are looked through for abnormal ones no line names.
const NEWEST_RESULTS: u32 = 24;
/// How many visits, immunizations and documents are shown.
pub(super) const SHOWN: u32 = 6;
/// How many visits and documents are read for them: some may be entered in error.
const READ: u32 = 12;
/// How many appointments are read: those to come are the newest.
pub(super) const APPOINTMENTS: u32 = 20;

/// Where each slice of [`slices`] stands.
pub(super) mod place {
    pub const CONDITIONS: usize = 0;
    pub const PRESCRIPTIONS: usize = 1;
    pub const STATEMENTS: usize = 2;
    pub const MEASURES: usize = 3;
    pub const RESULTS: usize = 4;
    pub const SHOTS: usize = 5;
    pub const VISITS: usize = 6;
    pub const DOCUMENTS: usize = 7;
    pub const TEAMS: usize = 8;
    pub const GOALS: usize = 9;
    pub const PLANS: usize = 10;
}

/// What the Summary reads of a chart: every problem, medicine and allergy (an old one may still be active), and the newest of the rest.
#[must_use]
pub fn slices() -> Vec<Slice> {
    let codes =
        LINES.iter().flat_map(|line| line.codes).map(|code| ("http://loinc.org".to_owned(), (*code).to_owned()));
    vec![
        Slice::all(Kind::CONDITION),
        Slice::all(Kind::MEDICATION_REQUEST),
        Slice::all(Kind::MEDICATION_STATEMENT),
        Slice { codes: codes.collect(), ..Slice::newest(Kind::OBSERVATION, READINGS) },
        Slice { category: Some("laboratory".to_owned()), ..Slice::newest(Kind::OBSERVATION, NEWEST_RESULTS) },
        Slice::all(Kind::IMMUNIZATION),
        Slice::newest(Kind::ENCOUNTER, READ),
        Slice::newest(Kind::DOCUMENT_REFERENCE, READ),
        Slice::newest(Kind::CARE_TEAM, SHOWN),
        Slice::newest(Kind::GOAL, READ),
        Slice::newest(Kind::CARE_PLAN, READ),
        Slice::all(Kind::COVERAGE),
        Slice::newest(Kind::APPOINTMENT, APPOINTMENTS),
    ]
}

/// Whether the Summary shows an entry, told from its canonical text without parsing it. When in doubt, yes: it is then parsed, and the
/// models decide. A chart of many years has a thousand diagnoses of single visits and stopped medicines that are only counted here.
#[must_use]
pub fn shows(stored: &Stored) -> bool {
    let Ok(text) = std::str::from_utf8(&stored.body) else { return true };
    let says = |codes: &[&str]| codes.iter().any(|code| text.contains(code));
    match stored.key.kind {
        Kind::CONDITION => {
            !says(&["\"encounter-diagnosis\""])
                || says(&["\"problem-list-item\"", "\"active\"", "\"recurrence\"", "\"relapse\""])
        }
        Kind::MEDICATION_REQUEST | Kind::MEDICATION_STATEMENT => {
            !says(&["\"status\":\"stopped\"", "\"status\":\"completed\"", "\"status\":\"cancelled\""])
                || says(&[
                    "\"status\":\"active\"",
                    "\"status\":\"on-hold\"",
                    "\"status\":\"draft\"",
                    "\"status\":\"unknown\"",
                ])
        }
        _ => true,
    }
}

/// The lines of vitals and key results: those of the table that were recorded (or are always asked), then whatever else is abnormal
/// among the newest results.
#[must_use]
pub fn measures(keyed: Vec<Observed>, newest: Vec<Observed>) -> Vec<Measured> {
    let mut lines: Vec<(&Line, Vec<Observed>)> = LINES.iter().map(|line| (line, Vec::new())).collect();
    for reading in keyed.into_iter().filter(|reading| reading.counts() && reading.has_content()) {
        let code = reading.main.test.code.as_str();
        if let Some((_, readings)) = lines.iter_mut().find(|(line, _)| line.codes.contains(&code)) {
            readings.push(reading);
        }
    }
    let is_line = |reading: &Observed| LINES.iter().any(|line| line.codes.contains(&reading.main.test.code.as_str()));
    let mut others: Vec<Measured> = Vec::new();
    for reading in newest.into_iter().filter(|reading| reading.counts() && !is_line(reading)) {
        if let Some(known) = others.iter_mut().find(|known| same_test(known, &reading)) {
            known.readings.push(reading);
        } else {
            others.push(Measured { name: reading.main.name.clone(), readings: vec![reading], trend: Trend::default() });
        }
    }
    // Only what is abnormal now: the newest reading decides.
    others.retain(|other| other.readings.first().is_some_and(|newest| newest.flag().is_abnormal()));
    let shown =
        lines.into_iter().filter(|(line, readings)| line.always || !readings.is_empty()).map(|(line, mut readings)| {
            readings.sort_by_key(|reading| std::cmp::Reverse(reading.when.as_ref().map(|when| when.at)));
            Measured { name: line.name.to_owned(), trend: Trend::of(&readings), readings }
        });
    let mut all: Vec<_> = shown.collect();
    all.extend(others.into_iter().map(|other| Measured { trend: Trend::of(&other.readings), ..other }));
    all
}

fn same_test(known: &Measured, reading: &Observed) -> bool {
    known.readings.first().is_some_and(|first| first.main.test == reading.main.test)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::{Id, Key};

    fn shown(kind: Kind, body: &'static str) -> bool {
        shows(&Stored {
            key: Key::new(kind, Id::parse("x").expect("id")),
            version: 1,
            sequence: 1,
            patient: None,
            recorded_at: jiff::Timestamp::UNIX_EPOCH,
            deleted: false,
            body: body.as_bytes().into(),
        })
    }

    #[test]
    fn only_what_is_surely_not_shown_is_left_unparsed() {
        let (request, condition) = (Kind::MEDICATION_REQUEST, Kind::CONDITION);
        assert!(!shown(request, r#"{"status":"stopped"}"#));
        assert!(shown(request, r#"{"status":"active"}"#));
        assert!(shown(request, r#"{"contained":[{"status":"completed"}],"status":"active"}"#), "in doubt it is parsed");
        assert!(!shown(condition, r#"{"category":[{"coding":[{"code":"encounter-diagnosis"}]}]}"#));
        assert!(shown(
            condition,
            r#"{"category":[{"coding":[{"code":"encounter-diagnosis"},{"code":"problem-list-item"}]}]}"#
        ));
        assert!(shown(condition, r#"{"code":{"text":"Asthma"}}"#));
        for (status, wanted) in [("active", true), ("recurrence", true), ("resolved", false), ("inactive", false)] {
            let body = format!(
                r#"{{"clinicalStatus":{{"coding":[{{"code":"{status}"}}]}},"category":[{{"coding":[{{"code":"encounter-diagnosis"}}]}}]}}"#
            );
            assert_eq!(shown(condition, body.leak()), wanted, "{status}");
        }
    }
}
