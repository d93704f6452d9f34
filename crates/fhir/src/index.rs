//! What a version contributes to the indexes: pure data, made from a body, stored beside it.

use crate::PatientId;
use jiff::Timestamp;

/// Everything a database writes beside one version so that searches find it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Index {
    /// The chart it belongs to: the subject (or patient); a Patient belongs to its own; `None` for practice-wide resources.
    pub patient: Option<PatientId>,
    /// Its clinical date: where it stands in its section of the chart. `None` when it names none: then it stands last.
    pub date: Option<Timestamp>,
}
