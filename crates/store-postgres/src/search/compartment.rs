//! Searches within a patient's compartment: what matches, and what they may bring along.

use super::filter::Form;
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
    pub(super) fn in_compartment(&self, sql: &mut Sql, kind: Kind, form: Form) {
        let chart = self.compartment.map_or(NOBODY, |(_, number)| number);
        let params: Vec<i64> = further_patients(kind).map(|param| i64::from(param.0)).collect();
        if params.is_empty() {
            sql.push("r.patient = ").bind(chart);
        } else if form == Form::Set {
            sql.push("(r.patient, r.rid) IN (SELECT c.patient, c.rid FROM resource c")
                .push(" WHERE c.version > 0 AND NOT c.deleted AND c.kind = ")
                .bind(i64::from(kind.number()))
                .push(" AND c.patient = ")
                .bind(chart)
                .push(" UNION ALL SELECT f.patient, f.rid FROM idx_reference f WHERE f.target = ")
                .bind(chart)
                .push(" AND f.param = ANY(")
                .bind(params)
                .push("))");
        } else {
            sql.push("(r.patient = ")
                .bind(chart)
                .push(" OR EXISTS(SELECT 1 FROM idx_reference f WHERE f.patient = r.patient AND f.rid = r.rid AND f.target = ")
                .bind(chart)
                .push(" AND f.param = ANY(")
                .bind(params)
                .push(") OFFSET 0))");
        }
    }
}
