//! An entry of the trail as FHIR AuditEvents, one for each patient it names: after IHE Basic Audit Log Patterns (BALP 1.1), which
//! wants a patient's report to be a search by patient.

use super::actions::words;
use fhir::{Id, Key, Kind, PatientId};
use serde_json::{Map, Value, json};
use store::audit::{Entry, Outcome, Recorded};

/// How many events an entry makes: one for each patient, and one when it names none.
#[must_use]
pub fn count(entry: &Entry) -> usize {
    entry.patients.len().max(1)
}

/// The id of the event about the patient at this place: the entry's sequence, and the place from 1 (0 when it names none).
fn id(recorded: &Recorded, place: usize) -> String {
    let place = if recorded.entry.patients.is_empty() { 0 } else { place + 1 };
    format!("{}-{place}", recorded.sequence)
}

/// The entry's sequence and the patient's place that an id names.
#[must_use]
pub fn place(id: &Id) -> Option<(u64, usize)> {
    let (sequence, place) = id.as_str().split_once('-')?;
    let place: usize = place.parse().ok()?;
    Some((sequence.parse().ok()?, place.saturating_sub(1)))
}

/// The event about the patient at this place.
#[must_use]
pub fn about(recorded: &Recorded, place: usize) -> Value {
    let entry = &recorded.entry;
    let (kind, deed, rest) = deed(&entry.action);
    let mut subtype =
        vec![json!({"system": "urn:chartroom:audit-action", "code": entry.action, "display": words(&entry.action)})];
    subtype.extend(rest.map(|code| json!({"system": "http://hl7.org/fhir/restful-interaction", "code": code})));
    let mut event = json!({
        "resourceType": "AuditEvent",
        "id": id(recorded, place),
        "meta": {"versionId": "1", "lastUpdated": crate::record::instant(entry.at)},
        "type": kind,
        "subtype": subtype,
        "action": deed,
        "recorded": crate::record::instant(entry.at),
        "outcome": match entry.outcome { Outcome::Done => "0", Outcome::Failed => "4", Outcome::Refused => "8" },
        "outcomeDesc": entry.outcome.slug(),
    });
    let Some(members) = event.as_object_mut() else { return event };
    if !entry.why.is_empty() {
        members.insert("purposeOfEvent".to_owned(), json!([{"text": entry.why}]));
    }
    members.insert("agent".to_owned(), json!([agent(entry)]));
    members.insert("source".to_owned(), json!({"observer": {"display": "Chartroom"}}));
    members.insert("entity".to_owned(), entities(entry, entry.patients.get(place)).into());
    event
}

fn agent(entry: &Entry) -> Map<String, Value> {
    let mut agent = Map::new();
    let mut who = json!({"identifier": {"system": "urn:chartroom:account", "value": entry.actor.id.to_string()}, "display": entry.actor.name});
    if let (Some(practitioner), Some(who)) = (&entry.actor.practitioner, who.as_object_mut()) {
        who.insert("reference".to_owned(), json!(format!("Practitioner/{practitioner}")));
    }
    if let Some(role) = entry.actor.role {
        agent.insert("role".to_owned(), json!([{"text": role.slug()}]));
    }
    agent.insert("who".to_owned(), who);
    agent.insert("requestor".to_owned(), json!(true));
    if let Some(from) = entry.from {
        agent.insert("network".to_owned(), json!({"address": from.to_string(), "type": "2"}));
    }
    agent
}

/// The patient, what was read or written (of patients, only this one), and the request all of it belongs to.
fn entities(entry: &Entry, patient: Option<&PatientId>) -> Vec<Value> {
    let object = |code: &str, display: &str| json!({"system": "http://terminology.hl7.org/CodeSystem/audit-entity-type", "code": code, "display": display});
    let role = |code: &str, display: &str| json!({"system": "http://terminology.hl7.org/CodeSystem/object-role", "code": code, "display": display});
    let mut entities: Vec<Value> = patient
        .map(|patient| json!({"what": {"reference": patient.key().to_string()}, "type": object("1", "Person"), "role": role("1", "Patient")}))
        .into_iter()
        .collect();
    let another = |key: &Key| key.kind == Kind::PATIENT && patient.is_some_and(|patient| patient.key() != *key);
    for (key, version) in entry.what.iter().filter(|(key, _)| !another(key)) {
        let reference = if *version == 0 { key.to_string() } else { format!("{key}/_history/{version}") };
        entities.push(json!({"what": {"reference": reference}, "type": object("2", "System Object"), "role": role("4", "Domain Resource")}));
    }
    let mut request = json!({
        "what": {"identifier": {"value": entry.request.to_string()}},
        "type": {"system": "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType", "code": "XrequestId"}
    });
    if let (false, Some(members)) = (entry.detail.is_empty(), request.as_object_mut()) {
        members.insert("description".to_owned(), json!(entry.detail));
    }
    entities.push(request);
    entities
}

/// What FHIR calls a deed: its type, its letter (create, read, update, delete, execute), and the interaction of the API it was.
fn deed(action: &str) -> (Value, &'static str, Option<&'static str>) {
    let rest = json!({"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest", "display": "RESTful Operation"});
    let dicom = |code: &str, display: &str| json!({"system": "http://dicom.nema.org/resources/ontology/DCM", "code": code, "display": display});
    match action.strip_suffix(".again").unwrap_or(action) {
        "api.read" => (rest, "R", Some("read")),
        "api.vread" => (rest, "R", Some("vread")),
        "api.history" => (rest, "R", Some("history")),
        "api.search" => (rest, "E", Some("search")),
        "api.everything" => (rest, "E", Some("operation")),
        "api.validate" => (rest, "E", Some("operation")),
        "api.create" => (rest, "C", Some("create")),
        "api.update" => (rest, "U", Some("update")),
        "api.patch" => (rest, "U", Some("patch")),
        "api.delete" => (rest, "D", Some("delete")),
        "api.transaction" => (rest, "E", Some("transaction")),
        "api.bundle" => (rest, "E", Some("batch")),
        "import" | "demo" => (dicom("110107", "Import"), "C", None),
        "audit.search" | "audit.export" => (dicom("110101", "Audit Log Used"), "R", None),
        action if action.starts_with("sign-") || action.starts_with("session.") || action.starts_with("password.") => {
            (dicom("110114", "User Authentication"), "E", None)
        }
        action => match action.rsplit('.').next() {
            Some("read" | "as-of" | "find" | "list") => (dicom("110110", "Patient Record"), "R", None),
            Some("register") => (dicom("110110", "Patient Record"), "C", None),
            Some("edit" | "error" | "move" | "restore") => (dicom("110110", "Patient Record"), "U", None),
            _ => (dicom("110113", "Security Alert"), "E", None),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use store::{Actor, Role};
    use uuid::Uuid;

    fn recorded(patients: &[&str]) -> Recorded {
        let actor = Actor {
            id: Uuid::from_u128(7),
            name: "token:lab".to_owned(),
            role: Some(Role::Integration),
            practitioner: Some(Id::parse("d").expect("id")),
        };
        let mut entry = Entry::new(Timestamp::UNIX_EPOCH, Uuid::from_u128(1), actor, "api.read");
        entry.patients = patients.iter().map(|id| PatientId::parse(id).expect("id")).collect();
        entry.what = vec![(Key::parse("Patient/a").expect("key"), 2), (Key::parse("Observation/o").expect("key"), 0)];
        entry.why = "covering".to_owned();
        entry.detail = "results".to_owned();
        entry.from = Some("10.0.0.7".parse().expect("address"));
        Recorded { sequence: 41, entry }
    }

    #[test]
    fn each_patient_has_an_event_that_is_valid_and_names_no_other() {
        let entry = recorded(&["a", "b"]);
        assert_eq!(count(&entry.entry), 2);
        let of_b = about(&entry, 1);
        assert_eq!(fhir::validate::validate(Kind::AUDIT_EVENT, &of_b), []);
        assert_eq!(
            (of_b["id"].as_str(), of_b["outcome"].as_str(), of_b["action"].as_str()),
            (Some("41-2"), Some("0"), Some("R"))
        );
        let named: Vec<&str> = of_b["entity"]
            .as_array()
            .expect("entities")
            .iter()
            .filter_map(|e| e["what"]["reference"].as_str())
            .collect();
        assert_eq!(named, ["Patient/b", "Observation/o"]);
        assert_eq!(place(&Id::parse("41-2").expect("id")), Some((41, 1)));
        let of_none = about(&recorded(&[]), 0);
        assert_eq!(
            (of_none["id"].as_str(), of_none["entity"][0]["what"]["reference"].as_str()),
            (Some("41-0"), Some("Patient/a/_history/2"))
        );
        assert_eq!(fhir::validate::validate(Kind::AUDIT_EVENT, &of_none), []);
    }
}
