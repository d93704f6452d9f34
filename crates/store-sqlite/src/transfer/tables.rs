//! Which table holds which part, and how its rows are read and written.

use crate::ids::{IdColumn, column};
use bytes::Bytes;
use fhir::Id;
use rusqlite::types::{FromSql as _, Value, ValueRef};
use rusqlite::{Connection, params_from_iter};
use store::engine::wrap::unhex;
use store::transfer::{Field, PAGE_BYTES, PAGE_ROWS, Part, Row};

/// A part's table: its columns in order as they are read, its key, which rows are meant, the columns as they are written.
struct Table {
    read: &'static str,
    from: &'static str,
    key: &'static str,
    written: &'static str,
}

/// What is not of the practice but made anew: what failed sign-ins are hashed with, how far indexes are.
fn table(part: Part) -> Table {
    match part {
        Part::Settings => Table {
            read: "name, CASE typeof(value) WHEN 'blob' THEN lower(hex(value)) ELSE CAST(value AS TEXT) END",
            from: "setting WHERE name <> 'failure-key'",
            key: "name",
            written: "name, value",
        },
        Part::Users => Table { read: USER, from: "user_account WHERE true", key: "id", written: USER },
        Part::Tokens => Table { read: TOKEN, from: "api_token WHERE true", key: "id", written: TOKEN },
        Part::Counters => Table {
            read: "name, next",
            from: "counter WHERE name NOT IN ('find-keys', 'audit-indexed')",
            key: "name",
            written: "name, next",
        },
        Part::Answers => Table { read: ANSWER, from: "idempotency WHERE true", key: "actor, key", written: ANSWER },
        // Named only, until `derive` points each to its last version.
        Part::Resources => {
            Table { read: "rid, kind, id", from: "resource WHERE true", key: "rid", written: "rid, kind, id" }
        }
        Part::Versions => Table { read: VERSION, from: "resource_version WHERE true", key: "seq", written: VERSION },
        Part::Drafts => Table { read: DRAFT, from: "note_draft WHERE true", key: "id, patient", written: DRAFT },
        Part::Revisions => Table {
            read: REVISION,
            from: "note_revision WHERE true",
            key: "note, section, revision, patient",
            written: REVISION,
        },
        Part::Entries => Table { read: ENTRY, from: "audit WHERE true", key: "first", written: ENTRY },
        Part::Checkpoints => {
            Table { read: CHECKPOINT, from: "audit_checkpoint WHERE true", key: "last", written: CHECKPOINT }
        }
    }
}

const USER: &str =
    "id, username, display_name, role, practitioner, password_hash, must_change, disabled_at, created_at, preferences";
const TOKEN: &str = "id, name, secret, scope, created_at, expires_at, revoked_at, used_at";
const ANSWER: &str = "actor, key, request, versions, answer, at";
const VERSION: &str = "seq, rid, kind, version, patient, moved_from, recorded_at, deleted, body";
const DRAFT: &str = "id, patient, author, open, changed_at, body";
const REVISION: &str = "note, section, revision, patient, body";
const ENTRY: &str = "first, last, entries";
const CHECKPOINT: &str = "last, at, hash, signature";

impl Table {
    /// The table alone, and which rows of it are meant.
    fn name(&self) -> &'static str {
        self.from.split(' ').next().unwrap_or_default()
    }
}

pub(super) fn page(db: &Connection, part: Part, after: Option<&Row>) -> rusqlite::Result<Vec<Row>> {
    let Table { read, from, key, .. } = table(part);
    let further = match (after, part.key()) {
        (None, _) => String::new(),
        (Some(_), 1) => format!("AND {key} > ?1"),
        (Some(_), 2) => format!("AND ({key}) > (?1, ?2)"),
        (Some(_), _) => format!("AND ({key}) > (?1, ?2, ?3, ?4)"),
    };
    let sql = format!("SELECT {read} FROM {from} {further} ORDER BY {key} LIMIT {PAGE_ROWS}");
    let key = after.iter().flat_map(|row| row.0.iter().take(part.key()).map(bound));
    read_rows(db, &sql, part, params_from_iter(key))
}

pub(super) fn last(db: &Connection, part: Part) -> rusqlite::Result<Option<Row>> {
    let Table { read, from, key, .. } = table(part);
    let sql = format!("SELECT {read} FROM {from} ORDER BY {key} DESC LIMIT 1");
    Ok(read_rows(db, &sql, part, [])?.pop())
}

pub(super) fn count(db: &Connection, part: Part) -> rusqlite::Result<u64> {
    db.query_row(&format!("SELECT count(*) FROM {}", table(part).from), [], |row| row.get(0))
}

pub(super) fn empty(db: &Connection, part: Part) -> rusqlite::Result<()> {
    db.execute(&format!("DELETE FROM {}", table(part).from), []).map(drop)
}

pub(super) fn write(db: &Connection, part: Part, rows: &[Row]) -> rusqlite::Result<()> {
    let table = table(part);
    let places: Vec<String> = (1..=part.columns().len()).map(|n| format!("?{n}")).collect();
    let (also, version) = if part == Part::Resources { (", version", ", 0") } else { ("", "") };
    let (name, written, places) = (table.name(), table.written, places.join(", "));
    let mut insert = db.prepare_cached(&format!("INSERT INTO {name}({written}{also}) VALUES ({places}{version})"))?;
    for row in rows {
        insert.execute(params_from_iter(stored(part, row)))?;
    }
    Ok(())
}

/// Rows until there are bytes enough for a page.
fn read_rows(db: &Connection, sql: &str, part: Part, params: impl rusqlite::Params) -> rusqlite::Result<Vec<Row>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut found = statement.query(params)?;
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while bytes < PAGE_BYTES
        && let Some(row) = found.next()?
    {
        let mut fields = Vec::with_capacity(part.columns().len());
        for at in 0..part.columns().len() {
            let field = match row.get_ref(at)? {
                value if part == Part::Resources && at == 2 => {
                    Field::Text(IdColumn::column_result(value)?.0.as_str().to_owned())
                }
                ValueRef::Null => Field::Nothing,
                ValueRef::Integer(number) => Field::Number(number),
                ValueRef::Text(_) => Field::Text(row.get(at)?),
                ValueRef::Blob(blob) => Field::Bytes(Bytes::copy_from_slice(blob)),
                ValueRef::Real(_) => {
                    return Err(rusqlite::Error::InvalidColumnType(at, "?".into(), rusqlite::types::Type::Real));
                }
            };
            if let Field::Bytes(content) = &field {
                bytes += content.len();
            }
            fields.push(field);
        }
        rows.push(Row(fields));
    }
    Ok(rows)
}

/// A row as its table holds it.
fn stored(part: Part, row: &Row) -> Vec<Value> {
    let mut values: Vec<Value> = row.0.iter().map(bound).collect();
    match part {
        Part::Resources => {
            if let Some(id) = row.text(2).and_then(|id| Id::parse(id).ok())
                && let Some(value) = values.get_mut(2)
            {
                *value = column(&id);
            }
        }
        Part::Settings => {
            if let (Some(name), Some(text), Some(value)) = (row.text(0), row.text(1), values.get_mut(1)) {
                *value = match name {
                    "setup-secret" => unhex(text).map_or(Value::Null, Value::Blob),
                    "setup-ends" | "idle-minutes" => text.parse().map_or(Value::Null, Value::Integer),
                    _ => Value::Text(text.to_owned()),
                };
            }
        }
        _ => {}
    }
    values
}

fn bound(field: &Field) -> Value {
    match field {
        Field::Nothing => Value::Null,
        Field::Number(number) => Value::Integer(*number),
        Field::Text(text) => Value::Text(text.clone()),
        Field::Bytes(bytes) => Value::Blob(bytes.to_vec()),
    }
}
