//! The search index tables, written beside each current version. Why they are laid out so, with figures: docs/adr/0006-index-layout.md.
//!
//! The directory (`resource`) gives every resource a small number, `rid`; an index row names its resource, its target and its
//! chart by that number. Only current versions have rows: a new version's rows replace those of the version before.
//!
//! Tokens are kept by value, then chart, then date: a chart's results of one code, newest first, are one range. Everything else
//! is kept by resource, which appends, with an index by value.

use crate::chart::{After, UNDATED};
use crate::ids::rid_or_new;
use fhir::Kind;
use fhir::index::{Index, Token};
use fhir::search::parameters::{self, Param};
use ring::digest::{SHA256, digest};
use rusqlite::{Connection, params};
use store::record::Slice;

/// The index tables, created with the database. A new search parameter is a reindex, not a migration.
pub(crate) const TABLES: &str = "
-- What a code's row says beside the code: its system (NULL: implied by its value set) and, for a code with words, both. The id is a
-- hash of them all.
CREATE TABLE term(id INTEGER PRIMARY KEY, system TEXT, code TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE unit(id INTEGER PRIMARY KEY, system TEXT NOT NULL, code TEXT NOT NULL, unit TEXT NOT NULL);
CREATE TABLE idx_token(
    param INTEGER NOT NULL,
    code TEXT NOT NULL,
    patient INTEGER NOT NULL,    -- 0: in no chart
    date INTEGER NOT NULL,       -- resource.date, or the least number
    rid INTEGER NOT NULL,
    part INTEGER NOT NULL,       -- the repetition, for composites
    term INTEGER NOT NULL,
    PRIMARY KEY(param, code, patient, date DESC, rid DESC, part, term)
) WITHOUT ROWID;
CREATE TABLE idx_date(
    rid INTEGER NOT NULL, param INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL, part INTEGER NOT NULL,
    PRIMARY KEY(rid, param, low, high, part)
) WITHOUT ROWID;
CREATE INDEX idx_date_value ON idx_date(param, low, high);
CREATE TABLE idx_string(
    rid INTEGER NOT NULL, param INTEGER NOT NULL, folded TEXT NOT NULL, exact TEXT NOT NULL, part INTEGER NOT NULL,
    PRIMARY KEY(rid, param, folded, exact, part)
) WITHOUT ROWID;
CREATE INDEX idx_string_value ON idx_string(param, folded);
CREATE TABLE idx_quantity(
    rid INTEGER NOT NULL, param INTEGER NOT NULL, low REAL NOT NULL, high REAL NOT NULL, unit INTEGER NOT NULL, part INTEGER NOT NULL,
    PRIMARY KEY(rid, param, low, high, unit, part)
) WITHOUT ROWID;
CREATE INDEX idx_quantity_value ON idx_quantity(param, low, high);
CREATE TABLE idx_reference(
    rid INTEGER NOT NULL, param INTEGER NOT NULL, target INTEGER NOT NULL, part INTEGER NOT NULL,
    PRIMARY KEY(rid, param, target, part)
) WITHOUT ROWID;
CREATE INDEX idx_reference_target ON idx_reference(target, param);
CREATE TABLE idx_uri(
    rid INTEGER NOT NULL, param INTEGER NOT NULL, uri INTEGER NOT NULL, part INTEGER NOT NULL,
    PRIMARY KEY(rid, param, uri, part)
) WITHOUT ROWID;
CREATE INDEX idx_uri_value ON idx_uri(param, uri);
CREATE VIRTUAL TABLE words USING fts5(
    narrative, content, content='', contentless_delete=1, detail=column, tokenize='unicode61 remove_diacritics 2'
);
-- What page links are sealed with.
CREATE TABLE link_key AS SELECT randomblob(32) AS key;
";

/// Since schema 2 a reference's row says when: what refers to somebody, newest first, is one range (whom a clinician saw last).
pub(crate) const REFERENCES_BY_DATE: &str = "
ALTER TABLE idx_reference RENAME TO idx_reference_undated;
DROP INDEX idx_reference_target;
CREATE TABLE idx_reference(
    rid INTEGER NOT NULL, param INTEGER NOT NULL, target INTEGER NOT NULL, part INTEGER NOT NULL,
    date INTEGER NOT NULL,       -- resource.date, or the least number
    PRIMARY KEY(rid, param, target, part)
) WITHOUT ROWID;
INSERT INTO idx_reference(rid, param, target, part, date)
    SELECT f.rid, f.param, f.target, f.part, ifnull(r.date, -9223372036854775808)
    FROM idx_reference_undated f JOIN resource r ON r.rid = f.rid ORDER BY f.rid, f.param, f.target, f.part;
DROP TABLE idx_reference_undated;
CREATE INDEX idx_reference_target ON idx_reference(target, param, date DESC, rid DESC);
";

/// The resource whose rows are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Its number in the directory.
    pub(crate) rid: i64,
    /// Its type.
    pub(crate) kind: Kind,
    /// The number of the patient whose chart it is in.
    pub(crate) patient: Option<i64>,
    /// Its clinical date, milliseconds since 1970 (`resource.date`).
    pub(crate) date: Option<i64>,
}

/// Writes the rows of a new current version.
pub(crate) fn write(db: &Connection, at: Place, index: &Index) -> rusqlite::Result<()> {
    for token in &index.tokens {
        write_token(db, at, token)?;
    }
    let rid = at.rid;
    for row in &index.dates {
        db.prepare_cached(
            "INSERT INTO idx_date(rid, param, low, high, part) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        )?
        .execute((rid, row.param.0, row.period.from, row.period.until, row.part))?;
    }
    for row in &index.strings {
        db.prepare_cached(
            "INSERT INTO idx_string(rid, param, folded, exact, part) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        )?
        .execute((rid, row.param.0, &row.folded, &row.exact, row.part))?;
    }
    for row in &index.quantities {
        let unit = hash(&[&row.system, &row.code, &row.unit]);
        db.prepare_cached("INSERT INTO unit(id, system, code, unit) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")?
            .execute((unit, &row.system, &row.code, &row.unit))?;
        db.prepare_cached(
            "INSERT INTO idx_quantity(rid, param, low, high, unit, part) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        )?
        .execute((rid, row.param.0, row.low, row.high, unit, row.part))?;
    }
    for row in &index.references {
        let target = rid_or_new(db, row.target.kind, &row.target.id)?;
        db.prepare_cached(
            "INSERT INTO idx_reference(rid, param, target, part, date) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        )?
        .execute((rid, row.param.0, target, row.part, at.date.unwrap_or(UNDATED)))?;
    }
    for row in &index.uris {
        db.prepare_cached("INSERT INTO idx_uri(rid, param, uri, part) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")?
            .execute((rid, row.param.0, hash(&[&row.uri]), row.part))?;
    }
    if !(index.narrative.is_empty() && index.content.is_empty()) {
        db.prepare_cached("INSERT INTO words(rowid, narrative, content) VALUES (?1, ?2, ?3)")?.execute((
            rid,
            &index.narrative,
            &index.content,
        ))?;
    }
    Ok(())
}

fn write_token(db: &Connection, at: Place, token: &Token) -> rusqlite::Result<()> {
    let term = term(token);
    let worded = if token.text.is_empty() { "" } else { &token.code };
    db.prepare_cached("INSERT INTO term(id, system, code, text) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")?
        .execute((term, &token.system, worded, &token.text))?;
    put_token(
        db,
        "INSERT INTO idx_token(param, code, patient, date, rid, part, term) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        at,
        token,
    )
}

/// Writes a token's row by this statement.
pub(crate) fn put_token(db: &Connection, sql: &str, at: Place, token: &Token) -> rusqlite::Result<()> {
    db.prepare_cached(sql)?.execute(params![
        token.param.0,
        token.code,
        at.patient.unwrap_or_default(),
        at.date.unwrap_or(UNDATED),
        at.rid,
        token.part,
        term(token)
    ])?;
    Ok(())
}

/// Removes the rows of the version that was current until now, whose body is given.
pub(crate) fn erase(db: &Connection, at: Place, body: &[u8]) -> rusqlite::Result<()> {
    // What was stored was parsed before: a body that cannot be read has no rows.
    let index = fhir::json::parse(body).map(|value| Index::of(at.kind, &value)).unwrap_or_default();
    for token in &index.tokens {
        db.prepare_cached(
            "DELETE FROM idx_token WHERE param = ?1 AND code = ?2 AND patient = ?3 AND date = ?4 AND rid = ?5",
        )?
        .execute((
            token.param.0,
            &token.code,
            at.patient.unwrap_or_default(),
            at.date.unwrap_or(UNDATED),
            at.rid,
        ))?;
    }
    erase_others(db, at.rid, !(index.narrative.is_empty() && index.content.is_empty()))
}

/// Removes a resource's rows of every table that is kept by resource.
pub(crate) fn erase_others(db: &Connection, rid: i64, has_words: bool) -> rusqlite::Result<()> {
    for sql in [
        "DELETE FROM idx_date WHERE rid = ?1",
        "DELETE FROM idx_string WHERE rid = ?1",
        "DELETE FROM idx_quantity WHERE rid = ?1",
        "DELETE FROM idx_reference WHERE rid = ?1",
        "DELETE FROM idx_uri WHERE rid = ?1",
    ] {
        db.prepare_cached(sql)?.execute([rid])?;
    }
    if has_words {
        db.prepare_cached("DELETE FROM words WHERE rowid = ?1")?.execute([rid])?;
    }
    Ok(())
}

/// The id of what a token's row says beside its code.
pub(crate) fn term(token: &Token) -> i64 {
    match &token.system {
        None => hash(&["implied"]),
        Some(system) if token.text.is_empty() => hash(&[system]),
        Some(system) => hash(&[system, &token.code, &token.text]),
    }
}

/// The first 63 bits of SHA-256 over texts and their lengths: an id that needs no lookup.
pub(crate) fn hash(parts: &[&str]) -> i64 {
    let mut bytes = Vec::with_capacity(128);
    for part in parts {
        bytes.extend_from_slice(&part.len().to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    let sum = digest(&SHA256, &bytes);
    let first = sum.as_ref().iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    i64::try_from(first >> 1).unwrap_or_default()
}

/// The parameter that holds what a resource of a type is about.
fn main_code(kind: Kind) -> Option<Param> {
    ["code", "vaccine-code", "type", "category"]
        .into_iter()
        .find_map(|name| parameters::named(kind, name))
        .map(|definition| definition.param)
}

/// The resources of a chart's slice that names codes or a category: at most `limit` (per code; negative: all), newest first.
pub(crate) fn chart_range(
    db: &Connection,
    chart: i64,
    slice: &Slice,
    after: After,
    limit: i64,
) -> rusqlite::Result<Vec<i64>> {
    let category = parameters::named(slice.kind, "category").map(|definition| definition.param);
    let mut found: Vec<(i64, i64)> = Vec::new();
    match (&slice.category, slice.codes.as_slice()) {
        (Some(wanted), []) => {
            let Some(param) = category else { return Ok(Vec::new()) };
            code_range(db, chart, (param, wanted), None, after, limit, None, &mut found)?;
        }
        (wanted, codes) => {
            let Some(param) = main_code(slice.kind) else { return Ok(Vec::new()) };
            let also = match wanted {
                None => None,
                Some(wanted) => match category {
                    Some(category) => Some((category, wanted.as_str())),
                    None => return Ok(Vec::new()),
                },
            };
            for (system, code) in codes {
                let mut of_code = Vec::new();
                code_range(db, chart, (param, code), Some(system), after, limit, also, &mut of_code)?;
                found.append(&mut of_code);
            }
        }
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.dedup();
    Ok(found.into_iter().map(|(_, rid)| rid).collect())
}

/// One walk along (parameter, code, chart, date): pairs of date and resource, newest first.
#[expect(clippy::too_many_arguments, reason = "the bounds of one range scan")]
fn code_range(
    db: &Connection,
    chart: i64,
    (param, code): (Param, &str),
    system: Option<&str>,
    after: After,
    limit: i64,
    also: Option<(Param, &str)>,
    found: &mut Vec<(i64, i64)>,
) -> rusqlite::Result<()> {
    let mut statement = db.prepare_cached(
        "SELECT DISTINCT t.date, t.rid FROM idx_token t
         WHERE t.param = ?1 AND t.code = ?2 AND t.patient = ?3 AND t.date <= ?4 AND (t.date < ?4 OR t.rid < ?5)
           AND (?6 IS NULL OR EXISTS(SELECT 1 FROM term WHERE term.id = t.term AND (term.system = ?6 OR term.system IS NULL)))
           AND (?7 IS NULL OR EXISTS(SELECT 1 FROM idx_token c
                WHERE c.param = ?7 AND c.code = ?8 AND c.patient = ?3 AND c.date = t.date AND c.rid = t.rid))
         ORDER BY t.date DESC, t.rid DESC LIMIT ?9",
    )?;
    let (category, wanted) = also.map_or((None, None), |(param, code)| (Some(param.0), Some(code.to_lowercase())));
    let rows = statement.query_map(
        params![param.0, code.to_lowercase(), chart, after.date, after.rid, system, category, wanted, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    for row in rows {
        found.push(row?);
    }
    Ok(())
}
