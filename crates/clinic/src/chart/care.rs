//! Visits, immunizations, procedures, care teams, and history as imported.

use super::problem::moment;
use super::quantity::dose;
use super::row::{Code, Handle, Reading, Row, notes, spoken};
use super::when::When;
use crate::visit::State;
use fhir::Element;

/// One visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Its entry.
    pub entry: Handle,
    /// `Office visit`, `Emergency` …
    pub class: String,
    /// What kind of visit, in words.
    pub kind: Option<String>,
    /// Why the patient came.
    pub reason: Option<String>,
    /// When it began.
    pub when: Option<When>,
    /// When it ended.
    pub until: Option<When>,
    /// `Planned`, `In progress`, `Finished` …
    pub status: String,
    /// The same, where R4 knows it.
    pub state: Option<State>,
    /// With whom.
    pub with: Option<String>,
    /// Where.
    pub place: Option<String>,
    /// Its diagnoses, where displayed.
    pub diagnoses: Vec<String>,
}

impl Visit {
    /// Reads an Encounter.
    #[must_use]
    pub fn of(row: &Row, reading: &Reading) -> Self {
        let root = row.root();
        let names = &reading.names;
        let people: Vec<_> =
            root.each("participant.individual").into_iter().filter_map(|reference| names.name(reference)).collect();
        Self {
            entry: row.handle(&reading.clock),
            class: root.get("class").map_or_else(|| "Visit".to_owned(), class_words),
            kind: root.words("type"),
            reason: root.words("reasonCode").or_else(|| names.get(root, "reasonReference")),
            when: When::get(root, "period.start", &reading.clock),
            until: When::get(root, "period.end", &reading.clock),
            status: root.text("status").map_or_else(|| "Status not recorded".to_owned(), spoken),
            state: root.text("status").and_then(State::parse),
            with: (!people.is_empty()).then(|| people.join(", ")),
            place: names.all(root, "location.location").or_else(|| names.get(root, "serviceProvider")),
            diagnoses: root.each("diagnosis.condition").into_iter().filter_map(|c| names.name(c)).collect(),
        }
    }

    /// What the visit was for, in the best words there are.
    #[must_use]
    pub fn title(&self) -> &str {
        self.reason.as_deref().or(self.kind.as_deref()).unwrap_or("Reason not recorded")
    }
}

/// HL7 v3 ActEncounterCode in the words of a practice.
fn class_words(class: Element<'_>) -> String {
    match class.text("code") {
        Some("AMB") => "Office visit".to_owned(),
        Some("EMER") => "Emergency".to_owned(),
        Some("IMP" | "ACUTE" | "NONAC") => "Inpatient".to_owned(),
        Some("OBSENC") => "Observation".to_owned(),
        Some("SS") => "Short stay".to_owned(),
        Some("HH") => "Home visit".to_owned(),
        Some("VR") => "Telehealth".to_owned(),
        Some("FLD") => "In the field".to_owned(),
        Some("PRENC") => "Before admission".to_owned(),
        code => class.text("display").map_or_else(|| spoken(code.unwrap_or("visit")), str::to_owned),
    }
}

/// One immunization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shot {
    /// Its entry.
    pub entry: Handle,
    /// The vaccine.
    pub vaccine: String,
    /// Its code.
    pub code: Option<Code>,
    /// When, or when it was declined.
    pub when: Option<When>,
    /// When, in words, where not a date.
    pub when_text: Option<String>,
    /// Whether it was given.
    pub given: bool,
    /// Why it was not given.
    pub not_given: Option<String>,
    /// Lot number.
    pub lot: Option<String>,
    /// Amount.
    pub dose: Option<String>,
    /// Where on the body, and by which route.
    pub site: Option<String>,
    /// `Dose 2 of 3`.
    pub series: Option<String>,
    /// Who gave it.
    pub by: Option<String>,
    /// Whether it is only reported (given elsewhere).
    pub reported: bool,
    /// Notes.
    pub note: Option<String>,
}

impl Shot {
    /// Reads an Immunization.
    #[must_use]
    pub fn of(row: &Row, reading: &Reading) -> Self {
        let root = row.root();
        let by: Vec<_> =
            root.each("performer.actor").into_iter().filter_map(|reference| reading.names.name(reference)).collect();
        let places: Vec<_> = [root.words("site"), root.words("route")].into_iter().flatten().collect();
        let count = |name: &str| root.get("protocolApplied")?.choice(name)?.1.primitive();
        Self {
            entry: row.handle(&reading.clock),
            vaccine: root.words("vaccineCode").unwrap_or_else(|| "Vaccine not recorded".to_owned()),
            code: Code::of(root, "vaccineCode"),
            when: When::choice(root, "occurrence", &reading.clock),
            when_text: root.text("occurrenceString").map(str::to_owned),
            given: root.text("status") == Some("completed"),
            not_given: (root.text("status") == Some("not-done"))
                .then(|| root.words("statusReason").unwrap_or_else(|| "reason not recorded".to_owned())),
            lot: root.text("lotNumber").map(str::to_owned),
            dose: root.get("doseQuantity").and_then(dose),
            site: (!places.is_empty()).then(|| places.join(", ")),
            series: count("doseNumber").map(|number| match count("seriesDoses") {
                Some(all) => format!("Dose {number} of {all}"),
                None => format!("Dose {number}"),
            }),
            by: (!by.is_empty()).then(|| by.join(", ")),
            reported: root.flag("primarySource") == Some(false),
            note: notes(root),
        }
    }
}

/// One procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Procedure {
    /// Its entry.
    pub entry: Handle,
    /// Its words.
    pub words: String,
    /// Its code.
    pub code: Option<Code>,
    /// When it was done.
    pub when: Option<When>,
    /// When, as written.
    pub performed: Option<String>,
    /// `Not done`, `In progress` …; none when completed.
    pub status: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Who did it.
    pub by: Option<String>,
    /// Where on the body.
    pub site: Option<String>,
    /// How it ended.
    pub outcome: Option<String>,
    /// Where it was done.
    pub place: Option<String>,
    /// Notes.
    pub note: Option<String>,
}

impl Procedure {
    /// Reads a Procedure.
    #[must_use]
    pub fn of(row: &Row, reading: &Reading) -> Self {
        let root = row.root();
        let by: Vec<_> =
            root.each("performer.actor").into_iter().filter_map(|reference| reading.names.name(reference)).collect();
        let sites: Vec<_> = root.each("bodySite").into_iter().filter_map(Element::concept_words).collect();
        Self {
            entry: row.handle(&reading.clock),
            words: root.words("code").unwrap_or_else(|| "Procedure without words".to_owned()),
            code: Code::of(root, "code"),
            when: When::choice(root, "performed", &reading.clock),
            performed: moment(root, "performed", reading),
            status: root.text("status").filter(|status| *status != "completed").map(spoken),
            reason: root.words("reasonCode"),
            by: (!by.is_empty()).then(|| by.join(", ")),
            site: (!sites.is_empty()).then(|| sites.join(", ")),
            outcome: root.words("outcome"),
            place: reading.names.get(root, "location"),
            note: notes(root),
        }
    }
}

/// One relative's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relative {
    /// Its entry.
    pub entry: Handle,
    /// `Mother`, `Paternal grandfather` …
    pub relation: String,
    /// Their name, where recorded.
    pub name: Option<String>,
    /// `Died at age 71`, `Born 1950`.
    pub life: Option<String>,
    /// Their conditions, each with its onset.
    pub conditions: Vec<String>,
    /// Notes.
    pub note: Option<String>,
}

impl Relative {
    /// Reads a FamilyMemberHistory.
    #[must_use]
    pub fn of(row: &Row, reading: &Reading) -> Self {
        let root = row.root();
        let life: Vec<_> = [
            moment(root, "born", reading).map(|born| format!("Born {born}")),
            moment(root, "age", reading).map(|age| format!("Age {}", age.trim_start_matches("at age "))),
            root.choice("deceased").and_then(|(kind, value)| match kind {
                "Boolean" if value.primitive().as_deref() == Some("no") => Some("Alive".to_owned()),
                "Boolean" => Some("Died".to_owned()),
                _ => moment(root, "deceased", reading).map(|when| format!("Died {when}")),
            }),
        ]
        .into_iter()
        .flatten()
        .collect();
        let condition = |condition: Element<'_>| {
            let words = condition.words("code")?;
            Some(match moment(condition, "onset", reading) {
                Some(onset) => format!("{words} ({onset})"),
                None => words,
            })
        };
        Self {
            entry: row.handle(&reading.clock),
            relation: root.words("relationship").unwrap_or_else(|| "Relative".to_owned()),
            name: root.text("name").map(str::to_owned),
            life: (!life.is_empty()).then(|| life.join(", ")),
            conditions: root.each("condition").into_iter().filter_map(condition).collect(),
            note: notes(root),
        }
    }
}

/// One member of a care team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub name: String,
    /// As what.
    pub role: Option<String>,
    /// Since when or until when.
    pub period: Option<String>,
}

/// The members of the care teams that are in force, each once.
#[must_use]
pub fn team(rows: &[Row], patient: Option<Element<'_>>, reading: &Reading) -> Vec<Member> {
    let mut members: Vec<Member> = Vec::new();
    let mut add = |member: Member| {
        if !members.iter().any(|known| known.name == member.name) {
            members.push(member);
        }
    };
    for row in rows.iter().filter(|row| matches!(row.root().text("status"), None | Some("active" | "proposed"))) {
        for participant in row.root().each("participant") {
            if let Some(name) = reading.names.get(participant, "member") {
                let period =
                    participant.get("period").and_then(|period| super::quantity::period(period, &reading.clock));
                add(Member { name, role: participant.words("role"), period });
            }
        }
    }
    for reference in patient.map(|patient| patient.each("generalPractitioner")).unwrap_or_default() {
        if let Some(name) = reading.names.name(reference) {
            add(Member { name, role: Some("General practitioner".to_owned()), period: None });
        }
    }
    members
}
