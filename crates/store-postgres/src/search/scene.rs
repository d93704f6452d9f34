//! What every condition of a search is made with: whose permit, within which chart, and the numbers of what the search names.

use super::sql::Sql;
use crate::line::Line;
use crate::rows::{get, id, kind, number};
use fhir::search::Query;
use fhir::search::query::{Filter, Test};
use fhir::{Id, Key, Kind, PatientId};
use std::collections::HashMap;
use store::engine::units::{UCUM, ucum};
use store::{Error, Permit, Result, Scope};

/// The number of what is not stored: no row has it. (0 is that of "in no chart".)
pub(crate) const NOBODY: i64 = -1;

/// One search's surroundings.
pub(crate) struct Scene<'a> {
    pub(crate) permit: &'a Permit,
    /// The permit's chart, when it reaches only one.
    pub(crate) only_chart: Option<i64>,
    /// The patient in whose compartment the search is, and their number.
    pub(crate) compartment: Option<(&'a PatientId, i64)>,
    /// The numbers of the resources that the search names.
    rids: HashMap<Key, i64>,
    /// The UCUM codes that stored quantities have, where the search asks for one.
    pub(crate) units: Vec<String>,
}

impl<'a> Scene<'a> {
    /// Looks up what the search names.
    pub(crate) async fn read(line: &Line, permit: &'a Permit, query: &'a Query) -> Result<Self> {
        let mut named = Named::default();
        query.filters.iter().for_each(|filter| named.filter(filter));
        if let Scope::Patient(patient) = permit.scope() {
            named.keys.push(patient.key());
        }
        let rids = numbers(line, &named.keys).await?;
        let units = if named.unit { stored_units(line).await? } else { Vec::new() };
        let of = |patient: &PatientId| rids.get(&patient.key()).copied().unwrap_or(NOBODY);
        let only_chart = match permit.scope() {
            Scope::Practice => None,
            Scope::Patient(patient) => Some(of(patient)),
        };
        let compartment = query.compartment().map(|patient| (patient, of(patient)));
        Ok(Self { permit, only_chart, compartment, rids, units })
    }

    /// The number of a resource that the search names, if it was ever named.
    pub(crate) fn rid(&self, key: &Key) -> Option<i64> {
        self.rids.get(key).copied()
    }

    /// The number of a patient that the search names.
    pub(crate) fn chart(&self, id: &Id) -> i64 {
        self.rid(&Key::new(Kind::PATIENT, id.clone())).unwrap_or(NOBODY)
    }

    /// A type's resources that are stored, not deleted and within the permit. Every reading of a search goes through here.
    pub(crate) fn live(&self, sql: &mut Sql, kind: Kind) -> Result<()> {
        if !self.permit.kinds().contains(kind) {
            return Err(Error::NotPermitted);
        }
        sql.push("r.kind = ").bind(i64::from(kind.number())).push(" AND r.version > 0 AND NOT r.deleted");
        if let Some(chart) = self.only_chart {
            sql.push(" AND (r.patient = 0 OR r.patient = ").bind(chart).push(")");
        }
        Ok(())
    }
}

/// What a search names.
#[derive(Default)]
struct Named {
    keys: Vec<Key>,
    unit: bool,
}

impl Named {
    fn filter(&mut self, filter: &Filter) {
        match filter {
            Filter::Compartment(patient) => self.keys.push(patient.key()),
            Filter::Match { any, .. } => any.iter().for_each(|test| self.test(test)),
            Filter::Composite { any, .. } => any.iter().flatten().for_each(|test| self.test(test)),
            Filter::Chain { any, .. } => any.iter().for_each(|(_, filter)| self.filter(filter)),
            Filter::Has { filter, .. } => self.filter(filter),
            Filter::Ids(_)
            | Filter::Updated(_)
            | Filter::Missing { .. }
            | Filter::Narrative(_)
            | Filter::Content(_) => {}
        }
    }

    fn test(&mut self, test: &Test) {
        match test {
            Test::Reference(keys) => self.keys.extend(keys.iter().cloned()),
            test => self.unit |= ucum(test).is_some(),
        }
    }
}

async fn numbers(line: &Line, keys: &[Key]) -> Result<HashMap<Key, i64>> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let kinds: Vec<i16> = keys.iter().map(|key| number(key.kind)).collect();
    let ids: Vec<&str> = keys.iter().map(|key| key.id.as_str()).collect();
    let sql = "SELECT d.kind, d.id, d.rid FROM unnest($1::int2[], $2::text[]) AS k(kind, id)
               JOIN directory d ON d.kind = k.kind AND d.id = k.id";
    let rows = line.query(sql, &[&kinds, &ids]).await?;
    rows.iter().map(|row| Ok((Key::new(kind(row, 0)?, id(row, 1)?), get(row, 2)?))).collect()
}

async fn stored_units(line: &Line) -> Result<Vec<String>> {
    let rows = line.query("SELECT DISTINCT code FROM unit WHERE system = $1", &[&UCUM]).await?;
    rows.iter().map(|row| get(row, 0)).collect()
}
