//! The search box's matching.

use super::fixture::{Case, clinician, key, patient, reading, version};
use crate::access::{KindSet, Permit, Scope};
use crate::find::{FindKey, KeyClass, KeyMatch, Term};
use crate::record::{Change, Write};
use fhir::Kind;

fn find_key(class: KeyClass, key: &str) -> FindKey {
    FindKey { class, key: key.into() }
}

fn word(class: KeyClass, key: &str, prefix: bool) -> Term {
    Term { any: vec![KeyMatch { class, key: key.into(), prefix }] }
}

fn name(key: &str, prefix: bool) -> Term {
    word(KeyClass::Name, key, prefix)
}

async fn registered(case: &Case, id: &str, based_on: Option<u32>, keys: Vec<FindKey>) {
    let p = key(Kind::PATIENT, id);
    let mut new = version(&p, Some(id), None, "1");
    new.find_keys = keys;
    case.commit(vec![Write { key: p, based_on, change: Change::Put(new) }]).await.expect("registered");
}

async fn three(case: &Case) {
    for (id, given, birth) in [("ana", "ana", "19620504"), ("anna", "anna", "19620504"), ("bo", "bo", "19991231")] {
        let keys = vec![
            find_key(KeyClass::Name, given),
            find_key(KeyClass::Name, "garcia"),
            find_key(KeyClass::BirthDate, birth),
        ];
        registered(case, id, None, keys).await;
    }
}

async fn found(case: &Case, terms: &[Term], limit: u32) -> (Vec<String>, bool) {
    let sealed = case.store.find(&reading(), terms, limit).await.expect("found");
    let candidates = sealed.for_decision();
    let mut ids: Vec<String> = candidates.patients.iter().map(|found| found.key.id.to_string()).collect();
    ids.sort();
    (ids, candidates.more)
}

pub async fn every_word_must_match(case: Case) {
    three(&case).await;
    assert_eq!(found(&case, &[name("garcia", false)], 10).await.0, ["ana", "anna", "bo"]);
    let both = [name("garcia", false), word(KeyClass::BirthDate, "19991231", false)];
    assert_eq!(found(&case, &both, 10).await.0, ["bo"]);
    assert!(found(&case, &[name("garcia", false), name("nobody", true)], 10).await.0.is_empty());
    let either = Term { any: [name("bo", false).any, name("anna", false).any].concat() };
    assert_eq!(found(&case, &[either], 10).await.0, ["anna", "bo"]);
}

pub async fn a_beginning_matches_only_where_asked(case: Case) {
    three(&case).await;
    assert_eq!(found(&case, &[name("an", true)], 10).await.0, ["ana", "anna"]);
    assert!(found(&case, &[name("an", false)], 10).await.0.is_empty());
    assert_eq!(found(&case, &[name("ana", false)], 10).await.0, ["ana"]);
}

pub async fn more_than_the_limit_is_told(case: Case) {
    three(&case).await;
    let (ids, more) = found(&case, &[name("garcia", false)], 2).await;
    assert_eq!((ids.len(), more), (2, true));
    assert!(!found(&case, &[name("garcia", false)], 3).await.1);
}

pub async fn keys_follow_the_patient(case: Case) {
    three(&case).await;
    registered(&case, "bo", Some(1), vec![find_key(KeyClass::Name, "beau")]).await;
    assert!(found(&case, &[name("bo", false)], 10).await.0.is_empty(), "an old key is gone");
    assert_eq!(found(&case, &[name("beau", false)], 10).await.0, ["bo"]);
    let delete = Write { key: key(Kind::PATIENT, "bo"), based_on: Some(2), change: Change::Delete };
    case.commit(vec![delete]).await.expect("deleted");
    assert!(found(&case, &[name("beau", false)], 10).await.0.is_empty());
}

pub async fn a_permit_hides_other_charts(case: Case) {
    three(&case).await;
    let one = Permit::grant(clinician(), KindSet::ALL, Scope::Patient(patient("ana")));
    let sealed = case.store.find(&one, &[name("garcia", false)], 10).await.expect("found");
    let ids: Vec<_> = sealed.for_decision().patients.iter().map(|found| found.key.id.to_string()).collect();
    assert_eq!(ids, ["ana"]);
    assert_eq!(sealed.patients().len(), 1, "and names none but those shown");
}

pub async fn slips_of_one_letter_are_known(case: Case) {
    three(&case).await;
    let near = case.store.similar_names(&reading(), "garsia", 5).await.expect("names");
    assert_eq!(near, ["garcia"]);
    assert!(case.store.similar_names(&reading(), "smith", 5).await.expect("names").is_empty());
}
