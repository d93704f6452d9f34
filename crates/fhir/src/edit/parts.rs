//! Small edits of a resource's JSON that forms share: an element is replaced, added or removed, and none is left empty.

use serde_json::{Map, Value, json};

pub(super) fn first<'a>(value: &'a Value, field: &str) -> Option<&'a Value> {
    value.get(field)?.as_array()?.first()
}

pub(super) fn find<'a>(value: &'a Value, field: &str, wanted: impl Fn(&Value) -> bool) -> Option<&'a Value> {
    value.get(field)?.as_array()?.iter().find(|item| wanted(item))
}

pub(super) fn text(value: Option<&Value>, field: &str) -> String {
    value.and_then(|v| v.get(field)).and_then(Value::as_str).unwrap_or_default().to_owned()
}

pub(super) fn joined(value: Option<&Value>, field: &str) -> String {
    joined_with(value, field, " ")
}

pub(super) fn joined_with(value: Option<&Value>, field: &str, separator: &str) -> String {
    let items = value.and_then(|v| v.get(field)).and_then(Value::as_array);
    items.map(|items| items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(separator)).unwrap_or_default()
}

/// The words of a CodeableConcept.
pub(super) fn words(concept: &Value) -> String {
    let of = |pointer| concept.pointer(pointer).and_then(Value::as_str);
    of("/text").or_else(|| of("/coding/0/display")).or_else(|| of("/coding/0/code")).unwrap_or_default().to_owned()
}

/// Whether a CodeableConcept says this: a form sends words back folded, and without characters that turn the direction of writing.
pub(super) fn says(concept: &Value, text: &str) -> bool {
    let folded =
        |text: &str| crate::identity::without_directions(text).split_whitespace().collect::<Vec<_>>().join(" ");
    folded(&words(concept)) == folded(text)
}

/// Says a status that is a CodeableConcept of one system. Where it has this code already it stays.
pub(super) fn set_status(value: &mut Value, field: &str, system: &str, code: &str) {
    let coding = |concept: &Value| concept.pointer("/coding/0/code").and_then(Value::as_str) == Some(code);
    if !value.get(field).is_some_and(coding) {
        set(value, field, json!({ "coding": [{ "system": system, "code": code }] }));
    }
}

/// Says a CodeableConcept in these words. Where it says them already it stays, codes and all.
pub(super) fn set_words(value: &mut Value, field: &str, new: &str) {
    if !value.get(field).is_some_and(|concept| says(concept, new)) {
        set(value, field, json!({ "text": new }));
    }
}

pub(super) fn extension<'a>(patient: &'a Value, url: &str) -> Option<&'a Value> {
    find(patient, "extension", |e| e.get("url").and_then(Value::as_str) == Some(url))
}

pub(super) fn list(spaced: &str) -> Vec<&str> {
    spaced.split_whitespace().collect()
}

pub(super) fn set(value: &mut Value, field: &str, new: Value) {
    if let Some(object) = value.as_object_mut() {
        object.insert(field.to_owned(), new);
    }
}

/// Removes an element and its primitive extensions.
pub(super) fn remove(value: &mut Value, field: &str) {
    if let Some(object) = value.as_object_mut() {
        object.shift_remove(field);
        object.shift_remove(&format!("_{field}"));
    }
}

pub(super) fn set_text(value: &mut Value, field: &str, old: &str, new: &str) {
    if old != new {
        remove_or_set(value, field, new.is_empty(), json!(new));
    }
}

pub(super) fn set_list(value: &mut Value, field: &str, old: &str, new: &str) {
    if old != new {
        remove_or_set(value, field, list(new).is_empty(), json!(list(new)));
    }
}

pub(super) fn remove_or_set(value: &mut Value, field: &str, empty: bool, new: Value) {
    if empty { remove(value, field) } else { set(value, field, new) }
}

/// Replaces the first element of an array that is wanted, adds one, or (given `None`) removes it; an array left empty goes.
pub(super) fn set_element(value: &mut Value, field: &str, wanted: impl Fn(&Value) -> bool, new: Option<Value>) {
    let Some(object) = value.as_object_mut() else { return };
    let array = object.entry(field).or_insert_with(|| json!([]));
    if let Some(items) = array.as_array_mut() {
        match (items.iter().position(wanted), new) {
            (Some(at), Some(new)) => {
                if let Some(item) = items.get_mut(at) {
                    *item = new;
                }
            }
            (Some(at), None) => drop(items.remove(at)),
            (None, Some(new)) => items.push(new),
            (None, None) => {}
        }
        if items.is_empty() {
            object.shift_remove(field);
        }
    }
}

pub(super) fn set_extension(patient: &mut Value, url: &str, value: Option<(&str, Value)>) {
    let extension = value.map(|(field, value)| {
        let mut extension = Map::new();
        extension.insert("url".to_owned(), json!(url));
        extension.insert(field.to_owned(), value);
        Value::Object(extension)
    });
    set_element(patient, "extension", |e| e.get("url").and_then(Value::as_str) == Some(url), extension);
}
