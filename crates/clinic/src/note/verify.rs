//! Every signed note of a practice proved: what stands is what was signed, and what claims to be signed is.

use super::signed::same;
use crate::access::{Action, Caller};
use crate::error::Result;
use fhir::edit::note::{self, AUTHOR_SIGNATURE, COSIGNATURE};
use fhir::{Id, Key, Kind, PatientId, json};
use serde_json::Value;
use std::collections::BTreeMap;
use store::Store;
use store::draft::DraftState;
use store::record::{HistoryOf, HistoryQuery, Stored};
use uuid::Uuid;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notes {
    /// Notes whose signatures hold.
    pub whole: u64,
    /// Of these, those that wait for a cosignature.
    pub awaiting: u64,
    /// Notes that are not as they were signed, or bear no signature of this practice: key and what is wrong.
    pub bad: Vec<(Key, &'static str)>,
}

/// Proves every note that says it was signed in Chartroom.
///
/// # Errors
/// What the store says.
pub async fn verify(store: &dyn Store, caller: &Caller) -> Result<Notes> {
    let mut proofs: BTreeMap<Id, Vec<Value>> = BTreeMap::new();
    each(store, caller, Kind::PROVENANCE, |stored| {
        let Ok(proof) = json::parse(&stored.body) else { return };
        if note::signed_kind(&proof).is_none() {
            return;
        }
        let target =
            proof.pointer("/target/0/reference").and_then(Value::as_str).and_then(|text| text.split_once("/_history"));
        if let Some(key) = target.and_then(|(key, _)| Key::parse(key)) {
            proofs.entry(key.id).or_default().push(proof);
        }
    })
    .await?;
    // Newest first: the version that stands comes before the one that was signed.
    let mut stands: BTreeMap<Id, Option<Value>> = BTreeMap::new();
    let mut notes = Notes::default();
    let mut uncosigned: Vec<(Key, Option<PatientId>)> = Vec::new();
    each(store, caller, Kind::COMPOSITION, |stored| {
        let said = json::parse(&stored.body).ok();
        let newest = stands.entry(stored.key.id.clone()).or_insert_with(|| said.clone());
        if stored.version != 1 {
            return;
        }
        let signed_here =
            [newest.as_ref(), said.as_ref()].into_iter().flatten().any(|body| note::signed_kind(body).is_some());
        let of_note = proofs.remove(&stored.key.id);
        if !signed_here && of_note.is_none() {
            return;
        }
        let of_note = of_note.unwrap_or_default();
        let cosigned = of_note.iter().any(|proof| note::is_signature(proof, COSIGNATURE));
        match wrong(store, newest.as_ref(), said.as_ref(), &of_note) {
            None if !cosigned && said.as_ref().and_then(note::cosigner).is_some() => {
                uncosigned.push((stored.key.clone(), stored.patient.clone()));
            }
            None => notes.whole += 1,
            Some(what) => notes.bad.push((stored.key.clone(), what)),
        }
    })
    .await?;
    for id in proofs.into_keys() {
        notes.bad.push((Key::new(Kind::COMPOSITION, id), "it was signed, and is not there"));
    }
    for (key, patient) in uncosigned {
        if awaits(store, caller, &key, patient.as_ref()).await? {
            notes.whole += 1;
            notes.awaiting += 1;
        } else {
            notes.bad.push((key, "it was cosigned, and the cosignature is not there"));
        }
    }
    Ok(notes)
}

/// Whether a note that is not cosigned still waits to be.
async fn awaits(store: &dyn Store, caller: &Caller, key: &Key, patient: Option<&PatientId>) -> Result<bool> {
    let permit = caller.read_practice(Action::ReadClinical)?;
    let (Some(patient), Ok(id)) = (patient, Uuid::try_parse(key.id.as_str())) else { return Ok(false) };
    let draft = store.draft(&permit, patient, id).await?;
    Ok(draft.is_some_and(|draft| draft.for_decision().state == DraftState::Awaiting))
}

fn wrong(store: &dyn Store, newest: Option<&Value>, first: Option<&Value>, proofs: &[Value]) -> Option<&'static str> {
    let (Some(newest), Some(first)) = (newest, first) else { return Some("it cannot be read") };
    if !proofs.iter().any(|proof| note::is_signature(proof, AUTHOR_SIGNATURE)) {
        return Some("no signature of this practice belongs to it");
    }
    let keys = store.note_keys();
    let holds =
        |proof: &Value| note::signature(proof).is_some_and(|data| keys.signed(&note::message(first, proof), &data));
    if !proofs.iter().all(holds) {
        return Some("its text or its signature is not what was signed");
    }
    (!same(newest, first)).then_some("what stands is not the version that was signed")
}

/// Every version of a type, newest first.
async fn each(store: &dyn Store, caller: &Caller, kind: Kind, mut take: impl FnMut(&Stored) + Send) -> Result<()> {
    let permit = caller.read_practice(Action::ReadClinical)?;
    let mut before = None;
    loop {
        let query = HistoryQuery { of: HistoryOf::Kind(kind), since: None, until: None, count: 500, before };
        let page = store.history(&permit, &query).await?;
        let page = page.for_decision();
        page.iter().for_each(&mut take);
        match page.last() {
            Some(last) => before = Some(last.sequence),
            None => return Ok(()),
        }
    }
}
