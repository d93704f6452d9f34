//! Parts of a resource: `_summary` and `_elements`. What was left out is told by the SUBSETTED tag.
//!
//! ```
//! use fhir::{Kind, subset::Subset};
//! let body = br#"{"resourceType":"Patient","id":"p","birthDate":"1962-05-04","photo":[{"title":"at the desk"}]}"#;
//! let shown = Subset::Summary.apply(Kind::PATIENT, body).unwrap();
//! let shown = String::from_utf8(shown).unwrap();
//! assert!(shown.contains("1962-05-04") && shown.contains("SUBSETTED") && !shown.contains("photo"));
//! ```

use crate::definitions::{Definitions, Shape, ValueType};
use crate::search::Query;
use crate::search::query::Summary;
use crate::{Kind, json};
use serde_json::{Map, Value, json};

/// What is shown of each resource (<http://hl7.org/fhir/R4/search.html#summary>, `#elements`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subset {
    /// These elements.
    Elements(Vec<String>),
    /// What R4 marks as summary, in parts and data types too.
    Summary,
    /// The narrative.
    Text,
    /// All but the narrative.
    Data,
}

/// Shown whatever is asked.
const ALWAYS: [&str; 4] = ["resourceType", "id", "meta", "implicitRules"];

impl Subset {
    /// What a search asks to be shown; none when that is everything.
    #[must_use]
    pub fn of(query: &Query) -> Option<Self> {
        match query.summary {
            _ if !query.elements.is_empty() => Some(Self::Elements(query.elements.clone())),
            Summary::False | Summary::Count => None,
            Summary::True => Some(Self::Summary),
            Summary::Text => Some(Self::Text),
            Summary::Data => Some(Self::Data),
        }
    }

    /// The body as it is shown; `None` when it cannot be read (then it is shown whole).
    #[must_use]
    pub fn apply(&self, kind: Kind, body: &[u8]) -> Option<Vec<u8>> {
        let Value::Object(members) = json::parse(body).ok()? else { return None };
        let shape = Definitions::get().resource(kind)?;
        let mut shown = Map::new();
        for (name, value) in members {
            if ALWAYS.contains(&name.as_str()) {
                shown.insert(name, value);
            } else if let Some(element) = shape.element(&name).filter(|element| self.shows(shape, &name, *element)) {
                let value = if *self == Self::Summary { summary(value, element.value) } else { value };
                shown.insert(name, value);
            }
        }
        tag(&mut shown);
        Some(json::write(&Value::Object(shown)))
    }

    /// What must be there is always shown (R4: SHOULD), and what may change what the rest means: an order not to give is never
    /// shown without saying so.
    fn shows(&self, shape: &Shape, name: &str, element: Placed) -> bool {
        let needed = element.is_in(shape.required) || element.is_in(shape.modifiers);
        match self {
            Self::Elements(names) => {
                let bare = name.trim_start_matches('_');
                needed || names.iter().any(|asked| asked == element.name || asked == bare)
            }
            Self::Summary => needed || element.is_in(shape.summary),
            Self::Text => needed || name == "text",
            Self::Data => name != "text",
        }
    }
}

/// An element of a shape.
#[derive(Clone, Copy)]
struct Placed {
    place: u8,
    name: &'static str,
    value: ValueType,
}

impl Placed {
    fn is_in(self, set: u128) -> bool {
        set & (1u128 << (self.place & 127)) != 0
    }
}

impl Shape {
    /// The element of a JSON member; `_birthDate` goes with `birthDate`.
    fn element(&self, name: &str) -> Option<Placed> {
        let member = self.member(name.strip_prefix('_').unwrap_or(name))?;
        let element = self.elements.get(usize::from(member.element))?;
        Some(Placed { place: member.element, name: element.name, value: member.value })
    }
}

/// Whether a type has an element of this name, with or without the type of a choice: `value` and `valueQuantity`.
#[must_use]
pub fn has_element(kind: Kind, name: &str) -> bool {
    ALWAYS.contains(&name)
        || Definitions::get().resource(kind).is_some_and(|shape| {
            shape.member(name).is_some() || shape.elements.iter().any(|element| element.name == name)
        })
}

/// A part or data type with what R4 marks of it.
fn summary(value: Value, of: ValueType) -> Value {
    let ValueType::Object(number) = of else { return value };
    match value {
        Value::Array(items) => items.into_iter().map(|item| summary(item, of)).collect(),
        Value::Object(members) => match Definitions::get().shape(number) {
            Some(shape) => Value::Object(marked(shape, members)),
            None => Value::Object(members),
        },
        primitive => primitive,
    }
}

/// The marked members; all, where R4 marks none of the type (extensions) or none of those that are there: nothing may be empty.
fn marked(shape: &Shape, members: Map<String, Value>) -> Map<String, Value> {
    let shows =
        |element: Placed| [shape.required, shape.summary, shape.modifiers].iter().any(|set| element.is_in(*set));
    let some = members.keys().any(|name| shape.element(name).is_some_and(shows));
    if !some || shape.summary & !shape.modifiers == 0 {
        return members;
    }
    let kept = members.into_iter().filter_map(|(name, value)| {
        let element = shape.element(&name).filter(|element| shows(*element))?;
        // What stands beside a primitive (`_family`) has no shape of the type's.
        let value = if name.starts_with('_') { value } else { summary(value, element.value) };
        Some((name, value))
    });
    kept.collect()
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
