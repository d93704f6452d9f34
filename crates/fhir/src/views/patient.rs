//! Patient: who the chart is about.

use super::{CodeableConcept, Extension, HumanName, Reference};
use crate::date::FhirDate;
use crate::views::get;

resource! {
    /// R4 Patient.
    Patient {
        /// Whether this record is in use.
        active: flag = "active",
        /// Every name, former ones too.
        names: many HumanName = "name",
        /// Phones, e-mail.
        telecom: many ContactPoint = "telecom",
        /// Administrative gender: `male`, `female`, `other` or `unknown`.
        gender: text = "gender",
        /// Day of birth, perhaps partial.
        birth_date: date = "birthDate",
        /// Addresses.
        addresses: many Address = "address",
        /// Marital status.
        marital_status: one CodeableConcept = "maritalStatus",
        /// Photographs.
        photos: many Attachment = "photo",
        /// Next of kin, guardians, employers.
        contacts: many PatientContact = "contact",
        /// Languages.
        communication: many PatientCommunication = "communication",
        /// Their general practitioners.
        general_practitioners: many Reference = "generalPractitioner",
        /// Who keeps this record.
        managing_organization: one Reference = "managingOrganization",
        /// Other records of the same person.
        links: many PatientLink = "link",
    }
}

const US_CORE: &str = "http://hl7.org/fhir/us/core/StructureDefinition/";

impl<'a> Patient<'a> {
    /// The name to show: official, else usual, else the first in use, else the first of all.
    #[must_use]
    pub fn name(self) -> Option<HumanName<'a>> {
        self.name_used_as("official")
            .or_else(|| self.name_used_as("usual"))
            .or_else(|| self.names().find(|name| !name.is_former()))
            .or_else(|| self.names().next())
    }

    /// The first name of this use.
    #[must_use]
    pub fn name_used_as(self, use_: &str) -> Option<HumanName<'a>> {
        self.names().find(|name| name.use_() == Some(use_))
    }

    /// What the patient is called, where that is not the first given name: a nickname or usual given name, else the given
    /// name marked "call me" (iso21090-EN-qualifier `CL`).
    #[must_use]
    pub fn preferred_name(self) -> Option<&'a str> {
        let shown = self.name().and_then(|name| name.given().next());
        let nickname = self.name_used_as("nickname").and_then(|n| n.given().next().or(n.text()));
        let usual = self.name_used_as("usual").and_then(|n| n.given().next());
        let called = self.names().find_map(call_me);
        [nickname, called, usual].into_iter().flatten().find(|name| Some(*name) != shown)
    }

    /// Names no longer in use.
    pub fn former_names(self) -> impl Iterator<Item = HumanName<'a>> {
        self.names().filter(|name| name.is_former())
    }

    /// Whether the patient has died.
    #[must_use]
    pub fn is_deceased(self) -> bool {
        get::flag(self.0, "deceasedBoolean") == Some(true) || self.0.get("deceasedDateTime").is_some()
    }

    /// When the patient died, where that is known.
    #[must_use]
    pub fn deceased_date(self) -> Option<FhirDate<'a>> {
        get::date(self.0, "deceasedDateTime")
    }

    /// Sex assigned at birth (US Core birth sex): `F`, `M`, `OTH`, `UNK` or `ASKU`.
    #[must_use]
    pub fn birth_sex(self) -> Option<&'a str> {
        self.us_core("us-core-birthsex").and_then(Extension::value_code)
    }

    /// Sex as US Core 6.1 records it (`us-core-sex`), a SNOMED CT or null-flavour code.
    #[must_use]
    pub fn sex(self) -> Option<&'a str> {
        self.us_core("us-core-sex").and_then(Extension::words)
    }

    /// Gender identity (US Core, or HL7's individual-genderIdentity).
    #[must_use]
    pub fn gender_identity(self) -> Option<CodeableConcept<'a>> {
        self.us_core("us-core-genderIdentity")
            .and_then(Extension::value_concept)
            .or_else(|| self.individual("individual-genderIdentity"))
    }

    /// Pronouns (HL7's individual-pronouns).
    #[must_use]
    pub fn pronouns(self) -> Option<CodeableConcept<'a>> {
        self.individual("individual-pronouns")
    }

    /// Race, in the words recorded (US Core).
    #[must_use]
    pub fn race(self) -> Option<&'a str> {
        self.us_core("us-core-race").and_then(parts_words)
    }

    /// Ethnicity, in the words recorded (US Core).
    #[must_use]
    pub fn ethnicity(self) -> Option<&'a str> {
        self.us_core("us-core-ethnicity").and_then(parts_words)
    }

    /// Whether an interpreter is needed; `None` when not recorded.
    #[must_use]
    pub fn interpreter_required(self) -> Option<bool> {
        let standard = self.extension("http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired");
        standard.and_then(Extension::value_flag).or_else(|| {
            let coded = self.us_core("us-core-interpreter-needed")?.value_coding()?.code()?;
            // SNOMED CT yes and no.
            match coded {
                "373066001" => Some(true),
                "373067005" => Some(false),
                _ => None,
            }
        })
    }

    /// The preferred language, else the only one recorded.
    #[must_use]
    pub fn language(self) -> Option<CodeableConcept<'a>> {
        let mut all = self.communication();
        let preferred = all.clone().find(|c| c.preferred() == Some(true));
        preferred.or_else(|| all.next().filter(|_| all.next().is_none())).and_then(PatientCommunication::language)
    }

    /// Which of a multiple birth, where recorded.
    #[must_use]
    pub fn birth_order(self) -> Option<&'a str> {
        get::number(self.0, "multipleBirthInteger")
    }

    fn us_core(self, name: &str) -> Option<Extension<'a>> {
        let is_it = |url: &str| url.strip_prefix(US_CORE) == Some(name);
        get::objects(self.0, "extension").map(Extension::new).find(|e| e.url().is_some_and(is_it))
    }

    /// HL7's individual-… extensions keep their concept in a part named `value`.
    fn individual(self, name: &str) -> Option<CodeableConcept<'a>> {
        let url = format!("http://hl7.org/fhir/StructureDefinition/{name}");
        Extension::find(self.0, &url)?.extensions().find(|part| part.url() == Some("value"))?.value_concept()
    }
}

/// The text part of a US Core race or ethnicity, else its first category.
fn parts_words(extension: Extension<'_>) -> Option<&str> {
    let part = |url: &'static str| extension.extensions().find(|e| e.url() == Some(url)).and_then(Extension::words);
    part("text").or_else(|| part("ombCategory"))
}

/// The given name whose `_given` element carries the qualifier `CL`.
fn call_me(name: HumanName<'_>) -> Option<&str> {
    let json = name.json();
    let marks = json.get("_given")?.as_array()?;
    let index = marks.iter().position(|mark| {
        Extension::all(mark, "http://hl7.org/fhir/StructureDefinition/iso21090-EN-qualifier")
            .any(|e| e.value_code() == Some("CL"))
    })?;
    json.get("given")?.get(index)?.as_str()
}

view! {
    /// Somebody to reach about the patient.
    PatientContact {
        /// Next of kin, emergency contact, employer.
        relationships: many CodeableConcept = "relationship",
        /// Their name.
        name: one HumanName = "name",
        /// Phones, e-mail.
        telecom: many ContactPoint = "telecom",
        /// Their address.
        address: one Address = "address",
        /// Administrative gender.
        gender: text = "gender",
        /// The organization, where the contact is one.
        organization: one Reference = "organization",
        /// When this contact holds.
        period: one Period = "period",
    }
}

view! {
    /// A language the patient can be spoken to in.
    PatientCommunication {
        /// The language (BCP 47).
        language: one CodeableConcept = "language",
        /// Whether it is the one to use.
        preferred: flag = "preferred",
    }
}

view! {
    /// Another record of the same person.
    PatientLink {
        /// The other record.
        other: one Reference = "other",
        /// `replaced-by`, `replaces`, `refer` or `seealso`.
        type_: text = "type",
    }
}

/// The patient that a subject or patient element names, if it names one.
#[must_use]
pub fn patient_of(reference: Option<Reference<'_>>) -> Option<crate::PatientId> {
    let key = reference?.key()?;
    (key.kind == crate::Kind::PATIENT).then(|| crate::PatientId::new(key.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn shows_the_official_name_and_what_the_patient_is_called() {
        let body = json!({"resourceType": "Patient", "id": "p1", "name": [
            {"use": "maiden", "family": "Old"},
            {"use": "nickname", "given": ["Peggy"]},
            {"use": "official", "family": "Moss", "given": ["Margaret", "Ann"], "prefix": ["Dr"], "suffix": ["Jr"]}]});
        let patient = Patient::new(&body);
        assert_eq!(patient.name().unwrap().words(), "Dr Margaret Ann Moss Jr");
        assert_eq!(patient.preferred_name(), Some("Peggy"));
        assert_eq!(patient.former_names().next().unwrap().family(), Some("Old"));
        assert_eq!(patient.id().unwrap().as_str(), "p1");
        assert_eq!(format!("{patient:?}"), "Patient");
    }

    #[test]
    fn reads_us_core_extensions() {
        let body = json!({"extension": [
            {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueCode": "F"},
            {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
             "extension": [{"url": "text", "valueString": "White"}]},
            {"url": "http://hl7.org/fhir/StructureDefinition/individual-pronouns",
             "extension": [{"url": "value", "valueCodeableConcept": {"coding": [{"display": "they/them"}]}}]},
            {"url": "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired", "valueBoolean": true}],
            "communication": [{"language": {"text": "Spanish"}}]});
        let patient = Patient::new(&body);
        assert_eq!((patient.birth_sex(), patient.race(), patient.sex()), (Some("F"), Some("White"), None));
        assert_eq!(patient.pronouns().unwrap().words(), Some("they/them"));
        assert_eq!(patient.interpreter_required(), Some(true));
        assert_eq!(patient.language().unwrap().words(), Some("Spanish"));
    }

    #[test]
    fn odd_shapes_read_as_nothing() {
        for body in [json!(null), json!([]), json!({"name": 5, "birthDate": {}, "photo": "x", "extension": [1, null]})]
        {
            let patient = Patient::new(&body);
            assert!(patient.name().is_none() && patient.birth_date().is_none() && patient.photos().next().is_none());
            assert!(patient.pronouns().is_none() && patient.id().is_none() && !patient.is_deceased());
        }
    }
}
