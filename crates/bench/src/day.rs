//! What people and programs do in a practice's day, as a user of the pages does it: the acts, and who does each how often.
//!
//! To measure one more act: a row in [`ACTS`] with its shares, a variant of [`What`], and what it sends in [`Person::act`].

use bench::load::{Answer, Connection, Request};
use bench::server::field;
use serde_json::{Value, json};
use std::io::{Error, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Who acts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Reads charts and corrects them, through the pages.
    Clinician,
    /// Finds patients and files papers, through the pages.
    Staff,
    /// Sends results, through the FHIR API.
    Laboratory,
}

/// One act of the day.
pub struct Act {
    /// Its row in the report.
    pub name: &'static str,
    /// How often a clinician, one of the staff and a laboratory do it, in their hundred acts.
    shares: [u64; 3],
    what: What,
}

#[derive(Clone, Copy, PartialEq)]
enum What {
    /// Opens a page of a chart.
    Page(&'static str),
    Search,
    /// Opens an entry and marks it in error, or takes that back.
    Correct,
    /// Opens the form and files a paper.
    File,
    /// A transaction of a report and its five results.
    Results,
    /// Types in a note: a pause's save. None is begun yet: begins one. Enough was typed: signs it.
    Type,
    Begin,
    Sign,
}

const fn act(name: &'static str, shares: [u64; 3], what: What) -> Act {
    Act { name, shares, what }
}

/// The acts; each column of shares makes a hundred.
pub const ACTS: [Act; 14] = [
    act("open a chart", [20, 30, 0], What::Page("")),
    act("timeline", [6, 0, 0], What::Page("/timeline")),
    act("visits", [6, 0, 0], What::Page("/visits")),
    act("problems", [5, 0, 0], What::Page("/problems")),
    act("medicines", [6, 0, 0], What::Page("/medicines")),
    act("results", [10, 0, 0], What::Page("/results")),
    act("documents", [6, 15, 0], What::Page("/documents")),
    act("search box", [11, 45, 0], What::Search),
    act("correct an entry", [5, 0, 0], What::Correct),
    act("file a paper", [0, 10, 0], What::File),
    act("results arrive", [0, 0, 100], What::Results),
    act("save what is typed in a note", [25, 0, 0], What::Type),
    act("begin a note", [0, 0, 0], What::Begin),
    act("sign a note", [0, 0, 0], What::Sign),
];

/// What a day is made of: whose charts there are, what is typed into the search box.
pub struct Day {
    /// Ids of patients.
    pub patients: Vec<String>,
    /// Entries that may be corrected, one for each clinician: the patient and the Observation.
    pub entries: Vec<(String, String)>,
    /// Searches, as sent by a form.
    pub queries: Vec<String>,
    /// A paper of an ordinary size.
    pub paper: Vec<u8>,
}

/// Saves of a note before it is signed.
const SAVES: u32 = 20;

/// A note that is being written.
pub struct Note {
    patient: String,
    id: String,
    /// How often it was saved.
    step: u32,
}

/// One who acts, signed in.
pub struct Person {
    pub who: Who,
    pub day: Arc<Day>,
    pub connection: Connection,
    /// Header lines that say who asks.
    pub headers: String,
    pub csrf: String,
    /// Which one this is, so that no two correct the same entry.
    pub number: usize,
    /// The note this one is writing.
    pub note: Option<Note>,
    /// State of this one's own choices: the same in every run.
    pub chance: u64,
}

impl Person {
    /// A whole number below `limit`, from a small generator (SplitMix64).
    pub fn below(&mut self, limit: usize) -> usize {
        self.chance = self.chance.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.chance ^ (self.chance >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % (limit.max(1) as u64)).unwrap_or(0)
    }

    /// Does one act by its share: which of [`ACTS`], how long its answers took, and whether each was as it should be.
    pub async fn next(&mut self) -> Result<(usize, Duration, bool)> {
        let mut drawn = self.below(100) as u64;
        for (index, act) in ACTS.iter().enumerate() {
            let share = act.shares.get(self.who as usize).copied().unwrap_or(0);
            if drawn < share {
                let what = self.due(act.what);
                let index = ACTS.iter().position(|act| act.what == what).unwrap_or(index);
                let begun = Instant::now();
                let right = self.act(what).await?;
                return Ok((index, begun.elapsed(), right));
            }
            drawn -= share;
        }
        Err(Error::other("the shares of an act's people make no hundred"))
    }

    /// What typing comes to now.
    fn due(&self, what: What) -> What {
        match (what, &self.note) {
            (What::Type, None) => What::Begin,
            (What::Type, Some(note)) if note.step >= SAVES => What::Sign,
            _ => what,
        }
    }

    async fn act(&mut self, what: What) -> Result<bool> {
        let (patients, queries) = (self.day.patients.len(), self.day.queries.len());
        let patient = self.below(patients);
        let patient = self.day.patients.get(patient).cloned().unwrap_or_default();
        match what {
            What::Page(section) => Ok(self.get(&format!("/patients/{patient}{section}"), GZIP).await?.status == 200),
            What::Search => {
                let query = self.below(queries);
                let query = self.day.queries.get(query).cloned().unwrap_or_default();
                let form = format!("csrf={}&q={query}", self.csrf);
                self.post("/search/palette", form.as_bytes(), FORM, 200).await
            }
            What::Correct => self.correct().await,
            What::File => self.file(&patient).await,
            What::Type => self.type_on().await,
            What::Begin => self.begin(&patient).await,
            What::Sign => self.sign().await,
            What::Results => self.post("/fhir", report_of_results(&patient).to_string().as_bytes(), JSON, 200).await,
        }
    }

    async fn get(&mut self, path: &str, more: &str) -> Result<Answer> {
        let headers = format!("{}{more}", self.headers);
        self.connection.send(&Request::new("GET", path, &headers, b"", 200)).await
    }

    async fn post(&mut self, path: &str, body: &[u8], kind: &str, expect: u16) -> Result<bool> {
        Ok(self.send(path, body, kind, expect).await? == expect)
    }

    async fn send(&mut self, path: &str, body: &[u8], kind: &str, expect: u16) -> Result<u16> {
        let headers = format!("{}Content-Type: {kind}\r\nSec-Fetch-Site: same-origin\r\n", self.headers);
        Ok(self.connection.send(&Request::new("POST", path, &headers, body, expect)).await?.status)
    }

    /// Marks this one's own entry in error, the next time takes it back, and so on. Beyond the last entry there is, it is only read.
    async fn correct(&mut self) -> Result<bool> {
        let own = self.number % self.day.entries.len().max(1);
        let (patient, entry) = self.day.entries.get(own).cloned().unwrap_or_default();
        let path = format!("/patients/{patient}/changes/Observation/{entry}");
        let page = self.get(&path, "").await?;
        let Some(version) = field(&page.body, "version") else { return Ok(false) };
        if own != self.number {
            return Ok(true);
        }
        let marked = String::from_utf8_lossy(&page.body).contains(&format!("action=\"{path}/restore\""));
        let act = if marked { "restore" } else { "error" };
        let form = format!("csrf={}&patient={patient}&version={version}&reason=bench", self.csrf);
        self.post(&format!("{path}/{act}"), form.as_bytes(), FORM, 303).await
    }

    /// Begins a note of this patient.
    async fn begin(&mut self, patient: &str) -> Result<bool> {
        let new = format!("/patients/{patient}/notes/new");
        let page = self.get(&new, "").await?;
        let once = field(&page.body, "once").unwrap_or_default();
        let form = format!("csrf={}&patient={patient}&once={once}&template=nurse", self.csrf);
        let right = self.post(&new, form.as_bytes(), FORM, 303).await?;
        self.note = right.then(|| Note { patient: patient.to_owned(), id: once, step: 0 });
        Ok(right)
    }

    /// A sentence more, as the page's script sends it when typing pauses.
    async fn type_on(&mut self) -> Result<bool> {
        let Some(note) = &mut self.note else { return Ok(false) };
        note.step += 1;
        let Note { patient, id, step } = note;
        let text = "Dry cough for three days, no fever. ".repeat(*step as usize).replace(' ', "+");
        let based_on = *step - 1;
        let form = format!(
            "csrf={}&patient={patient}&section=2-done&based_on={based_on}&window={id}&step={step}&knows=1-observations+0,2-done+{based_on}&text={text}",
            self.csrf
        );
        let path = format!("/patients/{patient}/drafts/{id}");
        self.post(&path, form.as_bytes(), FORM, 200).await
    }

    /// Fills in what the template asks for, opens the note once more and signs it.
    async fn sign(&mut self) -> Result<bool> {
        let Some(Note { patient, id, step }) = self.note.take() else { return Ok(false) };
        let path = format!("/patients/{patient}/drafts/{id}");
        let form = format!(
            "csrf={}&patient={patient}&section=1-observations&based_on=0&window={id}&step=1&text=Well",
            self.csrf
        );
        if !self.post(&path, form.as_bytes(), FORM, 200).await? {
            return Ok(false);
        }
        let page = self.get(&path, "").await?;
        let (Some(version), Some(seen)) = (field(&page.body, "version"), field(&page.body, "seen")) else {
            return Ok(false);
        };
        let revisions = format!("1-observations+1,2-done+{step}");
        let form = format!("csrf={}&patient={patient}&version={version}&seen={seen}&revisions={revisions}", self.csrf);
        // A result that came into the chart meanwhile is to be looked at first: that is an answer as it should be.
        let path = format!("{path}/sign");
        Ok([303, 409].contains(&self.send(&path, form.as_bytes(), FORM, 303).await?))
    }

    async fn file(&mut self, patient: &str) -> Result<bool> {
        let path = format!("/patients/{patient}/documents/new");
        let page = self.get(&path, "").await?;
        let mut body = Vec::with_capacity(self.day.paper.len() + 2048);
        for name in ["csrf", "patient", "version", "once"] {
            let value = field(&page.body, name).unwrap_or_default();
            body.extend_from_slice(part(name, &value).as_bytes());
        }
        for (name, value) in [("kind", "correspondence"), ("day", "2026-01-15"), ("title", ""), ("from", "")] {
            body.extend_from_slice(part(name, value).as_bytes());
        }
        body.extend_from_slice(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"letter.pdf\"\r\nContent-Type: application/pdf\r\n\r\n")
                .as_bytes(),
        );
        body.extend_from_slice(&self.day.paper);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        self.post(&path, &body, &format!("multipart/form-data; boundary={BOUNDARY}"), 303).await
    }
}

/// Browsers ask for it: compressing is a part of what they wait for. A page whose form is read here is asked for as it is.
const GZIP: &str = "Accept-Encoding: gzip\r\n";
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/fhir+json";
const BOUNDARY: &str = "chartroom-bench-boundary";

fn part(name: &str, value: &str) -> String {
    format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

/// A laboratory's message as FHIR: a report and its five results.
pub fn report_of_results(patient: &str) -> Value {
    const RESULTS: [(&str, &str, &str); 5] = [
        ("2345-7", "Glucose", "mg/dL"),
        ("2160-0", "Creatinine", "mg/dL"),
        ("2823-3", "Potassium", "mmol/L"),
        ("2951-2", "Sodium", "mmol/L"),
        ("718-7", "Hemoglobin", "g/dL"),
    ];
    let subject = json!({"reference": format!("Patient/{patient}")});
    let coded = |code: &str, words: &str| json!({"coding": [{"system": "http://loinc.org", "code": code, "display": words}], "text": words});
    let laboratory = json!([{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}]);
    let at = "2026-11-20T08:30:00-05:00";
    let url = |number: usize| format!("urn:uuid:00000000-0000-4000-8000-00000000000{number}");
    let mut entries: Vec<Value> = RESULTS.iter().enumerate().map(|(number, (code, words, unit))| {
        let resource = json!({"resourceType": "Observation", "status": "final", "category": laboratory, "code": coded(code, words),
            "subject": subject, "effectiveDateTime": at,
            "valueQuantity": {"value": 100 + number, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}});
        json!({"fullUrl": url(number), "resource": resource, "request": {"method": "POST", "url": "Observation"}})
    }).collect();
    let results: Vec<Value> = (0..RESULTS.len()).map(|number| json!({"reference": url(number)})).collect();
    let report = json!({"resourceType": "DiagnosticReport", "status": "final", "code": coded("24323-8", "Metabolic panel"),
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "LAB"}]}],
        "subject": subject, "effectiveDateTime": at, "issued": at, "result": results});
    entries.push(json!({"resource": report, "request": {"method": "POST", "url": "DiagnosticReport"}}));
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
}
