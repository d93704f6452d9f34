//! What is printed of a chart: a visit for the patient, a note for the file. The trail tells it from what was only read.

use super::advice::{self, Advice};
use super::care::Visit;
use super::commands::{Ask, Loaded};
use super::document::Document;
use super::file::sections;
use super::medicine::{Medicine, Medicines, withheld};
use super::row::{Reading, Row};
use super::visit::{VisitContent, opened};
use super::when::When;
use crate::error::{Error, Result};
use crate::note::proof::{self, Proof};
use fhir::{Id, Key, Kind};
use store::Sealed;
use store::audit::Entry;
use store::record::Slice;

/// A visit as its patient takes it home.
pub struct PrintedVisit {
    /// Whose, with the allergies.
    pub loaded: Loaded,
    /// The visit.
    pub visit: Visit,
    /// What was recorded in it.
    pub content: VisitContent,
    /// Every medicine of the chart, not only the visit's.
    pub medicines: Medicines,
    /// Of these, what was stopped in the visit or since it began.
    pub stopped: Vec<Medicine>,
    /// What its signed notes advise.
    pub advice: Vec<Advice>,
}

/// A note as it is kept on paper.
pub struct PrintedNote {
    /// Whose.
    pub loaded: Loaded,
    /// The note.
    pub document: Document,
    /// Its sections: heading and text.
    pub sections: Vec<(String, String)>,
    /// Who signed it and whether it is still what was signed.
    pub proof: Proof,
}

/// What is read beside the visit: medicines of the whole chart, and its notes.
const MORE: [Kind; 3] = [Kind::MEDICATION_REQUEST, Kind::MEDICATION_STATEMENT, Kind::COMPOSITION];
/// The place of the notes among them.
const NOTES: usize = 2;

impl Ask<'_> {
    /// A visit with what its patient should leave with.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not in this chart; what the store says.
    pub async fn print_visit(&self, visit: &str) -> Result<PrintedVisit> {
        let more = MORE.map(Slice::all);
        let read = self.read_visit(visit, &more).await?;
        let ((chart, row), _) = read.for_decision();
        let advice = advice::of_visit(self, chart, chart.rows(NOTES), &row.key).await?;
        let (read, advice) = self.printed(read.zip(advice), "visit summary").await?;
        let (loaded, visit, content) = opened(read, more.len());
        let [requests, statements] = [0, 1].map(|place| loaded.rows(place));
        let mut medicines = Medicines::of(requests, &loaded.reading);
        medicines.add(Medicines::of(statements, &loaded.reading));
        let stopped = stopped(&visit, requests.iter().chain(statements), &loaded.reading);
        Ok(PrintedVisit { visit, content, medicines, stopped, advice, loaded })
    }

    /// A note with its signatures.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not in this chart; what the store says.
    pub async fn print_note(&self, note: &str) -> Result<PrintedNote> {
        let id = Id::parse(note).map_err(|_| Error::NotFound)?;
        let found = self.find_entry(&Key::new(Kind::COMPOSITION, id.clone()), &[]).await?;
        let proof = proof::of(self, &id).await?;
        let ((loaded, row), proof) = self.printed(found.zip(proof), "note").await?;
        let document = Document::of(&row, &loaded.reading);
        let sections = sections(&row);
        Ok(PrintedNote { loaded, document, sections, proof })
    }

    async fn printed<T: Send>(&self, sealed: Sealed<T>, what: &str) -> Result<T> {
        let entry = Entry { action: "chart.print".to_owned(), ..self.entry(what) };
        Ok(self.store.release(sealed, entry).await?)
    }
}

/// What is no longer taken since a visit: what names the visit, what ended on its day or later, and what an entry of before came to say
/// since. Orders that something must not be given are no medicines.
fn stopped<'a>(visit: &Visit, rows: impl Iterator<Item = &'a Row>, reading: &Reading) -> Vec<Medicine> {
    let began = visit.when.as_ref();
    let since = |row: &Row, medicine: &Medicine| {
        let named =
            ["encounter", "context"].iter().any(|path| row.root().reference(path).as_ref() == Some(&visit.entry.key));
        let ended = match (medicine.ended.as_ref().and_then(When::last_day), began.and_then(|began| began.day)) {
            (Some(ended), Some(day)) => ended >= day,
            // When it was stopped is not said: it was when an entry that was here came to say so. What came so is of an unknown day.
            (None, Some(_)) => row.version > 1 && began.is_some_and(|began| row.recorded_at >= began.at),
            (_, None) => false,
        };
        named || ended
    };
    let medicines = rows.filter(|row| !withheld(row.root())).flat_map(|row| {
        let all = Medicines::of(std::slice::from_ref(row), reading).stopped.into_iter();
        all.filter(move |medicine| since(row, medicine)).collect::<Vec<_>>()
    });
    medicines.collect()
}
