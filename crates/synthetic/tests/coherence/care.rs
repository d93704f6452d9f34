//! What is told of illness and treatment hangs together.

use crate::{demo, of_kind, text};
use jiff::civil::Date;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};

#[test]
fn weights_fit_ages() {
    let (_, charts) = demo();
    for chart in charts {
        let born: Date = text(&chart.resources[0], "/birthDate").parse().unwrap();
        for observation in of_kind(chart, "Observation").filter(|o| text(o, "/code/coding/0/code") == "29463-7") {
            let day: Date = text(observation, "/effectiveDateTime")[..10].parse().unwrap();
            let years = f64::from(day.duration_since(born).as_hours() as i32) / 24.0 / 365.25;
            let kg: f64 = observation.pointer("/valueQuantity/value").unwrap().to_string().parse().unwrap();
            let (low, high) = match years {
                y if y < 0.1 => (2.0, 6.0),
                y if y < 1.0 => (3.0, 14.0),
                y if y < 3.0 => (7.0, 22.0),
                y if y < 6.0 => (10.0, 36.0),
                y if y < 12.0 => (14.0, 90.0),
                y if y < 18.0 => (25.0, 130.0),
                _ => (38.0, 190.0),
            };
            assert!((low..high).contains(&kg), "{kg} kg at {years:.2} years");
        }
    }
}

#[test]
fn an_a1c_is_only_there_in_a_report_and_for_a_problem_that_asks_for_it() {
    let (_, charts) = demo();
    let mut seen = 0;
    for chart in charts {
        let in_reports: HashSet<&str> = of_kind(chart, "DiagnosticReport")
            .filter_map(|r| r["result"].as_array())
            .flatten()
            .map(|r| text(r, "/reference"))
            .collect();
        let sugar = of_kind(chart, "Condition").any(|c| ["E11.9", "R73.03"].contains(&text(c, "/code/coding/0/code")));
        for observation in of_kind(chart, "Observation").filter(|o| text(o, "/code/coding/0/code") == "4548-4") {
            seen += 1;
            assert!(sugar, "an A1c without diabetes or prediabetes");
            assert!(in_reports.contains(format!("Observation/{}", text(observation, "/id")).as_str()));
        }
    }
    assert!(seen > 20, "only {seen} A1c results");
}

#[test]
fn medicines_stop_after_they_start_and_say_why() {
    let (_, charts) = demo();
    let (mut active, mut stopped) = (0, 0);
    for request in charts.iter().flat_map(|c| of_kind(c, "MedicationRequest")) {
        let period = &request["dosageInstruction"][0]["timing"]["repeat"]["boundsPeriod"];
        let (start, end) = (text(period, "/start"), text(period, "/end"));
        assert_eq!(start, &text(request, "/authoredOn")[..10]);
        assert!(end.is_empty() || end > start, "stopped {end}, started {start}");
        match text(request, "/status") {
            "active" => active += usize::from(end.is_empty()),
            "stopped" => {
                stopped += 1;
                assert!(!text(request, "/statusReason/text").is_empty());
            }
            other => assert_eq!(other, "completed"),
        }
    }
    assert!(active > 100 && stopped > 30, "{active} active, {stopped} stopped");
}

#[test]
fn nobody_is_prescribed_what_they_are_allergic_to() {
    let (_, charts) = demo();
    let clash = [
        ("Penicillin V", "amoxicillin"),
        ("lisinopril", "lisinopril"),
        ("Ibuprofen", "Naproxen"),
        ("Ibuprofen", "Ibuprofen"),
        ("Sulfamethoxazole / Trimethoprim", "sulfamethoxazole"),
    ];
    for chart in charts {
        for allergy in of_kind(chart, "AllergyIntolerance").map(|a| text(a, "/code/text")) {
            for medicine in of_kind(chart, "MedicationRequest").map(|m| text(m, "/medicationCodeableConcept/text")) {
                for (substance, word) in clash {
                    assert!(allergy != substance || !medicine.contains(word), "{medicine} despite {allergy}");
                }
            }
        }
    }
}

#[test]
fn allergies_are_listed_none_known_or_not_asked() {
    let (_, charts) = demo();
    let (mut listed, mut none_known, mut not_asked) = (0, 0, 0);
    for chart in charts {
        let allergies: Vec<&Value> = of_kind(chart, "AllergyIntolerance").collect();
        let none = allergies.iter().any(|a| text(a, "/code/coding/0/code") == "no-known-allergies");
        match (allergies.len(), none) {
            (0, _) => not_asked += 1,
            (1, true) => none_known += 1,
            (_, true) => panic!("none known beside a listed allergy"),
            (_, false) => {
                listed += 1;
                for allergy in allergies {
                    assert!(!text(allergy, "/reaction/0/manifestation/0/text").is_empty());
                    assert!(!text(allergy, "/reaction/0/severity").is_empty());
                }
            }
        }
    }
    assert!(listed > 40 && none_known > 60 && not_asked > 5, "{listed} {none_known} {not_asked}");
}

#[test]
fn notes_agree_with_the_visit_they_tell_of() {
    use base64::Engine;
    let (_, charts) = demo();
    let mut told = 0;
    for chart in charts {
        let pressures: BTreeMap<&str, String> = of_kind(chart, "Observation")
            .filter(|o| text(o, "/code/coding/0/code") == "85354-9")
            .map(|o| {
                (
                    text(o, "/encounter/reference"),
                    format!(
                        "{}/{}",
                        o["component"][0]["valueQuantity"]["value"], o["component"][1]["valueQuantity"]["value"]
                    ),
                )
            })
            .collect();
        for note in of_kind(chart, "DocumentReference")
            .filter(|d| ["11506-3", "34117-2"].contains(&text(d, "/type/coding/0/code")))
        {
            let data =
                base64::engine::general_purpose::STANDARD.decode(text(note, "/content/0/attachment/data")).unwrap();
            let words = String::from_utf8(data).unwrap();
            assert!(words.contains("Signed by") && words.len() > 200, "{words}");
            if let Some(pressure) = pressures.get(text(note, "/context/encounter/0/reference"))
                && words.contains("Blood pressure")
            {
                assert!(words.contains(pressure.as_str()), "{pressure} is not in: {words}");
                told += 1;
            }
        }
    }
    assert!(told > 200, "only {told} notes tell of a blood pressure");
}

#[test]
fn vaccine_series_count_up_without_gaps() {
    let (_, charts) = demo();
    for chart in charts {
        let mut series: BTreeMap<&str, Vec<(String, u64)>> = BTreeMap::new();
        for dose in of_kind(chart, "Immunization").filter(|i| text(i, "/status") == "completed") {
            if let Some(number) = dose.pointer("/protocolApplied/0/doseNumberPositiveInt").and_then(Value::as_u64) {
                let code = if text(dose, "/vaccineCode/coding/0/code") == "216" {
                    "133"
                } else {
                    text(dose, "/vaccineCode/coding/0/code")
                };
                let of = dose.pointer("/protocolApplied/0/seriesDosesPositiveInt").and_then(Value::as_u64).unwrap();
                assert!(number <= of);
                if of > 1 {
                    series.entry(code).or_default().push((text(dose, "/occurrenceDateTime").to_owned(), number));
                }
            }
        }
        for (code, mut doses) in series {
            doses.sort();
            let numbers: Vec<u64> = doses.iter().map(|(_, number)| *number).collect();
            assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "CVX {code}");
        }
    }
}

#[test]
fn letters_are_pdf_files_and_cards_png_pictures() {
    use base64::Engine;
    let (_, charts) = demo();
    let (mut letters, mut cards) = (0, 0);
    for document in charts.iter().flat_map(|c| of_kind(c, "DocumentReference")) {
        let data =
            base64::engine::general_purpose::STANDARD.decode(text(document, "/content/0/attachment/data")).unwrap();
        match text(document, "/content/0/attachment/contentType") {
            "application/pdf" => {
                letters += 1;
                assert!(data.starts_with(b"%PDF-1.4") && data.ends_with(b"%%EOF\n"));
            }
            "image/png" => {
                cards += 1;
                assert!(data.starts_with(b"\x89PNG"));
            }
            other => assert!(["text/plain", "text/html"].contains(&other) && String::from_utf8(data).is_ok()),
        }
    }
    assert!(letters > 10 && cards > 10, "{letters} letters, {cards} cards");
}
