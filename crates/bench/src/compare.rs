//! Two runs beside one another, as ratios: PostgreSQL against SQLite, 100,000 patients against 1,000, after a change against before it.

use crate::report::shown;
use serde_json::Value;
use std::fmt::Write as _;
use std::io::{Error, Result};

/// A table of the figures that both files have.
pub fn table(first: &str, second: &str) -> Result<String> {
    let read = |file: &str| -> Result<Value> {
        serde_json::from_slice(&std::fs::read(file)?).map_err(|error| Error::other(format!("{file}: {error}")))
    };
    let (a, b) = (read(first)?, read(second)?);
    let what = |run: &Value| {
        let of = |name: &str| run.get(name).map(|value| value.to_string().replace('"', "")).unwrap_or_default();
        format!("{}, {}", of("engine"), of("patients"))
    };
    let mut text = format!("| figure | {} | {} | ratio |\n|---|---:|---:|---:|\n", what(&a), what(&b));
    let figures = a.get("figures").and_then(Value::as_object).into_iter().flatten();
    for (name, figure) in figures {
        let value = |figure: &Value| figure.get("value").and_then(Value::as_f64);
        let other = b.pointer("/figures").and_then(|figures| figures.get(name)).and_then(value);
        let (Some(one), Some(other)) = (value(figure), other) else { continue };
        let unit = figure.get("unit").and_then(Value::as_str).unwrap_or_default();
        let ratio = if one == 0.0 { "–".to_owned() } else { shown(other / one) };
        let _infallible = writeln!(text, "| {name} | {} {unit} | {} {unit} | {ratio} |", shown(one), shown(other));
    }
    Ok(text)
}
