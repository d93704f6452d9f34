//! How PostgreSQL goes about the searches that must be fast: no scan of a table, no sorting of what an index already orders.

use super::plan::Plan;
use super::scene::Scene;
use crate::connection::{Options, Purpose, Target};
use crate::line::Line;
use crate::schema::{Found, migrate};
use fhir::search::parameters::named;
use fhir::search::{Handling, Query};
use fhir::{Kind, PatientId};
use store::{Actor, KindSet, Permit, Scope};
use test_postgres::Database;

/// A practice of 300 charts with 100 results each (60 codes, one in 60 a height) and 5 visits, as PostgreSQL's statistics see it.
async fn practice() -> Option<(Database, Line)> {
    let database = test_postgres::database()?;
    let target = Target::parse(database.url(), &Options::default()).expect("an address");
    let line = target.connect(Purpose::Whole).await.expect("a connection");
    migrate(&line, Found::Nothing, None).await.expect("tables");
    let param = |kind: Kind, code: &str| named(kind, code).expect("a parameter").param.0.to_string();
    let fill = FILL
        .replace("$PATIENT", &Kind::PATIENT.number().to_string())
        .replace("$OBSERVATION", &Kind::OBSERVATION.number().to_string())
        .replace("$DOCTOR", &Kind::PRACTITIONER.number().to_string())
        .replace("$ENCOUNTER", &Kind::ENCOUNTER.number().to_string())
        .replace("$CODE", &param(Kind::OBSERVATION, "code"))
        .replace("$STATUS", &param(Kind::OBSERVATION, "status"))
        .replace("$DATE", &param(Kind::OBSERVATION, "date"))
        .replace("$NAME", &param(Kind::PATIENT, "name"))
        .replace("$BORN", &param(Kind::PATIENT, "birthdate"))
        .replace("$IDENTIFIER", &param(Kind::PATIENT, "identifier"))
        .replace("$PRACTITIONER", &param(Kind::ENCOUNTER, "practitioner"))
        .replace("$VISIT", &param(Kind::OBSERVATION, "encounter"));
    line.batch(&fill).await.expect("rows");
    Some((database, line))
}

const FILL: &str = r"
CREATE TEMP TABLE made AS
    SELECT p::int8 AS patient, p::int8 AS rid, $PATIENT AS kind, 0 AS n FROM generate_series(1, 300) p
    UNION ALL SELECT p, 1000 + p * 100 + n, $OBSERVATION, n FROM generate_series(1, 300) p, generate_series(0, 99) n
    UNION ALL SELECT p, 100000 + p * 5 + n, $ENCOUNTER, n FROM generate_series(1, 300) p, generate_series(0, 4) n;
INSERT INTO directory(kind, id, rid, patient) SELECT kind, 'r' || rid, rid, patient FROM made;
INSERT INTO directory(kind, id, rid, patient) VALUES ($DOCTOR, 'd', 999999, 0);
INSERT INTO resource(patient, rid, kind, id, version, seq, date, deleted)
    SELECT patient, rid, kind, 'r' || rid, 1, rid, rid * 86400, false FROM made;
INSERT INTO term(id, system, code, text) VALUES (1, 'http://loinc.org', '', '');
INSERT INTO idx_token(patient, rid, date, term, param, part, code)
    SELECT patient, rid, rid * 86400, 1, $CODE, 0, 'code-' || n % 60 FROM made WHERE kind = $OBSERVATION
    UNION ALL SELECT patient, rid, rid * 86400, 1, $STATUS, 0, 'final' FROM made WHERE kind = $OBSERVATION
    UNION ALL SELECT patient, rid, rid * 86400, 1, $IDENTIFIER, 0, 'mrn-' || rid FROM made WHERE kind = $PATIENT;
INSERT INTO idx_date(patient, rid, low, high, param, part)
    SELECT patient, rid, rid * 86400000000, rid * 86400000000 + 1, $DATE, 0 FROM made WHERE kind = $OBSERVATION
    UNION ALL SELECT patient, rid, rid * 86400000000, (rid + 1) * 86400000000, $BORN, 0 FROM made WHERE kind = $PATIENT;
INSERT INTO idx_string(patient, rid, n, param, part, folded, exact)
    SELECT patient, rid, 1, $NAME, 0, md5(rid::text), md5(rid::text) FROM made WHERE kind = $PATIENT;
INSERT INTO idx_reference(patient, rid, target, date, param, part)
    SELECT patient, rid, 999999, rid * 86400, $PRACTITIONER, 0 FROM made WHERE kind = $ENCOUNTER
    UNION ALL SELECT patient, rid, 100000 + patient * 5 + n % 5, rid * 86400, $VISIT, 0 FROM made WHERE kind = $OBSERVATION;
ANALYZE;
";

async fn explained(line: &Line, kind: Kind, text: &str, shape: impl Fn(Query) -> Option<Query>) -> String {
    let pairs: Vec<(String, String)> =
        text.split('&').filter_map(|pair| pair.split_once('=')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let (query, _) = Query::parse(kind, &pairs, Handling::Strict, jiff::Timestamp::UNIX_EPOCH).expect("a search");
    let query = shape(query).expect("a compartment");
    let permit = Permit::grant(Actor::program("test"), KindSet::ALL, Scope::Practice);
    let scene = Scene::read(line, &permit, &query).await.expect("a scene");
    let plan = Plan::of(&scene, &query).expect("a plan");
    plan.page(&scene, Some(1_000_000), &[], 21).expect("a statement").explained(line).await.join("\n")
}

#[tokio::test]
async fn what_charts_and_clients_ask_most_is_a_walk_along_an_index() {
    let Some((_database, line)) = practice().await else { return };
    for (kind, text, leads, sorts) in [
        (
            Kind::OBSERVATION,
            "patient=r7&code=http://loinc.org|code-7&_sort=-date",
            "Backward using idx_token_pkey",
            false,
        ),
        (Kind::OBSERVATION, "patient=r7&code=code-7&date=ge1970-06", "idx_token_pkey", false),
        (Kind::OBSERVATION, "patient=r7&code=code-7&status=final", "idx_token_pkey", false),
        (Kind::OBSERVATION, "code=code-7", "Backward using idx_token_pkey", false),
        (Kind::OBSERVATION, "patient=r7&_sort=-date", "resource_chart", false),
        (Kind::OBSERVATION, "patient=r7&status=final", "Backward using idx_token_pkey", false),
        (Kind::ENCOUNTER, "practitioner=Practitioner/d&_sort=-date", "idx_reference_target", false),
        (Kind::OBSERVATION, "encounter=Encounter/r100007", "idx_reference_target", true),
        (Kind::PATIENT, "identifier=urn:mrn|mrn-7", "idx_token_pkey", true),
        (Kind::PATIENT, "name=ab&gender=female", "idx_string_value", true),
        (Kind::PATIENT, "birthdate=1970-05-04", "idx_date_value", true),
        (Kind::PATIENT, "_id=r1,r2", "resource_", true),
        (Kind::OBSERVATION, "", "resource_kind", false),
    ] {
        let plan = explained(&line, kind, text, Some).await;
        assert!(plan.contains(leads), "{text}:\n{plan}");
        assert!(sorts || !plan.contains("Sort"), "{text}:\n{plan}");
        for whole in ["Seq Scan on idx", "Seq Scan on resource"] {
            assert!(!plan.contains(whole), "{text}:\n{plan}");
        }
    }
}

#[tokio::test]
async fn a_compartment_leads_its_searches() {
    let Some((_database, line)) = practice().await else { return };
    let of = |query: Query| query.within(PatientId::parse("r7").expect("an id"));
    let walk = explained(&line, Kind::ENCOUNTER, "date=1970", of).await;
    assert!(walk.contains("resource_chart") && !walk.contains("Seq Scan"), "{walk}");
    // Whom it is of, and who performed it.
    let both = explained(&line, Kind::OBSERVATION, "code=code-7", of).await;
    assert!(both.contains("idx_reference_target") && !both.contains("Seq Scan on idx"), "{both}");
}

/// Statements that are planned once must be the same walk when no value is known.
#[tokio::test]
async fn what_is_planned_once_walks_without_knowing_the_values() {
    let Some((_database, line)) = practice().await else { return };
    line.batch("SET plan_cache_mode = force_generic_plan").await.expect("set");
    for (text, leads) in [
        ("patient=r7&code=http://loinc.org|code-7&_sort=-date", "Backward using idx_token_pkey"),
        ("patient=r7&code=code-7&status=final", "idx_token_pkey"),
        ("patient=r7&code=code-7&date=ge1970-06", "idx_token_pkey"),
        ("patient=r7&_sort=-date", "resource_chart"),
        ("patient=r7&status=final", "Backward using idx_token_pkey"),
    ] {
        let pairs: Vec<(String, String)> = text
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let epoch = jiff::Timestamp::UNIX_EPOCH;
        let (query, _) = Query::parse(Kind::OBSERVATION, &pairs, Handling::Strict, epoch).expect("a search");
        let permit = Permit::grant(Actor::program("test"), KindSet::ALL, Scope::Practice);
        let scene = Scene::read(&line, &permit, &query).await.expect("a scene");
        let plan = Plan::of(&scene, &query).expect("a plan");
        assert!(plan.is_one_walk(), "{text}");
        let page = plan.page(&scene, None, &[], 21).expect("a statement");
        let (asked, binds) = page.text();
        let types: Vec<String> = binds
            .iter()
            .map(|(_, kind)| kind.name().replace('_', "") + if kind.name().starts_with('_') { "[]" } else { "" })
            .collect();
        let nulls = vec!["NULL"; binds.len()].join(", ");
        line.batch(&format!("PREPARE asked({}) AS {asked}", types.join(", "))).await.expect("prepared");
        let rows =
            line.query_typed(&format!("EXPLAIN (COSTS OFF) EXECUTE asked({nulls})"), &[]).await.expect("explained");
        line.batch("DEALLOCATE asked").await.expect("let go");
        let walk: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
        let walk = walk.join("\n");
        assert!(walk.contains(leads), "{text}:\n{walk}");
        assert!(!walk.contains("Seq Scan on idx") && !walk.contains("Seq Scan on resource"), "{text}:\n{walk}");
    }
}
