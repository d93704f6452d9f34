//! `_summary` and `_elements`: the only answers whose bodies are parsed. What was left out is told by the SUBSETTED tag.

use fhir::json;
use fhir::search::Query;
use fhir::search::query::Summary;
use serde_json::{Map, Value, json};

/// What is shown of each resource.
pub(super) enum Subset {
    /// These elements.
    Elements(Vec<String>),
    /// What a list of matches needs.
    Summary,
    /// The narrative.
    Text,
    /// All but the narrative.
    Data,
}

/// Shown whatever is asked: what makes it a resource, and what R4 makes mandatory in many.
const ALWAYS: [&str; 4] = ["resourceType", "id", "meta", "implicitRules"];

/// Elements R4 marks neither as summary in most types: what makes a resource long. (R4 marks summary elements per type; these are
/// those it leaves out of the types of a chart.)
const NOT_SUMMARY: [&str; 24] = [
    "text",
    "contained",
    "extension",
    "modifierExtension",
    "note",
    "photo",
    "contact",
    "communication",
    "reaction",
    "component",
    "referenceRange",
    "interpretation",
    "presentedForm",
    "dosageInstruction",
    "dispenseRequest",
    "substitution",
    "item",
    "diagnosis",
    "insurance",
    "hospitalization",
    "location",
    "supportingInfo",
    "activity",
    "bodySite",
];

impl Subset {
    /// What a search asks to be shown; none when that is everything.
    pub(super) fn of(query: &Query) -> Option<Self> {
        match query.summary {
            _ if !query.elements.is_empty() => Some(Self::Elements(query.elements.clone())),
            Summary::False | Summary::Count => None,
            Summary::True => Some(Self::Summary),
            Summary::Text => Some(Self::Text),
            Summary::Data => Some(Self::Data),
        }
    }

    /// The body as it is shown; `None` when it cannot be read (then it is shown whole).
    pub(super) fn apply(&self, body: &[u8]) -> Option<Vec<u8>> {
        let Value::Object(members) = json::parse(body).ok()? else { return None };
        let mut shown: Map<String, Value> = members.into_iter().filter(|(name, _)| self.shows(name)).collect();
        tag(&mut shown);
        Some(json::write(&Value::Object(shown)))
    }

    fn shows(&self, name: &str) -> bool {
        // `_birthDate` goes with `birthDate`.
        let name = name.trim_start_matches('_');
        ALWAYS.contains(&name)
            || match self {
                Self::Elements(names) => names.iter().any(|asked| asked == name || is_choice(asked, name)),
                Self::Summary => !NOT_SUMMARY.contains(&name),
                Self::Text => name == "text" || name == "status",
                Self::Data => name != "text",
            }
    }
}

/// `value` asks for `valueQuantity` as well.
fn is_choice(asked: &str, name: &str) -> bool {
    name.strip_prefix(asked).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
}

fn tag(shown: &mut Map<String, Value>) {
    let subsetted = json!({"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"});
    let meta = shown.entry("meta").or_insert_with(|| Value::Object(Map::new()));
    let Some(meta) = meta.as_object_mut() else { return };
    match meta.get_mut("tag").and_then(Value::as_array_mut) {
        Some(tags) => tags.push(subsetted),
        None => {
            meta.insert("tag".to_owned(), json!([subsetted]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(subset: &Subset) -> String {
        let body = br#"{"resourceType":"Observation","id":"o","text":{"div":"x"},"status":"final","valueQuantity":{"value":1.50},"_status":{"id":"s"},"note":[]}"#;
        String::from_utf8(subset.apply(body).expect("json")).expect("text")
    }

    #[test]
    fn what_is_left_out_is_told() {
        let tag = r#""meta":{"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}]}"#;
        assert_eq!(
            shown(&Subset::Elements(vec!["value".into()])),
            format!(r#"{{"resourceType":"Observation","id":"o","valueQuantity":{{"value":1.50}},{tag}}}"#)
        );
        assert_eq!(
            shown(&Subset::Text),
            format!(
                r#"{{"resourceType":"Observation","id":"o","text":{{"div":"x"}},"status":"final","_status":{{"id":"s"}},{tag}}}"#
            )
        );
        assert!(!shown(&Subset::Summary).contains("note") && !shown(&Subset::Data).contains("div"));
    }
}
