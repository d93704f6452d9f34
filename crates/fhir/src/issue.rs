//! What is wrong, or worth knowing, about a resource or a request: R4's `OperationOutcome.issue` as a value.

/// R4 `issue-severity`, but for `fatal`, which we never report apart from `error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Information,
    /// Accepted, but probably not meant so.
    Warning,
    /// Not accepted.
    Error,
}

impl Severity {
    /// The R4 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// R4 `issue-type` (4.0.1). The words are the standard's own definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum IssueType {
    Invalid,
    Structure,
    Required,
    Value,
    Invariant,
    Security,
    Login,
    Unknown,
    Expired,
    Forbidden,
    Suppressed,
    Processing,
    NotSupported,
    Duplicate,
    MultipleMatches,
    NotFound,
    Deleted,
    TooLong,
    CodeInvalid,
    Extension,
    TooCostly,
    BusinessRule,
    Conflict,
    Transient,
    LockError,
    NoStore,
    Exception,
    Timeout,
    Incomplete,
    Throttled,
    Informational,
}

impl IssueType {
    /// The R4 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Structure => "structure",
            Self::Required => "required",
            Self::Value => "value",
            Self::Invariant => "invariant",
            Self::Security => "security",
            Self::Login => "login",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Forbidden => "forbidden",
            Self::Suppressed => "suppressed",
            Self::Processing => "processing",
            Self::NotSupported => "not-supported",
            Self::Duplicate => "duplicate",
            Self::MultipleMatches => "multiple-matches",
            Self::NotFound => "not-found",
            Self::Deleted => "deleted",
            Self::TooLong => "too-long",
            Self::CodeInvalid => "code-invalid",
            Self::Extension => "extension",
            Self::TooCostly => "too-costly",
            Self::BusinessRule => "business-rule",
            Self::Conflict => "conflict",
            Self::Transient => "transient",
            Self::LockError => "lock-error",
            Self::NoStore => "no-store",
            Self::Exception => "exception",
            Self::Timeout => "timeout",
            Self::Incomplete => "incomplete",
            Self::Throttled => "throttled",
            Self::Informational => "informational",
        }
    }
}

/// One finding. Never holds patient data: the text names what is expected, not what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// How bad it is.
    pub severity: Severity,
    /// What sort of problem.
    pub code: IssueType,
    /// Where, as FHIRPath, such as `Patient.name[0].given[1]`; empty when it concerns no one element.
    pub expression: String,
    /// What was found and what is expected, in plain words.
    pub text: String,
}

impl Issue {
    /// An error without a place; add one with [`Issue::at`].
    #[must_use]
    pub fn error(code: IssueType, text: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, expression: String::new(), text: text.into() }
    }

    /// A warning without a place; add one with [`Issue::at`].
    #[must_use]
    pub fn warning(code: IssueType, text: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, code, expression: String::new(), text: text.into() }
    }

    /// A piece of information, such as "all went well".
    #[must_use]
    pub fn information(text: impl Into<String>) -> Self {
        Self {
            severity: Severity::Information,
            code: IssueType::Informational,
            expression: String::new(),
            text: text.into(),
        }
    }

    /// The same finding at this FHIRPath.
    #[must_use]
    pub fn at(self, expression: impl Into<String>) -> Self {
        Self { expression: expression.into(), ..self }
    }

    /// Whether this forbids accepting the resource.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
