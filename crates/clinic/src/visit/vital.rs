//! The vital signs a visit takes, in one table: names, codes, units, and which values cannot be or are doubtful.

use fhir::edit::vital::Loinc;

/// A unit that a form offers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// The form's slug.
    pub slug: &'static str,
    /// The unit of the value stored, in words and in UCUM.
    pub words: &'static str,
    /// In UCUM.
    pub ucum: &'static str,
    /// The first unit of the base: value × scale + offset.
    scale: f64,
    offset: f64,
    /// Of two boxes (pounds and ounces, feet and inches): what is in the first is multiplied by the first number, in the second by the other.
    pub two: Option<(f64, f64)>,
}

impl Unit {
    /// A value of this unit in the base unit.
    #[must_use]
    pub fn base(&self, value: f64) -> f64 {
        value * self.scale + self.offset
    }
}

/// One measurement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vital {
    /// The form's field.
    pub slug: &'static str,
    /// Its words.
    pub name: &'static str,
    /// LOINC (FHIR R4 "Vital Signs", US Core 6.1), the first first.
    pub codes: &'static [Loinc],
    /// The units it is measured in; the first is the base.
    pub units: &'static [Unit],
    /// What a living person can have, in the base unit: what is outside is refused.
    pub possible: (f64, f64),
    /// What is so seldom outside that it is asked about; where age matters more, `rooming/aged.rs` says it.
    pub usual: (f64, f64),
}

const fn unit(slug: &'static str, words: &'static str, ucum: &'static str) -> Unit {
    Unit { slug, words, ucum, scale: 1.0, offset: 0.0, two: None }
}

const fn scaled(slug: &'static str, words: &'static str, ucum: &'static str, scale: f64) -> Unit {
    Unit { scale, ..unit(slug, words, ucum) }
}

const RATE: &[Unit] = &[unit("min", "/min", "/min")];
const PRESSURE: &[Unit] = &[unit("mmhg", "mmHg", "mm[Hg]")];

/// The two numbers of a blood pressure. Limits of possible and usual values here and below are Chartroom's own, wide on purpose: they catch
/// slips of typing, and say nothing of health (docs/clinical-content.md).
pub static SYSTOLIC: Vital = Vital {
    slug: "systolic",
    name: "Systolic pressure",
    codes: &[],
    units: PRESSURE,
    possible: (30.0, 350.0),
    usual: (60.0, 250.0),
};
/// The other.
pub static DIASTOLIC: Vital = Vital {
    slug: "diastolic",
    name: "Diastolic pressure",
    codes: &[],
    units: PRESSURE,
    possible: (10.0, 250.0),
    usual: (30.0, 150.0),
};

/// The others, in the order of the form.
pub static VITALS: [Vital; 9] = [
    Vital {
        slug: "pulse",
        name: "Pulse",
        codes: &[("8867-4", "Heart rate")],
        units: RATE,
        possible: (10.0, 350.0),
        usual: (35.0, 220.0),
    },
    Vital {
        slug: "respiration",
        name: "Respiration",
        codes: &[("9279-1", "Respiratory rate")],
        units: RATE,
        possible: (1.0, 150.0),
        usual: (6.0, 80.0),
    },
    Vital {
        slug: "temperature",
        name: "Temperature",
        codes: &[("8310-5", "Body temperature")],
        units: &[unit("c", "°C", "Cel"), Unit { offset: -160.0 / 9.0, ..scaled("f", "°F", "[degF]", 5.0 / 9.0) }],
        possible: (20.0, 46.0),
        usual: (34.0, 42.0),
    },
    Vital {
        slug: "saturation",
        name: "Oxygen saturation",
        codes: &[
            ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"),
            ("2708-6", "Oxygen saturation in Arterial blood"),
        ],
        units: &[unit("pct", "%", "%")],
        possible: (10.0, 100.0),
        usual: (70.0, 100.0),
    },
    Vital {
        slug: "weight",
        name: "Weight",
        codes: &[("29463-7", "Body weight")],
        units: &[
            unit("kg", "kg", "kg"),
            scaled("lb", "lb", "[lb_av]", 0.453_592_37),
            Unit { two: Some((1.0, 1.0 / 16.0)), ..scaled("lboz", "lb", "[lb_av]", 0.453_592_37) },
        ],
        possible: (0.2, 650.0),
        usual: (0.5, 300.0),
    },
    Vital {
        slug: "height",
        name: "Height",
        codes: &[("8302-2", "Body height")],
        units: &[
            unit("cm", "cm", "cm"),
            scaled("in", "in", "[in_i]", 2.54),
            Unit { two: Some((12.0, 1.0)), ..scaled("ftin", "in", "[in_i]", 2.54) },
        ],
        possible: (15.0, 275.0),
        usual: (30.0, 215.0),
    },
    Vital {
        slug: "head",
        name: "Head circumference",
        codes: &[("9843-4", "Head Occipital-frontal circumference")],
        units: &[unit("cm", "cm", "cm"), scaled("in", "in", "[in_i]", 2.54)],
        possible: (10.0, 80.0),
        usual: (20.0, 65.0),
    },
    Vital {
        slug: "pain",
        name: "Pain (0–10)",
        codes: &[("72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported")],
        units: &[unit("score", "{score}", "{score}")],
        possible: (0.0, 10.0),
        usual: (0.0, 10.0),
    },
    Vital {
        slug: "glucose",
        name: "Glucose, fingerstick",
        codes: &[("41653-7", "Glucose [Mass/volume] in Capillary blood by Glucometer")],
        // 1 mmol/L of glucose is 18.016 mg/dL (molar mass 180.16 g/mol).
        units: &[unit("mgdl", "mg/dL", "mg/dL"), scaled("mmoll", "mmol/L", "mmol/L", 18.016)],
        possible: (5.0, 2000.0),
        usual: (40.0, 500.0),
    },
];

/// The code of glucose measured as an amount of substance.
pub const GLUCOSE_MOLES: &[Loinc] = &[("14743-9", "Glucose [Moles/volume] in Capillary blood by Glucometer")];

/// How a unit is offered: two boxes are named both.
#[must_use]
pub fn unit_words(unit: &Unit) -> &'static str {
    match unit.slug {
        "lboz" => "lb + oz",
        "ftin" => "ft + in",
        "score" => "of 10",
        _ => unit.words,
    }
}
