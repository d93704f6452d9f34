//! What can stop a command, in the terms the interface answers with.

/// The result of every command.
pub type Result<T> = std::result::Result<T, Error>;

/// One field of a form or body that cannot be taken as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The form field's name.
    pub field: &'static str,
    /// What was wrong and what is expected, in a user's words.
    pub problem: String,
}

/// Why a command did nothing. Texts may be shown to the user who asked; none carries patient data.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The policy refuses. 403.
    #[error("your role does not allow this")]
    NotPermitted,
    /// Absent, or hidden from this caller. 404.
    #[error("not found")]
    NotFound,
    /// Deleted. 410.
    #[error("this entry was deleted")]
    Gone,
    /// Fields to mend. 422, the input kept.
    #[error("{} to correct", .0.len())]
    Fields(Vec<FieldError>),
    /// A body or request that cannot be read as what it should be. 400 with an OperationOutcome.
    #[error("the request cannot be read")]
    Malformed(Vec<fhir::Issue>),
    /// A resource that is not valid FHIR, or breaks a rule of the practice. 422 with an OperationOutcome.
    #[error("the resource is not valid")]
    Invalid(Vec<fhir::Issue>),
    /// A condition that should name one resource names several. 412, nothing saved.
    #[error("several resources match; nothing was saved")]
    SeveralMatch,
    /// The write names another patient or visit than it would touch. 409, nothing saved.
    #[error("this belongs to another patient; nothing was saved")]
    WrongPatient,
    /// It cannot be done in the present state. 409, nothing saved.
    #[error("{0}")]
    Conflict(String),
    /// A chart is asked for as of a day before its first entry was recorded. 409, answered by where a day can be chosen.
    #[error("nothing was recorded in this chart before {}, when it was registered or imported", crate::chart::when::day_text(*.1))]
    NotYet(fhir::PatientId, jiff::civil::Date),
    /// Based on a version that is no longer current. 412, nothing saved.
    #[error("somebody changed this since you opened it; nothing was saved")]
    Stale,
    /// No version was named where one must be. 428.
    #[error("say which version you changed")]
    VersionMissing,
    /// One entry of a bundle cannot be done, by its place from 0. Answered as what stopped it; nothing saved.
    #[error("{1}")]
    InEntry(usize, Box<Error>),
    /// What the store said.
    #[error(transparent)]
    Store(store::Error),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotPermitted => Self::NotPermitted,
            store::Error::Stale { .. } | store::Error::TextChanged => Self::Stale,
            store::Error::WrongPatient(_) => Self::WrongPatient,
            other => Self::Store(other),
        }
    }
}
