//! Laboratory results: Observations grouped by DiagnosticReports.

use crate::chart::Chart;
use crate::course::Visit;
use crate::json::{LOINC, concept_said, decimal, hl7, link, quantity, set};
use crate::lab_table::{Panel, Range, Test};
use serde_json::{Value, json};

impl Chart<'_> {
    pub(crate) fn write_results(&mut self, position: usize, visit: &Visit) {
        if visit.panels.is_empty() {
            return;
        }
        let chemistry = self.course.chemistry(visit.day, &mut self.rng);
        for panel in &visit.panels {
            let results: Vec<Value> = panel
                .tests()
                .map(|test| {
                    let value = chemistry.value(test.key, &mut self.rng);
                    let id = self.push_result(position, visit, test, value);
                    link("Observation", &id)
                })
                .collect();
            self.push_report(position, visit, *panel, &results);
        }
    }

    fn push_result(&mut self, position: usize, visit: &Visit, test: &Test, value: f64) -> String {
        let id = self.id();
        let (unit, ucum) = test.unit;
        let corrected = self.rng.chance(0.01);
        let mut result = json!({
            "resourceType": "Observation", "id": id, "status": if corrected { "corrected" } else { "final" },
            "category": [hl7("observation-category", "laboratory", "Laboratory")],
            "code": concept_said(LOINC, test.code, test.name, test.short),
            "subject": self.subject(), "encounter": self.encounter(position),
            "effectiveDateTime": visit.day.at(visit.minute + 20),
            "performer": [link("Organization", &self.practice.directory.laboratory.id)],
            "valueQuantity": quantity(value, test.places, unit, ucum),
        });
        let range = test.range(self.course.person.sex);
        if let Some((code, words)) = mark(value, test.places, range) {
            set(&mut result, "interpretation", json!([hl7("v3-ObservationInterpretation", code, words)]));
        }
        set(&mut result, "referenceRange", json!([range_of(test, range)]));
        if corrected {
            set(&mut result, "note", json!([{ "text": "Corrected report: the specimen was measured again." }]));
        }
        self.last_results.push((test.key, decimal(value, test.places).to_string(), visit.day));
        self.out.push(result);
        id
    }

    fn push_report(&mut self, position: usize, visit: &Visit, panel: Panel, results: &[Value]) {
        let id = self.id();
        let (code, name) = panel.code();
        let category = json!({ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "LAB", "display": "Laboratory" }] });
        let order = self.write_order(position, visit, panel);
        let mut report = json!({
            "resourceType": "DiagnosticReport", "id": id, "status": "final", "category": [category],
            "code": concept_said(LOINC, code, name, panel.said()),
            "subject": self.subject(), "encounter": self.encounter(position),
            "effectiveDateTime": visit.day.at(visit.minute + 20),
            "issued": visit.day.at(visit.minute + 340),
            "performer": [self.practice.directory.laboratory.reference("Organization")],
            "resultsInterpreter": [self.clinician(visit)],
            "result": results,
        });
        if let Some(order) = order {
            set(&mut report, "basedOn", json!([order]));
        }
        self.out.push(report);
    }
}

/// How a value stands to its range, judged as it is printed.
fn mark(value: f64, places: usize, (low, high): Range) -> Option<(&'static str, &'static str)> {
    let scale = 10f64.powi(places as i32);
    let shown = (value * scale).round() / scale;
    match (low, high) {
        (_, Some(high)) if shown > high => Some(("H", "High")),
        (Some(low), _) if shown < low => Some(("L", "Low")),
        (None, None) => None,
        _ => Some(("N", "Normal")),
    }
}

fn range_of(test: &Test, (low, high): Range) -> Value {
    let (unit, ucum) = test.unit;
    let places = [low, high].into_iter().flatten().map(|v| usize::from(v.fract() != 0.0)).max().unwrap_or(0)
        * test.places.max(1);
    let mut range = json!({});
    if let Some(low) = low {
        set(&mut range, "low", quantity(low, places, unit, ucum));
    }
    if let Some(high) = high {
        set(&mut range, "high", quantity(high, places, unit, ucum));
    }
    let show = |v: f64| decimal(v, places).to_string();
    let text = match (low, high) {
        (Some(low), Some(high)) => format!("{} to {} {unit}", show(low), show(high)),
        (Some(low), None) => format!("{} {unit} or more", show(low)),
        (None, Some(high)) => format!("{} {unit} or less", show(high)),
        (None, None) => String::new(),
    };
    set(&mut range, "text", json!(text));
    range
}
