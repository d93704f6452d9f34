//! Record numbers: one series, no gap, no reuse.

use super::fixture::{Case, key, reading, version, writing};
use crate::record::{Change, Write};
use fhir::{Key, Kind};
use std::collections::BTreeSet;

fn numbered(key: &Key) -> Write {
    let made = key.clone();
    let make = move |number: u64| Ok(version(&made, Some(made.id.as_str()), None, &number.to_string()));
    Write { key: key.clone(), based_on: None, change: Change::PutNumbered(Box::new(make)) }
}

pub async fn the_series_has_no_gap_under_concurrency_and_refusals(case: Case) {
    let registering = (0..60).map(|n| {
        let case = case.clone();
        tokio::spawn(async move {
            let p = key(Kind::PATIENT, &format!("p{n}"));
            let mut commit = case.commit_of(vec![numbered(&p)]);
            match n % 3 {
                // Refused for a missing reference: its number goes back.
                1 => commit.exist = vec![key(Kind::ORGANIZATION, "none")],
                // Refused by the one who makes the body.
                2 => {
                    let refuse = |_| Err(crate::Error::Taken("this"));
                    commit.writes.push(Write {
                        key: key(Kind::PATIENT, &format!("x{n}")),
                        based_on: None,
                        change: Change::PutNumbered(Box::new(refuse)),
                    });
                }
                _ => {}
            }
            let refused = case.store.commit(&writing(), commit).await.is_err();
            assert_eq!(refused, n % 3 != 0);
        })
    });
    for one in registering.collect::<Vec<_>>() {
        one.await.expect("joined");
    }
    let two = vec![numbered(&key(Kind::PATIENT, "one")), numbered(&key(Kind::PATIENT, "two"))];
    case.commit(two).await.expect("two in one commit");
    let mut numbers = BTreeSet::new();
    let names = (0..60).step_by(3).map(|n| format!("p{n}")).chain(["one".to_owned(), "two".to_owned()]);
    for name in names {
        let stored = case.store.read(&reading(), &key(Kind::PATIENT, &name)).await.expect("read").expect("there");
        let text = String::from_utf8(stored.for_decision().body.to_vec()).expect("text");
        let number = text.split(r#""note":""#).nth(1).and_then(|rest| rest.split('"').next()).expect("a number");
        assert!(numbers.insert(number.parse::<u64>().expect("digits")), "no number twice");
    }
    assert_eq!(numbers, (100_001..100_001 + 22).collect());
}
