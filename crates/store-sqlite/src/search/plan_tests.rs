//! How SQLite goes about the searches that must be fast: no scan of a table, no sorting of what an index already orders.

use super::filter::Scene;
use super::plan::Plan;
use crate::schema;
use fhir::search::{Handling, Query};
use fhir::{Kind, PatientId};
use rusqlite::{Connection, params_from_iter};
use store::{Actor, KindSet, Permit, Scope};

fn explained(kind: Kind, text: &str) -> Vec<String> {
    let all = |query: Query| Some(query);
    explained_as(kind, text, all)
}

fn explained_as(kind: Kind, text: &str, shape: impl Fn(Query) -> Option<Query>) -> Vec<String> {
    let mut db = Connection::open_in_memory().expect("memory");
    schema::migrate(&mut db, std::path::Path::new("none")).expect("tables");
    db.execute("INSERT INTO resource(rid, kind, id, version) VALUES (1, ?1, 'p', 1)", [Kind::PATIENT.number()])
        .expect("a row");
    db.execute("INSERT INTO resource(rid, kind, id, version) VALUES (2, ?1, 'e', 1)", [Kind::ENCOUNTER.number()])
        .expect("a row");
    let pairs: Vec<(String, String)> =
        text.split('&').filter_map(|pair| pair.split_once('=')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let (query, _) = Query::parse(kind, &pairs, Handling::Strict, jiff::Timestamp::UNIX_EPOCH).expect("a search");
    let query = shape(query).expect("a compartment");
    let permit = Permit::grant(Actor::program("test"), KindSet::ALL, Scope::Practice);
    let scene = Scene::new(&db, &permit, &query).expect("a scene");
    let plan = Plan::of(&scene, &query).expect("a plan");
    let sql = plan.page(&scene, Some(1), &[], 21).expect("a statement");
    let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.text())).expect("sound SQL");
    let rows = statement.query_map(params_from_iter(sql.binds()), |row| row.get(3)).expect("rows");
    rows.collect::<rusqlite::Result<_>>().expect("rows")
}

#[test]
fn what_charts_and_clients_ask_most_is_one_walk_along_an_index() {
    for (kind, text) in [
        (Kind::OBSERVATION, "patient=p&code=http://loinc.org|8302-2&_sort=-date"),
        (Kind::OBSERVATION, "patient=p&category=laboratory&_sort=-date"),
        (Kind::OBSERVATION, "patient=p&code=8302-2&status=final"),
        (Kind::OBSERVATION, "code=8302-2"),
        (Kind::PATIENT, "identifier=urn:mrn|1"),
    ] {
        let steps = explained(kind, text);
        assert!(steps[0].starts_with("SEARCH t USING PRIMARY KEY (param=? AND code=?"), "{text}: {steps:?}");
        assert!(
            !steps.iter().any(|step| step.contains("FOR ORDER BY") || step.starts_with("SCAN")),
            "{text}: {steps:?}"
        );
    }
}

#[test]
fn whom_somebody_saw_last_is_one_walk_along_what_refers_to_them() {
    for text in ["practitioner=Practitioner/d&_sort=-date", "practitioner=Practitioner/d"] {
        let steps = explained(Kind::ENCOUNTER, text);
        assert!(
            steps[0].starts_with("SEARCH f USING COVERING INDEX idx_reference_target (target=? AND param=?"),
            "{text}: {steps:?}"
        );
        assert!(!steps.iter().any(|step| step.contains("FOR ORDER BY")), "{text}: {steps:?}");
    }
}

#[test]
fn a_rare_value_leads_and_the_rest_is_looked_up() {
    for (kind, text, leads) in [
        (
            Kind::PATIENT,
            "name=smith&gender=female",
            "SEARCH s USING COVERING INDEX idx_string_value (param=? AND folded>? AND folded<?)",
        ),
        (Kind::PATIENT, "birthdate=1980-05-04", "SEARCH d USING COVERING INDEX idx_date_value"),
        (Kind::OBSERVATION, "encounter=Encounter/e&status=final", "SEARCH f USING COVERING INDEX idx_reference_target"),
        (Kind::CONDITION, "patient=p", "SEARCH r USING INDEX resource_chart (patient=? AND kind=?)"),
        (Kind::ENCOUNTER, "date=ge2026-10", "idx_date_value"),
    ] {
        let steps = explained(kind, text);
        assert!(steps.iter().any(|step| step.contains(leads)), "{text}: {steps:#?}");
        assert!(!steps.iter().any(|step| step.starts_with("SCAN r")), "{text}: {steps:#?}");
    }
}

#[test]
fn a_compartment_leads_its_searches() {
    let of = |query: Query| query.within(PatientId::parse("p").expect("an id"));
    let walk = explained_as(Kind::ENCOUNTER, "date=2026", of);
    assert!(walk[0].starts_with("SEARCH r USING INDEX resource_chart (patient=? AND kind=?)"), "{walk:#?}");
    // Whom it is of, and who performed it.
    let both = explained_as(Kind::OBSERVATION, "code=8302-2", of);
    for leads in ["SEARCH c USING", "resource_chart (patient=? AND kind=?)", "idx_reference_target"] {
        assert!(both.iter().any(|step| step.contains(leads)), "{both:#?}");
    }
    assert!(!both.iter().any(|step| step.starts_with("SCAN r")), "{both:#?}");
}
