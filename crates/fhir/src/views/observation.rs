//! Observation: vital signs, laboratory results, social history, scores.

use super::{CodeableConcept, Period, Quantity, Range, Ratio, SampledData};
use crate::date::FhirDate;
use crate::views::get;
use serde_json::Value;

resource! {
    /// R4 Observation.
    Observation {
        /// `registered`, `preliminary`, `final`, `amended`, `corrected`, `cancelled`, `entered-in-error` or `unknown`.
        status: text = "status",
        /// Vital sign, laboratory, social history …
        categories: many CodeableConcept = "category",
        /// What was observed.
        code: one CodeableConcept = "code",
        /// Whom it is about.
        subject: one Reference = "subject",
        /// The visit it belongs to.
        encounter: one Reference = "encounter",
        /// When the result was made available.
        issued: date = "issued",
        /// Who observed.
        performers: many Reference = "performer",
        /// Why there is no value.
        data_absent_reason: one CodeableConcept = "dataAbsentReason",
        /// High, low, normal, abnormal …
        interpretations: many CodeableConcept = "interpretation",
        /// Remarks.
        notes: many Annotation = "note",
        /// Where on the body.
        body_site: one CodeableConcept = "bodySite",
        /// How it was done.
        method: one CodeableConcept = "method",
        /// The specimen it was made on.
        specimen: one Reference = "specimen",
        /// The device it was made with.
        device: one Reference = "device",
        /// What counts as normal.
        reference_ranges: many ReferenceRange = "referenceRange",
        /// Members of a panel.
        members: many Reference = "hasMember",
        /// What it was worked out from.
        derived_from: many Reference = "derivedFrom",
        /// The orders it answers.
        based_on: many Reference = "basedOn",
        /// What it is part of.
        part_of: many Reference = "partOf",
        /// Parts observed together, such as systolic and diastolic.
        components: many ObservationComponent = "component",
    }
}

impl<'a> Observation<'a> {
    /// What was found.
    #[must_use]
    pub fn value(self) -> Option<ObservationValue<'a>> {
        ObservationValue::of(self.0)
    }

    /// When it was true of the patient.
    #[must_use]
    pub fn effective(self) -> Option<FhirDate<'a>> {
        get::date(self.0, "effectiveDateTime")
            .or_else(|| get::date(self.0, "effectiveInstant"))
            .or_else(|| self.effective_period().and_then(|period| period.start().or(period.end())))
            .or_else(|| get::object(self.0, "effectiveTiming").and_then(|timing| get::dates(timing, "event").next()))
    }

    /// Over which period it was true of the patient, where it was one.
    #[must_use]
    pub fn effective_period(self) -> Option<Period<'a>> {
        get::object(self.0, "effectivePeriod").map(Period::new)
    }

    /// Whether a category has this code, such as `vital-signs` or `laboratory`.
    #[must_use]
    pub fn has_category(self, code: &str) -> bool {
        self.categories().any(|category| category.codings().any(|c| c.code() == Some(code)))
    }
}

view! {
    /// One of several things observed together.
    ObservationComponent {
        /// What was observed.
        code: one CodeableConcept = "code",
        /// Why there is no value.
        data_absent_reason: one CodeableConcept = "dataAbsentReason",
        /// High, low, normal …
        interpretations: many CodeableConcept = "interpretation",
        /// What counts as normal.
        reference_ranges: many ReferenceRange = "referenceRange",
    }
}

impl<'a> ObservationComponent<'a> {
    /// What was found.
    #[must_use]
    pub fn value(self) -> Option<ObservationValue<'a>> {
        ObservationValue::of(self.0)
    }
}

view! {
    /// What counts as normal, and for whom.
    ReferenceRange {
        /// The lowest normal value.
        low: one Quantity = "low",
        /// The highest normal value.
        high: one Quantity = "high",
        /// What the range means; normal when not said.
        type_: one CodeableConcept = "type",
        /// For whom.
        applies_to: many CodeableConcept = "appliesTo",
        /// At which age.
        age: one Range = "age",
        /// In words.
        text: text = "text",
    }
}

impl ReferenceRange<'_> {
    /// The range as reported: its text, else its ends.
    #[must_use]
    pub fn words(self) -> String {
        self.text().map_or_else(|| Range::new(self.0).words(), str::to_owned)
    }
}

/// What an observation found, one variant per R4 `value[x]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ObservationValue<'a> {
    /// An amount with its unit.
    Quantity(Quantity<'a>),
    /// A coded answer.
    Concept(CodeableConcept<'a>),
    /// Text.
    Text(&'a str),
    /// Yes or no.
    Flag(bool),
    /// A whole number, as written.
    Integer(&'a str),
    /// From lowest to highest.
    Range(Range<'a>),
    /// A titre or ratio.
    Ratio(Ratio<'a>),
    /// A series from a device.
    Sampled(SampledData<'a>),
    /// A time of day.
    Time(&'a str),
    /// A date or moment.
    Date(FhirDate<'a>),
    /// From a start to an end.
    Period(Period<'a>),
}

impl<'a> ObservationValue<'a> {
    /// The value of an Observation or of one of its components.
    pub(crate) fn of(holder: &'a Value) -> Option<Self> {
        let object = |name| get::object(holder, name);
        None.or_else(|| object("valueQuantity").map(Quantity::new).map(Self::Quantity))
            .or_else(|| object("valueCodeableConcept").map(CodeableConcept::new).map(Self::Concept))
            .or_else(|| get::text(holder, "valueString").map(Self::Text))
            .or_else(|| get::flag(holder, "valueBoolean").map(Self::Flag))
            .or_else(|| get::number(holder, "valueInteger").map(Self::Integer))
            .or_else(|| object("valueRange").map(Range::new).map(Self::Range))
            .or_else(|| object("valueRatio").map(Ratio::new).map(Self::Ratio))
            .or_else(|| object("valueSampledData").map(SampledData::new).map(Self::Sampled))
            .or_else(|| get::text(holder, "valueTime").map(Self::Time))
            .or_else(|| get::date(holder, "valueDateTime").map(Self::Date))
            .or_else(|| object("valuePeriod").map(Period::new).map(Self::Period))
    }

    /// The value in words as reported. Dates and periods read as written; show them through the practice's date format.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Quantity(quantity) => quantity.words(),
            Self::Concept(concept) => concept.words().unwrap_or_default().to_owned(),
            Self::Text(text) | Self::Integer(text) | Self::Time(text) => text.to_owned(),
            Self::Flag(true) => "Yes".to_owned(),
            Self::Flag(false) => "No".to_owned(),
            Self::Range(range) => range.words(),
            Self::Ratio(ratio) => ratio.words(),
            Self::Sampled(series) => series.data().map(|_| "A series of measurements".to_owned()).unwrap_or_default(),
            Self::Date(date) => date.written().to_owned(),
            Self::Period(period) => {
                let ends = [period.start(), period.end()].map(|end| end.map_or("", FhirDate::written));
                ends.join(" to ")
            }
        }
    }

    /// The number for plots, where the value is one.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        match self {
            Self::Quantity(quantity) => quantity.as_f64(),
            Self::Integer(text) => text.parse().ok(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_value_type_has_words() {
        for (name, value, words) in [
            ("valueQuantity", json!({"comparator": "<", "value": 5, "unit": "mg/dL"}), "< 5 mg/dL"),
            ("valueCodeableConcept", json!({"coding": [{"code": "LA1", "display": "Never smoker"}]}), "Never smoker"),
            ("valueString", json!("clear"), "clear"),
            ("valueBoolean", json!(false), "No"),
            ("valueInteger", json!(3), "3"),
            (
                "valueRange",
                json!({"low": {"value": 1, "unit": "/HPF"}, "high": {"value": 4, "unit": "/HPF"}}),
                "1 to 4 /HPF",
            ),
            ("valueRatio", json!({"numerator": {"value": 1}, "denominator": {"value": 128}}), "1 : 128"),
            ("valueTime", json!("08:30:00"), "08:30:00"),
            ("valueDateTime", json!("2024-05"), "2024-05"),
            ("valuePeriod", json!({"start": "2024", "end": "2025"}), "2024 to 2025"),
        ] {
            let body = json!({ name: value });
            assert_eq!(Observation::new(&body).value().map(ObservationValue::words).as_deref(), Some(words), "{name}");
        }
        assert_eq!(Observation::new(&json!({"valueQuantity": "5"})).value(), None);
    }

    #[test]
    fn results_keep_their_trailing_zeros() {
        let body = crate::json::parse(br#"{"valueQuantity":{"value":1.50,"unit":"mmol/L"}}"#).unwrap();
        assert_eq!(Observation::new(&body).value().unwrap().words(), "1.50 mmol/L");
    }

    #[test]
    fn panels_show_their_parts() {
        let body = json!({"component": [{"code": {"text": "Systolic"}, "valueQuantity": {"value": 120, "unit": "mmHg"}}],
            "effectivePeriod": {"start": "2024-01-02"}, "referenceRange": [{"low": {"value": 90, "unit": "mmHg"}}]});
        let pressure = Observation::new(&body);
        let systolic = pressure.components().next().unwrap();
        assert_eq!(systolic.value().unwrap().as_f64(), Some(120.0));
        assert_eq!(pressure.effective().unwrap().written(), "2024-01-02");
        assert_eq!(pressure.reference_ranges().next().unwrap().words(), "at least 90 mmHg");
    }
}
