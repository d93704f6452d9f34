//! Holds the tables against the code systems themselves, where they are at hand.

use crate::allergy_table::ALLERGENS;
use crate::drug_table::{DRUGS, drug};
use crate::lab_table::Panel;
use crate::problem_table::{ACUTE, ADULT_EXAM, CHILD_EXAM, CHRONIC, NEWBORN_EXAM, NEWBORN_LATER};
use std::collections::HashMap;
use std::io::Read;
use std::path::PathBuf;

/// A file of the shared data, or nothing where it is not at hand.
fn shared(name: &str) -> Option<Vec<u8>> {
    let root = std::env::var_os("CHARTROOM_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let found = std::fs::read(root.join("data").join(name)).ok();
    if found.is_none() {
        println!("skipped: {name} is not at hand");
    }
    found
}

#[test]
fn every_diagnosis_is_a_billable_icd_10_cm_code_with_its_words() {
    let Some(packed) = shared("icd10cm/icd10cm_fy2026_derived.tsv.gz") else { return };
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
    let rows: HashMap<&str, Vec<&str>> =
        text.lines().map(|l| l.split('\t').collect::<Vec<_>>()).map(|f| (f[0], f)).collect();
    let exams = [ADULT_EXAM, CHILD_EXAM, NEWBORN_EXAM, NEWBORN_LATER];
    let family = crate::history::FAMILY.iter().map(|(code, name, _)| (*code, *name));
    let stays = crate::elsewhere::STAYS.iter().map(|stay| (stay.code, stay.name));
    let listed = CHRONIC.iter().map(|r| (r.code, r.name)).chain(ACUTE.iter().map(|r| (r.code, r.name)));
    for (code, name) in listed.chain(exams).chain(family).chain(stays) {
        let row = rows.get(code).unwrap_or_else(|| panic!("{code} is no ICD-10-CM code"));
        assert_eq!((row[1], row[3]), ("1", name), "{code}");
    }
}

#[test]
fn every_medicine_is_an_rxnorm_row_that_may_ship() {
    for code in CHRONIC.iter().flat_map(|r| r.courses.iter()).flat_map(|c| c.iter()).flat_map(|s| s.iter()) {
        assert!(drug(code).is_some(), "{code} has no row");
    }
    for code in ACUTE.iter().flat_map(|r| r.medicines) {
        assert!(drug(code).is_some(), "{code} has no row");
    }
    let Some(bytes) = shared("drugs/rxnorm_mini_derived.tsv") else { return };
    let text = String::from_utf8(bytes).unwrap();
    let rows: HashMap<&str, (&str, &str)> =
        text.lines().filter_map(|l| l.split_once('\t').and_then(|(c, r)| Some((c, r.split_once('\t')?)))).collect();
    let allergens = ALLERGENS.iter().filter_map(|a| Some((a.code?, a.name)));
    for (code, name) in DRUGS.iter().map(|d| (d.code, d.name)).chain(allergens) {
        let (words, sources) = rows.get(code).unwrap_or_else(|| panic!("{code} {name} is not in RxNorm"));
        assert_eq!(*words, name, "{code}");
        assert!(sources.contains("synthea"), "{code} may not ship");
    }
}

#[test]
fn every_common_test_has_its_loinc_code() {
    let Some(bytes) = shared("labs/LOINC_1.6_Top2000CommonLabResultsUS.csv") else { return };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let known: HashMap<&str, &str> = text.lines().filter_map(|l| l.split_once(',')).collect();
    // Younger or rarer than that list: eGFR by CKD-EPI 2021, urine albumin/creatinine by mass.
    let not_listed = ["98979-8", "9318-7"];
    let panels = [
        Panel::Cmp,
        Panel::Cbc,
        Panel::Lipids,
        Panel::A1c,
        Panel::Tsh,
        Panel::Ucr,
        Panel::Iron,
        Panel::VitD,
        Panel::Inr,
        Panel::Psa,
    ];
    for test in panels.into_iter().flat_map(Panel::tests) {
        assert!(known.contains_key(test.code) || not_listed.contains(&test.code), "{} {}", test.code, test.name);
    }
}
