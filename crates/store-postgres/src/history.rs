//! Histories: versions newest first, of one resource, one type, one chart, or everything.

use crate::chart::rid;
use crate::line::{Line, Param};
use crate::rows::{VERSION, get, number, reached};
use fhir::{Key, Kind};
use std::collections::BTreeSet;
use store::record::{HistoryOf, HistoryQuery, Stored};
use store::{Error, Permit, Result};
use tokio_postgres::Row;

/// Versions looked at in one go, at least.
const SOME: i64 = 100;

/// The number of a resource, and every chart that its versions are in: that of the directory and, told by the versions in each, those
/// it left. What is in no chart is not told of when left, so that place is always among them.
pub(crate) async fn charts_of(line: &Line, key: &Key) -> Result<Option<(i64, Vec<i64>)>> {
    let here = "SELECT d.rid, d.patient, v.moved_from FROM directory d
        LEFT JOIN resource_version v ON v.patient = d.patient AND v.rid = d.rid AND v.moved_from IS NOT NULL
        WHERE d.kind = $1 AND d.id = $2";
    let there =
        "SELECT moved_from FROM resource_version WHERE patient = ANY($1) AND rid = $2 AND moved_from IS NOT NULL";
    let rows = line.query(here, &[&number(key.kind), &key.id.as_str()]).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let (rid, place): (i64, i64) = (get(first, 0)?, get(first, 1)?);
    let mut charts = BTreeSet::from([place]);
    let mut left = rows.iter().map(|row| get(row, 2)).collect::<Result<Vec<Option<i64>>>>()?;
    if place != 0 {
        left.push(Some(0));
    }
    // What was never moved costs one look more, at the place of what is in no chart.
    loop {
        let new: Vec<i64> = left.into_iter().flatten().filter(|chart| charts.insert(*chart)).collect();
        if new.is_empty() {
            return Ok(Some((rid, charts.into_iter().collect())));
        }
        let rows = line.query(there, &[&new, &rid]).await?;
        left = rows.iter().map(|row| get(row, 0)).collect::<Result<_>>()?;
    }
}

/// One version of a resource, whichever chart it is in.
pub(crate) async fn version(line: &Line, key: &Key, version: i32) -> Result<Vec<Row>> {
    let Some((rid, charts)) = charts_of(line, key).await? else { return Ok(Vec::new()) };
    let sql = format!("{VERSION} WHERE v.patient = ANY($1) AND v.rid = $2 AND v.version = $3");
    line.query(&sql, &[&charts, &rid, &version]).await
}

/// One page. What the permit does not reach is left out and does not count.
pub(crate) async fn page(line: &Line, permit: &Permit, query: &HistoryQuery) -> Result<Vec<Stored>> {
    let kind = match &query.of {
        HistoryOf::Instance(key) => Some(key.kind),
        HistoryOf::Kind(kind) => Some(*kind),
        HistoryOf::Patient(_) | HistoryOf::Left(_) | HistoryOf::Practice => None,
    };
    if kind.is_some_and(|kind| !permit.kinds().contains(kind)) {
        return Err(Error::NotPermitted);
    }
    let of = kind.map(number);
    let (narrowed, of): (&str, Vec<Box<dyn tokio_postgres::types::ToSql + Sync + Send>>) = match &query.of {
        HistoryOf::Practice => ("", Vec::new()),
        HistoryOf::Kind(_) => ("AND v.kind = $5", of.into_iter().map(|of| Box::new(of) as _).collect()),
        HistoryOf::Instance(key) => match charts_of(line, key).await? {
            None => return Ok(Vec::new()),
            Some((rid, charts)) => ("AND v.rid = $5 AND v.patient = ANY($6)", vec![Box::new(rid), Box::new(charts)]),
        },
        HistoryOf::Left(patient) => match rid(line, Kind::PATIENT, patient.id()).await? {
            None => return Ok(Vec::new()),
            // What left is in other charts, whichever they are: the practice is asked, by its index.
            Some(rid) => ("AND v.moved_from = $5", vec![Box::new(rid)]),
        },
        HistoryOf::Patient(patient) => match rid(line, Kind::PATIENT, patient.id()).await? {
            None => return Ok(Vec::new()),
            // The version that left this chart is part of its history.
            Some(rid) => (
                "AND (v.patient, v.rid, v.version) IN (
                    SELECT patient, rid, version FROM resource_version WHERE patient = $5 AND seq < $1
                    UNION SELECT patient, rid, version FROM resource_version WHERE moved_from = $5 AND seq < $1)",
                vec![Box::new(rid)],
            ),
        },
    };
    let sql = format!(
        "{VERSION} WHERE v.seq < $1 AND v.recorded_at >= $2 AND v.recorded_at <= $3 {narrowed} ORDER BY v.seq DESC LIMIT $4"
    );
    let mut before = query.before.and_then(|seq| i64::try_from(seq).ok()).unwrap_or(i64::MAX);
    let since = query.since.map_or(i64::MIN, jiff::Timestamp::as_microsecond);
    let until = query.until.map_or(i64::MAX, jiff::Timestamp::as_microsecond);
    let count = usize::try_from(query.count).unwrap_or(usize::MAX);
    let some = SOME.max(i64::from(query.count));
    let mut found = Vec::new();
    while found.len() < count {
        let mut params: Vec<Param<'_>> = vec![&before, &since, &until, &some];
        params.extend(of.iter().map(|of| &**of as Param<'_>));
        let rows = line.query(&sql, &params).await?;
        found.extend(reached(permit, &rows)?);
        match rows.last() {
            Some(last) if i64::try_from(rows.len()).unwrap_or(some) >= some => before = get(last, 3)?,
            _ => break,
        }
    }
    found.truncate(count);
    Ok(found)
}
