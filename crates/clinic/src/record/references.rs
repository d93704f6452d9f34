//! The references inside a body: found, and rewritten inside a transaction.

use fhir::Key;
use serde_json::Value;

/// Calls `see` with every `Reference.reference` in a body, and its FHIRPath.
pub fn each(body: &Value, see: &mut dyn FnMut(&str, &dyn Fn() -> String)) {
    walk(body, &Path { parent: None, step: Step::Root(body) }, see);
}

/// Every relative reference (`Type/id`) in a body, each once.
#[must_use]
pub fn keys(body: &Value) -> Vec<Key> {
    let mut found = Vec::new();
    each(body, &mut |reference, _| {
        if let Some(key) = Key::parse(reference) {
            found.push(key);
        }
    });
    found.sort();
    found.dedup();
    found
}

/// Elements of type `uri` or `url` that may name another entry of a transaction (<http://hl7.org/fhir/R4/http.html#trules>).
const LINKS: [&str; 5] = ["url", "valueUri", "valueUrl", "valueUuid", "valueCanonical"];

/// Offers every reference, and every link that is a `urn:uuid:`, to `change`; writes what it gives back.
pub fn rewrite(body: &mut Value, change: &mut dyn FnMut(&str) -> Option<String>) {
    match body {
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                match value {
                    Value::String(text) => {
                        let names_another =
                            name == "reference" || (LINKS.contains(&name.as_str()) && text.starts_with("urn:uuid:"));
                        if names_another && let Some(new) = change(text) {
                            *text = new;
                        }
                    }
                    Value::Object(_) | Value::Array(_) => rewrite(value, change),
                    _ => {}
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, change)),
        _ => {}
    }
}

enum Step<'a> {
    Root(&'a Value),
    Member(&'a str),
    Item(usize),
}

/// Where the walk stands, as a list back to the root, so that a path costs nothing until it is asked for.
struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

impl Path<'_> {
    fn text(&self) -> String {
        let mut text = self.parent.map(Path::text).unwrap_or_default();
        match self.step {
            Step::Root(body) => {
                text.push_str(body.get("resourceType").and_then(Value::as_str).unwrap_or("Resource"));
            }
            Step::Member(name) => {
                text.push('.');
                text.push_str(name);
            }
            Step::Item(index) => text.push_str(&format!("[{index}]")),
        }
        text
    }
}

fn walk(value: &Value, at: &Path<'_>, see: &mut dyn FnMut(&str, &dyn Fn() -> String)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let here = Path { parent: Some(at), step: Step::Member(name) };
                match member {
                    Value::String(text) if name == "reference" => see(text, &|| here.text()),
                    Value::Object(_) | Value::Array(_) => walk(member, &here, see),
                    _ => {}
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                if item.is_object() || item.is_array() {
                    walk(item, &Path { parent: Some(at), step: Step::Item(index) }, see);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_found_with_their_paths() {
        let body = json!({"resourceType": "Observation", "subject": {"reference": "Patient/a"},
            "performer": [{"display": "x"}, {"reference": "Practitioner/b/_history/2"}], "note": [{"text": "Patient/c"}]});
        let mut seen = Vec::new();
        each(&body, &mut |reference, path| seen.push((reference.to_owned(), path())));
        assert_eq!(
            seen,
            [
                ("Patient/a".to_owned(), "Observation.subject.reference".to_owned()),
                ("Practitioner/b/_history/2".to_owned(), "Observation.performer[1].reference".to_owned())
            ]
        );
        assert_eq!(keys(&body).iter().map(ToString::to_string).collect::<Vec<_>>(), ["Patient/a", "Practitioner/b"]);
    }

    #[test]
    fn only_references_and_urns_are_rewritten() {
        let mut body = json!({"subject": {"reference": "urn:uuid:1"}, "url": "urn:uuid:1",
            "identifier": [{"system": "urn:uuid:1", "value": "x"}], "note": [{"text": "see urn:uuid:1"}]});
        rewrite(&mut body, &mut |text| (text == "urn:uuid:1").then(|| "Patient/p".to_owned()));
        assert_eq!(
            body,
            json!({"subject": {"reference": "Patient/p"}, "url": "Patient/p",
                "identifier": [{"system": "urn:uuid:1", "value": "x"}], "note": [{"text": "see urn:uuid:1"}]})
        );
    }
}
