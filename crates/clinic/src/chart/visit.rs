//! One visit with everything recorded in it.

use super::care::{Procedure, Shot, Visit};
use super::commands::{Ask, Loaded};
use super::document::Document;
use super::medicine::Medicines;
use super::problem::Problems;
use super::report::Report;
use super::result::Observed;
use super::row::{Handle, Row};
use crate::access::{Action, Caller};
use crate::error::{Error, Result};
use fhir::{Id, Key, Kind, PatientId};
use store::Store;
use store::record::Slice;

/// One line of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The entry.
    pub entry: Handle,
    /// Its words.
    pub words: String,
    /// More.
    pub detail: Option<String>,
}

/// What was recorded in a visit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VisitContent {
    /// Conditions.
    pub problems: Vec<Line>,
    /// Prescriptions.
    pub medicines: Vec<Line>,
    /// Procedures.
    pub procedures: Vec<Line>,
    /// Immunizations.
    pub shots: Vec<Line>,
    /// Reports.
    pub reports: Vec<Line>,
    /// Notes and documents.
    pub documents: Vec<Line>,
    /// Vitals and results.
    pub observations: Vec<Observed>,
}

impl VisitContent {
    /// Whether nothing was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let lists = [&self.problems, &self.medicines, &self.procedures, &self.shots, &self.reports, &self.documents];
        lists.iter().all(|list| list.is_empty()) && self.observations.is_empty()
    }
}

pub(super) const KINDS: [Kind; 7] = [
    Kind::CONDITION,
    Kind::MEDICATION_REQUEST,
    Kind::PROCEDURE,
    Kind::IMMUNIZATION,
    Kind::DIAGNOSTIC_REPORT,
    Kind::DOCUMENT_REFERENCE,
    Kind::OBSERVATION,
];

/// Whose visit it is.
///
/// # Errors
/// [`Error::NotFound`] when there is no such visit, or none for this caller.
pub async fn patient_of(store: &dyn Store, caller: &Caller, visit: &str) -> Result<PatientId> {
    let action = if caller.may(Action::ReadClinical) { Action::ReadClinical } else { Action::ReadIdentity };
    let permit = caller.read_practice(action)?;
    let key = Key::new(Kind::ENCOUNTER, Id::parse(visit).map_err(|_| Error::NotFound)?);
    let stored = store.read(&permit, &key).await?.ok_or(Error::NotFound)?;
    stored.for_decision().patient.clone().ok_or(Error::NotFound)
}

impl Ask<'_> {
    /// A visit and what was recorded in it: entries of its chart that name it.
    ///
    /// # Errors
    /// As [`Ask::load`].
    pub async fn visit(&self, visit: &str) -> Result<(Loaded, Visit, VisitContent)> {
        let key = Key::new(Kind::ENCOUNTER, Id::parse(visit).map_err(|_| Error::NotFound)?);
        let slices: Vec<_> = KINDS.iter().map(|kind| Slice::all(*kind)).collect();
        let (loaded, row) = self.entry_of(&key, &slices, "visit").await?;
        let model = Visit::of(&row, &loaded.reading);
        let content = content(&key, &loaded);
        Ok((loaded, model, content))
    }
}

/// What names the visit among what was read.
pub(super) fn content(key: &Key, loaded: &Loaded) -> VisitContent {
    let reading = &loaded.reading;
    let mut content = VisitContent::default();
    let told = |status: Option<String>, more: Option<String>| {
        let said: Vec<_> = [status, more].into_iter().flatten().collect();
        (!said.is_empty()).then(|| said.join(": "))
    };
    let names_it = |row: &Row| {
        let root = row.root();
        let paths = ["encounter", "context", "context.encounter"];
        paths.iter().any(|path| root.reference(path).as_ref() == Some(key))
    };
    for row in loaded.parts.iter().flat_map(|part| &part.rows).filter(|row| names_it(row)) {
        let one = std::slice::from_ref(row);
        let entry = row.handle(&reading.clock);
        match row.key.kind {
            Kind::CONDITION => {
                let all = Problems::of(one, reading);
                let lists = [all.active, all.resolved, all.visit, all.refuted, all.errors];
                content.problems.extend(lists.into_iter().flatten().map(|p| Line {
                    entry: p.entry,
                    words: p.words,
                    detail: Some(p.status),
                }));
            }
            Kind::MEDICATION_REQUEST => {
                let all = Medicines::of(one, reading);
                let lists =
                    [all.withheld, all.active, all.ended, all.held, all.proposed, all.stopped, all.unclear, all.errors];
                let line = |m: super::medicine::Medicine| {
                    let detail = [Some(m.status), m.sig].into_iter().flatten().collect::<Vec<_>>().join(": ");
                    Line { entry: m.entry, words: m.name, detail: Some(detail) }
                };
                content.medicines.extend(lists.into_iter().flatten().map(line));
            }
            Kind::PROCEDURE => {
                let procedure = Procedure::of(row, reading);
                content.procedures.push(Line {
                    entry,
                    words: procedure.words,
                    detail: procedure.status.or(procedure.outcome),
                });
            }
            Kind::IMMUNIZATION => {
                let shot = Shot::of(row, reading);
                let detail =
                    shot.not_given.map(|why| format!("not given: {why}")).or(shot.lot.map(|lot| format!("lot {lot}")));
                content.shots.push(Line { entry, words: shot.vaccine, detail });
            }
            Kind::DIAGNOSTIC_REPORT => {
                let report = Report::of(row, reading);
                content.reports.push(Line {
                    entry,
                    words: report.name,
                    detail: told(report.status, report.conclusion),
                });
            }
            Kind::DOCUMENT_REFERENCE => {
                let document = Document::of(row, reading);
                content.documents.push(Line {
                    entry,
                    words: document.title,
                    detail: told(document.status, document.by),
                });
            }
            _ => content.observations.push(Observed::of(row, reading)),
        }
    }
    content
}
