//! What is printed of a chart: a visit for the patient, a note for the file. The trail tells it from what was only read.

use super::care::Visit;
use super::commands::{Ask, Loaded};
use super::document::Document;
use super::file::section;
use super::medicine::Medicines;
use super::row::Row;
use super::visit::{VisitContent, opened};
use crate::error::{Error, Result};
use crate::note::proof::{self, Proof};
use fhir::edit::note::{NOTHING, SIGNED};
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
    /// What its signed notes advise: heading and text.
    pub advice: Vec<(String, String)>,
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

/// The sections of a note that are written for the patient to act on. The rest of a note is not in plain words, and is printed as a note.
const ADVICE: [&str; 4] = ["Instructions for the patient", "Instructions", "Advice", "Follow-up"];

/// What is read beside the visit: medicines of the whole chart, and its notes.
const MORE: [Kind; 3] = [Kind::MEDICATION_REQUEST, Kind::MEDICATION_STATEMENT, Kind::COMPOSITION];

impl Ask<'_> {
    /// A visit with what its patient should leave with.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not in this chart; what the store says.
    pub async fn print_visit(&self, visit: &str) -> Result<PrintedVisit> {
        let more = MORE.map(Slice::all);
        let read = self.read_visit(visit, &more).await?;
        let (loaded, visit, content) = opened(self.printed(read, "visit summary").await?, more.len());
        let [requests, statements, notes] = [0, 1, 2].map(|place| loaded.rows(place));
        let mut medicines = Medicines::of(requests, &loaded.reading);
        medicines.add(Medicines::of(statements, &loaded.reading));
        let of_it = |note: &&Row| note.root().reference("encounter").as_ref() == Some(&visit.entry.key);
        let advice = notes.iter().filter(of_it).flat_map(|note| advice(note, &loaded)).collect();
        Ok(PrintedVisit { visit, content, medicines, advice, loaded })
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
        let sections = row.root().each("section").into_iter().filter_map(section).collect();
        Ok(PrintedNote { loaded, document, sections, proof })
    }

    async fn printed<T: Send>(&self, sealed: Sealed<T>, what: &str) -> Result<T> {
        let entry = Entry { action: "chart.print".to_owned(), ..self.entry(what) };
        Ok(self.store.release(sealed, entry).await?)
    }
}

/// What a signed note advises; nothing of one entered in error.
fn advice(note: &Row, loaded: &Loaded) -> Vec<(String, String)> {
    let signed = note.root().extension(SIGNED).is_some() && note.handle(&loaded.reading.clock).error.is_none();
    let sections = note.root().each("section").into_iter().filter_map(section);
    let advises = |heading: &str, text: &str| ADVICE.contains(&heading) && text.trim() != NOTHING;
    sections.filter(|(heading, text)| signed && advises(heading, text)).collect()
}
