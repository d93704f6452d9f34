//! Who a patient is, as search hits, look-alike checks, lists and banners need it: read from a stored Patient in one go.

use crate::edit::patient::{self, Demographics};
use crate::{Id, PatientId};
use serde_json::Value;

/// One patient's identity, read from the Patient resource.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// The patient; none while registering.
    pub id: Option<PatientId>,
    /// Version of the Patient resource.
    pub version: u32,
    /// What the registration form shows.
    pub demographics: Demographics,
    /// Family name in use.
    pub family: String,
    /// Given names in use, first and middle.
    pub given: String,
    /// The name they are called by, when it differs.
    pub preferred: String,
    /// All names in use (official, usual, nickname), whole.
    pub current_names: Vec<String>,
    /// Former and maiden names, whole.
    pub former_names: Vec<String>,
    /// As written: `1962-05-04`, `1962-05`, `1962` or empty.
    pub birth_date: String,
    /// `female`, `male`, `other`, `unknown` or empty (FHIR administrative gender).
    pub sex: String,
    /// Phone numbers as written.
    pub phones: Vec<String>,
    /// Identifiers: ours and others'.
    pub numbers: Vec<String>,
    /// Our record number, digits.
    pub record_number: String,
    /// Whether the patient has died.
    pub deceased: bool,
    /// Whether access is restricted by a confidentiality mark (HL7 v3 Confidentiality: R restricted, V very restricted).
    pub restricted: bool,
    /// Whether this is a test patient.
    pub test: bool,
    /// Whether a photo is on file.
    pub photo: bool,
}

impl Identity {
    /// Reads a stored Patient body. `record_number_system` tells our record number from others' numbers.
    ///
    /// # Errors
    /// When the body is not JSON (a damaged database).
    pub fn read(body: &[u8], record_number_system: &str) -> Result<Self, serde_json::Error> {
        Ok(Self::of(&serde_json::from_slice(body)?, record_number_system))
    }

    /// Reads a Patient resource.
    #[must_use]
    pub fn of(patient: &Value, record_number_system: &str) -> Self {
        let text = |pointer: &str| patient.pointer(pointer).and_then(Value::as_str);
        let identifiers = items(patient, "identifier");
        let record_number = identifiers
            .clone()
            .find(|i| i.get("system").and_then(Value::as_str) == Some(record_number_system))
            .and_then(|i| i.get("value"))
            .and_then(Value::as_str);
        let telecom = items(patient, "telecom");
        let is_phone = |t: &&Value| matches!(t.get("system").and_then(Value::as_str), Some("phone" | "sms"));
        Self::from_form(Demographics::of(patient)).with(|identity| {
            identity.id = text("/id").and_then(|id| Id::parse(id).ok()).map(PatientId::new);
            identity.version = text("/meta/versionId").and_then(|v| v.parse().ok()).unwrap_or(0);
            identity.current_names = names(patient, |former| !former);
            identity.former_names = names(patient, |former| former);
            identity.phones = strings(telecom.filter(is_phone), "value");
            identity.numbers = strings(identifiers, "value");
            identity.record_number = record_number.unwrap_or_default().to_owned();
            identity.deceased =
                patient.get("deceasedBoolean") == Some(&Value::Bool(true)) || text("/deceasedDateTime").is_some();
            let marked = |field: &str, code: &str| {
                let marks = patient.pointer(&format!("/meta/{field}")).and_then(Value::as_array);
                marks.is_some_and(|marks| marks.iter().any(|m| m.get("code").and_then(Value::as_str) == Some(code)))
            };
            identity.test = marked("tag", "HTEST") || marked("security", "HTEST");
            identity.restricted = marked("security", "R") || marked("security", "V");
            identity.photo = items(patient, "photo").any(|photo| photo.get("data").is_some());
            identity.without_directions();
        })
    }

    /// The identity a filled-in form would have, for look-alike checks before anything is saved.
    #[must_use]
    pub fn from_form(form: Demographics) -> Self {
        let whole = |given: &str, family: &str| format!("{given} {family}").trim().to_owned();
        let phones = [&form.mobile, &form.phone];
        Self {
            family: form.family.clone(),
            given: form.given.clone(),
            preferred: form.preferred.clone(),
            current_names: vec![whole(&form.given, &form.family)],
            former_names: Some(form.former_family.clone()).filter(|name| !name.is_empty()).into_iter().collect(),
            birth_date: form.birth_date.clone(),
            sex: form.sex.clone(),
            phones: phones.into_iter().filter(|p| !p.is_empty()).cloned().collect(),
            deceased: !form.deceased.is_empty(),
            demographics: form,
            ..Self::default()
        }
    }

    fn with(mut self, fill: impl FnOnce(&mut Self)) -> Self {
        fill(&mut self);
        self
    }

    /// Takes the characters that turn the direction of writing out of what is shown; the record, and the form, keep them as sent.
    fn without_directions(&mut self) {
        let single = [
            &mut self.family,
            &mut self.given,
            &mut self.preferred,
            &mut self.birth_date,
            &mut self.sex,
            &mut self.record_number,
        ];
        let lists = [&mut self.current_names, &mut self.former_names, &mut self.phones, &mut self.numbers];
        for text in single.into_iter().chain(lists.into_iter().flatten()) {
            *text = without_directions(text);
        }
    }

    /// `FAMILY, Given`, as every list shows it.
    #[must_use]
    pub fn display_name(&self) -> String {
        let family = self.family.to_uppercase();
        match (family.is_empty(), self.given.is_empty()) {
            (false, false) => format!("{family}, {}", self.given),
            (false, true) => family,
            (true, false) => self.given.clone(),
            (true, true) => "Name not recorded".to_owned(),
        }
    }

    /// Two letters for the place of a photo.
    #[must_use]
    pub fn initials(&self) -> String {
        [&self.given, &self.family].iter().filter_map(|name| name.chars().next()).flat_map(char::to_uppercase).collect()
    }

    /// The last four digits of the first phone number that has so many.
    #[must_use]
    pub fn phone_end(&self) -> Option<String> {
        let digits = self
            .phones
            .iter()
            .map(|phone| phone.chars().filter(char::is_ascii_digit).collect::<String>())
            .find(|digits| digits.len() >= 4)?;
        digits.get(digits.len() - 4..).map(str::to_owned)
    }
}

fn items<'a>(patient: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> + Clone {
    patient.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter()
}

fn strings<'a>(items: impl Iterator<Item = &'a Value>, field: &str) -> Vec<String> {
    items.filter_map(|item| item.get(field)).filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whole names, former ones or those in use.
fn names(patient: &Value, wanted: impl Fn(bool) -> bool) -> Vec<String> {
    let all = items(patient, "name").filter(|name| wanted(patient::is_former(name)));
    let whole = |name: &Value| {
        let family = name.get("family").and_then(Value::as_str);
        let parts = items(name, "given").filter_map(Value::as_str).chain(family);
        let joined = parts.collect::<Vec<_>>().join(" ");
        if joined.is_empty() { name.get("text").and_then(Value::as_str).unwrap_or_default().to_owned() } else { joined }
    };
    all.map(whole).filter(|name| !name.is_empty()).collect()
}

/// Text without the characters that turn the direction of what stands beside it (Unicode Standard Annex 9, explicit formatting
/// characters and marks): within a name, one would show the record number after it backwards. Letters keep their own direction.
#[must_use]
pub fn without_directions(text: &str) -> String {
    let turns =
        |c: &char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}');
    text.chars().filter(|c| !turns(c)).collect()
}

/// A record number as people read it: `100 001`.
#[must_use]
pub fn spaced(number: &str) -> String {
    let mut groups: Vec<&str> = Vec::new();
    let mut rest = number;
    while rest.len() > 3 {
        let Some((head, tail)) = rest.split_at_checked(rest.len() - 3) else { break };
        groups.push(tail);
        rest = head;
    }
    groups.push(rest);
    groups.reverse();
    groups.join("\u{a0}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn record_numbers_are_grouped_by_three() {
        assert_eq!(spaced("100001"), "100\u{a0}001");
        assert_eq!(spaced("1234567"), "1\u{a0}234\u{a0}567");
        assert_eq!(spaced("12"), "12");
    }

    #[test]
    fn a_name_is_never_blank() {
        let identity =
            |family: &str, given: &str| Identity { family: family.into(), given: given.into(), ..Identity::default() };
        assert_eq!(identity("Núñez", "Ana María").display_name(), "NÚÑEZ, Ana María");
        assert_eq!(identity("", "").display_name(), "Name not recorded");
        assert_eq!(identity("Larsen", "Liam").initials(), "LL");
    }

    #[test]
    fn a_stored_patient_is_read_in_one_go() {
        let patient = json!({
            "resourceType": "Patient", "id": "p1",
            "meta": {"versionId": "3", "security": [{"code": "HTEST"}, {"code": "R"}]},
            "identifier": [{"system": "urn:chartroom:record-number", "value": "100007"}, {"system": "urn:x", "value": "A-9"}],
            "name": [
                {"use": "official", "family": "Larsen", "given": ["Liam", "J"]},
                {"use": "nickname", "given": ["Lee"]}, {"use": "maiden", "family": "Smith", "given": ["Liam"]}
            ],
            "telecom": [{"system": "phone", "value": "+1 919-555-0105"}, {"system": "email", "value": "x@example.org"}],
            "gender": "male", "birthDate": "1979-12-23", "deceasedBoolean": true
        });
        let read = Identity::of(&patient, "urn:chartroom:record-number");
        assert_eq!(read.display_name(), "LARSEN, Liam J");
        assert_eq!((read.preferred.as_str(), read.record_number.as_str(), read.version), ("Lee", "100007", 3));
        assert_eq!(read.current_names, ["Liam J Larsen", "Lee"]);
        assert_eq!(read.former_names, ["Liam Smith"]);
        assert_eq!(read.numbers, ["100007", "A-9"]);
        assert_eq!(read.phone_end().as_deref(), Some("0105"));
        assert!(read.deceased && read.test && read.restricted && !read.photo);
    }
}
