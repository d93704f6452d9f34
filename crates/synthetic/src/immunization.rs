//! Immunization: childhood series, adult boosters, influenza and COVID-19, as the schedule of the day had them.

use crate::chart::Chart;
use crate::course::{Kind, Status};
use crate::day::Day;
use crate::json::{CVX, hl7, quantity, set};
use crate::vaccine_table::{BY_AGE, COVID, influenza, volume};
use jiff::civil::date;
use serde_json::{Value, json};

/// One dose to record.
struct Given {
    day: Day,
    cvx: &'static str,
    name: &'static str,
    dose: Option<(u32, u32)>,
    route: (&'static str, &'static str),
}

const IM: (&str, &str) = ("IM", "Injection, intramuscular");

/// Products that count as one series.
fn series(cvx: &str) -> &str {
    if cvx == "216" { "133" } else { cvx }
}

/// Whether vaccines are given at a visit: when it is over and was not for an illness.
fn well(visit: &crate::course::Visit) -> bool {
    visit.status == Status::Finished && !matches!(visit.kind, Kind::Acute(_))
}

impl Chart<'_> {
    pub(crate) fn write_immunizations(&mut self) {
        let mut given = self.scheduled();
        given.extend(self.covid());
        given.extend(self.seasonal());
        given.sort_by_key(|g| g.day);
        let skip = if self.demo() { 0 } else { given.len().saturating_sub(4) };
        for dose in given.into_iter().skip(skip) {
            self.push_dose(&dose);
        }
        if self.demo() && self.rng.chance(0.03) {
            self.push_refusal();
        }
    }

    /// The last day anything can have been given.
    fn end(&self) -> Day {
        self.course.person.death.map_or(self.practice.today, |d| d.plus(-1))
    }

    fn scheduled(&mut self) -> Vec<Given> {
        let person = self.course.person;
        let end = self.end();
        // Of people who grew up before registries, only what was given since they joined is known.
        let known_since = if person.birth.years_to(end) < 26 { person.birth } else { self.course.start };
        let mut given: Vec<Given> = Vec::new();
        for dose in BY_AGE {
            let due = person.birth.plus(dose.age + self.rng.between(0, 20));
            let taken = self.rng.chance(dose.uptake);
            let day = self.at_visit(due).unwrap_or(due.workday());
            let year = day.date().year();
            if taken && day >= known_since && day <= end && (dose.years.0..=dose.years.1).contains(&year) {
                let (cvx, name, route) = (dose.cvx, dose.name, dose.route);
                // A dose that was missed moves the count of those after it.
                let before = given.iter().filter(|g| dose.of > 1 && series(g.cvx) == series(cvx)).count() as u32;
                given.push(Given { day, cvx, name, dose: Some((before + 1, dose.of)), route });
            }
        }
        given
    }

    fn covid(&mut self) -> Vec<Given> {
        let end = self.end();
        let mut given = Vec::new();
        for (cvx, name, year, month, from_age, uptake) in COVID {
            let day = Day::of(date(*year, *month, 1)).plus(self.rng.between(0, 27)).workday();
            let old_enough = self.course.person.birth.years_to(day) >= *from_age;
            if self.rng.chance(*uptake) && old_enough && day <= end && day >= self.course.person.birth {
                let dose = (*cvx == "208").then_some((given.len() as u32 + 1, 2));
                given.push(Given { day, cvx, name, dose, route: IM });
            }
        }
        given
    }

    fn seasonal(&mut self) -> Vec<Given> {
        let (start, end) = (self.course.start, self.end());
        let person = self.course.person;
        let faithful = self.rng.real(0.15, 0.95);
        let mut given = Vec::new();
        for year in start.date().year()..=end.date().year() {
            let day = Day::of(date(year, 9, 15)).plus(self.rng.between(0, 70)).workday();
            let old_enough = person.birth.plus(183) <= day;
            if self.rng.chance(faithful) && old_enough && day >= start && day <= end {
                let (cvx, name) = influenza(year, person.birth.years_to(day));
                given.push(Given { day, cvx, name, dose: None, route: IM });
            }
        }
        given
    }

    /// The first visit within a month of `due`, not one for an illness.
    fn at_visit(&self, due: Day) -> Option<Day> {
        let fits =
            |visit: &&crate::course::Visit| well(visit) && visit.day >= due.plus(-25) && visit.day <= due.plus(40);
        self.course.visits.iter().find(fits).map(|v| v.day)
    }

    fn push_dose(&mut self, dose: &Given) {
        let id = self.id();
        let here = dose.day >= self.course.start;
        let visit = self.course.visits.iter().position(|v| v.day == dose.day && v.status == Status::Finished);
        let mut resource = json!({
            "resourceType": "Immunization", "id": id, "status": "completed",
            "vaccineCode": crate::json::concept(CVX, dose.cvx, dose.name),
            "patient": self.subject(),
        });
        if let Some(visit) = visit {
            set(&mut resource, "encounter", self.encounter(visit));
        }
        let when = if here { dose.day.at(self.rng.between(33, 64) * 15) } else { dose.day.text() };
        set(&mut resource, "occurrenceDateTime", json!(when));
        set(&mut resource, "primarySource", json!(here));
        if here {
            set(&mut resource, "lotNumber", json!(self.lot()));
            set(&mut resource, "expirationDate", json!(dose.day.plus(self.rng.between(60, 500)).text()));
            if dose.route.0 != "PO" {
                set(&mut resource, "site", self.site(dose.day));
            }
            set(&mut resource, "route", hl7("v3-RouteOfAdministration", dose.route.0, dose.route.1));
            set(&mut resource, "doseQuantity", quantity(volume(dose.cvx), 1, "mL", "mL"));
            let nurse = self.practice.directory.nurse(self.course.traits.nurse).reference("Practitioner");
            set(
                &mut resource,
                "performer",
                json!([{ "function": hl7("v2-0443", "AP", "Administering Provider"), "actor": nurse }]),
            );
        } else {
            let record = json!({ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/immunization-origin", "code": "record", "display": "Written Record" }] });
            set(&mut resource, "reportOrigin", record);
        }
        if let Some((number, of)) = dose.dose {
            set(
                &mut resource,
                "protocolApplied",
                json!([{ "doseNumberPositiveInt": number, "seriesDosesPositiveInt": of }]),
            );
        }
        self.out.push(resource);
    }

    fn lot(&mut self) -> String {
        let letter = |n: usize| char::from(b'A' + n as u8);
        format!("{}{}{:04}", letter(self.rng.below(26)), letter(self.rng.below(26)), self.rng.below(10_000))
    }

    /// Thigh for infants, upper arm later (CDC, General Best Practice Guidelines for Immunization, 2023).
    fn site(&mut self, day: Day) -> Value {
        let left = self.rng.chance(0.6);
        let (code, words) = match (self.course.person.birth.months_to(day) < 14.0, left) {
            (true, true) => ("LT", "left thigh"),
            (true, false) => ("RT", "right thigh"),
            (false, true) => ("LA", "left arm"),
            (false, false) => ("RA", "right arm"),
        };
        hl7("v3-ActSite", code, words)
    }

    fn push_refusal(&mut self) {
        let Some(position) = self.course.visits.iter().rposition(|v| v.status == Status::Finished) else { return };
        let Some(visit) = self.course.visits.get(position) else { return };
        let id = self.id();
        let (cvx, name) = influenza(visit.day.date().year(), self.course.person.birth.years_to(visit.day));
        self.out.push(json!({
            "resourceType": "Immunization", "id": id, "status": "not-done",
            "statusReason": hl7("v3-ActReason", "PATOBJ", "patient objection"),
            "vaccineCode": crate::json::concept(CVX, cvx, name),
            "patient": self.subject(), "encounter": self.encounter(position),
            "occurrenceDateTime": visit.day.at(visit.minute + 25), "primarySource": true,
        }));
    }
}
