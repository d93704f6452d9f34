//! Signing: what is signed is what was read, of the patient who was shown, by the author, with nothing left to fill in; and the chart the
//! signer saw beside it is the chart as it is.

use super::commands::{own, took_place};
use super::copied::share;
use super::kinds::NoteKind;
use super::signed::SIGN;
use super::supervision;
use crate::access::{Action, Caller};
use crate::chart::summary::Summary;
use crate::chart::{Handle, Loaded};
use crate::diagnosis::{self, Carried};
use crate::error::{Error, FieldError, Result};
use crate::record::{self, Edit, instant, read_body};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fhir::edit::note::{self, AUTHOR_SIGNATURE, NewNote, Section, Signer, signed_kind};
use fhir::{Id, Key, Kind, PatientId};
use ring::digest::{SHA256, digest};
use std::fmt::Write as _;
use store::Store;
use store::accounts::User;
use store::audit::Entry;
use store::draft::{Draft, DraftAct, DraftChange, DraftSection};
use uuid::Uuid;

/// What must be filled in before signing.
pub const STOP: &str = "***";

/// What a signer sends.
pub struct Sign<'a> {
    /// The chart in the address.
    pub patient: PatientId,
    /// The patient the page showed.
    pub shown: &'a str,
    /// The version of the Patient that was shown; none answers 428.
    pub version: Option<u32>,
    /// The draft.
    pub id: Uuid,
    /// The revision of each section that was read.
    pub revisions: Vec<(String, u32)>,
    /// [`Seen::mark`] of the chart that stood beside the note.
    pub seen: &'a str,
    /// The signer's name, as it is shown.
    pub by: &'a str,
    /// The id for the Provenance.
    pub proof: Uuid,
}

/// The chart that stands beside a note while it is written: who the patient is, what is active, what must not be given, the newest of each measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen(Vec<(Key, u32)>, Vec<Key>);

impl Seen {
    /// Of a Summary, all of whose entries it names with their versions.
    #[must_use]
    pub fn of(loaded: &Loaded, summary: &Summary) -> Self {
        let handle = |entry: &Handle| (entry.key.clone(), entry.version);
        let mut all = vec![(loaded.patient.key.clone(), loaded.patient.version)];
        all.extend(summary.allergies.active.iter().chain(&summary.allergies.denied).map(|one| handle(&one.entry)));
        all.extend(summary.problems.active.iter().map(|one| handle(&one.entry)));
        let medicines = summary.medicines.withheld.iter().chain(&summary.medicines.active);
        all.extend(medicines.map(|one| handle(&one.entry)));
        all.extend(summary.measures.iter().filter_map(|line| line.readings.first()).map(|one| handle(&one.entry)));
        all.sort();
        all.dedup();
        Self(all, Vec::new())
    }

    /// With what else was shown.
    #[must_use]
    pub fn with(mut self, others: impl IntoIterator<Item = (Key, u32)>) -> Self {
        self.0.extend(others);
        self.0.sort();
        self.0.dedup();
        self
    }

    /// With the diagnoses of the note's visit, which a signature covers too.
    #[must_use]
    pub fn carrying(self, diagnoses: &[Carried]) -> Self {
        let Self(all, _) = self.with(diagnoses.iter().map(|one| (one.key.clone(), one.version)));
        Self(all, diagnoses.iter().map(|one| one.key.clone()).collect())
    }

    /// Tells two charts apart: a hash of every entry and version, and of the order of the diagnoses.
    #[must_use]
    pub fn mark(&self) -> String {
        let all = self.0.iter().fold(String::new(), |mut text, (key, version)| {
            let _infallible = writeln!(text, "{key} {version}");
            text
        });
        let all = self.1.iter().fold(all, |mut text, key| {
            let _infallible = writeln!(text, "{key}");
            text
        });
        let hash = digest(&SHA256, all.as_bytes());
        URL_SAFE_NO_PAD.encode(hash.as_ref())
    }

    /// Every entry with its version.
    #[must_use]
    pub fn entries(&self) -> &[(Key, u32)] {
        &self.0
    }
}

/// Signs a draft. `seen` is the chart as it is now. Answers with the note's key; signed before, the same.
///
/// # Errors
/// [`Error::WrongPatient`], [`Error::VersionMissing`], [`Error::Stale`] when another patient was shown, or one whose identity changed;
/// [`Error::Fields`] naming sections with `***` or with texts to be settled; [`Error::Conflict`] when the chart beside the note changed since
/// it was shown, or the text did, when its visit was none, and when something that was not signed here stands under its id; [`Error::NotPermitted`] for anybody but the author, and for a sort of note that is not theirs to sign.
pub async fn sign(store: &dyn Store, caller: &Caller, sign: &Sign<'_>, seen: &Seen) -> Result<Key> {
    let permit = caller.write_chart(Action::WriteNotes, &sign.patient)?;
    if sign.shown != sign.patient.as_str() {
        return Err(Error::WrongPatient);
    }
    let version = sign.version.ok_or(Error::VersionMissing)?;
    let key = Key::new(Kind::COMPOSITION, Id::from_uuid(sign.id));
    if let Some(there) = store.read(permit.reading(), &key).await? {
        return match signed_kind(&read_body(&there.for_decision().body)?) {
            Some(_) if there.for_decision().patient.as_ref() == Some(&sign.patient) => Ok(key),
            _ => {
                let text = "another entry stands under the number of this note: nothing was signed. Begin a new note and copy the text into it";
                Err(Error::Conflict(text.to_owned()))
            }
        };
    }
    let draft = own(store, caller, &sign.patient, sign.id).await?;
    let kind = NoteKind::of(&draft.kind).ok_or(Error::NotFound)?;
    if !kind.may_sign(caller.actor.role) {
        return Err(Error::NotPermitted);
    }
    if !seen.entries().contains(&(sign.patient.key(), version)) {
        return Err(Error::Stale);
    }
    let visit = draft.visit.as_deref().map(Id::parse).transpose().map_err(|_| Error::NotFound)?;
    took_place(store, caller, &sign.patient, visit.as_ref()).await?;
    let problems = unready(&draft);
    if !problems.is_empty() {
        return Err(Error::Fields(problems));
    }
    let diagnoses = diagnosis::carried(store, caller, &sign.patient, draft.visit.as_deref()).await?;
    let diagnoses = diagnoses.for_decision();
    let seen = seen.clone().carrying(diagnoses);
    if seen.mark() != sign.seen {
        let text = "the chart beside this note changed since you opened it: look at it once more, then sign";
        return Err(Error::Conflict(text.to_owned()));
    }
    let cosigner = supervision::cosigner_of(store, caller.actor.id).await?;
    let edits = edits(store, caller, sign, (&draft, kind), (&seen, diagnoses), cosigner.as_ref())?;
    let (revisions, cosigner) = (sign.revisions.clone(), cosigner.map(|user| user.id));
    let what = DraftAct::Sign { revisions, cosigner };
    let change = DraftChange { id: sign.id, patient: sign.patient.clone(), what };
    let audit = Entry { detail: kind.slug.to_owned(), ..caller.entry(SIGN) };
    match record::save_with_draft(store, &permit, edits, change, audit).await {
        Ok(_written) => Ok(key),
        Err(Error::Store(store::Error::DraftChanged)) => {
            let text = "this note was changed in another window since you read it: read it once more, then sign";
            Err(Error::Conflict(text.to_owned()))
        }
        Err(error) => Err(error),
    }
}

/// What keeps a draft from being signed, by section.
#[must_use]
pub fn unready(draft: &Draft) -> Vec<FieldError> {
    let mut problems = Vec::new();
    for section in &draft.sections {
        let title = &section.title;
        if section.stands.text.contains(STOP) {
            problems.push(FieldError { field: "note", problem: format!("{title}: fill in or remove each {STOP}") });
        }
        if !section.aside.is_empty() {
            let problem = format!("{title}: two texts were typed; say which the section is to have");
            problems.push(FieldError { field: "note", problem });
        }
    }
    if draft.sections.iter().all(|section| section.stands.text.trim().is_empty()) {
        problems.push(FieldError { field: "note", problem: "nothing is written yet".to_owned() });
    }
    problems
}

/// How many lines of a draft are still as they were copied, and how many it has.
#[must_use]
pub fn copied_share(draft: &Draft) -> (usize, usize) {
    draft.sections.iter().fold((0, 0), |(copied, all), section| {
        let (same, of) = section_share(section);
        (copied + same, all + of)
    })
}

/// As [`copied_share`], of one section.
#[must_use]
pub fn section_share(section: &DraftSection) -> (usize, usize) {
    let from = section.copied.as_ref().map_or("", |copied| copied.text.as_str());
    share(&section.stands.text, from)
}

/// The section in which a signed note carries its visit's diagnoses, beside the text: they are entries, and are not copied forward.
const DIAGNOSES: &str = "Diagnoses";

/// Whether a note says what was diagnosed: one of those who diagnose, and no addendum.
#[must_use]
pub fn carries(caller: &Caller, draft: &Draft) -> bool {
    draft.appends.is_none() && caller.may(Action::WriteClinical)
}

fn listed(diagnoses: &[Carried]) -> String {
    let lines: Vec<_> =
        diagnoses.iter().enumerate().map(|(place, one)| format!("{}. {}", place + 1, one.words)).collect();
    lines.join("\n")
}

/// The note, by what others find it, and the signature over it.
fn edits(
    store: &dyn Store,
    caller: &Caller,
    sign: &Sign<'_>,
    (draft, kind): (&Draft, &NoteKind),
    (seen, diagnoses): (&Seen, &[Carried]),
    cosigner: Option<&User>,
) -> Result<Vec<Edit>> {
    let (id, at) = (Id::from_uuid(sign.id), instant(caller.at));
    let parse = |id: &Option<String>| id.as_deref().map(Id::parse).transpose().map_err(|_| Error::NotFound);
    let (visit, appends) = (parse(&draft.visit)?, parse(&draft.appends)?);
    let signer = caller.signer(sign.by);
    let sections = draft.sections.iter().map(|section| {
        let copied = section.copied.as_ref().map(|copied| {
            let (same, of) = share(&section.stands.text, &copied.text);
            // A note of another chart is not named in this one.
            (draft.origin.is_none().then_some(copied.note.as_str()), same, of)
        });
        Section { title: &section.title, text: &section.stands.text, copied, entries: Vec::new() }
    });
    let list = listed(diagnoses);
    let own = Section {
        title: DIAGNOSES,
        text: &list,
        copied: None,
        entries: diagnoses.iter().map(|one| one.key.clone()).collect(),
    };
    let carries = carries(caller, draft) && !diagnoses.is_empty();
    let note = NewNote {
        id: &id,
        patient: &sign.patient,
        visit: visit.as_ref(),
        appends: appends.as_ref(),
        kind: kind.slug,
        loinc: kind.loinc,
        title: &draft.title,
        signer: signer.clone(),
        cosigner: cosigner.map(|user| Signer { practitioner: user.practitioner.as_ref(), name: &user.display_name }),
        at: &at,
        sections: sections.chain(carries.then_some(own)).collect(),
    };
    let key = Key::new(Kind::COMPOSITION, id.clone());
    let composition = note.composition();
    let mut proof =
        note::provenance((&key, 1, kind.slug), &sign.patient, &signer, AUTHOR_SIGNATURE, &at, seen.entries());
    let signature = store.note_keys().sign(&note::message(&composition, &proof));
    note::put_signature(&mut proof, &signature);
    Ok(vec![
        Edit::Create { key, body: composition },
        Edit::Create { key: Key::new(Kind::DOCUMENT_REFERENCE, id.clone()), body: note.document() },
        Edit::Create { key: Key::new(Kind::PROVENANCE, Id::from_uuid(sign.proof)), body: proof },
    ])
}
