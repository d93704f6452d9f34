//! Telling a history: permit, the chart as it was shown, the form checked, one transaction with its audit entry.

use super::form::{HistoryForm, Of};
use super::section::Section;
use super::told::{Sorted, slices};
use super::{family, medical, obstetric, questions, social, surgical};
use crate::access::{Action, Caller};
use crate::chart::row::{Row, is_error};
use crate::chart::when::Clock;
use crate::entry;
use crate::error::{Error, FieldError, Result};
use crate::record::{self, Edit};
use crate::shown::{self, Shown, once};
use fhir::edit::condition::{Remark, add_remark};
use fhir::edit::correction;
use fhir::edit::history::{Answer, Teller, retire};
use fhir::{Body, Id, Identity, Key, Kind, PatientId};
use jiff::tz::TimeZone;
use serde_json::Value;
use store::Store;
use store::record::Idempotency;

/// Something of a history on its way into a chart.
pub struct Telling<'a> {
    /// The chart in the address.
    pub patient: PatientId,
    /// The section.
    pub section: Section,
    /// What the page showed: the patient, and the version of the Patient, or of the entry that is changed.
    pub shown: Shown<'a>,
    /// The form's own key: sent twice, it stores once.
    pub once: &'a str,
    /// The caller's name.
    pub by: &'a str,
    /// The practice's zone.
    pub zone: TimeZone,
    /// The id of a new entry: the same whenever the form is sent.
    pub id: Id,
    /// Makes an id for each further one.
    pub more: fn() -> Id,
}

/// A section as it is kept, with what is needed to write in it.
struct Kept {
    parts: Vec<Vec<Row>>,
    patient: Body,
    of: Of,
}

impl Kept {
    async fn of(store: &dyn Store, caller: &Caller, patient: &PatientId, zone: &TimeZone) -> Result<Self> {
        let identity = caller.read_chart(Action::ReadIdentity, patient)?;
        let stored = store.read(&identity, &patient.key()).await?.ok_or(Error::NotFound)?;
        let body = record::read_body(&stored.for_decision().body)?;
        let reading = caller.read_chart(Action::ReadClinical, patient)?;
        let read = store.chart(&reading, patient, &slices()).await?;
        Ok(Self {
            parts: read.for_decision().iter().map(|slice| Row::read_all(&slice.rows)).collect(),
            of: Of { born: Identity::of(&body, "").birth_date, today: Clock::at(caller.at, zone.clone()).today },
            patient: Body::from(body),
        })
    }

    fn sorted(&self) -> Sorted<'_> {
        let parts: Vec<&[Row]> = self.parts.iter().map(Vec::as_slice).collect();
        Sorted::of(&parts, self.patient.root(), self.of.today)
    }
}

/// Records an entry, or what is answered otherwise than before. That there was nothing, where somebody said so, ends with it.
///
/// # Errors
/// [`Error::Fields`], also when it is listed already; [`Error::Conflict`] when the section is not for this patient;
/// [`Error::WrongPatient`], [`Error::VersionMissing`], [`Error::Stale`]; [`Error::NotPermitted`]; what the store says.
pub async fn record(store: &dyn Store, caller: &Caller, telling: Telling<'_>, form: &HistoryForm) -> Result<()> {
    let (patient, section) = (&telling.patient, telling.section);
    let permit = caller.write_chart(Action::WriteObservations, patient)?;
    shown::patient(store, caller, patient, telling.shown).await?;
    let kept = Kept::of(store, caller, patient, &telling.zone).await?;
    let sorted = kept.sorted();
    let at = caller.at.to_string();
    let teller = Teller { patient, at: &at, by: caller.signer(telling.by) };
    let key = Key::new(section.kind(), telling.id.clone());
    let mut edits: Vec<Edit> = match section {
        Section::Social | Section::Obstetric => {
            let answers = answers(&sorted, section, form, &kept.of)?;
            let ids = std::iter::once(telling.id.clone()).chain(std::iter::repeat_with(telling.more));
            let create = |(answer, id): (Answer<'_>, Id)| Edit::Create {
                body: teller.answer(&id, &answer),
                key: Key::new(Kind::OBSERVATION, id),
            };
            answers.into_iter().zip(ids).map(create).collect()
        }
        _ => {
            let body = entry_of(&teller, caller, &sorted, &key, (form, &kept.of))?;
            vec![Edit::Create { key, body }]
        }
    };
    edits.extend(ended(&sorted, section));
    let typed = form.0.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    let guard = guard(&telling, typed);
    record::save(store, &permit, edits, guard, caller.entry("history.record")).await?;
    Ok(())
}

fn guard<'a>(telling: &'a Telling<'_>, typed: impl Iterator<Item = &'a str>) -> Option<Idempotency> {
    once("history", telling.once, typed.chain([telling.section.slug(), telling.patient.as_str()]))
}

fn answers(sorted: &Sorted<'_>, section: Section, form: &HistoryForm, of: &Of) -> Result<Vec<Answer<'static>>> {
    if section == Section::Obstetric {
        if !sorted.obstetric {
            return Err(Error::Conflict("pregnancies are not asked about in this chart".to_owned()));
        }
        let before = questions::shown(&obstetric::QUESTIONS, &sorted.entries(section));
        return obstetric::check(form, &before).map_err(Error::Fields);
    }
    let before = questions::shown(&social::QUESTIONS, &sorted.entries(section));
    social::check(form, &before, of).map_err(Error::Fields)
}

/// A new entry, when it is not listed yet. The same form come again finds what it recorded itself.
fn entry_of(
    teller: &Teller<'_>,
    caller: &Caller,
    sorted: &Sorted<'_>,
    key: &Key,
    (form, of): (&HistoryForm, &Of),
) -> Result<Value> {
    let others = |kind: Kind| {
        let counts = move |row: &&&Row| row.key.kind == kind && row.key != *key && !is_error(row.root());
        sorted.all.iter().filter(counts).copied()
    };
    let listed = |field, what: &str| {
        let problem = format!("{what}: it is listed already; change that entry");
        Err(Error::Fields(vec![FieldError { field, problem }]))
    };
    let (mut body, note) = match key.kind {
        Kind::CONDITION => {
            let checked = medical::check(form, of, caller.may(Action::WriteClinical)).map_err(Error::Fields)?;
            // What is on the problem list needs no second entry either; what a visit diagnosed or refuted says nothing of the past.
            let stands = |row: &Row| {
                let root = row.root();
                let only_visit =
                    root.has_code("category", "encounter-diagnosis") && !root.has_code("category", "problem-list-item");
                !only_visit && !root.has_code("verificationStatus", "refuted")
            };
            let same = |row: &Row| {
                stands(row) && row.root().words("code").is_some_and(|words| words.to_lowercase() == checked.key())
            };
            if others(Kind::CONDITION).any(same) {
                return listed("what", "Illness");
            }
            let mut body = teller.illness(&key.id);
            checked.put(&mut body);
            (body, checked.note)
        }
        Kind::PROCEDURE => {
            let checked = surgical::check(form, of).map_err(Error::Fields)?;
            if others(Kind::PROCEDURE).any(|row| surgical::key(row) == checked.key()) {
                return listed("what", "Operation");
            }
            let mut body = teller.operation(&key.id);
            checked.put(&mut body);
            (body, checked.note)
        }
        _ => {
            let checked = family::check(form, of, false).map_err(Error::Fields)?;
            let only = checked.only();
            if only.is_some_and(|code| {
                others(Kind::FAMILY_MEMBER_HISTORY).any(|row| row.root().has_code("relationship", code))
            }) {
                return listed("relation", "Relative");
            }
            let mut body = teller.relative(&key.id);
            checked.put(&mut body);
            (body, checked.note)
        }
    };
    add_remark(&mut body, &Remark { by: teller.by.clone(), at: teller.at, text: &note });
    Ok(body)
}

/// The List that said there was nothing, ended.
fn ended(sorted: &Sorted<'_>, section: Section) -> Option<Edit> {
    let list = sorted.list(section)?;
    let root = list.root();
    (root.text("status") == Some("current") && root.has_code("emptyReason", "nilknown")).then(|| {
        let mut body = root.value().clone();
        retire(&mut body);
        Edit::Update { key: list.key.clone(), based_on: list.version, body }
    })
}

/// Says an entry anew; a note is added to those that are there.
///
/// # Errors
/// As [`record`]; [`Error::NotFound`] when it is no entry of this section; [`Error::Conflict`] when it was entered in error.
pub async fn change(store: &dyn Store, caller: &Caller, telling: Telling<'_>, form: &HistoryForm) -> Result<()> {
    let (patient, section) = (&telling.patient, telling.section);
    let permit = caller.write_chart(Action::WriteObservations, patient)?;
    let key = Key::new(section.kind(), telling.id.clone());
    let stored = shown::entry(store, caller, patient, &key, telling.shown).await?;
    let row = Row::read(&stored).ok_or(Error::Gone)?;
    if section.asks() || (Section::of(&row, true) != Some(section) && !is_error(row.root())) {
        return Err(Error::NotFound);
    }
    let before = row.root().value();
    if correction::is_marked(before) {
        return Err(Error::Conflict("this was entered in error: take that mark back first".to_owned()));
    }
    if !entry::may_correct(caller, key.kind, before, patient) {
        return Err(Error::NotPermitted);
    }
    let Kept { of, .. } = Kept::of(store, caller, patient, &telling.zone).await?;
    let mut body = before.clone();
    let note = match section {
        Section::Medical => {
            let checked = medical::check(form, &of, caller.may(Action::WriteClinical)).map_err(Error::Fields)?;
            checked.put(&mut body);
            checked.note
        }
        Section::Surgical => {
            let checked = surgical::check(form, &of).map_err(Error::Fields)?;
            checked.put(&mut body);
            checked.note
        }
        _ => {
            if !family::fits_form(&row) {
                return Err(Error::Conflict("this relative has more conditions than the form can show".to_owned()));
            }
            let kept = family::shown(&row).get("relation").is_empty();
            let checked = family::check(form, &of, kept).map_err(Error::Fields)?;
            checked.put(&mut body);
            checked.note
        }
    };
    let at = caller.at.to_string();
    add_remark(&mut body, &Remark { by: caller.signer(telling.by), at: &at, text: &note });
    if body == *before {
        let field = if section == Section::Family { "relation" } else { "what" };
        let problem = "Nothing was changed: “Reviewed, no change” on the history page says so".to_owned();
        return Err(Error::Fields(vec![FieldError { field, problem }]));
    }
    record::update(store, &permit, key, stored.version, body, caller.entry("history.change")).await?;
    Ok(())
}

/// Says that a section was gone through as it was shown, or that there is nothing.
///
/// # Errors
/// [`Error::Stale`] when the section is not as it was shown; [`Error::Conflict`] when there is something after all, or nothing to go
/// through; else as [`record`].
pub async fn review(store: &dyn Store, caller: &Caller, telling: Telling<'_>, seen: &str, none: bool) -> Result<()> {
    let (patient, section) = (&telling.patient, telling.section);
    let permit = caller.write_chart(Action::WriteObservations, patient)?;
    shown::patient(store, caller, patient, telling.shown).await?;
    let kept = Kept::of(store, caller, patient, &telling.zone).await?;
    let sorted = kept.sorted();
    if section == Section::Obstetric && !sorted.obstetric {
        return Err(Error::Conflict("pregnancies are not asked about in this chart".to_owned()));
    }
    if seen != sorted.seen(section) {
        return Err(Error::Stale);
    }
    let entries: Vec<_> = sorted.entries(section).into_iter().map(|row| (row.key.clone(), row.version)).collect();
    let list = sorted.list(section);
    let said = ended(&sorted, section).is_some();
    if none && !entries.is_empty() {
        return Err(Error::Conflict("something is listed: mark what is wrong as entered in error first".to_owned()));
    }
    if !none && entries.is_empty() && !said {
        return Err(Error::Conflict(
            "nothing is recorded here: ask, then say that there is none, or add it".to_owned(),
        ));
    }
    let at = caller.at.to_string();
    let teller = Teller { patient, at: &at, by: caller.signer(telling.by) };
    let title = format!("{} history", section.title());
    let mut body =
        list.map_or_else(|| teller.list(&telling.id, &title, section.code()), |row| row.root().value().clone());
    teller.put_review(&mut body, &entries, entries.is_empty().then_some(section.none()));
    let edit = match list {
        Some(row) => Edit::Update { key: row.key.clone(), based_on: row.version, body },
        None => Edit::Create { key: Key::new(Kind::LIST, telling.id.clone()), body },
    };
    let guard = guard(&telling, [seen, if none { "none" } else { "reviewed" }].into_iter());
    record::save(store, &permit, vec![edit], guard, caller.entry("history.review")).await?;
    Ok(())
}
