//! A statement in the making: static fragments and binds, nothing else. There is no way to put a text into it.

use rusqlite::types::Value;

/// SQL with its binds, numbered as they are pushed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sql {
    text: String,
    binds: Vec<Value>,
}

impl Sql {
    /// Adds a fragment, fixed when the program was written.
    pub(crate) fn push(&mut self, fragment: &'static str) -> &mut Self {
        self.text.push_str(fragment);
        self
    }

    /// Adds a bound value.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.binds.push(value.into());
        self.text.push('?');
        self.text.push_str(&self.binds.len().to_string());
        self
    }

    /// Adds each item, with a fragment between.
    pub(crate) fn list<T, E>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        between: &'static str,
        mut add: impl FnMut(&mut Self, T) -> Result<(), E>,
    ) -> Result<(), E> {
        for (place, item) in items.into_iter().enumerate() {
            if place > 0 {
                self.push(between);
            }
            add(self, item)?;
        }
        Ok(())
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn binds(&self) -> &[Value] {
        &self.binds
    }
}
