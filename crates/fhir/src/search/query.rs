//! A search, parsed and checked: names are numbers of the table, values are typed. Nothing of the client's text but values remains.
//!
//! ```
//! use fhir::search::{Handling, Query};
//! let pairs = [("patient".to_owned(), "Patient/p".to_owned()), ("_sort".to_owned(), "-date".to_owned())];
//! let (query, warnings) = Query::parse(fhir::Kind::OBSERVATION, &pairs, Handling::Strict, jiff::Timestamp::UNIX_EPOCH)
//!     .expect("a sound search");
//! assert!(query.filters.len() == 1 && query.sort[0].descending && warnings.is_empty());
//! ```

use super::parameters::{Param, named, numbered};
use super::period::Period;
use crate::definitions::patient_compartment;
use crate::index::clinical::compartment_path;
use crate::{Id, Key, Kind, PatientId};

/// How many resources a page holds when the client does not say.
pub const DEFAULT_COUNT: u32 = 50;
/// The most a page holds; a larger `_count` is capped to it (R4 allows fewer than asked).
pub const MOST_COUNT: u32 = 1000;

/// One search of one resource type.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The resource type searched.
    pub kind: Kind,
    /// What every match must meet.
    pub filters: Vec<Filter>,
    /// The order; empty: the database's own, stable from page to page.
    pub sort: Vec<Sort>,
    /// Page size, 0 to [`MOST_COUNT`]; 0 asks for the total alone.
    pub count: u32,
    /// Whether the total is asked for, exactly; otherwise it is told only when known for free.
    pub total: bool,
    /// `_include` and `_revinclude`.
    pub includes: Vec<Include>,
    /// `_summary`.
    pub summary: Summary,
    /// `_elements`: names of top-level elements to show; empty: all.
    pub elements: Vec<String>,
}

impl Query {
    /// The same search within a patient's compartment; `None` when the type is in none (R4 CompartmentDefinition `patient`, and what
    /// names its chart otherwise).
    #[must_use]
    pub fn within(mut self, patient: PatientId) -> Option<Self> {
        in_compartment(self.kind).then(|| {
            self.filters.insert(0, Filter::Compartment(patient));
            self
        })
    }

    /// The patient in whose compartment it searches.
    #[must_use]
    pub fn compartment(&self) -> Option<&PatientId> {
        self.filters.iter().find_map(|filter| match filter {
            Filter::Compartment(patient) => Some(patient),
            _ => None,
        })
    }
}

/// Whether resources of this type are in patients' compartments.
#[must_use]
pub fn in_compartment(kind: Kind) -> bool {
    kind == Kind::PATIENT || compartment_path(kind).is_some() || !patient_compartment(kind).is_empty()
}

/// The parameters whose rows put a resource into a further patient's compartment, beside the chart it belongs to: who performed it, who
/// wrote it.
pub fn further_patients(kind: Kind) -> impl Iterator<Item = Param> {
    let named = patient_compartment(kind).iter().filter_map(move |code| named(kind, code));
    let stored = named.flat_map(|definition| definition.stored.iter().copied());
    stored.filter(|param| numbered(*param).is_some_and(|definition| !definition.compartment))
}

/// What `_summary` asks to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Summary {
    /// Everything.
    #[default]
    False,
    /// The elements R4 marks as summary.
    True,
    /// Narrative, id, meta and mandatory elements.
    Text,
    /// All but the narrative.
    Data,
    /// Only the total.
    Count,
}

/// One thing a match must meet.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// `Patient/p/Type`: it is in this patient's compartment. Everything else the search looks through or brings along is bound to the chart.
    Compartment(PatientId),
    /// `_id`: one of these.
    Ids(Vec<Id>),
    /// `_lastUpdated`: any of these.
    Updated(Vec<DateTest>),
    /// `:missing`: whether the parameter has a value.
    Missing {
        /// The parameter.
        param: Param,
        /// Whether it must have none.
        missing: bool,
    },
    /// A value of the parameter meets any of these (or, with `not`, none does).
    Match {
        /// The parameter as asked; its definition tells whose rows answer it.
        param: Param,
        /// `:not`.
        not: bool,
        /// Alternatives.
        any: Vec<Test>,
    },
    /// `a$b`: one repetition meets both tests of a pair.
    Composite {
        /// The composite.
        param: Param,
        /// Alternatives, each with one test per component.
        any: Vec<Vec<Test>>,
    },
    /// `subject:Patient.name`: what the reference names meets the filter of its type.
    Chain {
        /// The reference parameter.
        param: Param,
        /// The filter, for each type the reference may name.
        any: Vec<(Kind, Filter)>,
    },
    /// `_has`: a resource of this type that meets the filter refers here.
    Has {
        /// Its reference parameter.
        param: Param,
        /// What it must meet.
        filter: Box<Filter>,
    },
    /// `_text`: all words of any alternative are in the narrative.
    Narrative(Vec<Vec<String>>),
    /// `_content`: all words of any alternative are in free text, the narrative or the words of codes.
    Content(Vec<Vec<String>>),
}

/// A test of one value.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// A code, identifier, status, flag or contact point.
    Token(TokenTest),
    /// `:text`: the words of a code begin with this, folded.
    Words(String),
    /// A text.
    Text(TextTest),
    /// A date.
    Date(DateTest),
    /// A number with or without a unit.
    Quantity(QuantityTest),
    /// A reference to any of these keys (several when only an id was given).
    Reference(Vec<Key>),
    /// A reference by its logical identifier.
    Identifier(TokenTest),
    /// A URI, a canonical or an absolute reference.
    Uri(String),
}

/// A code and its system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenTest {
    /// `None`: any system; `Some("")`: none.
    pub system: Option<String>,
    /// Lower case; `None`: any code of the system.
    pub code: Option<String>,
}

/// How a text matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextTest {
    /// It begins so, case and accents aside.
    Begins(String),
    /// It is exactly so.
    Exact(String),
    /// It holds this, case and accents aside.
    Contains(String),
}

/// How a value compares: R4's prefixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compare {
    /// `eq`: within the stretch given.
    Equal,
    /// `ne`: not within it.
    NotEqual,
    /// `gt`: some of it lies after.
    Greater,
    /// `lt`: some of it lies before.
    Less,
    /// `ge`
    AtLeast,
    /// `le`
    AtMost,
    /// `sa`: all of it lies after.
    StartsAfter,
    /// `eb`: all of it lies before.
    EndsBefore,
    /// `ap`: about.
    About,
}

/// A date compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTest {
    /// How.
    pub compare: Compare,
    /// With what. For `ap` already widened by a tenth of its distance from now.
    pub period: Period,
}

/// A number compared.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantityTest {
    /// How.
    pub compare: Compare,
    /// The number given.
    pub value: f64,
    /// What counts as equal: `[low, high)`, from the digits written (R4: 100 is [99.5, 100.5)); for `ap` ±10 %.
    pub low: f64,
    /// See `low`.
    pub high: f64,
    /// The unit; `None`: any.
    pub unit: Option<UnitTest>,
}

/// A unit asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitTest {
    /// Its system; `None`: any, and the words of the unit match as well as its code.
    pub system: Option<String>,
    /// Its code.
    pub code: String,
}

impl DateTest {
    /// Whether a stretch of time meets it (R4, search.html#prefix).
    #[must_use]
    pub fn meets(&self, value: Period) -> bool {
        let asked = self.period;
        let within = asked.from <= value.from && value.until <= asked.until;
        match self.compare {
            Compare::Equal => within,
            Compare::NotEqual => !within,
            Compare::Greater => value.until > asked.until,
            Compare::Less => value.from < asked.from,
            Compare::AtLeast => value.until > asked.until || within,
            Compare::AtMost => value.from < asked.from || within,
            Compare::StartsAfter => value.from >= asked.until,
            Compare::EndsBefore => value.until <= asked.from,
            Compare::About => value.from < asked.until && asked.from < value.until,
        }
    }
}

impl QuantityTest {
    /// Whether a value from `low` to `high` meets it, units aside.
    #[must_use]
    pub fn meets(&self, low: f64, high: f64) -> bool {
        let within =
            if low == high { self.low <= low && low < self.high } else { self.low <= low && high <= self.high };
        match self.compare {
            Compare::Equal => within,
            Compare::NotEqual => !within,
            Compare::Greater => high > self.value,
            Compare::Less => low < self.value,
            Compare::AtLeast => high >= self.value,
            Compare::AtMost => low <= self.value,
            Compare::StartsAfter => low > self.value,
            Compare::EndsBefore => high < self.value,
            Compare::About => low <= self.high && self.low <= high,
        }
    }
}

/// One key of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: SortKey,
    /// Whether largest first. What has no value stands last either way.
    pub descending: bool,
}

/// What an order goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// `_id`
    Id,
    /// `_lastUpdated`
    Updated,
    /// The clinical date: the beginning of the type's own date parameter.
    Clinical,
    /// A date, string or quantity parameter: its least value ascending, its greatest descending.
    Param(Param),
}

/// Resources added to a page beside its matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Include {
    /// The type whose references are followed.
    pub from: Kind,
    /// Which; `None`: all (`*`).
    pub param: Option<Param>,
    /// Only to (or, reversed, only when it names) this type.
    pub target: Option<Kind>,
    /// `:iterate`: also from what was included.
    pub iterate: bool,
    /// `_revinclude`: what refers to the matches.
    pub reverse: bool,
}
