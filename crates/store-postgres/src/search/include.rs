//! `_include` and `_revinclude`: what matches refer to, and what refers to them. Nothing beyond the permit is ever added.

use super::scene::Scene;
use super::sql::Sql;
use crate::line::Line;
use crate::rows::{CURRENT_AT, get, reaches, stored};
use fhir::Kind;
use fhir::search::query::Include;
use std::collections::BTreeSet;
use store::engine::lead::definition;
use store::record::Stored;
use store::{Error, Result};

/// The most resources a page may bring along.
const MOST: usize = 5000;
/// How often `:iterate` goes on from what it found.
const ROUNDS: usize = 5;

/// Where a resource is (chart and number) and its type.
type At = (i64, i64, Kind);

/// What the includes of a search add to its matches, each once.
pub(crate) async fn included(
    line: &Line,
    scene: &Scene<'_>,
    includes: &[Include],
    matches: Vec<At>,
) -> Result<Vec<Stored>> {
    let mut known: BTreeSet<i64> = matches.iter().map(|(_, rid, _)| *rid).collect();
    let most = MOST + matches.len();
    let mut found = Vec::new();
    let mut front = matches;
    for round in 0..ROUNDS {
        let mut next = Vec::new();
        for include in includes.iter().filter(|include| round == 0 || include.iterate) {
            let mut others = neighbours(line, include, &front, most).await?;
            others.retain(|(_, rid)| !known.contains(rid));
            for (at, resource) in live(line, scene, include, &others).await? {
                if known.insert(at.1) {
                    next.push(at);
                    found.push(resource);
                }
            }
            if known.len() > most {
                return Err(Error::TooCostly);
            }
        }
        if next.is_empty() {
            break;
        }
        front = next;
    }
    Ok(found)
}

/// Those of them that are stored, within the permit, and what the include asks for.
async fn live(line: &Line, scene: &Scene<'_>, include: &Include, others: &[(i64, i64)]) -> Result<Vec<(At, Stored)>> {
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let (patients, rids): (Vec<i64>, Vec<i64>) = others.iter().copied().unzip();
    let sql = format!(
        "SELECT c.* FROM unnest($1::int8[], $2::int8[]) WITH ORDINALITY AS f(patient, rid, n)
         CROSS JOIN LATERAL ({CURRENT_AT} WHERE r.patient = f.patient AND r.rid = f.rid AND r.version > 0 AND NOT r.deleted
         OFFSET 0) c ORDER BY f.n"
    );
    let mut all = Vec::with_capacity(others.len());
    for row in line.query(&sql, &[&patients, &rids]).await? {
        let resource = stored(&row)?;
        let kind = resource.key.kind;
        let wanted = if include.reverse { kind == include.from } else { include.target.is_none_or(|t| t == kind) };
        if wanted && reaches(scene.permit, &resource) && scene.brings(&resource) {
            all.push(((get(&row, 8)?, get(&row, 9)?, kind), resource));
        }
    }
    Ok(all)
}

/// Where that is what the front refers to by an include, or what refers to the front.
async fn neighbours(line: &Line, include: &Include, front: &[At], most: usize) -> Result<Vec<(i64, i64)>> {
    let of_kind = |kind: Kind| {
        if include.reverse { include.target.is_none_or(|target| target == kind) } else { include.from == kind }
    };
    let front: Vec<At> = front.iter().copied().filter(|(_, _, kind)| of_kind(*kind)).collect();
    if front.is_empty() {
        return Ok(Vec::new());
    }
    let sql = if include.reverse { referring(include, &front)? } else { referred(include, &front)? };
    let Some(mut sql) = sql else { return Ok(Vec::new()) };
    sql.push(" LIMIT ").bind(i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1));
    let rows = sql.rows(line).await?;
    if rows.len() > most {
        return Err(Error::TooCostly);
    }
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}

/// By which parameters an include goes: those whose rows answer it, whether the chart's column does too, and the only type they name.
struct By {
    params: Option<Vec<i64>>,
    in_column: bool,
    only: Option<Kind>,
}

fn by(include: &Include) -> Result<By> {
    // All of them, where none is named.
    let Some(param) = include.param else { return Ok(By { params: None, in_column: true, only: None }) };
    let asked = definition(param)?;
    let mut in_column = false;
    for param in &asked.stored {
        in_column |= definition(*param)?.compartment;
    }
    let params = asked.stored.iter().map(|param| i64::from(param.0)).collect();
    Ok(By { params: Some(params), in_column, only: asked.only })
}

fn referred(include: &Include, front: &[At]) -> Result<Option<Sql>> {
    let By { params, in_column, only } = by(include)?;
    let (patients, rids): (Vec<i64>, Vec<i64>) = front.iter().map(|(patient, rid, _)| (*patient, *rid)).unzip();
    let charts: Vec<i64> = front.iter().filter(|at| at.0 != 0 && at.0 != at.1).map(|at| at.0).collect();
    let mut sql = Sql::default();
    sql.push("SELECT d.patient, d.rid FROM unnest(").bind(patients).push(", ").bind(rids);
    sql.push(") AS k(patient, rid) JOIN idx_reference f ON f.patient = k.patient AND f.rid = k.rid");
    if let Some(params) = params {
        sql.push(" AND f.param = ANY(").bind(params).push(")");
    }
    sql.push(" JOIN directory d ON d.rid = f.target");
    if let Some(only) = only {
        sql.push(" AND d.kind = ").bind(i64::from(only.number()));
    }
    if in_column && only.is_none_or(|only| only == Kind::PATIENT) {
        // A Patient is in its own chart.
        sql.push(" UNION SELECT c, c FROM unnest(").bind(charts).push(") AS c");
    } else {
        sql.push(" GROUP BY d.patient, d.rid");
    }
    Ok(Some(sql))
}

fn referring(include: &Include, front: &[At]) -> Result<Option<Sql>> {
    let By { params, in_column, only } = by(include)?;
    let named = front.iter().filter(|at| only.is_none_or(|only| only == at.2));
    let targets: Vec<i64> = named.clone().map(|at| at.1).collect();
    if targets.is_empty() {
        return Ok(None);
    }
    let charts: Vec<i64> = named.filter(|at| at.2 == Kind::PATIENT).map(|at| at.1).collect();
    let mut sql = Sql::default();
    sql.push("SELECT r.patient, r.rid FROM idx_reference f");
    sql.push(
        " JOIN resource r ON r.patient = f.patient AND r.rid = f.rid AND r.version > 0 AND NOT r.deleted AND r.kind = ",
    );
    sql.bind(i64::from(include.from.number())).push(" WHERE f.target = ANY(").bind(targets).push(")");
    if let Some(params) = params {
        sql.push(" AND f.param = ANY(").bind(params).push(")");
    }
    if in_column && !charts.is_empty() {
        sql.push(" UNION SELECT c.patient, c.rid FROM resource c WHERE c.version > 0 AND NOT c.deleted AND c.kind = ");
        sql.bind(i64::from(include.from.number())).push(" AND c.patient = ANY(").bind(charts).push(")");
    } else {
        sql.push(" GROUP BY r.patient, r.rid");
    }
    Ok(Some(sql))
}
