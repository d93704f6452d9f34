//! A visit: an Encounter that is begun, moves from state to state with the time of each, and ends.

use super::parts::{remove, set};
use crate::{Id, Kind, PatientId};
use serde_json::{Value, json};

/// HL7 v3 ActEncounterCode.
const CLASS_SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/// A visit about to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVisit<'a> {
    /// The chart.
    pub patient: &'a PatientId,
    /// Its first state, an R4 encounter-status.
    pub status: &'a str,
    /// v3-ActCode: code and display.
    pub class: (&'a str, &'a str),
    /// What kind of visit, in words; empty when not said.
    pub kind: &'a str,
    /// Why the patient comes, in their own words; empty when not said.
    pub reason: &'a str,
    /// With whom: reference and name.
    pub with: &'a [(String, String)],
    /// Where: reference and name.
    pub place: Option<&'a (String, String)>,
    /// When it begins or is planned to, an instant.
    pub start: &'a str,
    /// When this is recorded, an instant: its first state began then, where it is only planned.
    pub at: &'a str,
}

impl NewVisit<'_> {
    /// The Encounter.
    #[must_use]
    pub fn body(&self, id: &Id) -> Value {
        let since = if self.status == "planned" { self.at } else { self.start };
        let (code, display) = self.class;
        let mut body = json!({
            "resourceType": Kind::ENCOUNTER.name(), "id": id.as_str(), "status": self.status,
            "statusHistory": [{ "status": self.status, "period": { "start": since } }],
            "class": { "system": CLASS_SYSTEM, "code": code, "display": display },
        });
        if !self.kind.is_empty() {
            set(&mut body, "type", json!([{ "text": self.kind }]));
        }
        set(&mut body, "subject", json!({ "reference": self.patient.key().to_string() }));
        if !self.with.is_empty() {
            let people = self
                .with
                .iter()
                .map(|(reference, name)| json!({ "individual": { "reference": reference, "display": name } }));
            set(&mut body, "participant", people.collect());
        }
        set(&mut body, "period", json!({ "start": self.start }));
        set_reason(&mut body, self.reason);
        if let Some((reference, name)) = self.place {
            set(&mut body, "location", json!([{ "location": { "reference": reference, "display": name } }]));
        }
        body
    }
}

/// Why the patient came, in their own words: the first reason's text. What else is known of it (a code) goes with it, as it was of other words.
pub fn set_reason(visit: &mut Value, words: &str) {
    if reason(visit) == words {
        return;
    }
    if words.is_empty() {
        remove(visit, "reasonCode");
    } else {
        set(visit, "reasonCode", json!([{ "text": words }]));
    }
}

/// The words of the first reason; empty when there is none.
#[must_use]
pub fn reason(visit: &Value) -> String {
    super::parts::first(visit, "reasonCode").map(super::parts::words).unwrap_or_default()
}

/// When the present state began, as far as the visit tells.
#[must_use]
pub fn since(visit: &Value) -> Option<&str> {
    let status = visit.get("status")?.as_str()?;
    let last = visit.get("statusHistory").and_then(Value::as_array).and_then(|history| history.last());
    last.filter(|last| last.get("status").and_then(Value::as_str) == Some(status))
        .and_then(|last| last.pointer("/period/start"))
        .or_else(|| visit.pointer("/period/start"))
        .and_then(Value::as_str)
}

/// Brings a visit into another state at a time: the one before is closed in its history, and the visit begins and ends as its states say.
pub fn set_status(visit: &mut Value, status: &str, at: &str) {
    let before = visit.get("status").and_then(Value::as_str).unwrap_or("unknown").to_owned();
    let since = since(visit).map(str::to_owned);
    let mut history = visit.get("statusHistory").and_then(Value::as_array).cloned().unwrap_or_default();
    let open = |entry: &Value| entry.get("status").and_then(Value::as_str) == Some(before.as_str());
    match history.last_mut().filter(|last| open(last)) {
        Some(last) => {
            if let Some(period) = last.get_mut("period") {
                set(period, "end", json!(at));
            }
        }
        None => {
            let period = since.map_or_else(|| json!({ "end": at }), |start| json!({ "start": start, "end": at }));
            history.push(json!({ "status": before, "period": period }));
        }
    }
    history.push(json!({ "status": status, "period": { "start": at } }));
    set(visit, "statusHistory", Value::Array(history));
    set(visit, "status", json!(status));
    let mut period = visit.get("period").cloned().filter(Value::is_object).unwrap_or_else(|| json!({}));
    match status {
        "arrived" | "in-progress" => {
            if matches!(before.as_str(), "planned" | "unknown") {
                set(&mut period, "start", json!(at));
            }
            // What goes on has not ended, whatever was said when it was finished.
            remove(&mut period, "end");
        }
        "finished" => set(&mut period, "end", json!(at)),
        "cancelled" if before != "planned" => set(&mut period, "end", json!(at)),
        "planned" => remove(&mut period, "end"),
        _ => {}
    }
    if period.as_object().is_some_and(|members| !members.is_empty()) {
        set(visit, "period", period);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit() -> Value {
        let patient = PatientId::parse("p1").expect("id");
        let with = [("Practitioner/d".to_owned(), "Dr Ama Okafor".to_owned())];
        let place = ("Location/l".to_owned(), "Room 2".to_owned());
        let new = NewVisit {
            patient: &patient,
            status: "planned",
            class: ("AMB", "ambulatory"),
            kind: "Office visit",
            reason: "My knee hurts",
            with: &with,
            place: Some(&place),
            start: "2026-11-25T15:00:00Z",
            at: "2026-11-22T15:00:00Z",
        };
        new.body(&Id::parse("v").expect("id"))
    }

    fn valid(visit: &Value) {
        let issues = crate::validate::validate(Kind::ENCOUNTER, visit);
        assert!(!issues.iter().any(crate::Issue::is_error), "{issues:?}");
    }

    #[test]
    fn each_state_has_its_time_and_the_visit_its_beginning_and_end() {
        let mut visit = visit();
        valid(&visit);
        set_status(&mut visit, "arrived", "2026-11-25T15:10:00Z");
        set_status(&mut visit, "in-progress", "2026-11-25T15:20:00Z");
        set_status(&mut visit, "finished", "2026-11-25T15:50:00Z");
        valid(&visit);
        assert_eq!(visit["period"], json!({"start": "2026-11-25T15:10:00Z", "end": "2026-11-25T15:50:00Z"}));
        assert_eq!(
            visit["statusHistory"],
            json!([
                {"status": "planned", "period": {"start": "2026-11-22T15:00:00Z", "end": "2026-11-25T15:10:00Z"}},
                {"status": "arrived", "period": {"start": "2026-11-25T15:10:00Z", "end": "2026-11-25T15:20:00Z"}},
                {"status": "in-progress", "period": {"start": "2026-11-25T15:20:00Z", "end": "2026-11-25T15:50:00Z"}},
                {"status": "finished", "period": {"start": "2026-11-25T15:50:00Z"}},
            ])
        );
        assert_eq!(since(&visit), Some("2026-11-25T15:50:00Z"));
        for goes_on in ["in-progress", "arrived"] {
            set_status(&mut visit, goes_on, "2026-11-25T16:05:00Z");
            valid(&visit);
            assert_eq!(visit["period"], json!({"start": "2026-11-25T15:10:00Z"}), "reopened, {goes_on}: it has no end");
        }
        assert_eq!(
            visit["statusHistory"][3]["period"]["end"], "2026-11-25T16:05:00Z",
            "its history tells that it had one"
        );
        set_status(&mut visit, "in-progress", "2026-11-25T16:06:00Z");
        set_status(&mut visit, "finished", "2026-11-25T16:10:00Z");
        assert_eq!(visit["period"]["end"], "2026-11-25T16:10:00Z");
    }

    #[test]
    fn a_visit_from_elsewhere_keeps_what_it_said_of_its_state_before() {
        let mut visit = json!({"resourceType": "Encounter", "status": "arrived", "class": {"code": "AMB"},
            "period": {"start": "2026-01-02T15:00:00Z"}});
        set_status(&mut visit, "cancelled", "2026-01-02T16:00:00Z");
        valid(&visit);
        let first = &visit["statusHistory"][0];
        assert_eq!(first["period"], json!({"start": "2026-01-02T15:00:00Z", "end": "2026-01-02T16:00:00Z"}));
        assert_eq!(visit["period"]["end"], "2026-01-02T16:00:00Z");
        set_status(&mut visit, "planned", "2026-01-02T16:05:00Z");
        assert_eq!(visit["period"].get("end"), None, "the cancelling was taken back");
    }

    #[test]
    fn a_reason_in_other_words_loses_the_code_of_the_words_before() {
        let mut visit = json!({"reasonCode": [{"coding": [{"code": "195662009"}], "text": "Sore throat"}]});
        set_reason(&mut visit, "Sore throat");
        assert!(visit["reasonCode"][0].get("coding").is_some(), "unchanged words change nothing");
        set_reason(&mut visit, "My ear aches");
        assert_eq!(visit["reasonCode"], json!([{"text": "My ear aches"}]));
        set_reason(&mut visit, "");
        assert_eq!(visit.get("reasonCode"), None);
    }
}
