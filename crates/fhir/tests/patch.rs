//! JSON Patch on resources: what changes, what does not, and what is said when it cannot be done.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use fhir::patch::{PatchProblem as P, apply};
use fhir::{Issue, IssueType, json};
use proptest::prelude::*;
use serde_json::{Value, json};

const BODY: &str = r#"{"resourceType":"Patient","id":"p1","name":[{"family":"Moss","given":["Ann","May"]}],"multipleBirthInteger":2,"extension":[{"url":"x","valueDecimal":1.50}]}"#;

fn patched(patch: &str) -> Result<String, (usize, String, P)> {
    let mut body = json::parse(BODY.as_bytes()).unwrap();
    let done = apply(&mut body, &json::parse(patch.as_bytes()).unwrap());
    let text = String::from_utf8(json::write(&body)).unwrap();
    done.map(|()| text.clone()).map_err(|error| {
        assert_eq!(text, BODY, "a failed patch must change nothing");
        (error.operation, error.expression, error.problem)
    })
}

#[test]
fn each_operation_changes_only_what_it_names() {
    for (patch, from, to) in [
        (r#"[{"op":"add","path":"/name/0/given/1","value":"Bea"}]"#, r#""Ann","May""#, r#""Ann","Bea","May""#),
        (r#"[{"op":"add","path":"/name/0/given/-","value":"Bea"}]"#, r#""Ann","May""#, r#""Ann","May","Bea""#),
        (r#"[{"op":"add","path":"/id","value":"p2"}]"#, r#""id":"p1""#, r#""id":"p2""#),
        (r#"[{"op":"remove","path":"/id"}]"#, r#""id":"p1","#, ""),
        (r#"[{"op":"remove","path":"/name/0/given/0"}]"#, r#""Ann","#, ""),
        (r#"[{"op":"replace","path":"/multipleBirthInteger","value":1e0}]"#, ":2,", ":1e0,"),
        (r#"[{"op":"replace","path":"/extension/0/valueDecimal","value":2.00}]"#, "1.50", "2.00"),
        (r#"[{"op":"move","from":"/name/0/given/0","path":"/name/0/given/1"}]"#, r#""Ann","May""#, r#""May","Ann""#),
        (
            r#"[{"op":"copy","from":"/id","path":"/language"}]"#,
            r#""valueDecimal":1.50}]"#,
            r#""valueDecimal":1.50}],"language":"p1""#,
        ),
        (r#"[{"op":"test","path":"/extension/0/valueDecimal","value":1.5}]"#, "", ""),
        (r#"[{"op":"test","path":"/name/0","value":{"given":["Ann","May"],"family":"Moss"}}]"#, "", ""),
        (r#"[{"op":"move","from":"/id","path":"/id"}]"#, "", ""),
    ] {
        assert_eq!(
            patched(patch),
            Ok(if from.is_empty() { BODY.to_owned() } else { BODY.replace(from, to) }),
            "{patch}"
        );
    }
}

#[test]
fn each_failure_names_operation_and_place() {
    for (patch, operation, expression, problem) in [
        (r#"{}"#, 0, "", P::NotAList),
        (r#"[5]"#, 0, "", P::NotAnOperation),
        (r#"[{"op":"add","value":1}]"#, 0, "", P::NotAnOperation),
        (r#"[{"op":"frob","path":"/id"}]"#, 0, "Patient.id", P::UnknownOperation),
        (r#"[{"op":"add","path":"/id"}]"#, 0, "Patient.id", P::ValueMissing),
        (r#"[{"op":"copy","path":"/id"}]"#, 0, "Patient.id", P::FromMissing),
        (r#"[{"op":"add","path":"id","value":1}]"#, 0, "", P::BadPath),
        (r#"[{"op":"add","path":"/a~2","value":1}]"#, 0, "", P::BadPath),
        (r#"[{"op":"remove","path":"/id"},{"op":"remove","path":"/id"}]"#, 1, "Patient.id", P::NotFound),
        (r#"[{"op":"replace","path":"/gender","value":"male"}]"#, 0, "Patient.gender", P::NotFound),
        (r#"[{"op":"add","path":"/contact/0/name","value":{}}]"#, 0, "Patient.contact[0].name", P::NotFound),
        (r#"[{"op":"add","path":"/name/0/given/3","value":"x"}]"#, 0, "Patient.name[0].given[3]", P::BadIndex),
        (r#"[{"op":"add","path":"/name/0/given/01","value":"x"}]"#, 0, "Patient.name[0].given.01", P::BadIndex),
        (r#"[{"op":"remove","path":"/name/0/given/2"}]"#, 0, "Patient.name[0].given[2]", P::NotFound),
        (r#"[{"op":"remove","path":""}]"#, 0, "Patient", P::WholeResource),
        (r#"[{"op":"replace","path":"","value":{}}]"#, 0, "Patient", P::WholeResource),
        (r#"[{"op":"move","from":"/name","path":"/name/0/x"}]"#, 0, "Patient.name[0].x", P::IntoItself),
        (r#"[{"op":"test","path":"/id","value":"p2"}]"#, 0, "Patient.id", P::TestFailed),
        (r#"[{"op":"test","path":"/gender","value":null}]"#, 0, "Patient.gender", P::TestFailed),
    ] {
        assert_eq!(patched(patch), Err((operation, expression.to_owned(), problem)), "{patch}");
    }
}

#[test]
fn a_failed_test_is_a_conflict_and_tells_no_data() {
    let mut body = json::parse(BODY.as_bytes()).unwrap();
    let error =
        apply(&mut body, &json!([{"op": "test", "path": "/name/0/family/Zebedee born 1962", "value": "Zebedee"}]))
            .unwrap_err();
    let issue = Issue::from(&error);
    assert_eq!((error.is_failed_test(), issue.code), (true, IssueType::Conflict));
    assert!(!format!("{error} {issue:?}").contains("Zebedee"));
}

#[test]
fn patches_cannot_grow_a_body_without_bound() {
    let doubling: Vec<_> = (0..900).map(|i| json!({"op": "copy", "from": "", "path": format!("/x{i}")})).collect();
    let nesting: Vec<_> = (0..200).map(|i| json!({"op": "add", "path": "/a".repeat(i + 1), "value": {}})).collect();
    for patch in [doubling, nesting] {
        let mut body = json!({"resourceType": "Basic"});
        assert_eq!(apply(&mut body, &Value::from(patch)).unwrap_err().problem, P::TooLarge);
    }
    let many: Vec<_> = (0..1001).map(|_| json!({"op": "test", "path": "", "value": {}})).collect();
    assert_eq!(apply(&mut json!({}), &Value::from(many)).unwrap_err().problem, P::TooMany);
}

proptest! {
    #[test]
    fn never_panics(ops in prop::collection::vec((
        prop::sample::select(vec!["add", "remove", "replace", "move", "copy", "test", ""]),
        prop::sample::select(vec!["", "/", "/id", "/name", "/name/0", "/name/0/given/-", "/name/0/given/1", "/extension/0/url/x", "~"]),
        prop::sample::select(vec!["", "/id", "/name", "/name/0/given", "/name/0/given/0"]),
    ), 0..12)) {
        let patch: Vec<_> = ops.iter().map(|(op, path, from)| json!({"op": op, "path": path, "from": from, "value": {"a": [1]}})).collect();
        let mut body = json::parse(BODY.as_bytes()).unwrap();
        let before = body.clone();
        if apply(&mut body, &Value::from(patch)).is_err() {
            prop_assert_eq!(body, before);
        }
    }
}
