//! US Core 6.1: every search parameter and combination it publishes, asked over its own examples. What should be found is read out of
//! the examples here, by a reading of the published expressions of this test's own.

use crate::us_core_values::{Value as Found, values};
use chartroom_tests::{Client, Practice};
use fhir::Kind;
use fhir::search::parameters;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The package, unpacked; `None` where it is not at hand.
fn package(into: &Path) -> Option<PathBuf> {
    let shared = std::env::var_os("CHARTROOM_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    let archive = shared.join("data/fhir/us_core_610.tgz");
    if !archive.exists() {
        println!("skipped: the US Core package is not at hand");
        return None;
    }
    let unpacked = std::process::Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(into).status();
    assert!(unpacked.expect("tar").success());
    Some(into.join("package"))
}

fn read(folder: &Path, prefix: &str) -> Vec<Value> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path()).collect();
    paths.sort();
    let wanted =
        paths.iter().filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix)));
    wanted.map(|path| serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON")).collect()
}

/// A published parameter: its type and code, its values' type, its expression.
struct Parameter {
    kind: String,
    code: String,
    sort: String,
    expression: String,
}

/// The examples that are stored, by type and id.
type Examples = BTreeMap<String, BTreeMap<String, Value>>;

struct Practised {
    _practice: Practice,
    client: Client,
    parameters: Vec<Parameter>,
    examples: Examples,
    statement: Value,
}

async fn practised() -> Option<Practised> {
    let folder = tempfile::tempdir().expect("a folder");
    let package = package(folder.path())?;
    let practice = Practice::new().await;
    let client = practice.client("system/*.cruds").await;
    let mut bodies = read(&package.join("example"), "");
    bodies.retain(|body| body["resourceType"] != "Bundle");
    // Patients first: the others refer to them.
    bodies.sort_by_key(|body| body["resourceType"] != "Patient");
    let mut examples = Examples::new();
    for body in bodies {
        let (kind, id) = (body["resourceType"].as_str().expect("a type"), body["id"].as_str().expect("an id"));
        let answer = client.json("PUT", &format!("/fhir/{kind}/{id}"), &body, &[]).await;
        assert_eq!(answer.status, 201, "{kind}/{id}: {}", answer.text());
        examples.entry(kind.to_owned()).or_default().insert(id.to_owned(), body.clone());
    }
    let mut parameters = Vec::new();
    for published in read(&package, "SearchParameter-") {
        for kind in published["base"].as_array().expect("types").iter().filter_map(Value::as_str) {
            let text = |name: &str| published[name].as_str().expect("a text").to_owned();
            let (code, sort, expression) = (text("code"), text("type"), text("expression"));
            parameters.push(Parameter { kind: kind.to_owned(), code, sort, expression });
        }
    }
    let statement = read(&package, "CapabilityStatement-us-core-server").remove(0);
    Some(Practised { _practice: practice, client, parameters, examples, statement })
}

/// The ids a search finds, under strict handling.
async fn found(client: &Client, kind: &str, pairs: &[(&str, &str)]) -> BTreeSet<String> {
    let query = serde_urlencoded::to_string(pairs).expect("a query");
    let path = format!("/fhir/{kind}?{query}&_count=1000");
    let answer = client.send("GET", &path, &[("prefer", "handling=strict")], axum::body::Body::empty()).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    let page = answer.json();
    let matches = page["entry"].as_array().into_iter().flatten().filter(|entry| entry["search"]["mode"] == "match");
    matches.filter_map(|entry| entry["resource"]["id"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn every_parameter_is_offered_and_finds_the_examples() {
    let Some(practised) = practised().await else { return };
    let (mut offered, mut asked) = (0, 0);
    for Parameter { kind, code, sort, expression } in &practised.parameters {
        let known = Kind::parse(kind).and_then(|kind| parameters::named(kind, code));
        assert!(code == "_id" || known.is_some_and(|known| known.value.name() == sort), "{kind}?{code} is a {sort}");
        offered += 1;
        let Some(examples) = practised.examples.get(kind) else { continue };
        let all: BTreeMap<&String, Vec<Found>> =
            examples.iter().map(|(id, body)| (id, values(expression, sort, body))).collect();
        let mut seen = BTreeSet::new();
        for (id, value) in all.iter().flat_map(|(id, values)| values.iter().map(move |value| (*id, value))) {
            for question in value.questions() {
                if !seen.insert(question.clone()) {
                    continue;
                }
                asked += 1;
                let found = found(&practised.client, kind, &[(code, &question)]).await;
                for (other, values) in &all {
                    let expected = values.iter().map(|value| value.answers(&question)).max().flatten();
                    if let Some(expected) = expected {
                        assert_eq!(found.contains(*other), expected, "{kind}?{code}={question} (of {id}): {other}");
                    }
                }
            }
        }
    }
    assert_eq!(offered, practised.parameters.len());
    assert!(offered >= 100 && asked >= 500, "{offered} parameters, {asked} questions");
}

#[tokio::test]
async fn every_combination_narrows_to_what_meets_all_of_it() {
    let Some(practised) = practised().await else { return };
    let (mut combinations, mut asked) = (0, 0);
    let mut alone: BTreeMap<(String, String, String), BTreeSet<String>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for resource in practised.statement["rest"][0]["resource"].as_array().expect("types") {
        let kind = resource["type"].as_str().expect("a type");
        for extension in resource["extension"].as_array().into_iter().flatten() {
            let codes: Vec<&str> = extension["extension"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|part| part["url"] == "required")
                .filter_map(|part| part["valueString"].as_str())
                .collect();
            if codes.is_empty() {
                continue;
            }
            combinations += 1;
            for (id, body) in practised.examples.get(kind).into_iter().flatten() {
                let value = |code: &&str| {
                    let parameter = practised.parameters.iter().find(|p| p.kind == kind && p.code == **code)?;
                    let value = values(&parameter.expression, &parameter.sort, body).into_iter().next()?;
                    value.questions().into_iter().find(|question| value.answers(question) == Some(true))
                };
                let Some(values) = codes.iter().map(value).collect::<Option<Vec<String>>>() else { continue };
                let pairs: Vec<(&str, &str)> = codes.iter().copied().zip(values.iter().map(String::as_str)).collect();
                let together = found(&practised.client, kind, &pairs).await;
                assert!(together.contains(id), "{kind}?{pairs:?} finds {id}");
                if !seen.insert(format!("{kind}?{pairs:?}")) {
                    continue;
                }
                asked += 1;
                let mut both: Option<BTreeSet<String>> = None;
                for (code, value) in &pairs {
                    let key = (kind.to_owned(), (*code).to_owned(), (*value).to_owned());
                    if !alone.contains_key(&key) {
                        alone.insert(key.clone(), found(&practised.client, kind, &[(code, value)]).await);
                    }
                    let this = &alone[&key];
                    both =
                        Some(both.map_or_else(|| this.clone(), |so_far| so_far.intersection(this).cloned().collect()));
                }
                assert_eq!(Some(together), both, "{kind}?{pairs:?}");
            }
        }
        for include in ["searchInclude", "searchRevInclude"] {
            let name = if include == "searchInclude" { "_include" } else { "_revinclude" };
            for path in resource[include].as_array().into_iter().flatten().filter_map(Value::as_str) {
                found(&practised.client, kind, &[("_id", "x"), (name, path)]).await;
            }
        }
    }
    assert!(combinations >= 50 && asked >= 200, "{combinations} combinations, {asked} questions");
}
