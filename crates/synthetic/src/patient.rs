//! Patient, Coverage and CareTeam.

use crate::chart::Chart;
use crate::contact::phone;
use crate::json::{LOINC, concept, hl7, set};
use crate::person::{Person, Sex};
use serde_json::{Value, json};

const US_CORE: &str = "http://hl7.org/fhir/us/core/StructureDefinition";

impl Chart<'_> {
    pub(crate) fn write_patient(&mut self) {
        let person = self.course.person;
        let mut patient = json!({ "resourceType": "Patient", "id": self.patient });
        if person.test {
            let test = json!({
                "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST", "display": "test health data"
            });
            set(&mut patient, "meta", json!({ "security": [test] }));
        }
        set(&mut patient, "extension", extensions(person));
        set(&mut patient, "active", json!(true));
        set(&mut patient, "name", names(person));
        set(&mut patient, "telecom", telecom(person));
        set(&mut patient, "gender", json!(person.gender));
        set(&mut patient, "birthDate", json!(person.birth.text()));
        if let Some(death) = person.death {
            set(&mut patient, "deceasedDateTime", json!(death.text()));
        }
        let address = json!({
            "use": "home", "type": "both", "line": [person.street], "city": person.town, "state": "NY",
            "postalCode": person.postal_code, "country": "US",
        });
        set(&mut patient, "address", json!([address]));
        set(&mut patient, "maritalStatus", hl7("v3-MaritalStatus", person.married.0, person.married.1));
        if let Some(order) = person.twin {
            set(&mut patient, "multipleBirthInteger", json!(order));
        }
        if let Some(contact) = self.next_of_kin() {
            set(&mut patient, "contact", json!([contact]));
        }
        if let Some((tag, words)) = person.language {
            let language =
                json!({ "coding": [{ "system": "urn:ietf:bcp:47", "code": tag, "display": words }], "text": words });
            set(&mut patient, "communication", json!([{ "language": language, "preferred": true }]));
        }
        if let Some(photo) = self.photo() {
            set(&mut patient, "photo", photo);
        }
        let doctor = self.practice.directory.clinician(self.course.traits.clinician).reference("Practitioner");
        set(&mut patient, "generalPractitioner", json!([doctor]));
        set(&mut patient, "managingOrganization", self.practice.directory.practice.reference("Organization"));
        self.out.push(patient);
        self.write_coverage();
        self.write_care_team();
    }

    fn next_of_kin(&mut self) -> Option<Value> {
        let person = self.course.person;
        if !self.demo() && !self.rng.chance(0.3) {
            return None;
        }
        let child = person.birth.years_to(self.practice.today) < 18;
        let (code, words, woman) = match (child, person.married.0) {
            (true, _) if self.rng.chance(0.8) => ("MTH", "mother", true),
            (true, _) => ("FTH", "father", false),
            (_, "M") => ("SPS", "spouse", person.sex == Sex::Male),
            (_, "W") => ("CHILD", "child", true),
            _ => ("SIS", "sister", true),
        };
        let pool = self.practice.names.pool(&mut self.rng);
        let given = self.practice.names.given(pool, woman, &mut self.rng);
        Some(json!({
            "relationship": [
                { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v2-0131", "code": "N", "display": "Next-of-Kin" }] },
                { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": code, "display": words }], "text": words },
            ],
            "name": { "text": format!("{given} {}", person.family), "family": person.family, "given": [given] },
            "telecom": [{ "system": "phone", "value": phone(&mut self.rng), "use": "mobile" }],
        }))
    }

    fn write_coverage(&mut self) {
        if !self.demo() && self.rng.chance(0.2) {
            return;
        }
        let id = self.id();
        let payer = self.practice.directory.payer(self.course.traits.payer);
        let member = format!(
            "{}{:07}",
            ["HL", "NF", "MC", "MD"].get(self.course.traits.payer).unwrap_or(&"XX"),
            self.rng.below(9_999_999)
        );
        let since = self.course.start.plus(-30);
        self.out.push(json!({
            "resourceType": "Coverage", "id": id, "status": "active",
            "type": hl7("v3-ActCode", "HIP", "health insurance plan policy"),
            "subscriberId": member, "beneficiary": self.subject(),
            "relationship": hl7("subscriber-relationship", "self", "Self"),
            "period": { "start": since.max(self.course.person.birth).text() },
            "payor": [payer.reference("Organization")],
        }));
    }

    fn write_care_team(&mut self) {
        if !self.demo() && self.rng.chance(0.4) {
            return;
        }
        let id = self.id();
        let directory = &self.practice.directory;
        let member = |role: &str, person: &crate::staff::Named| json!({ "role": [{ "text": role }], "member": person.reference("Practitioner") });
        let participants = json!([
            member("Primary care clinician", directory.clinician(self.course.traits.clinician)),
            member("Nurse", directory.nurse(self.course.traits.nurse)),
        ]);
        let team = json!({
            "resourceType": "CareTeam", "id": id, "status": "active", "name": "Primary care team",
            "subject": self.subject(), "period": { "start": self.course.start.text() },
            "participant": participants, "managingOrganization": [directory.practice.reference("Organization")],
        });
        self.out.push(team);
    }
}

fn extensions(person: &Person) -> Value {
    // Race and ethnicity: CDC Race and Ethnicity code set under the OMB standard of 1997, as US Core 6.1 asks.
    let omb = |code: &str, words: &str| json!({ "url": "ombCategory", "valueCoding": { "system": "urn:oid:2.16.840.1.113883.6.238", "code": code, "display": words } });
    let words = |text: &str| json!({ "url": "text", "valueString": text });
    let ethnicity =
        if person.hispanic { ("2135-2", "Hispanic or Latino") } else { ("2186-5", "Not Hispanic or Latino") };
    let mut all = vec![
        json!({ "url": format!("{US_CORE}/us-core-race"), "extension": [omb(person.race.0, person.race.1), words(person.race.1)] }),
        json!({ "url": format!("{US_CORE}/us-core-ethnicity"), "extension": [omb(ethnicity.0, ethnicity.1), words(ethnicity.1)] }),
        json!({ "url": format!("{US_CORE}/us-core-birthsex"), "valueCode": if person.sex == Sex::Female { "F" } else { "M" } }),
    ];
    if let Some(identity) = person.gender_identity {
        all.push(
            json!({ "url": format!("{US_CORE}/us-core-genderIdentity"), "valueCodeableConcept": { "text": identity } }),
        );
    }
    if let Some((code, words)) = person.pronouns {
        let value = json!({ "url": "value", "valueCodeableConcept": concept(LOINC, code, words) });
        all.push(json!({ "url": "http://hl7.org/fhir/StructureDefinition/individual-pronouns", "extension": [value] }));
    }
    if person.interpreter {
        all.push(json!({ "url": "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired", "valueBoolean": true }));
    }
    Value::Array(all)
}

fn names(person: &Person) -> Value {
    let mut official = json!({ "use": "official", "family": person.family, "given": person.given });
    if let Some(suffix) = person.suffix {
        set(&mut official, "suffix", json!([suffix]));
    }
    let mut all = vec![official];
    if let Some(preferred) = &person.preferred {
        all.push(json!({ "use": "usual", "given": [preferred] }));
    }
    if let Some((family, until)) = &person.former_family {
        let name_use = if person.sex == Sex::Female { "maiden" } else { "old" };
        all.push(
            json!({ "use": name_use, "family": family, "given": person.given, "period": { "end": until.text() } }),
        );
    }
    if let Some(given) = &person.former_given {
        all.push(json!({ "use": "old", "family": person.family, "given": [given] }));
    }
    Value::Array(all)
}

fn telecom(person: &Person) -> Value {
    let entry = |system: &str, value: &String, kind: &str| json!({ "system": system, "value": value, "use": kind });
    let home = person.home_phone.as_ref().map(|v| entry("phone", v, "home"));
    let mobile = person.mobile.as_ref().map(|v| entry("phone", v, "mobile"));
    let email = person.email.as_ref().map(|v| entry("email", v, "home"));
    Value::Array([mobile, home, email].into_iter().flatten().collect())
}
