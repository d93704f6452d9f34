//! Putting right what follows from what is kept, in transactions of bounded size.

use super::check::{ToMend, key};
use super::trail::mend_times;
use crate::audit_index;
use crate::commit::RECORD_NUMBER;
use crate::ids::rid_or_new;
use crate::index::{self, Place};
use crate::writer::Work;
use crate::{Db, find};
use fhir::Kind;
use fhir::index::Index;
use rusqlite::{Connection, OptionalExtension};
use store::Result;
use store::engine::compare;
use store::find::FindKeys;

/// Resources put right in one transaction.
const AT_ONCE: usize = 2_000;

/// Mends everything a check found that can be.
pub(super) async fn all(db: &Db, keys: FindKeys, what: ToMend) -> Result<()> {
    let ToMend { rids, slips, next_number, terms, units, trail, trail_upto, trail_times, drafts } = what;
    if !(terms.is_empty() && units.is_empty()) {
        let (terms, units) = (list(&terms), list(&units));
        // Written anew with the resources that use them: those were found for it.
        let forget = move |db: &Connection| {
            db.execute("DELETE FROM term WHERE id IN (SELECT value FROM json_each(?1))", [&terms])?;
            db.execute("DELETE FROM unit WHERE id IN (SELECT value FROM json_each(?1))", [&units]).map(|_rows| ())
        };
        db.ask(Work::Mend(Box::new(forget))).await?;
    }
    let rids: Vec<i64> = rids.into_iter().collect();
    for some in rids.chunks(AT_ONCE).map(<[i64]>::to_vec) {
        db.ask(Work::Mend(Box::new(move |db| resources(db, keys, &some)))).await?;
    }
    if slips {
        db.ask(Work::Mend(Box::new(find::mend_slips))).await?;
    }
    if let Some(next) = next_number {
        let count = move |db: &Connection| {
            let sql = "INSERT OR REPLACE INTO counter(name, next) VALUES (?1, ?2)";
            db.execute(sql, (RECORD_NUMBER.0, next)).map(|_rows| ())
        };
        db.ask(Work::Mend(Box::new(count))).await?;
    }
    if let Some(last) = trail_upto {
        // What was appended since the check is not indexed yet.
        db.ask(Work::Mend(Box::new(move |db| audit_index::no_further(db, last)))).await?;
    }
    let trail: Vec<i64> = trail.into_iter().collect();
    for some in trail.chunks(AT_ONCE).map(<[i64]>::to_vec) {
        db.ask(Work::Mend(Box::new(move |db| audit_index::renew(db, &some)))).await?;
    }
    if trail_times {
        db.ask(Work::Mend(Box::new(mend_times))).await?;
    }
    if !drafts.is_empty() {
        let mend =
            move |db: &Connection| drafts.iter().try_for_each(|(chart, id)| crate::drafts::mend(db, *chart, *id));
        db.ask(Work::Mend(Box::new(mend))).await?;
    }
    Ok(())
}

fn resources(db: &Connection, keys: FindKeys, rids: &[i64]) -> rusqlite::Result<()> {
    let system = find::number_system(db)?;
    // Tokens are kept by value: one walk finds those of all these resources.
    db.execute("DELETE FROM idx_token WHERE rid IN (SELECT value FROM json_each(?1))", [list(rids)])?;
    for rid in rids {
        resource(db, keys, &system, *rid)?;
    }
    Ok(())
}

/// Writes anew what follows from a resource's last version, but for tokens that should not be there: its row in the directory, its index
/// rows, a Patient's keys. Answers the rows' place and what they were made of, for a live resource.
pub(super) fn resource(
    db: &Connection,
    keys: FindKeys,
    system: &str,
    rid: i64,
) -> rusqlite::Result<Option<(Place, Index)>> {
    let last = db
        .prepare_cached(
            "SELECT r.kind, r.id, v.seq, v.version, v.deleted, v.patient, v.body FROM resource r JOIN resource_version v ON v.rid = r.rid
             WHERE r.rid = ?1 ORDER BY v.version DESC LIMIT 1",
        )?
        .query_row([rid], |row| {
            let last: (i64, u32, bool, Option<i64>) = (row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?);
            Ok((key(row, 0)?, last, row.get::<_, Vec<u8>>(6)?))
        })
        .optional()?;
    let Some((key, (seq, version, deleted, patient), body)) = last else {
        // Only referred to, or no resource at all: nothing is found by it.
        index::erase_others(db, rid, true)?;
        find::replace(db, rid, &[])?;
        return Ok(None);
    };
    let kind = key.kind;
    let read = if deleted { None } else { compare::body(&key, version, &body).ok() };
    if !deleted && read.is_none() {
        // Nothing can be said of what it holds, or it is another's; what it was found by stays.
        return Ok(None);
    }
    index::erase_others(db, rid, true)?;
    let point = "UPDATE resource SET version = ?2, seq = ?3, deleted = ?4, patient = ?5, date = ?6 WHERE rid = ?1";
    let Some(index) = read.map(|value| Index::of(kind, &value)) else {
        let date: Option<i64> =
            db.prepare_cached("SELECT date FROM resource WHERE rid = ?1")?.query_row([rid], |row| row.get(0))?;
        db.prepare_cached(point)?.execute((rid, version, seq, true, patient, date))?;
        find::replace(db, rid, &[])?;
        return Ok(None);
    };
    let patient = match &index.patient {
        None => None,
        Some(patient) => Some(rid_or_new(db, Kind::PATIENT, patient.id())?),
    };
    let date = index.date.map(jiff::Timestamp::as_millisecond);
    db.prepare_cached(point)?.execute((rid, version, seq, false, patient, date))?;
    db.prepare_cached("UPDATE resource_version SET patient = ?2 WHERE seq = ?1 AND patient IS NOT ?2")?
        .execute((seq, patient))?;
    let place = Place { rid, kind, patient, date };
    index::write(db, place, &index)?;
    // Nothing but a Patient has keys.
    let keys = if kind == Kind::PATIENT { (keys.of)(&body, system) } else { Vec::new() };
    find::replace(db, rid, &keys)?;
    Ok(Some((place, index)))
}

fn list(numbers: &[i64]) -> String {
    let texts: Vec<String> = numbers.iter().map(i64::to_string).collect();
    format!("[{}]", texts.join(","))
}
