//! What a reader of a chart takes for granted: no visit before birth or after death, every reference found, sizes fit ages,
//! results that were asked for, medicines that stop after they start; and the same practice from the same seed.

use jiff::civil::{Date, date};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::OnceLock;
use synthetic::{Depth, PatientChart, Practice, transaction};

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

#[test]
fn every_reference_resolves_in_the_patient_or_the_practice() {
    let (practice, charts) = demo();
    let name = |r: &Value| format!("{}/{}", kind(r), text(r, "/id"));
    let directory = practice.directory();
    let shared: HashSet<String> = directory.iter().map(name).collect();
    assert_eq!(shared.len(), directory.len(), "directory ids are unique");
    let mut all_ids = HashSet::new();
    for chart in charts {
        let own: HashSet<String> = chart.resources.iter().map(name).collect();
        assert_eq!(own.len(), chart.resources.len());
        for resource in chart.resources.iter().chain(&directory) {
            let mut found = Vec::new();
            references(resource, &mut found);
            for target in found {
                assert!(own.contains(&target) || shared.contains(&target), "{} refers to {target}", name(resource));
            }
        }
        for id in own {
            assert!(all_ids.insert(id), "an id is used in two charts");
        }
    }
}

#[test]
fn nothing_happens_before_birth_or_after_death_or_in_the_future() {
    let (_, charts) = demo();
    let today = TODAY.to_string();
    let mut dead = 0;
    for chart in charts {
        let patient = &chart.resources[0];
        let born = text(patient, "/birthDate");
        let died = text(patient, "/deceasedDateTime");
        dead += usize::from(!died.is_empty());
        for resource in &chart.resources {
            for path in [
                "/period/start",
                "/effectiveDateTime",
                "/occurrenceDateTime",
                "/authoredOn",
                "/onsetDateTime",
                "/recordedDate",
                "/date",
                "/performedDateTime",
            ] {
                let when = text(resource, path);
                let day = when.get(..10).unwrap_or(when);
                if day.is_empty() || day.len() < 10 {
                    continue;
                }
                assert!(day >= born, "{} {path} {when} before birth {born}", kind(resource));
                assert!(died.is_empty() || day <= died, "{} {path} {when} after death {died}", kind(resource));
                let planned = ["Appointment", "CarePlan", "ServiceRequest", "Task", "Goal"].contains(&kind(resource));
                assert!(planned || day <= today.as_str(), "{} {path} {when} is in the future", kind(resource));
            }
        }
    }
    assert!(dead >= 3, "some patients have died: {dead}");
}

#[test]
fn visits_are_in_business_hours_on_working_days() {
    let (_, charts) = demo();
    for encounter in charts.iter().flat_map(|c| of_kind(c, "Encounter")).filter(|e| text(e, "/class/code") != "IMP") {
        let start = text(encounter, "/period/start");
        let day: Date = start[..10].parse().unwrap();
        let hour: u32 = start[11..13].parse().unwrap();
        assert!((8..17).contains(&hour) && hour != 12, "visit at {start}");
        assert!(
            !matches!(day.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday),
            "visit on {start}"
        );
    }
}

#[test]
fn care_is_given_in_the_practice_by_video_and_in_hospital() {
    let (_, charts) = demo();
    let mut classes = BTreeMap::new();
    for encounter in charts.iter().flat_map(|c| of_kind(c, "Encounter")) {
        *classes.entry(text(encounter, "/class/code")).or_insert(0) += 1;
        assert_eq!(text(encounter, "/class/code") == "AMB", encounter.get("location").is_some());
    }
    assert!(classes["AMB"] > 1_500 && classes["VR"] > 20 && classes["IMP"] > 10, "{classes:?}");
    let images =
        charts.iter().flat_map(|c| of_kind(c, "DiagnosticReport")).filter(|r| r.get("presentedForm").is_some()).count();
    assert!(images > 20, "{images} imaging reports");
}

#[test]
fn todays_visits_are_there_in_every_state_and_nobody_is_booked_twice() {
    let (_, charts) = demo();
    let mut states = BTreeMap::new();
    let mut names = Vec::new();
    let mut taken = BTreeSet::new();
    for (chart, encounter) in charts.iter().flat_map(|c| of_kind(c, "Encounter").map(move |e| (c, e))) {
        let start = text(encounter, "/period/start");
        if start.starts_with(&TODAY.to_string()) {
            *states.entry(text(encounter, "/status").to_owned()).or_insert(0) += 1;
            let patient = &chart.resources[0];
            names.push(format!("{} {}", text(patient, "/name/0/family"), text(patient, "/name/0/given/0")));
            let clinician = text(encounter, "/participant/0/individual/reference");
            let room = text(encounter, "/location/0/location/reference");
            assert!(taken.insert((start.to_owned(), clinician.to_owned())), "{clinician} twice at {start}");
            assert!(taken.insert((start.to_owned(), room.to_owned())), "{room} twice at {start}");
        } else {
            assert_eq!(text(encounter, "/status"), "finished");
        }
    }
    for state in ["planned", "arrived", "in-progress", "finished"] {
        assert!(
            names.iter().any(|n| names.iter().filter(|other| *other == n).count() > 1),
            "two of one name come today"
        );
        assert!(states.get(state).copied().unwrap_or(0) > 0, "no visit is {state} today: {states:?}");
    }
}

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

fn digest(practice: &Practice) -> String {
    let mut all = transaction(practice.directory()).to_string();
    for chart in practice.charts() {
        all.push_str(&transaction(chart.resources).to_string());
    }
    all
}

#[test]
fn the_same_seed_and_day_give_the_same_practice_byte_for_byte() {
    let one = digest(&Practice::new(5, TODAY, 40, Depth::Demo));
    assert_eq!(one, digest(&Practice::new(5, TODAY, 40, Depth::Demo)));
    assert_ne!(one, digest(&Practice::new(6, TODAY, 40, Depth::Demo)));
    // A chart does not depend on which were made before it.
    let practice = Practice::new(5, TODAY, 40, Depth::Demo);
    assert_eq!(practice.chart(33).resources, practice.charts().nth(33).unwrap().resources);
}

#[test]
fn charts_have_the_size_their_depth_promises() {
    let scale = Practice::new(11, TODAY, 600, Depth::Scale);
    let (mut count, mut bytes) = (0, 0);
    for chart in scale.charts() {
        count += chart.resources.len();
        bytes += chart.resources.iter().map(|r| r.to_string().len()).sum::<usize>();
    }
    let mean = count as f64 / 600.0;
    println!("scale: {mean:.1} resources a patient, {} bytes a resource", bytes / count);
    assert!((25.0..=35.0).contains(&mean), "{mean:.1} resources a patient");
    let (_, charts) = demo();
    let count: usize = charts.iter().map(|c| c.resources.len()).sum();
    let bytes: usize = charts.iter().flat_map(|c| &c.resources).map(|r| r.to_string().len()).sum();
    let mut kinds = BTreeMap::new();
    for resource in charts.iter().flat_map(|c| &c.resources) {
        *kinds.entry(kind(resource)).or_insert(0) += 1;
    }
    println!("demo: {} resources a patient, {} bytes a resource; {kinds:?}", count / charts.len(), bytes / count);
}

#[test]
fn five_people_sign_in_each_with_a_role_of_their_own() {
    let (practice, _) = demo();
    let staff = practice.staff();
    let roles: BTreeSet<_> = staff.iter().map(|s| s.role).collect();
    assert_eq!(roles, BTreeSet::from(["clinician", "front-desk", "manager", "nurse", "privacy-officer"]));
    let directory = practice.directory();
    for member in staff {
        assert!(directory.iter().any(|r| kind(r) == "Practitioner" && text(r, "/id") == member.practitioner));
    }
}

#[test]
fn the_big_chart_has_exactly_its_size_and_refers_only_to_itself_and_the_directory() {
    let (practice, _) = demo();
    let mut known: HashSet<String> =
        practice.directory().iter().map(|r| format!("{}/{}", kind(r), text(r, "/id"))).collect();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for part in practice.big_chart() {
        assert_eq!(part.patient, practice.big_patient());
        for resource in &part.resources {
            *kinds.entry(kind(resource).to_owned()).or_default() += 1;
            assert!(known.insert(format!("{}/{}", kind(resource), text(resource, "/id"))), "an id twice");
        }
        for resource in &part.resources {
            let mut found = Vec::new();
            references(resource, &mut found);
            for target in found {
                assert!(known.contains(&target), "{} refers to {target}", kind(resource));
            }
        }
    }
    assert_eq!(kinds["Patient"], 1);
    assert_eq!(kinds["Encounter"], synthetic::BIG_VISITS);
    assert_eq!(kinds["Observation"], synthetic::BIG_OBSERVATIONS);
    assert_eq!(kinds["DocumentReference"], synthetic::BIG_DOCUMENTS);
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
fn the_practice_has_everyone_the_screens_must_show() {
    let (_, charts) = demo();
    let patients: Vec<&Value> = charts.iter().map(|c| &c.resources[0]).collect();
    let some = |what: &str, test: &dyn Fn(&Value) -> bool| {
        assert!(patients.iter().any(|p| test(p)), "nobody is {what}");
    };
    let has_name = |p: &Value, name_use: &str| p["name"].as_array().unwrap().iter().any(|n| n["use"] == name_use);
    some("a newborn", &|p| text(p, "/birthDate") > "2026-11-01");
    some("over 100", &|p| text(p, "/birthDate") < "1926-11-01");
    some("deceased", &|p| p.get("deceasedDateTime").is_some());
    some("a test patient", &|p| text(p, "/meta/security/0/code") == "HTEST");
    some("a twin", &|p| p.get("multipleBirthInteger").is_some());
    some("called otherwise", &|p| has_name(p, "usual"));
    some("married under another name", &|p| has_name(p, "maiden"));
    some("photographed", &|p| p.get("photo").is_some());
    some("in need of an interpreter", &|p| p["extension"].to_string().contains("interpreterRequired"));
    some("of told pronouns", &|p| p["extension"].to_string().contains("individual-pronouns"));
    some("accented", &|p| !text(p, "/name/0/family").is_ascii());
    assert!(patients.iter().all(|p| p.get("identifier").is_none()), "record numbers are the store's");
    let mut seen = HashMap::new();
    let mut pairs = 0;
    for patient in &patients {
        let name = format!("{} {}", text(patient, "/name/0/family"), text(patient, "/name/0/given/0"));
        pairs += usize::from(seen.insert(name, ()).is_some());
    }
    assert!(pairs >= 4, "only {pairs} pairs of one name");
    for phone in patients.iter().flat_map(|p| p["telecom"].as_array().unwrap()).filter(|t| t["system"] == "phone") {
        assert!(phone["value"].as_str().unwrap().contains("-555-01"), "{phone} may be someone's");
    }
}

#[test]
fn searches_name_a_patient_of_the_practice() {
    let (practice, charts) = demo();
    let ids: HashSet<&str> = charts.iter().map(|c| c.patient.as_str()).collect();
    let queries: Vec<_> = practice.queries(3, 400).collect();
    assert_eq!(queries, practice.queries(3, 400).collect::<Vec<_>>());
    let kinds: BTreeSet<_> = queries.iter().map(|q| q.kind).collect();
    assert_eq!(kinds.len(), 7, "{kinds:?}");
    for query in &queries {
        assert!(ids.contains(query.patient.as_str()) && query.text.trim().len() > 1, "{query:?}");
    }
    for query in queries.iter().take(20) {
        println!("{:<10} {}", query.kind, query.text);
    }
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

#[test]
fn the_big_chart_is_the_same_beside_a_small_and_a_large_practice() {
    let part = |depth, patients| {
        let practice = Practice::new(11, TODAY, patients, depth);
        practice.big_chart().nth(7).map(|part| part.resources)
    };
    let demo = part(Depth::Demo, 3);
    assert!(demo.is_some());
    assert_eq!(demo, part(Depth::Scale, 100_000));
}
