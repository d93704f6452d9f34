//! What `$everything` was asked for (<http://hl7.org/fhir/R4/operation-patient-everything.html>).

use crate::error::ApiError;
use axum::http::StatusCode;
use fhir::index::care;
use fhir::index::clinical::compartment_path;
use fhir::search::period::Period;
use fhir::{IssueType, Kind, json};
use jiff::Timestamp;
use store::Permit;
use store::record::Stored;

/// The parameters.
pub(super) struct Asked {
    kinds: Vec<Kind>,
    /// Recorded at or after.
    pub(super) since: Option<Timestamp>,
    /// When the care took place; none when neither end is given.
    care: Option<Period>,
    /// Resources of a page; none: all.
    pub(super) count: Option<usize>,
}

impl Asked {
    /// Reads them.
    ///
    /// # Errors
    /// 400 naming the one that is wrong or not supported.
    pub(super) fn read(pairs: &[(String, String)]) -> Result<Self, ApiError> {
        let wrong = |text: &str| ApiError::one(StatusCode::BAD_REQUEST, IssueType::Value, text);
        let mut asked = Self { kinds: Vec::new(), since: None, care: None, count: None };
        let (mut start, mut end) = (None, None);
        for (name, value) in pairs {
            let date = |text: &str| {
                Period::parse(value).map(Some).ok_or_else(|| wrong(&format!("{text} is a date, such as 2026-11-22.")))
            };
            match name.as_str() {
                "start" => start = date("start")?,
                "end" => end = date("end")?,
                "_type" => {
                    for name in value.split(',') {
                        let kind = Kind::parse(name).ok_or_else(|| wrong("_type takes FHIR R4 resource types."))?;
                        asked.kinds.push(kind);
                    }
                }
                "_since" => {
                    let since = value.parse().map_err(|_| wrong("_since is written 2026-11-22T08:00:00Z."))?;
                    asked.since = Some(since);
                }
                "_count" => asked.count = Some(count(value).ok_or_else(|| wrong("_count is a whole number from 1."))?),
                "_format" | "_pretty" => {}
                _ => {
                    let text = "$everything takes start, end, _type, _since and _count.";
                    return Err(ApiError::one(StatusCode::BAD_REQUEST, IssueType::NotSupported, text));
                }
            }
        }
        if start.is_some() || end.is_some() {
            let care = Period::between(start, end);
            if care.from >= care.until {
                return Err(wrong("start lies after end."));
            }
            asked.care = Some(care);
        }
        Ok(asked)
    }

    /// Whether a type is to be answered.
    pub(super) fn wants(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// Whether a type of the chart is read: where practice-wide types are asked for, whatever may name them is.
    pub(super) fn looks_at(&self, kind: Kind, permit: &Permit) -> bool {
        let practice_wide = |kind: &Kind| *kind != Kind::PATIENT && compartment_path(*kind).is_none();
        permit.kinds().contains(kind) && (self.wants(kind) || self.kinds.iter().any(practice_wide))
    }

    /// Whether the care it tells of lies in the dates asked for. What tells of none is always in scope.
    pub(super) fn covers(&self, stored: &Stored) -> bool {
        let Some(asked) = self.care else { return true };
        let body = json::parse(&stored.body).ok();
        let care = body.and_then(|body| care::period(stored.key.kind, &body));
        care.is_none_or(|care| care.from < asked.until && asked.from < care.until)
    }
}

/// However many digits: more than there can be is all.
fn count(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(usize::MAX)).filter(|count| *count > 0)
}
