//! Import: real bundles lossless, twice the same, in any order, cut short and gone on with.

use chartroom_tests::Practice;
use clinic::{Action, Caller};
use exchange::import::{Local, Progress, Rehearsal, Report, files, run};
use fhir::{Id, Key, Kind};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

fn local(practice: &Practice) -> Local {
    let caller = Caller::program("import", practice.now(), Uuid::now_v7());
    let permit = caller.write_practice(Action::WriteClinical).expect("the program may");
    let number_system = "urn:chartroom:record-number".to_owned();
    Local { store: practice.app.store.clone(), permit, caller, number_system }
}

async fn import(practice: &Practice, paths: &[PathBuf]) -> Report {
    let inputs = files::find(paths).expect("files");
    run(Arc::new(local(practice)), &inputs, &mut |_: &Progress| {}).await.expect("an import")
}

/// The 100 Synthea bundles, unpacked to a folder of the test's own; `None` where they are not at hand.
fn synthea(into: &Path) -> Option<PathBuf> {
    let shared = std::env::var_os("CHARTROOM_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    let archive = shared.join("data/synthetic/smart-synthea-r4-100pts.tar.xz");
    if !archive.exists() {
        println!("skipped: the Synthea bundles are not at hand");
        return None;
    }
    let unpacked = std::process::Command::new("tar").arg("-xJf").arg(&archive).arg("-C").arg(into).status();
    assert!(unpacked.expect("tar").success());
    Some(into.to_owned())
}

/// What a resource is expected to say once stored: as sent, its entries' references by type and id.
fn expected(mut body: Value, names: &HashMap<String, String>) -> Value {
    fn walk(value: &mut Value, names: &HashMap<String, String>) {
        match value {
            Value::Object(members) => members.iter_mut().for_each(|(name, value)| match value {
                Value::String(text) if name == "reference" => {
                    if let Some(known) = names.get(text.as_str()) {
                        text.clone_from(known);
                    }
                }
                other => walk(other, names),
            }),
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, names)),
            _ => {}
        }
    }
    walk(&mut body, names);
    body
}

/// What is stored, without what the server may add.
fn without_ours(mut body: Value) -> Value {
    let members = body.as_object_mut().expect("an object");
    let meta = members.get_mut("meta").and_then(Value::as_object_mut).expect("meta");
    meta.shift_remove("versionId");
    meta.shift_remove("lastUpdated");
    if let Some(Value::Array(identifiers)) = members.get_mut("identifier") {
        identifiers.retain(|identifier| identifier["system"] != "urn:chartroom:record-number");
    }
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_synthea_bundles_are_kept_as_they_came_and_change_nothing_the_second_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(bundles) = synthea(folder.path()) else { return };
    let practice = Practice::new().await;
    let rehearsed = {
        let inputs = files::find(std::slice::from_ref(&bundles)).expect("files");
        run(Arc::new(Rehearsal::of(local(&practice))), &inputs, &mut |_: &Progress| {}).await.expect("a dry run")
    };
    let first = import(&practice, std::slice::from_ref(&bundles)).await;
    assert_eq!(rehearsed, first, "a dry run says what the import does");
    assert_eq!((first.all.imported, first.all.unchanged, first.all.rejected), (12_023, 142, 0));
    let again = import(&practice, std::slice::from_ref(&bundles)).await;
    assert_eq!((again.all.imported, again.all.unchanged, again.all.rejected), (0, 12_165, 0));

    let client = practice.client("system/*.rs").await;
    let caller = practice.program();
    let permit = caller.read_practice(Action::UseApi).expect("the program may");
    for input in files::find(&[bundles]).expect("files") {
        let bundle = fhir::json::parse(&std::fs::read(&input.path).expect("a file")).expect("JSON");
        let entries = bundle["entry"].as_array().expect("entries");
        let name = |entry: &Value| {
            let kind = entry["resource"]["resourceType"].as_str().expect("a type");
            (kind.to_owned(), entry["fullUrl"].as_str().expect("a url").trim_start_matches("urn:uuid:").to_owned())
        };
        let names = entries.iter().map(|entry| {
            let (kind, id) = name(entry);
            (entry["fullUrl"].as_str().expect("a url").to_owned(), format!("{kind}/{id}"))
        });
        let names: HashMap<String, String> = names.collect();
        for entry in entries {
            let (kind, id) = name(entry);
            let key = Key::new(Kind::parse(&kind).expect("a type"), Id::parse(&id).expect("an id"));
            let stored = practice.store().read(&permit, &key).await.expect("a read").expect("stored");
            let read = without_ours(fhir::json::parse(&stored.for_decision().body).expect("JSON"));
            let sent = expected(entry["resource"].clone(), &names);
            // Byte for byte, in the order sent.
            assert_eq!(fhir::json::write(&read), fhir::json::write(&sent), "{key}");
        }
    }
    let total = client.get("/fhir/Observation?_summary=count").await.json();
    assert_eq!(total["total"].to_string(), "6106");
}

fn line(body: &Value) -> String {
    format!("{body}\n")
}

fn observation(id: &str, patient: &str) -> Value {
    json!({"resourceType": "Observation", "id": id, "status": "final", "code": {"text": "Weight"},
        "subject": {"reference": format!("Patient/{patient}")}, "valueQuantity": {"value": 70}})
}

#[tokio::test]
async fn lines_stand_alone_and_wait_for_their_patient() {
    let folder = tempfile::tempdir().expect("a folder");
    let practice = Practice::new().await;
    // In the file's order, and in the files' order, what refers comes before what it refers to.
    let mut lines = line(&observation("o1", "later-line")) + &line(&observation("o2", "later-file"));
    lines += &line(&json!({"resourceType": "Patient", "id": "later-line"}));
    lines += &line(&observation("o3", "nobody"));
    lines += "not JSON\n\n";
    lines += &line(&json!({"resourceType": "Patient", "id": "bad", "gender": "F"}));
    // It names an entry of a bundle; a line is in none.
    let mut lost = observation("o5", "x");
    lost["subject"] = json!({"reference": "urn:uuid:0190a7e4-1c5b-7a3e-9f10-8b1b1a2c3d4e"});
    lines += &line(&lost);
    let first = folder.path().join("a.ndjson");
    std::fs::write(&first, lines).expect("a file");
    std::fs::write(
        folder.path().join("z.ndjson"),
        line(&observation("o4", "later-line")) + &line(&json!({"resourceType": "Patient", "id": "later-file"})),
    )
    .expect("a file");
    let report = import(&practice, &[folder.path().to_owned()]).await;
    assert_eq!((report.all.imported, report.all.unchanged, report.all.rejected), (5, 0, 4));
    assert_eq!(report.last_line(), "imported 5, unchanged 0, rejected 4");
    let rejects = std::fs::read_to_string(folder.path().join("a.ndjson.rejects.ndjson")).expect("rejects");
    let mut told: Vec<(String, String)> = rejects
        .lines()
        .map(|row| serde_json::from_str::<Value>(row).expect("JSON"))
        .map(|row| (row["line"].to_string(), row["reasons"][0]["what"].as_str().expect("a reason").to_owned()))
        .collect();
    told.sort();
    assert_eq!(told.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>(), ["4", "5", "7", "8"]);
    assert!(told[0].1.contains("Patient/nobody"), "{told:?}");
    // Mended, the file of rejects can itself be imported as lines; and the rest is unchanged.
    let again = import(&practice, &[folder.path().to_owned()]).await;
    assert_eq!((again.all.imported, again.all.unchanged, again.all.rejected), (0, 5, 4));
}

#[tokio::test]
async fn a_bundle_is_taken_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let practice = Practice::new().await;
    let bundle = |bad: Value| {
        json!({"resourceType": "Bundle", "type": "collection", "entry": [
            {"resource": {"resourceType": "Patient", "id": "p"}}, {"resource": observation("o", "p")}, {"resource": bad}]})
    };
    let file = folder.path().join("bundle.json");
    std::fs::write(&file, bundle(json!({"resourceType": "Patient", "id": "q", "gender": "F"})).to_string())
        .expect("a file");
    let report = import(&practice, std::slice::from_ref(&file)).await;
    assert_eq!((report.all.imported, report.all.rejected), (0, 3));
    assert!(folder.path().join("bundle.json.rejects.ndjson").exists());
    std::fs::write(&file, bundle(json!({"resourceType": "Patient", "id": "q", "gender": "female"})).to_string())
        .expect("a file");
    let mended = import(&practice, std::slice::from_ref(&file)).await;
    assert_eq!((mended.all.imported, mended.all.rejected), (3, 0));
    assert!(!folder.path().join("bundle.json.rejects.ndjson").exists(), "what was mended is rejected no more");
}

#[tokio::test]
async fn a_changed_resource_becomes_a_new_version() {
    let folder = tempfile::tempdir().expect("a folder");
    let practice = Practice::new().await;
    let client = practice.client("system/*.rs").await;
    let file = folder.path().join("patient.json");
    for (n, sent) in
        [json!({"gender": "female"}), json!({"gender": "female"}), json!({"gender": "other"})].into_iter().enumerate()
    {
        let mut body = json!({"resourceType": "Patient", "id": "p", "meta": {"versionId": "99", "lastUpdated": format!("2020-01-0{}T00:00:00Z", n + 1)}});
        body.as_object_mut().expect("an object").extend(sent.as_object().expect("an object").clone());
        std::fs::write(&file, body.to_string()).expect("a file");
        let report = import(&practice, std::slice::from_ref(&file)).await;
        assert_eq!(report.all.imported, u64::from(n != 1), "what only the server changes is no change");
    }
    let read = client.get("/fhir/Patient/p").await;
    assert_eq!((read.header("etag"), read.json()["gender"].as_str()), ("W/\"2\"", Some("other")));
    assert_eq!(read.json()["identifier"][0]["value"], "100001", "the number stays");
}

/// Everything the practice holds of a resource: its versions, newest first.
async fn versions(client: &chartroom_tests::Client, name: &str) -> Value {
    client.get(&format!("/fhir/{name}/_history")).await.json()["entry"].clone()
}

#[tokio::test]
async fn the_same_file_again_undoes_no_correction() {
    let folder = tempfile::tempdir().expect("a folder");
    let practice = Practice::new().await;
    let client = practice.client("system/*.cruds").await;
    let patient = |id: &str, family: &str| json!({"resourceType": "Patient", "id": id, "name": [{"family": family}]});
    let names =
        ["Patient/p", "Patient/q", "Patient/gone", "Observation/error", "Observation/moved", "Observation/dropped"];
    let mut lines: String =
        [patient("p", "Ash"), patient("q", "Birch"), patient("gone", "Cedar")].iter().map(line).collect();
    lines.extend(["error", "moved", "dropped"].map(|id| line(&observation(id, "p"))));
    let file = folder.path().join("a.ndjson");
    std::fs::write(&file, &lines).expect("a file");
    let first = import(&practice, std::slice::from_ref(&file)).await;
    assert_eq!(first.last_line(), "imported 6, unchanged 0, rejected 0");

    let corrections = [
        ("Patient/p", json!({"name": [{"family": "Ashe"}]})),
        ("Observation/error", json!({"status": "entered-in-error"})),
        ("Observation/moved", json!({"subject": {"reference": "Patient/q"}})),
        // Corrected twice: what came is two versions back.
        ("Observation/error", json!({"note": [{"text": "The wrong scale."}]})),
    ];
    for (name, correction) in corrections {
        let read = client.get(&format!("/fhir/{name}")).await;
        let (tag, mut body) = (read.header("etag").to_owned(), read.json());
        body.as_object_mut().expect("an object").extend(correction.as_object().expect("an object").clone());
        let put = client.json("PUT", &format!("/fhir/{name}"), &body, &[("if-match", &tag)]).await;
        assert_eq!(put.status, 200, "{name}");
    }
    for name in ["Observation/dropped", "Patient/gone"] {
        let deleted = client
            .send("DELETE", &format!("/fhir/{name}"), &[("if-match", "W/\"1\"")], axum::body::Body::empty())
            .await;
        assert!([200, 204].contains(&deleted.status), "{name}");
    }
    let mut corrected = Vec::new();
    for name in names {
        corrected.push(versions(&client, name).await);
    }

    let inputs = files::find(std::slice::from_ref(&file)).expect("files");
    let rehearsed =
        run(Arc::new(Rehearsal::of(local(&practice))), &inputs, &mut |_: &Progress| {}).await.expect("a dry run");
    assert_eq!(rehearsed.last_line(), "imported 0, unchanged 6, rejected 0");
    let again = import(&practice, std::slice::from_ref(&file)).await;
    assert_eq!(again.last_line(), "imported 0, unchanged 6, rejected 0");
    for (name, before) in names.iter().zip(&corrected) {
        assert_eq!(versions(&client, name).await, *before, "{name}");
    }

    // Other words on what was deleted here are refused; on what stands they are taken.
    let other = [patient("gone", "Elm"), patient("p", "Fir")];
    std::fs::write(&file, other.iter().map(line).collect::<String>()).expect("a file");
    let other = import(&practice, std::slice::from_ref(&file)).await;
    assert_eq!(other.last_line(), "imported 1, unchanged 0, rejected 1");
    let rejects = std::fs::read_to_string(folder.path().join("a.ndjson.rejects.ndjson")).expect("rejects");
    assert!(rejects.contains("deleted here"), "{rejects}");
    assert_eq!(client.get("/fhir/Patient/gone").await.status, 410);
}

#[tokio::test]
async fn what_names_another_patient_s_visit_is_taken_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let practice = Practice::new().await;
    let patient = |id: &str| json!({"resourceType": "Patient", "id": id});
    let visit = json!({"resourceType": "Encounter", "id": "v", "status": "finished", "class": {"code": "AMB"}, "subject": {"reference": "Patient/a"}});
    let pulse = |id: &str, of: &str| {
        json!({"resourceType": "Observation", "id": id, "status": "final", "code": {"text": "Pulse"},
            "subject": {"reference": format!("Patient/{of}")}, "encounter": {"reference": "Encounter/v"}})
    };
    let all = [patient("a"), patient("b"), visit, pulse("right", "a"), pulse("wrong", "b")];
    let entries: Vec<Value> = all.into_iter().map(|resource| json!({"resource": resource})).collect();
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
    let (first, second) = (folder.path().join("1.json"), folder.path().join("2.ndjson"));
    std::fs::write(&first, bundle.to_string()).expect("written");
    std::fs::write(&second, format!("{}\n{}\n", pulse("later-right", "a"), pulse("later-wrong", "b")))
        .expect("written");
    for imported in [(5, 2), (0, 0)] {
        let told =
            |path: &Path| std::fs::read_to_string(format!("{}.warnings.ndjson", path.display())).expect("warnings");
        let report = import(&practice, std::slice::from_ref(&first)).await;
        assert_eq!((report.all.imported, report.all.rejected, report.strays), (imported.0, 0, 1));
        assert!(told(&first).contains("Observation/wrong") && !told(&first).contains("Observation/right"));
        // Its visit is stored already.
        let report = import(&practice, std::slice::from_ref(&second)).await;
        assert_eq!((report.all.imported, report.all.rejected, report.strays), (imported.1, 0, 1));
        let row: Value = serde_json::from_str(told(&second).trim()).expect("one row");
        assert_eq!((&row["line"], &row["sent"]["id"]), (&json!(2), &json!("later-wrong")));
    }
    // Whichever comes first, in one import or in two.
    let visit = |id: &str, of: &str| {
        json!({"resourceType": "Encounter", "id": id, "status": "finished", "class": {"code": "AMB"},
            "subject": {"reference": format!("Patient/{of}")}})
    };
    let at = |id: &str, of: &str, visit: &str| {
        let mut pulse = pulse(id, of);
        pulse["encounter"] = json!({"reference": format!("Encounter/{visit}")});
        pulse
    };
    let file = |name: &str, resources: &[Value]| {
        let entries: Vec<Value> = resources.iter().map(|resource| json!({"resource": resource})).collect();
        let path = folder.path().join(name);
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
        std::fs::write(&path, bundle.to_string()).expect("written");
        path
    };
    let early = [at("early", "a", "v3"), at("early-right", "b", "v3")];
    let together = [file("3.json", &early), file("4.json", &[visit("v3", "b")])];
    let report = import(&practice, &together).await;
    assert_eq!((report.all.imported, report.strays), (3, 1));
    let told = std::fs::read_to_string(folder.path().join("3.json.warnings.ndjson")).expect("warnings");
    assert!(told.contains("Observation/early:") && !told.contains("early-right"), "{told}");
    let (first, second) = (file("5.json", &[at("alone", "a", "v4")]), file("6.json", &[visit("v4", "b")]));
    assert_eq!(import(&practice, &[first]).await.strays, 0);
    practice.pass_minutes(1);
    assert_eq!(import(&practice, &[second]).await.strays, 1);
    let told = std::fs::read_to_string(folder.path().join("6.json.warnings.ndjson")).expect("warnings");
    assert!(told.contains("Encounter/v4") && told.contains("Observation/alone"), "{told}");
    for made in ["3.json", "4.json", "5.json", "6.json"] {
        std::fs::remove_file(folder.path().join(made)).expect("removed");
    }
    // What is told of is no input of the next import.
    assert_eq!(files::find(&[folder.path().to_owned()]).expect("files").len(), 2);
}
