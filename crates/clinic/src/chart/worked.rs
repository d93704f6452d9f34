//! Charts worked by hand: what each section must make of them.

use super::allergy::{Allergies, Known};
use super::bands::Who;
use super::grid::Grid;
use super::medicine::Medicines;
use super::past::Past;
use super::problem::Problems;
use super::report::Report;
use super::result::Observed;
use super::row::{Names, Reading, Row};
use super::trend::Trend;
use super::{Clock, Flag};
use fhir::{Key, Kind};
use jiff::civil::date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use store::record::{Slice, Stored};

fn reading() -> Reading {
    Reading {
        clock: Clock { zone: TimeZone::UTC, today: date(2026, 11, 22) },
        names: Names::default(),
        who: Who::default(),
    }
}

fn stored(id: usize, body: &Value) -> Stored {
    let kind = Kind::parse(body["resourceType"].as_str().expect("type")).expect("type");
    Stored {
        key: Key::parse(&format!("{kind}/r{id}")).expect("key"),
        version: 1,
        sequence: 1,
        patient: None,
        recorded_at: jiff::Timestamp::UNIX_EPOCH,
        deleted: false,
        body: body.to_string().into(),
    }
}

fn rows(bodies: &[Value]) -> Vec<Row> {
    let all: Vec<_> = bodies.iter().enumerate().map(|(id, body)| stored(id, body)).collect();
    Row::read_all(&all)
}

fn code(code: &str) -> Value {
    json!({"coding": [{"system": "s", "code": code}]})
}

#[test]
fn each_medicine_is_in_the_one_list_its_status_names() {
    let medicine = |status: &str, intent: &str, name: &str| json!({"resourceType": "MedicationRequest", "status": status, "intent": intent, "medicationCodeableConcept": {"text": name}});
    let all = rows(&[
        medicine("active", "order", "b"),
        medicine("active", "plan", "planned"),
        medicine("on-hold", "order", "held"),
        medicine("stopped", "order", "stopped"),
        medicine("completed", "order", "completed"),
        medicine("unknown", "order", "unclear"),
        medicine("entered-in-error", "order", "wrong"),
        medicine("active", "order", "A"),
        json!({"resourceType": "MedicationStatement", "status": "active", "medicationCodeableConcept": {"text": "c"}}),
    ]);
    let medicines = Medicines::of(&all, &reading());
    let names = |list: &[super::medicine::Medicine]| list.iter().map(|m| m.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&medicines.active), ["A", "b", "c"]);
    assert_eq!(names(&medicines.proposed), ["planned"]);
    assert_eq!(names(&medicines.held), ["held"]);
    assert_eq!(medicines.stopped.len(), 2);
    assert_eq!(names(&medicines.unclear), ["unclear"]);
    assert_eq!(names(&medicines.errors), ["wrong"]);
    assert!(medicines.active.iter().filter(|m| m.reported).count() == 1);
}

#[test]
fn an_order_not_to_give_is_never_a_medicine_taken() {
    let order = |status: &str, name: &str| {
        json!({"resourceType": "MedicationRequest", "status": status, "intent": "order", "doNotPerform": true,
            "medicationCodeableConcept": {"text": name}, "reasonCode": [{"text": "Bleeding ulcer"}], "authoredOn": "2026-01-02"})
    };
    let all = rows(&[
        order("active", "Ibuprofen"),
        order("on-hold", "Aspirin"),
        order("unknown", "Naproxen"),
        order("stopped", "Ketorolac"),
        order("entered-in-error", "Wrong"),
        json!({"resourceType": "MedicationRequest", "status": "active", "intent": "order", "doNotPerform": false,
            "medicationCodeableConcept": {"text": "Paracetamol"}}),
    ]);
    let medicines = Medicines::of(&all, &reading());
    let names = |list: &[super::medicine::Medicine]| list.iter().map(|m| m.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&medicines.active), ["Paracetamol"]);
    assert_eq!(names(&medicines.withheld), ["Aspirin", "Ibuprofen", "Naproxen"]);
    assert_eq!(medicines.withheld[1].reason.as_deref(), Some("Bleeding ulcer"));
    assert!(medicines.held.is_empty() && medicines.unclear.is_empty());
    assert_eq!(
        (names(&medicines.stopped), medicines.stopped[0].status.as_str()),
        (vec!["Ketorolac".to_owned()], "Do not give (stopped)")
    );
    assert_eq!(names(&medicines.errors), ["Wrong"]);
    let told = super::timeline::events(&all[..1], &reading());
    assert_eq!((told[0].sort.as_str(), told[0].title.as_str()), ("Do not give", "Ibuprofen"));
}

#[test]
fn problems_stand_where_their_status_says() {
    let problem = |clinical: &str, verification: &str, category: &str, words: &str| {
        json!({"resourceType": "Condition", "clinicalStatus": code(clinical), "verificationStatus": code(verification),
            "category": [code(category)], "code": {"text": words}})
    };
    let problems = Problems::of(
        &rows(&[
            problem("active", "confirmed", "problem-list-item", "listed"),
            problem("active", "confirmed", "encounter-diagnosis", "visit"),
            problem("remission", "confirmed", "problem-list-item", "over"),
            problem("active", "refuted", "problem-list-item", "refuted"),
            json!({"resourceType": "Condition", "verificationStatus": code("entered-in-error"), "code": {"text": "wrong"}}),
            json!({"resourceType": "Condition", "clinicalStatus": code("active"), "code": {"text": "uncategorized"}}),
        ]),
        &reading(),
    );
    let words = |list: &[super::problem::Problem]| list.iter().map(|p| p.words.clone()).collect::<Vec<_>>();
    assert_eq!(words(&problems.active), ["listed", "uncategorized"]);
    assert_eq!(words(&problems.visit), ["visit"]);
    assert_eq!(words(&problems.resolved), ["over"]);
    assert_eq!(words(&problems.refuted), ["refuted"]);
    assert_eq!(words(&problems.errors), ["wrong"]);
}

#[test]
fn none_known_not_asked_and_listed_are_three_things() {
    let allergy = |concept: Value, status: &str| json!({"resourceType": "AllergyIntolerance", "code": concept, "clinicalStatus": code(status)});
    let of = |bodies: &[Value]| Allergies::of(&rows(bodies), &reading());
    assert_eq!(of(&[]).known, Known::NotAsked);
    let none = of(&[allergy(code("no-known-allergies"), "active")]);
    assert_eq!((none.known, none.denial().as_str()), (Known::None, "None known"));
    let drugs = of(&[allergy(json!({"coding": [{"code": "409137002"}], "text": "No known drug allergy"}), "active")]);
    assert_eq!((drugs.known, drugs.denial().as_str()), (Known::None, "No known drug allergy"));
    assert_eq!(
        of(&[allergy(code("no-allergy-info"), "active")]).known,
        Known::NotAsked,
        "no information is not an answer"
    );
    let listed = of(&[allergy(code("no-known-food-allergies"), "active"), allergy(json!({"text": "Latex"}), "active")]);
    assert_eq!((listed.known, listed.active.len(), listed.denied.len()), (Known::Listed, 1, 1));
    let over = of(&[allergy(json!({"text": "Latex"}), "resolved")]);
    assert_eq!((over.known, over.inactive.len()), (Known::NotAsked, 1), "a resolved allergy answers nothing about now");
    assert_eq!(over.ended().as_deref(), Some("None active; 1 ended"));
    assert_eq!((of(&[]).ended(), none.ended()), (None, None));
}

fn sodium(when: &str, value: &str, unit: &str) -> Value {
    let number: Value = serde_json::from_str(value).expect("number");
    json!({"resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "2951-2"}],
        "text": "Sodium"}, "effectiveDateTime": when, "valueQuantity": {"value": number, "unit": unit},
        "referenceRange": [{"low": {"value": 135, "unit": "mmol/L"}, "high": {"value": 145, "unit": "mmol/L"}}]})
}

#[test]
fn the_table_has_a_row_for_each_test_and_unit_and_a_column_for_each_time() {
    let all = rows(&[
        sodium("2026-01-02T08:00:00Z", "140", "mmol/L"),
        sodium("2026-01-03T08:00:00Z", "131", "mmol/L"),
        sodium("2026-01-02T08:00:00Z", "14.0", "mg/dL"),
    ]);
    let report = json!({"resourceType": "DiagnosticReport", "status": "final", "code": {"text": "Electrolytes"},
        "result": [{"reference": "Observation/r0"}, {"reference": "Observation/r1"}]});
    let reports = Report::all(&rows(&[report]), &reading());
    let grid = Grid::of(Observed::all(&all, &reading()), &reports, 10);
    let dates: Vec<_> = grid.columns.iter().map(|when| when.date.as_str()).collect();
    assert_eq!(dates, ["03-Jan-2026", "02-Jan-2026"]);
    let names: Vec<_> = grid.groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["Electrolytes", "Other results"]);
    let row = &grid.groups[0].rows[0];
    assert_eq!(
        (row.unit.as_str(), row.cells[0][0].flag(), row.cells[1][0].flag()),
        ("mmol/L", Flag::Low, Flag::Normal)
    );
    assert_eq!(grid.groups[1].rows[0].unit, "mg/dL", "another unit is another row");
    let one = Grid::of(Observed::all(&all, &reading()), &reports, 1);
    assert_eq!((one.columns.len(), one.older.is_some()), (1, true));
}

#[test]
fn a_trend_is_of_one_unit_and_counts_what_it_leaves_out() {
    let mut wrong = sodium("2026-01-05", "999", "mmol/L");
    wrong["status"] = json!("entered-in-error");
    let all = rows(&[
        sodium("2026-01-04", "150", "mmol/L"),
        sodium("2026-01-03", "14", "mg/dL"),
        sodium("2026-01-02", "140", "mmol/L"),
        wrong,
    ]);
    let trend = Trend::of(&Observed::all(&all, &reading()));
    let points: Vec<_> = trend.lines[0].points.iter().map(|point| (point.value, point.out)).collect();
    assert_eq!(points, [(140.0, false), (150.0, true)]);
    assert_eq!((trend.other_units, trend.band, trend.unit.as_str()), (1, (Some(135.0), Some(145.0)), "mmol/L"));
    assert_eq!(trend.spoken(), "last 2: 140 to 150 mmol/L, rising, 1 abnormal");
}

#[test]
fn a_blood_pressure_is_one_value() {
    let part = |code: &str, value: u32| json!({"code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "valueQuantity": {"value": value, "unit": "mmHg"}});
    let all = rows(&[json!({"resourceType": "Observation", "status": "final", "code": {"text": "Blood pressure"},
        "component": [part("8480-6", 146), part("8462-4", 79)]})]);
    let value = Observed::all(&all, &reading()).remove(0).main.value.expect("a value");
    assert_eq!(value.text, "146/79\u{a0}mmHg");
}

#[test]
fn a_past_chart_is_sliced_as_the_record_slices() {
    let all: Vec<_> = [
        sodium("2026-01-02", "1", "mmol/L"),
        sodium("2026-01-04", "2", "mmol/L"),
        sodium("2026-01-03", "3", "mmol/L"),
        json!({"resourceType": "Condition", "code": {"text": "x"}}),
    ]
    .iter()
    .enumerate()
    .map(|(id, body)| stored(id, body))
    .collect();
    let past = Past::of(all, &reading().clock);
    let ids = |slice: &Slice| past.slice(slice).rows.iter().map(|row| row.key.id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(&Slice::all(Kind::OBSERVATION)), ["r1", "r2", "r0"]);
    assert_eq!(ids(&Slice::newest(Kind::OBSERVATION, 1)), ["r1"]);
    let codes = vec![("http://loinc.org".to_owned(), "2951-2".to_owned())];
    assert_eq!(ids(&Slice { codes, ..Slice::newest(Kind::OBSERVATION, 2) }), ["r1", "r2"]);
    let other = vec![("http://loinc.org".to_owned(), "718-7".to_owned())];
    assert!(ids(&Slice { codes: other, ..Slice::all(Kind::OBSERVATION) }).is_empty());
    let after = fhir::Id::parse("r1").ok();
    assert_eq!(ids(&Slice { continue_after: after, ..Slice::all(Kind::OBSERVATION) }), ["r2", "r0"]);
    assert_eq!(past.slice(&Slice::newest(Kind::OBSERVATION, 1)).total, 3);
}
