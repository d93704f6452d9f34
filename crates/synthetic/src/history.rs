//! Social, family and surgical history, and questionnaire scores.

use crate::chart::Chart;
use crate::course::{Kind, Status};
use crate::day::Day;
use crate::json::{ICD10, LOINC, concept, concept_said, hl7, quantity, set};
use crate::person::Sex;
use crate::problem_table::Moves;
use serde_json::{Value, json};

/// Words, sex, youngest and oldest age, share.
type Operation = (&'static str, Option<Sex>, (i32, i32), f64);

/// Surgery people have had: words, sex, youngest and oldest age, share.
const SURGERY: &[Operation] = &[
    ("Tonsillectomy", None, (4, 14), 0.09),
    ("Laparoscopic appendectomy", None, (10, 40), 0.07),
    ("Laparoscopic cholecystectomy", None, (30, 70), 0.08),
    ("Cesarean delivery", Some(Sex::Female), (22, 40), 0.22),
    ("Total abdominal hysterectomy", Some(Sex::Female), (40, 60), 0.10),
    ("Repair of right inguinal hernia", Some(Sex::Male), (25, 75), 0.12),
    ("Vasectomy", Some(Sex::Male), (32, 45), 0.08),
    ("Total replacement of right knee", None, (60, 80), 0.07),
    ("Cataract surgery, right eye", None, (66, 85), 0.25),
    ("Release of right carpal tunnel", None, (40, 70), 0.04),
    ("Screening colonoscopy", None, (50, 74), 0.6),
];

/// Family histories: ICD-10-CM code, words, age of the relative at onset.
pub(crate) const FAMILY: &[(&str, &str, i32)] = &[
    ("I25.10", "Atherosclerotic heart disease of native coronary artery without angina pectoris", 58),
    ("E11.9", "Type 2 diabetes mellitus without complications", 52),
    ("I10", "Essential (primary) hypertension", 48),
    ("E78.5", "Hyperlipidemia, unspecified", 45),
    ("C50.919", "Malignant neoplasm of unspecified site of unspecified female breast", 56),
    ("C18.9", "Malignant neoplasm of colon, unspecified", 61),
    ("I63.9", "Cerebral infarction, unspecified", 70),
    ("G30.9", "Alzheimer's disease, unspecified", 77),
    ("J45.909", "Unspecified asthma, uncomplicated", 12),
    ("F32.A", "Depression, unspecified", 34),
];

const WORK: &[&str] = &[
    "Teacher",
    "Warehouse worker",
    "Software developer",
    "Carpenter",
    "Bus driver",
    "Cook",
    "Accountant",
    "Farm worker",
    "Cashier",
    "Electrician",
    "Home health aide",
    "Office manager",
    "Librarian",
    "Mechanic",
    "Student",
    "Hairdresser",
    "Police officer",
    "Musician",
];
const DRINKING: &[&str] = &[
    "Does not drink alcohol",
    "1 to 2 drinks a month",
    "2 to 4 drinks a week",
    "1 drink a day with dinner",
    "8 to 10 drinks a week",
];

impl Chart<'_> {
    pub(crate) fn write_history(&mut self) {
        self.write_smoking();
        if self.demo() {
            self.write_social();
            self.write_scores();
            self.write_surgery();
            self.write_family();
        }
    }

    fn observation(&mut self, category: (&str, &str), code: (&str, &str, &str), day: &str) -> Value {
        let id = self.id();
        json!({
            "resourceType": "Observation", "id": id, "status": "final",
            "category": [hl7("observation-category", category.0, category.1)],
            "code": concept_said(LOINC, code.0, code.1, code.2),
            "subject": self.subject(), "effectiveDateTime": day,
        })
    }

    /// Days of finished visits at 13 years or more, the latest last.
    fn grown_visits(&self) -> Vec<(usize, Day)> {
        let of_age = self.course.person.birth.plus(13 * 366);
        let fits = |(_, v): &(usize, &crate::course::Visit)| v.status == Status::Finished && v.day >= of_age;
        self.course.visits.iter().enumerate().filter(fits).map(|(i, v)| (i, v.day)).collect()
    }

    /// Smoking status (LOINC 72166-2, LOINC answers) at a few visits, as the problem list has it.
    fn write_smoking(&mut self) {
        let visits = self.grown_visits();
        let former = self.rng.chance(0.14);
        let step = if self.demo() { (visits.len() / 3).max(1) } else { visits.len().max(1) };
        for (position, day) in visits.iter().rev().step_by(step).take(3).rev() {
            let smoker = self.course.problems.iter().find(|p| p.row.code == "F17.210" && p.onset <= *day);
            let (code, words) = match smoker {
                Some(problem) if problem.active(*day) => ("LA18976-3", "Current every day smoker"),
                Some(_) => ("LA15920-4", "Former smoker"),
                None if former && self.course.person.birth.years_to(*day) > 35 => ("LA15920-4", "Former smoker"),
                None => ("LA18978-9", "Never smoker"),
            };
            let name = ("72166-2", "Tobacco smoking status", "Smoking status");
            let mut status = self.observation(("social-history", "Social History"), name, &day.text());
            set(&mut status, "encounter", self.encounter(*position));
            set(&mut status, "valueCodeableConcept", concept(LOINC, code, words));
            self.out.push(status);
        }
    }

    fn write_social(&mut self) {
        let Some((position, day)) = self.grown_visits().last().copied() else { return };
        let age = self.course.person.birth.years_to(day);
        if age < 18 {
            return;
        }
        let work = if age > 68 { "Retired" } else { *self.rng.pick(WORK) };
        let drinking = *self.rng.pick_zipf(DRINKING);
        let facts = [
            (("11341-5", "History of Occupation", "Occupation"), work),
            (("11331-6", "History of Alcohol use", "Alcohol use"), drinking),
        ];
        for (code, words) in facts {
            let mut fact = self.observation(("social-history", "Social History"), code, &day.text());
            set(&mut fact, "encounter", self.encounter(position));
            set(&mut fact, "valueString", json!(words));
            self.out.push(fact);
        }
    }

    /// PHQ-9 totals where depression is followed (Kroenke et al., J Gen Intern Med 2001: 10 and more is moderate).
    fn write_scores(&mut self) {
        let course = self.course;
        for (position, visit) in course.visits.iter().enumerate() {
            let low = visit.follows.iter().filter_map(|i| course.problems.get(*i)).any(|p| p.row.moves == Moves::Mood);
            if !low || visit.status != Status::Finished || matches!(visit.kind, Kind::Acute(_)) {
                continue;
            }
            let since = course
                .problems
                .iter()
                .filter(|p| p.row.moves == Moves::Mood)
                .map(|p| visit.day.0 - p.onset.0)
                .max()
                .unwrap_or(0);
            let score = (14.0 - f64::from(since.min(2000)) / 220.0 + self.rng.normal() * 2.5).clamp(0.0, 27.0);
            let name =
                ("44261-6", "Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]", "PHQ-9 total score");
            let mut total = self.observation(("survey", "Survey"), name, &visit.day.at(visit.minute + 6));
            set(&mut total, "encounter", self.encounter(position));
            set(&mut total, "valueQuantity", quantity(score, 0, "points", "{score}"));
            self.out.push(total);
        }
    }

    fn write_surgery(&mut self) {
        let person = self.course.person;
        let end = person.death.unwrap_or(self.practice.today).plus(-3);
        for (words, sex, (from, to), share) in SURGERY {
            let (taken, age) = (self.rng.chance(*share), self.rng.between(*from, *to));
            let day = person.birth.plus(age * 365 + self.rng.between(0, 360));
            if !taken || sex.is_some_and(|s| s != person.sex) || day >= end {
                continue;
            }
            let id = self.id();
            // What was done before the chart began is known by its year.
            let when = if day < self.course.start {
                day.text().get(..4).unwrap_or_default().to_owned()
            } else {
                day.workday().text()
            };
            self.out.push(json!({
                "resourceType": "Procedure", "id": id, "status": "completed",
                "category": { "text": if words.contains("colonoscopy") { "Diagnostic procedure" } else { "Surgical procedure" } },
                "code": { "text": words }, "subject": self.subject(), "performedDateTime": when,
            }));
        }
    }

    fn write_family(&mut self) {
        let relatives = [
            ("FTH", "father", "male"),
            ("MTH", "mother", "female"),
            ("BRO", "brother", "male"),
            ("SIS", "sister", "female"),
        ];
        if self.course.person.birth.years_to(self.practice.today) < 10 || !self.rng.chance(0.75) {
            return;
        }
        let count = 1 + self.rng.zipf(3);
        for (code, words, sex) in relatives.into_iter().take(count) {
            let &(icd, name, onset) = self.rng.pick(FAMILY);
            if (icd == "C50.919") && sex == "male" {
                continue;
            }
            let id = self.id();
            let onset = onset + self.rng.between(-8, 8);
            let age = json!({ "value": onset.max(3), "unit": "years", "system": crate::json::UCUM, "code": "a" });
            self.out.push(json!({
                "resourceType": "FamilyMemberHistory", "id": id, "status": "completed",
                "patient": self.subject(), "date": self.course.start.text(),
                "relationship": hl7("v3-RoleCode", code, words),
                "sex": { "coding": [{ "system": "http://hl7.org/fhir/administrative-gender", "code": sex }] },
                "condition": [{ "code": concept(ICD10, icd, name), "onsetAge": age }],
            }));
        }
    }
}
