//! Filing: permit, the chart as the page showed it, the file told, both resources and the audit entry in one transaction.

use super::form::{FilingForm, check};
use super::kinds::offered;
use crate::access::{Action, Caller};
use crate::error::{Error, Result};
use crate::record::{self, Edit};
use crate::shown::{self, Shown};
use fhir::edit::document::NewDocument;
use fhir::{Id, Key, Kind, PatientId};
use jiff::civil::Date;
use store::Store;
use store::audit::Entry;
use store::record::Idempotency;

/// A document on its way into a chart.
pub struct Filing<'a> {
    /// The chart in the address.
    pub patient: PatientId,
    /// The patient the page showed.
    pub shown: &'a str,
    /// The version of the Patient the page showed; none answers 428.
    pub version: Option<u32>,
    /// What was typed.
    pub form: FilingForm,
    /// The file.
    pub bytes: &'a [u8],
    /// Today in the practice.
    pub today: Date,
    /// The form's own key: sent twice, it files once.
    pub once: &'a str,
    /// Ids for the document and its bytes.
    pub ids: [Id; 2],
}

/// Files it. Answers with the document's key: the earlier one's when the same form came before.
///
/// # Errors
/// [`Error::Fields`]; [`Error::WrongPatient`], [`Error::VersionMissing`], [`Error::Stale`] when the page showed another patient, or one
/// whose identity changed since; [`Error::NotPermitted`]; what the store says. Nothing is filed then.
pub async fn file(store: &dyn Store, caller: &Caller, filing: Filing<'_>) -> Result<Key> {
    let permit = caller.write_chart(Action::FileDocuments, &filing.patient)?;
    shown::patient(store, caller, &filing.patient, Shown { patient: filing.shown, version: filing.version }).await?;
    let checked = check(&filing.form, filing.bytes, offered(caller), filing.today).map_err(Error::Fields)?;
    let (day, filed) = (checked.day.to_string(), caller.at.to_string());
    let new = NewDocument {
        patient: &filing.patient,
        title: &checked.title,
        kind: checked.kind.words,
        loinc: checked.kind.loinc,
        administrative: checked.kind.administrative,
        day: &day,
        from: &checked.from,
        filed: &filed,
        media_type: checked.paper.media_type(),
    };
    let [document, binary] = &filing.ids;
    let key = Key::new(Kind::DOCUMENT_REFERENCE, document.clone());
    let edits = vec![
        Edit::Create { key: key.clone(), body: new.reference(document, binary, filing.bytes.len()) },
        Edit::Create { key: Key::new(Kind::BINARY, binary.clone()), body: new.binary(binary, filing.bytes) },
    ];
    let audit = Entry { detail: checked.kind.slug.to_owned(), ..caller.entry("document.file") };
    let written = record::save(store, &permit, edits, once(&filing, &new), audit).await?;
    let filed = written.into_iter().find(|written| written.key.kind == Kind::DOCUMENT_REFERENCE);
    filed.map(|written| written.key).ok_or(Error::NotFound)
}

/// The same key with the same document is the same request; with another it is refused.
fn once(filing: &Filing<'_>, new: &NewDocument<'_>) -> Option<Idempotency> {
    let said = [new.patient.as_str(), new.title, new.kind, new.day, new.from, new.media_type];
    shown::once("file", filing.once, said.into_iter().map(str::as_bytes).chain([filing.bytes]))
}
