//! A dosage in words: as written when it was written, else made from its structure.

use super::quantity::{dose, dose_number, range};
use super::row::spoken;
use fhir::Element;

/// The directions of all dosages, in order; `None` when nothing says how to take it.
#[must_use]
pub fn directions(dosages: &[Element<'_>]) -> Option<String> {
    let lines: Vec<_> = dosages.iter().filter_map(|dosage| direction(*dosage)).collect();
    (!lines.is_empty()).then(|| lines.join("; then "))
}

fn direction(dosage: Element<'_>) -> Option<String> {
    if let Some(text) = dosage.text("text").or_else(|| dosage.text("patientInstruction")) {
        return Some(text.trim().to_owned());
    }
    let amount = dosage.get("doseAndRate").and_then(|rate| match rate.choice("dose")? {
        ("Quantity", quantity) => dose(quantity),
        (_, between) => range(between),
    });
    let route = dosage.words("route").map(|route| route.to_lowercase());
    let timing = dosage.get("timing").and_then(timing);
    let as_needed = match dosage.choice("asNeeded") {
        Some(("Boolean", value)) if value.primitive().as_deref() == Some("yes") => Some("as needed".to_owned()),
        Some(("CodeableConcept", reason)) => Some(format!("as needed for {}", reason.concept_words()?)),
        _ => None,
    };
    let parts: Vec<_> = [amount, route, timing, as_needed].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| capital(&parts.join(" ")))
}

fn timing(timing: Element<'_>) -> Option<String> {
    let Some(repeat) = timing.get("repeat") else { return timing.words("code") };
    let how_often = frequency(repeat).or_else(|| timing.words("code"));
    let at: Vec<_> = repeat.each("when").into_iter().filter_map(|when| when.as_text().map(event)).collect();
    let bounds = repeat.get("boundsDuration").and_then(dose_duration).map(|length| format!("for {length}"));
    let parts: Vec<_> = how_often.into_iter().chain(at).chain(bounds).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn frequency(repeat: Element<'_>) -> Option<String> {
    let period = dose_number(repeat.number("period")?);
    let unit = repeat.text("periodUnit")?;
    let times = repeat.number("frequency").unwrap_or("1");
    let most = repeat.number("frequencyMax").map(|max| format!(" to {max}")).unwrap_or_default();
    let span = match (period.as_str(), unit_words(unit)) {
        ("1", (single, _)) => single.to_owned(),
        (count, (_, plural)) => format!("{count} {plural}"),
    };
    Some(match (times, most.is_empty(), period.as_str()) {
        ("1", true, "1") if unit == "d" => "once daily".to_owned(),
        ("2", true, "1") if unit == "d" => "twice daily".to_owned(),
        ("1", true, "1") => format!("once every {span}"),
        ("1", true, _) => format!("every {span}"),
        (_, _, "1") => format!("{times}{most} times every {span}"),
        _ => format!("{times}{most} times every {span}"),
    })
}

fn unit_words(unit: &str) -> (&'static str, &'static str) {
    match unit {
        "s" => ("second", "seconds"),
        "min" => ("minute", "minutes"),
        "h" => ("hour", "hours"),
        "d" => ("day", "days"),
        "wk" => ("week", "weeks"),
        "mo" => ("month", "months"),
        _ => ("year", "years"),
    }
}

fn dose_duration(duration: Element<'_>) -> Option<String> {
    let count = dose_number(duration.number("value")?);
    let unit = duration.text("code").or_else(|| duration.text("unit"))?;
    let (single, plural) = match unit {
        "s" | "min" | "h" | "d" | "wk" | "mo" | "a" => unit_words(unit),
        _ => return Some(format!("{count} {unit}")),
    };
    Some(format!("{count} {}", if count == "1" { single } else { plural }))
}

/// HL7 v3 TimingEvent and FHIR EventTiming codes.
fn event(code: &str) -> String {
    let words = match code {
        "HS" => "at bedtime",
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
        "NOON" => "at noon",
        "AFT" => "in the afternoon",
        "EVE" => "in the evening",
        "NIGHT" => "at night",
        other => return spoken(other).to_lowercase(),
    };
    words.to_owned()
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Body;

    fn said(dosages: &str) -> Option<String> {
        let body = Body::parse(format!(r#"{{"dosageInstruction":{dosages}}}"#).as_bytes()).expect("test body");
        directions(&body.root().each("dosageInstruction"))
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
        assert_eq!(said(twice).as_deref(), Some("0.5\u{a0}mg oral twice daily for 10 days"));
        let hours = r#"[{"timing":{"repeat":{"frequency":1,"period":8,"periodUnit":"h"}},"asNeededCodeableConcept":{"text":"pain"}}]"#;
        assert_eq!(said(hours).as_deref(), Some("Every 8 hours as needed for pain"));
        let bed = r#"[{"doseAndRate":[{"doseQuantity":{"value":1,"unit":"{tbl}"}}],"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d","when":["HS"]}}}]"#;
        assert_eq!(said(bed).as_deref(), Some("1\u{a0}tablet once daily at bedtime"));
        assert_eq!(said(r#"[{"sequence":1,"asNeededBoolean":true}]"#).as_deref(), Some("As needed"));
        assert_eq!(said(r#"[{"sequence":1}]"#), None);
    }

    #[test]
    fn steps_follow_one_another() {
        assert_eq!(
            said(r#"[{"text":"10 mg daily for 3 days"},{"text":"5 mg daily for 3 days"}]"#).as_deref(),
            Some("10 mg daily for 3 days; then 5 mg daily for 3 days")
        );
    }
}
