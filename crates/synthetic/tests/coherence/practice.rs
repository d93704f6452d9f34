//! The practice as a whole: its references, its size, its sameness.

use crate::{TODAY, demo, kind, references, text};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use synthetic::{Depth, Practice, transaction};

fn digest(practice: &Practice) -> String {
    let mut all = transaction(practice.directory()).to_string();
    for chart in practice.charts() {
        all.push_str(&transaction(chart.resources).to_string());
    }
    all
}

#[test]
fn every_reference_resolves_in_the_patient_or_the_practice() {
    let (practice, charts) = demo();
    let name = |r: &Value| format!("{}/{}", kind(r), text(r, "/id"));
    let directory = practice.directory();
    let shared: HashSet<String> = directory.iter().map(name).collect();
    assert_eq!(shared.len(), directory.len(), "directory ids are unique");
    let mut all_ids = HashSet::new();
    for chart in charts {
        let own: HashSet<String> = chart.resources.iter().map(name).collect();
        assert_eq!(own.len(), chart.resources.len());
        for resource in chart.resources.iter().chain(&directory) {
            let mut found = Vec::new();
            references(resource, &mut found);
            for target in found {
                assert!(own.contains(&target) || shared.contains(&target), "{} refers to {target}", name(resource));
            }
        }
        for id in own {
            assert!(all_ids.insert(id), "an id is used in two charts");
        }
    }
}

#[test]
fn the_same_seed_and_day_give_the_same_practice_byte_for_byte() {
    let one = digest(&Practice::new(5, TODAY, 40, Depth::Demo));
    assert_eq!(one, digest(&Practice::new(5, TODAY, 40, Depth::Demo)));
    assert_ne!(one, digest(&Practice::new(6, TODAY, 40, Depth::Demo)));
    // A chart does not depend on which were made before it.
    let practice = Practice::new(5, TODAY, 40, Depth::Demo);
    assert_eq!(practice.chart(33).resources, practice.charts().nth(33).unwrap().resources);
}

#[test]
fn charts_have_the_size_their_depth_promises() {
    let scale = Practice::new(11, TODAY, 600, Depth::Scale);
    let (mut count, mut bytes) = (0, 0);
    for chart in scale.charts() {
        count += chart.resources.len();
        bytes += chart.resources.iter().map(|r| r.to_string().len()).sum::<usize>();
    }
    let mean = count as f64 / 600.0;
    println!("scale: {mean:.1} resources a patient, {} bytes a resource", bytes / count);
    assert!((25.0..=35.0).contains(&mean), "{mean:.1} resources a patient");
    let (_, charts) = demo();
    let count: usize = charts.iter().map(|c| c.resources.len()).sum();
    let bytes: usize = charts.iter().flat_map(|c| &c.resources).map(|r| r.to_string().len()).sum();
    let mut kinds = BTreeMap::new();
    for resource in charts.iter().flat_map(|c| &c.resources) {
        *kinds.entry(kind(resource)).or_insert(0) += 1;
    }
    println!("demo: {} resources a patient, {} bytes a resource; {kinds:?}", count / charts.len(), bytes / count);
}

#[test]
fn the_big_chart_has_exactly_its_size_and_refers_only_to_itself_and_the_directory() {
    let (practice, _) = demo();
    let mut known: HashSet<String> =
        practice.directory().iter().map(|r| format!("{}/{}", kind(r), text(r, "/id"))).collect();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for part in practice.big_chart() {
        assert_eq!(part.patient, practice.big_patient());
        for resource in &part.resources {
            *kinds.entry(kind(resource).to_owned()).or_default() += 1;
            assert!(known.insert(format!("{}/{}", kind(resource), text(resource, "/id"))), "an id twice");
        }
        for resource in &part.resources {
            let mut found = Vec::new();
            references(resource, &mut found);
            for target in found {
                assert!(known.contains(&target), "{} refers to {target}", kind(resource));
            }
        }
    }
    assert_eq!(kinds["Patient"], 1);
    assert_eq!(kinds["Encounter"], synthetic::BIG_VISITS);
    assert_eq!(kinds["Observation"], synthetic::BIG_OBSERVATIONS);
    assert_eq!(kinds["DocumentReference"], synthetic::BIG_DOCUMENTS);
}

#[test]
fn the_big_chart_is_the_same_beside_a_small_and_a_large_practice() {
    let part = |depth, patients| {
        let practice = Practice::new(11, TODAY, patients, depth);
        practice.big_chart().nth(7).map(|part| part.resources)
    };
    let demo = part(Depth::Demo, 3);
    assert!(demo.is_some());
    assert_eq!(demo, part(Depth::Scale, 100_000));
}
