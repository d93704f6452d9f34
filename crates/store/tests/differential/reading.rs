//! The plain reading: what a search finds, by its filters and the index entries alone.

use super::World;
use fhir::index::Index;
use fhir::search::fold::words;
use fhir::search::parameters::{self, Definition, Param, ValueType};
use fhir::search::query::{DateTest, Filter, QuantityTest, Test, TextTest, TokenTest, further_patients};
use fhir::{Key, units};
use std::collections::BTreeSet;

pub(super) fn meets(world: &World, at: &(Key, Index), filter: &Filter) -> bool {
    match filter {
        Filter::Compartment(patient) => {
            let further = further_patients(at.0.kind)
                .any(|param| at.1.references.iter().any(|found| found.param == param && found.target == patient.key()));
            further || at.1.patient.as_ref() == Some(patient)
        }
        Filter::Ids(ids) => ids.contains(&at.0.id),
        Filter::Updated(any) => any.iter().any(|test| test.meets(fhir::search::period::Period { from: 0, until: 1 })),
        Filter::Missing { param, missing } => has_value(at, definition(*param)) != *missing,
        Filter::Match { param, not, any } => {
            let asked = definition(*param);
            let found = any.iter().any(|test| asked.stored.iter().any(|stored| !parts(at, *stored, test).is_empty()));
            found != *not
        }
        Filter::Composite { param, any } => any.iter().any(|tests| {
            definition(*param).components.iter().any(|pair| {
                let first = parts(at, pair[0], &tests[0]);
                let second = parts(at, pair[1], &tests[1]);
                first.intersection(&second).next().is_some()
            })
        }),
        Filter::Chain { param, any } => targets(at, definition(*param)).iter().any(|target| {
            let named = world.get(&target.to_string());
            named.is_some_and(|named| any.iter().any(|(kind, f)| named.0.kind == *kind && meets(world, named, f)))
        }),
        Filter::Has { param, filter } => {
            let asked = definition(*param);
            let mut others = world.values().filter(|other| other.0.kind == asked.kind);
            others.any(|other| targets(other, asked).contains(&at.0) && meets(world, other, filter))
        }
        Filter::Narrative(any) => any.iter().any(|all| holds(&at.1.narrative, all)),
        Filter::Content(any) => {
            let text = format!("{}\n{}", at.1.narrative, at.1.content);
            any.iter().any(|all| holds(&text, all))
        }
    }
}

fn holds(text: &str, all: &[String]) -> bool {
    let there: BTreeSet<String> = words(text).into_iter().collect();
    all.iter().all(|word| there.contains(word))
}

pub(super) fn definition(param: Param) -> &'static Definition {
    parameters::numbered(param).expect("a parameter")
}

pub(super) fn targets(at: &(Key, Index), asked: &Definition) -> Vec<Key> {
    let mut all: Vec<Key> = Vec::new();
    for stored in &asked.stored {
        let rows = at.1.references.iter().filter(|r| r.param == *stored).map(|r| r.target.clone());
        all.extend(rows.filter(|target| asked.only.is_none_or(|only| only == target.kind)));
        if definition(*stored).compartment {
            all.extend(at.1.patient.as_ref().map(fhir::PatientId::key));
        }
    }
    all
}

fn has_value(at: &(Key, Index), asked: &Definition) -> bool {
    let index = &at.1;
    asked.stored.iter().any(|p| match asked.value {
        ValueType::Token => index.tokens.iter().any(|row| row.param == *p),
        ValueType::String => index.strings.iter().any(|row| row.param == *p),
        ValueType::Date => index.dates.iter().any(|row| row.param == *p),
        ValueType::Quantity => index.quantities.iter().any(|row| row.param == *p),
        ValueType::Uri | ValueType::Composite => index.uris.iter().any(|row| row.param == *p),
        ValueType::Reference => {
            let elsewhere = asked.only.is_none()
                && (index.uris.iter().any(|row| row.param == *p) || index.tokens.iter().any(|row| row.param == *p));
            !targets(at, asked).is_empty() || elsewhere
        }
    })
}

/// The repetitions in which a stored parameter's values meet a test.
fn parts(at: &(Key, Index), param: Param, test: &Test) -> BTreeSet<u16> {
    let index = &at.1;
    match test {
        Test::Token(t) | Test::Identifier(t) => {
            index.tokens.iter().filter(|row| row.param == param && token(row, t)).map(|row| row.part).collect()
        }
        Test::Words(text) => {
            let said = |row: &&fhir::index::Token| {
                row.param == param && (row.text.starts_with(text) || row.text.contains(&format!(" {text}")))
            };
            index.tokens.iter().filter(said).map(|row| row.part).collect()
        }
        Test::Text(t) => {
            let matches = |row: &&fhir::index::Text| {
                row.param == param
                    && match t {
                        TextTest::Begins(text) => row.folded.starts_with(text),
                        TextTest::Contains(text) => row.folded.contains(text),
                        TextTest::Exact(text) => row.exact == *text,
                    }
            };
            index.strings.iter().filter(matches).map(|row| row.part).collect()
        }
        Test::Date(t) => {
            let rows = index.dates.iter().filter(|row| row.param == param && DateTest::meets(t, row.period));
            rows.map(|row| row.part).collect()
        }
        Test::Quantity(t) => {
            index.quantities.iter().filter(|row| row.param == param && quantity(row, t)).map(|row| row.part).collect()
        }
        Test::Reference(keys) => {
            let mut found: BTreeSet<u16> = index
                .references
                .iter()
                .filter(|row| row.param == param && keys.contains(&row.target))
                .map(|row| row.part)
                .collect();
            let chart = index.patient.as_ref().map(fhir::PatientId::key);
            if definition(param).compartment && chart.is_some_and(|chart| keys.contains(&chart)) {
                found.insert(0);
            }
            found
        }
        Test::Uri(uri) => {
            index.uris.iter().filter(|row| row.param == param && row.uri == *uri).map(|row| row.part).collect()
        }
    }
}

fn token(row: &fhir::index::Token, test: &TokenTest) -> bool {
    let system = match (&test.system, &row.system) {
        (None, _) | (_, None) => true,
        (Some(asked), Some(system)) => asked == system,
    };
    system && test.code.as_ref().is_none_or(|code| *code == row.code)
}

fn quantity(row: &fhir::index::Quantity, test: &QuantityTest) -> bool {
    let Some(unit) = &test.unit else { return test.meets(row.low, row.high) };
    let same = match &unit.system {
        Some(system) => row.system == *system && (unit.code.is_empty() || row.code == unit.code),
        None => row.code == unit.code || row.unit == unit.code,
    };
    if same {
        return test.meets(row.low, row.high);
    }
    // The bounds asked for, in the row's own unit.
    let ucum = "http://unitsofmeasure.org";
    let convert = |value: f64| units::convert(&value.to_string(), &unit.code, &row.code).ok()?.parse::<f64>().ok();
    let asked = || {
        let unit = None;
        Some(QuantityTest {
            value: convert(test.value)?,
            low: convert(test.low)?,
            high: convert(test.high)?,
            unit,
            ..*test
        })
    };
    unit.system.as_deref() == Some(ucum)
        && row.system == ucum
        && asked().is_some_and(|asked| asked.meets(row.low, row.high))
}
