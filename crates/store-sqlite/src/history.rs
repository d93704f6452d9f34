//! Histories: versions newest first, of one resource, one type, one chart, or everything.

use crate::connection::sql_error;
use crate::ids::{column, rid};
use crate::rows::{VERSION, reaches, stored};
use fhir::Kind;
use rusqlite::Connection;
use rusqlite::types::Value;
use store::record::{HistoryOf, HistoryQuery, Stored};
use store::{Error, Permit, Result};

/// One page. What the permit does not reach is left out and does not count.
pub(crate) fn page(db: &Connection, permit: &Permit, query: &HistoryQuery) -> Result<Vec<Stored>> {
    let (narrowed, of) = match &query.of {
        HistoryOf::Instance(key) if !permit.kinds().contains(key.kind) => return Err(Error::NotPermitted),
        HistoryOf::Kind(kind) if !permit.kinds().contains(*kind) => return Err(Error::NotPermitted),
        HistoryOf::Instance(key) => {
            ("r.kind = ?4 AND r.id = ?5", vec![Value::from(key.kind.number()), column(&key.id)])
        }
        HistoryOf::Kind(kind) => ("v.kind = ?4", vec![Value::from(kind.number())]),
        HistoryOf::Patient(patient) => {
            let Some(rid) = rid(db, Kind::PATIENT, patient.id()).map_err(sql_error)? else { return Ok(Vec::new()) };
            // The version that left this chart is part of its history.
            (
                "v.seq IN (SELECT seq FROM resource_version WHERE patient = ?4 AND seq < ?1
                        UNION SELECT seq FROM resource_version WHERE moved_from = ?4 AND seq < ?1)",
                vec![Value::from(rid)],
            )
        }
        HistoryOf::Left(patient) => {
            let Some(rid) = rid(db, Kind::PATIENT, patient.id()).map_err(sql_error)? else { return Ok(Vec::new()) };
            ("v.seq IN (SELECT seq FROM resource_version WHERE moved_from = ?4)", vec![Value::from(rid)])
        }
        HistoryOf::Practice => ("1", Vec::new()),
    };
    let sql = format!(
        "{VERSION} WHERE v.seq < ?1 AND v.recorded_at >= ?2 AND v.recorded_at <= ?3 AND {narrowed} ORDER BY v.seq DESC"
    );
    let mut params = vec![
        Value::from(query.before.and_then(|seq| i64::try_from(seq).ok()).unwrap_or(i64::MAX)),
        Value::from(query.since.map_or(i64::MIN, jiff::Timestamp::as_microsecond)),
        Value::from(query.until.map_or(i64::MAX, jiff::Timestamp::as_microsecond)),
    ];
    params.extend(of);
    let count = usize::try_from(query.count).unwrap_or(usize::MAX);
    let read = || -> rusqlite::Result<Vec<Stored>> {
        let mut statement = db.prepare_cached(&sql)?;
        let rows = statement.query_map(rusqlite::params_from_iter(params), stored)?;
        rows.filter(|row| row.as_ref().map_or(true, |row| reaches(permit, row))).take(count).collect()
    };
    read().map_err(sql_error)
}
