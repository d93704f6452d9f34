//! Composites: pairs of values of one repetition, whose rows agree in resource and part.

use super::rows::{OTHER_TOKEN, REFERENCE, TOKEN, Table, meets};
use super::scene::Scene;
use super::sql::Sql;
use super::test;
use fhir::search::parameters::{Definition, Param};
use fhir::search::query::Test;
use store::engine::units::in_every_unit;
use store::{Error, Result};

impl Scene<'_> {
    /// The pairs of a composite. `begin` says what each begins with,
    /// what binds its first row, and what it ends with.
    pub(super) fn pairs(
        &self,
        sql: &mut Sql,
        asked: &Definition,
        any: &[Vec<Test>],
        between: &'static str,
        begin: impl Fn(&mut Sql) -> (&'static str, &'static str),
    ) -> Result<()> {
        let mut expanded = Vec::new();
        for tests in any {
            let [Test::Token(code), value] = tests.as_slice() else {
                return Err(Error::Broken("a composite has two components and begins with a code".to_owned()));
            };
            let values = in_every_unit(std::slice::from_ref(value), || Ok::<_, Error>(self.units.clone()))?;
            expanded.extend(values.into_iter().map(|value| (code, value)));
        }
        let pairs = expanded.iter().flat_map(|tests| asked.components.iter().map(move |params| (params, tests)));
        sql.list(pairs, between, |sql, (params, (code, value))| {
            let [first, second] = params.as_slice() else {
                return Err(Error::Broken("a composite has two components".to_owned()));
            };
            let (here, end) = begin(sql);
            TOKEN.from(sql, *first);
            test::token(sql, code);
            sql.push(here).push(" AND EXISTS(SELECT 1");
            self.second(sql, *second, value);
            sql.push(" OFFSET 0)").push(end);
            Ok(())
        })
    }

    fn second(&self, sql: &mut Sql, param: Param, value: &Test) {
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
    }
}
