//! The statements of a search: what leads it (`store::engine::lead`), what is looked up one resource at a time, and in which order it
//! answers.
//!
//! Where the client names no order, the leading index's own order is used: it is stable, it costs nothing, and the next page continues
//! where the last one stopped. An index is walked backwards where the newest come first.

use super::filter::names;
use super::scene::{NOBODY, Scene};
use super::sql::{Bind, Sql};
use super::test;
use fhir::search::Query;
use fhir::search::parameters::{Param, ValueType};
use fhir::search::query::{Sort, SortKey};
use store::engine::lead::{Lead, chart_of, definition, lead, newest_first};
use store::engine::links::Value;
use store::{Error, Result};

/// How a search goes through the database.
pub(crate) struct Plan<'q> {
    query: &'q Query,
    lead: Lead<'q>,
    /// The one chart that is searched, if the search names it.
    chart: Option<i64>,
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
    /// A parameter's least (or greatest) value.
    Param(Param, ValueType),
}

impl<'q> Plan<'q> {
    pub(crate) fn of(scene: &Scene<'_>, query: &'q Query) -> Result<Self> {
        let chart = chart_of(query)?.map(|id| scene.chart(id));
        let lead = lead(query, chart.is_some())?;
        let order = order(query, &lead, chart.is_some())?;
        Ok(Self { query, lead, chart, order })
    }

    /// The statement for a page: rows of (patient, rid, sort values …). `after` are the last row's sort values.
    pub(crate) fn page(&self, scene: &Scene<'_>, pin: Option<i64>, after: &[Value], limit: i64) -> Result<Sql> {
        let mut sql = Sql::default();
        sql.push(match self.lead {
            // Two rows of one resource may hold one code, under different systems, or one reference, in different parts.
            Lead::Code { .. } => "SELECT DISTINCT t.patient, t.rid",
            Lead::Reference { .. } => "SELECT DISTINCT f.patient, f.rid",
            Lead::Chart | Lead::Set { .. } | Lead::Kind => "SELECT r.patient, r.rid",
        });
        for key in &self.order {
            sql.push(", ");
            key.expression(&mut sql);
        }
        self.body(scene, &mut sql, pin)?;
        if !after.is_empty() {
            if after.len() != self.order.len() {
                return Err(Error::BadCursor);
            }
            self.continuing(&mut sql, after);
        }
        // By place, so that what is sorted by is what was selected.
        sql.push(" ORDER BY ");
        for (key, place) in self.order.iter().zip(PLACES) {
            sql.push(place).push(if key.descending { " DESC" } else { "" });
        }
        sql.push(" LIMIT ").bind(limit);
        Ok(sql)
    }

    /// Whether whatever values are asked for it is the same walk along one chart, so that planning it anew is of no use.
    pub(crate) fn is_one_walk(&self) -> bool {
        self.chart.is_some() && matches!(self.lead, Lead::Code { .. } | Lead::Chart)
    }

    /// The statement that counts all matches.
    pub(crate) fn total(&self, scene: &Scene<'_>, pin: Option<i64>) -> Result<Sql> {
        let mut sql = Sql::default();
        sql.push(match self.lead {
            Lead::Code { .. } => "SELECT count(DISTINCT t.rid)",
            Lead::Reference { .. } => "SELECT count(DISTINCT f.rid)",
            Lead::Chart | Lead::Set { .. } | Lead::Kind => "SELECT count(*)",
        });
        self.body(scene, &mut sql, pin)?;
        Ok(sql)
    }

    /// From where, and under which conditions: everything behind what is selected.
    fn body(&self, scene: &Scene<'_>, sql: &mut Sql, pin: Option<i64>) -> Result<()> {
        let mut met = None;
        match &self.lead {
            Lead::Code { meets, param, token } => {
                met = *meets;
                sql.push(" FROM idx_token t").push(ITS_RESOURCE_T).push(" WHERE t.param = ");
                sql.bind(i64::from(param.0));
                test::token(sql, token);
                if let Some(chart) = self.chart {
                    sql.push(" AND t.patient = ").bind(chart);
                }
                sql.push(" AND ");
                scene.live(sql, self.query.kind)?;
            }
            Lead::Reference { place, param, target } => {
                met = Some(*place);
                sql.push(" FROM idx_reference f").push(ITS_RESOURCE_F).push(" WHERE f.target = ");
                sql.bind(scene.rid(target).unwrap_or(NOBODY));
                sql.push(" AND f.param = ").bind(i64::from(param.0)).push(" AND ");
                scene.live(sql, self.query.kind)?;
            }
            Lead::Set { place } => {
                met = Some(*place);
                let filter = self.query.filters.get(*place);
                let filter = filter.ok_or_else(|| Error::Broken("a search is led by nothing".to_owned()))?;
                scene.led_by(sql, self.query.kind, filter)?;
            }
            Lead::Chart | Lead::Kind => {
                sql.push(" FROM resource r WHERE ");
                scene.live(sql, self.query.kind)?;
                if let (Lead::Chart, Some(chart)) = (&self.lead, self.chart) {
                    sql.push(" AND r.patient = ").bind(chart);
                }
            }
        }
        for (place, filter) in self.query.filters.iter().enumerate() {
            if met != Some(place) {
                sql.push(" AND ");
                scene.probe(sql, self.query.kind, filter)?;
            }
        }
        if let Some(pin) = pin {
            sql.push(" AND r.seq <= ").bind(pin);
        }
        Ok(())
    }

    /// Rows that stand after the last one: lexicographic, so that an index can start from there.
    fn continuing(&self, sql: &mut Sql, after: &[Value]) {
        let Some(first) = self.order.first() else { return };
        if self.order.iter().all(|key| matches!(key.by, By::Plain(_)) && key.descending == first.descending) {
            sql.push(" AND (");
            for (place, key) in self.order.iter().enumerate() {
                sql.push(if place > 0 { ", " } else { "" });
                key.expression(sql);
            }
            sql.push(if first.descending { ") < (" } else { ") > (" });
            for (place, value) in after.iter().enumerate() {
                sql.push(if place > 0 { ", " } else { "" }).bind(value);
            }
            sql.push(")");
            return;
        }
        sql.push(" AND ");
        let mut open = 0;
        let last = self.order.len().saturating_sub(1);
        for (place, (key, value)) in self.order.iter().zip(after).enumerate() {
            sql.push("(");
            key.expression(sql);
            sql.push(if key.descending { " < " } else { " > " }).bind(value);
            open += 1;
            if place < last {
                sql.push(" OR (");
                key.expression(sql);
                sql.push(" = ").bind(value).push(" AND ");
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
            By::Param(param, value) => self.value(sql, *param, *value),
        }
    }

    /// What has no value stands last.
    fn value(&self, sql: &mut Sql, param: Param, value: ValueType) {
        let (select, of_param, none): (_, _, Bind) = match (value, self.descending) {
            (ValueType::Date, false) => ("min(d.low) FROM idx_date d", DATE_OF, i64::MAX.into()),
            (ValueType::Date, true) => ("max(d.high) FROM idx_date d", DATE_OF, i64::MIN.into()),
            (ValueType::Quantity, false) => ("min(q.low) FROM idx_quantity q", QUANTITY_OF, f64::INFINITY.into()),
            (ValueType::Quantity, true) => ("max(q.high) FROM idx_quantity q", QUANTITY_OF, f64::NEG_INFINITY.into()),
            (_, false) => ("min(s.folded) FROM idx_string s", STRING_OF, "\u{10FFFF}".into()),
            (_, true) => ("max(s.folded) FROM idx_string s", STRING_OF, "".into()),
        };
        sql.push("coalesce((SELECT ").push(select).push(of_param).bind(i64::from(param.0)).push("), ");
        sql.bind(none).push(")");
    }
}

const DATE_OF: &str = " WHERE d.patient = r.patient AND d.rid = r.rid AND d.param = ";
const QUANTITY_OF: &str = " WHERE q.patient = r.patient AND q.rid = r.rid AND q.param = ";
const STRING_OF: &str = " WHERE s.patient = r.patient AND s.rid = r.rid AND s.param = ";

/// The resource of a leading row, looked up one at a time. As an ordinary join PostgreSQL takes it for one of hardly any rows (it multiplies
/// how rare the chart and the number are, though each number is in one chart), and prefers to read and sort everything.
const ITS_RESOURCE_T: &str =
    " CROSS JOIN LATERAL (SELECT * FROM resource x WHERE x.patient = t.patient AND x.rid = t.rid OFFSET 0) r";
const ITS_RESOURCE_F: &str =
    " CROSS JOIN LATERAL (SELECT * FROM resource x WHERE x.patient = f.patient AND x.rid = f.rid OFFSET 0) r";

/// The places of sort values among the columns, after patient and rid: four keys at most, and the number.
const PLACES: [&str; 5] = ["3", ", 4", ", 5", ", 6", ", 7"];

fn order(query: &Query, lead: &Lead<'_>, charted: bool) -> Result<Vec<Key>> {
    let plain = |text, descending| Key { by: By::Plain(text), descending };
    let wanted: &[Sort] = &query.sort;
    let by_chart = charted && newest_first(wanted);
    Ok(match lead {
        Lead::Code { .. } if by_chart => vec![plain("t.date", true), plain("t.rid", true)],
        Lead::Code { .. } if wanted.is_empty() => {
            vec![plain("t.patient", true), plain("t.date", true), plain("t.rid", true)]
        }
        Lead::Reference { .. } => vec![plain("f.date", true), plain("f.rid", true), plain("f.patient", true)],
        Lead::Chart if by_chart => vec![plain("r.date", true), plain("r.rid", true)],
        Lead::Kind if wanted.is_empty() => vec![plain("r.id", false)],
        // As they are told apart: what stands behind the page is not looked at.
        Lead::Set { place } if wanted.is_empty() && query.filters.get(*place).is_some_and(|f| names(query.kind, f)) => {
            vec![plain("s.patient", false), plain("s.rid", false)]
        }
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
        // The undated have the least number; they stand last either way.
        SortKey::Clinical if sort.descending => By::Plain("r.date"),
        SortKey::Clinical => By::Plain(UNDATED_LAST),
        SortKey::Param(param) => By::Param(param, definition(param)?.value),
    };
    Ok(Key { by, descending: sort.descending })
}

/// The clinical date where the oldest come first.
const UNDATED_LAST: &str =
    "CASE WHEN r.date = (-9223372036854775807)::int8 - 1 THEN 9223372036854775807 ELSE r.date END";
