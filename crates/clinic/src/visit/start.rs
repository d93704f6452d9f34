//! The form that starts a visit, checked field by field, and whether this patient can have one then.

use super::kinds::{CLASSES, KINDS};
use super::moment;
use super::state::State;
use crate::error::FieldError;
use fhir::date::FhirDate;
use fhir::{Body, Element};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Longest reason for a visit, in characters.
pub const LONGEST_REASON: usize = 1000;

/// The form as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StartForm {
    /// `arrived` or `planned`.
    pub state: String,
    /// The day, `YYYY-MM-DD`; empty: now, of one who arrived.
    pub day: String,
    /// The time of day, `HH:MM`.
    pub time: String,
    /// A code of [`CLASSES`].
    pub class: String,
    /// One of [`KINDS`].
    pub kind: String,
    /// Why the patient comes, in their own words.
    pub reason: String,
    /// References of the practitioners it is with; the second may be empty.
    pub with: [String; 2],
    /// The reference of the place.
    pub place: String,
    /// That somebody known to have died, it is not known when, was alive then.
    pub alive: bool,
}

/// A form that may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Its first state.
    pub state: State,
    /// When it begins.
    pub start: Timestamp,
    /// Code and display.
    pub class: (&'static str, &'static str),
    /// What kind, in words.
    pub kind: &'static str,
    /// The reason, whole lines kept.
    pub reason: String,
    /// With whom.
    pub with: Vec<(String, String)>,
    /// Where.
    pub place: Option<(String, String)>,
}

/// What the form chooses among.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offered {
    /// Practitioners: reference and name.
    pub people: Vec<(String, String)>,
    /// Places: reference and name.
    pub places: Vec<(String, String)>,
}

/// Checks the form, every field at once.
///
/// # Errors
/// Every field to mend, in the order of the form.
pub fn check(form: &StartForm, offered: &Offered, now: Timestamp, zone: &TimeZone) -> Result<Checked, Vec<FieldError>> {
    let mut problems = Vec::new();
    let mut wrong = |field, problem: &str| problems.push(FieldError { field, problem: problem.to_owned() });
    let state = State::parse(&form.state).filter(|state| matches!(state, State::Arrived | State::Planned));
    if state.is_none() {
        wrong("state", "State: say whether the patient has arrived or is to come");
    }
    let start = match (state, form.day.trim(), form.time.trim()) {
        (Some(State::Arrived), "", "") => Some(now),
        (_, day, time) => match moment::of(day, time, zone) {
            None => {
                wrong("day", "When: choose the day and the time");
                None
            }
            Some(at) if state == Some(State::Arrived) && at > now => {
                wrong("day", "When: nobody has arrived at a time to come; plan the visit instead");
                None
            }
            Some(at) if state == Some(State::Planned) && now.duration_since(at) > SignedDuration::from_hours(1) => {
                wrong("day", "When: a planned visit is to come; of one that took place say “arrived”");
                None
            }
            Some(at) if at.duration_since(now) > SignedDuration::from_hours(24 * 366 * 2) => {
                wrong("day", "When: this is more than two years ahead; check the year");
                None
            }
            Some(at) => Some(at),
        },
    };
    let class = CLASSES.iter().find(|(code, ..)| *code == form.class).map(|(code, display, _)| (*code, *display));
    if class.is_none() {
        wrong("class", "Where it takes place: choose one of the list");
    }
    let kind = KINDS.into_iter().find(|kind| *kind == form.kind);
    if kind.is_none() {
        wrong("kind", "Kind: choose one of the list");
    }
    let reason = super::words::lines(&form.reason, LONGEST_REASON);
    if let Err(why) = &reason {
        wrong("reason", &format!("Reason: {why}"));
    }
    let mut with: Vec<(String, String)> = Vec::new();
    for (field, chosen) in ["with", "also"].into_iter().zip(&form.with).filter(|(_, chosen)| !chosen.is_empty()) {
        match offered.people.iter().find(|(reference, _)| reference == chosen) {
            None => wrong(field, "With: choose one of the list"),
            Some(person) if with.contains(person) => {
                wrong(field, "And: this is the same person; choose another or nobody");
            }
            Some(person) => with.push(person.clone()),
        }
    }
    let place = offered.places.iter().find(|(reference, _)| *reference == form.place).cloned();
    if place.is_none() && !form.place.is_empty() {
        wrong("place", "Place: choose one of the list");
    }
    match (state, start, class, kind, reason) {
        (Some(state), Some(start), Some(class), Some(kind), Ok(reason)) if problems.is_empty() => {
            Ok(Checked { state, start, class, kind, reason, with, place })
        }
        _ => Err(problems),
    }
}

/// What is known of a patient's life that bears on a visit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Life {
    /// The birth date as written.
    pub born: String,
    /// Whether the patient has died.
    pub dead: bool,
    /// When, as written, where it is known.
    pub died: Option<String>,
    /// Whether another record took this one's place.
    pub merged: bool,
    /// Whether the record is out of use.
    pub inactive: bool,
}

impl Life {
    /// Reads a Patient.
    #[must_use]
    pub fn of(patient: Element<'_>) -> Self {
        let died = patient.text("deceasedDateTime").map(str::to_owned);
        Self {
            born: patient.text("birthDate").unwrap_or_default().to_owned(),
            dead: died.is_some() || patient.flag("deceasedBoolean") == Some(true),
            died,
            merged: patient.each("link").iter().any(|link| link.text("type") == Some("replaced-by")),
            inactive: patient.flag("active") == Some(false),
        }
    }

    /// Reads a stored Patient; nothing is known of a damaged one.
    #[must_use]
    pub fn read(body: &[u8]) -> Self {
        Body::parse(body).map(|body| Self::of(body.root())).unwrap_or_default()
    }
}

/// Whether a visit can be at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Yes,
    /// Only when somebody says that the patient was alive then.
    Ask(&'static str),
    /// No, and why.
    No(&'static str),
}

/// Whether a patient can have a visit at `at`.
#[must_use]
pub fn possible(life: &Life, at: Timestamp, now: Timestamp, zone: &TimeZone) -> Verdict {
    if life.inactive {
        return Verdict::No("this record is not in use (marked inactive): record the visit in the one that is");
    }
    let known = |written: &str| FhirDate::parse(written).map(|date| date.range(zone));
    if known(&life.born).is_some_and(|(born, _)| at < born) {
        return Verdict::No("the visit would be before the patient was born");
    }
    match life.died.as_deref().and_then(known) {
        Some((_, died)) if at >= died => Verdict::No("the patient had died by then"),
        Some(_) => Verdict::Yes,
        None if life.dead && at >= now => Verdict::No("the patient has died"),
        None if life.dead => {
            Verdict::Ask("the patient has died, it is not recorded when: confirm that they were alive at this time")
        }
        None => Verdict::Yes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("time")
    }

    fn zone() -> TimeZone {
        TimeZone::get("America/Chicago").expect("zone")
    }

    fn offered() -> Offered {
        let named = |reference: &str, name: &str| (reference.to_owned(), name.to_owned());
        Offered {
            people: vec![named("Practitioner/a", "Dr A"), named("Practitioner/b", "Dr B")],
            places: vec![named("Location/l", "Room 2")],
        }
    }

    fn form() -> StartForm {
        StartForm { state: "arrived".into(), class: "AMB".into(), kind: "Follow-up".into(), ..StartForm::default() }
    }

    fn problems(form: &StartForm) -> Vec<&'static str> {
        let checked = check(form, &offered(), at("2026-11-22T15:00:00Z"), &zone());
        checked.err().unwrap_or_default().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn who_is_here_arrived_now_unless_said_otherwise() {
        let check = |form: &StartForm| check(form, &offered(), at("2026-11-22T15:00:00Z"), &zone()).expect("good");
        assert_eq!(check(&form()).start, at("2026-11-22T15:00:00Z"));
        let earlier = StartForm { day: "2026-11-22".into(), time: "08:30".into(), ..form() };
        assert_eq!(check(&earlier).start, at("2026-11-22T14:30:00Z"), "in the practice's zone, six hours behind");
        let whole = StartForm {
            with: ["Practitioner/a".into(), "Practitioner/b".into()],
            place: "Location/l".into(),
            reason: "  My knee\n hurts ".into(),
            ..form()
        };
        let checked = check(&whole);
        assert_eq!(
            (checked.with.len(), checked.place.is_some(), checked.reason.as_str()),
            (2, true, "My knee\n hurts")
        );
    }

    #[test]
    fn every_wrong_field_is_named_in_the_order_of_the_form() {
        assert_eq!(problems(&StartForm::default()), ["state", "day", "class", "kind"]);
        for (change, field) in [
            (StartForm { state: "finished".into(), day: "2026-11-20".into(), time: "10:00".into(), ..form() }, "state"),
            (StartForm { day: "2026-11-22".into(), time: "09:01".into(), ..form() }, "day"),
            (StartForm { day: "2026-11-20".into(), ..form() }, "day"),
            (StartForm { day: "20.11.2026".into(), time: "10:00".into(), ..form() }, "day"),
            (StartForm { state: "planned".into(), ..form() }, "day"),
            (StartForm { state: "planned".into(), day: "2026-11-21".into(), time: "10:00".into(), ..form() }, "day"),
            (StartForm { state: "planned".into(), day: "2062-11-25".into(), time: "10:00".into(), ..form() }, "day"),
            (StartForm { class: "IMP".into(), ..form() }, "class"),
            (StartForm { reason: "x".repeat(1001), ..form() }, "reason"),
            (StartForm { reason: "a\u{202e}b".into(), ..form() }, "reason"),
            (StartForm { with: ["Practitioner/z".into(), String::new()], ..form() }, "with"),
            (StartForm { with: ["Practitioner/a".into(), "Practitioner/a".into()], ..form() }, "also"),
            (StartForm { place: "Location/z".into(), ..form() }, "place"),
        ] {
            assert_eq!(problems(&change), [field], "{change:?}");
        }
    }

    #[test]
    fn nobody_is_seen_before_birth_or_after_death_or_in_a_record_out_of_use() {
        let now = at("2026-11-22T15:00:00Z");
        let seen = |life: &Life, when: &str| possible(life, at(when), now, &zone());
        let alive = Life { born: "1980-02-03".into(), ..Life::default() };
        assert_eq!(seen(&alive, "2026-11-22T15:00:00Z"), Verdict::Yes);
        assert!(matches!(seen(&alive, "1980-02-03T05:59:00Z"), Verdict::No(_)), "the evening before, in the practice");
        let died = Life { dead: true, died: Some("2026-11-20".into()), ..alive.clone() };
        assert_eq!(seen(&died, "2026-11-20T20:00:00Z"), Verdict::Yes, "on the day itself");
        assert!(matches!(seen(&died, "2026-11-21T06:00:00Z"), Verdict::No(_)));
        let unknown = Life { dead: true, ..alive.clone() };
        assert!(matches!(seen(&unknown, "2026-11-20T20:00:00Z"), Verdict::Ask(_)));
        assert!(matches!(seen(&unknown, "2026-11-22T15:00:00Z"), Verdict::No(_)));
        assert!(matches!(seen(&Life { inactive: true, ..alive }, "2026-11-20T20:00:00Z"), Verdict::No(_)));
    }
}
