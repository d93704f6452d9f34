//! Objects and their members: which may stand there, how often, and as what.

use super::primitive;
use super::{MAX_DEPTH, Path, Walker};
use crate::IssueType;
use crate::definitions::{CodeList, Element, Member, Primitive, Shape, ValueType};
use crate::validate::Rule;
use serde_json::{Map, Value};

impl<'v> Walker<'v> {
    /// An object of a known shape.
    pub(super) fn object(&mut self, shape: &'static Shape, map: &'v Map<String, Value>, path: &Path<'_>) {
        if map.is_empty() {
            return self.error(
                IssueType::Structure,
                path,
                format!("'{}' is empty: leave it out instead.", path.name()),
            );
        }
        if self.depth >= MAX_DEPTH || self.is_full() {
            if !self.is_full() {
                self.error(IssueType::TooCostly, path, format!("The body nests deeper than {MAX_DEPTH} levels."));
            }
            return;
        }
        self.depth += 1;
        let seen = self.members(shape, map, path);
        self.missing(shape, shape.required & !seen, path);
        if let Some(rule) = shape.rule {
            rule.check(self, map, path);
        }
        self.depth -= 1;
    }

    /// Walks the members; answers which elements were there, a bit each.
    fn members(&mut self, shape: &'static Shape, map: &'v Map<String, Value>, path: &Path<'_>) -> u128 {
        // Most objects have no companions; then none need be looked for.
        let companions = map.keys().any(|name| name.starts_with('_'));
        let mut seen = 0u128;
        for (name, value) in map {
            let bare = name.strip_prefix('_').unwrap_or(name);
            if name == "resourceType" && shape.is_resource {
                continue;
            }
            let member = shape.member(bare).filter(|m| bare.len() == name.len() || !m.companion.is_empty());
            let Some((member, element)) = member.and_then(|m| Some((m, shape.elements.get(usize::from(m.element))?)))
            else {
                self.unknown(name, shape, path);
                continue;
            };
            let is_companion = bare.len() != name.len();
            if is_companion && map.contains_key(bare) {
                continue;
            }
            let bit = 1u128.checked_shl(u32::from(member.element)).unwrap_or(0);
            let at = path.child(element.name);
            if seen & bit != 0 {
                self.error(
                    IssueType::Structure,
                    &at,
                    format!("'{}' may have only one type, but several are given.", element.name),
                );
            }
            seen |= bit;
            let companion = match companions && !member.companion.is_empty() {
                true => map.get(member.companion),
                false => None,
            };
            let value = (!is_companion).then_some(value);
            match member.value {
                ValueType::Primitive(primitive) => {
                    self.primitive_member(element, member, primitive, value, companion, &at);
                }
                _ => self.complex_member(element, member, value.unwrap_or(&Value::Null), &at),
            }
        }
        seen
    }

    #[cold]
    fn unknown(&mut self, name: &str, shape: &Shape, path: &Path<'_>) {
        // A name may be anything the sender typed: only what could be an element's is repeated.
        if crate::json::is_element_name(name) {
            self.error(
                IssueType::Structure,
                &path.child(name),
                format!("'{name}' is not an element of {} in FHIR R4.", shape.name),
            );
        } else {
            self.error(
                IssueType::Structure,
                path,
                format!("A member here is not an element of {} in FHIR R4.", shape.name),
            );
        }
    }

    fn missing(&mut self, shape: &'static Shape, missing: u128, path: &Path<'_>) {
        if missing == 0 {
            return;
        }
        for (index, element) in shape.elements.iter().enumerate() {
            if missing & 1u128.checked_shl(u32::try_from(index).unwrap_or(128)).unwrap_or(0) != 0 {
                let kind = if element.choice { "one of its types" } else { "a value" };
                let text = format!("'{}' is missing: {} requires it, with {kind}.", element.name, shape.name);
                self.error(IssueType::Required, &path.child(element.name), text);
            }
        }
    }

    fn complex_member(&mut self, element: &Element, member: &'static Member, value: &'v Value, at: &Path<'_>) {
        match (element.max > 1, value) {
            (true, Value::Array(items)) => {
                self.count(element, items.len(), at);
                for (index, item) in items.iter().enumerate() {
                    self.complex(member, item, &at.item(index));
                }
            }
            (true, Value::Null) | (false, _) => self.complex(member, value, at),
            (true, _) => self.not_a_list(element, at),
        }
    }

    fn complex(&mut self, member: &'static Member, value: &'v Value, at: &Path<'_>) {
        let shape = match member.value {
            ValueType::Object(number) => self.definitions.shape(number),
            _ if member.name == "contained" => return self.contained(value, at),
            _ => return self.whole(value, None, at),
        };
        let (Some(shape), Value::Object(map)) = (shape, value) else {
            return self.wrong_kind(value, "an object, '{ … }'", at);
        };
        self.object(shape, map, at);
        if shape.rule == Some(Rule::Reference) {
            self.reference(map, member.targets, at);
        }
        if member.name == "modifierExtension" {
            let text = "This extension can change the meaning of what it stands in, and is not understood here: it is kept and shown as is.";
            self.warning(IssueType::Extension, at, text);
        }
        if let Some(list) = member.list.and_then(|list| self.definitions.lists.get(usize::from(list))) {
            self.bound(list, shape, map, at);
        }
    }

    /// Required binding of a concept, coding or quantity.
    fn bound(&mut self, list: &CodeList, shape: &Shape, map: &Map<String, Value>, at: &Path<'_>) {
        fn of_list(list: &CodeList, coding: &Value) -> bool {
            let text = |name| coding.get(name).and_then(Value::as_str);
            matches!((text("system"), text("code")), (Some(system), Some(code)) if list.has(system, code))
        }
        let holds = match shape.name {
            "CodeableConcept" => match map.get("coding").and_then(Value::as_array) {
                Some(codings) => codings.iter().any(|coding| of_list(list, coding)),
                None => map.contains_key("extension"),
            },
            "Coding" => {
                let text = |name| map.get(name).and_then(Value::as_str);
                matches!((text("system"), text("code")), (Some(s), Some(c)) if list.has(s, c))
                    || map.contains_key("extension")
            }
            _ => map.get("code").and_then(Value::as_str).is_none_or(|code| list.has_code(code)),
        };
        if !holds {
            let systems: Vec<_> = list.systems.iter().map(|(system, _)| *system).collect();
            let text = format!("'{}' needs a code of {}: {}.", at.name(), systems.join(" or "), list.words());
            self.error(IssueType::CodeInvalid, at, text);
        }
    }

    fn primitive_member(
        &mut self,
        element: &Element,
        member: &'static Member,
        primitive: Primitive,
        value: Option<&'v Value>,
        companion: Option<&'v Value>,
        at: &Path<'_>,
    ) {
        if element.max <= 1 {
            return self.primitive_with_companion(member, primitive, value, companion, at);
        }
        let mut lists = [None, None];
        for (list, given) in lists.iter_mut().zip([value, companion]) {
            *list = match given {
                Some(Value::Array(items)) => Some(items.as_slice()),
                Some(_) => return self.not_a_list(element, at),
                None => None,
            };
        }
        let [values, companions] = lists.map(Option::unwrap_or_default);
        self.count(element, values.len().max(companions.len()), at);
        let present = |items: &'v [Value], index: usize| items.get(index).filter(|item| !item.is_null());
        for index in 0..values.len().max(companions.len()) {
            let at = at.item(index);
            let (value, companion) = (present(values, index), present(companions, index));
            if value.is_none() && companion.is_none() {
                self.wrong_kind(&Value::Null, "a value", &at);
            } else {
                self.primitive_with_companion(member, primitive, value, companion, &at);
            }
        }
    }

    fn primitive_with_companion(
        &mut self,
        member: &'static Member,
        primitive: Primitive,
        value: Option<&'v Value>,
        companion: Option<&'v Value>,
        at: &Path<'_>,
    ) {
        if let Some(value) = value {
            self.primitive(member, primitive, value, at);
        }
        if let Some(companion) = companion {
            match (companion, self.definitions.shape(self.definitions.element)) {
                (Value::Object(map), Some(shape)) => self.object(shape, map, at),
                _ => self.wrong_kind(companion, "an object with 'id' or 'extension'", at),
            }
        }
    }

    fn primitive(&mut self, member: &'static Member, primitive: Primitive, value: &'v Value, at: &Path<'_>) {
        if let Err(fault) = primitive::check(primitive, value) {
            return match value {
                Value::Null | Value::Array(_) => self.wrong_kind(value, fault.expected, at),
                _ => self.error(fault.code, at, format!("'{}' must be {}.", at.name(), fault.expected)),
            };
        }
        let Value::String(text) = value else { return };
        if matches!(primitive, Primitive::Uri | Primitive::Canonical | Primitive::Url) && text.starts_with('#') {
            self.local_references.push(text);
        }
        if let Some(list) = member.list.and_then(|list| self.definitions.lists.get(usize::from(list)))
            && !list.has_code(text)
        {
            self.error(IssueType::CodeInvalid, at, format!("'{}' must be one of: {}.", at.name(), list.words()));
        }
    }

    fn count(&mut self, element: &Element, count: usize, at: &Path<'_>) {
        if count == 0 {
            self.error(IssueType::Structure, at, format!("'{}' is an empty list: leave it out instead.", element.name));
        } else if count > usize::from(element.max) && element.max != u16::MAX {
            let text = format!("'{}' may be given at most {} times.", element.name, element.max);
            self.error(IssueType::Structure, at, text);
        }
    }

    #[cold]
    fn not_a_list(&mut self, element: &Element, at: &Path<'_>) {
        let text = format!("'{}' can repeat, so it must be a list, '[ … ]', even for one.", element.name);
        self.error(IssueType::Structure, at, text);
    }

    #[cold]
    fn wrong_kind(&mut self, value: &Value, expected: &str, at: &Path<'_>) {
        let name = at.name();
        let text = match value {
            Value::Null => format!("'{name}' is null: FHIR leaves out what has no value."),
            Value::Array(_) => format!("'{name}' may be given only once, not as a list: expected {expected}."),
            _ => format!("'{name}' must be {expected}."),
        };
        self.error(IssueType::Structure, at, text);
    }
}
