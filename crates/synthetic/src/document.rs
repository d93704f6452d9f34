//! Documents that came from outside or were scanned: a specialist's letter (PDF), an insurance card (PNG), a consent (text);
//! and the portrait on the Patient.

use crate::chart::Chart;
use crate::course::Status;
use crate::day::Day;
use crate::json::{LOINC, concept, hl7, link, set};
use crate::note_text::said_day;
use crate::paper::pdf;
use crate::picture::{insurance_card, portrait};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// The mark of a document the front desk may see, as the program sets it.
fn of_the_office() -> Value {
    concept("urn:chartroom:document-class", "administrative", "Administrative")
}

/// Clinics letters come from: their name, what they write about, their findings.
const CLINICS: &[(&str, &str, &[&str])] = &[
    (
        "Lindow Heart Clinic",
        "Cardiology consultation",
        &[
            "Thank you for asking us to see your patient.",
            "Exercise tolerance is fair; no chest pain at the usual walking pace.",
            "The electrocardiogram shows sinus rhythm without acute changes.",
            "Echocardiogram: normal size and good pumping of the left ventricle.",
            "We suggest no change of medicines and review in one year.",
        ],
    ),
    (
        "Tern Harbor Eye Clinic",
        "Eye examination",
        &[
            "Yearly eye examination with dilated pupils.",
            "Visual acuity 20/25 right, 20/30 left with glasses.",
            "No retinopathy seen in either eye. Pressures within the normal range.",
            "Next examination in twelve months.",
        ],
    ),
    (
        "Haverly Bone and Joint",
        "Orthopedic consultation",
        &[
            "Seen for pain on stairs. Full movement, no effusion, ligaments stable.",
            "Radiographs show mild narrowing of the joint space.",
            "Physical therapy twice a week for six weeks; injection if not better.",
            "No surgery advised at present.",
        ],
    ),
    (
        "Kestrel Ridge Skin Clinic",
        "Dermatology consultation",
        &[
            "Full skin examination done.",
            "Several benign moles; none with worrying features.",
            "Sun protection explained; photographs taken for comparison.",
            "Review in one year or if anything changes.",
        ],
    ),
];

impl Chart<'_> {
    pub(crate) fn write_documents(&mut self) {
        let visits = &self.course.visits;
        let Some(last) = visits.iter().rfind(|v| v.status == Status::Finished).map(|v| v.day) else { return };
        let grown = self.course.person.birth.years_to(last) >= 16;
        if grown && self.rng.chance(0.3) {
            self.write_letter(last);
        }
        if self.rng.chance(0.2) {
            self.write_card();
        }
        if grown && self.rng.chance(0.25) {
            self.write_consent();
        }
    }

    fn write_letter(&mut self, after: Day) {
        let today = self.practice.today;
        let day = after.plus(self.rng.between(8, 40)).workday();
        if day >= today || self.course.person.death.is_some_and(|death| day >= death) {
            return;
        }
        let (clinic, about, findings) = self.rng.pick(CLINICS);
        let person = self.course.person;
        let mut lines = vec![
            format!("{clinic}, 12 Ferry Street, Tern Harbor NY 00110"),
            said_day(day),
            String::new(),
            format!("Re: {} {}, born {}", person.given.join(" "), person.family, said_day(person.birth)),
            String::new(),
            format!("Dear {},", self.practice.directory.clinician(self.course.traits.clinician).name),
            String::new(),
        ];
        lines.extend(findings.iter().map(|f| (*f).to_owned()));
        lines.extend([String::new(), "With kind regards,".to_owned(), format!("The doctors of {clinic}")]);
        let mut letter = self.document(
            ("11488-4", "Consult note"),
            &format!("{about}, {clinic}"),
            "application/pdf",
            &pdf(about, &lines),
        );
        let when = day.at(660);
        set(&mut letter, "date", json!(when));
        set(&mut letter, "author", json!([{ "display": clinic }]));
        set(&mut letter, "description", json!(format!("Letter: {about}")));
        let target = letter.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.out.push(letter);
        self.write_provenance(&target, &when, clinic);
    }

    /// Who a document came from and who filed it.
    fn write_provenance(&mut self, document: &str, when: &str, from: &str) {
        let id = self.id();
        let filed = self.practice.directory.front_desk().reference("Practitioner");
        let agent = |code: &str, words: &str, who: Value| json!({ "type": hl7("provenance-participant-type", code, words), "who": who });
        self.out.push(json!({
            "resourceType": "Provenance", "id": id,
            "target": [link("DocumentReference", document)], "recorded": when,
            "agent": [agent("author", "Author", json!({ "display": from })), agent("enterer", "Enterer", filed)],
        }));
    }

    fn write_card(&mut self) {
        let person = self.course.person;
        let payer = &self.practice.directory.payer(self.course.traits.payer).name;
        let holder: String = format!("{} {}", person.first(), person.family)
            .chars()
            .map(|c| if c.is_ascii() { c } else { char::from(crate::fold::base(c)) })
            .collect();
        let member = format!("{:08}", self.rng.below(99_999_999));
        let picture = insurance_card(payer, &holder, &member);
        let id = self.id();
        let day = self.course.start.max(person.birth);
        self.out.push(json!({
            "resourceType": "DocumentReference", "id": id, "status": "current",
            "type": concept(LOINC, "64290-0", "Health insurance card"),
            "category": [of_the_office()], "subject": self.subject(), "date": day.at(540),
            "author": [self.practice.directory.front_desk().reference("Practitioner")],
            "description": "Insurance card, front",
            "content": [{ "attachment": { "contentType": "image/png", "data": STANDARD.encode(picture), "title": "Insurance card" } }],
        }));
    }

    fn write_consent(&mut self) {
        let person = self.course.person;
        let day = self.course.start.plus(1);
        let text = format!(
            "CONSENT TO TREATMENT\n\nI, {} {}, agree to be examined and treated by {}. I have been given the notice of privacy practices.\n\nSigned on {}.\n",
            person.given.join(" "),
            person.family,
            crate::staff::PRACTICE_NAME,
            said_day(day)
        );
        let id = self.id();
        self.out.push(json!({
            "resourceType": "DocumentReference", "id": id, "status": "current",
            "type": concept(LOINC, "59284-0", "Consent Document"),
            "category": [of_the_office()], "subject": self.subject(), "date": day.at(545),
            "author": [self.practice.directory.front_desk().reference("Practitioner")],
            "content": [{ "attachment": { "contentType": "text/plain", "data": STANDARD.encode(text), "title": "Consent to treatment" } }],
        }));
    }

    /// The portrait of those who let one be taken.
    pub(crate) fn photo(&mut self) -> Option<Value> {
        if !self.demo() || !self.course.person.photo {
            return None;
        }
        let data = STANDARD.encode(portrait(&mut self.rng));
        Some(json!([{ "contentType": "image/png", "data": data, "title": "Photo" }]))
    }
}

#[cfg(test)]
mod tests {
    use super::of_the_office;

    #[test]
    fn the_mark_is_the_program_s() {
        let card = serde_json::json!({"resourceType": "DocumentReference", "category": [of_the_office()]});
        let body = fhir::Body::parse(card.to_string().as_bytes()).expect("a body");
        assert!(fhir::edit::document::is_administrative(body.root()));
    }
}
