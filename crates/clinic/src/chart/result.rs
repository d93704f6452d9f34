//! Vitals and results: Observation, with what is known of each value's place in its range.

use super::bands;
use super::flag::{Flag, normal_range};
use super::quantity::{Value, range};
use super::row::{Handle, Reading, Row, notes, spoken};
use super::when::When;
use fhir::edit::vital::COMPUTED;
use fhir::{Element, Key};

/// The categories that have a table over time.
pub const TABLED: [&str; 2] = ["laboratory", "vital-signs"];

/// What makes two results the same test: system and code (or the words, for uncoded ones).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Test {
    /// The code system; empty for uncoded tests.
    pub system: String,
    /// The code, or the words folded to lower case.
    pub code: String,
}

/// One measured thing: a value, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Its words.
    pub name: String,
    /// What it is a result of.
    pub test: Test,
    /// The value.
    pub value: Option<Value>,
    /// Why there is no value, in words.
    pub absent: Option<String>,
    /// Its place in its range.
    pub flag: Flag,
    /// Interpretations not known here, as the laboratory wrote them.
    pub said: Option<String>,
    /// The reference range, as reported.
    pub range: Option<String>,
    /// The limits of that range as numbers, in the value's unit: for a plot's band.
    pub limits: (Option<Decimal>, Option<Decimal>),
}

/// A number kept as its text; compared and drawn as a float.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal(pub String);

impl Decimal {
    /// The number to draw.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok().filter(|n: &f64| n.is_finite())
    }
}

/// One observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its entry.
    pub entry: Handle,
    /// The observation's own value.
    pub main: Measure,
    /// Its components (systolic and diastolic, answers of a survey).
    pub parts: Vec<Measure>,
    /// When it was taken or collected.
    pub when: Option<When>,
    /// `Preliminary`, `Corrected`, `Cancelled` …; none when final.
    pub status: Option<String>,
    /// Category codes.
    pub categories: Vec<String>,
    /// Its category in words, as sent.
    pub category: Option<String>,
    /// Who measured it.
    pub by: Option<String>,
    /// How.
    pub method: Option<String>,
    /// Notes.
    pub note: Option<String>,
    /// Members of a panel, when this is one.
    pub members: Vec<Key>,
}

impl Observed {
    /// Reads observations; the order is kept.
    #[must_use]
    pub fn all(rows: &[Row], reading: &Reading) -> Vec<Self> {
        rows.iter().map(|row| Self::of(row, reading)).collect()
    }

    /// Reads one observation.
    #[must_use]
    pub fn of(row: &Row, reading: &Reading) -> Self {
        let root = row.root();
        let when =
            When::choice(root, "effective", &reading.clock).or_else(|| When::get(root, "issued", &reading.clock));
        let day = when.as_ref().and_then(|when| when.day);
        let banded = |element| usual(measure(element, reading), element, reading, day);
        let parts: Vec<_> = root.each("component").into_iter().map(banded).collect();
        let mut main = banded(root);
        if main.value.is_none() {
            main = blood_pressure(main, &parts);
        }
        Self {
            entry: row.handle(&reading.clock),
            main,
            parts,
            when,
            status: root.text("status").filter(|status| *status != "final").map(spoken),
            categories: root
                .each("category.coding")
                .into_iter()
                .filter_map(|coding| coding.text("code").map(str::to_owned))
                .collect(),
            category: root.words("category"),
            by: reading.names.all(root, "performer"),
            method: root.words("method"),
            note: notes(root),
            members: root
                .each("hasMember")
                .into_iter()
                .filter_map(|member| Key::parse(member.text("reference")?))
                .collect(),
        }
    }

    /// Whether it counts: not entered in error, not cancelled.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.entry.error.is_none() && self.status.as_deref() != Some("Cancelled")
    }

    /// Whether this program computed it of other measurements.
    #[must_use]
    pub fn is_computed(&self) -> bool {
        self.method.as_deref().is_some_and(|method| method.starts_with(COMPUTED))
    }

    /// Whether it is of one of these categories.
    #[must_use]
    pub fn is_of(&self, categories: &[&str]) -> bool {
        self.categories.iter().any(|code| categories.iter().any(|category| code.eq_ignore_ascii_case(category)))
    }

    /// Whether one of the tables over time has a place for it. What has none (another category or none at all, no date, nothing
    /// measured, an error) is listed as other results, so that every observation stands somewhere.
    #[must_use]
    pub fn is_tabled(&self) -> bool {
        self.entry.error.is_none() && self.when.is_some() && self.has_content() && self.is_of(&TABLED)
    }

    /// The most pressing flag of the value and its parts.
    #[must_use]
    pub fn flag(&self) -> Flag {
        self.parts.iter().map(|part| part.flag).fold(self.main.flag, Flag::max)
    }

    /// Whether it has anything to show: a value, a stated absence, or a part with either.
    #[must_use]
    pub fn has_content(&self) -> bool {
        std::iter::once(&self.main)
            .chain(&self.parts)
            .any(|measure| measure.value.is_some() || measure.absent.is_some())
    }
}

fn measure(element: Element<'_>, reading: &Reading) -> Measure {
    let value = Value::choice(element, "value", &reading.clock);
    let name = element.words("code").unwrap_or_else(|| "Result without words".to_owned());
    let normal = normal_range(element);
    let limit = |side: &str| {
        let limit = normal?.get(side).and_then(Value::quantity)?;
        let value = value.as_ref()?;
        (limit.unit_code == value.unit_code || limit.unit == value.unit).then_some(limit.number).flatten().map(Decimal)
    };
    let (flag, said) = Flag::of(element, value.as_ref());
    Measure {
        test: test(element, &name),
        name,
        absent: element.words("dataAbsentReason").map(|words| words.to_lowercase()),
        flag,
        said,
        range: ranges(element),
        limits: (limit("low"), limit("high")),
        value,
    }
}

/// A value that came with neither a range nor an interpretation is told by the usual range of its sign, age and sex, which names its source.
fn usual(mut measure: Measure, element: Element<'_>, reading: &Reading, day: Option<jiff::civil::Date>) -> Measure {
    let silent = measure.flag == Flag::Unknown && measure.said.is_none() && measure.range.is_none();
    if let (true, Some(day), Some(value)) = (silent && element.get("interpretation").is_none(), day, &measure.value)
        && let Some(band) = bands::of(&measure.test.code, &reading.who, day)
    {
        measure.flag = band.place(value);
        if measure.flag != Flag::Unknown {
            measure.range = Some(band.words());
            let (low, high) = band.limits_in(&value.unit_code);
            let limit = |limit: Option<f64>| limit.map(|limit| Decimal(limit.to_string()));
            measure.limits = (limit(low), limit(high));
        }
    }
    measure
}

/// All ranges as reported, each with what it applies to where said.
fn ranges(element: Element<'_>) -> Option<String> {
    let said = |one: Element<'_>| {
        let limits = range(one)?;
        let kind = one.words("type").filter(|_| one.get("type").is_some() && !one.has_code("type", "normal"));
        Some(kind.map_or(limits.clone(), |kind| format!("{kind}: {limits}")))
    };
    let all: Vec<_> = element.each("referenceRange").into_iter().filter_map(said).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

fn test(element: Element<'_>, name: &str) -> Test {
    let coding = element.each("code.coding").into_iter().find(|coding| coding.text("code").is_some());
    match coding {
        Some(coding) => Test {
            system: coding.text("system").unwrap_or_default().to_owned(),
            code: coding.text("code").unwrap_or_default().to_owned(),
        },
        None => Test { system: String::new(), code: name.to_lowercase() },
    }
}

/// Systolic and diastolic as one value `146/79 mmHg`, when both are there in one unit (LOINC 8480-6, 8462-4).
fn blood_pressure(mut main: Measure, parts: &[Measure]) -> Measure {
    let part = |code: &str| parts.iter().find(|part| part.test.code == code);
    if let (Some(systolic), Some(diastolic)) = (part("8480-6"), part("8462-4"))
        && let (Some(above), Some(below)) = (&systolic.value, &diastolic.value)
        && above.unit == below.unit
        && above.number.is_some()
    {
        main.value = Some(Value::over(above, below));
        main.flag = main.flag.max(systolic.flag).max(diastolic.flag);
        let told: Vec<_> = [&main.said, &systolic.said, &diastolic.said].into_iter().flatten().cloned().collect();
        main.said = (!told.is_empty()).then(|| told.join(", "));
        main.range = match (&systolic.range, &diastolic.range) {
            (Some(above), Some(below)) => Some(format!("{above} over {below}")),
            (one, other) => one.clone().or_else(|| other.clone()),
        };
    }
    main
}
