//! Reading members of a JSON object without ever failing.

use crate::date::FhirDate;
use serde_json::Value;

pub(crate) fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

pub(crate) fn flag(object: &Value, name: &str) -> Option<bool> {
    object.get(name).and_then(Value::as_bool)
}

/// The number as written: `1.50` stays `1.50`.
pub(crate) fn number<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    match object.get(name) {
        Some(Value::Number(number)) => Some(number.as_str()),
        _ => None,
    }
}

pub(crate) fn date<'a>(object: &'a Value, name: &str) -> Option<FhirDate<'a>> {
    text(object, name).and_then(FhirDate::parse)
}

pub(crate) fn object<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| value.is_object())
}

/// The objects of a list; an element that should repeat but was written alone counts as a list of one.
pub(crate) fn objects<'a>(object: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + Clone + use<'a> {
    items(object, name).filter(|value| value.is_object())
}

/// The texts of a list.
pub(crate) fn texts<'a>(object: &'a Value, name: &str) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
    items(object, name).filter_map(Value::as_str).filter(|text| !text.is_empty())
}

/// The dates of a list.
pub(crate) fn dates<'a>(object: &'a Value, name: &str) -> impl Iterator<Item = FhirDate<'a>> + Clone + use<'a> {
    texts(object, name).filter_map(FhirDate::parse)
}

fn items<'a>(object: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + Clone + use<'a> {
    match object.get(name) {
        Some(Value::Array(items)) => items.iter(),
        Some(value) => std::slice::from_ref(value).iter(),
        None => [].iter(),
    }
}
