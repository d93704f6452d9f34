//! Storing what was measured and asked: permit, the visit as it was shown, doubts confirmed, all of it with one audit entry.

use super::moment;
use super::rooming::{self, Choice, Last, Of, Rooming, RoomingForm, Taking, body_mass_index, body_surface};
use super::state::State;
use super::vital::GLUCOSE_MOLES;
use crate::access::{Action, Caller};
use crate::chart::corrected;
use crate::chart::row::{Row, is_error};
use crate::chart::trend::brief;
use crate::chart::when::{Clock, When};
use crate::error::{Error, FieldError, Result};
use crate::history::obstetric;
use crate::history::section::asks_of_pregnancies;
use crate::record::{self, Edit};
use crate::shown::{self, Shown, once};
use fhir::date::FhirDate;
use fhir::edit::encounter;
use fhir::edit::vital::{self, Amount, Loinc, Taken};
use fhir::{Id, Key, Kind, PatientId, units};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;
use store::audit::Entry;
use store::record::Slice;
use store::{Permit, Store};

/// A rooming form on its way into a visit.
pub struct Room<'a> {
    /// The visit in the address.
    pub visit: &'a str,
    /// What the page showed: the patient, and the version of the visit.
    pub shown: Shown<'a>,
    /// What was typed.
    pub form: &'a RoomingForm,
    /// The doubts that were shown and confirmed, as they were written.
    pub confirmed: &'a str,
    /// The form's own key: sent twice, it stores once.
    pub once: &'a str,
    /// The practice's zone.
    pub zone: TimeZone,
    /// The caller's name.
    pub by: &'a str,
    /// Makes an id for each observation.
    pub id: fn() -> Id,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Stored.
    Saved,
    /// Nothing was: these are to be confirmed first.
    Doubtful(Vec<String>),
}

/// Stores it.
///
/// # Errors
/// [`Error::Fields`]; [`Error::Conflict`] when the visit is not under way; [`Error::WrongPatient`], [`Error::VersionMissing`],
/// [`Error::Stale`]; [`Error::NotPermitted`]; what the store says.
pub async fn room(store: &dyn Store, caller: &Caller, room: Room<'_>) -> Result<Outcome> {
    let (patient, stored) = shown::visit(store, caller, room.visit, room.shown).await?;
    let permit = caller.write_chart(Action::WriteObservations, &patient)?;
    shown::in_use(store, caller, &patient).await?;
    let mut body = record::read_body(&stored.body)?;
    under_way(&body)?;
    let clock = Clock::at(caller.at, room.zone.clone());
    let today = clock.today;
    let reading = caller.read_chart(Action::ReadIdentity, &patient)?;
    let who = store.read(&reading, &patient.key()).await?.ok_or(Error::NotFound)?;
    let who = Row::read(who.for_decision()).ok_or(Error::Gone)?;
    let (measures, answers) = chart(store, permit.reading(), &patient).await?;
    let born = who.root().text("birthDate").and_then(FhirDate::parse).map(FhirDate::first_day);
    let of = Of { today, born, pregnancies: asks_of_pregnancies(who.root(), today, &answers) };
    let checked = rooming::check(room.form, &of).map_err(Error::Fields)?;
    let at = taken_at(&room, &clock, caller.at)?.to_string();
    let same_reason = !room.form.changes_reason(&encounter::reason(&body));
    if checked.is_empty() && same_reason {
        let problem = "Nothing was filled in: measure something, or write the reason".to_owned();
        return Err(Error::Fields(vec![FieldError { field: "reason", problem }]));
    }
    let doubts = rooming::doubts(&checked, &last(&measures), &of);
    if !doubts.is_empty() && room.confirmed != doubts.join("\n") {
        return Ok(Outcome::Doubtful(doubts));
    }
    let recorded = caller.at.to_string();
    let by = Some(super::commands::own(caller)).filter(|own| !own.is_empty());
    let taken = Taken { patient: &patient, visit: &stored.key, at: &at, recorded: &recorded, by: (by, room.by) };
    let grown = years(&of).is_some_and(|years| years >= 2);
    if checked.gestation.is_some() && grown {
        let problem = "Gestation at birth: it is asked of children under two years".to_owned();
        return Err(Error::Fields(vec![FieldError { field: "gestation", problem }]));
    }
    let before = born.and_then(|born| tall(&measures, &clock, born.checked_add(GROWN_UP.years()).ok()?));
    let mut edits: Vec<Edit> = observations(&taken, &checked, (grown, before), room.id)
        .into_iter()
        .map(|(id, body)| Edit::Create { key: Key::new(Kind::OBSERVATION, id), body })
        .collect();
    if !same_reason {
        encounter::set_reason(&mut body, &checked.reason);
        edits.push(Edit::Update { key: stored.key, based_on: stored.version, body });
    }
    let typed = room.form.0.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    let guard = once("room", room.once, typed.chain([room.visit]));
    record::save(store, &permit, edits, guard, Entry { ..caller.entry("visit.room") }).await?;
    Ok(Outcome::Saved)
}

/// When it was measured: now, or at a time of today that the form says.
fn taken_at(room: &Room<'_>, clock: &Clock, now: Timestamp) -> Result<Timestamp> {
    let time = match room.form.get("taken") {
        "" => return Ok(now),
        time => moment::of(&clock.today.to_string(), time, &room.zone),
    };
    time.filter(|at| *at <= now).ok_or_else(|| {
        let problem = "Measured at: choose a time of today that has been, or leave it empty: now".to_owned();
        Error::Fields(vec![FieldError { field: "taken", problem }])
    })
}

/// Only in a visit that goes on is something measured.
fn under_way(visit: &Value) -> Result<()> {
    let state = visit.get("status").and_then(Value::as_str).and_then(State::parse);
    match state {
        Some(State::Planned) => Err(Error::Conflict("the patient has not arrived: say so first".to_owned())),
        Some(state) if state.is_over() => {
            Err(Error::Conflict("this visit is over: reopen it, or start another one".to_owned()))
        }
        _ => Ok(()),
    }
}

/// The age in whole years: body mass index says nothing of those under two (CDC growth charts, 2000).
fn years(of: &Of) -> Option<i16> {
    of.born.and_then(|born| of.today.since((jiff::Unit::Year, born)).ok()).map(|age| age.get_years())
}

/// The newest weights and heights of the chart, and what was answered about pregnancies.
async fn chart(store: &dyn Store, permit: &Permit, patient: &PatientId) -> Result<(Vec<Row>, Vec<Row>)> {
    let codes = [WEIGHT, HEIGHT].map(|code| ("http://loinc.org".to_owned(), code.to_owned()));
    let measures = Slice { codes: codes.to_vec(), ..Slice::newest(Kind::OBSERVATION, 6) };
    let read = store.chart(permit, patient, &[measures, obstetric::slice()]).await?;
    let rows =
        |place: usize| read.for_decision().get(place).map(|slice| Row::read_all(&slice.rows)).unwrap_or_default();
    Ok((rows(0), rows(1)))
}

const WEIGHT: &str = "29463-7";
const HEIGHT: &str = "8302-2";

/// The newest weight and height, in base units.
fn last(measures: &[Row]) -> Last {
    let newest = |code, unit| measures.iter().find_map(|row| value(row, code, unit));
    Last { weight: newest(WEIGHT, "kg"), height: newest(HEIGHT, "cm") }
}

/// A height that was measured: which, in cm, and where it was not measured in this form, on which day.
struct Tall {
    id: Id,
    height: f64,
    day: Option<String>,
}

/// Nobody grows after this many years: the CDC growth charts (2000) end there.
const GROWN_UP: i32 = 20;

/// The newest height on record, where it is of this day or later.
fn tall(measures: &[Row], clock: &Clock, since: Date) -> Option<Tall> {
    let (row, height) = measures.iter().find_map(|row| Some((row, value(row, HEIGHT, "cm")?)))?;
    let when = When::choice(row.root(), "effective", clock).filter(|when| when.day.is_some_and(|day| day >= since))?;
    Some(Tall { id: row.key.id.clone(), height, day: Some(when.date) })
}

/// The value of a measurement with this code that counts.
fn value(row: &Row, code: &str, unit: &str) -> Option<f64> {
    let root = row.root();
    let counts = !is_error(root) && root.text("status") != Some("cancelled") && root.has_code("code", code);
    let quantity = root.get("valueQuantity").filter(|_| counts)?;
    units::convert(quantity.number("value")?, quantity.text("code")?, unit).ok()?.parse().ok()
}

/// `grown`: from two years; `before`: a height on record that still holds.
fn observations(
    taken: &Taken<'_>,
    room: &Rooming,
    (grown, before): (bool, Option<Tall>),
    id: fn() -> Id,
) -> Vec<(Id, Value)> {
    let mut all = Vec::new();
    match &room.pressure {
        Some(Ok((upper, lower))) => {
            let key = id();
            let mut body = taken.blood_pressure(&key, &upper.amount, &lower.amount);
            if let Some((_, code, words)) = room.site {
                vital::site(&mut body, code, words);
            }
            if let Some((_, Some(code), words)) = room.position {
                vital::position(&mut body, code, words);
            }
            all.push((key, body));
        }
        Some(Err((absent, why))) => {
            let key = id();
            let body = taken.vital(&key, &[vital::BLOOD_PRESSURE], "Blood pressure", Err((*absent, why)));
            all.push((key, body));
        }
        None => {}
    }
    let (mut weight, mut height) = (None, None);
    for (sign, taking) in &room.takings {
        let key = id();
        let mut codes: &[Loinc] = sign.codes;
        let mut body = match taking {
            Taking::Value(measured) => {
                if measured.amount.ucum == "mmol/L" {
                    codes = GLUCOSE_MOLES;
                }
                let mut body = taken.vital(&key, codes, sign.name, Ok(&measured.amount));
                vital::note(&mut body, &measured.said);
                match sign.slug {
                    "weight" => weight = Some((key.clone(), measured.base)),
                    "height" => height = Some(Tall { id: key.clone(), height: measured.base, day: None }),
                    _ => {}
                }
                body
            }
            Taking::Not(absent, why) => taken.vital(&key, codes, sign.name, Err((*absent, why))),
        };
        if let ("temperature", Some((_, _, words))) = (sign.slug, room.method) {
            vital::method(&mut body, words);
        }
        all.push((key, body));
    }
    if let (Some(weight), Some(height)) = (weight, height.or(before)) {
        all.extend(follows(taken, weight, &height, grown, id));
    }
    if let Some(day) = room.period {
        let key = id();
        let code = ("8665-2", "Last menstrual period start date");
        let mut body = taken.observation(&key, vital::SOCIAL, &[code], "Last menstrual period, first day");
        vital::date(&mut body, &day.to_string());
        all.push((key, body));
    }
    if let Some(days) = room.gestation {
        let key = id();
        let mut body = taken.observation(&key, vital::SOCIAL, &[GESTATION], "Gestational age at birth");
        vital::quantity(&mut body, &weeks(days));
        vital::note(&mut body, &corrected::spoken(days));
        all.push((key, body));
    }
    let asked: [(Option<Choice>, Loinc, &str); 2] = [
        (room.pregnancy, ("82810-3", "Pregnancy status"), "Pregnancy status"),
        (room.lactation, ("63895-7", "Breastfeeding status"), "Breastfeeding status"),
    ];
    for (choice, code, words) in asked {
        if let Some((_, snomed, answer)) = choice {
            let key = id();
            let mut body = taken.observation(&key, vital::SOCIAL, &[code], words);
            vital::answer(&mut body, snomed, answer);
            all.push((key, body));
        }
    }
    all
}

/// What follows of a weight and a height; it says from when the height is, where it was not measured with the weight.
fn follows(
    taken: &Taken<'_>,
    (of_weight, weight): (Id, f64),
    tall: &Tall,
    grown: bool,
    id: fn() -> Id,
) -> Vec<(Id, Value)> {
    let from = [&of_weight, &tall.id];
    let of =
        tall.day.as_ref().map(|day| format!("; height {} cm of {day}", brief((tall.height * 10.0).round() / 10.0)));
    let of = of.unwrap_or_default();
    let mut all = Vec::new();
    if grown {
        let amount = computed(body_mass_index(weight, tall.height), 1, "kg/m²", "kg/m2");
        let (key, code) = (id(), ("39156-5", "Body mass index (BMI) [Ratio]"));
        let how = format!("weight ÷ height²{of}");
        let body = taken.computed(&key, code, "Body mass index", &amount, &how, &from);
        all.push((key, body));
    }
    let amount = computed(body_surface(weight, tall.height), 2, "m²", "m2");
    let (key, code) = (id(), ("3140-1", "Body surface area Derived from formula"));
    let how = format!("√(height × weight ÷ 3600), Mosteller 1987{of}");
    let body = taken.computed(&key, code, "Body surface area", &amount, &how, &from);
    all.push((key, body));
    all
}

fn computed(value: f64, decimals: usize, unit: &'static str, ucum: &'static str) -> Amount {
    Amount { number: format!("{value:.decimals$}"), unit, ucum }
}

const GESTATION: Loinc = ("11884-4", "Gestational age Estimated");

/// Days in weeks, by which they can be told again.
#[expect(clippy::cast_precision_loss, reason = "within the days of a pregnancy")]
fn weeks(days: i64) -> Amount {
    let number = if days % 7 == 0 { format!("{}", days / 7) } else { format!("{:.2}", days as f64 / 7.0) };
    Amount { number, unit: "weeks", ucum: "wk" }
}
