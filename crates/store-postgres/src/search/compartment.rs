//! Searches within a patient's compartment: what matches, and what they may bring along.

use super::chain::charted;
use super::scene::{NOBODY, Scene};
use super::sql::Sql;
use fhir::Kind;
use fhir::search::query::further_patients;
use store::record::Stored;

impl Scene<'_> {
    /// Whether a compartment search may bring this along: what belongs to that chart, or to none.
    pub(super) fn brings(&self, stored: &Stored) -> bool {
        self.compartment.is_none_or(|(patient, _)| stored.patient.as_ref().is_none_or(|whose| whose == patient))
    }

    /// It belongs to the chart, or names the patient by another of the compartment's parameters.
    pub(super) fn compartment_probe(&self, sql: &mut Sql, kind: Kind) {
        let chart = self.compartment.map_or(NOBODY, |(_, number)| number);
        let params = further(kind);
        sql.push("(r.patient = ").bind(chart);
        if !params.is_empty() {
            sql.push(" OR EXISTS(SELECT 1 FROM idx_reference f WHERE f.patient = r.patient AND f.rid = r.rid AND f.target = ")
                .bind(chart)
                .push(" AND f.param = ANY(")
                .bind(params)
                .push(") OFFSET 0)");
        }
        sql.push(")");
    }

    /// The same as a query.
    pub(super) fn compartment_set(&self, sql: &mut Sql, kind: Kind) {
        let chart = self.compartment.map_or(NOBODY, |(_, number)| number);
        charted(sql, kind);
        sql.push(" AND c.patient = ").bind(chart);
        sql.push(" UNION ALL SELECT f.patient, f.rid FROM idx_reference f WHERE f.target = ").bind(chart);
        sql.push(" AND f.param = ANY(").bind(further(kind)).push(")");
    }
}

fn further(kind: Kind) -> Vec<i64> {
    further_patients(kind).map(|param| i64::from(param.0)).collect()
}
