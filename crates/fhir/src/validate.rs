//! Whether a resource is valid R4: structure, cardinality, formats, required codes, references, and the rules across elements
//! that protect a chart.
//!
//! ```
//! use fhir::{Kind, validate::validate};
//! let body = serde_json::json!({"resourceType": "Patient", "birthDate": "1962-13-04", "gendre": "male"});
//! let issues = validate(Kind::PATIENT, &body);
//! assert_eq!(issues[0].expression, "Patient.birthDate");
//! assert_eq!(issues[1].expression, "Patient.gendre");
//! ```
//!
//! Profiles are not checked, nor codes beyond required bindings. Extensions are accepted anywhere and checked as data types.

mod element;
mod narrative;
mod path;
mod primitive;
mod reference;
mod resource;
mod rules;
mod timing;

pub(crate) use rules::Rule;

use crate::definitions::Definitions;
use crate::{Issue, IssueType, Kind};
use path::Path;
use serde_json::Value;

/// After this many issues the rest of a body is not looked at.
const MAX_ISSUES: usize = 100;

/// How deep a body may nest before it is refused unread.
const MAX_DEPTH: usize = crate::json::MAX_DEPTH;

/// Validates a body as this resource type. Nothing is an error if the list has no issue that [`Issue::is_error`].
///
/// Never panics, whatever the JSON.
#[must_use]
pub fn validate(kind: Kind, body: &Value) -> Vec<Issue> {
    let mut walker = Walker::new();
    walker.whole(body, Some(kind), &Path::root(kind.name()));
    walker.issues
}

/// One validation under way.
struct Walker<'v> {
    definitions: &'static Definitions,
    issues: Vec<Issue>,
    depth: usize,
    /// Ids and types of what the current resource contains.
    contained: Vec<(&'v str, Option<Kind>)>,
    /// Local references (`#id`) met in the current resource.
    local_references: Vec<&'v str>,
    /// Within a contained resource: `#` then names its container.
    in_contained: bool,
    /// Within a Bundle, references may be conditional (`Patient?identifier=…`): a transaction resolves them.
    in_bundle: bool,
}

impl Walker<'_> {
    fn new() -> Self {
        Self {
            definitions: Definitions::get(),
            issues: Vec::new(),
            depth: 0,
            contained: Vec::new(),
            local_references: Vec::new(),
            in_contained: false,
            in_bundle: false,
        }
    }

    #[cold]
    fn error(&mut self, code: IssueType, at: &Path<'_>, text: impl Into<String>) {
        self.report(Issue::error(code, text).at(at.expression()));
    }

    #[cold]
    fn warning(&mut self, code: IssueType, at: &Path<'_>, text: impl Into<String>) {
        self.report(Issue::warning(code, text).at(at.expression()));
    }

    /// A rule across elements that does not hold.
    #[cold]
    fn broken(&mut self, rule: &str, at: &Path<'_>, text: &str) {
        self.report(Issue::error(IssueType::Invariant, format!("{text} (rule {rule}).")).at(at.expression()));
    }

    #[cold]
    fn report(&mut self, issue: Issue) {
        match self.issues.len() {
            n if n < MAX_ISSUES => self.issues.push(issue),
            MAX_ISSUES => self.issues.push(Issue::error(
                IssueType::TooCostly,
                format!("More than {MAX_ISSUES} mistakes: the rest was not looked at."),
            )),
            _ => {}
        }
    }

    fn is_full(&self) -> bool {
        self.issues.len() > MAX_ISSUES
    }
}
