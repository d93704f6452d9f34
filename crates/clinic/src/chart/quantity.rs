//! Values as a chart shows them: the number as written, its unit beside it, and doses without the spellings that kill.

use super::number::{rounded, unit};
use super::when::{Clock, When};
use fhir::Element;

/// A value to show.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Value {
    /// What is shown: number and unit, words, or yes/no.
    pub text: String,
    /// The whole value as it was written, where `text` shows its number rounded.
    pub exact: Option<String>,
    /// The bare number as written, for plots and ranges; none for words.
    pub number: Option<String>,
    /// `<`, `>`, `<=`, `>=` where the value is only a bound.
    pub comparator: Option<String>,
    /// The unit as shown; empty when there is none.
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
        let written = element.text("unit").or_else(|| element.text("code")).unwrap_or_default();
        let coded = element.text("system") == Some("http://unitsofmeasure.org");
        let unit_code = element.text("code").filter(|_| coded).unwrap_or(written).to_owned();
        let comparator = element.text("comparator").map(str::to_owned);
        let unit = unit(written);
        let as_written = joined(comparator.as_deref(), &number, &unit);
        let brief = rounded(&number).map(|brief| format!("≈\u{a0}{}", joined(comparator.as_deref(), &brief, &unit)));
        Some(Self {
            exact: brief.is_some().then(|| as_written.clone()),
            text: brief.unwrap_or(as_written),
            number: Some(number),
            comparator,
            unit,
            unit_code,
        })
    }

    /// Two values of one unit as one: `146/79 mmHg`.
    #[must_use]
    pub fn over(above: &Self, below: &Self) -> Self {
        let number = |value: &Self, shown: Option<String>| match shown {
            Some(number) => joined(value.comparator.as_deref(), &number, ""),
            None => value.text.clone(),
        };
        let both = |shown: &dyn Fn(&Self) -> Option<String>| {
            format!("{}/{}", number(above, shown(above)), number(below, shown(below)))
        };
        let whole = joined(None, &both(&|value| value.number.clone()), &above.unit);
        let brief = both(&|value| value.number.as_deref().and_then(rounded).or_else(|| value.number.clone()));
        let is_brief = above.exact.is_some() || below.exact.is_some();
        Self {
            text: if is_brief { format!("≈\u{a0}{}", joined(None, &brief, &above.unit)) } else { whole.clone() },
            exact: is_brief.then_some(whole),
            unit: above.unit.clone(),
            unit_code: above.unit_code.clone(),
            ..Self::default()
        }
    }

    /// The number as it is shown, without unit or comparator.
    fn brief(&self) -> Option<String> {
        let number = self.number.as_ref()?;
        Some(rounded(number).map_or_else(|| number.clone(), |brief| format!("≈\u{a0}{brief}")))
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
                let brief = rounded(&number).map(|brief| format!("≈\u{a0}{brief}"));
                let exact = brief.is_some().then(|| number.clone());
                Some(Self {
                    text: brief.unwrap_or_else(|| number.clone()),
                    exact,
                    number: Some(number),
                    ..Self::default()
                })
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
            let low = low.brief().unwrap_or_default();
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

/// A dose's number: `0.5` for `.5` and `5e-1`, `5` for `5.0`.
#[must_use]
pub fn dose_number(written: &str) -> String {
    let (sign, digits) = written.strip_prefix('-').map_or(("", written), |rest| ("-", rest));
    let Some(digits) = written_out(digits) else { return format!("(unreadable number {written})") };
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { &digits };
    let lead = if digits.starts_with('.') { "0" } else { "" };
    let digits = if digits.is_empty() { "0" } else { digits };
    format!("{sign}{lead}{digits}")
}

/// Digits without an exponent; none for a number that has no place on a label.
pub(super) fn written_out(digits: &str) -> Option<String> {
    let Some((mantissa, exponent)) = digits.split_once(['e', 'E']) else { return Some(digits.to_owned()) };
    let exponent: i32 = exponent.parse().ok().filter(|exponent: &i32| exponent.abs() <= 24)?;
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let places = usize::try_from(exponent.abs()).ok()?;
    let (whole, part) = if exponent < 0 {
        let whole = format!("{}{whole}", "0".repeat(places));
        let (kept, moved) = whole.split_at_checked(whole.len() - places)?;
        (kept.to_owned(), format!("{moved}{part}"))
    } else {
        let part = format!("{part}{}", "0".repeat(places.saturating_sub(part.len())));
        let (moved, kept) = part.split_at_checked(places)?;
        (format!("{whole}{moved}"), kept.to_owned())
    };
    let whole = whole.trim_start_matches('0');
    Some(format!("{}.{part}", if whole.is_empty() { "0" } else { whole }))
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
    fn a_number_nobody_could_read_is_shown_rounded_and_kept_whole() {
        for (number, brief) in
            [("178.69452709041775", Some("178.69")), ("0.0012345678", Some("0.00123")), ("1e-7", None)]
        {
            let body = body(&format!(r#"{{"value":{number},"unit":"cm","comparator":"<"}}"#));
            let value = Value::quantity(body.root()).expect("quantity");
            let whole = format!("<\u{a0}{number}\u{a0}cm");
            let shown = brief.map_or_else(|| whole.clone(), |brief| format!("≈\u{a0}<\u{a0}{brief}\u{a0}cm"));
            assert_eq!((value.text, value.exact), (shown, brief.map(|_| whole)));
            assert_eq!(value.number.as_deref(), Some(number), "flags and plots use what was written");
        }
        assert_eq!(shown(r#"{"valueDecimal":7.4987279015619155}"#), "≈\u{a0}7.50");
        let range = r#"{"valueRange":{"low":{"value":1.234567,"unit":"mm[Hg]"},"high":{"value":9,"unit":"mm[Hg]"}}}"#;
        assert_eq!(shown(range), "≈\u{a0}1.23–9\u{a0}mmHg");
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
        for (written, shown) in [
            ("5e-1", "0.5"),
            ("-5E-1", "-0.5"),
            ("1.25e2", "125"),
            ("1.25e1", "12.5"),
            ("12.5e-3", "0.0125"),
            ("1e20", "100000000000000000000"),
            ("0e0", "0"),
            ("10e0", "10"),
            ("1e400", "(unreadable number 1e400)"),
        ] {
            assert_eq!(dose_number(written), shown);
        }
        assert_eq!(dose_number("0.0"), "0");
    }
}
