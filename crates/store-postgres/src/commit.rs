//! One commit of a group: first everything is checked against the [`View`], then everything is noted, there and in [`Pending`]. A
//! refusal therefore leaves nothing behind, and many commits can share a transaction without savepoints.

use crate::chart::UNDATED;
use crate::idempotency;
use crate::pending::{Pending, Version};
use crate::view::{Current, View};
use fhir::{Key, Kind, PatientId};
use std::borrow::Cow;
use std::collections::HashSet;
use store::draft::{Applied, apply};
use store::record::{Change, Commit, Committed, NewVersion, Write};
use store::{Error, Permit, Result, Scope};

/// A commit that may happen, with what the writing of it needs.
pub(crate) struct Plan<'a> {
    writes: Vec<Planned<'a>>,
    next_number: Option<i64>,
    /// What becomes of a draft, and the number of its chart.
    draft: Option<(i64, Applied)>,
    /// The answer of an earlier, identical request: nothing is written.
    replay: Option<Committed>,
}

struct Planned<'a> {
    key: &'a Key,
    was: Option<Current>,
    version: u32,
    /// `None`: a deletion.
    new: Option<Cow<'a, NewVersion>>,
}

/// Whether a commit may happen now, and how.
pub(crate) fn check<'a>(view: &View, permit: &Permit, commit: &'a Commit) -> Result<Plan<'a>> {
    if let Some(retry) = &commit.idempotency
        && let Some(replay) = idempotency::answered(&view.answers, permit.actor(), retry)?
    {
        return Ok(Plan { writes: Vec::new(), next_number: None, draft: None, replay: Some(replay) });
    }
    let mut named = HashSet::with_capacity(commit.writes.len());
    let mut plan =
        Plan { writes: Vec::with_capacity(commit.writes.len()), next_number: None, draft: None, replay: None };
    for write in &commit.writes {
        if !named.insert(&write.key) {
            return Err(Error::Exists(write.key.clone()));
        }
        let planned = check_write(view, permit, write, &mut plan.next_number)?;
        plan.writes.push(planned);
    }
    for patient in plan.writes.iter().filter(|planned| planned.new.is_none() && planned.key.kind == Kind::PATIENT) {
        check_chart_empty(view, patient, &plan.writes)?;
    }
    for (key, version) in &commit.unchanged {
        let current = view.current(key).map_or(0, |current| current.version);
        if current != *version {
            return Err(Error::Stale { key: key.clone(), current });
        }
    }
    for key in &commit.exist {
        if !named.contains(key) && !view.current(key).is_some_and(Current::live) {
            return Err(Error::Missing(key.clone()));
        }
    }
    if let Some(change) = &commit.draft {
        let applied = apply(view.drafts.get(&change.id), change, permit, &commit.audit.actor, commit.at)?;
        // A chart is one that was written.
        let chart = view.current(&change.patient.key()).filter(|patient| patient.live()).map(|patient| patient.rid);
        plan.draft = Some((chart.ok_or_else(|| Error::Missing(change.patient.key()))?, applied));
    }
    Ok(plan)
}

/// A chart's entries keep their patient: whoever deletes it deletes or moves them too, at the latest in the same commit.
fn check_chart_empty(view: &View, patient: &Planned<'_>, writes: &[Planned<'_>]) -> Result<()> {
    let Some(rid) = patient.was.as_ref().map(|was| was.rid) else { return Ok(()) };
    let id = PatientId::new(patient.key.id.clone());
    let others = || writes.iter().filter(|planned| planned.key != patient.key);
    let arrives =
        |planned: &Planned<'_>| planned.new.as_ref().is_some_and(|new| new.index.patient.as_ref() == Some(&id));
    let leaves = |planned: &&Planned<'_>| {
        planned.was.as_ref().is_some_and(|was| was.live() && was.place == rid) && !arrives(planned)
    };
    let leaving = i64::try_from(others().filter(leaves).count()).unwrap_or(i64::MAX);
    if view.waiting(rid) > 0 {
        return Err(Error::ChartHasDrafts(patient.key.clone()));
    }
    if view.entries(rid) > leaving || others().any(arrives) {
        return Err(Error::ChartNotEmpty(patient.key.clone()));
    }
    Ok(())
}

fn check_write<'a>(
    view: &View,
    permit: &Permit,
    write: &'a Write,
    next_number: &mut Option<i64>,
) -> Result<Planned<'a>> {
    let key = &write.key;
    if !permit.kinds().contains(key.kind) {
        return Err(Error::NotPermitted);
    }
    let was = view.current(key).cloned();
    let stored = was.as_ref().map_or(0, |was| was.version);
    match write.based_on {
        None if stored > 0 => return Err(Error::Exists(key.clone())),
        Some(_) if stored == 0 => return Err(Error::Missing(key.clone())),
        Some(version) if version != stored => return Err(Error::Stale { key: key.clone(), current: stored }),
        _ => {}
    }
    let new = match &write.change {
        Change::Put(new) => Some(Cow::Borrowed(new)),
        Change::PutNumbered(make) => {
            let number = next_number.unwrap_or(view.next_number);
            *next_number = Some(number + 1);
            Some(Cow::Owned(make(number.unsigned_abs())?))
        }
        Change::Delete if was.as_ref().is_some_and(Current::live) => None,
        Change::Delete => return Err(Error::Missing(key.clone())),
    };
    let before = was.as_ref().filter(|was| was.version > 0).and_then(|was| was.patient.as_ref());
    let after = new.as_ref().map_or(before, |new| new.index.patient.as_ref());
    if let Scope::Patient(mine) = permit.scope() {
        let strays = |patient: Option<&PatientId>| patient.is_some_and(|patient| patient != mine);
        if strays(before) || strays(after) || (before.is_some() && after.is_none()) {
            return Err(Error::WrongPatient(key.clone()));
        }
    }
    Ok(Planned { key, was, version: stored + 1, new })
}

/// Notes a plan in the view and among what is to be written. Also fills in the audit entry: versions made, charts touched.
///
/// # Errors
/// When the view lacks what the plan names, which is a fault of this program; then the group must not be written.
pub(crate) fn note<'a>(
    view: &mut View,
    pending: &mut Pending<'a>,
    plan: Plan<'a>,
    commit: &'a Commit,
    audit: &mut store::audit::Entry,
) -> Result<Committed> {
    let done = match plan.replay {
        Some(replay) => {
            // Nothing is made: the trail tells that it was answered again.
            audit.action.push_str(".again");
            replay
        }
        None => {
            let mut versions = Vec::with_capacity(plan.writes.len());
            for planned in plan.writes {
                note_patients(audit, &planned);
                let (key, version, seq) = (planned.key.clone(), planned.version, view.next_seq);
                note_one(view, pending, planned, commit.at.as_microsecond(), seq)?;
                view.next_seq += 1;
                versions.push((key, version, seq.unsigned_abs()));
            }
            if let Some(next) = plan.next_number {
                view.next_number = next;
            }
            let mut draft = None;
            if let Some((chart, applied)) = plan.draft {
                draft = Some(applied.kept.clone());
                if let Some(now) = &applied.draft {
                    let before = view.drafts.get(&now.id).is_some_and(|before| before.waits_for().is_some());
                    view.draft_waits(chart, before, now.waits_for().is_some());
                }
                pending.drafts.push(&mut view.drafts, chart, applied)?;
            }
            let done = Committed { versions, draft, replayed: false };
            if let Some(retry) = &commit.idempotency {
                let at = commit.at.as_microsecond();
                pending.answers.push(&mut view.answers, commit.audit.actor.id, (retry, &done), at);
            }
            done
        }
    };
    audit.what.extend(done.versions.iter().map(|(key, version, _)| (key.clone(), *version)));
    Ok(done)
}

/// Both the chart a resource is in and the one it leaves are told.
fn note_patients(audit: &mut store::audit::Entry, planned: &Planned<'_>) {
    let before = planned.was.as_ref().filter(|was| was.version > 0).and_then(|was| was.patient.as_ref());
    let after = planned.new.as_ref().and_then(|new| new.index.patient.as_ref());
    for patient in before.into_iter().chain(after) {
        if !audit.patients.contains(patient) {
            audit.patients.push(patient.clone());
        }
    }
}

fn note_one<'a>(view: &mut View, pending: &mut Pending<'a>, planned: Planned<'a>, at: i64, seq: i64) -> Result<()> {
    let Planned { key, was, version, new } = planned;
    let (rid, unnamed) = known(view, key)?;
    let old = was.as_ref().filter(|was| was.version > 0);
    let (place, patient, date) = match &new {
        // A deletion stays where the resource was: its chart's history tells it.
        None => old.map_or((0, None, UNDATED), |old| (old.place, old.patient.clone(), old.date)),
        Some(new) => {
            let date = new.index.date.map_or(UNDATED, jiff::Timestamp::as_millisecond);
            let place = match &new.index.patient {
                // A Patient is in the chart that is its own.
                _ if key.kind == Kind::PATIENT => rid,
                None => 0,
                Some(patient) => name(view, pending, &Key::new(Kind::PATIENT, patient.id().clone()))?,
            };
            let own = || PatientId::new(key.id.clone());
            let patient = if key.kind == Kind::PATIENT { Some(own()) } else { new.index.patient.clone() };
            (place, patient, date)
        }
    };
    for reference in new.iter().flat_map(|new| &new.index.references) {
        if reference.target != *key {
            name(view, pending, &reference.target)?;
        }
    }
    if let Some(old) = old.filter(|old| !old.deleted) {
        pending.erase(old.place, rid);
    }
    let moved = was.as_ref().is_none_or(|was| was.place != place);
    if unnamed || moved {
        pending.place(key, rid, place);
    }
    if let Some(was) = was.as_ref().filter(|was| was.row && was.place != place) {
        pending.leave(was.place, rid);
    }
    let moved_from = old.map(|old| old.place).filter(|from| *from != place && *from != 0);
    let deleted = new.is_none();
    view.set(key, Current { rid, named: true, row: true, place, patient, version, date, deleted });
    pending.version(Version { key, rid, place, version, seq, moved_from, at, date, new });
    Ok(())
}

/// The number of a resource that is referred to; named now if it never was.
fn name(view: &mut View, pending: &mut Pending<'_>, key: &Key) -> Result<i64> {
    let (rid, unnamed) = known(view, key)?;
    if unnamed {
        let patient = key.kind == Kind::PATIENT;
        let place = if patient { rid } else { 0 };
        pending.place(key, rid, place);
        if patient {
            pending.only_named(key, rid);
        }
        let id = patient.then(|| PatientId::new(key.id.clone()));
        let now =
            Current { rid, named: true, row: patient, place, patient: id, version: 0, date: UNDATED, deleted: false };
        view.set(key, now);
    }
    Ok(rid)
}

fn known(view: &View, key: &Key) -> Result<(i64, bool)> {
    view.number(key).ok_or_else(|| Error::Broken("a commit names what was not looked up".to_owned()))
}
