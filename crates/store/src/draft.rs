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
    /// In their order.
    pub sections: Vec<DraftSection>,
}

/// What became of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DraftState {
    /// Still being written.
    Open,
    /// A signed note.
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
    },
    /// Saves a section.
    Save(SaveText),
    /// Makes it another author's.
    Reassign(Uuid),
    /// Gives it up.
    Discard,
    /// Ends it as a signed note, whose text is that of these revisions (section, revision): a text saved meanwhile refuses.
    Sign(Vec<(String, u32)>),
}

/// What a change of a draft came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It is so now; of a save, the section's revision.
    Done(u32),
    /// The text was put aside under this revision, since another stands that its writer had not seen.
    Aside(u32),
}

/// Which drafts a list shows; open ones only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftsOf {
    /// Of one chart.
    Patient(PatientId),
    /// Of one author.
    Author(Uuid),
    /// Everybody's.
    Practice,
}

/// Drafts, to be read. They are written by [`crate::Record::commit`].
#[async_trait]
pub trait Drafts: Send + Sync {
    /// A draft of this chart, whatever became of it.
    async fn draft(&self, permit: &Permit, patient: &PatientId, id: Uuid) -> Result<Option<Sealed<Draft>>>;

    /// Open drafts that the permit reaches, last changed first.
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
    if let DraftAct::Begin { visit, appends, kind, title, sections, name } = &change.what {
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
    if there.state != DraftState::Open {
        return Err(Error::DraftClosed);
    }
    let mut draft = Draft { changed_at: at, ..there.clone() };
    match &change.what {
        DraftAct::Save(save) => return save_text(draft, save, actor, at),
        DraftAct::Reassign(to) => draft.author = *to,
        DraftAct::Discard => draft.state = DraftState::Discarded,
        DraftAct::Sign(revisions) => {
            let seen = |section: &DraftSection| {
                section.aside.is_empty()
                    && revisions.iter().any(|(name, at)| *name == section.name && *at == section.stands.revision)
            };
            if revisions.len() != draft.sections.len() || !draft.sections.iter().all(seen) {
                return Err(Error::DraftChanged);
            }
            draft.state = DraftState::Signed;
        }
        DraftAct::Begin { .. } => {}
    }
    Ok(Applied { draft: Some(draft), revision: None, kept: Kept::Done(0) })
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
