//! From columns to [`Stored`]: one order of columns, one mapper. A value that cannot be what its column says is told, never guessed.

use bytes::Bytes;
use fhir::{Id, Key, Kind, PatientId};
use jiff::Timestamp;
use std::collections::BTreeSet;
use store::record::Stored;
use store::{Error, Permit, Result, Sealed};
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

/// Current versions: `r` the resource, `v` the version, `p` the patient. The three lie in one chart.
pub(crate) const CURRENT: &str = "SELECT r.kind, r.id, r.version, r.seq, p.id, v.recorded_at, r.deleted, v.body
    FROM resource r JOIN resource_version v ON v.patient = r.patient AND v.rid = r.rid AND v.version = r.version
    LEFT JOIN resource p ON p.patient = r.patient AND p.rid = r.patient ";

/// As [`CURRENT`], and then where it is: chart and number.
pub(crate) const CURRENT_AT: &str =
    "SELECT r.kind, r.id, r.version, r.seq, p.id, v.recorded_at, r.deleted, v.body, r.patient, r.rid
    FROM resource r JOIN resource_version v ON v.patient = r.patient AND v.rid = r.rid AND v.version = r.version
    LEFT JOIN resource p ON p.patient = r.patient AND p.rid = r.patient ";

/// [`CURRENT`] within one chart, whose patient the caller knows and fills in.
pub(crate) const IN_CHART: &str = "SELECT r.kind, r.id, r.version, r.seq, NULL::text, v.recorded_at, r.deleted, v.body
    FROM resource r JOIN resource_version v ON v.patient = r.patient AND v.rid = r.rid AND v.version = r.version ";

/// Any versions, with the patient each was recorded under.
pub(crate) const VERSION: &str = "SELECT v.kind, v.id, v.version, v.seq, p.id, v.recorded_at, v.deleted, v.body
    FROM resource_version v LEFT JOIN resource p ON p.patient = v.patient AND p.rid = v.patient ";

/// A column's value.
pub(crate) fn get<'a, T: FromSql<'a>>(row: &'a Row, at: usize) -> Result<T> {
    row.try_get(at).map_err(|_| unreadable(row, at))
}

/// A row of [`CURRENT`] or [`VERSION`].
pub(crate) fn stored(row: &Row) -> Result<Stored> {
    let patient: Option<&str> = get(row, 4)?;
    Ok(Stored {
        key: Key::new(kind(row, 0)?, id(row, 1)?),
        version: u32::try_from(get::<i32>(row, 2)?).map_err(|_| unreadable(row, 2))?,
        sequence: u64::try_from(get::<i64>(row, 3)?).map_err(|_| unreadable(row, 3))?,
        patient: patient.map(PatientId::parse).transpose().map_err(|_| unreadable(row, 4))?,
        recorded_at: time(row, 5)?,
        deleted: get(row, 6)?,
        body: Bytes::copy_from_slice(get(row, 7)?),
    })
}

/// Rows as they are stored, within a permit.
pub(crate) fn reached(permit: &Permit, rows: &[Row]) -> Result<Vec<Stored>> {
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        all.extend(Some(stored(row)?).filter(|stored| reaches(permit, stored)));
    }
    Ok(all)
}

/// A type's number.
pub(crate) fn kind(row: &Row, at: usize) -> Result<Kind> {
    let number: i16 = get(row, at)?;
    u8::try_from(number).ok().and_then(Kind::from_number).ok_or_else(|| unreadable(row, at))
}

/// A type as it is bound.
pub(crate) fn number(kind: Kind) -> i16 {
    i16::from(kind.number())
}

/// An id.
pub(crate) fn id(row: &Row, at: usize) -> Result<Id> {
    Id::parse(get(row, at)?).map_err(|_| unreadable(row, at))
}

/// A time: microseconds since 1970.
pub(crate) fn time(row: &Row, at: usize) -> Result<Timestamp> {
    Timestamp::from_microsecond(get(row, at)?).map_err(|_| unreadable(row, at))
}

/// A time that may be missing.
pub(crate) fn maybe_time(row: &Row, at: usize) -> Result<Option<Timestamp>> {
    let us: Option<i64> = get(row, at)?;
    us.map(Timestamp::from_microsecond).transpose().map_err(|_| unreadable(row, at))
}

/// A column that holds something else than it says.
pub(crate) fn unreadable(row: &Row, at: usize) -> Error {
    let name = row.columns().get(at).map_or("?", |column| column.name());
    Error::Broken(format!("a stored value of the column {name} cannot be read"))
}

/// Whether a permit reaches what was read.
pub(crate) fn reaches(permit: &Permit, stored: &Stored) -> bool {
    permit.reaches(stored.key.kind, stored.patient.as_ref())
}

/// Seals one version.
pub(crate) fn seal_one(stored: Stored) -> Sealed<Stored> {
    let patient = stored.patient.clone();
    Sealed::seal(stored, patient)
}

/// Seals several, naming each patient once.
pub(crate) fn seal_all(stored: Vec<Stored>) -> Sealed<Vec<Stored>> {
    let patients: BTreeSet<PatientId> = stored.iter().filter_map(|stored| stored.patient.clone()).collect();
    Sealed::seal(stored, patients)
}
