//! FHIR search over the index tables: a parsed query becomes one statement of static fragments and binds (`plan`, `filter`, `test`),
//! whose rows name resources that are then answered as they are stored.

mod chain;
mod compartment;
mod composite;
mod filter;
mod include;
mod plan;
mod rows;
mod scene;
mod sql;
mod test;
mod value;

use crate::line::Line;
use crate::rows::{CURRENT, get, reached};
use fhir::PatientId;
use fhir::search::Query;
use futures_util::future::try_join4;
use plan::Plan;
use scene::Scene;
use store::engine::links::{Cursor, LinkKey, Value};
use store::record::{SearchPage, Stored};
use store::{Error, Permit, Result, Sealed};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// Where a resource is, and its sort values.
struct Found {
    patient: i64,
    rid: i64,
    values: Vec<Value>,
}

/// One page of a search, from the caller's snapshot.
///
/// A first page notes the newest version there is; later pages leave out what changed since. So what did not change while a client
/// pages is answered exactly once, and what did is answered at most once.
pub(crate) async fn page(
    line: &Line,
    links: &LinkKey,
    permit: &Permit,
    query: &Query,
    cursor: Option<&str>,
) -> Result<Sealed<SearchPage>> {
    let before = cursor.map(|link| Cursor::open(links, query, link)).transpose()?;
    let scene = Scene::read(line, permit, query).await?;
    let plan = Plan::of(&scene, query)?;
    let pin = before.as_ref().map(|cursor| cursor.pin);
    let after = before.as_ref().map_or(&[][..], |cursor| &cursor.after);
    let asked = plan.page(&scene, pin, after, i64::from(query.count) + 1)?;
    let rows = if plan.is_one_walk() { asked.rows_planned_once(line).await? } else { asked.rows(line).await? };
    let mut found = rows.iter().map(found).collect::<Result<Vec<_>>>()?;
    let more = found.len() > query.count as usize;
    found.truncate(query.count as usize);
    let counted = query.total || query.count == 0;
    let total = async {
        if before.is_none() && !more && query.count > 0 {
            Ok(u64::try_from(found.len()).ok())
        } else if counted {
            count(line, &plan.total(&scene, pin)?).await.map(Some)
        } else {
            Ok(None)
        }
    };
    let pinned = async {
        match pin {
            None if more => newest(line).await,
            pin => Ok(pin.unwrap_or_default()),
        }
    };
    let included = async {
        if query.includes.is_empty() {
            return Ok(Vec::new());
        }
        let matched = found.iter().map(|found| (found.patient, found.rid, query.kind)).collect();
        include::included(line, &scene, &query.includes, matched).await
    };
    // None needs another's answer: they share their trips.
    let (matches, pinned, total, included) = try_join4(current(line, permit, &found), pinned, total, included).await?;
    let next = match found.last().filter(|_| more) {
        None => None,
        Some(last) => Some(Cursor { pin: pinned, after: last.values.clone() }.seal(links, query)?),
    };
    let patients: Vec<PatientId> = matches.iter().chain(&included).filter_map(|r| r.patient.clone()).collect();
    Ok(Sealed::seal(SearchPage { matches, included, total, next }, patients))
}

/// A row of a page statement.
fn found(row: &Row) -> Result<Found> {
    let values = row.columns().iter().enumerate().skip(2).map(|(at, column)| {
        Ok(match *column.type_() {
            Type::FLOAT8 => Value::Real(get(row, at)?),
            Type::TEXT => Value::Text(get(row, at)?),
            _ => Value::Integer(get(row, at)?),
        })
    });
    Ok(Found { patient: get(row, 0)?, rid: get(row, 1)?, values: values.collect::<Result<_>>()? })
}

async fn count(line: &Line, sql: &sql::Sql) -> Result<u64> {
    let rows = sql.rows(line).await?;
    let count: i64 = rows.first().map_or(Ok(0), |row| get(row, 0))?;
    u64::try_from(count).map_err(|_| Error::Broken("a count below nothing".to_owned()))
}

/// What was found, as it is stored.
async fn current(line: &Line, permit: &Permit, found: &[Found]) -> Result<Vec<Stored>> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let patients: Vec<i64> = found.iter().map(|found| found.patient).collect();
    let rids: Vec<i64> = found.iter().map(|found| found.rid).collect();
    let sql = format!(
        "SELECT c.* FROM unnest($1::int8[], $2::int8[]) WITH ORDINALITY AS f(patient, rid, n)
         CROSS JOIN LATERAL ({CURRENT} WHERE r.patient = f.patient AND r.rid = f.rid OFFSET 0) c ORDER BY f.n"
    );
    reached(permit, &line.query(&sql, &[&patients, &rids]).await?)
}

/// The newest version of the record.
async fn newest(line: &Line) -> Result<i64> {
    let row = line.first("SELECT coalesce(max(seq), 0) FROM resource_version", &[]).await?;
    row.map_or(Ok(0), |row| get(&row, 0))
}

#[cfg(test)]
mod plan_tests;
