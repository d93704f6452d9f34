//! A section's form as typed, and the checks that several sections share.

use crate::diagnosis::form::{before, is_date, outside_life};
use crate::error::FieldError;
use crate::visit::words::{line, lines};
use jiff::Unit;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Longest remark.
pub const LONGEST_NOTE: usize = 1000;

/// The form as typed: the first of each field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryForm(pub BTreeMap<String, String>);

impl HistoryForm {
    /// A field; empty when it was not sent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map(|value| value.trim()).unwrap_or_default()
    }

    /// A form that shows this.
    #[must_use]
    pub fn showing<K: Into<String>>(fields: impl IntoIterator<Item = (K, String)>) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

/// Of whom the history is: the birth date as recorded, which may be a year, a month or empty; and today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Of {
    /// The birth date.
    pub born: String,
    /// Today in the practice.
    pub today: Date,
}

impl Of {
    /// The age in whole years, at most: of a partial birth date, as if born on its first day.
    #[must_use]
    pub fn age(&self) -> Option<u32> {
        let born = fhir::date::FhirDate::parse(&self.born)?.first_day();
        u32::try_from(self.today.since((Unit::Year, born)).ok()?.get_years()).ok()
    }
}

/// What is wrong with a form, gathered.
#[derive(Debug, Default)]
pub(super) struct Wrong(pub Vec<FieldError>);

impl Wrong {
    pub fn say(&mut self, field: &'static str, problem: &str) {
        self.0.push(FieldError { field, problem: problem.to_owned() });
    }

    /// One line of words.
    pub fn line(&mut self, form: &HistoryForm, field: &'static str, label: &str, longest: usize) -> String {
        line(form.get(field), longest).unwrap_or_else(|why| {
            self.say(field, &format!("{label}: {why}"));
            String::new()
        })
    }

    /// The remark.
    pub fn note(&mut self, form: &HistoryForm) -> String {
        lines(form.get("note"), LONGEST_NOTE).unwrap_or_else(|why| {
            self.say("note", &format!("Note: {why}"));
            String::new()
        })
    }

    /// A date of any precision: not to come, not before birth. Empty is none.
    pub fn date<'f>(&mut self, form: &'f HistoryForm, field: &'static str, label: &str, of: &Of) -> &'f str {
        let date = form.get(field);
        if date.is_empty() {
            return "";
        }
        if !is_date(date) {
            self.say(field, &format!("{label}: write a year, a month or a day: 2019, 2019-03 or 2019-03-07"));
        } else if let Some(why) = outside_life(date, &of.born, &of.today.to_string()) {
            self.say(field, &format!("{label}: {why}"));
        }
        date
    }

    /// A code of a list; the list's first where none is needed.
    pub fn one_of<'a>(
        &mut self,
        form: &HistoryForm,
        field: &'static str,
        label: &str,
        of: &[(&'a str, &str)],
    ) -> &'a str {
        let found = of.iter().find(|(code, _)| *code == form.get(field)).map(|(code, _)| *code);
        found.unwrap_or_else(|| {
            self.say(field, &format!("{label}: choose one of the list"));
            ""
        })
    }

    /// A whole number up to a highest.
    pub fn number(&mut self, form: &HistoryForm, field: &'static str, label: &str, highest: u32) -> Option<u32> {
        let typed = form.get(field);
        if typed.is_empty() {
            return None;
        }
        let number = typed.parse::<u32>().ok().filter(|number| *number <= highest && typed.len() <= 3);
        if number.is_none() {
            self.say(field, &format!("{label}: write a whole number from 0 to {highest}"));
        }
        number
    }

    pub fn unless<T>(self, good: T) -> Result<T, Vec<FieldError>> {
        if self.0.is_empty() { Ok(good) } else { Err(self.0) }
    }
}

/// Whether one date is surely before another.
pub(super) fn is_before(one: &str, other: &str) -> bool {
    is_date(one) && is_date(other) && before(one, other)
}
