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
    /// Interpreted in words not known here, shown as written: a reader must look, for nobody can say it is normal.
    Other,
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
            Self::Other => "Flagged",
            Self::Abnormal => "Abnormal",
            Self::Positive => "Positive",
            Self::Low => "Low",
            Self::High => "High",
            Self::CriticalLow => "Critically low",
            Self::CriticalHigh => "Critically high",
            Self::Critical => "Critical",
        }
    }

    /// The flag of an Observation (or one of its components), and the interpretations not known here, as written.
    #[must_use]
    pub fn of(element: Element<'_>, value: Option<&Value>) -> (Self, Option<String>) {
        let mut flag = Self::Unknown;
        let mut written: Vec<String> = Vec::new();
        for concept in element.each("interpretation") {
            let said = interpreted(concept);
            flag = flag.max(said);
            if said == Self::Other {
                written.extend(words(concept));
            } else if let Some(text) = concept.text("text").filter(|text| known(text).is_none()) {
                // A known code with words that may say more than it ("PANIC" beside H): both are told.
                written.push(text.trim().to_owned());
            }
        }
        if matches!(flag, Self::Unknown | Self::Other) {
            flag = flag.max(value.map_or(Self::Unknown, |value| compared(element, value)));
        }
        (flag, (!written.is_empty()).then(|| written.join(", ")))
    }
}

/// Systems whose codes are those of [`coded`]: HL7 v3 ObservationInterpretation and its v2 table 0078; a code without a system is read so too.
const SYSTEMS: [&str; 6] = [
    "",
    "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
    "http://terminology.hl7.org/CodeSystem/v2-0078",
    "http://hl7.org/fhir/v3/ObservationInterpretation",
    "http://hl7.org/fhir/v2/0078",
    "urn:oid:2.16.840.1.113883.5.83",
];

/// One interpretation: the most pressing of its codes and words that are known; [`Flag::Other`] when it says something and none is.
fn interpreted(concept: Element<'_>) -> Flag {
    let codings = concept.each("coding");
    let codes = codings
        .iter()
        .filter(|coding| SYSTEMS.contains(&coding.text("system").unwrap_or_default()))
        .filter_map(|coding| coded(coding.text("code")?.trim()));
    let displays = codings.iter().filter_map(|coding| coding.text("display"));
    let texts = displays.chain(concept.text("text")).filter_map(known);
    let silent = concept.concept_words().is_none();
    codes.chain(texts).max().unwrap_or(if silent { Flag::Unknown } else { Flag::Other })
}

/// HL7 v3 ObservationInterpretation (R4), and the v2 table 0078 codes that share its letters. Codes that say neither normal nor abnormal
/// (better, worse, equivocal, expected …) are shown as written.
fn coded(code: &str) -> Option<Flag> {
    Some(match code {
        "N" | "NEG" | "ND" | "NR" | "S" | "SYN-S" | "VS" => Flag::Normal,
        "A" | "R" | "I" | "NS" | "SYN-R" | "EX" => Flag::Abnormal,
        "POS" | "RR" | "DET" | "WR" => Flag::Positive,
        "H" | "HU" | "H>" | "HX" | ">" => Flag::High,
        "L" | "LU" | "L<" | "LX" | "<" => Flag::Low,
        "HH" => Flag::CriticalHigh,
        "LL" => Flag::CriticalLow,
        "AA" => Flag::Critical,
        _ => return None,
    })
}

fn known(text: &str) -> Option<Flag> {
    coded(text.trim()).or_else(|| worded(text))
}

/// The displays of those codes, whatever their case, with "critically" for "critical".
fn worded(text: &str) -> Option<Flag> {
    let folded = text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    Some(match folded.as_str() {
        "normal" | "negative" | "not detected" | "non-reactive" | "susceptible" => Flag::Normal,
        "abnormal" | "resistant" | "intermediate" | "non-susceptible" => Flag::Abnormal,
        "positive" | "reactive" | "detected" | "weakly reactive" => Flag::Positive,
        "high" | "significantly high" | "off scale high" | "above high threshold" => Flag::High,
        "low" | "significantly low" | "off scale low" | "below low threshold" => Flag::Low,
        "critical high" | "critically high" => Flag::CriticalHigh,
        "critical low" | "critically low" => Flag::CriticalLow,
        "critical" | "critical abnormal" | "critically abnormal" => Flag::Critical,
        _ => return None,
    })
}

/// The words of an interpretation as written; a bare code of the standard by its display there.
fn words(concept: Element<'_>) -> Option<String> {
    let written = concept.concept_words()?;
    let known = match written.as_str() {
        "B" => "Better",
        "W" => "Worse",
        "U" => "Significant change up",
        "D" => "Significant change down",
        "E" => "Equivocal",
        "IND" => "Indeterminate",
        "EXP" => "Expected",
        "UNE" => "Unexpected",
        "CAR" => "Carrier",
        "SDD" => "Susceptible-dose dependent",
        _ => return Some(written),
    };
    Some(known.to_owned())
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
        Flag::of(body.root(), value.as_ref()).0
    }

    fn written(interpretation: &str) -> (Flag, Option<String>) {
        let body = Body::parse(format!(r#"{{"interpretation":[{interpretation}]}}"#).as_bytes()).expect("test body");
        Flag::of(body.root(), None)
    }

    #[test]
    fn words_are_known_in_any_case_and_no_interpretation_is_dropped() {
        let other = |words: &str| (Flag::Other, Some(words.to_owned()));
        assert_eq!(written(r#"{"text":"CRITICAL HIGH"}"#), (Flag::CriticalHigh, None));
        assert_eq!(written(r#"{"text":"critically  low"}"#), (Flag::CriticalLow, None));
        assert_eq!(written(r#"{"coding":[{"system":"urn:local","code":"7","display":"HIGH"}]}"#), (Flag::High, None));
        assert_eq!(written(r#"{"coding":[{"code":"N"}],"text":"Critical high"}"#), (Flag::CriticalHigh, None));
        assert_eq!(written(r#"{"text":"PANIC VALUE, call ward"}"#), other("PANIC VALUE, call ward"));
        assert_eq!(written(r#"{"coding":[{"system":"urn:local","code":"N"}]}"#), other("N"), "another system's N");
        assert_eq!(written(r#"{"coding":[{"code":"IND"}]}"#), other("Indeterminate"));
        assert_eq!(
            written(r#"{"coding":[{"code":"H"}]},{"text":"Panic"}"#),
            (Flag::High, Some("Panic".to_owned())),
            "both are told"
        );
        assert_eq!(
            written(r#"{"coding":[{"code":"H"}],"text":"PANIC"}"#),
            (Flag::High, Some("PANIC".to_owned())),
            "words beside a code"
        );
        assert_eq!(
            written(r#"{"coding":[{"code":"N"}],"text":"Within limits"}"#),
            (Flag::Normal, Some("Within limits".to_owned()))
        );
        assert_eq!(written(""), (Flag::Unknown, None));
        assert!(Flag::Other.is_abnormal());
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
        assert_eq!(flag(r#"{"coding":[{"code":"XYZ"}]}"#, r#"{"value":9,"unit":"mmol/L"}"#, ""), Flag::Other);
    }
}
