//! The rules of `Timing.repeat`: how often, how long, and when.

use super::{Path, Walker};
use serde_json::{Map, Value};

pub(super) fn check(walker: &mut Walker<'_>, map: &Map<String, Value>, at: &Path<'_>) {
    let has = |name| map.contains_key(name);
    let negative = |name| matches!(map.get(name), Some(Value::Number(n)) if n.as_str().starts_with('-') && n.as_f64() != Some(0.0));
    let relative_meal = |when: &Value| matches!(when.as_str(), Some("C" | "CM" | "CD" | "CV"));
    let whens = map.get("when").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let rules = [
        (!has("duration") || has("durationUnit"), "tim-1", "A duration needs its unit"),
        (!has("period") || has("periodUnit"), "tim-2", "A period needs its unit"),
        (!negative("duration"), "tim-4", "A duration is not negative"),
        (!negative("period"), "tim-5", "A period is not negative"),
        (!has("periodMax") || has("period"), "tim-6", "'periodMax' needs a period"),
        (!has("durationMax") || has("duration"), "tim-7", "'durationMax' needs a duration"),
        (!has("countMax") || has("count"), "tim-8", "'countMax' needs a count"),
        (
            !has("offset") || (!whens.is_empty() && !whens.iter().any(relative_meal)),
            "tim-9",
            "An offset needs a 'when' that is not a meal itself",
        ),
        (!(has("timeOfDay") && has("when")), "tim-10", "Give 'timeOfDay' or 'when', not both"),
    ];
    for (holds, rule, text) in rules {
        if !holds {
            walker.broken(rule, at, text);
        }
    }
}
