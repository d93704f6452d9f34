//! Two charts whose every entry holds a word found nowhere else, and the address of each route with entries that are really there.

use chartroom_tests::Practice;
use clinic::Caller;
use clinic::note::{self, Begin};
use fhir::PatientId;
use fhir::edit::note::{SIGNED, message, put_signature};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::Role;
use uuid::Uuid;
use web::routes::Route;

pub const PEOPLE: [Role; 5] = [Role::FrontDesk, Role::Nurse, Role::Clinician, Role::Manager, Role::PrivacyOfficer];

/// What of a chart only those who see clinical content may be shown.
pub const CLINICAL: [&str; 14] = [
    "PROBLEM",
    "ALLERGY",
    "RESULT",
    "VALUE",
    "VISIT",
    "NOTE",
    "MEDICINE",
    "REPORT",
    "VACCINE",
    "PROCEDURE",
    "LETTER",
    "FAMILY",
    "CONTENT",
    "DRAFT",
];

/// `CANARYAPROBLEM`: a word of one chart. `patient` is `a` or `b`.
pub fn canary(patient: &str, word: &str) -> String {
    format!("CANARY{}{word}", patient.to_uppercase())
}

/// The account and token that routes may disable and revoke.
pub struct Victims {
    pub user: String,
    pub token: String,
}

/// Makes both charts, and a third patient with an empty one.
pub async fn charts(practice: &Practice) {
    for patient in ["a", "b"] {
        let mut note = Value::Null;
        for body in chart(patient) {
            match body["resourceType"].as_str() {
                Some("Provenance") => practice.forge(signature(practice, &note, body)).await,
                Some("Composition") => {
                    note = body.clone();
                    practice.put(body).await;
                }
                _ => practice.put(body).await,
            }
        }
        draft(practice, patient).await;
    }
    // Whom an entry may be moved to.
    practice
        .put(json!({"resourceType": "Patient", "id": "patient-c", "name": [{"family": "Third"}], "birthDate": "1980-02-03"}))
        .await;
}

/// A note that is being written in a chart, its id ending in the chart's letter.
async fn draft(practice: &Practice, patient: &str) {
    let caller = Caller::program("test", Timestamp::UNIX_EPOCH, Uuid::nil());
    let text = format!("# A draft\nkind: progress\n## Plan\n{}", canary(patient, "DRAFT"));
    let begin = Begin {
        patient: PatientId::parse(&format!("patient-{patient}")).expect("id"),
        id: draft_id(patient),
        visit: None,
        appends: None,
        copies: None,
        zone: jiff::tz::TimeZone::UTC,
        template: note::template::parse("draft", &text).expect("a template"),
        by: "Dr Okafor",
    };
    note::begin(practice.store(), &caller, begin).await.expect("begun");
}

fn draft_id(patient: &str) -> Uuid {
    Uuid::from_u128(if patient == "a" { 0xa } else { 0xb })
}

/// Makes somebody who may be disabled, and a token that may be revoked.
pub async fn victims(practice: &Practice) -> Victims {
    let user = practice.user("victim", Role::Nurse).await.id.to_string();
    practice.client("system/*.rs").await;
    let token = practice.store().tokens().await.expect("tokens").remove(0).id.to_string();
    Victims { user, token }
}

/// A Provenance as a signature of this practice over a note: what the signer saw is shown of such alone.
fn signature(practice: &Practice, note: &Value, mut proof: Value) -> Value {
    proof["extension"] = json!([{"url": SIGNED, "valueCode": "progress"}]);
    let data = practice.store().note_keys().sign(&message(note, &proof));
    put_signature(&mut proof, &data);
    proof
}

fn chart(patient: &str) -> Vec<Value> {
    let subject = json!({"reference": format!("Patient/patient-{patient}")});
    let id = |kind: &str| format!("{kind}-{patient}");
    let word = |word: &str| canary(patient, word);
    let coded = |system: &str, code: &str| json!({"coding": [{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]});
    // base64 of CANARYACONTENT and CANARYBCONTENT
    let data = if patient == "a" { "Q0FOQVJZQUNPTlRFTlQ=" } else { "Q0FOQVJZQkNPTlRFTlQ=" };
    let office = json!({"coding": [{"system": "urn:chartroom:document-class", "code": "administrative"}]});
    vec![
        json!({"resourceType": "Patient", "id": id("patient"), "name": [{"family": word("NAME"), "given": ["Ann"]}], "birthDate": "1980-02-03",
            "gender": "female", "photo": [{"contentType": "image/png", "data": "iVBORw0KGgo="}]}),
        json!({"resourceType": "Encounter", "id": id("visit"), "subject": subject, "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}, "type": [{"text": word("VISIT")}],
            "period": {"start": "2026-01-02T15:00:00Z"}}),
        json!({"resourceType": "Condition", "id": id("condition"), "subject": subject, "clinicalStatus": coded("condition-clinical", "active"),
            "category": [coded("condition-category", "problem-list-item")], "code": {"text": word("PROBLEM")}}),
        json!({"resourceType": "AllergyIntolerance", "id": id("allergy"), "patient": subject,
            "clinicalStatus": coded("allergyintolerance-clinical", "active"), "code": {"text": word("ALLERGY")}}),
        json!({"resourceType": "Observation", "id": id("observation"), "subject": subject, "status": "final",
            "category": [coded("observation-category", "laboratory")], "code": {"text": word("RESULT")},
            "effectiveDateTime": "2026-01-02", "valueString": word("VALUE")}),
        json!({"resourceType": "DiagnosticReport", "id": id("report"), "subject": subject, "status": "final", "code": {"text": word("REPORT")},
            "category": [coded("v2-0074", "LAB")], "effectiveDateTime": "2026-01-02"}),
        json!({"resourceType": "MedicationRequest", "id": id("medicine"), "subject": subject, "status": "active", "intent": "order",
            "medicationCodeableConcept": {"text": word("MEDICINE")}}),
        json!({"resourceType": "Immunization", "id": id("vaccine"), "patient": subject, "status": "completed",
            "vaccineCode": {"text": word("VACCINE")}, "occurrenceDateTime": "2026-01-02"}),
        json!({"resourceType": "Procedure", "id": id("procedure"), "subject": subject, "status": "completed", "code": {"text": word("PROCEDURE")}}),
        json!({"resourceType": "FamilyMemberHistory", "id": id("family"), "patient": subject, "status": "completed",
            "relationship": coded("v3-RoleCode", "MTH"), "condition": [{"code": {"text": word("FAMILY")}}]}),
        json!({"resourceType": "Composition", "id": id("note"), "subject": subject, "status": "final", "type": {"text": "Note"},
            "date": "2026-01-02T15:00:00Z", "author": [{"display": "Dr X"}], "title": word("NOTE")}),
        json!({"resourceType": "Provenance", "id": id("proof"), "recorded": "2026-01-02T15:00:00Z",
            "target": [{"reference": format!("Composition/note-{patient}/_history/1")}, subject], "agent": [{"who": {"display": "Dr X"}}],
            "entity": [{"role": "source", "what": {"reference": format!("Patient/patient-{patient}/_history/1")}}],
            "signature": [{"type": [{"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.1"}], "when": "2026-01-02T15:00:00Z",
                "who": {"display": "Dr X"}}]}),
        json!({"resourceType": "DocumentReference", "id": id("letter"), "subject": subject, "status": "current", "description": word("LETTER"),
            "content": [{"attachment": {"contentType": "text/plain", "data": data}}]}),
        json!({"resourceType": "DocumentReference", "id": id("card"), "subject": subject, "status": "current", "description": word("OFFICE"),
            "category": [office], "content": [{"attachment": {"contentType": "text/plain", "data": "Q0FSRA=="}}]}),
    ]
}

/// The route's address for the chart of patient `chart`, with the entries of patient `of` where it names one. A route with a part that is
/// not known here fails: say what stands there.
pub fn address(route: &Route, victims: &Victims, chart: &str, of: &str) -> String {
    let api = route.path.starts_with("/fhir");
    let parts = route.path.split('/').skip(1).map(|part| match part {
        "{id}" if route.path.starts_with("/users") => victims.user.clone(),
        "{id}" if route.path.starts_with("/tokens") => victims.token.clone(),
        "{id}" => format!("patient-{chart}"),
        "{kind}" if api => "Patient".to_owned(),
        "{version}" => "1".to_owned(),
        "{kind}" if route.path.contains("/files/") => "DocumentReference".to_owned(),
        "{entry}" if route.path.contains("/files/") => format!("letter-{of}"),
        "{number}" => "0".to_owned(),
        "{kind}" => "Observation".to_owned(),
        "{section}" => "family".to_owned(),
        "{entry}" if route.path.contains("/history/") => format!("family-{of}"),
        "{entry}" => format!("observation-{of}"),
        "{allergy}" => format!("allergy-{of}"),
        "{observation}" => format!("observation-{of}"),
        "{report}" => format!("report-{of}"),
        "{note}" => format!("note-{of}"),
        "{draft}" => draft_id(of).to_string(),
        "{condition}" => format!("condition-{of}"),
        "{document}" => format!("letter-{of}"),
        "{visit}" => format!("visit-{of}"),
        "{of}" => "Patient".to_owned(),
        "{to}" => "patient-c".to_owned(),
        "{name}" | "{template}" => "canary".to_owned(),
        "{secret}" | "{file}" => "none".to_owned(),
        part if part.starts_with('{') => panic!("{}: say here what stands for {part}", route.path),
        part => part.to_owned(),
    });
    parts.fold(String::new(), |address, part| address + "/" + &part)
}

/// Whether the address of a route names an entry beside the patient.
pub fn names_an_entry(route: &Route) -> bool {
    ["{entry}", "{allergy}", "{observation}", "{report}", "{note}", "{document}", "{condition}", "{visit}", "{draft}"]
        .iter()
        .any(|part| route.path.contains(part))
}
