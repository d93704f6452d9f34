//! The mixes of published FHIR benchmarks, smaller: each resource's whole life over nine types, import by transactions, and searches of
//! every sort. Two processors here where the published servers had eight.

use crate::chart::patients;
use crate::deeper::{bundle, entries, time};
use crate::report::Report;
use bench::load::{Connection, Measured, Request, header};
use bench::server::Server;
use serde_json::{Value, json};
use std::io::{Error, Result};
use std::time::{Duration, Instant, SystemTime};

/// Lives of a resource in one run: four requests each.
const LIVES: usize = 1800;
/// Charts of one import, about 150 resources each.
const CHARTS: usize = 60;
/// Searches of one run.
const SEARCHES: usize = 6000;

/// The three mixes.
pub async fn run(report: &mut Report, server: &Server) -> Result<()> {
    let charts = patients(server, "_count=1000").await?;
    for connections in [8, 32] {
        lives(report, server, &charts, connections).await?;
    }
    for connections in [1, 4] {
        import(report, server, connections).await?;
    }
    searches(report, server, &charts).await
}

/// Create, read, update, delete, over and over.
async fn lives(report: &mut Report, server: &Server, charts: &[String], connections: usize) -> Result<()> {
    let (before, begun) = (server.cpu(), Instant::now());
    let mut tasks = Vec::new();
    for lane in 0..connections {
        let mine: Vec<(usize, String)> =
            charts.iter().cycle().take(LIVES).cloned().enumerate().skip(lane).step_by(connections).collect();
        let (address, bearer) = (server.address.clone(), server.bearer());
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(&address).await?;
            let mut took = Vec::new();
            let mut wrong = 0;
            for (number, patient) in mine {
                wrong += usize::from(!life(&mut connection, &bearer, number, &patient, &mut took).await?);
            }
            Result::Ok((took, wrong))
        }));
    }
    let (mut latencies, mut wrong) = (Vec::new(), 0);
    for task in tasks {
        let (took, bad) = task.await.map_err(Error::other)??;
        latencies.extend(took);
        wrong += bad;
    }
    latencies.sort_unstable();
    #[allow(clippy::cast_precision_loss, reason = "thousands")]
    let per_second = latencies.len() as f64 / begun.elapsed().as_secs_f64();
    let measured = Measured { per_second, latencies, wrong };
    let name = format!("create, read, update, delete over nine types, {connections} at once");
    report.load(&name, &measured, server.cpu().saturating_sub(before));
    Ok(())
}

async fn life(
    connection: &mut Connection,
    bearer: &str,
    number: usize,
    patient: &str,
    took: &mut Vec<Duration>,
) -> Result<bool> {
    let mut body = resource(number, patient);
    let kind = body.get("resourceType").and_then(Value::as_str).unwrap_or_default().to_owned();
    // What is changed is changed as it was seen.
    let seen = |method: &str| match method {
        "PUT" => "If-Match: W/\"1\"\r\n",
        "DELETE" => "If-Match: W/\"2\"\r\n",
        _ => "",
    };
    let headers = |method: &str| {
        format!("{bearer}Content-Type: application/fhir+json\r\nPrefer: return=minimal\r\n{}", seen(method))
    };
    let mut send = async |method: &str, path: &str, body: &[u8], expect: u16| -> Result<Option<String>> {
        let begun = Instant::now();
        let answer = connection.send(&Request::new(method, path, &headers(method), body, expect)).await?;
        took.push(begun.elapsed());
        Ok((answer.status == expect).then_some(answer.head))
    };
    let Some(head) = send("POST", &format!("/fhir/{kind}"), body.to_string().as_bytes(), 201).await? else {
        return Ok(false);
    };
    let location = header(&head, "location").unwrap_or_default();
    let id = location.split('/').skip_while(|part| *part != kind).nth(1).unwrap_or_default();
    let path = format!("/fhir/{kind}/{id}");
    if let Some(members) = body.as_object_mut() {
        members.insert("id".to_owned(), json!(id));
        members.insert("language".to_owned(), json!("en"));
    }
    let right = send("GET", &path, b"", 200).await?.is_some()
        && send("PUT", &path, body.to_string().as_bytes(), 200).await?.is_some()
        && send("DELETE", &path, b"", 204).await?.is_some();
    Ok(right)
}

/// One of the nine types.
fn resource(number: usize, patient: &str) -> Value {
    let subject = json!({"reference": format!("Patient/{patient}")});
    let concept = |system: &str, code: &str, words: &str| json!({"coding": [{"system": system, "code": code, "display": words}], "text": words});
    let (loinc, at) = ("http://loinc.org", "2026-10-12T09:20:00-05:00");
    match number % 9 {
        0 => {
            json!({"resourceType": "Patient", "name": [{"family": "Benchmark", "given": [format!("Number {number}")]}],
            "gender": "female", "birthDate": format!("19{:02}-05-17", number % 100)})
        }
        1 => json!({"resourceType": "Observation", "status": "final", "code": concept(loinc, "8867-4", "Heart rate"),
            "subject": subject, "effectiveDateTime": at,
            "valueQuantity": {"value": 72, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}}),
        2 => {
            json!({"resourceType": "Condition", "code": concept("http://hl7.org/fhir/sid/icd-10-cm", "I10", "Hypertension"),
            "clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "Active"),
            "subject": subject, "onsetDateTime": "2019-03"})
        }
        3 => json!({"resourceType": "Encounter", "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "subject": subject, "period": {"start": at, "end": "2026-10-12T09:40:00-05:00"}}),
        4 => {
            json!({"resourceType": "Procedure", "status": "completed", "code": {"text": "Wound care"}, "subject": subject, "performedDateTime": at})
        }
        5 => json!({"resourceType": "MedicationRequest", "status": "stopped", "intent": "order",
            "medicationCodeableConcept": {"text": "Amoxicillin 500 mg"}, "subject": subject, "authoredOn": at}),
        6 => json!({"resourceType": "Immunization", "status": "completed",
            "vaccineCode": concept("http://hl7.org/fhir/sid/cvx", "140", "Influenza"), "patient": subject, "occurrenceDateTime": at}),
        7 => {
            json!({"resourceType": "DiagnosticReport", "status": "final", "code": concept(loinc, "24323-8", "Metabolic panel"),
            "subject": subject, "effectiveDateTime": at})
        }
        _ => {
            json!({"resourceType": "AllergyIntolerance", "clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active", "Active"), "code": {"text": "Dust"}, "patient": subject, "recordedDate": at})
        }
    }
}

/// Whole charts, each one transaction. People of another seed: nobody who is there is written to.
async fn import(report: &mut Report, server: &Server, connections: usize) -> Result<()> {
    let seed = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
    let practice = synthetic::Practice::new(seed, jiff::Zoned::now().date(), CHARTS, synthetic::Depth::Demo);
    let headers = format!("{}Content-Type: application/fhir+json\r\nPrefer: return=minimal\r\n", server.bearer());
    let post = |resources| {
        Request::new("POST", "/fhir", &headers, synthetic::transaction(resources).to_string().as_bytes(), 200)
    };
    Connection::open(&server.address).await?.send(&post(practice.directory())).await?;
    let mut resources = 0;
    let bundles: Vec<Request> = practice
        .charts()
        .map(|chart| {
            resources += chart.resources.len();
            post(chart.resources)
        })
        .collect();
    let begun = Instant::now();
    let name = format!("import by transactions, {connections} at once");
    time(report, server, &name, connections, bundles).await?;
    #[allow(clippy::cast_precision_loss, reason = "thousands")]
    report.add(&format!("{name}, resources"), "/s", resources as f64 / begun.elapsed().as_secs_f64());
    Ok(())
}

/// Searches of every sort, 20 a page, of what is there.
async fn searches(report: &mut Report, server: &Server, charts: &[String]) -> Result<()> {
    let mut connection = Connection::open(&server.address).await?;
    let people = bundle(&mut connection, &server.bearer(), "/fhir/Patient?_count=200").await?;
    let (mut paths, mut misses) = (Vec::new(), 0);
    for (person, patient) in entries(&people).zip(charts) {
        paths.extend(of_person(person));
        paths.extend(of_chart(patient));
    }
    for path in &paths {
        let page = bundle(&mut connection, &server.bearer(), path).await?;
        misses += usize::from(entries(&page).next().is_none());
    }
    #[allow(clippy::cast_precision_loss, reason = "thousands")]
    report.add("searches that find nothing", "%", misses as f64 * 100.0 / paths.len().max(1) as f64);
    for connections in [8, 32] {
        let sent = paths.iter().cycle().take(SEARCHES);
        let sent = sent.map(|path| Request::new("GET", path, &server.bearer(), b"", 200)).collect();
        time(report, server, &format!("searches of every sort, {connections} at once"), connections, sent).await?;
    }
    Ok(())
}

/// By name, address, birth date and number.
fn of_person(person: &Value) -> Vec<String> {
    let text = |pointer: &str| {
        let found = person.pointer(pointer).and_then(Value::as_str).unwrap_or("x");
        crate::find::encoded(found)
    };
    let (family, born) = (text("/name/0/family"), text("/birthDate"));
    vec![
        format!("/fhir/Patient?family={family}&_count=20"),
        format!("/fhir/Patient?name={}&birthdate={born}&_count=20", text("/name/0/given/0")),
        format!("/fhir/Patient?address-city={}&_count=20", text("/address/0/city")),
        format!(
            "/fhir/Patient?address-postalcode={}&gender={}&_count=20",
            text("/address/0/postalCode"),
            text("/gender")
        ),
        format!("/fhir/Patient?birthdate=ge{born}&_sort=birthdate&_count=20"),
        format!("/fhir/Patient?identifier={}&_count=20", text("/identifier/0/value")),
    ]
}

/// By codes, dates, quantities, composites and references.
fn of_chart(patient: &str) -> Vec<String> {
    [
        format!("Observation?patient={patient}&category=vital-signs&_sort=-date"),
        format!("Observation?patient={patient}&date=ge2024-01-01&date=lt2026-12-01"),
        format!("Observation?subject=Patient/{patient}&code=http://loinc.org%7C8867-4,http://loinc.org%7C29463-7"),
        "Observation?code=http://loinc.org%7C8867-4&value-quantity=gt80&_sort=-date".to_owned(),
        format!("Observation?patient={patient}&code-value-quantity=http://loinc.org%7C8867-4$gt40"),
        format!("Condition?patient={patient}&clinical-status=active,resolved"),
        format!("Encounter?patient={patient}&date=lt2026-12-01&status=finished"),
        format!("MedicationRequest?patient={patient}&status=active,stopped,completed"),
        format!("Immunization?patient={patient}&status=completed"),
        format!("DiagnosticReport?subject=Patient/{patient}&status=final"),
    ]
    .map(|search| format!("/fhir/{search}&_count=20"))
    .to_vec()
}
