//! The audit trail: appending through the writer, searching, access reports.

use crate::connection::sql_error;
use crate::ids::column;
use crate::writer::{Answer, Work};
use crate::{Db, audit_chain, audit_index, audit_span, audit_verify};
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
    walk(db, query, |recorded| {
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
    walk(db, &AuditQuery { actor: Some(actor), ..AuditQuery::default() }, |recorded| {
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

/// Walks entries newest first, through the index of the patient or the actor where one is given, and of the time (others may come
/// too), until `more` says no. Entries younger than the index are looked through and are all walked.
fn walk(db: &Connection, query: &AuditQuery, mut more: impl FnMut(Recorded) -> bool) -> rusqlite::Result<()> {
    let (patient, actor) = (query.patient.as_ref(), query.actor);
    let before = query.before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX);
    let indexed = i64::try_from(audit_index::upto(db)?).unwrap_or(i64::MAX);
    // What must stand in an entry's bytes for it to be about this patient or by this actor: saves reading most others whole.
    let sign = patient.map_or_else(
        || actor.map_or_else(Vec::new, |actor| actor.as_bytes().to_vec()),
        |patient| patient.as_str().as_bytes().to_vec(),
    );
    let mut young =
        db.prepare_cached("SELECT first, entries FROM audit WHERE first < ?1 AND first > ?2 ORDER BY first DESC")?;
    if !deliver(young.query([before, indexed])?, &sign, &mut more)? {
        return Ok(());
    }
    let (chosen, by): (&str, Value) = match (patient, actor) {
        (Some(patient), _) => (
            "AND first IN (SELECT first FROM audit_patient WHERE patient = ?3 AND first BETWEEN ?1 AND ?2)",
            column(patient.id()),
        ),
        (None, Some(actor)) => (
            "AND first IN (SELECT first FROM audit_actor WHERE actor = ?3 AND first BETWEEN ?1 AND ?2)",
            Value::Blob(actor.as_bytes().to_vec()),
        ),
        (None, None) => ("AND ?3 IS NULL", Value::Null),
    };
    let sql = format!("SELECT first, entries FROM audit WHERE first BETWEEN ?1 AND ?2 {chosen} ORDER BY first DESC");
    let mut old = db.prepare_cached(&sql)?;
    for (first, last) in audit_span::reaching(db, query, indexed)? {
        if !deliver(old.query((first, last.min(before - 1), &by))?, &sign, &mut more)? {
            break;
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;
    use jiff::{Timestamp, ToSpan as _};
    use store::Actor;

    const TRAIL: i64 = 60_000;

    fn at(minute: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + minute.minutes()
    }

    /// The minute of an entry: one after another, but for a clock that was once set back by 10,000 minutes and a single stray.
    fn minute(n: i64) -> i64 {
        match n {
            777 => 1_000_000,
            n if n > 30_000 => n - 10_000,
            n => n,
        }
    }

    fn entry(n: i64) -> Entry {
        let id = Uuid::from_u128(if n % 1_000 == 0 { 1 } else { 2 });
        let actor = Actor { id, name: "somebody".into(), role: None, practitioner: None };
        Entry::new(at(minute(n)), Uuid::from_u128(9), actor, "chart.read")
    }

    /// Entries 1 to [`TRAIL`], three to a row, indexed but for the last few.
    fn trail() -> Connection {
        let mut db = Connection::open_in_memory().expect("memory");
        schema::migrate(&mut db, std::path::Path::new("none")).expect("tables");
        let mut head = audit_chain::Head::default();
        for row in (1..=TRAIL).collect::<Vec<_>>().chunks(3) {
            let entries: Vec<Entry> = row.iter().map(|n| entry(*n)).collect();
            head = audit_chain::append(&db, head, &entries).expect("appended");
            // Rests of all lengths.
            let at_rest = head.last.is_multiple_of(4_001) && head.last < 59_000;
            audit_index::catch_up(&db, head, at_rest).expect("indexed");
        }
        db
    }

    fn asked(since: i64, until: i64) -> AuditQuery {
        AuditQuery { since: Some(at(since)), until: Some(at(until)), count: u32::MAX, ..AuditQuery::default() }
    }

    fn sequences(db: &Connection, query: &AuditQuery) -> Vec<u64> {
        search(db, query).expect("found").iter().map(|recorded| recorded.sequence).collect()
    }

    #[test]
    fn a_time_is_found_without_walking_the_trail_and_whatever_the_clock_did() {
        let db = trail();
        for (since, until) in [(100, 160), (20_500, 20_700), (29_990, 30_010), (49_900, 50_100), (999_999, 1_000_001)] {
            let expected: Vec<u64> = (1..=TRAIL)
                .rev()
                .filter(|n| (since..until).contains(&minute(*n)))
                .map(|n| u64::try_from(n).expect("positive"))
                .collect();
            assert_eq!(sequences(&db, &asked(since, until)), expected, "{since} to {until}");
            let mine = AuditQuery { actor: Some(Uuid::from_u128(1)), ..asked(since, until) };
            let expected: Vec<u64> = expected.into_iter().filter(|n| n % 1_000 == 0).collect();
            assert_eq!(sequences(&db, &mine), expected, "one actor, {since} to {until}");
        }
        let mut walked = 0;
        walk(&db, &asked(20_500, 20_700), |_| {
            walked += 1;
            true
        })
        .expect("walked");
        // Two places of the trail, each in two stretches at most; what is younger than the index; the stretch of the stray.
        assert!(walked < 8_000 + 5 * 1_100, "{walked} entries of {TRAIL} were walked");
    }

    #[test]
    fn a_page_within_a_time_goes_on_where_the_last_ended() {
        let db = trail();
        let whole = sequences(&db, &asked(20_500, 20_700));
        let first = sequences(&db, &AuditQuery { count: 150, ..asked(20_500, 20_700) });
        let rest = sequences(&db, &AuditQuery { before: first.last().copied(), ..asked(20_500, 20_700) });
        assert_eq!([first, rest].concat(), whole);
    }

    #[test]
    fn the_times_of_an_older_trail_are_noted_by_the_upgrade() {
        let db = trail();
        let spans = |db: &Connection| -> Vec<(i64, i64)> {
            audit_span::reaching(db, &asked(0, 2_000_000), 0).expect("stretches")
        };
        let before = spans(&db);
        db.execute("DELETE FROM audit_span", []).expect("as it was");
        audit_index::note_times(&db).expect("noted");
        assert_eq!(spans(&db), before);
    }
}
