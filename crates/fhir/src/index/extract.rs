//! From the values a parameter's paths lead to, to index entries by value type.

use super::{Dated, Index, Quantity, Reference, Text, Token, Uri, clinical, text};
use crate::search::expression::{Arm, plain};
use crate::search::fold::{contact, fold, soundex};
use crate::search::parameters::{self, Definition, ValueType};
use crate::search::period::{FOREVER, Period};
use crate::{Key, Kind};
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// Longest text kept of one value, in characters: enough to search by, little enough for a row.
const LONGEST: usize = 200;

pub(super) fn extract(kind: Kind, resource: &Value) -> Index {
    let mut index = Index {
        patient: clinical::patient(kind, resource),
        date: clinical_date(kind, resource),
        narrative: text::narrative(resource),
        content: text::content(kind, resource),
        ..Index::default()
    };
    for definition in parameters::of_kind(kind) {
        for arm in &definition.arms {
            arm.each(resource, &mut |part, value| index.add(definition, arm.target(), part, value));
        }
    }
    index.settle();
    index
}

/// The paths that date a resource, by type number.
static DATED_BY: LazyLock<Vec<Vec<Arm>>> = LazyLock::new(|| {
    Kind::all().map(|kind| clinical::date_paths(kind).iter().map(|path| plain(path)).collect()).collect()
});

/// The first element of the type's table that dates the resource.
fn clinical_date(kind: Kind, resource: &Value) -> Option<jiff::Timestamp> {
    DATED_BY.get(usize::from(kind.number())).into_iter().flatten().find_map(|arm| {
        let mut earliest: Option<i64> = None;
        arm.each(resource, &mut |_, value| {
            dates(value, &mut |period| {
                // An open beginning is dated by its end.
                let at = if period.from == i64::MIN { period.until } else { period.from };
                earliest = Some(earliest.map_or(at, |before| before.min(at)));
            });
        });
        earliest.filter(|at| *at != FOREVER).and_then(|at| jiff::Timestamp::from_microsecond(at).ok())
    })
}

impl Index {
    fn add(&mut self, definition: &Definition, only: Option<Kind>, part: u16, value: &Value) {
        match definition.value {
            ValueType::Token => self.token(definition, part, value),
            ValueType::String => self.string(definition, part, value),
            ValueType::Date => dates(value, &mut |period| {
                self.dates.push(Dated { param: definition.param, part, period });
            }),
            ValueType::Quantity => self.quantity(definition, part, value),
            ValueType::Reference => self.reference(definition, only, part, value),
            ValueType::Uri => self.uri(definition, part, value),
            ValueType::Composite => {}
        }
    }

    /// The same value twice is one row.
    fn settle(&mut self) {
        self.tokens.sort();
        self.tokens.dedup();
        self.strings.sort();
        self.strings.dedup();
        let mut seen = std::collections::HashSet::new();
        self.references.retain(|r| seen.insert(r.clone()));
        let mut seen = std::collections::HashSet::new();
        self.uris.retain(|u| seen.insert(u.clone()));
        let mut seen = std::collections::HashSet::new();
        self.dates.retain(|d| seen.insert(*d));
    }

    fn token(&mut self, definition: &Definition, part: u16, value: &Value) {
        let param = definition.param;
        let mut push = |system: Option<&str>, code: &str, words: &str| {
            let code = if definition.contact { contact(code) } else { code.trim().to_lowercase() };
            if !code.is_empty() || !words.trim().is_empty() {
                let text = shorten(fold(words));
                self.tokens.push(Token { param, part, system: system.map(str::to_owned), code: shorten(code), text });
            }
        };
        match value {
            Value::String(code) => push(None, code, ""),
            Value::Bool(truth) => push(None, if *truth { "true" } else { "false" }, ""),
            Value::Number(number) => push(None, &number.to_string(), ""),
            Value::Object(members) => {
                let text = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
                if members.contains_key("coding") || (members.contains_key("text") && !members.contains_key("value")) {
                    concept(members, &mut push);
                } else if members.contains_key("value") {
                    // An Identifier or a ContactPoint: the words of an Identifier are those of its type.
                    let words = members.get("type").and_then(|t| t.get("text")).and_then(Value::as_str);
                    push(Some(text("system")), text("value"), words.unwrap_or_default());
                } else {
                    push(Some(text("system")), text("code"), text("display"));
                }
            }
            _ => {}
        }
    }

    fn string(&mut self, definition: &Definition, part: u16, value: &Value) {
        match value {
            Value::String(text) => self.one_string(definition, part, text),
            // HumanName and Address match by any of their text parts (R4: HumanName.*, Address.*).
            Value::Object(members) => {
                for (name, member) in members {
                    match (name.as_str(), member) {
                        ("use" | "type" | "period" | "extension" | "id", _) => {}
                        (_, Value::String(text)) => self.one_string(definition, part, text),
                        (_, Value::Array(items)) => {
                            for text in items.iter().filter_map(Value::as_str) {
                                self.one_string(definition, part, text);
                            }
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn one_string(&mut self, definition: &Definition, part: u16, exact: &str) {
        let param = definition.param;
        if definition.phonetic {
            let sounds = exact.split_whitespace().filter_map(soundex);
            self.strings.extend(sounds.map(|sound| Text { param, part, exact: sound.clone(), folded: sound }));
            return;
        }
        let folded = shorten(fold(exact));
        if !folded.is_empty() {
            self.strings.push(Text { param, part, folded, exact: shorten(exact.to_owned()) });
        }
    }

    fn quantity(&mut self, definition: &Definition, part: u16, value: &Value) {
        let Value::Object(members) = value else { return };
        let bounds = |low: Option<&Value>, high: Option<&Value>| {
            let number = |v: Option<&Value>| v.and_then(|v| v.get("value")).and_then(Value::as_f64);
            (number(low).unwrap_or(f64::MIN), number(high).unwrap_or(f64::MAX))
        };
        let (unit, (low, high)) = if members.contains_key("low") || members.contains_key("high") {
            let (low, high) = (members.get("low"), members.get("high"));
            (low.or(high), bounds(low, high))
        } else if let Some(origin) = members.get("origin") {
            (Some(origin), bounds(Some(origin), Some(origin)))
        } else {
            let Some(number) = members.get("value").and_then(Value::as_f64) else { return };
            let bounds = match members.get("comparator").and_then(Value::as_str) {
                Some("<" | "<=") => (f64::MIN, number),
                Some(">" | ">=") => (number, f64::MAX),
                _ => (number, number),
            };
            (Some(value), bounds)
        };
        let text = |name: &str| unit.and_then(|u| u.get(name)).and_then(Value::as_str).unwrap_or_default();
        let (system, code) = (text("system").to_owned(), shorten(text("code").to_owned()));
        let unit = shorten(text("unit").to_owned());
        let unit = if unit == code { String::new() } else { unit };
        self.quantities.push(Quantity { param: definition.param, part, low, high, system, code, unit });
    }

    fn reference(&mut self, definition: &Definition, only: Option<Kind>, part: u16, value: &Value) {
        let param = definition.param;
        let (text, identifier) = match value {
            Value::String(canonical) => {
                self.uri(definition, part, &Value::String(canonical.clone()));
                return;
            }
            Value::Object(members) => (members.get("reference").and_then(Value::as_str), members.get("identifier")),
            _ => return,
        };
        if let Some(identifier) = identifier {
            self.token(definition, part, identifier);
        }
        let Some(text) = text.filter(|text| !text.starts_with('#')) else { return };
        match Key::parse(text) {
            Some(target) if only.is_none_or(|only| only == target.kind) => {
                let in_column = definition.compartment
                    && target.kind == Kind::PATIENT
                    && self.patient.as_ref().is_some_and(|patient| *patient.id() == target.id);
                if !in_column {
                    self.references.push(Reference { param, part, target });
                }
            }
            Some(_) => {}
            None => self.uris.push(Uri { param, part, uri: shorten(text.to_owned()) }),
        }
    }

    fn uri(&mut self, definition: &Definition, part: u16, value: &Value) {
        if let Some(uri) = value.as_str().filter(|uri| !uri.is_empty()) {
            self.uris.push(Uri { param: definition.param, part, uri: shorten(uri.to_owned()) });
        }
    }
}

/// Each coding; the concept's own words become those of a row without a code where no coding says the same.
fn concept(members: &Map<String, Value>, push: &mut dyn FnMut(Option<&str>, &str, &str)) {
    let own = members.get("text").and_then(Value::as_str).unwrap_or_default();
    let mut said = own.is_empty();
    for coding in members.get("coding").and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| coding.get(name).and_then(Value::as_str).unwrap_or_default();
        let display = if text("display").is_empty() && !said { own } else { text("display") };
        said = said || fold(display) == fold(own);
        push(Some(text("system")), text("code"), display);
    }
    if !said {
        push(Some(""), "", own);
    }
}

/// The stretches of time a date, a Period or a Timing names.
pub(super) fn dates(value: &Value, found: &mut dyn FnMut(Period)) {
    match value {
        Value::String(text) => {
            if let Some(period) = Period::parse(text) {
                found(period);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| dates(item, found)),
        Value::Object(members) => {
            let end = |name: &str| members.get(name).and_then(Value::as_str).and_then(Period::parse);
            if let Some(events) = members.get("event") {
                dates(events, found);
            } else if let Some(bounds) = members.get("repeat").and_then(|repeat| repeat.get("boundsPeriod")) {
                dates(bounds, found);
            } else if end("start").is_some() || end("end").is_some() {
                found(Period::between(end("start"), end("end")));
            }
        }
        _ => {}
    }
}

fn shorten(mut text: String) -> String {
    if let Some((at, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(at);
    }
    text
}
