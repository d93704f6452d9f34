//! How to reach a patient, and whom else: identity content that every role may read.

use super::commands::Loaded;
use super::quantity::period as period_words;
use super::row::{Row, is_error, person_name, spoken};
use super::when::When;
use fhir::{Element, Key, Kind};
use jiff::civil::Date;

/// Labels and values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// Address, phones, mail, language, general practitioner, identifiers.
    pub lines: Vec<(String, String)>,
    /// Next of kin, coverage.
    pub others: Vec<(String, String)>,
    /// Appointments, newest first.
    pub appointments: Vec<Appointment>,
}

/// One appointment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// When it begins.
    pub when: Option<When>,
    /// What it is for.
    pub words: String,
    /// `Booked`, `Arrived`, `Cancelled` …
    pub status: String,
    /// With whom or where.
    pub with: Option<String>,
}

/// Statuses of an appointment nobody comes to any more (R4 appointmentstatus).
const OVER: [&str; 4] = ["Cancelled", "Noshow", "Fulfilled", "Entered in error"];

impl Contact {
    /// The appointments from today on that stand, the next first.
    #[must_use]
    pub fn to_come(&self, today: Date) -> Vec<&Appointment> {
        let stands = |one: &&Appointment| !OVER.contains(&one.status.as_str());
        let ahead = |one: &&Appointment| one.when.as_ref().and_then(|when| when.day).is_some_and(|day| day >= today);
        let mut all: Vec<_> = self.appointments.iter().filter(stands).filter(ahead).collect();
        all.sort_by_key(|one| one.when.as_ref().map(|when| when.at));
        all
    }

    /// Reads the Patient, and coverage and appointments where they were loaded.
    #[must_use]
    pub fn of(loaded: &Loaded) -> Self {
        let root = loaded.patient.root();
        let mut lines = Vec::new();
        for telecom in root.each("telecom") {
            if let Some(value) = telecom.text("value") {
                let place = telecom.text("use").map(|place| format!(", {place}")).unwrap_or_default();
                lines.push((
                    format!("{}{place}", spoken(telecom.text("system").unwrap_or("contact"))),
                    value.to_owned(),
                ));
            }
        }
        for address in root.each("address") {
            lines.extend(address_words(address).map(|words| ("Address".to_owned(), words)));
        }
        for language in root.each("communication") {
            lines.extend(language.words("language").map(|words| ("Language".to_owned(), words)));
        }
        lines.extend(
            loaded.reading.names.all(root, "generalPractitioner").map(|name| ("General practitioner".to_owned(), name)),
        );
        lines.extend(root.words("maritalStatus").map(|words| ("Marital status".to_owned(), words)));
        let others = root.each("contact").into_iter().map(|contact| {
            let name = contact.get("name").and_then(person_name).unwrap_or_else(|| "Name not recorded".to_owned());
            let phones: Vec<_> =
                contact.each("telecom").into_iter().filter_map(|telecom| telecom.text("value")).collect();
            let label = contact.words("relationship").unwrap_or_else(|| "Next of kin".to_owned());
            (label, [vec![name.as_str()], phones].concat().join(", "))
        });
        let mut others: Vec<_> = others.collect();
        let mut appointments = Vec::new();
        for row in loaded.parts.iter().flat_map(|part| &part.rows).filter(|row| !is_error(row.root())) {
            match row.key.kind {
                Kind::COVERAGE => others.push(("Coverage".to_owned(), coverage(row, loaded))),
                Kind::APPOINTMENT => appointments.push(appointment(row, loaded)),
                _ => {}
            }
        }
        Self { lines, others, appointments }
    }
}

fn coverage(row: &Row, loaded: &Loaded) -> String {
    let root = row.root();
    let payor = loaded.reading.names.all(root, "payor").or_else(|| root.words("type"));
    let status = root.text("status").filter(|status| *status != "active").map(spoken);
    let number = root.text("subscriberId").map(|number| format!("member {number}"));
    let period = root.get("period").and_then(|period| period_words(period, &loaded.reading.clock));
    let parts: Vec<_> = [payor.or_else(|| Some("Payer not recorded".to_owned())), number, period, status]
        .into_iter()
        .flatten()
        .collect();
    parts.join(", ")
}

fn appointment(row: &Row, loaded: &Loaded) -> Appointment {
    let root = row.root();
    let with: Vec<_> = root
        .each("participant.actor")
        .into_iter()
        .filter(|actor| actor.text("reference").and_then(Key::parse).is_none_or(|key| key.kind != Kind::PATIENT))
        .filter_map(|actor| loaded.reading.names.name(actor))
        .collect();
    Appointment {
        when: When::get(root, "start", &loaded.reading.clock),
        words: root
            .text("description")
            .map(str::to_owned)
            .or_else(|| ["appointmentType", "serviceType", "reasonCode"].iter().find_map(|path| root.words(path)))
            .unwrap_or_else(|| "Appointment".to_owned()),
        status: root.text("status").map_or_else(|| "Status not recorded".to_owned(), spoken),
        with: (!with.is_empty()).then(|| with.join(", ")),
    }
}

fn address_words(address: Element<'_>) -> Option<String> {
    if let Some(text) = address.text("text") {
        return Some(text.to_owned());
    }
    let mut parts: Vec<_> = address.each("line").into_iter().filter_map(Element::as_text).collect();
    parts.extend(["city", "state", "postalCode", "country"].iter().filter_map(|part| address.text(part)));
    (!parts.is_empty()).then(|| parts.join(", "))
}
