//! One visit with everything recorded in it, and the workspace in which it is documented.

use super::care::{Procedure, Shot, Visit};
use super::commands::{Ask, Loaded, summarize};
use super::document::Document;
use super::medicine::Medicines;
use super::report::Report;
use super::result::Observed;
use super::row::{Handle, Names, Reading, Row};
use super::summary::{self, Summary};
use crate::access::{Action, Caller};
use crate::diagnosis::{self, Ranked};
use crate::error::{Error, Result};
use crate::record::search;
use fhir::{Id, Key, Kind, PatientId};
use store::draft::{Draft, DraftsOf};
use store::record::{Slice, Stored};
use store::{Permit, Sealed, Store};

/// One line of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The entry.
    pub entry: Handle,
    /// Its words.
    pub words: String,
    /// More.
    pub detail: Option<String>,
    /// Whether it is there or took place: a procedure that was not done and a vaccine that was not given stand in the chart too.
    pub done: bool,
}

/// What was recorded in a visit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VisitContent {
    /// Diagnoses, by rank.
    pub diagnoses: Vec<Ranked>,
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
        let lists = [&self.medicines, &self.procedures, &self.shots, &self.reports, &self.documents];
        lists.iter().all(|list| list.is_empty()) && self.observations.is_empty() && self.diagnoses.is_empty()
    }
}

/// What may name a visit, and by which search parameter it is found; immunizations have none in R4.
const OF_A_VISIT: [(Kind, &str); 7] = [
    (Kind::CONDITION, "Condition:encounter"),
    (Kind::MEDICATION_REQUEST, "MedicationRequest:encounter"),
    (Kind::PROCEDURE, "Procedure:encounter"),
    (Kind::DIAGNOSTIC_REPORT, "DiagnosticReport:encounter"),
    (Kind::DOCUMENT_REFERENCE, "DocumentReference:encounter"),
    (Kind::OBSERVATION, "Observation:encounter"),
    (Kind::IMMUNIZATION, ""),
];

/// Everything a visit's page works with.
pub struct Workspace {
    /// The chart.
    pub loaded: Loaded,
    /// What stands beside the visit.
    pub summary: Summary,
    /// The visit.
    pub visit: Visit,
    /// What was recorded in it.
    pub content: VisitContent,
    /// Notes of it that are being written.
    pub drafts: Vec<Draft>,
}

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
    pub async fn visit(&self, visit: &str, more: &[Slice]) -> Result<(Loaded, Visit, VisitContent)> {
        let read = self.read_visit(visit, more).await?;
        Ok(opened(self.release(read, "visit").await?, more.len()))
    }

    /// As [`Self::visit`], still sealed.
    pub(super) async fn read_visit(&self, visit: &str, more: &[Slice]) -> Result<Sealed<ReadVisit>> {
        let key = key(visit)?;
        let of_it = if self.as_of.is_some() { OF_A_VISIT.len() } else { 1 };
        // Going back in time reads the whole chart anyway.
        let own = OF_A_VISIT.iter().rev().take(of_it).map(|(kind, _)| Slice::all(*kind));
        let slices: Vec<_> = more.iter().cloned().chain(own).collect();
        let found = self.find_entry(&key, &slices).await?;
        let rows = match self.as_of {
            None => self.recorded_in(&found.for_decision().1).await?,
            Some(_) => Sealed::empty((Vec::new(), Vec::new())),
        };
        Ok(found.zip(rows))
    }

    /// The visit as it is now, with the chart beside it and the notes that are being written.
    ///
    /// # Errors
    /// As [`Ask::load`].
    pub async fn workspace(&self, visit: &str) -> Result<Workspace> {
        let found = self.find_entry_only(&key(visit)?, &summary::slices(), summary::shows).await?;
        let rows = self.recorded_in(&found.for_decision().1).await?;
        let drafts = self.store.drafts(&self.permit()?, &DraftsOf::Patient(self.patient.clone())).await?;
        let (((mut loaded, row), rows), drafts) = self.release(found.zip(rows).zip(drafts), "visit").await?;
        let rows = name(&mut loaded, &rows);
        let all: Vec<_> = loaded.rows(summary::place::SHOTS).iter().chain(&rows).collect();
        let content = content(&row, &all, &loaded.reading);
        let of_it = |draft: &Draft| draft.visit.as_deref() == Some(row.key.id.as_str());
        Ok(Workspace {
            summary: summarize(&loaded),
            visit: Visit::of(&row, &loaded.reading),
            drafts: drafts.into_iter().filter(of_it).collect(),
            content,
            loaded,
        })
    }

    /// What names a visit or is named by it, and who is named there: found by the index, however long the chart is.
    async fn recorded_in(&self, visit: &Row) -> Result<Sealed<Recorded>> {
        let permit = self.permit()?;
        let named = OF_A_VISIT.iter().filter(|(_, by)| !by.is_empty()).map(|(_, by)| ("_revinclude", *by));
        let asked: Vec<_> = std::iter::once(("_id", visit.key.id.as_str())).chain(named).collect();
        let found = search(self.store, &permit, Kind::ENCOUNTER, &asked, self.caller).await?;
        let found = diagnosis::with_named(self.store, &permit, visit, found).await?;
        self.names_in(&permit, found).await
    }

    async fn names_in(&self, permit: &Permit, found: Sealed<Vec<Stored>>) -> Result<Sealed<Recorded>> {
        let keys = Names::wanted(&Row::read_all(found.for_decision()));
        Ok(found.zip(self.store.read_many(permit, &keys).await?))
    }
}

/// Entries, and who is named in them.
type Recorded = (Vec<Stored>, Vec<Stored>);

/// A chart, a visit of it, and what was recorded in the visit.
pub(super) type ReadVisit = ((Loaded, Row), Recorded);

/// What was read of a visit, as models; `more`: how many slices were asked for besides.
pub(super) fn opened(((mut loaded, row), rows): ReadVisit, more: usize) -> (Loaded, Visit, VisitContent) {
    let rows = name(&mut loaded, &rows);
    let all = loaded.parts.iter().skip(more).flat_map(|part| &part.rows).chain(&rows).collect::<Vec<_>>();
    let (visit, content) = (Visit::of(&row, &loaded.reading), content(&row, &all, &loaded.reading));
    (loaded, visit, content)
}

/// The entries, parsed, once the names in them are known.
fn name(loaded: &mut Loaded, (entries, named): &Recorded) -> Vec<Row> {
    loaded.reading.names.extend(Names::of(&Row::read_all(named)));
    Row::read_all(entries)
}

fn key(visit: &str) -> Result<Key> {
    Ok(Key::new(Kind::ENCOUNTER, Id::parse(visit).map_err(|_| Error::NotFound)?))
}

fn content(visit: &Row, rows: &[&Row], reading: &Reading) -> VisitContent {
    let conditions: Vec<_> = rows.iter().copied().filter(|row| row.key.kind == Kind::CONDITION).collect();
    let mut content =
        VisitContent { diagnoses: diagnosis::ranked(visit, &conditions, reading), ..VisitContent::default() };
    let told = |status: Option<String>, more: Option<String>| {
        let said: Vec<_> = [status, more].into_iter().flatten().collect();
        (!said.is_empty()).then(|| said.join(": "))
    };
    let names_it = |row: &Row| {
        let root = row.root();
        let paths = ["encounter", "context", "context.encounter"];
        paths.iter().any(|path| {
            root.each(path)
                .iter()
                .any(|named| named.text("reference").and_then(Key::parse).as_ref() == Some(&visit.key))
        })
    };
    for row in rows.iter().copied().filter(|row| names_it(row)) {
        let one = std::slice::from_ref(row);
        let entry = row.handle(&reading.clock);
        match row.key.kind {
            Kind::MEDICATION_REQUEST => {
                let all = Medicines::of(one, reading);
                let lists =
                    [all.withheld, all.active, all.ended, all.held, all.proposed, all.stopped, all.unclear, all.errors];
                let line = |m: super::medicine::Medicine| {
                    let detail = [Some(m.status), m.sig].into_iter().flatten().collect::<Vec<_>>().join(": ");
                    Line { entry: m.entry, words: m.name, detail: Some(detail), done: true }
                };
                content.medicines.extend(lists.into_iter().flatten().map(line));
            }
            Kind::PROCEDURE => {
                let procedure = Procedure::of(row, reading);
                content.procedures.push(Line {
                    entry,
                    words: procedure.words,
                    done: procedure.status.is_none(),
                    detail: procedure.status.or(procedure.outcome),
                });
            }
            Kind::IMMUNIZATION => {
                let shot = Shot::of(row, reading);
                let detail =
                    shot.not_given.map(|why| format!("not given: {why}")).or(shot.lot.map(|lot| format!("lot {lot}")));
                content.shots.push(Line { entry, words: shot.vaccine, detail, done: shot.given });
            }
            Kind::DIAGNOSTIC_REPORT => {
                let report = Report::of(row, reading);
                content.reports.push(Line {
                    entry,
                    words: report.name,
                    detail: told(report.status, report.conclusion),
                    done: true,
                });
            }
            Kind::DOCUMENT_REFERENCE => {
                let document = Document::of(row, reading);
                content.documents.push(Line {
                    entry,
                    words: document.title,
                    detail: told(document.status, document.by),
                    done: true,
                });
            }
            Kind::OBSERVATION => content.observations.push(Observed::of(row, reading)),
            _ => {}
        }
    }
    content
}
