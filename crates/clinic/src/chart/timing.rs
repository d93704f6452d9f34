//! A dosage's timing in words (FHIR R4 Timing). What cannot be said is never passed over in silence: [`Said::more`] tells of it.

use super::quantity::{dose_number, dose_range};
use super::when::{Clock, When};
use fhir::Element;

/// Words gathered from a structure, and whether some of it was left unsaid.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// The words, in order.
    pub words: Vec<String>,
    /// Whether the structure holds more than the words.
    pub more: bool,
}

impl Said {
    /// Says an element that is there; one that has no words is told of as more.
    pub fn say<'a>(&mut self, element: Option<Element<'a>>, words: impl FnOnce(Element<'a>) -> Option<String>) {
        match element.map(words) {
            Some(Some(words)) => self.words.push(words),
            Some(None) => self.more = true,
            None => {}
        }
    }

    /// Tells of more when an element has members other than these: extensions, modifiers, anything not said here.
    pub fn only(&mut self, element: Element<'_>, known: &[&str]) {
        self.more |= element.members().any(|(name, _)| name != "id" && !known.contains(&name));
    }
}

/// Says a Timing.
pub(super) fn timing(timing: Element<'_>, clock: &Clock, said: &mut Said) {
    said.only(timing, &["event", "repeat", "code"]);
    let repeat = timing.get("repeat");
    let often = repeat.filter(|repeat| {
        ["frequency", "frequencyMax", "period", "periodMax", "periodUnit"].iter().any(|name| repeat.get(name).is_some())
    });
    said.say(often, frequency);
    said.say(timing.get("code"), |code| {
        let words = code.concept_words()?;
        // Beside the numbers, the code repeats them, or someone must see that it does not.
        Some(if often.is_some() { format!("({words})") } else { words })
    });
    if often.zip(timing.get("code")).is_some_and(|(repeat, code)| agrees(repeat, code)) {
        said.words.pop();
    }
    if let Some(repeat) = repeat {
        moments(repeat, said);
        limits(repeat, clock, said);
    }
    let events = timing.each("event");
    if !events.is_empty() {
        let dates: Vec<_> = events.iter().filter_map(|event| When::read(event.as_text()?, clock)).collect();
        said.more |= dates.len() < events.len();
        said.words.push(format!("on {}", and(&dates.iter().map(When::full).collect::<Vec<_>>())));
    }
}

/// The days, times of day and events of a Timing.repeat.
fn moments(repeat: Element<'_>, said: &mut Said) {
    said.only(
        repeat,
        &[
            "boundsDuration",
            "boundsRange",
            "boundsPeriod",
            "count",
            "countMax",
            "duration",
            "durationMax",
            "durationUnit",
            "frequency",
            "frequencyMax",
            "period",
            "periodMax",
            "periodUnit",
            "dayOfWeek",
            "timeOfDay",
            "when",
            "offset",
        ],
    );
    let texts = |name: &str| repeat.each(name).into_iter().filter_map(Element::as_text).collect::<Vec<_>>();
    let days = texts("dayOfWeek");
    if !days.is_empty() {
        said.words.push(format!("on {}", and(&days.into_iter().map(day).collect::<Vec<_>>())));
    }
    let times = texts("timeOfDay");
    if !times.is_empty() {
        let times: Vec<_> = times
            .into_iter()
            .map(|time| time.strip_suffix(":00").filter(|short| short.contains(':')).unwrap_or(time))
            .collect();
        said.words.push(format!("at {}", and(&times)));
    }
    let events = texts("when");
    let offset = repeat.number("offset").filter(|minutes| *minutes != "0");
    said.more |= offset.is_some() && events.is_empty();
    if !events.is_empty() {
        said.words.push(and(&events.into_iter().map(|code| event(code, offset)).collect::<Vec<_>>()));
    }
}

/// How long one dose takes, how often in all, and from when to when.
fn limits(repeat: Element<'_>, clock: &Clock, said: &mut Said) {
    let one = ["duration", "durationMax"].iter().any(|name| repeat.get(name).is_some());
    said.say(one.then_some(repeat), |repeat| {
        Some(format!("over {}", counted(&span(repeat, "duration")?, repeat.text("durationUnit")?)?))
    });
    let count = span(repeat, "count");
    said.words
        .extend(count.map(|count| if count == "1" { "once only".to_owned() } else { format!("{count} times in all") }));
    said.say(repeat.get("boundsDuration"), |length| Some(format!("for {}", duration(length)?)));
    said.say(repeat.get("boundsRange"), |length| {
        let unit = |side| length.get(side).and_then(|end| end.text("code").or_else(|| end.text("unit")));
        let sides = length.get("low.value").and(length.get("high.value")).is_some() && unit("low") == unit("high");
        let numbers = || {
            Some((dose_number(length.get("low")?.number("value")?), dose_number(length.get("high")?.number("value")?)))
        };
        match (sides, numbers()) {
            (true, Some((low, high))) => Some(format!("for {}", counted(&format!("{low} to {high}"), unit("low")?)?)),
            _ => Some(format!("for {}", dose_range(length)?)),
        }
    });
    said.say(repeat.get("boundsPeriod"), |period| {
        let side = |name| When::get(period, name, clock).map(|when| when.full());
        match (side("start"), side("end")) {
            (Some(start), Some(end)) => Some(format!("from {start} to {end}")),
            (Some(start), None) => Some(format!("from {start}")),
            (None, end) => Some(format!("until {}", end?)),
        }
    });
}

/// `every 4 to 6 hours`, `twice daily`, `1 to 2 times every week`.
fn frequency(repeat: Element<'_>) -> Option<String> {
    let times = span(repeat, "frequency");
    if ["period", "periodMax", "periodUnit"].iter().all(|name| repeat.get(name).is_none()) {
        return times.map(|times| if times == "1" { "once".to_owned() } else { format!("{times} times") });
    }
    let times = times.unwrap_or_else(|| "1".to_owned());
    repeat.number("period")?;
    let (period, unit) = (span(repeat, "period")?, repeat.text("periodUnit")?);
    let (single, _) = unit_words(unit)?;
    Some(match (times.as_str(), period.as_str()) {
        ("1", "1") if unit == "d" => "once daily".to_owned(),
        ("2", "1") if unit == "d" => "twice daily".to_owned(),
        ("1", "1") => format!("once every {single}"),
        ("1", _) => format!("every {}", counted(&period, unit)?),
        (_, "1") => format!("{times} times every {single}"),
        _ => format!("{times} times every {}", counted(&period, unit)?),
    })
}

/// Whether a code of HL7 v3 GTSAbbreviation (the R4 TimingAbbreviation codes) says just what the numbers say.
fn agrees(repeat: Element<'_>, code: Element<'_>) -> bool {
    let codes: Vec<_> = code.each("coding").iter().filter_map(|coding| coding.text("code")).collect();
    let [code] = codes.as_slice() else { return false };
    let (times, period, unit) = match *code {
        "QD" => ("1", "1", "d"),
        "BID" => ("2", "1", "d"),
        "TID" => ("3", "1", "d"),
        "QID" => ("4", "1", "d"),
        "QOD" => ("1", "2", "d"),
        "Q1H" => ("1", "1", "h"),
        "Q2H" => ("1", "2", "h"),
        "Q3H" => ("1", "3", "h"),
        "Q4H" => ("1", "4", "h"),
        "Q6H" => ("1", "6", "h"),
        "Q8H" => ("1", "8", "h"),
        "WK" => ("1", "1", "wk"),
        "MO" => ("1", "1", "mo"),
        _ => return false,
    };
    span(repeat, "frequency").as_deref().unwrap_or("1") == times
        && span(repeat, "period").as_deref() == Some(period)
        && repeat.text("periodUnit") == Some(unit)
}

/// `4`, `4 to 6`, `up to 6`: a number and its `…Max`.
fn span(repeat: Element<'_>, name: &str) -> Option<String> {
    let most = repeat.number(&format!("{name}Max")).map(dose_number);
    match (repeat.number(name).map(dose_number), most) {
        (Some(least), Some(most)) if least != most => Some(format!("{least} to {most}")),
        (Some(number), _) => Some(number),
        (None, most) => Some(format!("up to {}", most?)),
    }
}

fn counted(count: &str, unit: &str) -> Option<String> {
    let (single, plural) = unit_words(unit)?;
    Some(format!("{count} {}", if count == "1" { single } else { plural }))
}

/// A Duration in words: `10 days`.
pub(super) fn duration(length: Element<'_>) -> Option<String> {
    let count = dose_number(length.number("value")?);
    let unit = length.text("code").or_else(|| length.text("unit"))?;
    Some(counted(&count, unit).unwrap_or_else(|| format!("{count} {unit}")))
}

/// UCUM units of time.
fn unit_words(unit: &str) -> Option<(&'static str, &'static str)> {
    Some(match unit {
        "s" => ("second", "seconds"),
        "min" => ("minute", "minutes"),
        "h" => ("hour", "hours"),
        "d" => ("day", "days"),
        "wk" => ("week", "weeks"),
        "mo" => ("month", "months"),
        "a" => ("year", "years"),
        _ => return None,
    })
}

fn day(code: &str) -> &str {
    match code {
        "mon" => "Monday",
        "tue" => "Tuesday",
        "wed" => "Wednesday",
        "thu" => "Thursday",
        "fri" => "Friday",
        "sat" => "Saturday",
        "sun" => "Sunday",
        other => other,
    }
}

/// An event of the day, with the minutes before or after it.
fn event(code: &str, offset: Option<&str>) -> String {
    let words = event_words(code);
    let Some(minutes) = offset else { return words };
    let (count, unit) = match minutes.parse::<u32>() {
        Ok(minutes) if minutes % 60 == 0 => ((minutes / 60).to_string(), "h"),
        _ => (minutes.to_owned(), "min"),
    };
    let length = counted(&count, unit).unwrap_or_default();
    match code {
        "HS" => format!("{length} before bedtime"),
        "WAKE" => format!("{length} after waking"),
        _ if words.starts_with("before ") || words.starts_with("after ") => format!("{length} {words}"),
        _ => format!("{words} (offset {length})"),
    }
}

/// HL7 v3 TimingEvent and FHIR EventTiming codes; another is shown as written.
fn event_words(code: &str) -> String {
    let words = match code {
        "HS" => "at bedtime",
        "PHS" => "after going to sleep",
        "WAKE" => "on waking",
        "C" => "with meals",
        "CM" => "with breakfast",
        "CD" => "with lunch",
        "CV" => "with the evening meal",
        "AC" => "before meals",
        "ACM" => "before breakfast",
        "ACD" => "before lunch",
        "ACV" => "before the evening meal",
        "PC" => "after meals",
        "PCM" => "after breakfast",
        "PCD" => "after lunch",
        "PCV" => "after the evening meal",
        "MORN" => "in the morning",
        "MORN.early" => "in the early morning",
        "MORN.late" => "in the late morning",
        "NOON" => "at noon",
        "AFT" => "in the afternoon",
        "AFT.early" => "in the early afternoon",
        "AFT.late" => "in the late afternoon",
        "EVE" => "in the evening",
        "EVE.early" => "in the early evening",
        "EVE.late" => "in the late evening",
        "NIGHT" => "at night",
        other => return format!("at “{other}”"),
    };
    words.to_owned()
}

/// `a`, `a and b`, `a, b and c`.
fn and(items: &[impl AsRef<str>]) -> String {
    let items: Vec<_> = items.iter().map(AsRef::as_ref).collect();
    match items.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => items.concat(),
    }
}
