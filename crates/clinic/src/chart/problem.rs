//! Problems and diagnoses: Condition.

use super::quantity::Value;
use super::row::{Code, Handle, MODIFIED, Reading, Row, notes, spoken};
use super::when::When;
use fhir::Element;
use std::cmp::Reverse;

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its entry.
    pub entry: Handle,
    /// Its words.
    pub words: String,
    /// Its code.
    pub code: Option<Code>,
    /// `Active`, `Recurrence`, `Resolved` …
    pub status: String,
    /// How sure, when not confirmed: `Provisional`, `Differential`, `Refuted` …
    pub certainty: Option<String>,
    /// `Mild`, `Moderate`, `Severe` …
    pub severity: Option<String>,
    /// When it began, as written.
    pub onset: Option<String>,
    /// When it ended, as written.
    pub ended: Option<String>,
    /// When it was recorded.
    pub recorded: Option<When>,
    /// Who says so.
    pub asserter: Option<String>,
    /// Notes.
    pub note: Option<String>,
    /// Whether its clinical status says that it is active.
    in_force: bool,
    at: Option<jiff::Timestamp>,
}

/// The clinical statuses of what is there now.
pub(super) const ACTIVE: [&str; 3] = ["active", "recurrence", "relapse"];

/// A chart's problems, each in exactly one list, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems {
    /// On the problem list now.
    pub active: Vec<Problem>,
    /// Inactive, in remission, resolved.
    pub resolved: Vec<Problem>,
    /// Diagnoses of single visits.
    pub visit: Vec<Problem>,
    /// Considered and refuted.
    pub refuted: Vec<Problem>,
    /// Entered in error.
    pub errors: Vec<Problem>,
}

impl Problems {
    /// Reads a chart's conditions.
    #[must_use]
    pub fn of(rows: &[Row], reading: &Reading) -> Self {
        let mut problems = Self::default();
        for row in rows {
            let problem = read(row, reading);
            let root = row.root();
            let categories = root.each("category");
            let only_visit = !categories.is_empty()
                && root.has_code("category", "encounter-diagnosis")
                && !root.has_code("category", "problem-list-item");
            let ended = ["inactive", "remission", "resolved"].iter().any(|code| root.has_code("clinicalStatus", code));
            let list = if problem.entry.error.is_some() {
                &mut problems.errors
            } else if root.has_code("verificationStatus", "refuted") {
                &mut problems.refuted
            } else if only_visit {
                &mut problems.visit
            } else if ended || (root.get("clinicalStatus").is_none() && root.choice("abatement").is_some()) {
                &mut problems.resolved
            } else {
                &mut problems.active
            };
            list.push(problem);
        }
        let lists = [
            &mut problems.active,
            &mut problems.resolved,
            &mut problems.visit,
            &mut problems.refuted,
            &mut problems.errors,
        ];
        for list in lists {
            list.sort_by_key(|problem| Reverse(problem.at));
        }
        problems
    }
}

impl Problems {
    /// What visits diagnosed that is active and not on the problem list: each once, newest first.
    #[must_use]
    pub fn of_visits(&self) -> Vec<&Problem> {
        let same = |one: &Problem, other: &Problem| match (&one.code, &other.code) {
            (Some(one), Some(other)) => one.code == other.code,
            _ => one.words.to_lowercase() == other.words.to_lowercase(),
        };
        let mut shown: Vec<&Problem> = Vec::new();
        for problem in self.visit.iter().filter(|problem| problem.in_force) {
            if !self.active.iter().chain(shown.iter().copied()).any(|known| same(known, problem)) {
                shown.push(problem);
            }
        }
        shown
    }
}

impl Problem {
    /// Its words and, in brackets, what must not be left out where they are repeated alone: how sure it is unless it is confirmed, its status
    /// unless it is active. `J18.9` and the like stand there too where the code is asked for.
    #[must_use]
    pub fn stated(&self, with_code: bool) -> String {
        let code = self.code.as_ref().filter(|_| with_code).map(|code| code.code.clone());
        let certainty = self.certainty.as_ref().map(|certainty| certainty.to_lowercase());
        let status = (![ACTIVE_WORDS, NO_STATUS].contains(&self.status.as_str())).then(|| self.status.to_lowercase());
        let modified = self.entry.modified.then(|| MODIFIED.to_lowercase());
        let said: Vec<_> = [code, certainty, status, modified].into_iter().flatten().collect();
        if said.is_empty() { self.words.clone() } else { format!("{} ({})", self.words, said.join("; ")) }
    }
}

/// What [`Problem::status`] says of what is active, and of what has no status.
const ACTIVE_WORDS: &str = "Active";
const NO_STATUS: &str = "Status not recorded";

fn read(row: &Row, reading: &Reading) -> Problem {
    let root = row.root();
    let onset = When::choice(root, "onset", &reading.clock);
    let recorded = When::get(root, "recordedDate", &reading.clock);
    Problem {
        entry: row.handle(&reading.clock),
        words: root.words("code").unwrap_or_else(|| "Problem without words".to_owned()),
        code: Code::of(root, "code"),
        status: root.text("clinicalStatus.coding.code").map_or_else(|| NO_STATUS.to_owned(), spoken),
        certainty: root
            .text("verificationStatus.coding.code")
            .filter(|code| !["confirmed", "entered-in-error"].contains(code))
            .map(spoken),
        severity: root.words("severity"),
        in_force: ACTIVE.iter().any(|code| root.has_code("clinicalStatus", code)),
        onset: moment(root, "onset", reading),
        ended: moment(root, "abatement", reading),
        at: onset.as_ref().or(recorded.as_ref()).map(|when| when.at),
        recorded,
        asserter: reading.names.get(root, "asserter").or_else(|| reading.names.get(root, "recorder")),
        note: notes(root),
    }
}

/// An onset or abatement in words: a date, an age, a period, a range or a text.
#[must_use]
pub fn moment(root: Element<'_>, name: &str, reading: &Reading) -> Option<String> {
    match root.choice(name)? {
        ("DateTime", value) => When::read(value.as_text()?, &reading.clock).map(|when| when.date),
        ("Age", age) => Value::quantity(age).map(|value| format!("at age {}", plain_years(&value))),
        ("Boolean", value) => value.primitive().filter(|text| text == "yes").map(|_| "date not recorded".to_owned()),
        _ => Value::choice(root, name, &reading.clock).map(|value| value.text),
    }
}

/// `40` for forty years, whatever the unit's spelling; other units stay.
fn plain_years(age: &Value) -> String {
    match age.unit_code.as_str() {
        "a" | "y" | "yr" | "years" | "year" => age.number.clone().unwrap_or_default(),
        _ => age.text.clone(),
    }
}
