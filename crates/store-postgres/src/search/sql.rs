//! A statement in the making: static fragments and binds, nothing else. There is no way to put a text into it.

use store::Result;
use store::engine::links::Value;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use crate::line::Line;

/// A bound value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Bind {
    Integer(i64),
    Real(f64),
    Text(String),
    Integers(Vec<i64>),
    Texts(Vec<String>),
}

impl Bind {
    fn typed(&self) -> (&(dyn ToSql + Sync), Type) {
        match self {
            Self::Integer(number) => (number, Type::INT8),
            Self::Real(number) => (number, Type::FLOAT8),
            Self::Text(text) => (text, Type::TEXT),
            Self::Integers(numbers) => (numbers, Type::INT8_ARRAY),
            Self::Texts(texts) => (texts, Type::TEXT_ARRAY),
        }
    }
}

/// SQL with its binds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sql(Vec<Part>);

#[derive(Debug, Clone)]
enum Part {
    Fragment(&'static str),
    Bound(Bind),
}

impl Sql {
    /// Adds a fragment, fixed when the program was written.
    pub(crate) fn push(&mut self, fragment: &'static str) -> &mut Self {
        self.0.push(Part::Fragment(fragment));
        self
    }

    /// Adds a bound value.
    pub(crate) fn bind(&mut self, value: impl Into<Bind>) -> &mut Self {
        self.0.push(Part::Bound(value.into()));
        self
    }

    /// Adds another statement in the making.
    pub(crate) fn append(&mut self, other: Self) -> &mut Self {
        self.0.extend(other.0);
        self
    }

    /// Adds each item, with a fragment between.
    pub(crate) fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        between: &'static str,
        mut add: impl FnMut(&mut Self, T) -> Result<()>,
    ) -> Result<()> {
        for (place, item) in items.into_iter().enumerate() {
            if place > 0 {
                self.push(between);
            }
            add(self, item)?;
        }
        Ok(())
    }

    /// Its rows. It is planned each time for the values that are bound: what is rare in one search is common in the next.
    pub(crate) async fn rows(&self, line: &Line) -> Result<Vec<Row>> {
        let (text, binds) = self.text();
        line.query_typed(&text, &binds).await
    }

    /// Its rows, by a plan that is made once for all values.
    pub(crate) async fn rows_planned_once(&self, line: &Line) -> Result<Vec<Row>> {
        let (text, binds) = self.text();
        line.query_once(&text, &binds).await
    }

    /// Its text, and what is bound in it.
    pub(super) fn text(&self) -> (String, Vec<(&(dyn ToSql + Sync), Type)>) {
        let (mut text, mut binds) = (String::new(), Vec::new());
        for part in &self.0 {
            match part {
                Part::Fragment(fragment) => text.push_str(fragment),
                Part::Bound(bind) => {
                    binds.push(bind.typed());
                    text.push('$');
                    text.push_str(&binds.len().to_string());
                }
            }
        }
        (text, binds)
    }

    /// What PostgreSQL intends to do.
    #[cfg(test)]
    pub(crate) async fn explained(&self, line: &Line) -> Vec<String> {
        let mut explain = Self::default();
        explain.push("EXPLAIN (COSTS OFF) ").append(self.clone());
        explain.rows(line).await.expect("sound SQL").iter().map(|row| row.get(0)).collect()
    }
}

/// Text that a client sent. PostgreSQL's text cannot hold the character 0, which nothing that is stored has: it stands for itself as
/// another that nothing begins with.
pub(crate) fn asked(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

impl From<i64> for Bind {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<f64> for Bind {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

impl From<&str> for Bind {
    fn from(text: &str) -> Self {
        Self::Text(asked(text))
    }
}

impl From<Vec<i64>> for Bind {
    fn from(numbers: Vec<i64>) -> Self {
        Self::Integers(numbers)
    }
}

impl From<Vec<String>> for Bind {
    fn from(texts: Vec<String>) -> Self {
        Self::Texts(texts)
    }
}

impl From<&Value> for Bind {
    fn from(value: &Value) -> Self {
        match value {
            Value::Integer(number) => Self::Integer(*number),
            Value::Real(number) => Self::Real(*number),
            Value::Text(text) => Self::from(text.as_str()),
            // Only another database makes these.
            Value::Blob(_) => Self::Text(String::new()),
        }
    }
}
