//! The cosignature: a supervisor validates a signed note, having seen it and the chart beside it. The note does not change: a Provenance
//! with a signature over it comes to it, and its DocumentReference comes to say that it is final.

use super::commands::{draft, on_chart};
use super::proof::{self, Signature, Worth};
use super::signed::COSIGN;
use super::signing::Seen;
use crate::access::Action;
use crate::chart::Ask;
use crate::error::{Error, Result};
use crate::record::{self, Edit, instant, read_body};
use fhir::edit::correction::is_marked;
use fhir::edit::note::{self, COSIGNATURE};
use fhir::{Id, Key, Kind};
use store::Role;
use store::audit::Entry;
use store::draft::{DraftAct, DraftChange, DraftState};
use uuid::Uuid;

/// What a cosigner sends.
pub struct Cosign<'a> {
    /// The patient the page showed.
    pub shown: &'a str,
    /// The version of the Patient that was shown; none answers 428.
    pub version: Option<u32>,
    /// The note.
    pub note: Uuid,
    /// [`Seen::mark`] of the chart that stood beside the note.
    pub seen: &'a str,
    /// The cosigner's name, as it is shown.
    pub by: &'a str,
    /// The id for the Provenance.
    pub proof: Uuid,
}

/// Cosigns a note of the chart that `ask` names. `seen`: the chart as it is now. Cosigned before by the same person: nothing changes.
///
/// # Errors
/// [`Error::WrongPatient`], [`Error::VersionMissing`], [`Error::Stale`] as for signing; [`Error::Conflict`] when the note does not wait for
/// a cosignature, is marked as entered in error, is not what was signed, or the chart beside it changed since it was shown;
/// [`Error::NotPermitted`] for anybody but the cosigner.
pub async fn cosign(ask: &Ask<'_>, cosign: &Cosign<'_>, seen: &Seen) -> Result<()> {
    let (store, caller, patient) = (ask.store, ask.caller, &ask.patient);
    let permit = caller.write_chart(Action::WriteNotes, patient)?;
    if cosign.shown != patient.as_str() {
        return Err(Error::WrongPatient);
    }
    let version = cosign.version.ok_or(Error::VersionMissing)?;
    let draft = draft(store, caller, patient, cosign.note).await?.for_decision().clone();
    if !draft.is_signed() {
        return Err(Error::NotFound);
    }
    if draft.cosigner != Some(caller.actor.id) || caller.actor.role != Some(Role::Clinician) {
        return Err(Error::NotPermitted);
    }
    if draft.state == DraftState::Signed {
        return Ok(());
    }
    if !seen.entries().contains(&(patient.key(), version)) {
        return Err(Error::Stale);
    }
    let id = Id::from_uuid(cosign.note);
    let (key, document) = (Key::new(Kind::COMPOSITION, id.clone()), Key::new(Kind::DOCUMENT_REFERENCE, id.clone()));
    let stored = store.read(permit.reading(), &document).await?.ok_or(Error::NotFound)?;
    let stored = stored.for_decision();
    let mut body = read_body(&stored.body)?;
    if is_marked(&body) {
        return Err(Error::Conflict("this note is marked as entered in error: it is not cosigned".to_owned()));
    }
    let signatures = proof::of(ask, &id).await?;
    let of_author = |signature: &Signature| !signature.cosigned && signature.worth == Worth::Holds;
    if !signatures.for_decision().signatures.iter().any(of_author) {
        return Err(Error::Conflict("this is not what its author signed: it is not cosigned".to_owned()));
    }
    if seen.mark() != cosign.seen {
        let text = "the chart beside this note, or what was added to it, changed since you opened it: look once more, then cosign";
        return Err(Error::Conflict(text.to_owned()));
    }
    let composition = store.read_version(permit.reading(), &key, 1).await?.ok_or(Error::NotFound)?;
    let composition = read_body(&composition.for_decision().body)?;
    let at = instant(caller.at);
    let signer = caller.signer(cosign.by);
    let mut proof = note::provenance((&key, 1, &draft.kind), patient, &signer, COSIGNATURE, &at, seen.entries());
    let signature = store.note_keys().sign(&note::message(&composition, &proof));
    note::put_signature(&mut proof, &signature);
    note::put_cosigned(&mut body);
    let edits = vec![
        Edit::Create { key: Key::new(Kind::PROVENANCE, Id::from_uuid(cosign.proof)), body: proof },
        Edit::Update { key: document, based_on: stored.version, body },
    ];
    let change = DraftChange { id: cosign.note, patient: patient.clone(), what: DraftAct::Cosign };
    let audit = Entry { detail: draft.kind, ..on_chart(caller, COSIGN, patient, cosign.note) };
    record::save_with_draft(store, &permit, edits, change, audit).await.map(|_written| ())
}
