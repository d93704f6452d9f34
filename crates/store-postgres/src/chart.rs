//! Ranges of one chart, and the chart as it stood.

use crate::index_range::chart_range;
use crate::line::Line;
use crate::rows::{IN_CHART, VERSION, get, number, reached, stored};
use fhir::{Id, Kind, PatientId};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};
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

/// The number of a resource in the directory, if it was ever named.
pub(crate) async fn rid(line: &Line, kind: Kind, id: &Id) -> Result<Option<i64>> {
    let sql = "SELECT rid FROM directory WHERE kind = $1 AND id = $2";
    line.first(sql, &[&number(kind), &id.as_str()]).await?.map(|row| get(&row, 0)).transpose()
}

/// Every slice, from the caller's snapshot.
pub(crate) async fn slices(line: &Line, patient: &PatientId, slices: &[Slice]) -> Result<Vec<SliceRows>> {
    let Some(chart) = rid(line, Kind::PATIENT, patient.id()).await? else {
        return Ok(slices.iter().map(|_| SliceRows { rows: Vec::new(), total: 0 }).collect());
    };
    let totals = totals(line, chart, slices).await?;
    let total = &|slice: &Slice| totals.get(&number(slice.kind)).copied().unwrap_or_default();
    // None needs another's rows: they share their trips.
    let all = slices.iter().map(|slice| async move {
        let total = total(slice);
        let mut rows = if total == 0 { Vec::new() } else { one(line, chart, slice).await? };
        rows.iter_mut().for_each(|row| row.patient = Some(patient.clone()));
        Ok(SliceRows { rows, total })
    });
    try_join_all(all).await
}

/// How many of each type the chart has, of the types that slices ask for: a long chart's results are counted once.
async fn totals(line: &Line, chart: i64, slices: &[Slice]) -> Result<HashMap<i16, u64>> {
    let kinds: BTreeSet<i16> = slices.iter().map(|slice| number(slice.kind)).collect();
    let kinds: Vec<i16> = kinds.into_iter().collect();
    let sql =
        "SELECT kind, count(*) FROM resource WHERE patient = $1 AND kind = ANY($2) AND version > 0 AND NOT deleted
        GROUP BY kind";
    let rows = line.query(sql, &[&chart, &kinds]).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get::<i64>(row, 1)?.unsigned_abs()))).collect()
}

/// A slice's rows, without the patient they are all of.
async fn one(line: &Line, chart: i64, slice: &Slice) -> Result<Vec<Stored>> {
    let after = start(line, slice).await?;
    // None: all.
    let limit = slice.newest.map(i64::from);
    let rows = if slice.codes.is_empty() && slice.category.is_none() {
        // One walk along (chart, type, date).
        let sql = format!(
            "{IN_CHART} WHERE r.patient = $1 AND r.kind = $2 AND r.version > 0 AND NOT r.deleted AND (r.date, r.rid) < ($3, $4)
             ORDER BY r.date DESC, r.rid DESC LIMIT $5"
        );
        line.query(&sql, &[&chart, &number(slice.kind), &after.date, &after.rid, &limit]).await?
    } else {
        let rids = chart_range(line, chart, slice, after, limit).await?;
        let sql = format!(
            "{IN_CHART} JOIN unnest($2::int8[]) WITH ORDINALITY q(rid, n) ON r.rid = q.rid WHERE r.patient = $1 ORDER BY q.n"
        );
        line.query(&sql, &[&chart, &rids]).await?
    };
    rows.iter().map(stored).collect()
}

/// The place a slice continues from.
async fn start(line: &Line, slice: &Slice) -> Result<After> {
    let before = slice.before.map(|at| After { date: at.as_millisecond(), rid: i64::MIN });
    let last = match &slice.continue_after {
        None => None,
        Some(id) => place(line, slice.kind, id).await?,
    };
    Ok(last.or(before).unwrap_or(After { date: i64::MAX, rid: i64::MAX }))
}

async fn place(line: &Line, kind: Kind, id: &Id) -> Result<Option<After>> {
    let sql = "SELECT r.date, r.rid FROM directory d JOIN resource r ON r.patient = d.patient AND r.rid = d.rid
        WHERE d.kind = $1 AND d.id = $2";
    let row = line.first(sql, &[&number(kind), &id.as_str()]).await?;
    row.map(|row| Ok(After { date: get(&row, 0)?, rid: get(&row, 1)? })).transpose()
}

/// The chart as it stood: for each resource that was ever in it, the newest version recorded by then, if that was in this chart and live.
pub(crate) async fn as_of(line: &Line, permit: &Permit, patient: &PatientId, at: Timestamp) -> Result<Vec<Stored>> {
    let Some(chart) = rid(line, Kind::PATIENT, patient.id()).await? else { return Ok(Vec::new()) };
    // Of what left the chart, the last version by then may be anywhere: that alone is asked of the whole practice, by its indexes.
    let left = line.query("SELECT DISTINCT rid FROM resource_version WHERE moved_from = $1", &[&chart]).await?;
    let left: Vec<i64> = left.iter().map(|row| get(row, 0)).collect::<Result<_>>()?;
    let at = at.as_microsecond();
    let elsewhere = if left.is_empty() {
        Vec::new()
    } else {
        let sql =
            "SELECT rid, max(version) FROM resource_version WHERE rid = ANY($1) AND recorded_at <= $2 GROUP BY rid";
        line.query(sql, &[&left, &at]).await?
    };
    let rids: Vec<i64> = elsewhere.iter().map(|row| get(row, 0)).collect::<Result<_>>()?;
    let versions: Vec<i32> = elsewhere.iter().map(|row| get(row, 1)).collect::<Result<_>>()?;
    let sql = format!(
        "{VERSION} WHERE v.patient = $1 AND v.recorded_at <= $2 AND NOT v.deleted AND NOT EXISTS(
            SELECT 1 FROM resource_version later WHERE later.patient = v.patient
            AND later.rid = v.rid AND later.version > v.version AND later.recorded_at <= $2)
         AND NOT EXISTS(SELECT 1 FROM unnest($3::int8[], $4::int4[]) gone(rid, version)
            WHERE gone.rid = v.rid AND gone.version > v.version)
         ORDER BY v.kind, v.seq DESC"
    );
    let rows = line.query(&sql, &[&chart, &at, &rids, &versions]).await?;
    reached(permit, &rows)
}
