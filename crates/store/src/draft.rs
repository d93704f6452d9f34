//! Drafts of notes: what is typed, kept section by section until the note is signed.
//!
//! A draft is written through [`crate::Record::commit`] like everything else of a chart, with a [`DraftChange`] beside or in place of
//! the commit's writes: under a permit, with its audit entry, in one transaction. [`apply`] decides, purely, what a change makes of a
//! draft; a database only keeps the result and, of each saved text, a revision.
//!
//! No text is ever lost to another one. Who saves over a revision they had not seen does not replace it: their text is kept aside, and
//! both are shown until somebody says what the section is to be.

use crate::access::{Actor, Permit};
use crate::engine::notes::NoteKeys;
use crate::error::{Error, Result};
use crate::sealed::Sealed;
use async_trait::async_trait;
use fhir::{Id, Kind, PatientId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A draft: the whole of a note before it is signed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Its id; the signed note keeps it.
    pub id: Uuid,
    /// Whose chart it is in.
    #[serde(with = "text")]
    pub patient: PatientId,
    /// The visit it documents.
    pub visit: Option<String>,
    /// The note it adds to, when it is an addendum.
    pub appends: Option<String>,
    /// Whose note it will be: who may sign it.
    pub author: Uuid,
    /// The sort of note, as `clinic::note` names it.
    pub kind: String,
    /// What it is called.
    pub title: String,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// When anything of it last changed.
    pub changed_at: Timestamp,
    /// What became of it.
    pub state: DraftState,
    /// Who is to cosign it, once it is signed.
    #[serde(default)]
    pub cosigner: Option<Uuid>,
    /// Where its text came from, when it was written in the wrong chart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Elsewhere>,
    /// Where its text went, when it was written in the wrong chart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<Elsewhere>,
    /// In their order.
    pub sections: Vec<DraftSection>,
}

/// The other end of a text's way from the wrong chart to the right one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// That chart.
    #[serde(with = "text")]
    pub patient: PatientId,
    /// The draft there.
    pub note: Uuid,
    /// Why, in words.
    pub why: String,
    /// Who moved it, as shown then.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Draft {
    /// Whose turn it is: the author's while it is written, the cosigner's until it is cosigned. Nobody's once it is done.
    #[must_use]
    pub fn waits_for(&self) -> Option<Uuid> {
        match self.state {
            DraftState::Open => Some(self.author),
            DraftState::Awaiting => self.cosigner,
            DraftState::Signed | DraftState::Discarded => None,
        }
    }

    /// What a database finds it by: whose it is, whether it waits for them, when it changed (microseconds since 1970).
    #[must_use]
    pub fn row(&self) -> (Uuid, bool, i64) {
        let waits_for = self.waits_for();
        (waits_for.unwrap_or(self.author), waits_for.is_some(), self.changed_at.as_microsecond())
    }

    /// Whether it is a signed note by now.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        matches!(self.state, DraftState::Signed | DraftState::Awaiting)
    }
}

/// What became of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DraftState {
    /// Still being written.
    Open,
    /// A signed note that waits for its cosignature.
    Awaiting,
    /// A signed note, cosigned where that was wanted.
    Signed,
    /// Given up; its text stays.
    Discarded,
}

/// A section of a draft.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftSection {
    /// Its slug within the note.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What stands.
    pub stands: SavedText,
    /// What was saved over a revision its writer had not seen, until it is settled.
    pub aside: Vec<SavedText>,
    /// The text it was copied from, when it was carried forward from another note.
    pub copied: Option<Copied>,
}

/// A text that was saved.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedText {
    /// Counts the saved texts of its section, from 0 (as begun).
    pub revision: u32,
    /// Plain text.
    pub text: String,
    /// Who saved it.
    pub by: Uuid,
    /// Their name, as shown then.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// The window it was typed in.
    pub window: Uuid,
    /// Counts what that window saved of this section.
    pub step: u32,
}

/// Where copied text came from.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// The note.
    pub note: String,
    /// Its day, as shown.
    pub day: String,
    /// What was copied.
    pub text: String,
}

/// A section to begin with.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSection {
    /// Its slug.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What stands in it at first.
    pub text: String,
    /// Where that came from.
    pub copied: Option<Copied>,
}

/// Something typed.
#[derive(Clone, PartialEq, Eq)]
pub struct SaveText {
    /// The section.
    pub section: String,
    /// The revision it was typed over.
    pub based_on: u32,
    /// The text as it is to be.
    pub text: String,
    /// The window it was typed in: what one window saves follows what it saved before, whether or not it heard of that.
    pub window: Uuid,
    /// Counts what the window saves of this section, from 1: what arrives late or twice changes nothing.
    pub step: u32,
    /// Texts aside that this one settles.
    pub settles: Vec<u32>,
    /// The writer's name, as it is shown.
    pub name: String,
}

/// What is asked of a draft.
#[derive(Clone, PartialEq, Eq)]
pub struct DraftChange {
    /// The draft.
    pub id: Uuid,
    /// The chart it is in: [`Error::DraftElsewhere`] if it is another's.
    pub patient: PatientId,
    /// What.
    pub what: DraftAct,
}

/// What is done to a draft.
#[derive(Clone, PartialEq, Eq)]
pub enum DraftAct {
    /// Begins one. Begun already in the same words: nothing changes.
    Begin {
        /// The visit.
        visit: Option<Id>,
        /// The note it adds to.
        appends: Option<Id>,
        /// The sort of note.
        kind: String,
        /// What it is called.
        title: String,
        /// In their order.
        sections: Vec<NewSection>,
        /// The author's name, as it is shown.
        name: String,
        /// Where its text comes from, when that was written in the wrong chart.
        origin: Option<Elsewhere>,
    },
    /// Saves a section.
    Save(SaveText),
    /// Makes it another author's, or, where it waits for a cosignature, another cosigner's.
    Reassign(Uuid),
    /// Gives it up.
    Discard,
    /// Says where its text went: it was written in the wrong chart. A draft is given up with it; a signed note stays what it is.
    Move {
        /// The revisions (section, revision) whose text went, of a draft: a text saved meanwhile refuses.
        revisions: Vec<(String, u32)>,
        /// Where to.
        to: Elsewhere,
    },
    /// Ends it as a signed note.
    Sign {
        /// The revisions (section, revision) whose text is signed: a text saved meanwhile refuses.
        revisions: Vec<(String, u32)>,
        /// Who is to cosign.
        cosigner: Option<Uuid>,
    },
    /// Ends the waiting for the actor's cosignature.
    Cosign,
}

/// What a change of a draft came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It is so now; of a save, the section's revision.
    Done(u32),
    /// The text was put aside under this revision, since another stands that its writer had not seen.
    Aside(u32),
}

/// Which drafts a list shows: those that wait for somebody ([`Draft::waits_for`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftsOf {
    /// Of one chart.
    Patient(PatientId),
    /// Those that wait for this account.
    Author(Uuid),
    /// Everybody's.
    Practice,
    /// Of one chart those whose text was moved to another one: these wait for nobody.
    Moved(PatientId),
}

/// Drafts, to be read. They are written by [`crate::Record::commit`].
#[async_trait]
pub trait Drafts: Send + Sync {
    /// A draft of this chart, whatever became of it.
    async fn draft(&self, permit: &Permit, patient: &PatientId, id: Uuid) -> Result<Option<Sealed<Draft>>>;

    /// Drafts that wait for somebody and that the permit reaches, last changed first.
    async fn drafts(&self, permit: &Permit, of: &DraftsOf) -> Result<Sealed<Vec<Draft>>>;

    /// The practice's hand under signed notes, and the keys of its users' journals.
    fn note_keys(&self) -> &NoteKeys;

    /// Every text a section of a draft had, newest first.
    async fn revisions(
        &self,
        permit: &Permit,
        patient: &PatientId,
        id: Uuid,
        section: &str,
    ) -> Result<Sealed<Vec<SavedText>>>;
}

/// What a change makes of a draft.
pub struct Applied {
    /// The draft as it is from now on; `None`: as it was.
    pub draft: Option<Draft>,
    /// The revision to keep.
    pub revision: Option<(String, SavedText)>,
    /// What to answer.
    pub kept: Kept,
}

/// Decides what a change makes of a draft (`None`: there is none of this id).
///
/// # Errors
/// [`Error::DraftElsewhere`], [`Error::DraftClosed`], [`Error::DraftChanged`], [`Error::NotPermitted`] when the permit does not reach it.
pub fn apply(
    now: Option<&Draft>,
    change: &DraftChange,
    permit: &Permit,
    actor: &Actor,
    at: Timestamp,
) -> Result<Applied> {
    if !permit.reaches(Kind::COMPOSITION, Some(&change.patient)) {
        return Err(Error::NotPermitted);
    }
    if let DraftAct::Begin { visit, appends, kind, title, sections, name, origin } = &change.what {
        let begun = Draft {
            id: change.id,
            patient: change.patient.clone(),
            visit: visit.as_ref().map(|id| id.as_str().to_owned()),
            appends: appends.as_ref().map(|id| id.as_str().to_owned()),
            author: actor.id,
            kind: kind.clone(),
            title: title.clone(),
            begun_at: at,
            changed_at: at,
            state: DraftState::Open,
            cosigner: None,
            origin: origin.clone(),
            moved: None,
            sections: sections.iter().map(|section| begin(section, actor, name, at)).collect(),
        };
        return match now {
            None => Ok(Applied { draft: Some(begun), revision: None, kept: Kept::Done(0) }),
            Some(there) if there.patient == begun.patient && there.author == actor.id => {
                Ok(Applied { draft: None, revision: None, kept: Kept::Done(0) })
            }
            Some(_) => Err(Error::DraftElsewhere),
        };
    }
    let there = now.ok_or(Error::DraftElsewhere)?;
    if there.patient != change.patient {
        return Err(Error::DraftElsewhere);
    }
    if let DraftAct::Move { to, .. } = &change.what
        && there.moved.as_ref().is_some_and(|moved| moved.note == to.note)
    {
        return Ok(Applied { draft: None, revision: None, kept: Kept::Done(0) });
    }
    let may = match (&change.what, there.state) {
        (_, DraftState::Open) | (DraftAct::Cosign | DraftAct::Reassign(_), DraftState::Awaiting) => true,
        (DraftAct::Move { .. }, DraftState::Awaiting | DraftState::Signed) => there.moved.is_none(),
        _ => false,
    };
    if !may {
        return Err(Error::DraftClosed);
    }
    let mut draft = Draft { changed_at: at, ..there.clone() };
    match &change.what {
        DraftAct::Save(save) => return save_text(draft, save, actor, at),
        DraftAct::Reassign(to) if draft.state == DraftState::Awaiting => draft.cosigner = Some(*to),
        DraftAct::Reassign(to) => draft.author = *to,
        DraftAct::Discard => draft.state = DraftState::Discarded,
        DraftAct::Cosign if draft.state == DraftState::Awaiting && draft.cosigner == Some(actor.id) => {
            draft.state = DraftState::Signed;
        }
        DraftAct::Cosign => return Err(Error::NotPermitted),
        DraftAct::Sign { revisions, cosigner } => {
            if !as_read(&draft, revisions) {
                return Err(Error::DraftChanged);
            }
            draft.state = if cosigner.is_some() { DraftState::Awaiting } else { DraftState::Signed };
            draft.cosigner = *cosigner;
        }
        DraftAct::Move { revisions, to } => {
            if draft.state == DraftState::Open {
                if !as_read(&draft, revisions) {
                    return Err(Error::DraftChanged);
                }
                draft.state = DraftState::Discarded;
            }
            draft.moved = Some(to.clone());
        }
        DraftAct::Begin { .. } => {}
    }
    Ok(Applied { draft: Some(draft), revision: None, kept: Kept::Done(0) })
}

/// Whether these are the texts of a draft, none of them still to be settled.
fn as_read(draft: &Draft, revisions: &[(String, u32)]) -> bool {
    let seen = |section: &DraftSection| {
        section.aside.is_empty()
            && revisions.iter().any(|(name, at)| *name == section.name && *at == section.stands.revision)
    };
    revisions.len() == draft.sections.len() && draft.sections.iter().all(seen)
}

fn begin(section: &NewSection, actor: &Actor, name: &str, at: Timestamp) -> DraftSection {
    let stands = SavedText {
        revision: 0,
        text: section.text.clone(),
        by: actor.id,
        name: name.to_owned(),
        at,
        window: Uuid::nil(),
        step: 0,
    };
    let NewSection { name, title, copied, .. } = section.clone();
    DraftSection { name, title, stands, aside: Vec::new(), copied }
}

fn save_text(mut draft: Draft, save: &SaveText, actor: &Actor, at: Timestamp) -> Result<Applied> {
    let section =
        draft.sections.iter_mut().find(|section| section.name == save.section).ok_or(Error::DraftElsewhere)?;
    let same = |kept| Ok(Applied { draft: None, revision: None, kept });
    let of_window = |text: &&SavedText| text.window == save.window && text.by == actor.id;
    if let Some(mine) = section.aside.iter().filter(of_window).find(|text| text.step >= save.step) {
        return same(Kept::Aside(mine.revision));
    }
    let follows = of_window(&&section.stands);
    let standing = section.stands.revision;
    if (follows && section.stands.step >= save.step) || (section.stands.text == save.text && save.settles.is_empty()) {
        return same(Kept::Done(standing));
    }
    let last = section.aside.iter().map(|text| text.revision).chain([standing]).max().unwrap_or(standing);
    let new = SavedText {
        revision: last + 1,
        text: save.text.clone(),
        by: actor.id,
        name: save.name.clone(),
        at,
        window: save.window,
        step: save.step,
    };
    let revision = Some((save.section.clone(), new.clone()));
    let kept = if follows || save.based_on == standing {
        section.stands = new;
        // What this window put aside before is part of what it says now.
        section.aside.retain(|text| !save.settles.contains(&text.revision) && !of_window(&text));
        Kept::Done(last + 1)
    } else {
        section.aside.retain(|text| !of_window(&text));
        section.aside.push(new);
        Kept::Aside(last + 1)
    };
    Ok(Applied { draft: Some(draft), revision, kept })
}

/// Last changed first.
pub fn newest_first(drafts: &mut [Draft]) {
    drafts.sort_by_key(|draft| (std::cmp::Reverse(draft.changed_at), draft.id));
}

/// Refuses a permit that does not reach the drafts of a chart.
///
/// # Errors
/// [`Error::NotPermitted`].
pub fn reachable(permit: &Permit, patient: &PatientId) -> Result<()> {
    if permit.reaches(Kind::COMPOSITION, Some(patient)) { Ok(()) } else { Err(Error::NotPermitted) }
}

/// Of drafts those that a permit reaches, sealed.
///
/// # Errors
/// [`Error::NotPermitted`] when it reaches no notes at all.
pub fn seal(permit: &Permit, mut drafts: Vec<Draft>) -> Result<Sealed<Vec<Draft>>> {
    if !permit.kinds().contains(Kind::COMPOSITION) {
        return Err(Error::NotPermitted);
    }
    drafts.retain(|draft| permit.reaches(Kind::COMPOSITION, Some(&draft.patient)));
    let patients: Vec<_> = drafts.iter().map(|draft| draft.patient.clone()).collect();
    Ok(Sealed::seal(drafts, patients))
}

/// The texts that stand in a draft and were saved, by section: a database keeps each of them.
pub fn standing(draft: &Draft) -> impl Iterator<Item = (&str, &SavedText)> {
    let saved = draft.sections.iter().filter(|section| section.stands.revision > 0);
    saved.map(|section| (section.name.as_str(), &section.stands))
}

/// Patients by their ids.
mod text {
    use fhir::PatientId;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(patient: &PatientId, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(patient.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PatientId, D::Error> {
        PatientId::parse(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}
