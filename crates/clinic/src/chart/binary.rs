//! Whose a Binary is. It belongs to no chart itself: what refers to it, and its security context, tell.
//!
//! All is looked up across the practice, whatever the caller may read, to decide or to audit; nothing found is shown.

use super::row::Row;
use crate::access::{Action, Caller};
use crate::error::{Error, Result};
use fhir::search::query::MOST_COUNT;
use fhir::search::{Handling, Query};
use fhir::{Key, Kind, PatientId};
use store::Store;
use store::record::Stored;

/// So many earlier versions of a Binary are looked for by address.
const VERSIONS: u32 = 20;

/// Whether a Binary may be shown with a patient's chart: its security context is not another's, and no document of another chart names it.
///
/// # Errors
/// What the store says.
pub async fn belongs(store: &dyn Store, caller: &Caller, patient: &PatientId, binary: &Stored) -> Result<bool> {
    if binary.deleted || binary.patient.as_ref().is_some_and(|whose| whose != patient) {
        return Ok(false);
    }
    let context_allows = match context(store, caller, binary).await? {
        Context::None => true,
        Context::Of(whose) => whose.is_none_or(|whose| whose == *patient),
        Context::Unknown => false,
    };
    if !context_allows {
        return Ok(false);
    }
    let (whose, more) = named_by(store, caller, binary).await?;
    // More than a page cannot be told to be of this chart alone.
    Ok(!more && whose.iter().all(|whose| whose.as_ref() == Some(patient)))
}

/// The patients a Binary tells of: its security context's, and those whose documents name it. For the audit trail.
///
/// # Errors
/// What the store says.
pub async fn patients(store: &dyn Store, caller: &Caller, binary: &Stored) -> Result<Vec<PatientId>> {
    let mut patients: Vec<PatientId> = named_by(store, caller, binary).await?.0.into_iter().flatten().collect();
    if let Context::Of(Some(patient)) = context(store, caller, binary).await? {
        patients.push(patient);
    }
    patients.sort();
    patients.dedup();
    Ok(patients)
}

/// What stands for a Binary's privacy (<http://hl7.org/fhir/R4/binary-definitions.html#Binary.securityContext>).
enum Context {
    /// Nothing is named.
    None,
    /// A resource of this chart, or of none.
    Of(Option<PatientId>),
    /// A resource that is not here.
    Unknown,
}

async fn context(store: &dyn Store, caller: &Caller, binary: &Stored) -> Result<Context> {
    let Some(row) = Row::read(binary) else { return Ok(Context::None) };
    let Some(named) = row.root().text("securityContext.reference").and_then(Key::parse) else {
        return Ok(Context::None);
    };
    if named.kind == Kind::PATIENT {
        return Ok(Context::Of(Some(PatientId::new(named.id))));
    }
    let permit = lookup(caller).read_practice(Action::ReadClinical)?;
    let found = store.read(&permit, &named).await?;
    Ok(found.map_or(Context::Unknown, |found| Context::Of(found.for_decision().patient.clone())))
}

/// The charts whose documents name it, and whether there are more than were looked at.
async fn named_by(store: &dyn Store, caller: &Caller, binary: &Stored) -> Result<(Vec<Option<PatientId>>, bool)> {
    let permit = lookup(caller).read_practice(Action::ReadClinical)?;
    let key = &binary.key;
    let oldest = binary.version.saturating_sub(VERSIONS).max(1);
    let versions = (oldest..=binary.version).map(|version| format!(",{key}/_history/{version}"));
    let pairs = [
        ("location".to_owned(), key.to_string() + &versions.collect::<String>()),
        ("_count".to_owned(), MOST_COUNT.to_string()),
    ];
    let (query, _) =
        Query::parse(Kind::DOCUMENT_REFERENCE, &pairs, Handling::Strict, caller.at).map_err(Error::Invalid)?;
    let page = store.search(&permit, &query, None).await?;
    let page = page.for_decision();
    Ok((page.matches.iter().map(|found| found.patient.clone()).collect(), page.next.is_some()))
}

/// The program itself, looking on behalf of this request.
fn lookup(caller: &Caller) -> Caller {
    Caller::program("binary", caller.at, caller.request)
}
