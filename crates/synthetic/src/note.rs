//! Visit notes: what was said, found and planned, in agreement with the visit's vitals, results, problems and prescriptions.

use crate::chart::Chart;
use crate::course::{Allergies, Kind, Status, Visit};
use crate::json::{LOINC, concept, link, set};
use crate::lab_table::Key;
use crate::note_text::{MILESTONES, Section, Taken, as_html, as_text, growth_line, said_day, vitals_line};
use crate::problem_table::Moves;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Kinds of note: LOINC code and name.
const PROGRESS: (&str, &str) = ("11506-3", "Progress note");
const EXAMINATION: (&str, &str) = ("34117-2", "History and physical note");
const TELEPHONE: (&str, &str) = ("34748-4", "Telephone encounter Note");
const NURSE: (&str, &str) = ("34746-8", "Nurse Note");

impl Chart<'_> {
    pub(crate) fn write_note(&mut self, position: usize, visit: &Visit, taken: &Taken) {
        let sections = match visit.kind {
            Kind::Acute(_) => self.illness_note(position, visit, taken),
            Kind::WellChild => self.child_note(position, visit, taken),
            _ => self.adult_note(position, visit, taken),
        };
        let kind = if matches!(visit.kind, Kind::Adult | Kind::WellChild) { EXAMINATION } else { PROGRESS };
        let title =
            format!("{}, {}", if kind == EXAMINATION { "Examination" } else { "Visit note" }, said_day(visit.day));
        let signed = format!("Signed by {}", self.practice.directory.clinician(visit.clinician).name);
        let html = kind == EXAMINATION && self.demo();
        let text = if html { as_html(&sections, &signed) } else { as_text(&sections, &signed) };
        let mut note = self.document(kind, &title, if html { "text/html" } else { "text/plain" }, text.as_bytes());
        set(&mut note, "date", json!(visit.day.at(visit.minute + 32)));
        set(&mut note, "author", json!([self.clinician(visit)]));
        set(
            &mut note,
            "context",
            json!({ "encounter": [self.encounter(position)], "period": { "start": visit.day.at(visit.minute) } }),
        );
        self.out.push(note);
        if self.demo() && !visit.panels.is_empty() && self.rng.chance(0.4) {
            self.write_call(visit);
        }
        if self.demo() && !visit.video && self.rng.chance(0.12) {
            self.write_nurse_note(position, visit, taken);
        }
    }

    /// A clinical-note DocumentReference; the caller adds date, author and context.
    pub(crate) fn document(
        &mut self,
        (code, name): (&str, &str),
        title: &str,
        content_type: &str,
        data: &[u8],
    ) -> Value {
        let id = self.id();
        let system = "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category";
        json!({
            "resourceType": "DocumentReference", "id": id, "status": "current", "docStatus": "final",
            "type": concept(LOINC, code, name),
            "category": [{ "coding": [{ "system": system, "code": "clinical-note", "display": "Clinical Note" }] }],
            "subject": self.subject(),
            "content": [{ "attachment": { "contentType": content_type, "data": STANDARD.encode(data), "title": title } }],
        })
    }

    fn who(&self, visit: &Visit) -> String {
        let person = self.course.person;
        let months = person.birth.months_to(visit.day);
        let age = match months {
            m if m < 1.0 => format!("{}-day-old", visit.day.0 - person.birth.0),
            m if m < 24.0 => format!("{}-month-old", m as i32),
            _ => format!("{}-year-old", person.birth.years_to(visit.day)),
        };
        let helped = if person.interpreter { " Interpreter present." } else { "" };
        format!("{age} {}.{helped}", person.noun(visit.day))
    }

    fn illness_note(&mut self, position: usize, visit: &Visit, taken: &Taken) -> Vec<Section> {
        let Kind::Acute(acute) = visit.kind else { return Vec::new() };
        let mut plan = acute.plan.to_owned();
        for line in self.changes(position, visit) {
            plan.push('\n');
            plan.push_str(&line);
        }
        vec![
            ("Reason", acute.reason.to_owned()),
            ("History", format!("{} {} {}", self.who(visit), acute.story, self.background(visit))),
            ("Vital signs", vitals_line(taken)),
            ("Examination", acute.exam.to_owned()),
            ("Assessment", format!("{} ({})", acute.name, acute.code)),
            ("Plan", plan),
        ]
    }

    fn child_note(&mut self, position: usize, visit: &Visit, taken: &Taken) -> Vec<Section> {
        let months = self.course.person.birth.months_to(visit.day);
        let grown = MILESTONES
            .iter()
            .find(|(to, _)| months < *to)
            .map_or("Doing well at school; has friends; sleeps well.", |m| m.1);
        let feeding = match months {
            m if m < 6.0 => *self.rng.pick(&[
                "Breastfed, eight to ten feeds a day.",
                "Formula, about 120 mL each feed.",
                "Breast and formula.",
            ]),
            m if m < 24.0 => "Eats from the family table; drinks from a cup.",
            _ => *self.rng.pick(&[
                "Eats a variety; milk with meals.",
                "Picky with vegetables; likes fruit.",
                "Good appetite; water at school.",
            ]),
        };
        let (code, words) = self.exam(position);
        let mut sections = vec![
            ("Reason", "Well-child check".to_owned()),
            (
                "History",
                format!("{} {feeding} {} Parent has no worries today.", self.who(visit), self.background(visit)),
            ),
            ("Development", grown.to_owned()),
            ("Growth", growth_line(taken)),
            (
                "Examination",
                "Alert and active. Heart, lungs, abdomen, hips and skin normal. Eyes track, red reflex equal."
                    .to_owned(),
            ),
            ("Assessment", format!("{words} ({code}). Growing along own curve.")),
        ];
        sections.extend(self.problem_section(position, visit, taken));
        sections.push(("Plan", "Vaccines as due today (see immunizations). Safe sleep, car seat and screen time discussed. Next visit by schedule.".to_owned()));
        sections
    }

    fn adult_note(&mut self, position: usize, visit: &Visit, taken: &Taken) -> Vec<Section> {
        let feels = *self.rng.pick(&[
            "Feels well.",
            "Feels about the same as last time.",
            "More tired than usual this month, otherwise well.",
            "Busy at home; sleeping fairly.",
            "Walking most days and feels better for it.",
            "No new complaints.",
        ]);
        let reason =
            if matches!(visit.kind, Kind::Adult) { "Yearly check-up" } else { "Follow-up of long-term problems" };
        let exam = *self.rng.pick(&[
            "Well appearing. Heart regular, no murmur. Lungs clear. Abdomen soft. No ankle swelling.",
            "Comfortable. Chest clear, heart sounds normal. Skin without worrying moles. Gait steady.",
            "Pleasant, well kept. Neck without masses. Heart and lungs normal. Feet: skin intact, pulses present.",
        ]);
        let mut sections = vec![
            ("Reason", reason.to_owned()),
            ("History", format!("{} {feels} {}", self.who(visit), self.background(visit))),
        ];
        if visit.video {
            sections.push((
                "Seen by video",
                "Identity confirmed by name and birth date. Looks well; speaks in full sentences.".to_owned(),
            ));
        } else {
            sections.push(("Vital signs", vitals_line(taken)));
            sections.push(("Examination", exam.to_owned()));
        }
        sections.extend(self.problem_section(position, visit, taken));
        let mut plan = match visit.panels.as_slice() {
            [] => "No tests today.".to_owned(),
            panels => format!("Tests sent: {}.", panels.iter().map(|p| p.said()).collect::<Vec<_>>().join(", ")),
        };
        if visit.follows.is_empty() {
            plan.push_str(" Healthy adult; keep up exercise and sleep. Return in a year or when needed.");
        } else {
            plan.push_str(" Return in 3 to 6 months, sooner if anything changes.");
        }
        sections.push(("Plan", plan));
        sections
    }

    /// Allergies and current medicines in one breath, as notes carry them.
    fn background(&self, visit: &Visit) -> String {
        let allergies = match &self.course.allergies {
            Allergies::NotAsked => String::new(),
            Allergies::NoneKnown => "No known allergies.".to_owned(),
            Allergies::Listed(list) => {
                format!("Allergies: {}.", list.iter().map(|a| a.name).collect::<Vec<_>>().join(", "))
            }
        };
        let taking: Vec<&str> = self
            .course
            .medicines
            .iter()
            .filter(|m| m.problem.is_some() && m.start < visit.day && m.stop.is_none_or(|s| s > visit.day))
            .map(|m| m.drug.name)
            .collect();
        if taking.is_empty() { allergies } else { format!("{allergies} Taking: {}.", taking.join("; ")) }
    }

    fn problem_section(&self, position: usize, visit: &Visit, taken: &Taken) -> Option<Section> {
        let mut lines = Vec::new();
        for problem in visit.follows.iter().filter_map(|i| self.course.problems.get(*i)) {
            let mut line = format!("{}. {} ({}). ", lines.len() + 1, problem.row.said, problem.row.code);
            if let Some(measured) = self.measured(problem.row.moves, taken) {
                line.push_str(&measured);
                line.push(' ');
            }
            line.push_str(problem.row.plan);
            lines.push(line);
        }
        lines.extend(self.changes(position, visit));
        (!lines.is_empty()).then(|| ("Assessment and plan by problem", lines.join("\n")))
    }

    /// The number that tells how a problem stands: today's pressure or weight, or the last result.
    fn measured(&self, moves: Moves, taken: &Taken) -> Option<String> {
        let last = |key: Key, words: &str, unit: &str| {
            let (_, shown, day) = self.last_results.iter().rev().find(|(k, _, _)| *k == key)?;
            Some(format!("Last {words} {shown} {unit} on {}.", said_day(*day)))
        };
        match moves {
            Moves::Pressure => taken.pressure.map(|(s, d)| {
                let stands = if s >= 130.0 || d >= 80.0 { "above" } else { "at" };
                format!("{s:.0}/{d:.0} today, {stands} goal of below 130/80.")
            }),
            Moves::Sugar | Moves::PreSugar => last(Key::A1c, "A1c", "%"),
            Moves::Lipids => last(Key::Ldl, "LDL", "mg/dL"),
            Moves::Thyroid => last(Key::Tsh, "TSH", "mIU/L"),
            Moves::Kidney => last(Key::Egfr, "eGFR", "mL/min/1.73 m2"),
            Moves::Iron => last(Key::Hemoglobin, "hemoglobin", "g/dL"),
            Moves::VitaminD => last(Key::VitaminD, "25-OH vitamin D", "ng/mL"),
            Moves::Rhythm => last(Key::Inr, "INR", ""),
            Moves::Weight => (taken.weight > 0.0).then(|| format!("Weight {:.1} kg today.", taken.weight)),
            Moves::Lungs | Moves::Mood | Moves::Nothing => None,
        }
    }

    /// Medicines begun and stopped at a visit.
    fn changes(&self, position: usize, visit: &Visit) -> Vec<String> {
        let medicines = &self.course.medicines;
        let stopped = medicines
            .iter()
            .filter(|m| m.stop == Some(visit.day) && m.problem.is_some())
            .map(|m| format!("Stopped {}: {}.", m.drug.name, m.why_stopped.to_lowercase()));
        let begun = medicines
            .iter()
            .filter(|m| m.visit == position)
            .map(|m| format!("Prescribed {}: {}.", m.drug.name, m.drug.sig));
        stopped.chain(begun).collect()
    }

    /// A telephone note some days after results came back.
    fn write_call(&mut self, visit: &Visit) {
        let day = visit.day.plus(self.rng.between(2, 5)).workday();
        if day >= self.practice.today || self.course.person.death.is_some_and(|death| day >= death) {
            return;
        }
        let panels: Vec<&str> = visit.panels.iter().map(|p| p.said()).collect();
        let text = format!(
            "Called about results of {} ({}). Identity confirmed by full name and birth date. Results explained, letter offered, \
             questions answered. Understands the plan and will keep the next visit.",
            said_day(visit.day),
            panels.join(", ")
        );
        let mut call =
            self.document(TELEPHONE, &format!("Telephone call, {}", said_day(day)), "text/plain", text.as_bytes());
        set(&mut call, "date", json!(day.at(self.rng.between(33, 64) * 15 + 7)));
        set(&mut call, "author", json!([self.nurse(visit)]));
        self.out.push(call);
    }

    fn write_nurse_note(&mut self, position: usize, visit: &Visit, taken: &Taken) {
        let text = format!(
            "Roomed at {:02}:{:02}. {} Medicines and allergies reviewed with {}. Falls and safety questions asked. Ready for clinician.",
            visit.minute / 60,
            visit.minute % 60,
            vitals_line(taken),
            if self.course.person.birth.years_to(visit.day) < 14 { "parent" } else { "patient" }
        );
        let mut note =
            self.document(NURSE, &format!("Nurse note, {}", said_day(visit.day)), "text/plain", text.as_bytes());
        set(&mut note, "date", json!(visit.day.at(visit.minute + 9)));
        set(&mut note, "author", json!([link("Practitioner", &self.practice.directory.nurse(visit.nurse).id)]));
        set(&mut note, "context", json!({ "encounter": [self.encounter(position)] }));
        self.out.push(note);
    }

    /// Whether a visit has a note yet.
    pub(crate) fn has_note(&self, position: usize, visit: &Visit) -> bool {
        let last = self.course.visits.len() - 1;
        visit.status == Status::Finished && (self.demo() || position == last)
    }
}
