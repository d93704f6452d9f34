//! One client: what it asks, what was acknowledged, and what must be found afterwards.

use crate::client::{Asked, Client};
use crate::practice::Server;
use bench::load::Answer;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// What a resource must be: the mark of each version, `None` for a deletion.
type Versions = Vec<Option<String>>;

/// One client.
pub struct Writer {
    name: u64,
    asked: u64,
    known: BTreeMap<String, Versions>,
    /// Changed since the last check.
    touched: Vec<String>,
    /// What was sent and not answered.
    open: Option<(Asked, Deed)>,
    pub acknowledged: u64,
    pub retried: u64,
    /// Answers that said that the database is away, or that it is not known what became of the request.
    pub refused: u64,
    /// Who wants to know of such an answer.
    told: Arc<Notify>,
}

/// How long a database may be away.
const PATIENCE: Duration = Duration::from_secs(90);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(20);

/// What a request does.
#[derive(Clone)]
enum Deed {
    /// A patient with an observation, all or nothing; the marks of both.
    Pair(String),
    /// A new version of this resource.
    Update(String, String),
    /// The end of this resource.
    Delete(String),
}

impl Writer {
    pub fn new(name: u64, told: Arc<Notify>) -> Self {
        let (known, touched) = (BTreeMap::new(), Vec::new());
        Self { name, asked: 0, known, touched, open: None, acknowledged: 0, retried: 0, refused: 0, told }
    }

    /// The server that it asks in a round.
    pub fn home<'a>(&self, servers: &'a [Server], round: u64) -> &'a Server {
        &servers[((self.name + round) % servers.len() as u64) as usize]
    }

    /// Writes until it has had enough answers, or the server is gone.
    pub async fn go_on(&mut self, address: &str, token: &str, enough: u64) {
        let Ok(mut client) = Client::open(address, token).await else { return };
        for _ in 0..enough {
            let (asked, deed) = self.next();
            self.open = Some((asked.clone(), deed.clone()));
            let Ok(answer) = self.answer(&mut client, &asked).await else { return };
            self.take(&deed, &answer);
            self.open = None;
        }
    }

    /// Asks again what was not answered: it must be done now, once.
    pub async fn settle(&mut self, address: &str, token: &str) {
        let Some((asked, deed)) = self.open.take() else { return };
        let mut client = Client::open(address, token).await.expect("the server listens");
        let answer = self.answer(&mut client, &asked).await.expect("the server answers");
        self.retried += 1;
        self.take(&deed, &answer);
    }

    /// The answer. While it is that the database is away, or that nobody knows, the same is asked again under the same key.
    async fn answer(&mut self, client: &mut Client, asked: &Asked) -> std::io::Result<Answer> {
        let until = Instant::now() + PATIENCE;
        loop {
            let answer = client.send(asked).await?;
            if answer.status != 503 {
                return Ok(answer);
            }
            assert!(Instant::now() < until, "no end: {}", String::from_utf8_lossy(&answer.body));
            self.refused += 1;
            self.told.notify_one();
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Everything acknowledged is there: of the resources touched since the last check, or of all.
    pub async fn check(&mut self, address: &str, token: &str, all: bool) {
        let mut client = Client::open(address, token).await.expect("the server listens");
        let touched = std::mem::take(&mut self.touched);
        let resources: Vec<&String> = if all { self.known.keys().collect() } else { touched.iter().collect() };
        for resource in resources {
            let expected = &self.known[resource];
            let history = client.get(&format!("/fhir/{resource}/_history?_count=1000")).await;
            let entries = history["entry"].as_array().expect("entries");
            let marks: Versions = entries.iter().rev().map(|entry| mark_of(&entry["resource"])).collect();
            assert_eq!(&marks, expected, "{resource}: the versions that are there, and those acknowledged");
            if let Some(Some(mark)) = expected.first() {
                self.found_once(&mut client, resource, mark).await;
            }
        }
    }

    /// What was made was made once, and is found by what it says.
    async fn found_once(&self, client: &mut Client, resource: &str, mark: &str) {
        let (kind, _) = resource.split_once('/').expect("a type");
        let live = self.known[resource].last().is_some_and(Option::is_some);
        let search = client.get(&format!("/fhir/{kind}?identifier=urn:crash%7C{mark}&_summary=count")).await;
        assert_eq!(search["total"], json!(u32::from(live)), "{resource}: found by its identifier");
    }

    fn next(&mut self) -> (Asked, Deed) {
        self.asked += 1;
        let mark = format!("w{}-{}", self.name, self.asked);
        let key = Some(format!("crash-{mark}"));
        let mine = || self.known.iter().filter(|(_, versions)| versions.last().is_some_and(Option::is_some));
        let of_kind = |kind: &str| mine().rev().find(|(resource, _)| resource.starts_with(kind));
        let target = match self.asked % 5 {
            1 | 3 => of_kind("Patient"),
            2 | 4 => of_kind("Observation"),
            _ => None,
        };
        let Some((resource, versions)) = target else { return (pair(&mark, key), Deed::Pair(mark)) };
        let (path, based_on) = (format!("/fhir/{resource}"), Some(versions.len() as u32));
        if self.asked % 20 == 4 {
            let asked = Asked { method: "DELETE", path, key, based_on, body: None };
            return (asked, Deed::Delete(resource.clone()));
        }
        let (kind, id) = resource.split_once('/').expect("a type");
        let first = versions[0].clone().expect("made");
        let mut body = if kind == "Patient" {
            patient(&first, &mark)
        } else {
            observation(&first, &mark, &self.patient_of(resource))
        };
        body["id"] = json!(id);
        (Asked { method: "PUT", path, key, based_on, body: Some(body) }, Deed::Update(resource.clone(), mark))
    }

    /// A pair is made together: its observation is about its patient.
    fn patient_of(&self, observation: &str) -> String {
        let first = &self.known[observation][0];
        let made =
            |(resource, versions): &(&String, &Versions)| resource.starts_with("Patient") && &versions[0] == first;
        self.known.iter().find(made).expect("its patient").0.clone()
    }

    fn take(&mut self, deed: &Deed, answer: &Answer) {
        let text = String::from_utf8_lossy(&answer.body);
        assert!((200..300).contains(&answer.status), "{}: {text}", answer.status);
        self.acknowledged += 1;
        match deed {
            Deed::Pair(mark) => {
                let made: Value = serde_json::from_slice(&answer.body).expect("JSON");
                for entry in made["entry"].as_array().expect("entries") {
                    let location = entry["response"]["location"].as_str().expect("a location");
                    let (resource, version) = location.split_once("/_history/").expect("a version");
                    assert_eq!(version, "1");
                    let resource = resource.rsplitn(3, '/').collect::<Vec<_>>();
                    let resource = format!("{}/{}", resource[1], resource[0]);
                    self.known.insert(resource.clone(), vec![Some(mark.clone())]);
                    self.touched.push(resource);
                }
            }
            Deed::Update(resource, mark) => self.version(resource, Some(mark.clone())),
            Deed::Delete(resource) => self.version(resource, None),
        }
    }

    fn version(&mut self, resource: &str, mark: Option<String>) {
        self.known.get_mut(resource).expect("made before").push(mark);
        self.touched.push(resource.to_owned());
    }
}

fn mark_of(resource: &Value) -> Option<String> {
    let language = resource["text"]["div"].as_str()?;
    Some(language.split(['[', ']']).nth(1).expect("a mark").to_owned())
}

fn text(mark: &str) -> Value {
    json!({"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">[{mark}]</div>")})
}

fn patient(first: &str, mark: &str) -> Value {
    json!({"resourceType": "Patient", "text": text(mark), "identifier": [{"system": "urn:crash", "value": first}],
           "name": [{"family": format!("Crash {mark}")}], "birthDate": "1980-05-04", "gender": "unknown"})
}

fn observation(first: &str, mark: &str, of: &str) -> Value {
    json!({"resourceType": "Observation", "text": text(mark), "identifier": [{"system": "urn:crash", "value": first}],
           "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
           "subject": {"reference": of}, "effectiveDateTime": "2026-11-25T10:00:00Z",
           "valueQuantity": {"value": 70, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}})
}

fn pair(mark: &str, key: Option<String>) -> Asked {
    let entry = |id: &str, resource: Value| {
        let kind = resource["resourceType"].clone();
        json!({"fullUrl": id, "resource": resource, "request": {"method": "POST", "url": kind}})
    };
    let patient_id = "urn:uuid:0190a7e4-1c5b-7a3e-9f10-8b1b1a2c3d4e";
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        entry(patient_id, patient(mark, mark)),
        entry("urn:uuid:0190a7e4-1c5b-7a3e-9f10-8b1b1a2c3d4f", observation(mark, mark, patient_id)),
    ]});
    Asked { method: "POST", path: "/fhir".to_owned(), key, based_on: None, body: Some(bundle) }
}
