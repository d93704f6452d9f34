//! `_include` and `_revinclude`: what matches refer to, and what refers to them. Nothing beyond the permit is ever added.

use super::filter::Scene;
use crate::connection::sql_error;
use crate::rows::{CURRENT, reaches, stored};
use fhir::Kind;
use fhir::search::query::Include;
use rusqlite::Connection;
use std::collections::BTreeSet;
use store::engine::lead::definition;
use store::record::Stored;
use store::{Error, Result};

/// The most resources a page may bring along.
const MOST: usize = 5000;
/// How often `:iterate` goes on from what it found.
const ROUNDS: usize = 5;

/// What the includes of a search add to its matches (pairs of number and type), each once.
pub(crate) fn included(scene: &Scene<'_>, includes: &[Include], matches: &[(i64, Kind)]) -> Result<Vec<Stored>> {
    let mut known: BTreeSet<i64> = matches.iter().map(|(rid, _)| *rid).collect();
    let mut found = Vec::new();
    let mut front: Vec<(i64, Kind)> = matches.to_vec();
    for round in 0..ROUNDS {
        let mut next = Vec::new();
        for include in includes.iter().filter(|include| round == 0 || include.iterate) {
            // What this include does not want, another may.
            let mut seen = BTreeSet::new();
            for (rid, kind) in &front {
                for other in neighbours(scene.db, include, *rid, *kind)? {
                    if !known.contains(&other)
                        && seen.insert(other)
                        && let Some(resource) = live(scene, include, other)?
                    {
                        known.insert(other);
                        next.push((other, resource.key.kind));
                        found.push(resource);
                    }
                    if known.len().max(seen.len()) > MOST + matches.len() {
                        return Err(Error::TooCostly);
                    }
                }
            }
        }
        if next.is_empty() {
            break;
        }
        front = next;
    }
    Ok(found)
}

fn live(scene: &Scene<'_>, include: &Include, rid: i64) -> Result<Option<Stored>> {
    let read = || -> rusqlite::Result<Option<Stored>> {
        let mut statement =
            scene.db.prepare_cached(&format!("{CURRENT} WHERE r.rid = ?1 AND r.version > 0 AND r.deleted = 0"))?;
        let mut rows = statement.query_map([rid], stored)?;
        rows.next().transpose()
    };
    let resource = read().map_err(sql_error)?;
    let wanted = |resource: &Stored| include.reverse || include.target.is_none_or(|kind| resource.key.kind == kind);
    Ok(resource.filter(|resource| reaches(scene.permit, resource) && scene.brings(resource) && wanted(resource)))
}

/// The numbers of what one resource refers to by an include, or of what refers to it.
fn neighbours(db: &Connection, include: &Include, rid: i64, kind: Kind) -> Result<Vec<i64>> {
    if include.reverse { referring(db, include, rid, kind) } else { referred(db, include, rid, kind) }
        .map_err(sql_error)
}

fn referred(db: &Connection, include: &Include, rid: i64, kind: Kind) -> rusqlite::Result<Vec<i64>> {
    if include.from != kind {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    let column = "SELECT patient FROM resource WHERE rid = ?1 AND patient IS NOT NULL AND patient <> rid";
    let Some(asked) = include.param.and_then(|param| definition(param).ok()) else {
        numbers(db, "SELECT target FROM idx_reference WHERE rid = ?1", [rid], &mut all)?;
        numbers(db, column, [rid], &mut all)?;
        return Ok(all);
    };
    for param in &asked.stored {
        let sql = "SELECT f.target FROM idx_reference f JOIN resource x ON x.rid = f.target
                   WHERE f.rid = ?1 AND f.param = ?2 AND (?3 IS NULL OR x.kind = ?3)";
        numbers(db, sql, (rid, param.0, asked.only.map(Kind::number)), &mut all)?;
        let in_column = definition(*param).is_ok_and(|base| base.compartment);
        if in_column && asked.only.is_none_or(|only| only == Kind::PATIENT) {
            numbers(db, column, [rid], &mut all)?;
        }
    }
    Ok(all)
}

fn referring(db: &Connection, include: &Include, rid: i64, kind: Kind) -> rusqlite::Result<Vec<i64>> {
    if include.target.is_some_and(|target| target != kind) {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    let from = include.from.number();
    let charted = "SELECT rid FROM resource WHERE patient = ?1 AND kind = ?2 AND version > 0 AND deleted = 0";
    let Some(asked) = include.param.and_then(|param| definition(param).ok()) else {
        let sql =
            "SELECT f.rid FROM idx_reference f JOIN resource x ON x.rid = f.rid WHERE f.target = ?1 AND x.kind = ?2";
        numbers(db, sql, (rid, from), &mut all)?;
        if kind == Kind::PATIENT {
            numbers(db, charted, (rid, from), &mut all)?;
        }
        return Ok(all);
    };
    if asked.only.is_some_and(|only| only != kind) {
        return Ok(all);
    }
    for param in &asked.stored {
        numbers(db, "SELECT rid FROM idx_reference WHERE target = ?1 AND param = ?2", (rid, param.0), &mut all)?;
        if kind == Kind::PATIENT && definition(*param).is_ok_and(|base| base.compartment) {
            numbers(db, charted, (rid, from), &mut all)?;
        }
    }
    Ok(all)
}

fn numbers(db: &Connection, sql: &str, params: impl rusqlite::Params, into: &mut Vec<i64>) -> rusqlite::Result<()> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(params, |row| row.get(0))?;
    for row in rows {
        into.push(row?);
    }
    Ok(())
}
