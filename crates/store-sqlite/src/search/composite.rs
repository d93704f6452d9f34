//! Composite parameters: a code and a value of one repetition, such as a component of a blood pressure.

use super::filter::{Form, Scene};
use super::rows::{bind_all, from, other_token, part_of, rid_of};
use super::sql::Sql;
use super::test;
use crate::chart::UNDATED;
use crate::connection::sql_error;
use crate::ids::rid;
use fhir::search::parameters::{Definition, Param};
use fhir::search::query::{Test, TokenTest};
use store::engine::units::in_every_unit;
use store::{Error, Result};

impl Scene<'_> {
    /// One repetition holds both: the rows agree in resource and part.
    pub(super) fn composite(&self, sql: &mut Sql, asked: &Definition, any: &[Vec<Test>], form: Form) -> Result<()> {
        sql.push(if form == Form::Set { "r.rid IN (" } else { "(" });
        let between = if form == Form::Set { " UNION ALL " } else { " OR " };
        let mut expanded = Vec::new();
        for tests in any {
            let (Some(code), Some(value)) = (tests.first(), tests.get(1)) else { continue };
            let values = in_every_unit(std::slice::from_ref(value), || self.stored_units())?;
            expanded.extend(values.into_iter().map(|value| vec![code.clone(), value]));
        }
        let pairs = expanded.iter().flat_map(|tests| asked.components.iter().map(move |params| (params, tests)));
        sql.list(pairs, between, |sql, (params, tests)| {
            let ([first, second], [code, value]) = (params.as_slice(), tests.as_slice()) else {
                return Err(Error::Broken("a composite has two components".to_owned()));
            };
            let Test::Token(code) = code else {
                return Err(Error::Broken("a composite begins with a code".to_owned()));
            };
            self.pair(sql, (*first, code), (*second, value), form)
        })?;
        sql.push(")");
        Ok(())
    }

    fn pair(&self, sql: &mut Sql, first: (Param, &TokenTest), second: (Param, &Test), form: Form) -> Result<()> {
        let (param, code) = first;
        sql.push(if form == Form::Set { "SELECT t.rid" } else { "EXISTS(SELECT 1" });
        sql.push(" FROM idx_token t WHERE t.param = ").bind(i64::from(param.0));
        test::token(sql, code);
        if form == Form::Probe {
            sql.push(" AND t.patient = ifnull(r.patient, 0) AND t.date = ifnull(r.date, ").bind(UNDATED);
            sql.push(") AND t.rid = r.rid");
        }
        let (param, value) = second;
        match value {
            Test::Token(value) => {
                sql.push(" AND EXISTS(SELECT 1 FROM idx_token o WHERE o.param = ").bind(i64::from(param.0));
                sql.push(" AND o.patient = t.patient AND o.date = t.date AND o.rid = t.rid AND o.part = t.part");
                other_token(sql, value);
                sql.push(")");
            }
            Test::Reference(keys) => {
                sql.push(
                    " AND EXISTS(SELECT 1 FROM idx_reference f WHERE f.rid = t.rid AND f.part = t.part AND f.param = ",
                );
                sql.bind(i64::from(param.0)).push(" AND f.target IN (");
                let mut targets = Vec::new();
                for key in keys {
                    targets.extend(rid(self.db, key.kind, &key.id).map_err(sql_error)?);
                }
                bind_all(sql, &targets);
                sql.push("))");
            }
            value => {
                sql.push(" AND EXISTS(SELECT 1");
                from(sql, param, value);
                sql.push(rid_of(value)).push(" = t.rid AND ").push(part_of(value)).push(" = t.part)");
            }
        }
        if form == Form::Probe {
            sql.push(")");
        }
        Ok(())
    }
}
