//! The statements of a search: what leads it (`store::engine::lead`), what is looked up one resource at a time, and in which order it
//! answers.
//!
//! Where the client names no order, the leading index's own order is used: it is stable, it
//! costs nothing, and the next page continues where the last one stopped.

use super::filter::{Form, Scene};
use super::sql::Sql;
use super::test;
use crate::chart::UNDATED;
use crate::connection::sql_error;
use crate::ids::rid;
use fhir::Kind;
use fhir::search::Query;
use fhir::search::parameters::{Param, ValueType};
use fhir::search::query::{Filter, Sort, SortKey};
use rusqlite::types::Value;
use store::engine::lead::{Lead, chart_of, definition, lead, newest_first};
use store::{Error, Result};

/// How a search goes through the database.
pub(crate) struct Plan<'q> {
    query: &'q Query,
    lead: Lead<'q>,
    /// The one chart that is searched, if the search names it (0: one that is not stored).
    chart: Option<i64>,
    /// What leads when that is what refers to one resource (0: to one that is not stored).
    target: i64,
    order: Vec<Key>,
}

/// One key of the order: what it is, and whether it runs downwards.
struct Key {
    by: By,
    descending: bool,
}

enum By {
    /// A column or expression fixed when the program was written.
    Plain(&'static str),
    /// The clinical date, the undated last.
    Clinical,
    /// A parameter's least (or greatest) value.
    Param(Param, ValueType),
}

impl<'q> Plan<'q> {
    pub(crate) fn of(scene: &Scene<'_>, query: &'q Query) -> Result<Self> {
        let number = |kind, id| Ok(rid(scene.db, kind, id).map_err(sql_error)?.unwrap_or(0));
        let chart = chart_of(query)?.map(|id| number(Kind::PATIENT, id)).transpose()?;
        let lead = lead(query, chart.is_some())?;
        let target = match &lead {
            Lead::Reference { target, .. } => number(target.kind, &target.id)?,
            _ => 0,
        };
        let order = order(query, &lead, chart.is_some())?;
        Ok(Self { query, lead, chart, target, order })
    }

    /// The statement for a page: rows of (rid, sort values …). `after` are the last row's sort values.
    pub(crate) fn page(&self, scene: &Scene<'_>, pin: Option<i64>, after: &[Value], limit: i64) -> Result<Sql> {
        let mut sql = Sql::default();
        // Two rows of one resource may hold one code, under different systems, or one reference, in different parts.
        let several = matches!(self.lead, Lead::Code { .. } | Lead::Reference { .. });
        sql.push(if several { "SELECT DISTINCT r.rid" } else { "SELECT r.rid" });
        for key in &self.order {
            sql.push(", ");
            key.expression(&mut sql);
        }
        self.body(scene, &mut sql)?;
        if let Some(pin) = pin {
            sql.push(" AND r.seq <= ").bind(pin);
        }
        if !after.is_empty() {
            if after.len() != self.order.len() {
                return Err(Error::BadCursor);
            }
            self.continuing(&mut sql, after);
        }
        sql.push(" ORDER BY ");
        for (place, key) in self.order.iter().enumerate() {
            if place > 0 {
                sql.push(", ");
            }
            key.expression(&mut sql);
            sql.push(if key.descending { " DESC" } else { "" });
        }
        sql.push(" LIMIT ").bind(limit);
        Ok(sql)
    }

    /// The statement that counts all matches.
    pub(crate) fn total(&self, scene: &Scene<'_>, pin: Option<i64>) -> Result<Sql> {
        let mut sql = Sql::default();
        sql.push("SELECT count(DISTINCT r.rid)");
        self.body(scene, &mut sql)?;
        if let Some(pin) = pin {
            sql.push(" AND r.seq <= ").bind(pin);
        }
        Ok(sql)
    }

    /// How many sort values a row has.
    pub(crate) fn keys(&self) -> usize {
        self.order.len()
    }

    fn body(&self, scene: &Scene<'_>, sql: &mut Sql) -> Result<()> {
        match &self.lead {
            Lead::Code { param, token, .. } => {
                sql.push(" FROM idx_token t CROSS JOIN resource r ON r.rid = t.rid WHERE t.param = ")
                    .bind(i64::from(param.0));
                test::token(sql, token);
                if let Some(chart) = self.chart {
                    sql.push(" AND t.patient = ").bind(chart);
                }
                sql.push(" AND ");
            }
            Lead::Reference { param, .. } => {
                sql.push(" FROM idx_reference f CROSS JOIN resource r ON r.rid = f.rid WHERE f.target = ")
                    .bind(self.target);
                sql.push(" AND f.param = ").bind(i64::from(param.0)).push(" AND ");
            }
            Lead::Chart | Lead::Set { .. } | Lead::Kind => {
                sql.push(" FROM resource r WHERE ");
            }
        }
        let by_kind = match &self.lead {
            Lead::Code { .. } | Lead::Reference { .. } => false,
            Lead::Chart | Lead::Kind => true,
            Lead::Set { place } => matches!(self.query.filters.get(*place), Some(Filter::Ids(_))),
        };
        scene.live(sql, self.query.kind, by_kind)?;
        if let (Lead::Chart, Some(chart)) = (&self.lead, self.chart) {
            sql.push(" AND r.patient = ").bind(chart);
        }
        for (place, filter) in self.query.filters.iter().enumerate() {
            let form = match self.lead {
                Lead::Code { meets, .. } if meets == Some(place) => continue,
                Lead::Reference { place: led, .. } if led == place => continue,
                Lead::Set { place: led } if led == place => Form::Set,
                _ => Form::Probe,
            };
            sql.push(" AND ");
            scene.condition(sql, self.query.kind, filter, form)?;
        }
        Ok(())
    }

    /// Rows that stand after the last one: lexicographic, with a bound on the first key that an index can start from.
    fn continuing(&self, sql: &mut Sql, after: &[Value]) {
        let mut keys = self.order.iter().zip(after);
        if let Some((key, value)) = keys.next() {
            sql.push(" AND ");
            key.expression(sql);
            sql.push(if key.descending { " <= " } else { " >= " }).bind(value.clone());
        }
        sql.push(" AND ");
        let mut open = 0;
        let last = self.order.len().saturating_sub(1);
        for (place, (key, value)) in self.order.iter().zip(after).enumerate() {
            sql.push("(");
            key.expression(sql);
            sql.push(if key.descending { " < " } else { " > " }).bind(value.clone());
            open += 1;
            if place < last {
                sql.push(" OR (");
                key.expression(sql);
                sql.push(" = ").bind(value.clone()).push(" AND ");
                open += 1;
            }
        }
        for _ in 0..open {
            sql.push(")");
        }
    }
}

impl Key {
    fn expression(&self, sql: &mut Sql) {
        match &self.by {
            By::Plain(expression) => {
                sql.push(expression);
            }
            By::Clinical => {
                // What has no value stands last either way.
                sql.push("ifnull(r.date, ").bind(if self.descending { UNDATED } else { i64::MAX }).push(")");
            }
            By::Param(param, value) => self.value(sql, *param, *value),
        }
    }

    fn value(&self, sql: &mut Sql, param: Param, value: ValueType) {
        sql.push("ifnull(");
        let (select, none): (_, Value) = match (value, self.descending) {
            (ValueType::Date, false) => {
                ("(SELECT min(d.low) FROM idx_date d WHERE d.rid = r.rid AND d.param = ", i64::MAX.into())
            }
            (ValueType::Date, true) => {
                ("(SELECT max(d.high) FROM idx_date d WHERE d.rid = r.rid AND d.param = ", i64::MIN.into())
            }
            (ValueType::Quantity, false) => {
                ("(SELECT min(q.low) FROM idx_quantity q WHERE q.rid = r.rid AND q.param = ", f64::INFINITY.into())
            }
            (ValueType::Quantity, true) => {
                ("(SELECT max(q.high) FROM idx_quantity q WHERE q.rid = r.rid AND q.param = ", f64::NEG_INFINITY.into())
            }
            (_, false) => {
                let last = char::MAX.to_string();
                ("(SELECT min(s.folded) FROM idx_string s WHERE s.rid = r.rid AND s.param = ", last.into())
            }
            (_, true) => {
                ("(SELECT max(s.folded) FROM idx_string s WHERE s.rid = r.rid AND s.param = ", String::new().into())
            }
        };
        sql.push(select).bind(i64::from(param.0)).push("), ").bind(none).push(")");
    }
}

fn order(query: &Query, lead: &Lead<'_>, charted: bool) -> Result<Vec<Key>> {
    let plain = |text, descending| Key { by: By::Plain(text), descending };
    let wanted: &[Sort] = &query.sort;
    let by_chart = charted && newest_first(wanted);
    Ok(match lead {
        Lead::Code { .. } if by_chart => vec![plain("t.date", true), plain("t.rid", true)],
        Lead::Code { .. } if wanted.is_empty() => {
            vec![plain("t.patient", false), plain("t.date", true), plain("t.rid", true)]
        }
        Lead::Reference { .. } => vec![plain("f.date", true), plain("f.rid", true)],
        Lead::Chart if by_chart => vec![Key { by: By::Clinical, descending: true }, plain("r.rid", true)],
        Lead::Kind if wanted.is_empty() => vec![plain("r.id", false), plain("r.rid", false)],
        _ => {
            let mut keys = wanted.iter().map(sort_key).collect::<Result<Vec<_>>>()?;
            keys.push(plain("r.rid", false));
            keys
        }
    })
}

fn sort_key(sort: &Sort) -> Result<Key> {
    let by = match sort.by {
        SortKey::Id => By::Plain("r.id"),
        SortKey::Updated => By::Plain("r.seq"),
        SortKey::Clinical => By::Clinical,
        SortKey::Param(param) => By::Param(param, definition(param)?.value),
    };
    Ok(Key { by, descending: sort.descending })
}
