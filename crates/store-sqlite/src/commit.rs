//! One commit: first everything is checked, then everything is written. A refusal therefore leaves nothing behind, and many commits
//! can share a transaction without savepoints.

use crate::connection::sql_error;
use crate::ids::{IdColumn, column, rid_or_new};
use crate::index::{self, Place};
use crate::{drafts, find, idempotency};
use fhir::{Key, Kind, PatientId};
use rusqlite::{Connection, OptionalExtension};
use std::borrow::Cow;
use std::collections::HashSet;
use store::draft::Applied;
use store::record::{Change, Commit, Committed, NewVersion, Write};
use store::{Error, Permit, Result, Scope};

/// The counter of the gapless record-number series, and where it starts.
pub(crate) const RECORD_NUMBER: (&str, u64) = ("record-number", 100_001);

/// A commit that may happen, with what the writing of it needs.
pub(crate) struct Plan<'a> {
    writes: Vec<Planned<'a>>,
    next_number: Option<u64>,
    draft: Option<Applied>,
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

/// A resource as the directory has it.
struct Current {
    rid: i64,
    version: u32,
    seq: Option<i64>,
    patient: Option<i64>,
    patient_id: Option<PatientId>,
    date: Option<i64>,
    deleted: bool,
}

impl Current {
    fn live(&self) -> bool {
        self.version > 0 && !self.deleted
    }
}

/// Whether a commit may happen now, and how. Reads only.
pub(crate) fn check<'a>(db: &Connection, permit: &Permit, commit: &'a Commit) -> Result<Plan<'a>> {
    if let Some(retry) = &commit.idempotency
        && let Some(replay) = idempotency::answered(db, permit.actor(), retry)?
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
        let planned = check_write(db, permit, write, &mut plan.next_number)?;
        plan.writes.push(planned);
    }
    for patient in plan.writes.iter().filter(|planned| planned.new.is_none() && planned.key.kind == Kind::PATIENT) {
        check_chart_empty(db, patient, &plan.writes)?;
    }
    for (key, version) in &commit.unchanged {
        let current = current(db, key)?.map_or(0, |current| current.version);
        if current != *version {
            return Err(Error::Stale { key: key.clone(), current });
        }
    }
    for key in &commit.exist {
        if !named.contains(key) && !current(db, key)?.is_some_and(|current| current.live()) {
            return Err(Error::Missing(key.clone()));
        }
    }
    if let Some(change) = &commit.draft {
        if !current(db, &change.patient.key())?.is_some_and(|patient| patient.live()) {
            return Err(Error::Missing(change.patient.key()));
        }
        plan.draft = Some(drafts::check(db, permit, &commit.audit.actor, change, commit.at)?);
    }
    Ok(plan)
}

/// A chart's entries keep their patient: whoever deletes it deletes or moves them too, at the latest in the same commit.
fn check_chart_empty(db: &Connection, patient: &Planned<'_>, writes: &[Planned<'_>]) -> Result<()> {
    let Some(rid) = patient.was.as_ref().map(|was| was.rid) else { return Ok(()) };
    let id = PatientId::new(patient.key.id.clone());
    let others = || writes.iter().filter(|planned| planned.key != patient.key);
    let arrives =
        |planned: &Planned<'_>| planned.new.as_ref().is_some_and(|new| new.index.patient.as_ref() == Some(&id));
    let leaves = |planned: &&Planned<'_>| {
        planned.was.as_ref().is_some_and(|was| was.live() && was.patient == Some(rid)) && !arrives(planned)
    };
    let entries: usize = db
        .prepare_cached(
            "SELECT count(*) FROM resource WHERE patient = ?1 AND rid <> ?1 AND version > 0 AND deleted = 0",
        )
        .and_then(|mut statement| statement.query_row([rid], |row| row.get(0)))
        .map_err(sql_error)?;
    if drafts::waiting(db, rid).map_err(sql_error)? > 0 {
        return Err(Error::ChartHasDrafts(patient.key.clone()));
    }
    if entries > others().filter(leaves).count() || others().any(arrives) {
        return Err(Error::ChartNotEmpty(patient.key.clone()));
    }
    Ok(())
}

fn check_write<'a>(
    db: &Connection,
    permit: &Permit,
    write: &'a Write,
    next_number: &mut Option<u64>,
) -> Result<Planned<'a>> {
    let key = &write.key;
    if !permit.kinds().contains(key.kind) {
        return Err(Error::NotPermitted);
    }
    let was = current(db, key)?;
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
            let number = next_number.map_or_else(|| counter(db), Ok)?;
            *next_number = Some(number + 1);
            Some(Cow::Owned(make(number)?))
        }
        Change::Delete if was.as_ref().is_some_and(Current::live) => None,
        Change::Delete => return Err(Error::Missing(key.clone())),
    };
    let before = was.as_ref().filter(|was| was.version > 0).and_then(|was| was.patient_id.as_ref());
    let after = new.as_ref().map_or(before, |new| new.index.patient.as_ref());
    if let Scope::Patient(mine) = permit.scope() {
        let strays = |patient: Option<&PatientId>| patient.is_some_and(|patient| patient != mine);
        if strays(before) || strays(after) || (before.is_some() && after.is_none()) {
            return Err(Error::WrongPatient(key.clone()));
        }
    }
    Ok(Planned { key, was, version: stored + 1, new })
}

/// Writes a plan. `next_seq` is the practice-wide place of the next version. Also fills in the audit entry: versions made, charts touched.
pub(crate) fn write(
    db: &Connection,
    plan: Plan<'_>,
    commit: &Commit,
    next_seq: &mut i64,
    audit: &mut store::audit::Entry,
) -> rusqlite::Result<Committed> {
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
                let (key, version, seq) = (planned.key.clone(), planned.version, *next_seq);
                write_one(db, planned, commit.at.as_microsecond(), seq)?;
                *next_seq += 1;
                versions.push((key, version, u64::try_from(seq).unwrap_or_default()));
            }
            if let Some(next) = plan.next_number {
                db.prepare_cached("INSERT OR REPLACE INTO counter(name, next) VALUES (?1, ?2)")?
                    .execute((RECORD_NUMBER.0, next))?;
            }
            if let Some(applied) = &plan.draft {
                drafts::write(db, applied)?;
            }
            let done = Committed { versions, draft: plan.draft.map(|applied| applied.kept), replayed: false };
            if let Some(retry) = &commit.idempotency {
                idempotency::remember(db, &commit.audit.actor, retry, &done, commit.at.as_microsecond())?;
            }
            done
        }
    };
    audit.what.extend(done.versions.iter().map(|(key, version, _)| (key.clone(), *version)));
    Ok(done)
}

/// Both the chart a resource is in and the one it leaves are told.
fn note_patients(audit: &mut store::audit::Entry, planned: &Planned<'_>) {
    let before = planned.was.as_ref().and_then(|was| was.patient_id.as_ref());
    let after = planned.new.as_ref().and_then(|new| new.index.patient.as_ref());
    for patient in before.into_iter().chain(after) {
        if !audit.patients.contains(patient) {
            audit.patients.push(patient.clone());
        }
    }
}

fn write_one(db: &Connection, planned: Planned<'_>, at: i64, seq: i64) -> rusqlite::Result<()> {
    let Planned { key, was, version, new } = planned;
    let rid = match &was {
        Some(was) => was.rid,
        None => rid_or_new(db, key.kind, &key.id)?,
    };
    let old = was.filter(|was| was.version > 0);
    if let Some(old) = old.as_ref().filter(|old| !old.deleted) {
        let place = Place { rid, kind: key.kind, patient: old.patient, date: old.date };
        let mut body = db.prepare_cached("SELECT body FROM resource_version WHERE seq = ?1")?;
        let mut rows = body.query([old.seq])?;
        if let Some(row) = rows.next()? {
            index::erase(db, place, row.get_ref(0)?.as_blob()?)?;
        }
    }
    let old_patient = old.as_ref().and_then(|old| old.patient);
    let (patient, date) = match &new {
        // A deletion stays where the resource was: its chart's history tells it.
        None => (old_patient, old.as_ref().and_then(|old| old.date)),
        Some(new) => (patient_rid(db, key, rid, new)?, new.index.date.map(jiff::Timestamp::as_millisecond)),
    };
    let moved_from = old_patient.filter(|old| Some(*old) != patient);
    let body: &[u8] = new.as_ref().map_or(&[], |new| &new.body);
    db.prepare_cached(
        "INSERT INTO resource_version(seq, rid, kind, version, patient, moved_from, recorded_at, deleted, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute((seq, rid, key.kind.number(), version, patient, moved_from, at, new.is_none(), body))?;
    db.prepare_cached(
        "UPDATE resource SET patient = ?2, version = ?3, seq = ?4, date = ?5, deleted = ?6 WHERE rid = ?1",
    )?
    .execute((rid, patient, version, seq, date, new.is_none()))?;
    if let Some(new) = &new {
        index::write(db, Place { rid, kind: key.kind, patient, date }, &new.index)?;
    }
    if key.kind == Kind::PATIENT {
        find::replace(db, rid, new.as_ref().map_or(&[], |new| &new.find_keys))?;
    }
    Ok(())
}

fn patient_rid(db: &Connection, key: &Key, rid: i64, new: &NewVersion) -> rusqlite::Result<Option<i64>> {
    match &new.index.patient {
        None => Ok(None),
        Some(patient) if key.kind == Kind::PATIENT && *patient.id() == key.id => Ok(Some(rid)),
        Some(patient) => rid_or_new(db, Kind::PATIENT, patient.id()).map(Some),
    }
}

fn current(db: &Connection, key: &Key) -> Result<Option<Current>> {
    db.prepare_cached(
        "SELECT r.rid, r.version, r.seq, r.patient, p.id, r.date, r.deleted
         FROM resource r LEFT JOIN resource p ON p.rid = r.patient WHERE r.kind = ?1 AND r.id = ?2",
    )
    .and_then(|mut statement| {
        statement
            .query_row((key.kind.number(), column(&key.id)), |row| {
                Ok(Current {
                    rid: row.get(0)?,
                    version: row.get(1)?,
                    seq: row.get(2)?,
                    patient: row.get(3)?,
                    patient_id: row.get::<_, Option<IdColumn>>(4)?.map(|id| PatientId::new(id.0)),
                    date: row.get(5)?,
                    deleted: row.get(6)?,
                })
            })
            .optional()
    })
    .map_err(sql_error)
}

pub(crate) fn counter(db: &Connection) -> Result<u64> {
    db.prepare_cached("SELECT next FROM counter WHERE name = ?1")
        .and_then(|mut statement| statement.query_row([RECORD_NUMBER.0], |row| row.get(0)).optional())
        .map(|next| next.unwrap_or(RECORD_NUMBER.1))
        .map_err(sql_error)
}
