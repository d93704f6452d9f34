//! What happened outside the practice: imaging reports and hospital stays with their discharge letters.

use crate::chart::Chart;
use crate::course::{Kind, Status};
use crate::day::Day;
use crate::json::{ICD10, LOINC, concept, concept_said, hl7, link, set};
use crate::note_text::said_day;
use crate::paper::pdf;
use crate::person::Sex;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Why someone was in hospital: ICD-10-CM code and words, ages, a problem it takes, nights, what the letter says.
pub(crate) struct Stay {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    ages: (i32, i32),
    needs: Option<&'static str>,
    nights: i32,
    letter: &'static [&'static str],
}

/// Hospital stays.
pub(crate) const STAYS: &[Stay] = &[
    Stay {
        code: "I50.23",
        name: "Acute on chronic systolic (congestive) heart failure",
        ages: (50, 100),
        needs: Some("I50.22"),
        nights: 5,
        letter: &[
            "Admitted with breathlessness and swelling of both legs over one week.",
            "Treated with diuretics into the vein; lost 6 kg.",
            "Breathing easily on room air at discharge.",
            "Please check weight, kidney function and potassium within one week.",
        ],
    },
    Stay {
        code: "J44.1",
        name: "Chronic obstructive pulmonary disease with (acute) exacerbation",
        ages: (45, 100),
        needs: Some("J44.9"),
        nights: 4,
        letter: &[
            "Admitted with wheeze and more sputum for three days.",
            "Treated with nebulizers, steroid tablets and an antibiotic.",
            "Back to usual breathing; inhaler technique taught again.",
            "Please see within two weeks and review stopping smoking.",
        ],
    },
    Stay {
        code: "J18.9",
        name: "Pneumonia, unspecified organism",
        ages: (35, 100),
        needs: None,
        nights: 4,
        letter: &[
            "Admitted with fever, cough and low oxygen; chest film showed a right lower shadow.",
            "Antibiotics into the vein for two days, then tablets.",
            "Afebrile for two days at discharge, oxygen normal.",
            "Please repeat the chest film in six weeks.",
        ],
    },
    Stay {
        code: "S72.001A",
        name: "Fracture of unspecified part of neck of right femur, initial encounter for closed fracture",
        ages: (74, 104),
        needs: None,
        nights: 7,
        letter: &[
            "Fell at home onto the right hip. Fracture of the neck of the femur.",
            "Operated on the day after admission without complication.",
            "Walking with a frame; home physical therapy arranged.",
            "Please review bone health and falls risk.",
        ],
    },
    Stay {
        code: "N10",
        name: "Acute pyelonephritis",
        ages: (18, 90),
        needs: None,
        nights: 2,
        letter: &[
            "Admitted with fever, flank pain and vomiting.",
            "Antibiotics into the vein for one day, then tablets to complete ten days.",
            "Eating and free of fever at discharge.",
            "Please repeat the urine culture if symptoms return.",
        ],
    },
    Stay {
        code: "K35.80",
        name: "Unspecified acute appendicitis",
        ages: (8, 55),
        needs: None,
        nights: 2,
        letter: &[
            "Admitted with one day of pain moving to the right lower abdomen.",
            "Appendix removed through small cuts; not perforated.",
            "Wounds clean, eating normally.",
            "No lifting for two weeks.",
        ],
    },
];

impl Chart<'_> {
    pub(crate) fn write_elsewhere(&mut self) {
        self.write_imaging();
        let age = self.course.person.birth.years_to(self.practice.today);
        if self.rng.chance(if age > 65 { 0.22 } else { 0.06 }) {
            self.write_stay();
        }
    }

    /// Days on which things may have happened: from the chart's first week to ten days before its end.
    fn open_days(&self) -> Option<(Day, Day)> {
        let end = self.course.person.death.unwrap_or(self.practice.today).plus(-12);
        let start = self.course.start.plus(7);
        (start < end).then_some((start, end))
    }

    /// Mammograms every other year from 50 to 74 (USPSTF, 2016), and a chest film with some long coughs.
    fn write_imaging(&mut self) {
        let course = self.course;
        let Some((_, end)) = self.open_days() else { return };
        let mut last_mammogram: Option<Day> = None;
        for (position, visit) in course.visits.iter().enumerate() {
            let age = course.person.birth.years_to(visit.day);
            let film = matches!(visit.kind, Kind::Acute(acute) if acute.code == "J20.9") && self.rng.chance(0.4);
            let due = last_mammogram.is_none_or(|day| visit.day.0 - day.0 > 700);
            let screened = course.person.sex == Sex::Female && (50..75).contains(&age) && due && self.rng.chance(0.7);
            if visit.status != Status::Finished || visit.day > end {
                continue;
            }
            if film {
                let words = "Lungs clear. Heart size normal. No effusion. No acute disease.";
                self.push_imaging(
                    position,
                    visit.day,
                    ("36643-5", "XR Chest 2 Views", "Chest X-ray, two views"),
                    words,
                );
            }
            if screened && !matches!(visit.kind, Kind::Acute(_)) {
                last_mammogram = Some(visit.day);
                let words = "Scattered fibroglandular tissue. No suspicious mass or calcification. BI-RADS 1, negative. Routine screening.";
                let day = visit.day.plus(8).workday();
                self.push_imaging(position, day, ("24606-6", "MG Breast Screening", "Screening mammogram"), words);
            }
        }
    }

    fn push_imaging(&mut self, position: usize, day: Day, (code, name, said): (&str, &str, &str), words: &str) {
        let id = self.id();
        let category = json!({ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD", "display": "Radiology" }] });
        let text = format!("{}\n{}\n\nIMPRESSION\n{words}\n", said.to_uppercase(), said_day(day));
        self.out.push(json!({
            "resourceType": "DiagnosticReport", "id": id, "status": "final", "category": [category],
            "code": concept_said(LOINC, code, name, said), "subject": self.subject(), "encounter": self.encounter(position),
            "effectiveDateTime": day.at(780), "issued": day.at(930),
            "performer": [self.practice.directory.hospital.reference("Organization")],
            "conclusion": words,
            "presentedForm": [{ "contentType": "text/plain", "data": STANDARD.encode(text), "title": said }],
        }));
    }

    fn write_stay(&mut self) {
        let Some((start, end)) = self.open_days() else { return };
        let person = self.course.person;
        let day = start.plus(self.rng.between(0, end.0 - start.0));
        let age = person.birth.years_to(day);
        let fits = |stay: &&Stay| {
            let ill = |code: &str| self.course.problems.iter().any(|p| p.row.code == code && p.active(day));
            (stay.ages.0..=stay.ages.1).contains(&age) && stay.needs.is_none_or(ill)
        };
        let suitable: Vec<&Stay> = STAYS.iter().filter(fits).collect();
        let Some(stay) = suitable.get(self.rng.zipf(suitable.len())).copied() else { return };
        let out = day.plus(stay.nights).min(end);
        let (encounter, condition) = (self.id(), self.id());
        let hospital = self.practice.directory.hospital.reference("Organization");
        self.out.push(json!({
            "resourceType": "Condition", "id": condition,
            "clinicalStatus": hl7("condition-clinical", "resolved", "Resolved"),
            "verificationStatus": hl7("condition-ver-status", "confirmed", "Confirmed"),
            "category": [hl7("condition-category", "encounter-diagnosis", "Encounter Diagnosis")],
            "code": concept(ICD10, stay.code, stay.name), "subject": self.subject(), "encounter": link("Encounter", &encounter),
            "onsetDateTime": day.text(), "abatementDateTime": out.text(), "recordedDate": out.text(),
        }));
        self.out.push(json!({
            "resourceType": "Encounter", "id": encounter, "status": "finished",
            "class": { "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP", "display": "inpatient encounter" },
            "type": [{ "text": "Hospital stay" }], "subject": self.subject(), "reasonCode": [{ "text": stay.name }],
            "period": { "start": day.at(1_170), "end": out.at(690) },
            "diagnosis": [{ "condition": link("Condition", &condition), "rank": 1 }],
            "hospitalization": { "dischargeDisposition": hl7("discharge-disposition", "home", "Home") },
            "serviceProvider": hospital,
        }));
        let letter = self.discharge_letter(stay, (day, out), &encounter);
        self.out.push(letter);
    }

    fn discharge_letter(&mut self, stay: &Stay, (admitted, out): (Day, Day), encounter: &str) -> Value {
        let person = self.course.person;
        let mut lines = vec![
            "Lindow General Hospital, 40 Canal Street, Lindow NY 00112".to_owned(),
            String::new(),
            format!("Re: {} {}, born {}", person.given.join(" "), person.family, said_day(person.birth)),
            format!("Admitted {}, discharged {}", said_day(admitted), said_day(out)),
            format!("Diagnosis: {} ({})", stay.name, stay.code),
            String::new(),
        ];
        lines.extend(stay.letter.iter().map(|line| (*line).to_owned()));
        let data = pdf("Discharge summary", &lines);
        let mut letter = self.document(
            ("18842-5", "Discharge summary"),
            "Discharge summary, Lindow General Hospital",
            "application/pdf",
            &data,
        );
        set(&mut letter, "date", json!(out.at(700)));
        set(&mut letter, "author", json!([self.practice.directory.hospital.reference("Organization")]));
        set(&mut letter, "context", json!({ "encounter": [link("Encounter", encounter)] }));
        letter
    }
}
