//! FHIR search over the index tables: a parsed query becomes one statement of static fragments and binds (`plan`, `filter`, `test`),
//! whose rows name resources that are then answered as they are stored.

mod compartment;
mod composite;
mod filter;
mod include;
mod plan;
mod rows;
mod sql;
mod test;

use crate::connection::sql_error;
use crate::rows::{CURRENT, reaches, stored};
use fhir::search::Query;
use fhir::{Kind, PatientId};
use filter::Scene;
use plan::Plan;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use store::engine::links::{self, Cursor, LinkKey};
use store::record::{SearchPage, Stored};
use store::{Error, Permit, Result, Sealed};

/// One page of a search, from the caller's snapshot.
///
/// A first page notes the newest version there is; later pages leave out what changed since. So what did not change while a client
/// pages is answered exactly once, and what did is answered at most once.
pub(crate) fn page(
    db: &Connection,
    permit: &Permit,
    query: &Query,
    cursor: Option<&str>,
) -> Result<Sealed<SearchPage>> {
    let scene = Scene::new(db, permit, query)?;
    let plan = Plan::of(&scene, query)?;
    let before = cursor.map(|link| Cursor::open(&link_key(db)?, query, link)).transpose()?;
    let pin = before.as_ref().map(|cursor| cursor.pin);
    let after: Vec<Value> = before.iter().flat_map(|cursor| cursor.after.iter().cloned().map(bound)).collect();
    let mut found = found(db, &plan, &plan.page(&scene, pin, &after, i64::from(query.count) + 1)?)?;
    let more = found.len() > query.count as usize;
    found.truncate(query.count as usize);
    let next = match found.last().filter(|_| more) {
        None => None,
        Some((_, last)) => {
            let pin = pin.map_or_else(|| newest(db), Ok)?;
            let after = last.iter().cloned().map(kept).collect::<Result<_>>()?;
            Some(Cursor { pin, after }.seal(&link_key(db)?, query)?)
        }
    };
    let total = total(&scene, &plan, query, pin, (before.is_none() && !more).then_some(found.len()))?;
    let mut matches = current(db, &found).map_err(sql_error)?;
    matches.retain(|resource| reaches(permit, resource));
    let included = if query.includes.is_empty() {
        Vec::new()
    } else {
        let matched: Vec<(i64, Kind)> = found.iter().map(|(rid, _)| (*rid, query.kind)).collect();
        include::included(&scene, &query.includes, &matched)?
    };
    let patients: Vec<PatientId> = matches.iter().chain(&included).filter_map(|r| r.patient.clone()).collect();
    Ok(Sealed::seal(SearchPage { matches, included, total, next }, patients))
}

/// Rows of a page statement: the resource's number and its sort values.
fn found(db: &Connection, plan: &Plan<'_>, sql: &sql::Sql) -> Result<Vec<(i64, Vec<Value>)>> {
    let read = || -> rusqlite::Result<Vec<(i64, Vec<Value>)>> {
        let mut statement = db.prepare_cached(sql.text())?;
        let rows = statement.query_map(params_from_iter(sql.binds()), |row| {
            let values = (1..=plan.keys()).map(|place| row.get(place)).collect::<rusqlite::Result<Vec<Value>>>()?;
            Ok((row.get(0)?, values))
        })?;
        rows.collect()
    };
    read().map_err(sql_error)
}

/// The total when it was asked for, or when the only page shows it.
fn total(
    scene: &Scene<'_>,
    plan: &Plan<'_>,
    query: &Query,
    pin: Option<i64>,
    shown: Option<usize>,
) -> Result<Option<u64>> {
    if let Some(shown) = shown.filter(|_| query.count > 0) {
        return Ok(u64::try_from(shown).ok());
    }
    if !query.total && query.count > 0 {
        return Ok(None);
    }
    let sql = plan.total(scene, pin)?;
    let count = || scene.db.prepare_cached(sql.text())?.query_row(params_from_iter(sql.binds()), |row| row.get(0));
    count().map(Some).map_err(sql_error)
}

/// What was found, as it is stored.
fn current(db: &Connection, found: &[(i64, Vec<Value>)]) -> rusqlite::Result<Vec<Stored>> {
    let mut statement = db.prepare_cached(&format!("{CURRENT} WHERE r.rid = ?1"))?;
    let mut all = Vec::with_capacity(found.len());
    for (rid, _) in found {
        all.extend(statement.query_row([rid], stored).optional()?);
    }
    Ok(all)
}

/// The newest version of the record.
fn newest(db: &Connection) -> Result<i64> {
    let newest = db.prepare_cached("SELECT coalesce(max(seq), 0) FROM resource_version");
    newest.and_then(|mut newest| newest.query_row([], |row| row.get(0))).map_err(sql_error)
}

/// What page links are sealed with.
pub(crate) fn link_key(db: &Connection) -> Result<LinkKey> {
    let key = db.prepare_cached("SELECT key FROM link_key");
    let bytes: Vec<u8> = key.and_then(|mut key| key.query_row([], |row| row.get(0))).map_err(sql_error)?;
    LinkKey::new(&bytes)
}

fn bound(value: links::Value) -> Value {
    match value {
        links::Value::Integer(number) => number.into(),
        links::Value::Real(number) => number.into(),
        links::Value::Text(text) => text.into(),
        links::Value::Blob(bytes) => bytes.into(),
    }
}

fn kept(value: Value) -> Result<links::Value> {
    Ok(match value {
        Value::Integer(number) => links::Value::Integer(number),
        Value::Real(number) => links::Value::Real(number),
        Value::Text(text) => links::Value::Text(text),
        Value::Blob(bytes) => links::Value::Blob(bytes),
        Value::Null => return Err(Error::Broken("a search is sorted by nothing".to_owned())),
    })
}

#[cfg(test)]
mod plan_tests;
