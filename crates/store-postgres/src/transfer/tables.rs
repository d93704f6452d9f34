//! Which table holds which part, and how its rows are read and written.

use crate::line::{Line, Param};
use crate::rows::{get, unreadable};
use bytes::Bytes;
use store::transfer::{Field, PAGE_BYTES, PAGE_ROWS, Part, Row, Sort};
use store::{Error, Result};
use tokio_postgres::types::Type;

/// A part's table: its columns in order as they are read, which rows are meant, its key, and what stands behind another row's key ($1 and, of
/// answers, $2).
struct Table {
    read: &'static str,
    from: &'static str,
    key: &'static str,
    after: &'static str,
}

/// What follows from other rows, or from the program, is not copied.
fn table(part: Part) -> Table {
    let (read, from, key, after) = match part {
        Part::Settings => ("name, value", "setting WHERE true", "name", "name > $1"),
        Part::Users => (
            "uuid_send(id), username, display_name, role, practitioner, password_hash, must_change::int::int8, disabled_at,
             created_at, preferences",
            "user_account WHERE true",
            "id",
            "id > encode($1::bytea, 'hex')::uuid",
        ),
        Part::Tokens => (
            "uuid_send(id), name, secret, scope, created_at, expires_at, revoked_at, used_at",
            "api_token WHERE true",
            "id",
            "id > encode($1::bytea, 'hex')::uuid",
        ),
        Part::Counters => (
            "name, next",
            "counter WHERE name NOT IN ('seq', 'find-keys', 'audit-indexed')",
            "name",
            "name > $1",
        ),
        Part::Answers => (
            "uuid_send(actor), key, request, versions, answer, at",
            "idempotency WHERE true",
            "actor, key",
            "(actor, key) > (encode($1::bytea, 'hex')::uuid, $2)",
        ),
        Part::Resources => ("rid, kind::int8, id", "directory WHERE true", "rid", "rid > $1"),
        Part::Versions => (
            "seq, rid, kind::int8, version::int8, nullif(patient, 0), moved_from, recorded_at, deleted::int::int8, body",
            "resource_version WHERE true",
            "seq",
            "seq > $1",
        ),
        Part::Drafts => (
            "uuid_send(id), patient, uuid_send(author), open::int::int8, changed_at, body",
            "note_draft WHERE true",
            "id, patient",
            "(id, patient) > (encode($1::bytea, 'hex')::uuid, $2)",
        ),
        Part::Revisions => (
            "uuid_send(note), section, revision, patient, body",
            "note_revision WHERE true",
            "note, section, revision, patient",
            "(note, section, revision, patient) > (encode($1::bytea, 'hex')::uuid, $2, $3, $4)",
        ),
        Part::Entries => ("first, last, entries", "audit WHERE chain = 0", "first", "first > $1"),
        Part::Checkpoints => ("last, at, hash, signature", "audit_checkpoint WHERE chain = 0", "last", "last > $1"),
    };
    Table { read, from, key, after }
}

/// What a page's size counts: the server sends no more than a page.
fn content(part: Part) -> &'static str {
    match part {
        Part::Versions => "octet_length(body)",
        Part::Entries => "octet_length(entries)",
        Part::Drafts | Part::Revisions => "octet_length(body)",
        _ => "0",
    }
}

pub(super) async fn page(line: &Line, part: Part, after: Option<&Row>) -> Result<Vec<Row>> {
    let Table { read, from, key, after: behind } = table(part);
    let (further, size) = (if after.is_some() { behind } else { "true" }, content(part));
    // A row is sent if what comes before it leaves room on the page.
    let sql = format!(
        "SELECT {read} FROM (
            SELECT *, sum({size}) OVER (ORDER BY {key}) - {size} AS before FROM
                (SELECT * FROM {from} AND {further} ORDER BY {key} LIMIT {PAGE_ROWS}) part) page
         WHERE before < {PAGE_BYTES} ORDER BY {key}"
    );
    read_rows(line, &sql, part, after).await
}

pub(super) async fn last(line: &Line, part: Part) -> Result<Option<Row>> {
    let Table { read, from, key, .. } = table(part);
    let sql = format!("SELECT {read} FROM {from} ORDER BY {key} DESC LIMIT 1");
    Ok(read_rows(line, &sql, part, None).await?.pop())
}

pub(super) async fn count(line: &Line, part: Part) -> Result<u64> {
    let rows = line.query(&format!("SELECT count(*) FROM {}", table(part).from), &[]).await?;
    let count: i64 = rows.first().map_or(Ok(0), |row| get(row, 0))?;
    Ok(count.unsigned_abs())
}

pub(super) async fn empty(line: &Line, part: Part) -> Result<()> {
    line.execute(&format!("DELETE FROM {}", table(part).from), &[]).await.map(|_rows| ())
}

async fn read_rows(line: &Line, sql: &str, part: Part, after: Option<&Row>) -> Result<Vec<Row>> {
    let key: Vec<Value<'_>> = after.iter().flat_map(|row| row.0.iter().take(part.key()).map(value)).collect();
    let key: Vec<Param<'_>> = key.iter().map(Value::param).collect();
    let found = line.query(sql, &key).await?;
    found.iter().map(|row| (0..part.columns().len()).map(|at| field(row, at)).collect::<Result<_>>().map(Row)).collect()
}

fn field(row: &tokio_postgres::Row, at: usize) -> Result<Field> {
    let column = row.columns().get(at).ok_or_else(|| Error::Broken("a column is missing".to_owned()))?;
    Ok(match *column.type_() {
        Type::INT8 => get::<Option<i64>>(row, at)?.map_or(Field::Nothing, Field::Number),
        Type::TEXT => get::<Option<String>>(row, at)?.map_or(Field::Nothing, Field::Text),
        Type::BYTEA => {
            get::<Option<&[u8]>>(row, at)?.map_or(Field::Nothing, |bytes| Field::Bytes(Bytes::copy_from_slice(bytes)))
        }
        _ => return Err(unreadable(row, at)),
    })
}

/// A value to be bound.
enum Value<'a> {
    Number(Option<i64>),
    Text(Option<&'a str>),
    Bytes(Option<&'a [u8]>),
}

impl Value<'_> {
    fn param(&self) -> Param<'_> {
        match self {
            Self::Number(number) => number,
            Self::Text(text) => text,
            Self::Bytes(bytes) => bytes,
        }
    }
}

fn value(field: &Field) -> Value<'_> {
    match field {
        Field::Nothing => Value::Number(None),
        Field::Number(number) => Value::Number(Some(*number)),
        Field::Text(text) => Value::Text(Some(text)),
        Field::Bytes(bytes) => Value::Bytes(Some(bytes)),
    }
}

/// How the rows of a part, given as columns, are written. `kind` of a Patient is the last parameter of resources.
fn insert(part: Part) -> &'static str {
    match part {
        Part::Settings => "INSERT INTO setting(name, value) SELECT * FROM unnest($1::text[], $2::text[])",
        Part::Users => {
            "INSERT INTO user_account(id, username, display_name, role, practitioner, password_hash, must_change, disabled_at,
                created_at, preferences)
             SELECT encode(q.id, 'hex')::uuid, b, c, d, e, f, g <> 0, h, i, j FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[],
                $5::text[], $6::text[], $7::int8[], $8::int8[], $9::int8[], $10::text[]) q(id, b, c, d, e, f, g, h, i, j)"
        }
        Part::Tokens => {
            "INSERT INTO api_token(id, name, secret, scope, created_at, expires_at, revoked_at, used_at)
             SELECT encode(q.id, 'hex')::uuid, b, c, d, e, f, g, h FROM unnest($1::bytea[], $2::text[], $3::bytea[], $4::text[],
                $5::int8[], $6::int8[], $7::int8[], $8::int8[]) q(id, b, c, d, e, f, g, h)"
        }
        Part::Counters => "INSERT INTO counter(name, next) SELECT * FROM unnest($1::text[], $2::int8[])",
        Part::Answers => {
            "INSERT INTO idempotency(actor, key, request, versions, answer, at)
             SELECT encode(q.actor, 'hex')::uuid, b, c, d, e, f FROM unnest($1::bytea[], $2::text[], $3::bytea[], $4::text[],
                $5::text[], $6::int8[]) q(actor, b, c, d, e, f)"
        }
        // In no chart, until `derive` says in which; a Patient is in its own.
        Part::Resources => {
            "INSERT INTO directory(rid, kind, id, patient)
             SELECT a, b::int2, c, CASE WHEN b = $4 THEN a ELSE 0 END FROM unnest($1::int8[], $2::int8[], $3::text[]) q(a, b, c)"
        }
        Part::Versions => {
            "INSERT INTO resource_version(seq, rid, kind, version, patient, moved_from, recorded_at, deleted, body, id)
             SELECT a, b, c::int2, q.d::int4, coalesce(e, 0), f, g, h <> 0, i, known.id
             FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::int8[], $9::bytea[])
                q(a, b, c, d, e, f, g, h, i) LEFT JOIN directory known ON known.rid = q.b"
        }
        Part::Drafts => {
            "INSERT INTO note_draft(patient, id, author, open, changed_at, body)
             SELECT b, encode(q.a, 'hex')::uuid, encode(q.c, 'hex')::uuid, d <> 0, e, f
             FROM unnest($1::bytea[], $2::int8[], $3::bytea[], $4::int8[], $5::int8[], $6::text[]) q(a, b, c, d, e, f)"
        }
        Part::Revisions => {
            "INSERT INTO note_revision(patient, note, section, revision, body)
             SELECT d, encode(q.a, 'hex')::uuid, b, c, e
             FROM unnest($1::bytea[], $2::text[], $3::int8[], $4::int8[], $5::text[]) q(a, b, c, d, e)"
        }
        Part::Entries => {
            "INSERT INTO audit(chain, first, last, entries, earliest, latest)
             SELECT 0, * FROM unnest($1::int8[], $2::int8[], $3::bytea[], $4::int8[], $5::int8[])"
        }
        Part::Checkpoints => {
            "INSERT INTO audit_checkpoint(chain, last, at, hash, signature)
             SELECT 0, * FROM unnest($1::int8[], $2::int8[], $3::bytea[], $4::bytea[])"
        }
    }
}

/// A column of many rows.
enum Column<'a> {
    Numbers(Vec<Option<i64>>),
    Texts(Vec<Option<&'a str>>),
    Bytes(Vec<Option<&'a [u8]>>),
}

/// Writes rows; `further` are parameters after their columns.
pub(super) async fn write(line: &Line, part: Part, rows: &[Row], further: &[Param<'_>]) -> Result<()> {
    let of = |(at, sort): (usize, &Sort)| match sort {
        Sort::Number => Column::Numbers(rows.iter().map(|row| row.number(at)).collect()),
        Sort::Text => Column::Texts(rows.iter().map(|row| row.text(at)).collect()),
        Sort::Bytes => Column::Bytes(rows.iter().map(|row| row.bytes(at)).collect()),
    };
    let columns: Vec<Column<'_>> = part.columns().iter().enumerate().map(of).collect();
    let mut params: Vec<Param<'_>> = Vec::with_capacity(columns.len() + further.len());
    for column in &columns {
        params.push(match column {
            Column::Numbers(numbers) => numbers,
            Column::Texts(texts) => texts,
            Column::Bytes(bytes) => bytes,
        });
    }
    params.extend(further);
    line.execute(insert(part), &params).await.map(|_rows| ())
}
