//! Ranges of one chart, and the chart as it stood.

use crate::connection::sql_error;
use crate::ids::{column, rid};
use crate::index;
use crate::rows::{IN_CHART, VERSION, reaches, stored};
use fhir::{Id, Kind, PatientId};
use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use store::record::{Slice, SliceRows, Stored};
use store::{Permit, Result};

/// Where a range starts: rows that stand after this (date, rid) in the order (date descending, rid descending).
#[derive(Debug, Clone, Copy)]
pub(crate) struct After {
    pub(crate) date: i64,
    pub(crate) rid: i64,
}

/// The date of what names none: it stands last.
pub(crate) const UNDATED: i64 = i64::MIN;

/// Every slice, from the caller's snapshot.
pub(crate) fn slices(db: &Connection, patient: &PatientId, slices: &[Slice]) -> Result<Vec<SliceRows>> {
    let Some(chart) = rid(db, Kind::PATIENT, patient.id()).map_err(sql_error)? else {
        return Ok(slices.iter().map(|_| SliceRows { rows: Vec::new(), total: 0 }).collect());
    };
    // Several slices of one type share its count: a long chart's results are counted once.
    let mut totals = HashMap::new();
    let mut read = |slice: &Slice| -> rusqlite::Result<SliceRows> {
        let total = match totals.entry(slice.kind) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => *unknown.insert(count(db, chart, slice.kind)?),
        };
        let mut rows = if total == 0 { Vec::new() } else { one(db, chart, slice)? };
        rows.iter_mut().for_each(|row| row.patient = Some(patient.clone()));
        Ok(SliceRows { rows, total })
    };
    slices.iter().map(|slice| read(slice).map_err(sql_error)).collect()
}

fn count(db: &Connection, chart: i64, kind: Kind) -> rusqlite::Result<u64> {
    db.prepare_cached("SELECT count(*) FROM resource WHERE patient = ?1 AND kind = ?2 AND version > 0 AND deleted = 0")?
        .query_row((chart, kind.number()), |row| row.get(0))
}

/// A slice's rows, without the patient they are all of.
fn one(db: &Connection, chart: i64, slice: &Slice) -> rusqlite::Result<Vec<Stored>> {
    let after = start(db, slice)?;
    let limit = slice.newest.map_or(-1, i64::from);
    let mut rows = Vec::new();
    if slice.codes.is_empty() && slice.category.is_none() {
        range(db, chart, slice.kind, after, limit, &mut rows)?;
    } else {
        let mut by_rid = db.prepare_cached(&format!("{IN_CHART} WHERE r.rid = ?1"))?;
        for rid in index::chart_range(db, chart, slice, after, limit)? {
            rows.extend(by_rid.query_row([rid], stored).optional()?);
        }
    }
    Ok(rows)
}

/// The place a slice continues from.
fn start(db: &Connection, slice: &Slice) -> rusqlite::Result<After> {
    let before = slice.before.map(|at| After { date: at.as_millisecond(), rid: i64::MIN });
    let last = slice.continue_after.as_ref().map(|id| place(db, slice.kind, id)).transpose()?.flatten();
    Ok(last.or(before).unwrap_or(After { date: i64::MAX, rid: i64::MAX }))
}

fn place(db: &Connection, kind: Kind, id: &Id) -> rusqlite::Result<Option<After>> {
    db.prepare_cached("SELECT date, rid FROM resource WHERE kind = ?1 AND id = ?2")?
        .query_row((kind.number(), column(id)), |row| {
            Ok(After { date: row.get::<_, Option<i64>>(0)?.unwrap_or(UNDATED), rid: row.get(1)? })
        })
        .optional()
}

/// One walk along (patient, kind, date): newest first, the undated last.
fn range(
    db: &Connection,
    chart: i64,
    kind: Kind,
    after: After,
    limit: i64,
    rows: &mut Vec<Stored>,
) -> rusqlite::Result<()> {
    let live = "r.patient = ?1 AND r.kind = ?2 AND r.version > 0 AND r.deleted = 0";
    if after.date > UNDATED {
        let sql = format!(
            "{IN_CHART} WHERE {live} AND r.date <= ?3 AND (r.date < ?3 OR r.rid < ?4)
             ORDER BY r.date DESC, r.rid DESC LIMIT ?5"
        );
        let mut dated = db.prepare_cached(&sql)?;
        for row in dated.query_map((chart, kind.number(), after.date, after.rid, limit), stored)? {
            rows.push(row?);
        }
    }
    let left = if limit < 0 { -1 } else { limit - i64::try_from(rows.len()).unwrap_or(limit) };
    if left != 0 {
        let below = if after.date > UNDATED { i64::MAX } else { after.rid };
        let sql = format!("{IN_CHART} WHERE {live} AND r.date IS NULL AND r.rid < ?3 ORDER BY r.rid DESC LIMIT ?4");
        let mut undated = db.prepare_cached(&sql)?;
        for row in undated.query_map((chart, kind.number(), below, left), stored)? {
            rows.push(row?);
        }
    }
    Ok(())
}

/// The chart as it stood: for each resource that was ever in it, the newest version recorded by then, if that was in this chart and live.
pub(crate) fn as_of(db: &Connection, permit: &Permit, patient: &PatientId, at: Timestamp) -> Result<Vec<Stored>> {
    let read = || -> rusqlite::Result<Vec<Stored>> {
        let Some(chart) = rid(db, Kind::PATIENT, patient.id())? else { return Ok(Vec::new()) };
        let sql = format!(
            "{VERSION} WHERE v.patient = ?1 AND v.recorded_at <= ?2 AND v.deleted = 0 AND NOT EXISTS(
                SELECT 1 FROM resource_version later
                WHERE later.rid = v.rid AND later.version > v.version AND later.recorded_at <= ?2)
             ORDER BY v.kind, v.seq DESC"
        );
        let mut statement = db.prepare_cached(&sql)?;
        let rows = statement.query_map([Value::from(chart), Value::from(at.as_microsecond())], stored)?;
        rows.filter(|row| row.as_ref().map_or(true, |row| reaches(permit, row))).collect()
    };
    read().map_err(sql_error)
}
