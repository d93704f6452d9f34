//! How to reach a patient, and whom else: identity content that every role may read.

use super::commands::Loaded;
use super::row::{person_name, spoken};
use fhir::Element;

/// Labels and values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// Address, phones, mail, language, general practitioner, identifiers.
    pub lines: Vec<(String, String)>,
    /// Next of kin.
    pub others: Vec<(String, String)>,
}

impl Contact {
    /// Reads the Patient.
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
        Self { lines, others: others.collect() }
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
