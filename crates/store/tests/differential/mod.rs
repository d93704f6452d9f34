//! Random searches over realistic charts: a database answers what a plain reading of the index entries answers.
//!
//! The charts are synthetic ones of our own and, where the shared data is at hand, Synthea's and US Core's examples. The plain reading
//! shares the parsed query and the index entries with the database, and nothing else. Each database's own test
//! (`search_differential.rs`) brings an empty store.

mod asking;
mod reading;
#[path = "../../../fhir/tests/shared/mod.rs"]
mod shared;
mod us_core;

use asking::{Rng, composite, condition, linked};
use bytes::Bytes;
use fhir::index::Index;
use fhir::search::query::{Sort, SortKey};
use fhir::search::{Handling, Query, parameters};
use fhir::{Id, Key, Kind};
use jiff::Timestamp;
use reading::meets;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use store::audit::Entry;
use store::record::{Change, Commit, NewVersion, Write};
use store::{Actor, KindSet, Permit, Scope, Store, WritePermit};
use us_core::{US_CORE, own};
use uuid::Uuid;

type World = BTreeMap<String, (Key, Index)>;

/// The resources of a bundle, their references by `fullUrl` made relative; a resource by itself as it is.
fn resources(bytes: &[u8]) -> Vec<Value> {
    let Ok(mut text) = String::from_utf8(bytes.to_vec()) else { return Vec::new() };
    let value: Value = serde_json::from_str(&text).expect("JSON");
    let Some(entries) = value["entry"].as_array() else { return vec![value] };
    for entry in entries {
        let (url, kind, id) = (&entry["fullUrl"], &entry["resource"]["resourceType"], &entry["resource"]["id"]);
        if let (Some(url), Some(kind), Some(id)) = (url.as_str(), kind.as_str(), id.as_str()) {
            text = text.replace(&format!("\"{url}\""), &format!("\"{kind}/{id}\""));
        }
    }
    let mut value: Value = serde_json::from_str(&text).expect("JSON");
    value["entry"].as_array_mut().into_iter().flatten().map(|entry| entry["resource"].take()).collect()
}

/// Some of Synthea's charts and US Core's examples, where the shared data is at hand.
fn shared_charts() -> Vec<Value> {
    let (mut all, mut bundles) = (Vec::new(), 0);
    shared::each_json("synthetic/smart-synthea-r4-100pts.tar.xz", |name, bytes| {
        if bundles < 3 && name.contains("SYNTHEA") {
            bundles += 1;
            all.extend(resources(bytes));
        }
    });
    shared::each_json("fhir/us_core_610.tgz", |name, bytes| {
        if name.starts_with("package/example/") {
            all.extend(resources(bytes));
        }
    });
    all
}

fn load(world: &mut World, resources: &[Value]) -> Vec<Write> {
    let mut writes = Vec::new();
    for value in resources {
        let Some(kind) = value["resourceType"].as_str().and_then(Kind::parse) else { continue };
        let Some(id) = value["id"].as_str().and_then(|id| Id::parse(id).ok()) else { continue };
        let key = Key::new(kind, id);
        let index = Index::of(kind, value);
        if world.insert(key.to_string(), (key.clone(), index.clone())).is_none() {
            let body = Bytes::from(serde_json::to_vec(value).expect("JSON"));
            writes.push(Write {
                key,
                based_on: None,
                change: Change::Put(NewVersion { body, index, find_keys: Vec::new() }),
            });
        }
    }
    writes
}

async fn practice(db: &dyn Store) -> World {
    let mut world = World::new();
    let practice = synthetic::Practice::new(3, jiff::civil::date(2026, 11, 22), 6, synthetic::Depth::Demo);
    let mut resources = practice.directory();
    resources.extend(practice.charts().flat_map(|chart| chart.resources));
    resources.extend(shared_charts());
    let writes = load(&mut world, &resources);
    let at = Timestamp::UNIX_EPOCH;
    let audit = Entry::new(at, Uuid::nil(), Actor::program("test"), "test");
    let permit = WritePermit::grant(Actor::program("test"), KindSet::ALL, Scope::Practice);
    let commit = Commit { at, writes, unchanged: Vec::new(), exist: Vec::new(), draft: None, idempotency: None, audit };
    db.commit(&permit, commit).await.expect("stored");
    world
}

pub async fn every_us_core_search_finds_what_it_names(db: &dyn Store) {
    let world = practice(db).await;
    let (mut tried, mut without) = (0, Vec::new());
    for (kind, searches) in US_CORE {
        let kind = Kind::parse(kind).expect("a type");
        let of_kind: Vec<&(Key, Index)> = world.values().filter(|at| at.0.kind == kind).collect();
        for search in searches.split(' ') {
            let with_values = of_kind.iter().filter_map(|at| {
                let pairs: Option<Vec<(String, String)>> =
                    search.split('+').map(|code| Some((code.to_owned(), own(at, code)?))).collect();
                Some((*at, pairs?))
            });
            let mut found_some = false;
            for (at, pairs) in with_values.take(3) {
                let (mut query, _) =
                    Query::parse(kind, &pairs, Handling::Strict, Timestamp::UNIX_EPOCH).expect("supported");
                query.total = true;
                let found = through_pages(db, &query).await;
                assert!(found.contains(at.0.id.as_str()), "{kind}?{pairs:?} finds what it was made of");
                let met = of_kind.iter().filter(|r| query.filters.iter().all(|f| meets(&world, r, f)));
                assert_eq!(found, met.map(|r| r.0.id.to_string()).collect(), "{kind}?{pairs:?}");
                found_some = true;
                tried += 1;
            }
            // Types that no chart here has are at least understood.
            for code in search.split('+') {
                assert!(code == "_id" || parameters::named(kind, code).is_some(), "{kind} has {code}");
            }
            if !found_some {
                without.push(format!("{kind}?{search}"));
            }
        }
    }
    println!("{tried} searches; no value at hand for: {}", without.join(" "));
}

pub async fn random_searches_answer_what_a_plain_reading_answers(db: &dyn Store) {
    let world = practice(db).await;
    let at = Timestamp::UNIX_EPOCH;
    let all: Vec<&(Key, Index)> = world.values().collect();
    let rounds: u64 = std::env::var("CHARTROOM_SEARCHES").ok().and_then(|n| n.parse().ok()).unwrap_or(80);
    let (mut asked, mut answered) = (0, 0);
    for seed in 0..rounds {
        let mut rng = Rng(seed);
        let about = *rng.pick(&all);
        let mut pairs = Vec::new();
        for _ in 0..=rng.below(3) {
            pairs.extend(match rng.below(8) {
                0 => linked(&mut rng, &world, about),
                1 if about.0.kind == Kind::OBSERVATION => composite(&mut rng, about),
                _ => condition(&mut rng, about),
            });
        }
        if rng.below(3) == 0 {
            pairs.push(("_sort".to_owned(), rng.pick(&["_id", "-_lastUpdated", "_lastUpdated"]).to_string()));
        }
        if pairs.is_empty() {
            continue;
        }
        let Ok((mut query, _)) = Query::parse(about.0.kind, &pairs, Handling::Strict, at) else { continue };
        query.count = *rng.pick(&[3, 17, 1000]);
        query.total = true;
        let found = through_pages(db, &query).await;
        let expected: BTreeSet<String> = all
            .iter()
            .filter(|r| r.0.kind == query.kind && query.filters.iter().all(|f| meets(&world, r, f)))
            .map(|r| r.0.id.to_string())
            .collect();
        assert_eq!(found, expected, "seed {seed}: {}?{pairs:?}", about.0.kind);
        asked += 1;
        answered += usize::from(!expected.is_empty());
    }
    println!("{asked} searches over {} resources, {answered} with answers", all.len());
    assert!(asked > 50 || rounds < 80, "the searches must be sound");
}

/// The ids of all matches, page by page: each once, as many as the total tells, in the order asked for.
async fn through_pages(db: &dyn Store, query: &Query) -> BTreeSet<String> {
    let permit = Permit::grant(Actor::program("test"), KindSet::ALL, Scope::Practice);
    let (mut found, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = db.search(&permit, query, cursor.as_deref()).await.expect("an answer");
        let page = page.for_decision();
        found.extend(page.matches.iter().map(|m| (m.key.id.to_string(), m.sequence)));
        cursor = page.next.clone();
        if cursor.is_none() {
            let ids: BTreeSet<String> = found.iter().map(|(id, _)| id.clone()).collect();
            assert_eq!(found.len(), ids.len(), "nothing is answered twice");
            assert_eq!(page.total, Some(found.len() as u64), "the total is what the pages hold");
            assert!(in_order(&found, &query.sort), "{:?}: {found:?}", query.sort);
            return ids;
        }
    }
}

fn in_order(found: &[(String, u64)], sort: &[Sort]) -> bool {
    match sort {
        // Ids of one form; where the other form stands, before or after, is each database's own.
        [Sort { by: SortKey::Id, descending: false }] => [true, false].iter().all(|uuid| {
            let of_form = found.iter().filter(|(id, _)| Uuid::try_parse(id).is_ok() == *uuid);
            of_form.is_sorted_by_key(|(id, _)| id)
        }),
        [Sort { by: SortKey::Updated, descending }] => {
            let mut sequences: Vec<u64> = found.iter().map(|(_, sequence)| *sequence).collect();
            if *descending {
                sequences.reverse();
            }
            sequences.is_sorted()
        }
        _ => true,
    }
}
