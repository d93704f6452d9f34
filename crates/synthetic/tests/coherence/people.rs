//! The people of the practice, and how they are looked for.

use crate::{demo, kind, text};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};

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
