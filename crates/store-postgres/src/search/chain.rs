//! Chains and `_has`: what is referred to, or refers here, meets a filter of its own, within the permit and the compartment.

use super::rows::REFERENCE;
use super::scene::Scene;
use super::sql::Sql;
use fhir::Kind;
use fhir::search::parameters::{Definition, Param};
use fhir::search::query::Filter;
use store::engine::lead::definition;
use store::{Error, Result};

impl Scene<'_> {
    /// The links of a chain: what the reference names meets the inner filter, within the permit. `add` is given the parameter, its
    /// definition, whether the chart's column answers it, and the query of the numbers it must name.
    pub(super) fn links(
        &self,
        sql: &mut Sql,
        asked: &Definition,
        any: &[(Kind, Filter)],
        between: &'static str,
        add: impl Fn(&mut Sql, Param, &Definition, bool, Sql),
    ) -> Result<()> {
        let reachable: Vec<_> = any.iter().filter(|(kind, _)| self.permit.kinds().contains(*kind)).collect();
        if reachable.is_empty() {
            return Err(Error::NotPermitted);
        }
        let links = asked.stored.iter().flat_map(|param| reachable.iter().map(move |link| (*param, *link)));
        sql.list(links, between, |sql, (param, (kind, filter))| {
            let base = definition(param)?;
            let mut inner = Sql::default();
            self.inner(&mut inner, *kind, filter, "SELECT r.rid")?;
            add(sql, param, base, base.compartment && *kind == Kind::PATIENT, inner);
            Ok(())
        })
    }

    /// A query of the numbers of what resources that meet a filter refer to.
    pub(super) fn referred(&self, sql: &mut Sql, asked: &Definition, filter: &Filter) -> Result<()> {
        sql.list(&asked.stored, " UNION ALL ", |sql, param| {
            if definition(*param)?.compartment {
                // The reference to the patient is the chart's column; what else it names is in rows.
                self.inner(sql, asked.kind, filter, "SELECT r.patient")?;
                sql.push(" AND r.patient <> 0 UNION ALL ");
            }
            sql.push("SELECT f.target FROM (");
            self.inner(sql, asked.kind, filter, "SELECT r.patient, r.rid")?;
            sql.push(") i CROSS JOIN LATERAL (SELECT f.target");
            REFERENCE.from(sql, *param);
            sql.push(" AND f.patient = i.patient AND f.rid = i.rid OFFSET 0) f");
            Ok(())
        })
    }

    fn inner(&self, sql: &mut Sql, kind: Kind, filter: &Filter, select: &'static str) -> Result<()> {
        sql.push(select);
        self.led_by(sql, kind, filter)?;
        if let Some((_, chart)) = self.compartment {
            sql.push(" AND (r.patient = 0 OR r.patient = ").bind(chart).push(")");
        }
        Ok(())
    }
}

/// A query of a type's resources, to be bound to charts.
pub(crate) fn charted(sql: &mut Sql, kind: Kind) {
    sql.push("SELECT c.patient, c.rid FROM resource c WHERE c.version > 0 AND NOT c.deleted AND c.kind = ")
        .bind(i64::from(kind.number()));
}
