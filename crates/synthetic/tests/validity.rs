//! Every resource is valid R4 in the eyes of the validator that guards the store.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests")]

use fhir::Kind;
use fhir::validate::validate;
use jiff::civil::date;
use serde_json::Value;
use synthetic::{Depth, Practice, transaction};

/// Checks each as the store would meet it: parsed from text.
fn check<'a>(resources: impl Iterator<Item = &'a Value>) -> usize {
    let mut count = 0;
    for resource in resources {
        let body: Value = serde_json::from_str(&resource.to_string()).unwrap();
        let kind = Kind::parse(body["resourceType"].as_str().unwrap()).unwrap();
        let issues = validate(kind, &body);
        assert!(issues.is_empty(), "{issues:#?}\nin {body:#}");
        count += 1;
    }
    count
}

#[test]
fn sixty_demo_patients_and_the_directory_are_valid() {
    let practice = Practice::new(23, date(2026, 11, 23), 60, Depth::Demo);
    check(practice.directory().iter());
    let count: usize = practice.charts().map(|chart| check(chart.resources.iter())).sum();
    assert!(count > 4_000, "only {count} resources");
}

#[test]
fn scaled_patients_and_their_bundles_are_valid() {
    let practice = Practice::new(23, date(2026, 11, 23), 120, Depth::Scale);
    for chart in practice.charts() {
        check([transaction(chart.resources)].iter());
    }
}

#[test]
fn the_first_two_thousand_resources_of_the_big_chart_are_valid() {
    let practice = Practice::new(23, date(2026, 11, 23), 1, Depth::Scale);
    let first: Vec<Value> = practice.big_chart().flat_map(|part| part.resources).take(2_000).collect();
    assert_eq!(check(first.iter()), 2_000);
}
