//! Filters as conditions on `r`, a row of `resource`.
//!
//! Each comes in two forms. As a probe it looks the resource up in its index: right when few resources are left to look at; `OFFSET 0`
//! keeps PostgreSQL from turning it into a join over the whole index. As a set it names the resources by value: right when it leads
//! the search, and inside chains; there PostgreSQL chooses how.

use super::rows::{DATE, OTHER_TOKEN, QUANTITY, REFERENCE, STRING, TOKEN, Table, URI, meets};
use super::scene::Scene;
use super::sql::Sql;
use super::test;
use fhir::Kind;
use fhir::search::parameters::{Definition, Param, ValueType};
use fhir::search::query::{Compare, DateTest, Filter, Test, TokenTest};
use store::engine::lead::definition;
use store::engine::units::in_every_unit;
use store::{Error, Result};

/// How a condition finds its resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Probe,
    Set,
}

/// What a condition of alternatives begins with, and what stands between them.
fn alternatives(sql: &mut Sql, form: Form) -> &'static str {
    match form {
        Form::Probe => {
            sql.push("(");
            " OR "
        }
        Form::Set => {
            sql.push("(r.patient, r.rid) IN (");
            " UNION ALL "
        }
    }
}

impl Scene<'_> {
    /// A filter as a condition on `r`, a row of this type.
    pub(crate) fn condition(&self, sql: &mut Sql, kind: Kind, filter: &Filter, form: Form) -> Result<()> {
        match filter {
            Filter::Compartment(_) => self.in_compartment(sql, kind, form),
            Filter::Ids(ids) => {
                let ids: Vec<String> = ids.iter().map(|id| id.as_str().to_owned()).collect();
                sql.push("r.id = ANY(").bind(ids).push(")");
            }
            Filter::Updated(any) => updated(sql, any)?,
            Filter::Missing { param, missing } => {
                sql.push(if *missing { "NOT " } else { "" });
                has_value(sql, definition(*param)?)?;
            }
            Filter::Match { param, not, any } => {
                sql.push(if *not { "NOT " } else { "" });
                self.matches(sql, definition(*param)?, any, if *not { Form::Probe } else { form })?;
            }
            Filter::Composite { param, any } => self.composite(sql, definition(*param)?, any, form)?,
            Filter::Chain { param, any } => self.chain(sql, definition(*param)?, any, form)?,
            Filter::Has { param, filter } => self.has(sql, definition(*param)?, filter, form)?,
            Filter::Narrative(any) => written(sql, "w.narrative @@ ", None, any, form)?,
            Filter::Content(any) => written(sql, "w.narrative @@ ", Some("w.content @@ "), any, form)?,
        }
        Ok(())
    }

    fn matches(&self, sql: &mut Sql, definition: &Definition, any: &[Test], form: Form) -> Result<()> {
        let any = in_every_unit(any, || Ok::<_, Error>(self.units.clone()))?;
        let tests = any.iter().flat_map(|test| definition.stored.iter().map(move |param| (*param, test)));
        let between = alternatives(sql, form);
        sql.list(tests, between, |sql, (param, test)| match form {
            Form::Probe => self.probe(sql, param, test),
            Form::Set => self.set(sql, param, test),
        })?;
        sql.push(")");
        Ok(())
    }

    fn probe(&self, sql: &mut Sql, param: Param, test: &Test) -> Result<()> {
        let table = Table::of(test);
        if let Test::Reference(keys) = test {
            let (charts, targets) = self.targets(param, keys)?;
            sql.push("(r.patient = ANY(").bind(charts).push(")");
            if !targets.is_empty() {
                sql.push(" OR EXISTS(SELECT 1");
                table.from(sql, param);
                sql.push(table.here).push(" AND f.target = ANY(").bind(targets).push(") OFFSET 0)");
            }
            sql.push(")");
        } else {
            sql.push("EXISTS(SELECT 1");
            table.from(sql, param);
            sql.push(table.here);
            meets(sql, test);
            sql.push(" OFFSET 0)");
        }
        Ok(())
    }

    /// A query of the resources that meet a test.
    fn set(&self, sql: &mut Sql, param: Param, test: &Test) -> Result<()> {
        let table = Table::of(test);
        match test {
            Test::Words(words) => {
                // From the dictionary, where the words are.
                sql.push("SELECT t.patient, t.rid FROM term w JOIN idx_token t ON t.code = w.code AND t.term = w.id");
                sql.push(" AND t.param = ").bind(i64::from(param.0)).push(" WHERE ");
                test::worded(sql, words);
            }
            Test::Reference(keys) => {
                let (charts, targets) = self.targets(param, keys)?;
                sql.push("SELECT ").push(table.place);
                table.from(sql, param);
                sql.push(" AND f.target = ANY(").bind(targets).push(")");
                if !charts.is_empty() {
                    sql.push(" UNION ALL ");
                    charted(sql, definition(param)?.kind);
                    sql.push(" AND c.patient = ANY(").bind(charts).push(")");
                }
            }
            _ => {
                sql.push("SELECT ").push(table.place);
                table.from(sql, param);
                meets(sql, test);
            }
        }
        Ok(())
    }

    /// The numbers of what a reference's test names: charts, where the resource's own chart answers it, and what rows name.
    fn targets(&self, param: Param, keys: &[fhir::Key]) -> Result<(Vec<i64>, Vec<i64>)> {
        let in_column = definition(param)?.compartment;
        let known = keys.iter().filter_map(|key| Some((key, self.rid(key)?)));
        let (charts, targets): (Vec<_>, Vec<_>) = known.partition(|(key, _)| in_column && key.kind == Kind::PATIENT);
        let numbers = |named: Vec<(&fhir::Key, i64)>| named.into_iter().map(|(_, rid)| rid).collect();
        Ok((numbers(charts), numbers(targets)))
    }

    /// One repetition holds both: the rows agree in resource and part.
    fn composite(&self, sql: &mut Sql, asked: &Definition, any: &[Vec<Test>], form: Form) -> Result<()> {
        let mut expanded = Vec::new();
        for tests in any {
            let (Some(code), Some(value)) = (tests.first(), tests.get(1)) else { continue };
            let values = in_every_unit(std::slice::from_ref(value), || Ok::<_, Error>(self.units.clone()))?;
            expanded.extend(values.into_iter().map(|value| (code, value)));
        }
        let between = alternatives(sql, form);
        let pairs = expanded.iter().flat_map(|tests| asked.components.iter().map(move |params| (params, tests)));
        sql.list(pairs, between, |sql, (params, (code, value))| {
            let ([first, second], Test::Token(code)) = (params.as_slice(), code) else {
                return Err(Error::Broken("a composite has two components and begins with a code".to_owned()));
            };
            self.pair(sql, (*first, code), (*second, value), form)
        })?;
        sql.push(")");
        Ok(())
    }

    fn pair(&self, sql: &mut Sql, first: (Param, &TokenTest), second: (Param, &Test), form: Form) -> Result<()> {
        let (param, code) = first;
        match form {
            Form::Set => sql.push("SELECT ").push(TOKEN.place),
            Form::Probe => sql.push("EXISTS(SELECT 1"),
        };
        TOKEN.from(sql, param);
        test::token(sql, code);
        if form == Form::Probe {
            sql.push(TOKEN.here);
        }
        let (param, value) = second;
        sql.push(" AND EXISTS(SELECT 1");
        match value {
            Test::Token(value) => {
                OTHER_TOKEN.from(sql, param);
                sql.push(OTHER_TOKEN.beside_token);
                test::other_token(sql, value);
            }
            Test::Reference(keys) => {
                let targets: Vec<i64> = keys.iter().filter_map(|key| self.rid(key)).collect();
                REFERENCE.from(sql, param);
                sql.push(REFERENCE.beside_token).push(" AND f.target = ANY(").bind(targets).push(")");
            }
            value => {
                let table = Table::of(value);
                table.from(sql, param);
                sql.push(table.beside_token);
                meets(sql, value);
            }
        }
        sql.push(" OFFSET 0)");
        if form == Form::Probe {
            sql.push(" OFFSET 0)");
        }
        Ok(())
    }

    /// What the reference names meets the inner filter, within the permit.
    fn chain(&self, sql: &mut Sql, asked: &Definition, any: &[(Kind, Filter)], form: Form) -> Result<()> {
        let reachable: Vec<_> = any.iter().filter(|(kind, _)| self.permit.kinds().contains(*kind)).collect();
        if reachable.is_empty() {
            return Err(Error::NotPermitted);
        }
        let links = asked.stored.iter().flat_map(|param| reachable.iter().map(move |link| (*param, *link)));
        let between = alternatives(sql, form);
        sql.list(links, between, |sql, (param, (kind, filter))| {
            let base = definition(param)?;
            let closing = match (base.compartment && *kind == Kind::PATIENT, form) {
                (true, Form::Probe) => {
                    sql.push("r.patient IN (");
                    ")"
                }
                (true, Form::Set) => {
                    charted(sql, base.kind);
                    sql.push(" AND c.patient IN (");
                    ")"
                }
                (false, Form::Probe) => {
                    sql.push("EXISTS(SELECT 1");
                    REFERENCE.from(sql, param);
                    sql.push(REFERENCE.here).push(" AND f.target IN (");
                    ") OFFSET 0)"
                }
                (false, Form::Set) => {
                    sql.push("SELECT ").push(REFERENCE.place);
                    REFERENCE.from(sql, param);
                    sql.push(" AND f.target IN (");
                    ")"
                }
            };
            self.inner(sql, *kind, filter, "SELECT r.rid")?;
            sql.push(closing);
            Ok(())
        })?;
        sql.push(")");
        Ok(())
    }

    /// Something that meets the inner filter refers here.
    fn has(&self, sql: &mut Sql, asked: &Definition, filter: &Filter, form: Form) -> Result<()> {
        sql.push(match form {
            Form::Probe => "r.rid IN (",
            Form::Set => "(r.patient, r.rid) IN (SELECT x.patient, x.rid FROM directory x WHERE x.rid IN (",
        });
        sql.list(&asked.stored, " UNION ALL ", |sql, param| {
            if definition(*param)?.compartment {
                // The reference to the patient is the chart's column; what else it names is in rows.
                self.inner(sql, asked.kind, filter, "SELECT r.patient")?;
                sql.push(" AND r.patient <> 0 UNION ALL ");
            }
            sql.push("SELECT f.target");
            REFERENCE.from(sql, *param);
            sql.push(" AND (f.patient, f.rid) IN (");
            self.inner(sql, asked.kind, filter, "SELECT r.patient, r.rid")?;
            sql.push(")");
            Ok(())
        })?;
        sql.push(if form == Form::Set { "))" } else { ")" });
        Ok(())
    }

    fn inner(&self, sql: &mut Sql, kind: Kind, filter: &Filter, select: &'static str) -> Result<()> {
        sql.push(select).push(" FROM resource r WHERE ");
        self.live(sql, kind)?;
        if let Some((_, chart)) = self.compartment {
            sql.push(" AND (r.patient = 0 OR r.patient = ").bind(chart).push(")");
        }
        sql.push(" AND ");
        self.condition(sql, kind, filter, Form::Set)
    }
}

/// A query of a type's resources, to be bound to charts.
fn charted(sql: &mut Sql, kind: Kind) {
    sql.push("SELECT c.patient, c.rid FROM resource c WHERE c.version > 0 AND NOT c.deleted AND c.kind = ")
        .bind(i64::from(kind.number()));
}

/// Whether a parameter has any value.
fn has_value(sql: &mut Sql, asked: &Definition) -> Result<()> {
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

fn updated(sql: &mut Sql, any: &[DateTest]) -> Result<()> {
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

/// Full text: all words of any alternative, each in any of the columns. The words are letters and digits only, each quoted.
fn written(
    sql: &mut Sql,
    column: &'static str,
    or: Option<&'static str>,
    any: &[Vec<String>],
    form: Form,
) -> Result<()> {
    sql.push(match form {
        Form::Set => "(r.patient, r.rid) IN (SELECT w.patient, w.rid FROM words w WHERE (",
        Form::Probe => "EXISTS(SELECT 1 FROM words w WHERE w.patient = r.patient AND w.rid = r.rid AND (",
    });
    sql.list(any, " OR ", |sql, words| {
        sql.push("(");
        sql.list(words, " AND ", |sql, word| {
            if word.len() > crate::index::WORD {
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
    sql.push(if form == Form::Set { "))" } else { ") OFFSET 0)" });
    Ok(())
}
