//! A dosage in words: as written when it was written, else made from its structure. Nothing that bears on safety is left out unsaid:
//! what has no words here is told of, so that the entry itself is looked at.

use super::quantity::{dose, dose_number, dose_range};
use super::timing::{Said, duration, timing};
use super::when::Clock;
use fhir::Element;

/// Said of a dosage that holds more than its words tell.
const MORE: &str = "More is in the entry's details";

/// Every member of a Dosage (FHIR R4) that is said here.
const KNOWN: [&str; 14] = [
    "sequence",
    "text",
    "additionalInstruction",
    "patientInstruction",
    "timing",
    "asNeededBoolean",
    "asNeededCodeableConcept",
    "site",
    "route",
    "method",
    "doseAndRate",
    "maxDosePerPeriod",
    "maxDosePerAdministration",
    "maxDosePerLifetime",
];

/// The directions of all dosages, by their sequence; `None` when nothing says how to take it. Dosages of one sequence number are taken
/// together ("and"), of different ones after each other ("then"); where none is given, nothing is claimed.
#[must_use]
pub fn directions(dosages: &[Element<'_>], clock: &Clock) -> Option<String> {
    let mut lines: Vec<(Option<u64>, String)> = dosages
        .iter()
        .filter_map(|dosage| {
            let sequence = dosage.number("sequence").and_then(|number| number.parse().ok());
            Some((sequence, direction(*dosage, clock)?))
        })
        .collect();
    lines.sort_by_key(|(sequence, _)| sequence.unwrap_or(u64::MAX));
    let mut said: Option<(Option<u64>, String)> = None;
    for (sequence, line) in lines {
        said = Some(match said {
            None => (sequence, line),
            Some((before, text)) => {
                // Words that say it themselves are not said twice.
                let begins = |word: &str| {
                    line.split_whitespace()
                        .next()
                        .is_some_and(|first| first.trim_end_matches(',').eq_ignore_ascii_case(word))
                };
                let join = match (before, sequence) {
                    (Some(before), Some(after)) if before == after && !begins("and") => "; and ",
                    (Some(_), Some(_)) if before != sequence && !begins("then") => "; then ",
                    _ => "; ",
                };
                (sequence, format!("{}{join}{line}", text.trim_end_matches('.')))
            }
        });
    }
    said.map(|(_, text)| text)
}

fn direction(dosage: Element<'_>, clock: &Clock) -> Option<String> {
    let mut said = Said::default();
    said.only(dosage, &KNOWN);
    let written = dosage.text("text").map(|text| text.trim().to_owned());
    let main = written.clone().or_else(|| structured(dosage, clock, &mut said));
    let mut sentences: Vec<String> = main.into_iter().collect();
    for maximum in maxima(dosage, &mut said) {
        if !written.as_ref().is_some_and(|text| has_number(text, &maximum.number)) {
            sentences.push(maximum.words);
        }
    }
    let instructions = dosage.each("additionalInstruction").into_iter().map(Element::concept_words);
    let patient = dosage.text("patientInstruction").map(|text| Some(text.trim().to_owned()));
    for instruction in instructions.chain(patient) {
        match instruction {
            Some(words) if sentences.iter().any(|told| folded(told).contains(&folded(&words))) => {}
            Some(words) => sentences.push(words),
            None => said.more = true,
        }
    }
    if said.more {
        sentences.push(MORE.to_owned());
    }
    sentences.into_iter().reduce(|text, next| {
        let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
        format!("{text}{stop} {}", capital(&next))
    })
}

/// Dose, rate, route, timing and need, as one phrase.
fn structured(dosage: Element<'_>, clock: &Clock, said: &mut Said) -> Option<String> {
    let rates = dosage.each("doseAndRate");
    said.more |= rates.len() > 1;
    if let Some(rate) = rates.first() {
        said.only(*rate, &["type", "doseQuantity", "doseRange", "rateQuantity", "rateRange", "rateRatio"]);
        said.say(rate.get("doseQuantity"), dose);
        said.say(rate.get("doseRange"), dose_range);
        said.say(rate.get("rateQuantity"), |rate| Some(format!("at {}", dose(rate)?)));
        said.say(rate.get("rateRange"), |rate| Some(format!("at {}", dose_range(rate)?)));
        said.say(rate.get("rateRatio"), |rate| Some(format!("at {}", per(rate, "per")?)));
    }
    let lower = |element: Element<'_>| element.concept_words().map(|words| words.to_lowercase());
    said.say(dosage.get("route"), lower);
    if let Some(when) = dosage.get("timing") {
        timing(when, clock, said);
    }
    match dosage.choice("asNeeded") {
        Some(("Boolean", value)) if value.primitive().as_deref() == Some("yes") => {
            said.words.push("as needed".to_owned());
        }
        Some(("CodeableConcept", reason)) => {
            let reason = reason.concept_words();
            said.more |= reason.is_none();
            said.words.push(reason.map_or("as needed".to_owned(), |reason| format!("as needed for {reason}")));
        }
        _ => {}
    }
    let mut phrase = said.words.join(" ");
    for (name, label) in [("site", "site"), ("method", "method")] {
        if let Some(words) = dosage.get(name) {
            match words.concept_words() {
                Some(words) if phrase.is_empty() => phrase = format!("{label}: {}", words.to_lowercase()),
                Some(words) => phrase = format!("{phrase}, {label}: {}", words.to_lowercase()),
                None => said.more = true,
            }
        }
    }
    (!phrase.is_empty()).then(|| capital(&phrase))
}

/// A most that may be given, and its number.
struct Maximum {
    words: String,
    number: String,
}

fn maxima(dosage: Element<'_>, said: &mut Said) -> Vec<Maximum> {
    let mut all = Vec::new();
    let mut add = |words: Option<String>, number: Option<&str>| match (words, number) {
        (Some(words), Some(number)) => {
            all.push(Maximum { words: format!("No more than {words}"), number: dose_number(number) });
        }
        _ => said.more = true,
    };
    for ratio in dosage.each("maxDosePerPeriod") {
        add(per(ratio, "in"), ratio.get("numerator").and_then(|most| most.number("value")));
    }
    for most in dosage.each("maxDosePerAdministration") {
        add(dose(most).map(|most| format!("{most} at a time")), most.number("value"));
    }
    for most in dosage.each("maxDosePerLifetime") {
        add(dose(most).map(|most| format!("{most} in a lifetime")), most.number("value"));
    }
    all
}

/// A Ratio over time: `8 tablets in 1 day`; over anything else, its quantity.
fn per(ratio: Element<'_>, word: &str) -> Option<String> {
    let below = ratio.get("denominator")?;
    Some(format!("{} {word} {}", dose(ratio.get("numerator")?)?, duration(below).or_else(|| dose(below))?))
}

/// Whether a text holds a number, as a whole.
fn has_number(text: &str, number: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .any(|part| dose_number(part.trim_end_matches('.')) == number && !part.is_empty())
}

fn folded(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned()
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Body;
    use jiff::{civil::date, tz::TimeZone};

    fn said(dosages: &str) -> Option<String> {
        let body = Body::parse(format!(r#"{{"dosageInstruction":{dosages}}}"#).as_bytes()).expect("test body");
        let clock = Clock { zone: TimeZone::UTC, today: date(2026, 11, 22) };
        directions(&body.root().each("dosageInstruction"), &clock).map(|said| said.replace('\u{a0}', " "))
    }

    #[test]
    fn written_directions_stay_as_written() {
        assert_eq!(
            said(r#"[{"text":"Take 1 tablet by mouth once daily"}]"#).as_deref(),
            Some("Take 1 tablet by mouth once daily")
        );
    }

    #[test]
    fn structured_directions_become_words() {
        let twice = r#"[{"doseAndRate":[{"doseQuantity":{"value":0.50,"unit":"mg"}}],"route":{"text":"Oral"},
            "timing":{"repeat":{"frequency":2,"period":1.0,"periodUnit":"d","boundsDuration":{"value":10,"code":"d"}}}}]"#;
        assert_eq!(said(twice).as_deref(), Some("0.5 mg oral twice daily for 10 days"));
        let hours = r#"[{"timing":{"repeat":{"frequency":1,"period":8,"periodUnit":"h"}},"asNeededCodeableConcept":{"text":"pain"}}]"#;
        assert_eq!(said(hours).as_deref(), Some("Every 8 hours as needed for pain"));
        let bed = r#"[{"doseAndRate":[{"doseQuantity":{"value":1,"unit":"{tbl}"}}],"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d","when":["HS"]}}}]"#;
        assert_eq!(said(bed).as_deref(), Some("1 tablet once daily at bedtime"));
        assert_eq!(said(r#"[{"sequence":1,"asNeededBoolean":true}]"#).as_deref(), Some("As needed"));
        assert_eq!(said(r#"[{"sequence":1}]"#), None);
    }

    #[test]
    fn steps_follow_one_another_only_where_their_sequence_says_so() {
        let two = |first: &str, second: &str| {
            said(&format!(r#"[{{{first}"text":"10 mg daily."}},{{{second}"text":"5 mg daily"}}]"#))
        };
        assert_eq!(two("", "").as_deref(), Some("10 mg daily; 5 mg daily"));
        assert_eq!(two(r#""sequence":1,"#, r#""sequence":2,"#).as_deref(), Some("10 mg daily; then 5 mg daily"));
        assert_eq!(two(r#""sequence":2,"#, r#""sequence":1,"#).as_deref(), Some("5 mg daily; then 10 mg daily."));
        assert_eq!(two(r#""sequence":1,"#, r#""sequence":1,"#).as_deref(), Some("10 mg daily; and 5 mg daily"));
    }

    #[test]
    fn what_says_then_itself_is_not_told_then_twice() {
        let steps = r#"[{"sequence":1,"text":"first 10 mg daily"},{"sequence":2,"text":"then 5 mg"},{"sequence":3,"text":"Then, none"}]"#;
        assert_eq!(said(steps).as_deref(), Some("first 10 mg daily; then 5 mg; Then, none"));
        let both = r#"[{"sequence":1,"text":"10 mg"},{"sequence":1,"text":"and 5 mg"}]"#;
        assert_eq!(said(both).as_deref(), Some("10 mg; and 5 mg"));
    }

    #[test]
    fn as_needed_tells_its_range_and_its_maximum() {
        let pain = r#"[{"doseAndRate":[{"doseRange":{"low":{"value":1,"unit":"tablet"},"high":{"value":2,"unit":"tablet"}}}],
            "timing":{"repeat":{"frequency":1,"period":4,"periodMax":6,"periodUnit":"h"}},"asNeededBoolean":true,
            "maxDosePerPeriod":{"numerator":{"value":8,"unit":"tablet"},"denominator":{"value":1,"code":"d"}},
            "maxDosePerAdministration":{"value":2,"unit":"tablet"},"maxDosePerLifetime":{"value":300,"unit":"tablet"}}]"#;
        assert_eq!(
            said(pain).as_deref(),
            Some(
                "1 to 2 tablets every 4 to 6 hours as needed. No more than 8 tablets in 1 day. No more than 2 tablets at a time. \
                 No more than 300 tablets in a lifetime"
            )
        );
    }

    #[test]
    fn days_times_events_counts_and_bounds_are_said() {
        let repeat = |repeat: &str| said(&format!(r#"[{{"timing":{{"repeat":{{{repeat}}}}}}}]"#)).unwrap_or_default();
        assert_eq!(
            repeat(r#""frequency":1,"period":1,"periodUnit":"wk","dayOfWeek":["mon","wed","fri"]"#),
            "Once every week on Monday, Wednesday and Friday"
        );
        assert_eq!(repeat(r#""timeOfDay":["08:00:00","20:30:00"]"#), "At 08:00 and 20:30");
        assert_eq!(repeat(r#""when":["ACM"],"offset":30"#), "30 minutes before breakfast");
        assert_eq!(repeat(r#""when":["HS"],"offset":60"#), "1 hour before bedtime");
        assert_eq!(repeat(r#""frequency":1,"period":1,"periodUnit":"d","count":10"#), "Once daily 10 times in all");
        assert_eq!(
            repeat(
                r#""frequency":3,"period":1,"periodUnit":"d","boundsPeriod":{"start":"2026-03-12","end":"2026-03-15"}"#
            ),
            "3 times every day from 12-Mar-2026 to 15-Mar-2026"
        );
        let range = r#""boundsRange":{"low":{"value":7,"code":"d"},"high":{"value":10,"code":"d"}}"#;
        assert_eq!(
            repeat(&format!(r#""frequency":2,"period":1,"periodUnit":"d",{range}"#)),
            "Twice daily for 7 to 10 days"
        );
        let coded = |code: &str| {
            said(&format!(
                r#"[{{"timing":{{"repeat":{{"frequency":2,"period":1,"periodUnit":"d"}},"code":{{"coding":[{{"code":"{code}"}}]}}}}}}]"#
            ))
        };
        assert_eq!(coded("BID").as_deref(), Some("Twice daily"));
        assert_eq!(coded("TID").as_deref(), Some("Twice daily (TID)"), "a contradiction is shown");
    }

    #[test]
    fn instructions_are_said_once_whether_written_or_not() {
        let told = r#"[{"text":"Take 1 tablet daily. Avoid alcohol.","additionalInstruction":[{"text":"avoid  alcohol"},{"text":"with food"}],
            "patientInstruction":"Stop if a rash appears","maxDosePerAdministration":{"value":1,"unit":"tablet"}}]"#;
        assert_eq!(
            said(told).as_deref(),
            Some("Take 1 tablet daily. Avoid alcohol. With food. Stop if a rash appears"),
            "the maximum of 1 is in the text"
        );
        let structured = r#"[{"doseAndRate":[{"doseQuantity":{"value":2,"unit":"{puff}"}}],"patientInstruction":"Rinse the mouth"}]"#;
        assert_eq!(said(structured).as_deref(), Some("2 puffs. Rinse the mouth"));
    }

    #[test]
    fn what_is_not_said_is_told_of() {
        let modified =
            r#"[{"text":"1 tablet daily","modifierExtension":[{"url":"http://example.org/not","valueBoolean":true}]}]"#;
        assert_eq!(said(modified).as_deref(), Some("1 tablet daily. More is in the entry's details"));
        let unit = r#"[{"doseAndRate":[{"doseQuantity":{"value":1,"unit":"mg"}}],"timing":{"repeat":{"frequency":1,"period":2,"periodUnit":"fortnight"}}}]"#;
        assert_eq!(said(unit).as_deref(), Some("1 mg. More is in the entry's details"));
        assert_eq!(said(r#"[{"modifierExtension":[{"url":"u"}]}]"#).as_deref(), Some("More is in the entry's details"));
    }
}
