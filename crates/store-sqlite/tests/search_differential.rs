//! Random searches over realistic charts: the database answers what a plain reading of the index entries answers.
//!
//! The charts are synthetic ones of our own and, where the shared data is at hand, Synthea's and US Core's examples. The plain reading below shares the parsed
//! query and the index entries with the database, and nothing else.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use bytes::Bytes;
use fhir::index::Index;
use fhir::search::fold::words;
use fhir::search::parameters::{self, Definition, Param, ValueType};
use fhir::search::query::{DateTest, Filter, QuantityTest, Test, TextTest, TokenTest, further_patients};
use fhir::search::{Handling, Query};
use fhir::{Id, Key, Kind, units};
use jiff::Timestamp;
use ring::rand::SystemRandom;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use store::audit::Entry;
use store::record::{Change, Commit, NewVersion, Record, Write};
use store::{Actor, KindSet, Permit, Scope, WritePermit};
use store_sqlite::{Db, Options, key};
use uuid::Uuid;

#[path = "../../fhir/tests/shared/mod.rs"]
mod shared;

type World = BTreeMap<String, (Key, Index)>;

// ---- the plain reading

fn meets(world: &World, at: &(Key, Index), filter: &Filter) -> bool {
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

fn definition(param: Param) -> &'static Definition {
    parameters::numbered(param).expect("a parameter")
}

fn targets(at: &(Key, Index), asked: &Definition) -> Vec<Key> {
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

// ---- random searches, made of what is there

struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        // SplitMix64 (Steele, Lea, Flood 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % u64::try_from(n.max(1)).expect("small")) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace(',', "\\,").replace('|', "\\|").replace('$', "\\$")
}

const PREFIXES: [&str; 10] = ["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];

/// One condition that this resource has something to do with.
fn condition(rng: &mut Rng, at: &(Key, Index)) -> Option<(String, String)> {
    let index = &at.1;
    let code = |p: Param| definition(p).code;
    Some(match rng.below(9) {
        0 | 1 if !index.tokens.is_empty() => {
            let row = rng.pick(&index.tokens);
            let (code, system) = (code(row.param), row.system.clone().unwrap_or_default());
            if definition(row.param).value == ValueType::Reference {
                (format!("{code}:identifier"), format!("{}|{}", escape(&system), escape(&row.code)))
            } else {
                match rng.below(6) {
                    0 => (format!("{code}:missing"), rng.pick(&["true", "false"]).to_string()),
                    1 if !row.text.is_empty() => {
                        (format!("{code}:text"), escape(&row.text.chars().take(1 + rng.below(9)).collect::<String>()))
                    }
                    2 if !row.code.is_empty() => (format!("{code}:not"), escape(&row.code)),
                    3 if !row.code.is_empty() && !system.is_empty() => {
                        (code.to_owned(), format!("{}|{}", escape(&system), escape(&row.code)))
                    }
                    4 if !system.is_empty() => (code.to_owned(), format!("{}|", escape(&system))),
                    _ if !row.code.is_empty() => (code.to_owned(), format!("{},nothing", escape(&row.code))),
                    _ => return None,
                }
            }
        }
        2 if !index.strings.is_empty() => {
            let row = rng.pick(&index.strings);
            let code = code(row.param);
            match rng.below(4) {
                _ if definition(row.param).phonetic => return None,
                0 => (format!("{code}:exact"), escape(&row.exact)),
                1 => (format!("{code}:contains"), escape(&row.folded.chars().skip(1).take(3).collect::<String>())),
                2 => (format!("{code}:missing"), rng.pick(&["true", "false"]).to_string()),
                _ => (code.to_owned(), escape(&row.folded.chars().take(1 + rng.below(6)).collect::<String>())),
            }
        }
        3 | 4 if !index.dates.is_empty() => {
            let row = rng.pick(&index.dates);
            let at = Timestamp::from_microsecond(row.period.from).ok()?.to_string();
            let length = *rng.pick(&[4, 7, 10, 20]);
            let written = at.get(..length.min(at.len()))?;
            let written = if length == 20 && !written.ends_with('Z') { at.get(..10)? } else { written };
            (code(row.param).to_owned(), format!("{}{written}", rng.pick(&PREFIXES)))
        }
        5 if !index.quantities.is_empty() => {
            let row = rng.pick(&index.quantities);
            let number = match rng.below(3) {
                0 => format!("{:.0}", row.low),
                1 => format!("{:.2}", row.low),
                _ => format!("{}", row.low + 1.0),
            };
            let unit = match rng.below(3) {
                0 => String::new(),
                1 => format!("||{}", escape(&row.code)),
                _ => format!("|{}|{}", escape(&row.system), escape(&row.code)),
            };
            (code(row.param).to_owned(), format!("{}{number}{unit}", rng.pick(&PREFIXES)))
        }
        6 if !index.references.is_empty() => {
            let row = rng.pick(&index.references);
            match rng.below(3) {
                0 => (code(row.param).to_owned(), row.target.id.to_string()),
                1 => (format!("{}:missing", code(row.param)), rng.pick(&["true", "false"]).to_string()),
                _ => (code(row.param).to_owned(), row.target.to_string()),
            }
        }
        7 => {
            let patient = index.patient.as_ref().filter(|_| at.0.kind != Kind::PATIENT)?;
            let name = ["patient", "subject"].into_iter().find(|n| parameters::named(at.0.kind, n).is_some())?;
            (name.to_owned(), format!("Patient/{patient}"))
        }
        8 if !index.content.is_empty() => {
            let there = words(&index.content);
            if there.is_empty() {
                return None;
            }
            ("_content".to_owned(), rng.pick(&there).clone())
        }
        _ => return None,
    })
}

/// A chain or `_has` around a condition of something near.
fn linked(rng: &mut Rng, world: &World, at: &(Key, Index)) -> Option<(String, String)> {
    if rng.below(2) == 0 {
        let row = at.1.references.get(rng.below(at.1.references.len()))?;
        let target = world.get(&row.target.to_string())?;
        let (name, value) = condition(rng, target)?;
        Some((format!("{}:{}.{name}", definition(row.param).code, target.0.kind), value))
    } else {
        let patient = at.1.patient.as_ref().filter(|_| at.0.kind == Kind::PATIENT)?;
        let mut mine: Vec<_> = world
            .values()
            .filter(|o| o.1.patient.as_ref() == Some(patient) && parameters::named(o.0.kind, "patient").is_some())
            .collect();
        mine.retain(|other| other.0.kind != Kind::PATIENT);
        let other = *rng.pick(&mine);
        let (name, value) = condition(rng, other)?;
        Some((format!("_has:{}:patient:{name}", other.0.kind), value))
    }
}

/// A composite of two values of one repetition, or of two that do not belong together.
fn composite(rng: &mut Rng, at: &(Key, Index)) -> Option<(String, String)> {
    let value = at.1.quantities.get(rng.below(at.1.quantities.len()))?;
    let codes: Vec<_> =
        at.1.tokens.iter().filter(|t| ["code", "component-code"].contains(&definition(t.param).code)).collect();
    let code = rng.pick(&codes);
    let name = *rng.pick(&["code-value-quantity", "component-code-value-quantity", "combo-code-value-quantity"]);
    parameters::named(at.0.kind, name)?;
    Some((name.to_owned(), format!("{}${}{:.0}", escape(&code.code), rng.pick(&["", "gt", "le"]), value.low)))
}

/// US Core 6.1.0, CapabilityStatement us-core-server: each type's parameters and combinations (`+`), SHALL and SHOULD alike.
const US_CORE: &[(&str, &str)] = &[
    ("AllergyIntolerance", "clinical-status patient patient+clinical-status"),
    (
        "CarePlan",
        "category date patient status patient+category+status patient+category+status+date patient+category patient+category+date",
    ),
    ("CareTeam", "patient status role patient+status patient+role"),
    (
        "Condition",
        "category clinical-status patient onset-date asserted-date recorded-date abatement-date code encounter patient+recorded-date patient+asserted-date patient+category+clinical-status patient+onset-date patient+abatement-date patient+clinical-status patient+category+encounter patient+code patient+category",
    ),
    ("Coverage", "patient"),
    ("Device", "patient type status patient+type patient+status"),
    (
        "DiagnosticReport",
        "status patient category code date patient+code+date patient+status patient+category+date patient+category patient+code",
    ),
    (
        "DocumentReference",
        "_id status patient category type date period patient+type patient+status patient+type+period patient+category+date patient+category",
    ),
    (
        "Encounter",
        "_id class date identifier patient location status type discharge-disposition patient+type patient+class patient+status patient+date patient+location patient+discharge-disposition",
    ),
    (
        "Goal",
        "lifecycle-status patient target-date description patient+target-date patient+description patient+lifecycle-status",
    ),
    ("Immunization", "patient status date patient+date patient+status"),
    ("Location", "name address address-city address-state address-postalcode"),
    ("MedicationDispense", "status type patient patient+status+type patient+status"),
    (
        "MedicationRequest",
        "status intent patient encounter authoredon patient+intent+encounter patient+intent+status patient+intent+authoredon patient+intent",
    ),
    (
        "Observation",
        "status category code date patient patient+code+date patient+category+status patient+category+date patient+category patient+code",
    ),
    ("Organization", "name address"),
    (
        "Patient",
        "_id birthdate death-date family gender given identifier name birthdate+family family+gender birthdate+name gender+name death-date+family",
    ),
    ("Practitioner", "_id name identifier"),
    ("PractitionerRole", "specialty practitioner"),
    ("Procedure", "status patient date code patient+code+date patient+status patient+date"),
    (
        "QuestionnaireResponse",
        "_id patient status authored questionnaire patient+questionnaire patient+authored patient+status",
    ),
    ("RelatedPerson", "_id patient name patient+name"),
    (
        "ServiceRequest",
        "status patient category code authored _id patient+category+authored patient+status patient+category patient+code+authored patient+code",
    ),
    ("Specimen", "_id patient"),
];

/// A condition by this parameter that this resource meets; none when it has no value of it.
fn own(at: &(Key, Index), code: &str) -> Option<String> {
    if code == "_id" {
        return Some(at.0.id.to_string());
    }
    let asked = parameters::named(at.0.kind, code).unwrap_or_else(|| panic!("{} has {code}", at.0.kind));
    let index = &at.1;
    match asked.value {
        ValueType::Reference => targets(at, asked)
            .first()
            .map(ToString::to_string)
            .or_else(|| index.uris.iter().find(|row| asked.stored.contains(&row.param)).map(|row| escape(&row.uri))),
        ValueType::Token => {
            index.tokens.iter().find(|row| asked.stored.contains(&row.param) && !row.code.is_empty()).map(|row| {
                format!(
                    "{}{}",
                    row.system.as_ref().map(|s| format!("{}|", escape(s))).unwrap_or_default(),
                    escape(&row.code)
                )
            })
        }
        ValueType::String => {
            index.strings.iter().find(|row| asked.stored.contains(&row.param)).map(|row| escape(&row.folded))
        }
        ValueType::Date => {
            let row = index.dates.iter().find(|row| asked.stored.contains(&row.param))?;
            let day = Timestamp::from_microsecond(row.period.from).ok()?.to_string();
            Some(format!("ge{}", day.get(..10)?))
        }
        _ => None,
    }
}

// ---- the two side by side

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

async fn practice() -> (tempfile::TempDir, Db, World) {
    let dir = tempfile::tempdir().expect("a folder");
    let random = SystemRandom::new();
    let secret = key::create_key_file(&dir.path().join("key"), &random).expect("a key file");
    let (key, _) = key::create(dir.path(), &secret, &random).expect("keys");
    let db = Db::create(dir.path(), &key, &Options { reserve: 4096, ..Options::default() }).expect("a database");
    let mut world = World::new();
    let practice = synthetic::Practice::new(3, jiff::civil::date(2026, 11, 22), 6, synthetic::Depth::Demo);
    let mut resources = practice.directory();
    resources.extend(practice.charts().flat_map(|chart| chart.resources));
    resources.extend(shared_charts());
    let writes = load(&mut world, &resources);
    let at = Timestamp::UNIX_EPOCH;
    let audit = Entry::new(at, Uuid::nil(), Actor::program("test"), "test");
    let permit = WritePermit::grant(Actor::program("test"), KindSet::ALL, Scope::Practice);
    let commit = Commit { at, writes, unchanged: Vec::new(), exist: Vec::new(), idempotency: None, audit };
    db.commit(&permit, commit).await.expect("stored");
    (dir, db, world)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_us_core_search_finds_what_it_names() {
    let (_dir, db, world) = practice().await;
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
                let found = through_pages(&db, &query).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_searches_answer_what_a_plain_reading_answers() {
    let (_dir, db, world) = practice().await;
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
        let found = through_pages(&db, &query).await;
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

async fn through_pages(db: &Db, query: &Query) -> BTreeSet<String> {
    let permit = Permit::grant(Actor::program("test"), KindSet::ALL, Scope::Practice);
    let (mut found, mut cursor, mut count) = (BTreeSet::new(), None::<String>, 0);
    loop {
        let page = db.search(&permit, query, cursor.as_deref()).await.expect("an answer");
        let page = page.for_decision();
        count += page.matches.len();
        found.extend(page.matches.iter().map(|m| m.key.id.to_string()));
        cursor = page.next.clone();
        if cursor.is_none() {
            assert_eq!(count, found.len(), "nothing is answered twice");
            assert_eq!(page.total, Some(count as u64), "the total is what the pages hold");
            return found;
        }
    }
}
