//! The audit trail: appending through the writer, searching, access reports.

use crate::connection::sql_error;
use crate::ids::column;
use crate::writer::{Answer, Work};
use crate::{Db, audit_chain, audit_index, audit_verify};
use async_trait::async_trait;
use fhir::{Kind, PatientId};
use rusqlite::types::Value;
use rusqlite::{Connection, Rows};
use std::collections::HashSet;
use store::audit::{AuditLog, AuditQuery, Entry, Outcome, Recorded, Verdict};
use store::{Error, Permit, Result, Sealed};
use uuid::Uuid;

/// Entries of one actor looked through for recent charts, at most.
const RECENT_DEPTH: usize = 5_000;

#[async_trait]
impl AuditLog for Db {
    async fn append(&self, entry: Entry) -> Result<u64> {
        match self.ask(Work::Audit(Box::new(entry))).await? {
            Answer::Recorded(sequence) => Ok(sequence),
            _ => Err(Error::Broken("the writer answered something else".to_owned())),
        }
    }

    async fn entries(&self, permit: &Permit, query: &AuditQuery) -> Result<Sealed<Vec<Recorded>>> {
        if !permit.kinds().contains(Kind::AUDIT_EVENT) {
            return Err(Error::NotPermitted);
        }
        let query = query.clone();
        let found = self.readers.scan_audit(move |db| search(db, &query).map_err(sql_error)).await?;
        let patients: Vec<PatientId> = found.iter().flat_map(|recorded| recorded.entry.patients.clone()).collect();
        Ok(Sealed::seal(found, patients))
    }

    async fn recent_patients(&self, actor: Uuid, count: u32) -> Result<Vec<PatientId>> {
        self.readers.scan_audit(move |db| recent(db, actor, count as usize).map_err(sql_error)).await
    }

    async fn verify(&self) -> Result<Verdict> {
        let (seed, file) = (self.audit_seed(), self.checkpoint_file());
        self.readers.whole_audit(move |db| audit_verify::verify(db, &seed, &file)).await
    }
}

/// Entries that match, newest first.
fn search(db: &Connection, query: &AuditQuery) -> rusqlite::Result<Vec<Recorded>> {
    let mut found = Vec::new();
    let before = query.before.unwrap_or(u64::MAX);
    walk(db, query.patient.as_ref(), query.actor, before, |recorded| {
        if recorded.sequence < before && matches(query, &recorded.entry) {
            found.push(recorded);
        }
        found.len() < query.count as usize
    })?;
    Ok(found)
}

fn matches(query: &AuditQuery, entry: &Entry) -> bool {
    let outcome: Option<Outcome> = query.outcome;
    query.patient.as_ref().is_none_or(|patient| entry.patients.contains(patient))
        && query.actor.is_none_or(|actor| entry.actor.id == actor)
        && query.action.as_ref().is_none_or(|action| entry.action == *action)
        && outcome.is_none_or(|outcome| entry.outcome == outcome)
        && query.since.is_none_or(|since| entry.at >= since)
        && query.until.is_none_or(|until| entry.at < until)
}

/// The charts this actor opened last, each once.
fn recent(db: &Connection, actor: Uuid, count: usize) -> rusqlite::Result<Vec<PatientId>> {
    let (mut seen, mut patients, mut depth) = (HashSet::new(), Vec::new(), 0);
    walk(db, None, Some(actor), u64::MAX, |recorded| {
        let entry = recorded.entry;
        // A search that found one patient alone is not an opening.
        let opened = entry.action == "chart.read" && entry.actor.id == actor;
        if opened && entry.outcome == Outcome::Done && entry.patients.len() == 1 {
            depth += 1;
            patients.extend(entry.patients.into_iter().filter(|patient| seen.insert(patient.clone())));
        }
        patients.len() < count && depth < RECENT_DEPTH
    })?;
    patients.truncate(count);
    Ok(patients)
}

/// Walks entries newest first, through the index of the patient or the actor where one is given (others may come too), until
/// `more` says no. Entries younger than the index are looked through and are all walked.
fn walk(
    db: &Connection,
    patient: Option<&PatientId>,
    actor: Option<Uuid>,
    before: u64,
    mut more: impl FnMut(Recorded) -> bool,
) -> rusqlite::Result<()> {
    let before = i64::try_from(before).unwrap_or(i64::MAX);
    let indexed = i64::try_from(audit_index::upto(db)?).unwrap_or(i64::MAX);
    // What must stand in an entry's bytes for it to be about this patient or by this actor: saves reading most others whole.
    let sign = patient.map_or_else(
        || actor.map_or_else(Vec::new, |actor| actor.as_bytes().to_vec()),
        |patient| patient.as_str().as_bytes().to_vec(),
    );
    let (chosen, by): (&str, Value) = match (patient, actor) {
        (Some(patient), _) => ("first IN (SELECT first FROM audit_patient WHERE patient = ?3)", column(patient.id())),
        (None, Some(actor)) => {
            ("first IN (SELECT first FROM audit_actor WHERE actor = ?3)", Value::Blob(actor.as_bytes().to_vec()))
        }
        (None, None) => ("?3 IS NULL", Value::Null),
    };
    let mut young =
        db.prepare_cached("SELECT first, entries FROM audit WHERE first < ?1 AND first > ?2 ORDER BY first DESC")?;
    if !deliver(young.query([before, indexed])?, &sign, &mut more)? {
        return Ok(());
    }
    let sql =
        format!("SELECT first, entries FROM audit WHERE first < ?1 AND first <= ?2 AND {chosen} ORDER BY first DESC");
    let mut old = db.prepare_cached(&sql)?;
    deliver(old.query((before, indexed, by))?, &sign, &mut more).map(|_more| ())
}

fn deliver(mut rows: Rows<'_>, sign: &[u8], more: &mut impl FnMut(Recorded) -> bool) -> rusqlite::Result<bool> {
    while let Some(row) = rows.next()? {
        let first: u64 = row.get(0)?;
        let bears = |canonical: &[u8]| sign.is_empty() || canonical.windows(sign.len()).any(|window| window == sign);
        let entries: Vec<Option<Entry>> = audit_chain::split(row.get_ref(1)?.as_blob()?)
            .map(|(canonical, _)| bears(canonical).then(|| Entry::from_canonical(canonical)).flatten())
            .collect();
        for (place, entry) in entries.into_iter().enumerate().rev() {
            // What cannot be read is what `verify` reports; a report shows the rest.
            let Some(entry) = entry else { continue };
            if !more(Recorded { sequence: first + place as u64, entry }) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
