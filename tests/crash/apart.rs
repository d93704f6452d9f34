//! Four processes of the program on one database, and a database that goes away at the worst moment.

use crate::client::{Asked, Client};
use crate::practice::Practice;
use fault_disk::{Direction, LineFault, Proxy};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_secs(60);

fn asked(method: &'static str, path: &str, key: Option<String>, body: Option<Value>) -> Asked {
    Asked { method, path: path.to_owned(), key, based_on: None, body }
}

fn patient(mark: &str) -> Value {
    json!({"resourceType": "Patient", "identifier": [{"system": "urn:apart", "value": mark}],
           "name": [{"family": format!("Apart {mark}")}], "birthDate": "1980-05-04", "gender": "unknown"})
}

/// A bundle that makes a patient unless there is one with this mark.
fn unless_there(mark: &str) -> Value {
    json!({"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": patient(mark),
        "request": {"method": "POST", "url": "Patient", "ifNoneExist": format!("identifier=urn:apart|{mark}")}}]})
}

/// The record number that the practice gave a patient.
fn number(patient: &Value) -> Option<u64> {
    let system = |identifier: &&Value| identifier["system"] != "urn:apart";
    patient["identifier"].as_array()?.iter().find(system)?["value"].as_str()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_processes_on_one_database() {
    let Some(practice) = Practice::in_a_database() else { return };
    let servers: Vec<_> = (0..4).map(|_| practice.serve()).collect();
    let asking = (0..16_u64).map(|name| {
        let (address, token) = (servers[name as usize % 4].address.clone(), practice.token.clone());
        tokio::spawn(async move {
            let mut client = Client::open(&address, &token).await.expect("it listens");
            for n in 0..15 {
                // Each asker of four, each at another process, wants the same patient at the same time; and one of its own.
                let same = format!("same{}-{n}", name / 4);
                for (body, path) in
                    [(unless_there(&same), "/fhir"), (patient(&format!("own{name}-{n}")), "/fhir/Patient")]
                {
                    let answer = client.send(&asked("POST", path, None, Some(body))).await.expect("an answer");
                    let text = String::from_utf8_lossy(&answer.body).into_owned();
                    assert!((200..300).contains(&answer.status), "{}: {text}", answer.status);
                }
            }
        })
    });
    for task in asking.collect::<Vec<_>>() {
        task.await.expect("asked");
    }
    let mut client = Client::open(&servers[3].address, &practice.token).await.expect("it listens");
    let (mut made, mut numbers) = (BTreeMap::<String, u32>::new(), BTreeSet::new());
    let mut path = "/fhir/Patient?_count=100".to_owned();
    loop {
        let page = client.get(&path).await;
        for entry in page["entry"].as_array().expect("entries") {
            let patient = &entry["resource"];
            let own = patient["identifier"].as_array().expect("identifiers").iter();
            let mark =
                own.filter(|identifier| identifier["system"] == "urn:apart").map(|identifier| &identifier["value"]);
            *made.entry(mark.map(ToString::to_string).collect()).or_default() += 1;
            if let Some(number) = number(patient) {
                assert!(numbers.insert(number), "{number} was given twice");
            }
        }
        let next = page["link"].as_array().expect("links").iter().find(|link| link["relation"] == "next");
        let Some(next) = next else { break };
        let next = next["url"].as_str().expect("a URL");
        path = next[next.find("/fhir").expect("a path")..].to_owned();
    }
    assert!(made.values().all(|times| *times == 1), "what was sought first was made once: {made:?}");
    assert_eq!(made.len(), 16 * 15 + 4 * 15, "each that was wanted is there");
    if let (Some(first), Some(last)) = (numbers.first(), numbers.last()) {
        assert_eq!(last - first + 1, numbers.len() as u64, "record numbers have no gap");
    }
    println!("4 processes: {} patients, {} record numbers, none twice, none left out", made.len(), numbers.len());
    practice.prove();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_one_process_revokes_ends_on_the_others() {
    let Some(practice) = Practice::in_a_database() else { return };
    let server = practice.serve();
    let mut client = Client::open(&server.address, &practice.token).await.expect("it listens");
    let reading = asked("GET", "/fhir/Patient?_count=1", None, None);
    assert_eq!(client.send(&reading).await.expect("an answer").status, 200);
    // Revoked by another process (the command opens the database as a server does), while it is in use here.
    let revoking = tokio::task::spawn_blocking(move || {
        practice.revoke();
        (Instant::now(), practice)
    });
    let started = Instant::now();
    while client.send(&reading).await.expect("an answer").status != 401 {
        assert!(started.elapsed() < PATIENCE, "it still opens charts");
        tokio::task::yield_now().await;
    }
    let (revoked, _practice) = revoking.await.expect("revoked");
    println!("a revoked token ended after {} ms", revoked.elapsed().as_millis());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outcome_that_nobody_knows_is_told_and_settled_by_asking_again() {
    let Some(practice) = Practice::in_a_database() else { return };
    let proxy = Proxy::start(practice.database_address()).await.expect("a proxy");
    let server = practice.serve_from(&practice.by_way_of(proxy.address()));
    let mut client = Client::open(&server.address, &practice.token).await.expect("it listens");
    // That the token is used is noted by a COMMIT of its own.
    client.get("/fhir/Patient?_count=1").await;
    // COMMIT reaches the database, or it does not: then nothing does until the server has given up asking.
    for (mark, reaches) in [("reached", true), ("lost", false)] {
        let make = asked("POST", "/fhir/Patient", Some(format!("key-{mark}")), Some(patient(mark)));
        proxy.fail_at(b"COMMIT\0", reaches, Direction::Up, LineFault::Reset);
        let answer = client.send(&make).await.expect("an answer");
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.status, 503, "{text}");
        assert!(text.contains("may or may not have been saved"), "{text}");
        assert!(proxy.fired());
        proxy.heal();
        let until = Instant::now() + PATIENCE;
        let made = loop {
            let answer = client.send(&make).await.expect("an answer");
            if answer.status != 503 {
                break answer;
            }
            assert!(Instant::now() < until, "the database is back");
            tokio::task::yield_now().await;
        };
        assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
        let again = client.send(&make).await.expect("an answer");
        assert_eq!(
            again.head.lines().find(|line| line.to_lowercase().starts_with("location:")),
            made.head.lines().find(|line| line.to_lowercase().starts_with("location:")),
            "answered as before"
        );
        let found = client.get(&format!("/fhir/Patient?identifier=urn:apart%7C{mark}&_summary=count")).await;
        assert_eq!(found["total"], 1, "made once");
    }
    practice.prove();
}
