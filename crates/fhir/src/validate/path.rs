//! Where a validation stands, as a chain on the stack: text is made only when something is reported.

use std::fmt::Write as _;

/// An element, and the way to it.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    name: &'p str,
    index: Option<usize>,
}

impl<'p> Path<'p> {
    pub fn root(name: &'p str) -> Self {
        Self { parent: None, name, index: None }
    }

    pub fn child(&'p self, name: &'p str) -> Path<'p> {
        Path { parent: Some(self), name, index: None }
    }

    pub fn item(self, index: usize) -> Self {
        Self { index: Some(index), ..self }
    }

    /// The element's own name.
    pub fn name(&self) -> &'p str {
        self.name
    }

    /// As FHIRPath: `Patient.name[0].given[1]`.
    pub fn expression(&self) -> String {
        let mut out = self.parent.map(Path::expression).unwrap_or_default();
        if !out.is_empty() {
            out.push('.');
        }
        out.push_str(self.name);
        if let Some(index) = self.index {
            let _ = write!(out, "[{index}]");
        }
        out
    }
}
