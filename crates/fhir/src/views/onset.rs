//! When something began or ended, in any of the ways R4 lets one say it.

use super::{Period, Quantity, Range};
use crate::date::FhirDate;
use crate::views::get;
use serde_json::Value;

/// A date, an age, a period, a range of ages, or words (R4 `onset[x]`, `abatement[x]`, `performed[x]`, `occurrence[x]`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Onset<'a> {
    /// On a date.
    Date(FhirDate<'a>),
    /// At an age.
    Age(Quantity<'a>),
    /// During a period.
    Period(Period<'a>),
    /// Between two ages.
    Range(Range<'a>),
    /// In words.
    Text(&'a str),
    /// Only that it did, or did not (`abatementBoolean` of older data, `deceasedBoolean`).
    Flag(bool),
}

impl<'a> Onset<'a> {
    /// Reads the choice element of this name.
    pub(crate) fn of(holder: &'a Value, name: &str) -> Option<Self> {
        // One pass over the members: the suffix decides.
        holder.as_object()?.iter().find_map(|(member, value)| {
            let suffix = member.strip_prefix(name)?;
            let object = value.is_object().then_some(value);
            match suffix {
                "DateTime" | "Date" | "Instant" => value.as_str().and_then(FhirDate::parse).map(Self::Date),
                "Age" | "Duration" => object.map(Quantity::new).map(Self::Age),
                "Period" => object.map(Period::new).map(Self::Period),
                "Range" => object.map(Range::new).map(Self::Range),
                "String" => value.as_str().map(Self::Text),
                "Boolean" => value.as_bool().map(Self::Flag),
                "Timing" => get::dates(value, "event").next().map(Self::Date),
                _ => None,
            }
        })
    }

    /// The date it began, where one is given.
    #[must_use]
    pub fn date(self) -> Option<FhirDate<'a>> {
        match self {
            Self::Date(date) => Some(date),
            Self::Period(period) => period.start().or(period.end()),
            _ => None,
        }
    }

    /// In words. Dates read as written; show [`Onset::date`] through the practice's date format where there is one.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Date(date) => date.written().to_owned(),
            Self::Age(age) => age.words(),
            Self::Period(period) => [period.start(), period.end()]
                .map(|end| end.map_or("", FhirDate::written))
                .join(" to ")
                .trim()
                .to_owned(),
            Self::Range(range) => range.words(),
            Self::Text(text) => text.to_owned(),
            Self::Flag(true) => "Yes".to_owned(),
            Self::Flag(false) => "No".to_owned(),
        }
    }
}
