//! Whole resources: the one validated, those it contains, and those in a Bundle or Parameters.

use super::{Path, Walker};
use crate::{IssueType, Kind};
use serde_json::{Map, Value};

impl<'v> Walker<'v> {
    /// A resource that stands for itself: the body, or an entry of a Bundle. References are resolved within it.
    pub(super) fn whole(&mut self, value: &'v Value, expected: Option<Kind>, path: &Path<'_>) {
        let Some((kind, map)) = self.typed(value, expected, path) else { return };
        let outer = (std::mem::take(&mut self.contained), std::mem::take(&mut self.local_references), self.in_bundle);
        self.in_bundle |= kind == Kind::BUNDLE;
        let inside = map.get("contained").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for resource in inside {
            let text = |name| resource.get(name).and_then(Value::as_str);
            if let Some(id) = text("id") {
                self.contained.push((id, text("resourceType").and_then(Kind::parse)));
            }
        }
        self.shape_of(kind, map, path);
        self.contained_are_used(inside, path);
        (self.contained, self.local_references, self.in_bundle) = outer;
    }

    /// A resource inside another one (`contained`).
    pub(super) fn contained(&mut self, value: &'v Value, path: &Path<'_>) {
        let Some((kind, map)) = self.typed(value, None, path) else { return };
        if map.get("id").is_none() {
            self.error(IssueType::Required, &path.child("id"), "A contained resource needs an 'id' to be referred to.");
        }
        if map.contains_key("contained") {
            self.broken("dom-2", &path.child("contained"), "A contained resource cannot contain further resources");
        }
        let meta = map.get("meta");
        let has = |name| meta.is_some_and(|meta| meta.get(name).is_some());
        if has("versionId") || has("lastUpdated") {
            self.broken(
                "dom-4",
                &path.child("meta"),
                "A contained resource has no version and no time of update of its own",
            );
        }
        if has("security") {
            self.broken("dom-5", &path.child("meta"), "A contained resource has no security labels of its own");
        }
        let outer = std::mem::replace(&mut self.in_contained, true);
        self.shape_of(kind, map, path);
        self.in_contained = outer;
    }

    fn shape_of(&mut self, kind: Kind, map: &'v Map<String, Value>, path: &Path<'_>) {
        if let Some(shape) = self.definitions.resource(kind) {
            self.object(shape, map, path);
        }
    }

    /// Reads `resourceType`.
    fn typed(
        &mut self,
        value: &'v Value,
        expected: Option<Kind>,
        path: &Path<'_>,
    ) -> Option<(Kind, &'v Map<String, Value>)> {
        let Some(map) = value.as_object() else {
            self.error(IssueType::Structure, path, "A resource is a JSON object, '{ … }'.");
            return None;
        };
        let said = map.get("resourceType").map(Value::as_str);
        let kind = match (said, expected) {
            (Some(Some(name)), Some(kind)) if name == kind.name() => return Some((kind, map)),
            (Some(Some(name)), _) => Kind::parse(name),
            (Some(None), _) => None,
            (None, _) => {
                self.error(IssueType::Required, path, "'resourceType' is missing: it names the type of the resource.");
                return None;
            }
        };
        match (kind, expected) {
            (Some(kind), None) => Some((kind, map)),
            (Some(kind), Some(expected)) => {
                self.error(
                    IssueType::Invalid,
                    path,
                    format!("'resourceType' is {kind}, but {expected} is expected here."),
                );
                None
            }
            (None, _) => {
                self.error(IssueType::Invalid, path, "'resourceType' is not a resource type of FHIR R4.");
                None
            }
        }
    }

    /// dom-3, as a warning: an unused contained resource harms nobody, and refusing it would lose data on import.
    fn contained_are_used(&mut self, inside: &'v [Value], path: &Path<'_>) {
        for (index, resource) in inside.iter().enumerate() {
            let id = resource.get("id").and_then(Value::as_str);
            let used = id.is_none_or(|id| self.local_references.iter().any(|r| r.strip_prefix('#') == Some(id)));
            // One that refers to its container (`#`) is used too.
            if !used && !self.local_references.contains(&"#") {
                let at = path.child("contained").item(index);
                self.warning(IssueType::Invariant, &at, "Nothing refers to this contained resource (rule dom-3).");
            }
        }
    }
}
