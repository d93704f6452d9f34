//! Histories: versions newest first, of one resource, one type, one chart, or everything.

use crate::chart::rid;
use crate::line::{Line, Param};
use crate::rows::{VERSION, get, number, reached};
use fhir::Kind;
use store::record::{HistoryOf, HistoryQuery, Stored};
use store::{Error, Permit, Result};

/// Versions looked at in one go, at least.
const SOME: i64 = 100;

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
    let (narrowed, of): (&str, Option<Box<dyn tokio_postgres::types::ToSql + Sync + Send>>) = match &query.of {
        HistoryOf::Practice => ("", None),
        HistoryOf::Kind(_) => ("AND v.kind = $5", of.map(|of| Box::new(of) as _)),
        HistoryOf::Instance(key) => match rid(line, key.kind, &key.id).await? {
            None => return Ok(Vec::new()),
            Some(rid) => ("AND v.rid = $5", Some(Box::new(rid))),
        },
        HistoryOf::Left(patient) => match rid(line, Kind::PATIENT, patient.id()).await? {
            None => return Ok(Vec::new()),
            Some(rid) => (
                "AND (v.patient, v.rid, v.version) IN (SELECT patient, rid, version FROM resource_version WHERE moved_from = $5)",
                Some(Box::new(rid)),
            ),
        },
        HistoryOf::Patient(patient) => match rid(line, Kind::PATIENT, patient.id()).await? {
            None => return Ok(Vec::new()),
            // The version that left this chart is part of its history.
            Some(rid) => (
                "AND (v.patient, v.rid, v.version) IN (
                    SELECT patient, rid, version FROM resource_version WHERE patient = $5 AND seq < $1
                    UNION SELECT patient, rid, version FROM resource_version WHERE moved_from = $5 AND seq < $1)",
                Some(Box::new(rid)),
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
