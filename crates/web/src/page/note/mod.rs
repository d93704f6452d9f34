//! Notes: begun, typed, signed; and the lists of what is not signed yet.

pub mod begin;
pub mod cosign;
pub mod discard;
pub mod editor;
pub mod list;
pub mod moving;
pub mod saving;
pub mod seen;
pub mod sign;
pub mod signed;

use crate::PageError;
use clinic::Error;
use clinic::chart::Ask;
use clinic::chart::care::Visit;
use clinic::chart::summary::Summary;
use fhir::{Id, Key, Kind, PatientId};
use uuid::Uuid;

/// The chart and the draft that an address names.
fn named(id: &str, draft: &str) -> Result<(PatientId, Uuid), PageError> {
    let patient = PatientId::parse(id).map_err(|_| PageError::not_found())?;
    let draft = Uuid::try_parse(draft).map_err(|_| PageError::not_found())?;
    Ok((patient, draft))
}

/// As [`named`], of a form: it must be of the patient whose page showed it.
fn posted(id: &str, draft: &str, shown: &str) -> Result<(PatientId, Uuid), PageError> {
    if shown != id {
        return Err(clinic::Error::WrongPatient.into());
    }
    named(id, draft)
}

/// `name revision`, separated by commas: sections as a window knows them.
fn revisions(text: &str) -> impl Iterator<Item = (String, u32)> {
    let pairs = text.split(',').filter_map(|pair| pair.trim().rsplit_once(' '));
    pairs.filter_map(|(name, at)| Some((name.to_owned(), at.parse().ok()?)))
}

/// The visit of an id.
fn visit_key(id: &str) -> Result<Key, PageError> {
    Ok(Key::new(Kind::ENCOUNTER, Id::parse(id).map_err(|_| PageError::not_found())?))
}

/// Why the patient comes, where the note is of a visit: also of one that is older than those of the Summary.
async fn reason(ask: &Ask<'_>, summary: &Summary, visit: Option<&str>) -> Result<Option<String>, PageError> {
    let Some(visit) = visit else { return Ok(None) };
    if let Some(known) = summary.visits.iter().find(|known| known.entry.key.id.as_str() == visit) {
        return Ok(known.reason.clone());
    }
    match ask.entry_of(&visit_key(visit)?, &[], "visit").await {
        Ok((loaded, row)) => Ok(Visit::of(&row, &loaded.reading).reason),
        // What is wrong with the visit is said where the note is begun.
        Err(Error::NotFound | Error::Gone) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Where a draft is written.
#[must_use]
pub fn address(patient: &PatientId, draft: Uuid) -> String {
    format!("/patients/{patient}/drafts/{draft}")
}
