//! Dosage and Timing.

use super::super::get;
use super::CodeableConcept;

view! {
    /// How a medicine is taken.
    Dosage {
        /// Order among several.
        sequence: number = "sequence",
        /// The directions as written.
        text: text = "text",
        /// Further instructions, such as "with food".
        additional: many CodeableConcept = "additionalInstruction",
        /// Directions in the patient's words.
        patient_instruction: text = "patientInstruction",
        /// When.
        timing: one Timing = "timing",
        /// Whether it is taken only when needed.
        as_needed: flag = "asNeededBoolean",
        /// For what it is taken when needed.
        as_needed_for: one CodeableConcept = "asNeededCodeableConcept",
        /// Where on the body.
        site: one CodeableConcept = "site",
        /// By which way.
        route: one CodeableConcept = "route",
        /// How it is given.
        method: one CodeableConcept = "method",
        /// How much.
        doses: many DoseAndRate = "doseAndRate",
        /// The most in a span of time.
        max_dose_per_period: one Ratio = "maxDosePerPeriod",
    }
}

view! {
    /// How much, and how fast.
    DoseAndRate {
        /// Ordered or calculated.
        type_: one CodeableConcept = "type",
        /// How much.
        quantity: one Quantity = "doseQuantity",
        /// Between how much.
        range: one Range = "doseRange",
        /// How fast, as an amount per time.
        rate: one Ratio = "rateRatio",
        /// How fast, as one amount.
        rate_quantity: one Quantity = "rateQuantity",
    }
}

view! {
    /// When something is to happen, and how often.
    Timing {
        /// At these moments.
        events: dates = "event",
        /// By this rule.
        repeat: one TimingRepeat = "repeat",
        /// By this well-known rule, such as `BID`.
        code: one CodeableConcept = "code",
    }
}

view! {
    /// A rule of repetition.
    TimingRepeat {
        /// For how long altogether.
        bounds_duration: one Quantity = "boundsDuration",
        /// From when to when.
        bounds_period: one Period = "boundsPeriod",
        /// How many times altogether.
        count: number = "count",
        /// How long each takes.
        duration: number = "duration",
        /// Unit of the duration (UCUM).
        duration_unit: text = "durationUnit",
        /// How many times per period.
        frequency: number = "frequency",
        /// At most how many times per period.
        frequency_max: number = "frequencyMax",
        /// How long the period is.
        period: number = "period",
        /// At most how long.
        period_max: number = "periodMax",
        /// Unit of the period (UCUM).
        period_unit: text = "periodUnit",
        /// On these days: `mon` to `sun`.
        days_of_week: texts = "dayOfWeek",
        /// At these times of day.
        times_of_day: texts = "timeOfDay",
        /// At these events, such as `AC` (before meals) or `HS` (bedtime).
        when: texts = "when",
        /// Minutes from the event.
        offset: number = "offset",
    }
}

/// The medicine of a request, statement or administration: a concept, or a Medication elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MedicationChoice<'a> {
    /// Coded or in words.
    Concept(CodeableConcept<'a>),
    /// A Medication, perhaps contained.
    Reference(super::Reference<'a>),
}

impl<'a> MedicationChoice<'a> {
    pub(crate) fn of(holder: &'a serde_json::Value) -> Option<Self> {
        let concept = get::object(holder, "medicationCodeableConcept").map(CodeableConcept::new).map(Self::Concept);
        concept.or_else(|| get::object(holder, "medicationReference").map(super::Reference::new).map(Self::Reference))
    }

    /// Its words: of the concept, of the contained Medication's code, else the reference's display.
    pub(crate) fn words(
        self,
        contained: impl Fn(super::Reference<'a>) -> Option<&'a serde_json::Value>,
    ) -> Option<&'a str> {
        match self {
            Self::Concept(concept) => concept.words(),
            Self::Reference(reference) => contained(reference)
                .and_then(|medication| get::object(medication, "code"))
                .and_then(|code| CodeableConcept::new(code).words())
                .or(reference.display()),
        }
    }
}
