//! What a reader of a chart takes for granted: no visit before birth or after death, every reference found, sizes fit ages,
//! results that were asked for, medicines that stop after they start; and the same practice from the same seed.

mod care;
mod people;
mod practice;
mod visits;

use jiff::civil::{Date, date};
use serde_json::Value;
use std::sync::OnceLock;
use synthetic::{Depth, PatientChart, Practice};

const TODAY: Date = date(2026, 11, 23);

/// One practice for all tests: making it is the slow part without optimisation.
fn demo() -> &'static (Practice, Vec<PatientChart>) {
    static DEMO: OnceLock<(Practice, Vec<PatientChart>)> = OnceLock::new();
    DEMO.get_or_init(|| {
        let practice = Practice::new(11, TODAY, 240, Depth::Demo);
        let charts = practice.charts().collect();
        (practice, charts)
    })
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

fn kind(resource: &Value) -> &str {
    text(resource, "/resourceType")
}

fn of_kind<'a>(chart: &'a PatientChart, name: &'a str) -> impl Iterator<Item = &'a Value> {
    chart.resources.iter().filter(move |r| kind(r) == name)
}

/// Every string under any key named `reference`.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                match value {
                    Value::String(text) if name == "reference" => found.push(text.clone()),
                    _ => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|v| references(v, found)),
        _ => {}
    }
}
