//! What leads a search and in which order it answers.
//!
//! A search is led by what leaves the fewest resources to look at: ids, then a code within a chart, the chart, a rare value; the rest
//! are looked up one resource at a time. Where the client names no order, the leading index's own order is used: it is stable, it
//! costs nothing, and the next page continues where the last one stopped.

use super::filter::{Form, Scene, definition};
use super::sql::Sql;
use super::test;
use crate::chart::UNDATED;
use crate::connection::sql_error;
use crate::ids::rid;
use fhir::Kind;
use fhir::search::Query;
use fhir::search::parameters::{Definition, Param, ValueType};
use fhir::search::query::{Filter, Sort, SortKey, Test, TextTest, TokenTest, further_patients};
use rusqlite::types::Value;
use store::{Error, Result};

/// How a search goes through the database.
pub(crate) struct Plan<'q> {
    query: &'q Query,
    lead: Lead<'q>,
    /// The one chart that is searched, if the search names it (0: one that is not stored).
    chart: Option<i64>,
    order: Vec<Key>,
}

/// What leads.
enum Lead<'q> {
    /// A walk along the resources that have a code, within a chart when one is named, and the filter that is met by that, if one is.
    Code { meets: Option<usize>, param: Param, token: &'q TokenTest },
    /// A walk along what refers to one resource by one parameter, newest first.
    Reference { place: usize, param: Param, target: i64 },
    /// A walk along the chart.
    Chart,
    /// The resources a filter names.
    Set { place: usize },
    /// All of the type.
    Kind,
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
        let chart = chart_of(scene, query)?;
        let lead = lead(scene, query, chart.is_some())?;
        let order = order(query, &lead, chart.is_some())?;
        Ok(Self { query, lead, chart, order })
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
            Lead::Reference { param, target, .. } => {
                sql.push(" FROM idx_reference f CROSS JOIN resource r ON r.rid = f.rid WHERE f.target = ")
                    .bind(*target);
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

/// The chart a search names: by `patient`, or by `subject` of a type whose chart that is, or by a compartment that is the chart.
fn chart_of(scene: &Scene<'_>, query: &Query) -> Result<Option<i64>> {
    if let Some((_, chart)) = scene.compartment
        && further_patients(query.kind).next().is_none()
    {
        return Ok(Some(chart));
    }
    for filter in &query.filters {
        let Filter::Match { param, not: false, any } = filter else { continue };
        let ([Test::Reference(keys)], [stored]) = (any.as_slice(), definition(*param)?.stored.as_slice()) else {
            continue;
        };
        let mut patients = keys.iter().filter(|key| key.kind == Kind::PATIENT);
        if let (Some(key), None, true) =
            (patients.next(), patients.next(), keys.len() == 1 && definition(*stored)?.compartment)
        {
            return Ok(Some(rid(scene.db, Kind::PATIENT, &key.id).map_err(sql_error)?.unwrap_or(0)));
        }
    }
    Ok(None)
}

fn lead<'q>(scene: &Scene<'_>, query: &'q Query, charted: bool) -> Result<Lead<'q>> {
    let mut best: Option<(u8, Lead<'_>)> = charted.then_some((30, Lead::Chart));
    for (place, filter) in query.filters.iter().enumerate() {
        let Some((cost, lead)) = candidate(place, filter, charted)? else { continue };
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, lead));
        }
    }
    match best.map_or(Lead::Kind, |(_, lead)| lead) {
        Lead::Set { place } if newest_first(&query.sort) => {
            Ok(reference(scene, query, place)?.unwrap_or(Lead::Set { place }))
        }
        lead => Ok(lead),
    }
}

/// A filter that names one resource, by one parameter whose rows are references: they lie newest first.
fn reference<'q>(scene: &Scene<'_>, query: &Query, place: usize) -> Result<Option<Lead<'q>>> {
    let Some(Filter::Match { param, not: false, any }) = query.filters.get(place) else { return Ok(None) };
    let ([Test::Reference(keys)], [param]) = (any.as_slice(), definition(*param)?.stored.as_slice()) else {
        return Ok(None);
    };
    let [key] = keys.as_slice() else { return Ok(None) };
    if key.kind == Kind::PATIENT && definition(*param)?.compartment {
        return Ok(None);
    }
    let target = rid(scene.db, key.kind, &key.id).map_err(sql_error)?.unwrap_or(0);
    Ok(Some(Lead::Reference { place, param: *param, target }))
}

/// Whether the newest come first, or no order is asked for.
fn newest_first(sort: &[Sort]) -> bool {
    sort.is_empty() || sort == [Sort { by: SortKey::Clinical, descending: true }]
}

/// How a filter would lead, and how many resources it is likely to leave: a rank, not a count.
fn candidate(place: usize, filter: &Filter, charted: bool) -> Result<Option<(u8, Lead<'_>)>> {
    let set = Lead::Set { place };
    Ok(match filter {
        Filter::Ids(_) => Some((0, set)),
        Filter::Compartment(_) if !charted => Some((11, set)),
        Filter::Match { param, not: false, any } => {
            let asked = definition(*param)?;
            match (any.as_slice(), asked.stored.as_slice()) {
                ([Test::Token(token)], [stored]) if token.code.is_some() => {
                    let cost = match (charted, broad(asked)) {
                        (true, false) => 10,
                        (true, true) => 20,
                        (false, false) => 12,
                        (false, true) => 60,
                    };
                    Some((cost, Lead::Code { meets: Some(place), param: *stored, token }))
                }
                // Within a chart the chart itself leads: what others name lies in every chart.
                _ if charted => None,
                ([Test::Reference(_), ..], _) => Some((15, set)),
                ([Test::Text(TextTest::Contains(_)), ..], _) => Some((50, set)),
                ([Test::Text(_) | Test::Uri(_), ..], _) => Some((18, set)),
                ([Test::Date(_) | Test::Quantity(_), ..], _) => Some((40, set)),
                _ => Some((45, set)),
            }
        }
        // A code with its value is looked for along the code.
        Filter::Composite { param, any } => match (any.as_slice(), definition(*param)?.components.as_slice()) {
            ([tests], [params]) => match (tests.first(), params.first()) {
                (Some(Test::Token(token)), Some(param)) if token.code.is_some() => {
                    Some((if charted { 11 } else { 25 }, Lead::Code { meets: None, param: *param, token }))
                }
                _ => None,
            },
            _ if charted => None,
            _ => Some((45, set)),
        },
        Filter::Narrative(_) | Filter::Content(_) if !charted => Some((25, set)),
        Filter::Chain { .. } | Filter::Has { .. } if !charted => Some((35, set)),
        _ => None,
    })
}

/// Whether a code parameter has few different values, so that each is shared by many.
fn broad(asked: &Definition) -> bool {
    const BROAD: [&str; 16] = [
        "status",
        "intent",
        "category",
        "class",
        "active",
        "gender",
        "clinical-status",
        "verification-status",
        "lifecycle-status",
        "priority",
        "deceased",
        "criticality",
        "severity",
        "_tag",
        "_security",
        "language",
    ];
    BROAD.contains(&asked.code)
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
