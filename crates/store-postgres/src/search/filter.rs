//! Filters in two forms.
//!
//! As a probe a filter is a condition on `r`, a row of `resource`, that looks it up in an index: right when few resources are left to
//! look at. As a set it is a query that names the resources by value: right when it leads the search, and inside chains.
//!
//! How they are joined is held in place: `OFFSET 0` keeps PostgreSQL from turning a look-up into a join, and `IS TRUE` a list that is
//! made once. Its own choice rests on how many rows it expects of a chart and a number together, which it multiplies and so takes for
//! hardly any; it then compares all with all.

use super::chain::charted;
use super::rows::{REFERENCE, TOKEN, Table, meets};
use super::scene::Scene;
use super::sql::Sql;
use super::test;
use super::value::{WORDS_HERE, has_value, updated, written};
use fhir::Kind;
use fhir::search::parameters::Param;
use fhir::search::query::{Filter, Test, further_patients};
use store::engine::lead::definition;
use store::engine::units::in_every_unit;
use store::{Error, Result};

/// The resource of a row `s` of a set, looked up one at a time.
const ITS_RESOURCE: &str =
    " CROSS JOIN LATERAL (SELECT * FROM resource x WHERE x.patient = s.patient AND x.rid = s.rid OFFSET 0) r";

/// Whether an index names what meets a filter; otherwise resources are looked at one after another.
pub(crate) fn names(kind: Kind, filter: &Filter) -> bool {
    match filter {
        Filter::Ids(_) | Filter::Updated(_) | Filter::Missing { .. } | Filter::Match { not: true, .. } => false,
        // The chart's own are together already.
        Filter::Compartment(_) => further_patients(kind).next().is_some(),
        _ => true,
    }
}

impl Scene<'_> {
    /// ` FROM` what gives `r` the resources that a filter names (by `s`, if it does), and ` WHERE` they are live and meet it.
    pub(crate) fn led_by(&self, sql: &mut Sql, kind: Kind, filter: &Filter) -> Result<()> {
        if names(kind, filter) {
            sql.push(" FROM (SELECT DISTINCT s.patient, s.rid FROM (");
            self.set(sql, kind, filter)?;
            sql.push(") AS s(patient, rid)) s").push(ITS_RESOURCE).push(" WHERE ");
            self.live(sql, kind)
        } else {
            sql.push(" FROM resource r WHERE ");
            self.live(sql, kind)?;
            sql.push(" AND ");
            self.probe(sql, kind, filter)
        }
    }

    /// A filter as a query of chart and number of what meets it, among them resources of other types and such as are not live.
    fn set(&self, sql: &mut Sql, kind: Kind, filter: &Filter) -> Result<()> {
        match filter {
            Filter::Ids(_) | Filter::Updated(_) | Filter::Missing { .. } => {
                return Err(Error::Broken("no index names what meets this".to_owned()));
            }
            Filter::Compartment(_) => self.compartment_set(sql, kind),
            Filter::Match { param, any, .. } => {
                let any = in_every_unit(any, || Ok::<_, Error>(self.units.clone()))?;
                let stored = &definition(*param)?.stored;
                let tests = any.iter().flat_map(|test| stored.iter().map(move |param| (*param, test)));
                sql.list(tests, " UNION ALL ", |sql, (param, test)| self.test_set(sql, param, test))?;
            }
            Filter::Composite { param, any } => {
                self.pairs(sql, definition(*param)?, any, " UNION ALL ", |sql| {
                    sql.push("SELECT ").push(TOKEN.place);
                    ("", "")
                })?;
            }
            Filter::Chain { param, any } => {
                self.links(sql, definition(*param)?, any, " UNION ALL ", |sql, param, base, to_chart, inner| {
                    if to_chart {
                        sql.push("SELECT c.patient, c.rid FROM (SELECT DISTINCT i.rid FROM (").append(inner);
                        sql.push(") AS i(rid)) i CROSS JOIN LATERAL (");
                        charted(sql, base.kind);
                        sql.push(" AND c.patient = i.rid OFFSET 0) c");
                    } else {
                        sql.push("SELECT f.patient, f.rid FROM (SELECT DISTINCT i.rid FROM (").append(inner);
                        sql.push(") AS i(rid)) i CROSS JOIN LATERAL (SELECT ").push(REFERENCE.place);
                        REFERENCE.from(sql, param);
                        sql.push(" AND f.target = i.rid OFFSET 0) f");
                    }
                })?;
            }
            Filter::Has { param, filter } => {
                sql.push("SELECT d.patient, d.rid FROM (SELECT DISTINCT i.rid FROM (");
                self.referred(sql, definition(*param)?, filter)?;
                sql.push(
                    ") AS i(rid)) i CROSS JOIN LATERAL (SELECT * FROM directory x WHERE x.rid = i.rid OFFSET 0) d",
                );
            }
            Filter::Narrative(any) => {
                sql.push("SELECT w.patient, w.rid FROM words w WHERE ");
                written(sql, "w.narrative @@ ", None, any)?;
            }
            Filter::Content(any) => {
                sql.push("SELECT w.patient, w.rid FROM words w WHERE ");
                written(sql, "w.narrative @@ ", Some("w.content @@ "), any)?;
            }
        }
        Ok(())
    }

    /// A filter as a condition on `r`, a row of this type.
    pub(crate) fn probe(&self, sql: &mut Sql, kind: Kind, filter: &Filter) -> Result<()> {
        match filter {
            Filter::Compartment(_) => self.compartment_probe(sql, kind),
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
                let any = in_every_unit(any, || Ok::<_, Error>(self.units.clone()))?;
                let stored = &definition(*param)?.stored;
                let tests = any.iter().flat_map(|test| stored.iter().map(move |param| (*param, test)));
                sql.push(if *not { "NOT (" } else { "(" });
                sql.list(tests, " OR ", |sql, (param, test)| self.test_probe(sql, param, test))?;
                sql.push(")");
            }
            Filter::Composite { param, any } => {
                sql.push("(");
                self.pairs(sql, definition(*param)?, any, " OR ", |sql| {
                    sql.push("EXISTS(SELECT 1");
                    (TOKEN.here, " OFFSET 0)")
                })?;
                sql.push(")");
            }
            Filter::Chain { param, any } => {
                sql.push("(");
                self.links(sql, definition(*param)?, any, " OR ", |sql, param, _, to_chart, inner| {
                    if to_chart {
                        sql.push("(r.patient IN (").append(inner).push(")) IS TRUE");
                    } else {
                        sql.push("EXISTS(SELECT 1");
                        REFERENCE.from(sql, param);
                        sql.push(REFERENCE.here).push(" AND (f.target IN (").append(inner);
                        sql.push(")) IS TRUE OFFSET 0)");
                    }
                })?;
                sql.push(")");
            }
            Filter::Has { param, filter } => {
                sql.push("(r.rid IN (");
                self.referred(sql, definition(*param)?, filter)?;
                sql.push(")) IS TRUE");
            }
            Filter::Narrative(any) => {
                sql.push(WORDS_HERE);
                written(sql, "w.narrative @@ ", None, any)?;
                sql.push(" OFFSET 0)");
            }
            Filter::Content(any) => {
                sql.push(WORDS_HERE);
                written(sql, "w.narrative @@ ", Some("w.content @@ "), any)?;
                sql.push(" OFFSET 0)");
            }
        }
        Ok(())
    }

    fn test_probe(&self, sql: &mut Sql, param: Param, test: &Test) -> Result<()> {
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

    fn test_set(&self, sql: &mut Sql, param: Param, test: &Test) -> Result<()> {
        let table = Table::of(test);
        match test {
            Test::Words(words) => {
                // From the dictionary, where the words are.
                sql.push("SELECT t.patient, t.rid FROM term w CROSS JOIN LATERAL (SELECT ").push(table.place);
                table.from(sql, param);
                sql.push(" AND t.code = w.code AND t.term = w.id OFFSET 0) t WHERE ");
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
}
