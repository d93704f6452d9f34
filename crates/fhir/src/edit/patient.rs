//! The identity of a Patient as a registration form shows it, and back.
//!
//! [`Demographics::of`] reads a Patient; [`Demographics::apply`] writes back only the fields that differ from what it would read,
//! so identifiers, extensions and further names that the form does not show stay exactly as they were.

use super::parts::{
    extension, find, first, joined, joined_with, list, remove, set, set_element, set_extension, set_list, set_text,
    text, words,
};
use serde_json::{Value, json};

const INTERPRETER: &str = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired";
const PRONOUNS: &str = "http://hl7.org/fhir/StructureDefinition/individual-pronouns";

/// What a registration form holds. Every field is text as FHIR writes it; empty means not recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Demographics {
    /// Family name in use.
    pub family: String,
    /// Given names in use, separated by spaces.
    pub given: String,
    /// Suffix, such as `Jr`.
    pub suffix: String,
    /// The name they are called by.
    pub preferred: String,
    /// A former or maiden family name.
    pub former_family: String,
    /// `1962-05-04`, `1962-05` or `1962`.
    pub birth_date: String,
    /// FHIR administrative gender.
    pub sex: String,
    /// Pronouns, in words.
    pub pronouns: String,
    /// Mobile phone.
    pub mobile: String,
    /// Home phone.
    pub phone: String,
    /// E-mail.
    pub email: String,
    /// Street.
    pub line: String,
    /// Town.
    pub city: String,
    /// State or province.
    pub state: String,
    /// Postal code.
    pub postal_code: String,
    /// Country.
    pub country: String,
    /// Preferred language, BCP-47, such as `es`.
    pub language: String,
    /// Whether an interpreter is needed.
    pub interpreter: bool,
    /// Next of kin: name.
    pub contact_name: String,
    /// Next of kin: relationship, in words.
    pub contact_relationship: String,
    /// Next of kin: phone.
    pub contact_phone: String,
    /// General practitioner: `Practitioner/id`.
    pub general_practitioner: String,
    /// Date of death, or empty.
    pub deceased: String,
}

impl Demographics {
    /// Reads a Patient resource.
    #[must_use]
    pub fn of(patient: &Value) -> Self {
        let name = find(patient, "name", is_name_in_use);
        let address = find(patient, "address", is_address_in_use);
        let contact = first(patient, "contact");
        let phone = |kind: PhoneUse| text(find(patient, "telecom", move |t| kind.is(t)), "value");
        let language = find(patient, "communication", |c| c.get("preferred") == Some(&Value::Bool(true)))
            .or_else(|| first(patient, "communication"));
        Self {
            family: text(name, "family"),
            given: joined(name, "given"),
            suffix: joined(name, "suffix"),
            preferred: joined(find(patient, "name", is_preferred), "given"),
            former_family: text(find(patient, "name", is_former), "family"),
            birth_date: text(Some(patient), "birthDate"),
            sex: text(Some(patient), "gender"),
            pronouns: pronouns(patient),
            mobile: phone(PhoneUse::Mobile),
            phone: phone(PhoneUse::Home),
            email: phone(PhoneUse::Email),
            line: joined_with(address, "line", ", "),
            city: text(address, "city"),
            state: text(address, "state"),
            postal_code: text(address, "postalCode"),
            country: text(address, "country"),
            language: language
                .and_then(|c| c.pointer("/language/coding/0/code"))
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            interpreter: extension(patient, INTERPRETER).and_then(|e| e.get("valueBoolean"))
                == Some(&Value::Bool(true)),
            contact_name: contact.and_then(|c| c.get("name")).map(whole_name).unwrap_or_default(),
            contact_relationship: contact.and_then(|c| c.pointer("/relationship/0")).map(words).unwrap_or_default(),
            contact_phone: contact
                .and_then(|c| c.pointer("/telecom/0/value"))
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            general_practitioner: first(patient, "generalPractitioner")
                .map(|r| text(Some(r), "reference"))
                .unwrap_or_default(),
            deceased: text(Some(patient), "deceasedDateTime"),
        }
    }

    /// A new Patient with these demographics (no id, no record number yet).
    #[must_use]
    pub fn create(&self) -> Value {
        let mut patient = json!({"resourceType": "Patient", "active": true});
        self.apply(&mut patient);
        patient
    }

    /// Writes the fields that differ into a Patient, leaving everything else untouched.
    pub fn apply(&self, patient: &mut Value) {
        let before = Self::of(patient);
        self.apply_names(&before, patient);
        self.apply_contact_points(&before, patient);
        self.apply_address(&before, patient);
        self.apply_contact(&before, patient);
        set_text(patient, "gender", &before.sex, &self.sex);
        set_text(patient, "birthDate", &before.birth_date, &self.birth_date);
        if before.deceased != self.deceased {
            remove(patient, "deceasedBoolean");
            set_text(patient, "deceasedDateTime", &before.deceased, &self.deceased);
        }
        if before.language != self.language || before.interpreter != self.interpreter {
            self.apply_language(patient);
        }
        if before.pronouns != self.pronouns {
            let value = json!([{"url": "value", "valueCodeableConcept": {"text": self.pronouns}}]);
            set_extension(patient, PRONOUNS, (!self.pronouns.is_empty()).then_some(("extension", value)));
        }
        if before.general_practitioner != self.general_practitioner {
            let reference = json!({"reference": self.general_practitioner});
            set_element(
                patient,
                "generalPractitioner",
                |_| true,
                (!self.general_practitioner.is_empty()).then_some(reference),
            );
        }
    }

    fn apply_names(&self, before: &Self, patient: &mut Value) {
        let changed = |f: fn(&Self) -> &String| f(before) != f(self);
        if changed(|d| &d.family) || changed(|d| &d.given) || changed(|d| &d.suffix) {
            let mut name = find(patient, "name", is_name_in_use).cloned().unwrap_or_else(|| json!({"use": "official"}));
            set_text(&mut name, "family", &before.family, &self.family);
            set_list(&mut name, "given", &before.given, &self.given);
            set_list(&mut name, "suffix", &before.suffix, &self.suffix);
            // A composed text would go on saying the old name.
            remove(&mut name, "text");
            set_element(patient, "name", is_name_in_use, Some(name));
        }
        if changed(|d| &d.preferred) {
            let name = (!self.preferred.is_empty()).then(|| json!({"use": "nickname", "given": list(&self.preferred)}));
            set_element(patient, "name", is_preferred, name);
        }
        if changed(|d| &d.former_family) {
            let name = (!self.former_family.is_empty()).then(|| json!({"use": "old", "family": self.former_family}));
            set_element(patient, "name", is_former, name);
        }
    }

    fn apply_contact_points(&self, before: &Self, patient: &mut Value) {
        for (kind, old, new) in [
            (PhoneUse::Mobile, &before.mobile, &self.mobile),
            (PhoneUse::Home, &before.phone, &self.phone),
            (PhoneUse::Email, &before.email, &self.email),
        ] {
            if old != new {
                let mut point = find(patient, "telecom", |t| kind.is(t)).cloned().unwrap_or_else(|| kind.template());
                set(&mut point, "value", json!(new));
                set_element(patient, "telecom", |t| kind.is(t), (!new.is_empty()).then_some(point));
            }
        }
    }

    fn apply_address(&self, before: &Self, patient: &mut Value) {
        let fields =
            |d: &Self| [d.line.clone(), d.city.clone(), d.state.clone(), d.postal_code.clone(), d.country.clone()];
        if fields(before) == fields(self) {
            return;
        }
        let mut address =
            find(patient, "address", is_address_in_use).cloned().unwrap_or_else(|| json!({"use": "home"}));
        if before.line != self.line {
            let lines: Vec<&str> = self.line.split(',').map(str::trim).filter(|l| !l.is_empty()).collect();
            if lines.is_empty() { remove(&mut address, "line") } else { set(&mut address, "line", json!(lines)) }
        }
        set_text(&mut address, "city", &before.city, &self.city);
        set_text(&mut address, "state", &before.state, &self.state);
        set_text(&mut address, "postalCode", &before.postal_code, &self.postal_code);
        set_text(&mut address, "country", &before.country, &self.country);
        remove(&mut address, "text");
        let empty = fields(self).iter().all(String::is_empty);
        set_element(patient, "address", is_address_in_use, (!empty).then_some(address));
    }

    fn apply_contact(&self, before: &Self, patient: &mut Value) {
        let fields = |d: &Self| [d.contact_name.clone(), d.contact_relationship.clone(), d.contact_phone.clone()];
        if fields(before) == fields(self) {
            return;
        }
        let mut contact = first(patient, "contact").cloned().unwrap_or_else(|| json!({}));
        for (field, old, new, value) in [
            ("name", &before.contact_name, &self.contact_name, json!({"text": self.contact_name})),
            (
                "relationship",
                &before.contact_relationship,
                &self.contact_relationship,
                json!([{"text": self.contact_relationship}]),
            ),
            (
                "telecom",
                &before.contact_phone,
                &self.contact_phone,
                json!([{"system": "phone", "value": self.contact_phone}]),
            ),
        ] {
            if old != new {
                if new.is_empty() { remove(&mut contact, field) } else { set(&mut contact, field, value) }
            }
        }
        let empty = fields(self).iter().all(String::is_empty);
        set_element(patient, "contact", |_| true, (!empty).then_some(contact));
    }

    fn apply_language(&self, patient: &mut Value) {
        let language = json!({
            "language": {"coding": [{"system": "urn:ietf:bcp:47", "code": self.language}]},
            "preferred": true
        });
        let old = Self::of(patient).language;
        let is_old = |c: &Value| c.pointer("/language/coding/0/code").and_then(Value::as_str) == Some(old.as_str());
        if old != self.language {
            set_element(patient, "communication", is_old, (!self.language.is_empty()).then_some(language));
        }
        set_extension(patient, INTERPRETER, self.interpreter.then_some(("valueBoolean", json!(true))));
    }
}

/// Which contact point a form field stands for.
#[derive(Clone, Copy, PartialEq)]
enum PhoneUse {
    Mobile,
    Home,
    Email,
}

impl PhoneUse {
    fn is(self, point: &Value) -> bool {
        let is = |field: &str, value: &str| point.get(field).and_then(Value::as_str) == Some(value);
        match self {
            _ if is("use", "old") => false,
            Self::Mobile => is("system", "phone") && is("use", "mobile"),
            Self::Home => is("system", "phone") && !is("use", "mobile"),
            Self::Email => is("system", "email"),
        }
    }

    fn template(self) -> Value {
        match self {
            Self::Mobile => json!({"system": "phone", "value": "", "use": "mobile"}),
            Self::Home => json!({"system": "phone", "value": "", "use": "home"}),
            Self::Email => json!({"system": "email", "value": ""}),
        }
    }
}

fn name_use(name: &Value) -> &str {
    name.get("use").and_then(Value::as_str).unwrap_or("official")
}

fn is_name_in_use(name: &Value) -> bool {
    name_use(name) == "official" || (name_use(name) == "usual" && name.get("family").is_some())
}

fn is_preferred(name: &Value) -> bool {
    name_use(name) == "nickname" || (name_use(name) == "usual" && name.get("family").is_none())
}

/// Whether a HumanName is one the patient had before.
pub(crate) fn is_former(name: &Value) -> bool {
    matches!(name_use(name), "old" | "maiden")
}

fn is_address_in_use(address: &Value) -> bool {
    !matches!(address.get("use").and_then(Value::as_str), Some("old" | "billing"))
}

fn whole_name(name: &Value) -> String {
    match name.get("text").and_then(Value::as_str) {
        Some(text) => text.to_owned(),
        None => format!("{} {}", joined(Some(name), "given"), text(Some(name), "family")).trim().to_owned(),
    }
}

fn pronouns(patient: &Value) -> String {
    let value = extension(patient, PRONOUNS)
        .and_then(|e| find(e, "extension", |part| part.get("url").and_then(Value::as_str) == Some("value")));
    value.and_then(|v| v.get("valueCodeableConcept")).map(words).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Demographics {
        Demographics {
            family: "García".into(),
            given: "Ana María".into(),
            preferred: "Annie".into(),
            former_family: "Pérez".into(),
            birth_date: "1962-05-04".into(),
            sex: "female".into(),
            pronouns: "she/her".into(),
            mobile: "919-555-0105".into(),
            email: "ana@example.org".into(),
            line: "12 High Street, Flat 2".into(),
            city: "Springfield".into(),
            language: "es".into(),
            interpreter: true,
            contact_name: "Luis García".into(),
            contact_relationship: "brother".into(),
            contact_phone: "919-555-0106".into(),
            general_practitioner: "Practitioner/p1".into(),
            ..Demographics::default()
        }
    }

    #[test]
    fn what_a_form_writes_it_reads_back() {
        let patient = form().create();
        assert_eq!(Demographics::of(&patient), form());
        let mut again = patient.clone();
        form().apply(&mut again);
        assert_eq!(again, patient, "saving without a change changes nothing");
    }

    #[test]
    fn a_change_keeps_what_the_form_does_not_show() {
        let mut patient = json!({
            "resourceType": "Patient",
            "identifier": [{"system": "urn:x", "value": "7"}],
            "name": [
                {"use": "official", "family": "Smith", "given": ["Ann"], "period": {"start": "2001"}},
                {"use": "maiden", "family": "Jones"}, {"use": "temp", "family": "X"}
            ],
            "telecom": [{"system": "phone", "value": "1", "use": "work", "rank": 2}],
            "birthDate": "1970", "_birthDate": {"id": "b"},
            "extension": [{"url": "urn:other", "valueString": "kept"}]
        });
        let mut form = Demographics::of(&patient);
        assert_eq!((form.former_family.as_str(), form.phone.as_str()), ("Jones", "1"));
        form.family = "Brown".into();
        form.interpreter = true;
        form.apply(&mut patient);
        assert_eq!(
            patient["name"][0],
            json!({"use": "official", "family": "Brown", "given": ["Ann"], "period": {"start": "2001"}})
        );
        assert_eq!(patient["name"][2]["family"], "X");
        assert_eq!(patient["_birthDate"]["id"], "b");
        assert_eq!(patient["telecom"][0]["rank"], 2);
        assert_eq!(patient["extension"][0]["valueString"], "kept");
        assert_eq!(patient["extension"][1]["valueBoolean"], true);
    }

    #[test]
    fn emptied_fields_leave_no_empty_elements() {
        let mut patient = form().create();
        Demographics { family: "García".into(), ..Demographics::default() }.apply(&mut patient);
        assert_eq!(
            patient,
            json!({"resourceType": "Patient", "active": true, "name": [{"use": "official", "family": "García"}]})
        );
    }
}
