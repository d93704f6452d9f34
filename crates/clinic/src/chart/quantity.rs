//! Values as a chart shows them: the number as written, its unit beside it, and doses without the spellings that kill.

use super::when::{Clock, When};
use fhir::Element;

/// A value to show.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Value {
    /// What is shown: number and unit, words, or yes/no.
    pub text: String,
    /// The bare number as written, for plots and ranges; none for words.
    pub number: Option<String>,
    /// `<`, `>`, `<=`, `>=` where the value is only a bound.
    pub comparator: Option<String>,
    /// The unit as written; empty when there is none.
    pub unit: String,
    /// The unit's code where coded in UCUM, else the unit as written: equal units compare.
    pub unit_code: String,
}

impl Value {
    /// Plain words.
    #[must_use]
    pub fn words(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// The number, to plot or compare.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        self.number.as_ref()?.parse().ok().filter(|n: &f64| n.is_finite())
    }

    /// Reads a Quantity (or Age, Duration, Count, SimpleQuantity).
    #[must_use]
    pub fn quantity(element: Element<'_>) -> Option<Self> {
        let number = element.number("value")?.to_owned();
        let unit = element.text("unit").or_else(|| element.text("code")).unwrap_or_default().to_owned();
        let coded = element.text("system") == Some("http://unitsofmeasure.org");
        let unit_code = element.text("code").filter(|_| coded).unwrap_or(&unit).to_owned();
        let comparator = element.text("comparator").map(str::to_owned);
        let unit = if unit == "1" || unit == "{score}" { String::new() } else { unit };
        // As reported, to the last digit: a calculation's tail is long, but a rounded result is another result.
        Some(Self {
            text: joined(comparator.as_deref(), &number, &unit),
            number: Some(number),
            comparator,
            unit,
            unit_code,
        })
    }

    /// Reads a choice such as `value[x]`; `None` when absent or of no kind we can show.
    #[must_use]
    pub fn choice(element: Element<'_>, name: &str, clock: &Clock) -> Option<Self> {
        let (kind, value) = element.choice(name)?;
        match kind {
            "Quantity" | "Age" | "Duration" | "Count" | "SimpleQuantity" => Self::quantity(value),
            "CodeableConcept" | "Coding" => value.concept_words().map(Self::words),
            "Boolean" => value.primitive().map(|text| Self::words(if text == "yes" { "Yes" } else { "No" })),
            "Integer" | "Decimal" | "PositiveInt" | "UnsignedInt" => {
                let number = value.primitive()?;
                Some(Self { text: number.clone(), number: Some(number), ..Self::default() })
            }
            "Range" => range(value).map(Self::words),
            "Ratio" => {
                let side = |path| value.get(path).and_then(Self::quantity).map(|q| q.text);
                Some(Self::words(format!("{} : {}", side("numerator")?, side("denominator")?)))
            }
            "DateTime" | "Date" | "Instant" => When::read(value.as_text()?, clock).map(|when| Self::words(when.full())),
            "Period" => period(value, clock).map(Self::words),
            "SampledData" => Some(Self::words("Recorded curve (not drawn here)")),
            "Attachment" => Some(Self::words(value.text("title").unwrap_or("Attached file"))),
            "Reference" => value.text("display").map(Self::words),
            _ => value.primitive().map(Self::words),
        }
    }
}

/// A range of quantities in words: `90–140 mmHg`, `≥ 60 mL/min`, `≤ 5 mg/L`, or its text.
#[must_use]
pub fn range(element: Element<'_>) -> Option<String> {
    let side = |path| element.get(path).and_then(Value::quantity);
    match (side("low"), side("high")) {
        (Some(low), Some(high)) if low.unit == high.unit => {
            let low = low.number.unwrap_or_default();
            Some(format!("{low}–{}", high.text))
        }
        (Some(low), Some(high)) => Some(format!("{}–{}", low.text, high.text)),
        (Some(low), None) => Some(format!("≥\u{a0}{}", low.text)),
        (None, Some(high)) => Some(format!("≤\u{a0}{}", high.text)),
        (None, None) => element.text("text").map(str::to_owned),
    }
}

/// `12-Mar-2024 to 15-Mar-2024`, `since 12-Mar-2024`, `until 15-Mar-2024`.
#[must_use]
pub fn period(element: Element<'_>, clock: &Clock) -> Option<String> {
    match (When::get(element, "start", clock), When::get(element, "end", clock)) {
        (Some(start), Some(end)) if start.date == end.date => Some(start.date),
        (Some(start), Some(end)) => Some(format!("{} to {}", start.date, end.date)),
        (Some(start), None) => Some(format!("since {}", start.date)),
        (None, Some(end)) => Some(format!("until {}", end.date)),
        (None, None) => None,
    }
}

/// A structured dose quantity in words: leading zero, no trailing zero, units in full (ISMP List of Error-Prone Abbreviations, 2021).
#[must_use]
pub fn dose(element: Element<'_>) -> Option<String> {
    let number = dose_number(element.number("value")?);
    let unit = element.text("unit").or_else(|| element.text("code")).unwrap_or_default();
    let unit = dose_unit(unit, number == "1");
    Some(if unit.is_empty() { number } else { format!("{number}\u{a0}{unit}") })
}

/// A range of doses in words: `1 to 2 tablets`, `at least 1 tablet`, `up to 2 tablets`.
#[must_use]
pub fn dose_range(element: Element<'_>) -> Option<String> {
    let side = |name| element.get(name);
    let unit = |side: Element<'_>| side.text("unit").or_else(|| side.text("code")).map(str::to_owned);
    match (side("low"), side("high")) {
        (Some(low), Some(high)) if unit(low) == unit(high) => {
            Some(format!("{} to {}", dose_number(low.number("value")?), dose(high)?))
        }
        (Some(low), Some(high)) => Some(format!("{} to {}", dose(low)?, dose(high)?)),
        (Some(low), None) => Some(format!("at least {}", dose(low)?)),
        (None, high) => Some(format!("up to {}", dose(high?)?)),
    }
}

/// A dose's number: `0.5` for `.5`, `5` for `5.0`.
#[must_use]
pub fn dose_number(written: &str) -> String {
    let (sign, digits) = written.strip_prefix('-').map_or(("", written), |rest| ("-", rest));
    let plain = digits.contains(['e', 'E']).then(|| written_out(digits));
    let digits = plain.as_deref().unwrap_or(digits);
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    let lead = if digits.starts_with('.') { "0" } else { "" };
    let digits = if digits.is_empty() { "0" } else { digits };
    format!("{sign}{lead}{digits}")
}

/// `0.5` for `5e-1`: a number with an exponent is misread on a label. Its digits are moved, never calculated with.
fn written_out(number: &str) -> String {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (Ok(exponent), (whole, tail)) = (exponent.parse::<i32>(), mantissa.split_once('.').unwrap_or((mantissa, "")))
    else {
        return number.to_owned();
    };
    if exponent.unsigned_abs() > 30 {
        return number.to_owned();
    }
    let digits = format!("{}{whole}{tail}{}", "0".repeat(31), "0".repeat(31));
    let point = usize::try_from(31 + i32::try_from(whole.len()).unwrap_or(0) + exponent).unwrap_or(0);
    let (before, after) = digits.split_at(point.min(digits.len()));
    let before = before.trim_start_matches('0');
    let after = after.trim_end_matches('0');
    let lead = if before.is_empty() { "0" } else { before };
    if after.is_empty() { lead.to_owned() } else { format!("{lead}.{after}") }
}

/// A dose unit without error-prone abbreviations.
fn dose_unit(unit: &str, one: bool) -> String {
    let plural = |single: &str| if one { single.to_owned() } else { format!("{single}s") };
    match unit {
        "1" => String::new(),
        "U" | "u" | "[U]" | "unit" | "units" => plural("unit"),
        "[IU]" | "IU" | "[iU]" | "iU" => plural("international unit"),
        "ug" | "mcg" | "µg" | "μg" => plural("microgram"),
        "{tbl}" | "{tablet}" | "TAB" | "tablet" | "tablets" => plural("tablet"),
        "{capsule}" | "{cap}" | "CAP" | "capsule" | "capsules" => plural("capsule"),
        "{puff}" | "{actuat}" | "PUFF" | "puff" | "puffs" => plural("puff"),
        "[drp]" | "{drop}" | "drop" | "drops" => plural("drop"),
        "{spray}" | "spray" | "sprays" => plural("spray"),
        "cc" => "mL".to_owned(),
        other => other.trim_matches(['{', '}']).to_owned(),
    }
}

fn joined(comparator: Option<&str>, number: &str, unit: &str) -> String {
    let mut text = match comparator {
        Some("<=") => "≤\u{a0}".to_owned(),
        Some(">=") => "≥\u{a0}".to_owned(),
        Some(other) => format!("{other}\u{a0}"),
        None => String::new(),
    };
    text.push_str(number);
    if !unit.is_empty() {
        text.push('\u{a0}');
        text.push_str(&unit.replace(' ', "\u{a0}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Body;
    use jiff::{civil::date, tz::TimeZone};

    fn body(text: &str) -> Body {
        Body::parse(text.as_bytes()).expect("test body")
    }

    fn shown(text: &str) -> String {
        let body = body(text);
        let clock = Clock { zone: TimeZone::UTC, today: date(2026, 1, 1) };
        Value::choice(body.root(), "value", &clock).expect("value").text
    }

    #[test]
    fn results_show_as_reported_with_their_unit() {
        assert_eq!(shown(r#"{"valueQuantity":{"value":1.50,"unit":"mg/dL"}}"#), "1.50\u{a0}mg/dL");
        assert_eq!(shown(r#"{"valueQuantity":{"value":5,"comparator":"<","unit":"mg/L"}}"#), "<\u{a0}5\u{a0}mg/L");
        assert_eq!(shown(r#"{"valueQuantity":{"value":7,"code":"{score}"}}"#), "7");
        assert_eq!(shown(r#"{"valueBoolean":false}"#), "No");
        assert_eq!(
            shown(r#"{"valueRange":{"low":{"value":2,"unit":"/HPF"},"high":{"value":5,"unit":"/HPF"}}}"#),
            "2–5\u{a0}/HPF"
        );
        let ratio = r#"{"valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}}"#;
        assert_eq!(shown(ratio), "1 : 128");
    }

    #[test]
    fn a_dose_with_an_exponent_is_written_out() {
        for (written, shown) in
            [("5e-1", "0.5"), ("1.25E2", "125"), ("1E3", "1000"), ("2.50e0", "2.5"), ("-4e-2", "-0.04")]
        {
            assert_eq!(dose_number(written), shown);
        }
    }

    #[test]
    fn a_result_is_shown_to_the_digit_it_was_reported_with() {
        for (reported, shown) in
            [("100.999999", "100.999999\u{a0}cm"), ("0.0049999", "0.0049999\u{a0}cm"), ("1.50", "1.50\u{a0}cm")]
        {
            let body = body(&format!(r#"{{"value":{reported},"unit":"cm"}}"#));
            assert_eq!(Value::quantity(body.root()).expect("quantity").text, shown);
        }
    }

    #[test]
    fn doses_have_a_leading_zero_no_trailing_zero_and_units_in_full() {
        let cases = [
            (r#"{"value":0.50,"unit":"mg"}"#, "0.5\u{a0}mg"),
            (r#"{"value":5.0,"unit":"mg"}"#, "5\u{a0}mg"),
            (r#"{"value":10,"unit":"U"}"#, "10\u{a0}units"),
            (r#"{"value":25,"unit":"mcg"}"#, "25\u{a0}micrograms"),
            (r#"{"value":1,"unit":"{tbl}"}"#, "1\u{a0}tablet"),
            (r#"{"value":100,"unit":"mg"}"#, "100\u{a0}mg"),
        ];
        for (text, expected) in cases {
            let body = body(text);
            assert_eq!(dose(body.root()).as_deref(), Some(expected));
        }
        assert_eq!(dose_number(".5"), "0.5");
        assert_eq!(dose_number("0.0"), "0");
    }
}
