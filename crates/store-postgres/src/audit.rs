//! The audit trail: appending through the writer, searching, access reports, checking the chain.

use crate::audit_chain::{CHAIN, bound, head, place};
use crate::connection::{Purpose, sql_error};
use crate::line::{Line, Param};
use crate::rows::get;
use crate::writer::{Answer, Work};
use crate::{Db, audit_checkpoint, audit_index};
use async_trait::async_trait;
use fhir::{Kind, PatientId};
use futures_util::TryStreamExt as _;
use std::collections::HashSet;
use std::pin::pin;
use store::audit::{AuditLog, AuditQuery, Entry, Outcome, Recorded, Verdict};
use store::engine::chain::split;
use store::engine::walk::Walk;
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
        let reader = self.readers.snapshot().await?;
        let answer = search(&reader, query).await;
        let found = reader.done(answer).await?;
        let patients: Vec<PatientId> = found.iter().flat_map(|recorded| recorded.entry.patients.clone()).collect();
        Ok(Sealed::seal(found, patients))
    }

    async fn recent_patients(&self, actor: Uuid, count: u32) -> Result<Vec<PatientId>> {
        let reader = self.readers.snapshot().await?;
        let answer = recent(&reader, actor, count as usize).await;
        reader.done(answer).await
    }

    async fn verify(&self) -> Result<Verdict> {
        let line = self.target.connect(Purpose::Whole).await?;
        line.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        verify(&line, &self.key.audit_seed()).await
    }
}

/// Checks the whole chain, a row at a time.
pub(crate) async fn verify(line: &Line, seed: &[u8; 32]) -> Result<Verdict> {
    let mut walk = Walk::new(seed, &audit_checkpoint::all(line).await?)?;
    let told = head(line).await?;
    let statement = line.prepared("SELECT first, last, entries FROM audit WHERE chain = $1 ORDER BY first").await?;
    let rows = line.client().query_raw(&statement, [CHAIN]).await.map_err(sql_error)?;
    let mut rows = pin!(rows);
    while let Some(row) = rows.try_next().await.map_err(sql_error)? {
        if !walk.row(place(&row, 0)?, place(&row, 1)?, get(&row, 2)?) {
            break;
        }
    }
    Ok(walk.verdict(told))
}

/// Entries that match, newest first.
async fn search(line: &Line, query: &AuditQuery) -> Result<Vec<Recorded>> {
    let mut found = Vec::new();
    let before = query.before.unwrap_or(u64::MAX);
    walk(line, query, |recorded| {
        if recorded.sequence < before && matches(query, &recorded.entry) {
            found.push(recorded);
        }
        found.len() < query.count as usize
    })
    .await?;
    Ok(found)
}

fn matches(query: &AuditQuery, entry: &Entry) -> bool {
    query.patient.as_ref().is_none_or(|patient| entry.patients.contains(patient))
        && query.actor.is_none_or(|actor| entry.actor.id == actor)
        && query.action.as_ref().is_none_or(|action| entry.action == *action)
        && query.outcome.is_none_or(|outcome| entry.outcome == outcome)
        && query.since.is_none_or(|since| entry.at >= since)
        && query.until.is_none_or(|until| entry.at < until)
}

/// The charts this actor opened last, each once.
async fn recent(line: &Line, actor: Uuid, count: usize) -> Result<Vec<PatientId>> {
    let (mut seen, mut patients, mut depth) = (HashSet::new(), Vec::new(), 0);
    walk(line, &AuditQuery { actor: Some(actor), ..AuditQuery::default() }, |recorded| {
        let entry = recorded.entry;
        // A search that found one patient alone is not an opening.
        let opened = entry.action == "chart.read" && entry.actor.id == actor;
        if opened && entry.outcome == Outcome::Done && entry.patients.len() == 1 {
            depth += 1;
            patients.extend(entry.patients.into_iter().filter(|patient| seen.insert(patient.clone())));
        }
        patients.len() < count && depth < RECENT_DEPTH
    })
    .await?;
    patients.truncate(count);
    Ok(patients)
}

/// Walks entries newest first, through the index of the patient or the actor where one is given, and of the time (others may come
/// too), until `more` says no. Entries younger than the index are looked through and are all walked.
async fn walk(line: &Line, query: &AuditQuery, mut more: impl FnMut(Recorded) -> bool + Send) -> Result<()> {
    let id = query.patient.as_ref().map(PatientId::as_str);
    // What must stand in an entry's bytes for it to be about this patient or by this actor: saves reading most others whole.
    let sign = match (id, &query.actor) {
        (Some(id), _) => id.as_bytes().to_vec(),
        (None, Some(actor)) => actor.as_bytes().to_vec(),
        (None, None) => Vec::new(),
    };
    let before = query.before.map_or(i64::MAX, bound);
    let since = query.since.map_or(i64::MIN, jiff::Timestamp::as_microsecond);
    let until = query.until.map_or(i64::MAX, jiff::Timestamp::as_microsecond);
    let (within, sign) = (Within { since, until }, sign.as_slice());
    let old: (&str, Param<'_>) = match (&id, &query.actor) {
        (Some(id), _) => (OF_PATIENT, id),
        (None, Some(actor)) => (BY_ACTOR, actor),
        (None, None) => return deliver(line, YOUNG, before, &within, &0_i64, sign, &mut more).await.map(|_more| ()),
    };
    let indexed = bound(audit_index::upto(line).await?);
    if deliver(line, YOUNG, before, &within, &indexed, sign, &mut more).await? {
        let before = before.min(indexed.saturating_add(1));
        deliver(line, old.0, before, &within, old.1, sign, &mut more).await?;
    }
    Ok(())
}

/// The times asked for: since, until (µs).
struct Within {
    since: i64,
    until: i64,
}

/// Rows of entries that stand before a place and reach into a time, newest first, so many at a time: after a place, of one patient, by
/// one actor.
const YOUNG: &str = "SELECT first, entries FROM audit
    WHERE chain = $1 AND first < $2 AND latest >= $4 AND earliest < $5 AND first > $6 ORDER BY first DESC LIMIT $3";
const OF_PATIENT: &str = "SELECT a.first, a.entries FROM audit_patient i JOIN audit a ON a.chain = i.chain AND a.first = i.first
    WHERE i.chain = $1 AND i.first < $2 AND a.latest >= $4 AND a.earliest < $5 AND i.patient = $6 ORDER BY i.first DESC LIMIT $3";
const BY_ACTOR: &str = "SELECT a.first, a.entries FROM audit_actor i JOIN audit a ON a.chain = i.chain AND a.first = i.first
    WHERE i.chain = $1 AND i.first < $2 AND a.latest >= $4 AND a.earliest < $5 AND i.actor = $6 ORDER BY i.first DESC LIMIT $3";
/// Rows fetched at a time.
const SOME: i64 = 500;

/// Hands on the entries of a query's rows until `more` says no.
async fn deliver(
    line: &Line,
    sql: &str,
    mut before: i64,
    within: &Within,
    chosen: Param<'_>,
    sign: &[u8],
    more: &mut (impl FnMut(Recorded) -> bool + Send),
) -> Result<bool> {
    let bears = |canonical: &[u8]| sign.is_empty() || canonical.windows(sign.len()).any(|window| window == sign);
    loop {
        let rows = line.query(sql, &[&CHAIN, &before, &SOME, &within.since, &within.until, chosen]).await?;
        for row in &rows {
            let first = place(row, 0)?;
            let entries: Vec<Option<Entry>> = split(get(row, 1)?)
                .map(|(canonical, _)| bears(canonical).then(|| Entry::from_canonical(canonical)).flatten())
                .collect();
            for (at, entry) in entries.into_iter().enumerate().rev() {
                // What cannot be read is what `verify` reports; a report shows the rest.
                let Some(entry) = entry else { continue };
                if !more(Recorded { sequence: first + at as u64, entry }) {
                    return Ok(false);
                }
            }
        }
        match rows.last() {
            Some(last) => before = get(last, 0)?,
            None => return Ok(true),
        }
    }
}
