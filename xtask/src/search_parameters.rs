//! Reduces the published search parameters to the table that `fhir` carries: `crates/fhir/src/search/parameters/r4.tsv`.
//!
//! `cargo xtask search-parameters R4.json.gz US-CORE.tgz`. Numbers already given are kept: databases hold them.

use serde_json::Value;
use std::collections::BTreeMap;
use std::error::Error;
use std::io::Read;
use std::path::Path;

/// Types whose every R4 parameter is kept: those the product reads by search, and those of US Core.
const FULL: [&str; 36] = [
    "AllergyIntolerance",
    "Appointment",
    "CarePlan",
    "CareTeam",
    "Communication",
    "Composition",
    "Condition",
    "Consent",
    "Coverage",
    "Device",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "FamilyMemberHistory",
    "Flag",
    "Goal",
    "Immunization",
    "List",
    "Location",
    "Media",
    "Medication",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Organization",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "Procedure",
    "Provenance",
    "QuestionnaireResponse",
    "RelatedPerson",
    "ServiceRequest",
    "Specimen",
    "Task",
];

/// What is kept of every other type.
const MINIMAL: [&str; 6] = ["identifier", "patient", "subject", "date", "status", "code"];

/// What R4's patient compartment goes by in types that keep little else.
const COMPARTMENT: [(&str, &str); 16] = [
    ("AppointmentResponse", "actor"),
    ("Basic", "author"),
    ("Claim", "payee"),
    ("CommunicationRequest", "recipient"),
    ("CommunicationRequest", "requester"),
    ("CommunicationRequest", "sender"),
    ("DeviceRequest", "performer"),
    ("DocumentManifest", "author"),
    ("DocumentManifest", "recipient"),
    ("ExplanationOfBenefit", "payee"),
    ("Group", "member"),
    ("Invoice", "recipient"),
    ("MedicationAdministration", "performer"),
    ("RequestGroup", "participant"),
    ("ResearchSubject", "individual"),
    ("Schedule", "actor"),
];

/// Types that are never searched by content: definitions of the transport, not of the record.
const NEVER: [&str; 3] = ["Bundle", "Parameters", "OperationOutcome"];

/// One row of the table.
struct Row {
    number: u16,
    kind: String,
    code: String,
    value: String,
    targets: String,
    expression: String,
    components: String,
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// Reads the two publications and rewrites the table.
///
/// # Errors
/// When a file cannot be read or is not what it should be.
pub fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [r4, us_core] = arguments else {
        return Err("give the R4 search-parameter bundle (.json.gz) and the US Core package (.tgz)".into());
    };
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/fhir/src/search/parameters/r4.tsv");
    let r4 = gunzip(r4)?;
    let bundle: Value = serde_json::from_slice(&r4)?;
    let published: Vec<&Value> = list(&bundle, "entry").filter_map(|entry| entry.get("resource")).collect();
    let codes: BTreeMap<&str, &str> =
        published.iter().filter_map(|p| Some((p["url"].as_str()?, p["code"].as_str()?))).collect();
    let mut rows: BTreeMap<(String, String), Row> = BTreeMap::new();
    for parameter in &published {
        for kind in list(parameter, "base").filter_map(Value::as_str) {
            add(&mut rows, parameter, kind, &codes);
        }
    }
    for (name, bytes) in tar_files(&gunzip(us_core)?) {
        if name.starts_with("package/SearchParameter-") {
            let parameter: Value = serde_json::from_slice(bytes)?;
            for kind in list(&parameter, "base").filter_map(Value::as_str) {
                add(&mut rows, &parameter, kind, &codes);
            }
        }
    }
    number(&mut rows, &std::fs::read_to_string(&table).unwrap_or_default());
    let mut sorted: Vec<&Row> = rows.values().collect();
    sorted.sort_by_key(|row| row.number);
    let text: String = sorted.iter().map(|row| line(row)).collect();
    std::fs::write(&table, text)?;
    println!("{} parameters", sorted.len());
    Ok(())
}

fn line(row: &Row) -> String {
    format!(
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\n",
        row.number, row.kind, row.code, row.value, row.targets, row.expression, row.components
    )
}

/// Adds a parameter of one type, unless it is not wanted or R4 itself defines it already.
fn add(rows: &mut BTreeMap<(String, String), Row>, parameter: &Value, kind: &str, codes: &BTreeMap<&str, &str>) {
    let text = |name: &str| parameter[name].as_str().unwrap_or_default();
    let code = text("code");
    let kept = MINIMAL.contains(&code) && !NEVER.contains(&kind);
    let wanted = FULL.contains(&kind) || kept || COMPARTMENT.contains(&(kind, code));
    let abstract_type = matches!(kind, "Resource" | "DomainResource");
    if !wanted || abstract_type || code.starts_with('_') || text("type") == "special" {
        return;
    }
    let expression = arms(text("expression"), kind);
    let key = (kind.to_owned(), code.to_owned());
    if expression.is_empty() || rows.contains_key(&key) {
        return;
    }
    let list = |name: &str| {
        let items = parameter[name].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).collect::<Vec<_>>().join(",")
    };
    let mut components: Vec<&str> = parameter["component"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|component| codes.get(component["definition"].as_str()?).copied())
        .collect();
    if (kind, code) == ("DocumentReference", "relationship") {
        // R4 gives the two definitions and their expressions crosswise; the description says relation first.
        components = vec!["relation", "relatesto"];
    }
    let row = Row {
        number: 0,
        kind: kind.to_owned(),
        code: code.to_owned(),
        value: text("type").to_owned(),
        targets: list("target"),
        expression,
        components: components.join(","),
    };
    rows.insert(key, row);
}

/// The arms of a union expression that speak of this type.
fn arms(expression: &str, kind: &str) -> String {
    let of_kind = |arm: &&str| {
        let bare = arm.trim_start_matches('(');
        bare == kind || bare.strip_prefix(kind).is_some_and(|rest| rest.starts_with('.'))
    };
    split_union(expression).into_iter().filter(of_kind).collect::<Vec<_>>().join(" | ")
}

/// Splits at `|` outside parentheses.
fn split_union(expression: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0_i32, 0, Vec::new());
    for (at, c) in expression.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '|' if depth == 0 => {
                parts.extend(expression.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(expression.get(start..));
    parts.into_iter().map(str::trim).collect()
}

/// Keeps the numbers of the table as it was; what is new gets the next ones. A parameter that is gone leaves its number unused.
fn number(rows: &mut BTreeMap<(String, String), Row>, before: &str) {
    let mut next = 1;
    for old in before.lines() {
        let mut fields = old.split('\t');
        let (Some(number), Some(kind), Some(code)) = (fields.next(), fields.next(), fields.next()) else { continue };
        let Ok(number) = number.parse::<u16>() else { continue };
        next = next.max(number + 1);
        if let Some(row) = rows.get_mut(&(kind.to_owned(), code.to_owned())) {
            row.number = number;
        }
    }
    for row in rows.values_mut().filter(|row| row.number == 0) {
        row.number = next;
        next += 1;
    }
}

fn gunzip(path: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path)?).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The plain files of a tar archive: a 512-byte header (name at 0, octal size at 124), then the content padded to 512.
fn tar_files(archive: &[u8]) -> Vec<(String, &[u8])> {
    let (mut at, mut files) = (0, Vec::new());
    while let Some(header) = archive.get(at..at + 512) {
        let field = |from: usize, len: usize| {
            let bytes = header.get(from..from + len).unwrap_or_default();
            String::from_utf8_lossy(bytes).trim_end_matches('\0').trim().to_owned()
        };
        let size = usize::from_str_radix(&field(124, 12), 8).unwrap_or_default();
        files.extend(archive.get(at + 512..at + 512 + size).map(|content| (field(0, 100), content)));
        at += 512 + size.div_ceil(512) * 512;
    }
    files
}
