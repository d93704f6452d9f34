//! A note that was written in the wrong chart: its text begins a draft in the right one, marked as copied from elsewhere, and both charts
//! tell. A draft is given up with it; a signed note was marked as entered in error before, and stays so.
//!
//! The new draft is begun first, under the form's own key: whatever stops the second step, no text is lost and none is there twice when
//! the same is asked again.

use super::commands::{commit_as, draft, on_chart};
use super::live::{INLINE, STAMP};
use super::signing::STOP;
use crate::access::{Action, Caller};
use crate::error::{Error, FieldError, Result};
use crate::record::read_body;
use crate::shown::{self, Shown};
use fhir::edit::correction::is_marked;
use fhir::{Id, Key, Kind, PatientId};
use store::audit::Entry;
use store::draft::{Copied, Draft, DraftAct, DraftChange, DraftSection, DraftState, Elsewhere, NewSection};
use store::{Role, Store};
use uuid::Uuid;

/// What is moved, and where to.
pub struct Move<'a> {
    /// The chart in the address.
    pub patient: PatientId,
    /// The patient the page showed.
    pub shown: &'a str,
    /// The draft, or the note it became.
    pub note: Uuid,
    /// The revision of each section that was read.
    pub revisions: Vec<(String, u32)>,
    /// The right chart.
    pub to: PatientId,
    /// Whom the page showed as the right patient, and the version.
    pub to_shown: Shown<'a>,
    /// The new draft's id: the form's own key.
    pub new: Uuid,
    /// Why.
    pub reason: &'a str,
    /// Who, as shown.
    pub by: &'a str,
}

/// Moves the text.
///
/// # Errors
/// [`Error::WrongPatient`], [`Error::VersionMissing`], [`Error::Stale`] when another patient was shown on either side, or one who changed;
/// [`Error::Fields`] without a reason, or while two texts of a section are to be settled; [`Error::Conflict`] when a signed note is not
/// marked as entered in error, when the text was moved before, or changed since it was read; [`Error::NotPermitted`] for a draft of another
/// author.
pub async fn move_note(store: &dyn Store, caller: &Caller, asked: &Move<'_>) -> Result<()> {
    let Move { patient, note, to, new, by, .. } = asked;
    let from_permit = caller.write_chart(Action::WriteNotes, patient)?;
    let to_permit = caller.write_chart(Action::WriteNotes, to)?;
    if asked.shown != patient.as_str() {
        return Err(Error::WrongPatient);
    }
    if to == patient {
        return Err(Error::Conflict("this is the chart the note is in already".to_owned()));
    }
    let why = reason(asked.reason)?;
    shown::patient(store, caller, to, asked.to_shown).await?;
    let draft = draft(store, caller, patient, *note).await?.for_decision().clone();
    if let Some(moved) = &draft.moved {
        return if moved.note == *new { Ok(()) } else { Err(Error::Conflict("its text was moved before".to_owned())) };
    }
    may_move(store, caller, asked, &draft).await?;
    let end = |chart: &PatientId, note: Uuid| Elsewhere {
        patient: chart.clone(),
        note,
        why: why.to_owned(),
        by: (*by).to_owned(),
        at: caller.at,
    };
    let audit = |chart: &PatientId, id: Uuid| Entry {
        why: why.to_owned(),
        patients: vec![patient.clone(), to.clone()],
        ..on_chart(caller, "note.move", chart, id)
    };
    let what = begin(caller, &draft, by, end(patient, *note));
    let begun = DraftChange { id: *new, patient: to.clone(), what };
    commit_as(store, &to_permit, begun, vec![to.key()], audit(to, *new)).await?;
    let what = DraftAct::Move { revisions: asked.revisions.clone(), to: end(to, *new) };
    let left = DraftChange { id: *note, patient: patient.clone(), what };
    match commit_as(store, &from_permit, left, Vec::new(), audit(patient, *note)).await {
        Err(Error::Store(store::Error::DraftChanged | store::Error::DraftClosed)) => {
            // What was begun of an older text is given up again.
            let undo = DraftChange { id: *new, patient: to.clone(), what: DraftAct::Discard };
            commit_as(store, &to_permit, undo, Vec::new(), on_chart(caller, "note.discard", to, *new)).await?;
            let text = "this note was changed in another window since you read it: read it once more, then move it";
            Err(Error::Conflict(text.to_owned()))
        }
        done => done.map(|_kept| ()),
    }
}

/// Whether this is a text of the caller's to move: their own draft, or a signed note that is marked as entered in error.
async fn may_move(store: &dyn Store, caller: &Caller, asked: &Move<'_>, draft: &Draft) -> Result<()> {
    match draft.state {
        DraftState::Open if draft.author != caller.actor.id => Err(Error::NotPermitted),
        DraftState::Open => match draft.sections.iter().find(|section| !section.aside.is_empty()) {
            None => Ok(()),
            Some(section) => {
                let problem =
                    format!("{}: two texts were typed; say first which the section is to have", section.title);
                Err(Error::Fields(vec![FieldError { field: "note", problem }]))
            }
        },
        DraftState::Discarded => Err(Error::Conflict("this draft was given up".to_owned())),
        DraftState::Awaiting | DraftState::Signed => {
            let permit = caller.read_chart(Action::ReadClinical, &asked.patient)?;
            let key = Key::new(Kind::COMPOSITION, Id::from_uuid(asked.note));
            let stored = store.read(&permit, &key).await?.ok_or(Error::NotFound)?;
            if is_marked(&read_body(&stored.for_decision().body)?) {
                return Ok(());
            }
            let text = "a signed note stays where it is until it is marked as entered in error: mark it first, then move its text";
            Err(Error::Conflict(text.to_owned()))
        }
    }
}

fn begin(caller: &Caller, draft: &Draft, by: &str, origin: Elsewhere) -> DraftAct {
    // What it added to is in the other chart: here it is a note of its own.
    let kind = match (draft.kind.as_str(), caller.actor.role) {
        ("addendum", Some(Role::Nurse)) => "nurse",
        ("addendum", _) => "progress",
        (kind, _) => kind,
    };
    let section = |section: &DraftSection| {
        let text = section.stands.text.clone();
        let checked = to_check(&text);
        let copied = Copied { note: origin.note.to_string(), day: String::new(), text };
        NewSection { name: section.name.clone(), title: section.title.clone(), text: checked, copied: Some(copied) }
    };
    DraftAct::Begin {
        visit: None,
        appends: None,
        kind: kind.to_owned(),
        title: draft.title.clone(),
        sections: draft.sections.iter().map(section).collect(),
        name: by.to_owned(),
        origin: Some(origin),
    }
}

/// Nobody signs a moved text unread: each section begins with a stop, and every value that the wrong chart brought has one in place of its
/// stamp.
fn to_check(text: &str) -> String {
    if text.trim().is_empty() {
        return text.to_owned();
    }
    let line = |line: &str| match line.trim_start().starts_with(STAMP) {
        true => format!("{STOP} (of another patient’s chart: take these values out, or bring them anew)"),
        false => line.replace(INLINE, &format!(" {STOP} (another patient’s chart, ")),
    };
    let head = format!("{STOP} Moved from another patient’s chart: read every line, then take this one out");
    std::iter::once(head).chain(text.lines().map(line)).collect::<Vec<_>>().join("\n")
}

fn reason(text: &str) -> Result<&str> {
    let wrong = |problem: &str| Err(Error::Fields(vec![FieldError { field: "reason", problem: problem.to_owned() }]));
    match text.trim() {
        "" => wrong("Reason: say in a few words why, for example: written in the wrong chart"),
        reason if reason.chars().count() > 1000 => wrong("Reason: at most 1,000 characters"),
        reason => Ok(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::to_check;

    #[test]
    fn values_of_the_wrong_chart_are_not_signed_unread() {
        let text = "Pale\nWeight: 80 kg\n(from the chart, 25-Nov-2026 13:20)\nCalled\nAsthma (mild), at 80 kg (chart, 25-Nov-2026 13:20) today";
        let moved = to_check(text);
        let stops: Vec<_> = moved.lines().map(|line| line.contains("***")).collect();
        assert_eq!(stops, [true, false, false, true, false, true]);
        assert!(
            moved.ends_with("Asthma (mild), at 80 kg *** (another patient’s chart, 25-Nov-2026 13:20) today"),
            "{moved}"
        );
        assert!(!moved.contains("(from the chart") && !moved.contains("(chart, "));
    }

    #[test]
    fn each_section_with_words_is_read_before_it_is_signed() {
        let lines = to_check("Pale");
        assert_eq!(lines.lines().map(|line| line.starts_with("***")).collect::<Vec<_>>(), [true, false]);
        assert_eq!((to_check("").as_str(), to_check(" \n").as_str()), ("", " \n"), "nothing is moved there");
    }
}
