//! Filters as conditions on `r`, a row of the directory.
//!
//! Each comes in two forms. As a probe it looks the resource up in its index: right when few resources are left to look at. As a set
//! it names the resources by value: right when it leads the search, and inside chains.

use super::rows::{bind_all, from, rid_of};
use super::sql::Sql;
use super::test;
use crate::chart::UNDATED;
use crate::connection::sql_error;
use crate::ids::{column, rid};
use fhir::search::Query;
use fhir::search::parameters::{Definition, Param, ValueType};
use fhir::search::query::{Compare, Filter, Test};
use fhir::{Kind, PatientId};
use rusqlite::Connection;
use store::engine::lead::definition;
use store::engine::units::{UCUM, in_every_unit};
use store::{Error, Permit, Result, Scope};

/// How a condition finds its resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Probe,
    Set,
}

/// What every condition is made with.
pub(crate) struct Scene<'a> {
    pub(crate) db: &'a Connection,
    pub(crate) permit: &'a Permit,
    /// The permit's chart, when it reaches only one (0 when that is not stored: no row has it).
    pub(crate) only_chart: Option<i64>,
    /// The patient in whose compartment the search is, and their number (0 when they are not stored).
    pub(crate) compartment: Option<(&'a PatientId, i64)>,
}

impl<'a> Scene<'a> {
    pub(crate) fn new(db: &'a Connection, permit: &'a Permit, query: &'a Query) -> Result<Self> {
        let number = |patient: &PatientId| Ok(rid(db, Kind::PATIENT, patient.id()).map_err(sql_error)?.unwrap_or(0));
        let only_chart = match permit.scope() {
            Scope::Practice => None,
            Scope::Patient(patient) => Some(number(patient)?),
        };
        let compartment = query.compartment().map(|patient| Ok((patient, number(patient)?))).transpose()?;
        Ok(Self { db, permit, only_chart, compartment })
    }

    /// A type's resources that are stored, not deleted and within the permit. Every reading of a search goes through here.
    ///
    /// `by_kind`: whether an index that begins with the type may lead; otherwise something rarer does, and must not be passed over.
    pub(crate) fn live(&self, sql: &mut Sql, kind: Kind, by_kind: bool) -> Result<()> {
        if !self.permit.kinds().contains(kind) {
            return Err(Error::NotPermitted);
        }
        sql.push(if by_kind { "r.kind = " } else { "+r.kind = " })
            .bind(i64::from(kind.number()))
            .push(" AND r.version > 0 AND r.deleted = 0");
        if let Some(chart) = self.only_chart {
            sql.push(" AND (r.patient IS NULL OR r.patient = ").bind(chart).push(")");
        }
        Ok(())
    }

    /// The UCUM codes that stored quantities have.
    pub(super) fn stored_units(&self) -> Result<Vec<String>> {
        let read = || -> rusqlite::Result<Vec<String>> {
            let mut statement = self.db.prepare_cached("SELECT DISTINCT code FROM unit WHERE system = ?1")?;
            statement.query_map([UCUM], |row| row.get(0))?.collect()
        };
        read().map_err(sql_error)
    }

    /// A filter as a condition on `r`, a row of this type.
    pub(crate) fn condition(&self, sql: &mut Sql, kind: Kind, filter: &Filter, form: Form) -> Result<()> {
        match filter {
            Filter::Compartment(_) => {
                self.in_compartment(sql, kind, form);
                Ok(())
            }
            Filter::Ids(ids) => {
                sql.push("r.id IN (");
                sql.list(ids, ", ", |sql, id| {
                    sql.bind(column(id));
                    Ok::<_, Error>(())
                })?;
                sql.push(")");
                Ok(())
            }
            Filter::Updated(any) => updated(sql, any),
            Filter::Missing { param, missing } => self.missing(sql, *param, *missing),
            Filter::Match { param, not, any } => {
                if *not {
                    sql.push("NOT ");
                }
                self.matches(sql, definition(*param)?, any, if *not { Form::Probe } else { form })
            }
            Filter::Composite { param, any } => self.composite(sql, definition(*param)?, any, form),
            Filter::Chain { param, any } => self.chain(sql, definition(*param)?, any, form),
            Filter::Has { param, filter } => self.has(sql, definition(*param)?, filter),
            Filter::Narrative(any) => written(sql, "{narrative}", any),
            Filter::Content(any) => written(sql, "{narrative content}", any),
        }
    }

    fn matches(&self, sql: &mut Sql, definition: &Definition, any: &[Test], form: Form) -> Result<()> {
        let any = in_every_unit(any, || self.stored_units())?;
        let alternatives = any.iter().flat_map(|test| definition.stored.iter().map(move |param| (*param, test)));
        match form {
            Form::Probe => {
                sql.push("(");
                sql.list(alternatives, " OR ", |sql, (param, test)| self.probe(sql, param, test))?;
                sql.push(")");
            }
            Form::Set => {
                sql.push("r.rid IN (");
                sql.list(alternatives, " UNION ALL ", |sql, (param, test)| self.set(sql, param, test))?;
                sql.push(")");
            }
        }
        Ok(())
    }

    fn probe(&self, sql: &mut Sql, param: Param, test: &Test) -> Result<()> {
        match test {
            Test::Token(token) | Test::Identifier(token) if token.code.is_some() => {
                // The whole key is known: one look-up.
                sql.push("EXISTS(SELECT 1 FROM idx_token t WHERE t.param = ").bind(i64::from(param.0));
                sql.push(" AND t.patient = ifnull(r.patient, 0) AND t.date = ifnull(r.date, ").bind(UNDATED);
                sql.push(") AND t.rid = r.rid");
                test::token(sql, token);
                sql.push(")");
            }
            Test::Token(_) | Test::Identifier(_) | Test::Words(_) => {
                sql.push("r.rid IN (");
                self.set(sql, param, test)?;
                sql.push(")");
            }
            Test::Reference(keys) => {
                let column = definition(param)?.compartment;
                sql.push("(");
                sql.list(keys, " OR ", |sql, key| self.probe_reference(sql, param, column, key))?;
                sql.push(if keys.is_empty() { "0)" } else { ")" });
            }
            Test::Text(_) | Test::Date(_) | Test::Quantity(_) | Test::Uri(_) => {
                sql.push("EXISTS(SELECT 1");
                from(sql, param, test);
                sql.push(rid_of(test)).push(" = r.rid)");
            }
        }
        Ok(())
    }

    fn probe_reference(&self, sql: &mut Sql, param: Param, in_column: bool, key: &fhir::Key) -> Result<()> {
        match rid(self.db, key.kind, &key.id).map_err(sql_error)? {
            None => sql.push("0"),
            Some(target) if in_column && key.kind == Kind::PATIENT => sql.push("r.patient = ").bind(target),
            Some(target) => {
                sql.push("EXISTS(SELECT 1 FROM idx_reference f WHERE f.rid = r.rid AND f.param = ")
                    .bind(i64::from(param.0));
                sql.push(" AND f.target = ").bind(target).push(")")
            }
        };
        Ok(())
    }

    /// A query of the resources that meet a test.
    fn set(&self, sql: &mut Sql, param: Param, test: &Test) -> Result<()> {
        match test {
            Test::Words(words) => {
                sql.push("SELECT t.rid FROM term w CROSS JOIN idx_token t ON t.code = w.code AND t.term = w.id AND t.param = ");
                sql.bind(i64::from(param.0)).push(" WHERE ");
                test::words(sql, words);
            }
            Test::Reference(keys) => {
                let definition = definition(param)?;
                let (mut charts, mut targets) = (Vec::new(), Vec::new());
                for key in keys {
                    if let Some(target) = rid(self.db, key.kind, &key.id).map_err(sql_error)? {
                        let in_column = definition.compartment && key.kind == Kind::PATIENT;
                        if in_column { charts.push(target) } else { targets.push(target) }
                    }
                }
                if charts.is_empty() && targets.is_empty() {
                    sql.push("SELECT 0 WHERE 0");
                }
                if !targets.is_empty() {
                    sql.push("SELECT f.rid FROM idx_reference f WHERE f.param = ").bind(i64::from(param.0));
                    sql.push(" AND f.target IN (");
                    bind_all(sql, &targets);
                    sql.push(")");
                }
                if !charts.is_empty() {
                    sql.push(if targets.is_empty() { "" } else { " UNION ALL " });
                    sql.push("SELECT c.rid FROM resource c WHERE c.version > 0 AND c.deleted = 0 AND c.kind = ");
                    sql.bind(i64::from(definition.kind.number())).push(" AND c.patient IN (");
                    bind_all(sql, &charts);
                    sql.push(")");
                }
            }
            _ => {
                sql.push("SELECT ").push(rid_of(test));
                from(sql, param, test);
                sql.push("1");
            }
        }
        Ok(())
    }

    /// Whether a parameter has any value.
    fn missing(&self, sql: &mut Sql, param: Param, missing: bool) -> Result<()> {
        let asked = definition(param)?;
        if missing {
            sql.push("NOT ");
        }
        sql.push("(");
        sql.list(&asked.stored, " OR ", |sql, param| {
            let number = i64::from(param.0);
            match asked.value {
                ValueType::Token => {
                    sql.push("r.rid IN (SELECT t.rid FROM idx_token t WHERE t.param = ").bind(number).push(")");
                }
                ValueType::String => {
                    sql.push("EXISTS(SELECT 1 FROM idx_string s WHERE s.rid = r.rid AND s.param = ")
                        .bind(number)
                        .push(")");
                }
                ValueType::Date => {
                    sql.push("EXISTS(SELECT 1 FROM idx_date d WHERE d.rid = r.rid AND d.param = ")
                        .bind(number)
                        .push(")");
                }
                ValueType::Quantity => {
                    sql.push("EXISTS(SELECT 1 FROM idx_quantity q WHERE q.rid = r.rid AND q.param = ")
                        .bind(number)
                        .push(")");
                }
                ValueType::Uri | ValueType::Composite => {
                    sql.push("EXISTS(SELECT 1 FROM idx_uri i WHERE i.rid = r.rid AND i.param = ")
                        .bind(number)
                        .push(")");
                }
                ValueType::Reference => refers(sql, definition(*param)?, asked.only),
            }
            Ok(())
        })?;
        sql.push(")");
        Ok(())
    }

    /// What the reference names meets the inner filter, within the permit.
    fn chain(&self, sql: &mut Sql, asked: &Definition, any: &[(Kind, Filter)], form: Form) -> Result<()> {
        let reachable: Vec<_> = any.iter().filter(|(kind, _)| self.permit.kinds().contains(*kind)).collect();
        if reachable.is_empty() {
            return Err(Error::NotPermitted);
        }
        let links = asked.stored.iter().flat_map(|param| reachable.iter().map(move |link| (*param, *link)));
        sql.push("(");
        sql.list(links, " OR ", |sql, (param, (kind, filter))| {
            let in_column = definition(param)?.compartment && *kind == Kind::PATIENT;
            if in_column {
                sql.push("r.patient IN (");
            } else if form == Form::Set {
                sql.push("r.rid IN (SELECT f.rid FROM idx_reference f WHERE f.param = ").bind(i64::from(param.0));
                sql.push(" AND f.target IN (");
            } else {
                sql.push("EXISTS(SELECT 1 FROM idx_reference f WHERE f.rid = r.rid AND f.param = ")
                    .bind(i64::from(param.0));
                sql.push(" AND f.target IN (");
            }
            self.inner(sql, *kind, filter, "SELECT r.rid")?;
            sql.push(if in_column { ")" } else { "))" });
            Ok(())
        })?;
        sql.push(")");
        Ok(())
    }

    /// Something that meets the inner filter refers here.
    fn has(&self, sql: &mut Sql, asked: &Definition, filter: &Filter) -> Result<()> {
        sql.push("(");
        sql.list(&asked.stored, " OR ", |sql, param| {
            let base = definition(*param)?;
            sql.push("r.rid IN (");
            if base.compartment {
                // The reference to the patient is the chart's column; what else it names is in rows.
                self.inner(sql, asked.kind, filter, "SELECT r.patient")?;
                sql.push(" AND r.patient IS NOT NULL UNION ALL ");
            }
            sql.push("SELECT f.target FROM idx_reference f WHERE f.param = ")
                .bind(i64::from(param.0))
                .push(" AND f.rid IN (");
            self.inner(sql, asked.kind, filter, "SELECT r.rid")?;
            sql.push("))");
            Ok::<_, Error>(())
        })?;
        sql.push(")");
        Ok(())
    }

    fn inner(&self, sql: &mut Sql, kind: Kind, filter: &Filter, select: &'static str) -> Result<()> {
        sql.push(select).push(" FROM resource r WHERE ");
        self.live(sql, kind, matches!(filter, Filter::Ids(_)))?;
        if let Some((_, chart)) = self.compartment {
            sql.push(" AND (r.patient IS NULL OR r.patient = ").bind(chart).push(")");
        }
        sql.push(" AND ");
        self.condition(sql, kind, filter, Form::Set)
    }
}

/// Whether a reference has any value: in the chart's column, to a resource here, elsewhere, or by identifier alone.
fn refers(sql: &mut Sql, base: &Definition, only: Option<Kind>) {
    let number = i64::from(base.param.0);
    if base.compartment && only.is_none_or(|only| only == Kind::PATIENT) {
        sql.push("r.patient IS NOT NULL OR ");
    }
    sql.push("EXISTS(SELECT 1 FROM idx_reference f");
    if let Some(only) = only {
        sql.push(" JOIN resource x ON x.rid = f.target AND x.kind = ").bind(i64::from(only.number()));
    }
    sql.push(" WHERE f.rid = r.rid AND f.param = ").bind(number).push(")");
    if only.is_none() {
        sql.push(" OR EXISTS(SELECT 1 FROM idx_uri i WHERE i.rid = r.rid AND i.param = ").bind(number);
        sql.push(") OR r.rid IN (SELECT t.rid FROM idx_token t WHERE t.param = ").bind(number).push(")");
    }
}

fn updated(sql: &mut Sql, any: &[fhir::search::query::DateTest]) -> Result<()> {
    sql.push("EXISTS(SELECT 1 FROM resource_version v WHERE v.seq = r.seq AND (");
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
        Ok::<_, Error>(())
    })?;
    sql.push("))");
    Ok(())
}

/// Full text: all words of any alternative. The words are letters and digits only, each quoted.
fn written(sql: &mut Sql, columns: &str, any: &[Vec<String>]) -> Result<()> {
    let alternatives: Vec<String> = any
        .iter()
        .map(|words| {
            let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            format!("({})", quoted.join(" AND "))
        })
        .collect();
    let asked = format!("{columns} : ({})", alternatives.join(" OR "));
    sql.push("r.rid IN (SELECT rowid FROM words WHERE words MATCH ").bind(asked).push(")");
    Ok(())
}
