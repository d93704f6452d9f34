//! Ids in columns: a UUID in its usual form takes 16 bytes as a blob, any other id is kept as text.

use fhir::{Id, Kind};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

/// An id as a column value.
pub(crate) struct IdColumn(pub(crate) Id);

/// The column value of an id: to bind.
pub(crate) fn column(id: &Id) -> Value {
    let text = id.as_str();
    match Uuid::try_parse(text) {
        Ok(uuid) if is_usual_form(text) => Value::Blob(uuid.as_bytes().to_vec()),
        _ => Value::Text(text.to_owned()),
    }
}

/// Whether a UUID is written as UUIDs are printed (hyphenated, lower case): only then does it come back as it went in.
fn is_usual_form(text: &str) -> bool {
    text.len() == 36 && !text.bytes().any(|byte| byte.is_ascii_uppercase())
}

impl FromSql for IdColumn {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Blob(bytes) => Uuid::from_slice(bytes)
                .map(|uuid| Self(Id::from_uuid(uuid)))
                .map_err(|e| FromSqlError::Other(Box::new(e))),
            ValueRef::Text(text) => std::str::from_utf8(text)
                .map_err(FromSqlError::Utf8Error)
                .and_then(|text| Id::parse(text).map(Self).map_err(|e| FromSqlError::Other(Box::new(e)))),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// A resource type as a column value.
pub(crate) struct KindColumn(pub(crate) Kind);

impl FromSql for KindColumn {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = u8::column_result(value)?;
        Kind::from_number(number).map(Self).ok_or(FromSqlError::OutOfRange(i64::from(number)))
    }
}

impl ToSql for KindColumn {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0.number()))
    }
}

/// The number of a resource in the directory, if it was ever named.
pub(crate) fn rid(db: &Connection, kind: Kind, id: &Id) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("SELECT rid FROM resource WHERE kind = ?1 AND id = ?2")?
        .query_row((kind.number(), column(id)), |row| row.get(0))
        .optional()
}

/// The number of a resource in the directory, given now if it had none (then it counts as referred to).
pub(crate) fn rid_or_new(db: &Connection, kind: Kind, id: &Id) -> rusqlite::Result<i64> {
    if let Some(rid) = rid(db, kind, id)? {
        return Ok(rid);
    }
    db.prepare_cached("INSERT INTO resource(kind, id, version) VALUES (?1, ?2, 0)")?
        .execute((kind.number(), column(id)))?;
    Ok(db.last_insert_rowid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_comes_back_as_it_went_in() {
        let db = Connection::open_in_memory().expect("memory");
        for text in [
            "a",
            "0190a7e4-1c5b-7a3e-9f10-8b1b1a2c3d4e",
            "0190A7E4-1C5B-7A3E-9F10-8B1B1A2C3D4E",
            "0190a7e41c5b7a3e9f108b1b1a2c3d4e",
            "42",
        ] {
            let id = Id::parse(text).expect("id");
            let back: IdColumn = db.query_row("SELECT ?1", [column(&id)], |row| row.get(0)).expect("row");
            assert_eq!(back.0, id);
        }
    }
}
