//! Drafts: begun, typed into, listed, given up, handed over. Each is one commit with its audit entry, as every write of a chart.

use super::supervision::Supervision;
use super::template::{Template, section_name};
use crate::access::{Action, Caller};
use crate::chart::plain::plain;
use crate::chart::{Clock, Row, When};
use crate::error::{Error, FieldError, Result};
use crate::shown;
use crate::visit::State;
use fhir::{Id, Key, Kind, PatientId};
use jiff::tz::TimeZone;
use store::accounts::User;
use store::audit::Entry;
use store::draft::{Copied, Draft, DraftAct, DraftChange, DraftState, DraftsOf, Kept, NewSection, SaveText};
use store::record::Commit;
use store::{Sealed, Store};
use uuid::Uuid;

/// A draft about to be begun.
pub struct Begin<'a> {
    /// The chart in the address.
    pub patient: PatientId,
    /// Its id: the form's own key, so that sent twice it begins once.
    pub id: Uuid,
    /// The visit.
    pub visit: Option<Id>,
    /// The note it adds to.
    pub appends: Option<Id>,
    /// The note whose sections of the same headings are copied forward.
    pub copies: Option<Id>,
    /// The practice's zone, in which that note's day is said.
    pub zone: TimeZone,
    /// What it is begun from, live phrases filled in.
    pub template: Template,
    /// The author's name, as it is shown.
    pub by: &'a str,
}

/// Something typed, on its way.
pub struct Typed {
    /// The chart in the address.
    pub patient: PatientId,
    /// The draft.
    pub id: Uuid,
    /// What was typed.
    pub text: SaveText,
}

/// Characters of a section at most: ten printed pages.
pub const MOST_CHARS: usize = 40_000;

/// Begins a draft. Answers whether it is the caller's to write on.
///
/// # Errors
/// [`Error::WrongPatient`] when the visit is another patient's; [`Error::Conflict`] when it was none; [`Error::NotPermitted`]; what the
/// store says.
pub async fn begin(store: &dyn Store, caller: &Caller, begin: Begin<'_>) -> Result<()> {
    let permit = caller.write_chart(Action::WriteNotes, &begin.patient)?;
    shown::in_use(store, caller, &begin.patient).await?;
    let mut exist = vec![begin.patient.key()];
    let named = [visit_key(begin.visit.as_ref()), note_key(begin.appends.as_ref()), note_key(begin.copies.as_ref())];
    for key in named.into_iter().flatten() {
        in_chart(store, caller, &begin.patient, &key).await?;
        exist.push(key);
    }
    took_place(store, caller, &begin.patient, begin.visit.as_ref()).await?;
    let earlier = match &begin.copies {
        Some(note) => texts(store, caller, &begin.patient, note, &begin.zone).await?,
        None => Vec::new(),
    };
    let section = |(place, (title, text)): (usize, (String, String))| {
        let name = section_name(place, &title);
        let copied = earlier.iter().find(|(heading, _)| *heading == title).map(|(_, copied)| copied.clone());
        let text = copied.as_ref().map_or(text, |copied| copied.text.clone());
        NewSection { name, title, text, copied }
    };
    let sections = begin.template.sections.into_iter().enumerate().map(section).collect();
    let what = DraftAct::Begin {
        visit: begin.visit,
        appends: begin.appends,
        kind: begin.template.kind.slug.to_owned(),
        title: begin.template.title,
        sections,
        name: begin.by.to_owned(),
        origin: None,
    };
    let change = DraftChange { id: begin.id, patient: begin.patient, what };
    commit(store, caller, &permit, change, "note.begin", exist).await.map(|_begun| ())
}

fn visit_key(visit: Option<&Id>) -> Option<Key> {
    visit.map(|id| Key::new(Kind::ENCOUNTER, id.clone()))
}

fn note_key(note: Option<&Id>) -> Option<Key> {
    note.map(|id| Key::new(Kind::COMPOSITION, id.clone()))
}

/// Refuses what is in another chart, or nowhere.
async fn in_chart(store: &dyn Store, caller: &Caller, patient: &PatientId, key: &Key) -> Result<()> {
    let permit = caller.read_practice(Action::ReadClinical)?;
    let stored = store.read(&permit, key).await?.ok_or(Error::NotFound)?;
    match stored.for_decision() {
        stored if stored.deleted => Err(Error::Gone),
        stored if stored.patient.as_ref() != Some(patient) => Err(Error::WrongPatient),
        _ => Ok(()),
    }
}

/// Refuses a note of a visit that was cancelled, or entered in error.
pub(super) async fn took_place(
    store: &dyn Store,
    caller: &Caller,
    patient: &PatientId,
    visit: Option<&Id>,
) -> Result<()> {
    let Some(key) = visit_key(visit) else { return Ok(()) };
    let permit = caller.read_chart(Action::ReadClinical, patient)?;
    let stored = store.read(&permit, &key).await?.ok_or(Error::NotFound)?;
    let row = Row::read(stored.for_decision()).ok_or(Error::Gone)?;
    let what = match row.root().text("status").and_then(State::parse) {
        Some(State::Cancelled) => "was cancelled",
        Some(State::Error) => "was entered in error",
        _ => return Ok(()),
    };
    let text = format!(
        "the visit of this note {what}: take that back on the visit’s page, or write a note that is not of a visit"
    );
    Err(Error::Conflict(text))
}

/// The sections of an earlier note, to be copied forward: heading, text, and whence.
async fn texts(
    store: &dyn Store,
    caller: &Caller,
    patient: &PatientId,
    note: &Id,
    zone: &TimeZone,
) -> Result<Vec<(String, Copied)>> {
    let permit = caller.read_chart(Action::ReadClinical, patient)?;
    let stored = store.read(&permit, &Key::new(Kind::COMPOSITION, note.clone())).await?.ok_or(Error::NotFound)?;
    let row = Row::read(stored.for_decision()).ok_or(Error::Gone)?;
    let clock = Clock::at(caller.at, zone.clone());
    let day = When::get(row.root(), "date", &clock).map_or_else(|| "an unknown day".to_owned(), |when| when.date);
    let section = |section: fhir::Element<'_>| {
        let text = plain(section.text("text.div")?);
        Some((section.text("title")?.to_owned(), Copied { note: note.to_string(), day: day.clone(), text }))
    };
    Ok(row.root().each("section").into_iter().filter_map(section).collect())
}

/// Keeps what was typed in a section.
///
/// # Errors
/// [`Error::Fields`] when the text is too long; [`store::Error::DraftClosed`] when the note is no draft any more; [`Error::WrongPatient`] when the draft is of another
/// chart; [`Error::NotPermitted`] when it is another author's.
pub async fn save(store: &dyn Store, caller: &Caller, typed: Typed) -> Result<Kept> {
    let permit = caller.write_chart(Action::WriteNotes, &typed.patient)?;
    if typed.text.text.chars().count() > MOST_CHARS {
        let problem = format!("a section holds {MOST_CHARS} characters at most");
        return Err(Error::Fields(vec![FieldError { field: "text", problem }]));
    }
    let change = DraftChange { id: typed.id, patient: typed.patient, what: DraftAct::Save(typed.text) };
    Ok(commit(store, caller, &permit, change, "note.save", Vec::new()).await?.unwrap_or(Kept::Done(0)))
}

/// Gives a draft up. Its text stays in the practice's keeping, out of the lists.
///
/// # Errors
/// As [`save`]; [`Error::NotPermitted`] for anybody but the author.
pub async fn discard(store: &dyn Store, caller: &Caller, patient: &PatientId, id: Uuid) -> Result<()> {
    let permit = caller.write_chart(Action::WriteNotes, patient)?;
    own(store, caller, patient, id).await?;
    let change = DraftChange { id, patient: patient.clone(), what: DraftAct::Discard };
    commit(store, caller, &permit, change, "note.discard", Vec::new()).await.map(|_done| ())
}

/// Makes a draft another author's, or a note that waits for its cosignature another cosigner's: a manager's act, for those who left.
///
/// # Errors
/// [`Error::Conflict`] when that account may not sign (or cosign) this note, or is disabled; [`Error::NotPermitted`].
pub async fn reassign(store: &dyn Store, caller: &Caller, patient: &PatientId, id: Uuid, to: Uuid) -> Result<()> {
    let permit = caller.write_chart(Action::AssignDrafts, patient)?;
    let draft = store.draft(permit.reading(), patient, id).await?.ok_or(Error::NotFound)?;
    let user = store.user(to).await?.ok_or(Error::NotFound)?;
    if !may_have(draft.for_decision(), &user, &Supervision::read(store).await?) {
        return Err(Error::Conflict("that person may not sign this note".to_owned()));
    }
    let change = DraftChange { id, patient: patient.clone(), what: DraftAct::Reassign(to) };
    commit(store, caller, &permit, change, "note.reassign", Vec::new()).await.map(|_done| ())
}

/// Whether a draft may be handed to somebody: to sign it, or, where it waits for that, to cosign it.
#[must_use]
pub fn may_have(draft: &Draft, user: &User, supervision: &Supervision) -> bool {
    if draft.is_signed() {
        return supervision.may_cosign(user, draft.author);
    }
    let kind = super::NoteKind::of(&draft.kind);
    user.disabled_at.is_none() && kind.is_some_and(|kind| kind.may_sign(Some(user.role)))
}

/// A draft, sealed; open or not.
///
/// # Errors
/// [`Error::NotFound`] when there is none in this chart.
pub async fn draft(store: &dyn Store, caller: &Caller, patient: &PatientId, id: Uuid) -> Result<Sealed<Draft>> {
    let permit = caller.read_chart(Action::ReadClinical, patient)?;
    store.draft(&permit, patient, id).await?.ok_or(Error::NotFound)
}

/// Open drafts: of a chart or an author for those who read notes, everybody's for those who assign them.
///
/// # Errors
/// [`Error::NotPermitted`].
pub async fn drafts(store: &dyn Store, caller: &Caller, of: DraftsOf) -> Result<Sealed<Vec<Draft>>> {
    let permit = match &of {
        DraftsOf::Patient(patient) | DraftsOf::Moved(patient) => caller.read_chart(Action::ReadClinical, patient)?,
        DraftsOf::Author(_) => caller.read_practice(Action::ReadClinical)?,
        DraftsOf::Practice => caller.read_practice(Action::AssignDrafts)?,
    };
    Ok(store.drafts(&permit, &of).await?)
}

/// The draft, when it is open and the caller's own.
pub(super) async fn own(store: &dyn Store, caller: &Caller, patient: &PatientId, id: Uuid) -> Result<Draft> {
    let draft = draft(store, caller, patient, id).await?.for_decision().clone();
    if draft.state != DraftState::Open {
        return Err(Error::Conflict("this note is no longer a draft".to_owned()));
    }
    if draft.author != caller.actor.id {
        return Err(Error::NotPermitted);
    }
    Ok(draft)
}

/// The audit entry of an act on a note of a chart.
pub(super) fn on_chart(caller: &Caller, action: &str, patient: &PatientId, note: Uuid) -> Entry {
    let what = vec![(Key::new(Kind::COMPOSITION, Id::from_uuid(note)), 0)];
    Entry { patients: vec![patient.clone()], what, ..caller.entry(action) }
}

async fn commit(
    store: &dyn Store,
    caller: &Caller,
    permit: &store::WritePermit,
    change: DraftChange,
    action: &str,
    exist: Vec<Key>,
) -> Result<Option<Kept>> {
    let audit = on_chart(caller, action, &change.patient, change.id);
    commit_as(store, permit, change, exist, audit).await
}

/// Commits a change of a draft alone, with its audit entry.
pub(super) async fn commit_as(
    store: &dyn Store,
    permit: &store::WritePermit,
    change: DraftChange,
    exist: Vec<Key>,
    audit: Entry,
) -> Result<Option<Kept>> {
    let (writes, unchanged) = (Vec::new(), Vec::new());
    let commit = Commit { at: audit.at, writes, unchanged, exist, draft: Some(change), idempotency: None, audit };
    Ok(store.commit(permit, commit).await?.draft)
}
