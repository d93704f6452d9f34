//! Conditions on `r` that name no value of one parameter: that it has any, when it was updated, which words are in its text.

use super::rows::{DATE, QUANTITY, REFERENCE, STRING, TOKEN, Table, URI};
use super::sql::Sql;
use crate::index::WORD;
use fhir::Kind;
use fhir::search::parameters::{Definition, Param, ValueType};
use fhir::search::query::{Compare, DateTest};
use store::Result;
use store::engine::lead::definition;

/// Whether a parameter has any value.
pub(super) fn has_value(sql: &mut Sql, asked: &Definition) -> Result<()> {
    sql.push("(");
    sql.list(&asked.stored, " OR ", |sql, param| {
        match asked.value {
            ValueType::Token => any_row(sql, TOKEN, *param),
            ValueType::String => any_row(sql, STRING, *param),
            ValueType::Date => any_row(sql, DATE, *param),
            ValueType::Quantity => any_row(sql, QUANTITY, *param),
            ValueType::Uri | ValueType::Composite => any_row(sql, URI, *param),
            ValueType::Reference => refers(sql, definition(*param)?, asked.only),
        }
        Ok(())
    })?;
    sql.push(")");
    Ok(())
}

fn any_row(sql: &mut Sql, table: Table, param: Param) {
    sql.push("EXISTS(SELECT 1");
    table.from(sql, param);
    sql.push(table.here).push(" OFFSET 0)");
}

/// Whether a reference has any value: in the chart's column, to a resource here, elsewhere, or by identifier alone.
fn refers(sql: &mut Sql, base: &Definition, only: Option<Kind>) {
    if base.compartment && only.is_none_or(|only| only == Kind::PATIENT) {
        sql.push("r.patient <> 0 OR ");
    }
    match only {
        None => {
            for table in [REFERENCE, URI] {
                any_row(sql, table, base.param);
                sql.push(" OR ");
            }
            any_row(sql, TOKEN, base.param);
        }
        Some(only) => {
            sql.push("EXISTS(SELECT 1");
            REFERENCE.from(sql, base.param);
            sql.push(REFERENCE.here).push(" AND EXISTS(SELECT 1 FROM directory x WHERE x.rid = f.target AND x.kind = ");
            sql.bind(i64::from(only.number())).push(") OFFSET 0)");
        }
    }
}

/// Whether it was recorded when any of these says.
pub(super) fn updated(sql: &mut Sql, any: &[DateTest]) -> Result<()> {
    sql.push("EXISTS(SELECT 1 FROM resource_version v WHERE v.patient = r.patient AND v.rid = r.rid AND v.version = r.version AND (");
    sql.list(any, " OR ", |sql, test| {
        let (from, until) = (test.period.from, test.period.until);
        match test.compare {
            Compare::Equal | Compare::About => {
                sql.push("v.recorded_at >= ").bind(from).push(" AND v.recorded_at < ").bind(until)
            }
            Compare::NotEqual => {
                sql.push("(v.recorded_at < ").bind(from).push(" OR v.recorded_at >= ").bind(until).push(")")
            }
            Compare::Greater | Compare::StartsAfter => sql.push("v.recorded_at >= ").bind(until),
            Compare::AtLeast => sql.push("v.recorded_at >= ").bind(from),
            Compare::Less | Compare::EndsBefore => sql.push("v.recorded_at < ").bind(from),
            Compare::AtMost => sql.push("v.recorded_at < ").bind(until),
        };
        Ok(())
    })?;
    sql.push(") OFFSET 0)");
    Ok(())
}

/// Begins a look-up of its text.
pub(super) const WORDS_HERE: &str = "EXISTS(SELECT 1 FROM words w WHERE w.patient = r.patient AND w.rid = r.rid AND ";

/// Full text: all words of any alternative, each in any of the columns. The words are letters and digits only, each quoted.
pub(super) fn written(
    sql: &mut Sql,
    column: &'static str,
    or: Option<&'static str>,
    any: &[Vec<String>],
) -> Result<()> {
    sql.push("(");
    sql.list(any, " OR ", |sql, words| {
        sql.push("(");
        sql.list(words, " AND ", |sql, word| {
            if word.len() > WORD {
                // None so long is kept.
                sql.push("false");
                return Ok(());
            }
            let quoted = format!("'{word}'");
            sql.push("(").push(column).bind(quoted.as_str()).push("::tsquery");
            if let Some(or) = or {
                sql.push(" OR ").push(or).bind(quoted.as_str()).push("::tsquery");
            }
            sql.push(")");
            Ok(())
        })?;
        sql.push(")");
        Ok(())
    })?;
    sql.push(")");
    Ok(())
}
