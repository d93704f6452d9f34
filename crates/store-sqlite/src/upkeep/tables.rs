//! The tables that follow from current bodies: which rows there should be, and which there are.

use super::check::{Check, key};
use crate::chart::UNDATED;
use crate::idempotency;
use crate::ids::rid;
use crate::index::{hash, term};
use fhir::index::Index;
use rusqlite::{Connection, Row};
use std::collections::HashSet;
use store::engine::compare::row;
use store::engine::slips::slips;
use store::find::KeyClass;

/// Whether keys of this class have their spellings kept.
pub(super) fn is_name(class: u8) -> bool {
    class == KeyClass::Name as u8 || class == KeyClass::FormerName as u8
}

/// The mark of a key's row.
pub(super) fn find_key(class: u8, key: &str) -> u64 {
    row("find_key", (class, key))
}

/// The marks of the rows a current version should have. Each is made of the same columns, in the same order, as those of [`compare`].
pub(super) fn expected(
    db: &Connection,
    patient: Option<i64>,
    date: Option<i64>,
    index: &Index,
) -> rusqlite::Result<Vec<u64>> {
    let (patient, date) = (patient.unwrap_or_default(), date.unwrap_or(UNDATED));
    let mut rows = Vec::with_capacity(index.rows() + 1);
    rows.extend(index.tokens.iter().map(|it| token(it.param.0, &it.code, patient, date, it.part, term(it))));
    rows.extend(index.dates.iter().map(|it| row("idx_date", (it.param.0, it.period.from, it.period.until, it.part))));
    rows.extend(index.strings.iter().map(|it| row("idx_string", (it.param.0, &*it.folded, &*it.exact, it.part))));
    rows.extend(index.quantities.iter().map(|it| {
        let unit = hash(&[&it.system, &it.code, &it.unit]);
        row("idx_quantity", (it.param.0, bits(it.low), bits(it.high), unit, it.part))
    }));
    for it in &index.references {
        // What is named and not in the directory is in no row: no number is -1.
        let target = rid(db, it.target.kind, &it.target.id)?.unwrap_or(-1);
        rows.push(row("idx_reference", (it.param.0, target, it.part, date)));
    }
    rows.extend(index.uris.iter().map(|it| row("idx_uri", (it.param.0, hash(&[&it.uri]), it.part))));
    if !(index.narrative.is_empty() && index.content.is_empty()) {
        rows.push(row("words", ()));
    }
    Ok(rows)
}

fn token(param: u16, code: &str, patient: i64, date: i64, part: u16, term: i64) -> u64 {
    row("idx_token", (param, code, patient, date, part, term))
}

/// SQLite keeps no negative zero.
fn bits(number: f64) -> u64 {
    (number + 0.0).to_bits()
}

/// Takes every row there is from what was expected, and notes what is left.
pub(super) fn compare(check: &mut Check<'_>) -> rusqlite::Result<()> {
    let db = check.db;
    let terms = numbered(check, "term", "SELECT id, system, code, text FROM term", |row| {
        let [system, code, text] = texts(row)?;
        Ok(match (system.as_deref(), text.as_deref().unwrap_or_default()) {
            (None, _) => hash(&["implied"]),
            (Some(system), "") => hash(&[system]),
            (Some(system), text) => hash(&[system, code.as_deref().unwrap_or_default(), text]),
        })
    })?;
    let units = numbered(check, "unit", "SELECT id, system, code, unit FROM unit", |row| {
        let parts = texts(row)?;
        let [system, code, unit] = parts.each_ref().map(|part| part.as_deref().unwrap_or_default());
        Ok(hash(&[system, code, unit]))
    })?;
    let mut lacking = HashSet::new();
    each(db, "SELECT rid, param, code, patient, date, part, term FROM idx_token", |it| {
        let (rid, term) = (it.get(0)?, it.get(6)?);
        if !terms.contains(&term) {
            lacking.insert(rid);
        }
        let code = it.get_ref(2)?.as_str()?;
        check.tally.found(rid, token(it.get(1)?, code, it.get(3)?, it.get(4)?, it.get(5)?, term));
        Ok(())
    })?;
    each(db, "SELECT rid, param, low, high, part FROM idx_date", |it| {
        let columns: (u16, i64, i64, u16) = (it.get(1)?, it.get(2)?, it.get(3)?, it.get(4)?);
        check.tally.found(it.get(0)?, row("idx_date", columns));
        Ok(())
    })?;
    each(db, "SELECT rid, param, folded, exact, part FROM idx_string", |it| {
        let (param, part): (u16, u16) = (it.get(1)?, it.get(4)?);
        let columns = (param, it.get_ref(2)?.as_str()?, it.get_ref(3)?.as_str()?, part);
        check.tally.found(it.get(0)?, row("idx_string", columns));
        Ok(())
    })?;
    each(db, "SELECT rid, param, low, high, unit, part FROM idx_quantity", |it| {
        let (rid, unit): (i64, i64) = (it.get(0)?, it.get(4)?);
        if !units.contains(&unit) {
            lacking.insert(rid);
        }
        let (param, part): (u16, u16) = (it.get(1)?, it.get(5)?);
        let columns = (param, bits(it.get(2)?), bits(it.get(3)?), unit, part);
        check.tally.found(rid, row("idx_quantity", columns));
        Ok(())
    })?;
    each(db, "SELECT rid, param, target, part, date FROM idx_reference", |it| {
        let columns: (u16, i64, u16, i64) = (it.get(1)?, it.get(2)?, it.get(3)?, it.get(4)?);
        check.tally.found(it.get(0)?, row("idx_reference", columns));
        Ok(())
    })?;
    each(db, "SELECT rid, param, uri, part FROM idx_uri", |it| {
        let columns: (u16, i64, u16) = (it.get(1)?, it.get(2)?, it.get(3)?);
        check.tally.found(it.get(0)?, row("idx_uri", columns));
        Ok(())
    })?;
    // Of the words only that they are there: the table keeps no text to compare.
    each(db, "SELECT id FROM words_docsize", |it| {
        check.tally.found(it.get(0)?, row("words", ()));
        Ok(())
    })?;
    each(db, "SELECT patient, class, key FROM find_key", |it| {
        check.tally.found(it.get(0)?, find_key(it.get(1)?, it.get_ref(2)?.as_str()?));
        Ok(())
    })?;
    unlike(check, &lacking)?;
    spellings(check)?;
    retries(check)
}

/// Names the resources whose rows are not what their bodies say.
fn unlike(check: &mut Check<'_>, lacking: &HashSet<i64>) -> rusqlite::Result<()> {
    let mut unlike = check.tally.unlike();
    unlike.extend(lacking);
    for rid in unlike {
        if check.unreadable.contains(&rid) {
            continue;
        }
        let mut named = check.db.prepare_cached("SELECT kind, id FROM resource WHERE rid = ?1")?;
        let what = match named.query([rid])?.next()? {
            Some(row) => format!("{}: the indexes do not agree with its content", key(row, 0)?),
            None => format!("the indexes name resource number {rid}, which the directory lacks"),
        };
        check.survey.possible(what);
        check.to_mend.rids.insert(rid);
    }
    Ok(())
}

/// Every name in use has its spellings.
fn spellings(check: &mut Check<'_>) -> rusqlite::Result<()> {
    let mark = |slip: &str, word: &str| row("find_slip", (slip, word));
    let names = std::mem::take(&mut check.names);
    let mut missing: HashSet<u64> =
        names.iter().flat_map(|name| slips(name).into_iter().map(move |slip| mark(&slip, name))).collect();
    each(check.db, "SELECT slip, word FROM find_slip", |it| {
        missing.remove(&mark(it.get_ref(0)?.as_str()?, it.get_ref(1)?.as_str()?));
        Ok(())
    })?;
    if !missing.is_empty() {
        check.survey.possible(format!("find_slip: {} spellings of names in use are missing", missing.len()));
        check.to_mend.slips = true;
    }
    Ok(())
}

/// What a retry is told it did is there.
fn retries(check: &mut Check<'_>) -> rusqlite::Result<()> {
    let mut lost = 0;
    let mut there = check.db.prepare(
        "SELECT 1 FROM resource r JOIN resource_version v ON v.rid = r.rid WHERE r.kind = ?1 AND r.id = ?2 AND v.version = ?3",
    )?;
    each(check.db, "SELECT versions FROM idempotency", |it| {
        for (key, version, _) in idempotency::parse(it.get_ref(0)?.as_str()?) {
            if !there.exists((key.kind.number(), crate::ids::column(&key.id), version))? {
                lost += 1;
            }
        }
        Ok(())
    })?;
    if lost > 0 {
        check.survey.never(format!("idempotency: {lost} versions that were answered are not there"));
    }
    Ok(())
}

/// The rows of a table whose number is a hash of what they say; those it is not are found.
fn numbered(
    check: &mut Check<'_>,
    table: &str,
    sql: &str,
    mut number: impl FnMut(&Row<'_>) -> rusqlite::Result<i64>,
) -> rusqlite::Result<HashSet<i64>> {
    let (mut sound, mut wrong) = (HashSet::new(), Vec::new());
    each(check.db, sql, |row| {
        let id = row.get(0)?;
        if number(row)? == id {
            sound.insert(id);
        } else {
            wrong.push(id);
        }
        Ok(())
    })?;
    if !wrong.is_empty() {
        check.survey.possible(format!("{table}: {} rows do not say what their number stands for", wrong.len()));
        if table == "term" {
            check.to_mend.terms = wrong;
        } else {
            check.to_mend.units = wrong;
        }
    }
    Ok(sound)
}

fn texts(row: &Row<'_>) -> rusqlite::Result<[Option<String>; 3]> {
    Ok([row.get(1)?, row.get(2)?, row.get(3)?])
}

/// Every row of a statement, in turn.
pub(super) fn each(
    db: &Connection,
    sql: &str,
    mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut statement = db.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    Ok(())
}
