//! Whether a result is abnormal: what its laboratory said, else its own reference range in the same unit, else unknown. Never a guess.

use super::quantity::Value;
use fhir::Element;

/// What is known about a value's place in its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flag {
    /// Nothing was said and nothing can be compared.
    Unknown,
    /// Within its range, or called normal.
    Normal,
    /// Abnormal without a direction.
    Abnormal,
    /// Positive or reactive, where that is not normal.
    Positive,
    /// Below its range.
    Low,
    /// Above its range.
    High,
    /// Critically low.
    CriticalLow,
    /// Critically high.
    CriticalHigh,
    /// Critical without a direction.
    Critical,
}

impl Flag {
    /// Whether a reader must be made to look.
    #[must_use]
    pub fn is_abnormal(self) -> bool {
        !matches!(self, Self::Unknown | Self::Normal)
    }

    /// The word shown beside the value; empty when there is nothing to say.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown | Self::Normal => "",
            Self::Abnormal => "Abnormal",
            Self::Positive => "Positive",
            Self::Low => "Low",
            Self::High => "High",
            Self::CriticalLow => "Critically low",
            Self::CriticalHigh => "Critically high",
            Self::Critical => "Critical",
        }
    }

    /// The flag of an Observation (or one of its components).
    #[must_use]
    pub fn of(element: Element<'_>, value: Option<&Value>) -> Self {
        let said = element
            .each("interpretation")
            .into_iter()
            .flat_map(|concept| {
                let codes: Vec<_> = concept.each("coding").iter().filter_map(|coding| coding.text("code")).collect();
                if codes.is_empty() { concept.text("text").into_iter().collect() } else { codes }
            })
            .map(interpreted)
            .max()
            .unwrap_or(Self::Unknown);
        if said != Self::Unknown {
            return said;
        }
        value.map_or(Self::Unknown, |value| compared(element, value))
    }
}

/// HL7 v3 ObservationInterpretation (R4), and the v2 table 0078 codes that share its letters.
fn interpreted(code: &str) -> Flag {
    match code {
        "N" | "NEG" | "ND" | "NR" | "S" | "WR-" | "Normal" | "normal" => Flag::Normal,
        "A" | "R" | "I" | "NS" | "SYN-R" | "Abnormal" | "abnormal" => Flag::Abnormal,
        "POS" | "RR" | "DET" | "WR" => Flag::Positive,
        "H" | "HU" | "HX" | ">" | "High" | "high" => Flag::High,
        "L" | "LU" | "LX" | "<" | "Low" | "low" => Flag::Low,
        "HH" => Flag::CriticalHigh,
        "LL" => Flag::CriticalLow,
        "AA" => Flag::Critical,
        _ => Flag::Unknown,
    }
}

/// The one range that speaks of normal values, when there is exactly one: with several, which applies would be a guess.
#[must_use]
pub fn normal_range(element: Element<'_>) -> Option<Element<'_>> {
    let mut normal = element.each("referenceRange").into_iter().filter(|range| match range.get("type") {
        None => true,
        Some(kind) => kind.each("coding").iter().any(|coding| coding.text("code") == Some("normal")),
    });
    let only = normal.next()?;
    normal.next().is_none().then_some(only)
}

fn compared(element: Element<'_>, value: &Value) -> Flag {
    let Some(range) = normal_range(element) else { return Flag::Unknown };
    let Some(number) = value.as_f64() else { return Flag::Unknown };
    let mut limits = [None, None];
    for (slot, side) in limits.iter_mut().zip(["low", "high"]) {
        if let Some(limit) = range.get(side).and_then(Value::quantity) {
            // A limit in another unit cannot be compared, and half a comparison is a guess.
            if limit.unit_code != value.unit_code && limit.unit != value.unit {
                return Flag::Unknown;
            }
            *slot = limit.as_f64();
        }
    }
    let (below, above) = match value.comparator.as_deref() {
        None => (limits[0].is_some_and(|low| number < low), limits[1].is_some_and(|high| number > high)),
        Some("<" | "<=") => (limits[0].is_some_and(|low| number <= low), false),
        Some(">" | ">=") => (false, limits[1].is_some_and(|high| number >= high)),
        Some(_) => return Flag::Unknown,
    };
    match (below, above, limits, value.comparator.is_some()) {
        (true, ..) => Flag::Low,
        (_, true, ..) => Flag::High,
        (_, _, [None, None], _) | (_, _, _, true) => Flag::Unknown,
        _ => Flag::Normal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Body;

    fn flag(interpretation: &str, value: &str, range: &str) -> Flag {
        let text =
            format!(r#"{{"interpretation":[{interpretation}],"valueQuantity":{value},"referenceRange":[{range}]}}"#);
        let body = Body::parse(text.as_bytes()).expect("test body");
        let value = body.root().get("valueQuantity").and_then(Value::quantity);
        Flag::of(body.root(), value.as_ref())
    }

    const RANGE: &str = r#"{"low":{"value":3.5,"unit":"mmol/L"},"high":{"value":5.1,"unit":"mmol/L"}}"#;

    #[test]
    fn what_the_laboratory_said_comes_first() {
        let within = r#"{"value":4,"unit":"mmol/L"}"#;
        assert_eq!(flag(r#"{"coding":[{"code":"HH"}]}"#, within, RANGE), Flag::CriticalHigh);
        assert_eq!(flag(r#"{"coding":[{"code":"N"}]}"#, r#"{"value":9,"unit":"mmol/L"}"#, RANGE), Flag::Normal);
        assert_eq!(flag(r#"{"text":"High"}"#, within, ""), Flag::High);
        assert_eq!(flag(r#"{"coding":[{"code":"L"}]},{"coding":[{"code":"LL"}]}"#, within, ""), Flag::CriticalLow);
    }

    #[test]
    fn else_its_own_range_in_the_same_unit() {
        let cases = [
            ("3.4", Flag::Low),
            ("3.5", Flag::Normal),
            ("3.50", Flag::Normal),
            ("5.1", Flag::Normal),
            ("5.2", Flag::High),
        ];
        for (number, expected) in cases {
            assert_eq!(flag("", &format!(r#"{{"value":{number},"unit":"mmol/L"}}"#), RANGE), expected, "{number}");
        }
    }

    #[test]
    fn else_nothing_is_claimed() {
        assert_eq!(flag("", r#"{"value":90,"unit":"mg/dL"}"#, RANGE), Flag::Unknown, "another unit");
        assert_eq!(flag("", r#"{"value":9,"unit":"mmol/L"}"#, ""), Flag::Unknown, "no range");
        assert_eq!(
            flag("", r#"{"value":9,"unit":"mmol/L"}"#, &format!("{RANGE},{RANGE}")),
            Flag::Unknown,
            "two ranges"
        );
        assert_eq!(flag("", r#"{"value":5,"comparator":"<","unit":"mmol/L"}"#, RANGE), Flag::Unknown, "a bound within");
        assert_eq!(flag("", r#"{"value":3,"comparator":"<","unit":"mmol/L"}"#, RANGE), Flag::Low, "a bound below");
        let goal = r#"{"type":{"coding":[{"code":"recommended"}]},"high":{"value":1,"unit":"mmol/L"}}"#;
        assert_eq!(flag("", r#"{"value":4,"unit":"mmol/L"}"#, goal), Flag::Unknown, "a goal is not a normal range");
        assert_eq!(flag(r#"{"coding":[{"code":"XYZ"}]}"#, r#"{"value":9,"unit":"mmol/L"}"#, ""), Flag::Unknown);
    }
}
