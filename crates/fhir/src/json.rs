//! JSON as the record keeps it: numbers keep their text, members their order, and nothing is dropped unsaid.
//!
//! `serde_json` alone silently keeps the last of two members with one name, rewrites `1E5` to `1e+5`, and reads an object
//! whose first member is its own private marker as a number. So bodies are read here and only here.
//!
//! ```
//! let body = fhir::json::parse(br#"{ "resourceType": "Basic", "n": 1.50 }"#)?;
//! assert_eq!(fhir::json::write(&body), br#"{"resourceType":"Basic","n":1.50}"#);
//! # Ok::<(), fhir::json::JsonError>(())
//! ```

mod parse;
pub(crate) use parse::is_element_name;
mod write;

pub use parse::parse;
pub use write::write;

use crate::issue::{Issue, IssueType, Severity};

/// How deep objects and arrays may nest. R4's own deepest shapes stay below 30.
pub const MAX_DEPTH: usize = 64;

/// Why a body is not JSON we accept, and where. Never quotes a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {problem}")]
pub struct JsonError {
    /// Line of the first wrong character, from 1.
    pub line: usize,
    /// Column of the first wrong character in characters, from 1.
    pub column: usize,
    /// The members that lead there, such as `entry[3].resource.name[0]`; empty at the top.
    pub path: String,
    /// What is wrong.
    pub problem: JsonProblem,
}

/// What can be wrong with JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JsonProblem {
    #[error("there is no JSON here")]
    #[allow(missing_docs)]
    Empty,
    #[error("the text ends before its JSON is complete")]
    #[allow(missing_docs)]
    UnexpectedEnd,
    #[error("more text follows after the end of the JSON")]
    #[allow(missing_docs)]
    TrailingData,
    #[error("the text is not valid UTF-8")]
    #[allow(missing_docs)]
    NotUtf8,
    #[error("a value was expected: an object, array, string in double quotes, number, true, false or null")]
    #[allow(missing_docs)]
    ExpectedValue,
    #[error("a member name in double quotes was expected")]
    #[allow(missing_docs)]
    ExpectedName,
    #[error("a colon was expected after the member name")]
    #[allow(missing_docs)]
    ExpectedColon,
    #[error("a comma or '}}' was expected")]
    #[allow(missing_docs)]
    ExpectedCommaOrBrace,
    #[error("a comma or ']' was expected")]
    #[allow(missing_docs)]
    ExpectedCommaOrBracket,
    #[error("the same member is given twice in one object")]
    #[allow(missing_docs)]
    DuplicateName,
    #[error("this member name is reserved by the server")]
    #[allow(missing_docs)]
    ReservedName,
    #[error("a control character inside a string must be escaped")]
    #[allow(missing_docs)]
    ControlCharacter,
    #[error("a backslash escape in a string is not one JSON knows")]
    #[allow(missing_docs)]
    InvalidEscape,
    #[error("a \\u escape is half of a character pair without its other half")]
    #[allow(missing_docs)]
    LoneSurrogate,
    #[error("a number is not written as JSON requires")]
    #[allow(missing_docs)]
    InvalidNumber,
    #[error("objects and arrays are nested deeper than {MAX_DEPTH} levels")]
    #[allow(missing_docs)]
    TooDeep,
}

impl From<&JsonError> for Issue {
    fn from(error: &JsonError) -> Self {
        Self {
            severity: Severity::Error,
            code: if error.problem == JsonProblem::TooDeep { IssueType::TooCostly } else { IssueType::Structure },
            expression: error.path.clone(),
            text: format!("The body is not acceptable JSON: {error}."),
        }
    }
}
