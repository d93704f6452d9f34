//! Real bundles and published examples: all valid, and what is read is what is written.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod shared;

use fhir::{Issue, Kind, json, validate::validate};
use serde_json::Value;

/// The text without whitespace between tokens: worked out without any JSON reader.
fn without_space(text: &[u8]) -> Vec<u8> {
    let (mut out, mut quoted, mut escaped) = (Vec::with_capacity(text.len()), false, false);
    for &b in text {
        if quoted {
            out.push(b);
            (escaped, quoted) = (!escaped && b == b'\\', escaped || b != b'"');
        } else if !b.is_ascii_whitespace() {
            out.push(b);
            quoted = b == b'"';
        }
    }
    out
}

fn errors(kind: Kind, body: &Value) -> Vec<Issue> {
    validate(kind, body).into_iter().filter(Issue::is_error).collect()
}

#[test]
fn synthea_bundles_are_valid_and_lossless() {
    let mut resources = 0;
    let mut found = Vec::new();
    let read = shared::each_json("synthetic/smart-synthea-r4-100pts.tar.xz", |name, bytes| {
        let bundle = json::parse(bytes).unwrap();
        assert_eq!(json::write(&bundle), without_space(bytes), "{name} is not kept byte for byte");
        found.extend(errors(Kind::BUNDLE, &bundle).into_iter().map(|issue| format!("{name}: {issue:?}")));
        for entry in bundle["entry"].as_array().unwrap() {
            let resource = &entry["resource"];
            let kind = Kind::parse(resource["resourceType"].as_str().unwrap()).unwrap();
            found.extend(errors(kind, resource).into_iter().map(|issue| format!("{name}: {issue:?}")));
            resources += 1;
        }
    });
    assert!(found.is_empty(), "{} errors, first: {:#?}", found.len(), &found[..found.len().min(20)]);
    if read.is_some() {
        assert_eq!((read, resources), (Some(100), 12_165));
    }
}

#[test]
fn us_core_examples_are_valid() {
    let mut found = Vec::new();
    let mut kinds = std::collections::BTreeSet::new();
    shared::each_json("fhir/us_core_610.tgz", |name, bytes| {
        // The publisher's own by-products, some of which are not valid.
        if name.contains("/other/") {
            return;
        }
        let Ok(body) = json::parse(bytes) else { panic!("{name} is not JSON") };
        let Some(kind) = body["resourceType"].as_str().and_then(Kind::parse) else { return };
        kinds.insert(kind.name());
        found.extend(errors(kind, &body).into_iter().map(|issue| format!("{name}: {issue:?}")));
        assert_eq!(json::parse(&json::write(&body)).unwrap(), body);
    });
    assert!(found.is_empty(), "{} errors, first: {:#?}", found.len(), &found[..found.len().min(40)]);
    println!("validated {kinds:?}");
}
