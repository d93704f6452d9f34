//! What the signed notes of a visit advise its patient to do, and what was added to them. Only what is proved to be as it was signed counts:
//! a patient acts on it at home.

use super::commands::{Ask, Loaded};
use super::file;
use super::row::Row;
use crate::error::Result;
use crate::note::proof::{self, Proof};
use fhir::edit::note::{NOTHING, SIGNED};
use fhir::{Id, Key};
use std::collections::VecDeque;
use store::Sealed;

/// The advice of one note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// Heading and text.
    pub sections: Vec<(String, String)>,
    /// Whose cosignature the note waits for.
    pub awaits: Option<String>,
    /// What was added to it, oldest first.
    pub added: Vec<Added>,
}

/// A signed addendum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The day it was written.
    pub day: String,
    /// Its text.
    pub text: String,
    /// Whose cosignature it waits for.
    pub awaits: Option<String>,
}

/// The sections of a note that are written for the patient to act on. The rest of a note is not in plain words, and is printed as a note.
const FOR_PATIENTS: [&str; 4] = ["Instructions for the patient", "Instructions", "Advice", "Follow-up"];

/// What the notes of a visit advise, oldest first. `notes`: the Compositions of its chart.
///
/// # Errors
/// What the store says.
pub(super) async fn of_visit(
    ask: &Ask<'_>,
    loaded: &Loaded,
    notes: &[Row],
    visit: &Key,
) -> Result<Sealed<Vec<Advice>>> {
    let clock = &loaded.reading.clock;
    let signed = |note: &&Row| note.root().extension(SIGNED).is_some() && note.handle(clock).error.is_none();
    let of_it = |note: &&Row| note.root().reference("encounter").as_ref() == Some(visit);
    let mut notes: Vec<&Row> = notes.iter().filter(of_it).filter(signed).collect();
    notes.sort_by_key(|note| note.recorded_at);
    let mut all = Sealed::empty(Vec::new());
    for note in notes {
        let sections = sections(note);
        if sections.is_empty() {
            continue;
        }
        let proof = proof::of(ask, &note.key.id).await?;
        if !proof.for_decision().holds() {
            continue;
        }
        let added = added(ask, proof.for_decision()).await?;
        all = all.zip(proof.zip(added)).map(|(mut all, (proof, added))| {
            all.push(Advice { sections, awaits: waits_for(&proof), added });
            all
        });
    }
    Ok(all)
}

/// What a note advises, where something is written.
fn sections(note: &Row) -> Vec<(String, String)> {
    let advises = |heading: &str, text: &str| FOR_PATIENTS.contains(&heading) && text.trim() != NOTHING;
    let mut sections = file::sections(note);
    sections.retain(|(heading, text)| advises(heading, text));
    sections
}

fn waits_for(proof: &Proof) -> Option<String> {
    proof.awaits.as_ref().map(|awaited| awaited.name.clone())
}

/// The addenda that hold, and theirs: each was signed after what it adds to, so that they come to an end.
async fn added(ask: &Ask<'_>, to: &Proof) -> Result<Sealed<Vec<Added>>> {
    let mut waiting: VecDeque<(Id, String, String)> = unproved(to).collect();
    let mut all = Sealed::empty(Vec::new());
    while let Some((id, day, text)) = waiting.pop_front() {
        let proof = proof::of(ask, &id).await?;
        if !proof.for_decision().holds() {
            continue;
        }
        waiting.extend(unproved(proof.for_decision()));
        all = all.zip(proof).map(|(mut all, proof)| {
            all.push(Added { day, text, awaits: waits_for(&proof) });
            all
        });
    }
    Ok(all)
}

fn unproved(proof: &Proof) -> impl Iterator<Item = (Id, String, String)> {
    proof.addenda.iter().map(|added| (added.id.clone(), added.day.clone(), added.text.clone()))
}
