//! Figures as they are taken, printed as a table and as JSON.

use bench::load::Measured;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// What a run measured, in order.
pub struct Report {
    patients: usize,
    postgres: bool,
    rows: Vec<(String, &'static str, f64)>,
    notes: Vec<String>,
}

impl Report {
    /// An empty report on a practice of so many patients.
    pub fn new(patients: usize, postgres: bool) -> Self {
        Self { patients, postgres, rows: Vec::new(), notes: Vec::new() }
    }

    /// One figure; printed at once, since a long run is watched.
    pub fn add(&mut self, name: &str, unit: &'static str, value: f64) {
        println!("{name}: {} {unit}", shown(value));
        self.rows.push((name.to_owned(), unit, value));
    }

    /// What a number does not say.
    pub fn note(&mut self, text: &str) {
        println!("{text}");
        self.notes.push(text.to_owned());
    }

    /// A load run: rate, latencies, CPU per request, and answers that were wrong (which must be none).
    pub fn load(&mut self, name: &str, measured: &Measured, cpu: Duration) {
        self.add(&format!("{name}, rate"), "/s", measured.per_second);
        for percent in [50.0, 95.0, 99.0] {
            self.add(&format!("{name}, p{percent:.0}"), "ms", measured.percentile(percent));
        }
        #[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
        let each = cpu.as_secs_f64() * 1000.0 / measured.latencies.len().max(1) as f64;
        self.add(&format!("{name}, CPU each"), "ms", each);
        if measured.wrong > 0 {
            #[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
            self.add(&format!("{name}, WRONG ANSWERS"), "", measured.wrong as f64);
        }
    }

    /// A table for docs/performance.md.
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "Practice of {} patients, {}.\n\n| figure | value |\n|---|---:|\n",
            self.patients,
            if self.postgres { "on PostgreSQL" } else { "in its encrypted file" }
        );
        for (name, unit, value) in &self.rows {
            text.push_str(&format!("| {name} | {} {unit} |\n", shown(*value)));
        }
        for note in &self.notes {
            text.push_str(&format!("\n{note}\n"));
        }
        text
    }

    /// For comparing runs.
    pub fn json(&self) -> String {
        let figures: Map<String, Value> =
            self.rows.iter().map(|(name, unit, value)| (name.clone(), json!({"unit": unit, "value": value}))).collect();
        json!({"patients": self.patients, "engine": if self.postgres { "postgres" } else { "sqlite" }, "figures": figures}).to_string()
    }
}

/// A figure in as many digits as it deserves.
pub fn shown(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}
