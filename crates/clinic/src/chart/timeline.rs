//! The timeline: what happened, newest first, in one line each.

use super::row::{Handle, Reading, Row, count_of, spoken};
use super::when::When;
use super::{allergy::Allergies, care, document::Document, medicine::Medicines, problem::Problems, report::Report};
use fhir::Kind;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its entry.
    pub entry: Handle,
    /// What sort of event: `Office visit`, `Problem`, `Prescription` …
    pub sort: String,
    /// Whether its sort is a warning: an order that something must not be given.
    pub warning: bool,
    /// Its words.
    pub title: String,
    /// What became of it, where it is not simply so: `Cancelled`, `Plan`, `Superseded` …
    pub status: Option<String>,
    /// More, such as with whom.
    pub detail: Option<String>,
    /// When.
    pub when: When,
}

/// What an order is called that something must not be given.
pub const DO_NOT_GIVE: &str = "Do not give";

/// The types a timeline shows.
pub const KINDS: [Kind; 8] = [
    Kind::ENCOUNTER,
    Kind::CONDITION,
    Kind::MEDICATION_REQUEST,
    Kind::ALLERGY_INTOLERANCE,
    Kind::DIAGNOSTIC_REPORT,
    Kind::IMMUNIZATION,
    Kind::PROCEDURE,
    Kind::DOCUMENT_REFERENCE,
];

/// The events of these entries, newest first. Entries in error and entries without a date are left to their sections.
#[must_use]
pub fn events(rows: &[Row], reading: &Reading) -> Vec<Event> {
    let mut events: Vec<_> = rows.iter().filter_map(|row| event(row, reading)).collect();
    events.sort_by(|a, b| b.when.at.cmp(&a.when.at).then_with(|| a.entry.key.cmp(&b.entry.key)));
    events
}

fn event(row: &Row, reading: &Reading) -> Option<Event> {
    let one = std::slice::from_ref(row);
    let root = row.root();
    let clock = &reading.clock;
    let mut status = None;
    let (sort, title, detail, when) = match row.key.kind {
        Kind::ENCOUNTER => {
            let visit = care::Visit::of(row, reading);
            status = Some(visit.status.clone()).filter(|status| status != "Finished");
            let detail = [visit.with.clone(), visit.place.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
            (visit.class.clone(), visit.title().to_owned(), Some(detail).filter(|text| !text.is_empty()), visit.when)
        }
        Kind::CONDITION => {
            let problems = Problems::of(one, reading);
            let only_visit = !problems.visit.is_empty();
            let lists = [problems.active, problems.resolved, problems.visit, problems.refuted];
            let problem = lists.into_iter().flatten().next()?;
            let when = When::choice(root, "onset", clock).or(problem.recorded);
            let sort = if only_visit { "Diagnosis" } else { "Problem" };
            (sort.to_owned(), problem.words, Some(problem.status), when)
        }
        Kind::MEDICATION_REQUEST => {
            let all = Medicines::of(one, reading);
            let active = !all.active.is_empty();
            let lists = [all.active, all.ended, all.held, all.proposed, all.withheld, all.stopped, all.unclear];
            let medicine = lists.into_iter().flatten().next()?;
            status = (!active).then(|| medicine.status.clone());
            if super::medicine::withheld(root) {
                // Why, and never how to take it.
                (DO_NOT_GIVE.to_owned(), medicine.name, medicine.reason, medicine.since)
            } else {
                ("Prescription".to_owned(), medicine.name, medicine.sig, medicine.since)
            }
        }
        Kind::ALLERGY_INTOLERANCE => {
            let all = Allergies::of(one, reading);
            let over = !all.inactive.is_empty();
            let allergy = [all.active, all.denied, all.inactive].into_iter().flatten().next()?;
            status = over.then(|| {
                let said = root.text("clinicalStatus.coding.code").filter(|code| *code != "active");
                said.or_else(|| root.text("verificationStatus.coding.code"))
                    .map_or_else(|| "Inactive".to_owned(), spoken)
            });
            ("Allergy".to_owned(), allergy.line(), None, allergy.recorded)
        }
        Kind::DIAGNOSTIC_REPORT => {
            let report = Report::of(row, reading);
            status.clone_from(&report.status);
            let count = report.results.len();
            let detail = report.conclusion.or_else(|| (count > 0).then(|| count_of(count, "result")));
            ("Report".to_owned(), report.name, detail, report.when)
        }
        Kind::IMMUNIZATION => {
            let shot = care::Shot::of(row, reading);
            let sort = if shot.given { "Immunization" } else { "Not immunized" };
            (sort.to_owned(), shot.vaccine, shot.not_given, shot.when)
        }
        Kind::PROCEDURE => {
            let procedure = care::Procedure::of(row, reading);
            status = procedure.status;
            ("Procedure".to_owned(), procedure.words, procedure.by, procedure.when)
        }
        Kind::DOCUMENT_REFERENCE => {
            let document = Document::of(row, reading);
            status.clone_from(&document.status);
            let sort = if document.note { "Note" } else { "Document" };
            (sort.to_owned(), document.title, document.by, document.when)
        }
        _ => return None,
    };
    let entry = row.handle(clock);
    (entry.error.is_none()).then_some(())?;
    Some(Event { entry, warning: sort == DO_NOT_GIVE, sort, title, status, detail, when: when? })
}
