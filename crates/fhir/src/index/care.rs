//! When the care an entry tells of took place: what `$everything`'s `start` and `end` ask for.

use super::extract::dates;
use crate::Kind;
use crate::index::clinical::date_paths;
use crate::search::expression::plain;
use crate::search::period::{ALWAYS, FOREVER, Period};
use serde_json::Value;

/// The stretch of time an entry tells of; `None` when it tells of none, or of what holds whenever it was written down.
///
/// R4 (OperationDefinition/Patient-everything): the dates of the care, not of the record. An allergy or a family's history has no such
/// date. A problem lasts from its onset until it abated, whenever somebody wrote it down. An active prescription goes on.
#[must_use]
pub fn period(kind: Kind, resource: &Value) -> Option<Period> {
    match kind.name() {
        "AllergyIntolerance" | "Consent" | "Device" | "FamilyMemberHistory" | "Provenance" => None,
        "Condition" => {
            let (onset, end) = (stretch(resource, "onset"), stretch(resource, "abatement"));
            (onset.is_some() || end.is_some()).then(|| Period::between(onset, end))
        }
        "Goal" => stretch(resource, "start").map(open),
        _ => {
            let dated = date_paths(kind).iter().find_map(|path| stretch(resource, path))?;
            let status = resource.get("status").and_then(Value::as_str);
            let goes_on = kind == Kind::MEDICATION_REQUEST && matches!(status, Some("active" | "on-hold"));
            Some(if goes_on { open(dated) } else { dated })
        }
    }
}

fn open(period: Period) -> Period {
    Period { until: FOREVER, ..period }
}

/// From the first to the last date at a path.
fn stretch(resource: &Value, path: &str) -> Option<Period> {
    let mut whole: Option<Period> = None;
    plain(path).each(resource, &mut |_, value| {
        dates(value, &mut |found| {
            let so_far = whole.unwrap_or(Period { from: FOREVER, until: ALWAYS });
            whole = Some(Period { from: so_far.from.min(found.from), until: so_far.until.max(found.until) });
        });
    });
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Whether care lay within a year, as `$everything` asks.
    fn in_year(resource: &Value, year: &str) -> bool {
        let kind = Kind::parse(resource["resourceType"].as_str().expect("a type")).expect("R4");
        let asked = Period::parse(year).expect("a year");
        period(kind, resource).is_none_or(|care| care.from < asked.until && asked.from < care.until)
    }

    #[test]
    fn care_is_dated_by_when_it_was_given() {
        for (resource, in_2015, in_2020) in [
            (
                json!({"resourceType": "Observation", "effectiveDateTime": "2015-03-01", "issued": "2020-01-01T00:00:00Z"}),
                true,
                false,
            ),
            (json!({"resourceType": "Encounter", "period": {"start": "2014-12-30", "end": "2015-01-02"}}), true, false),
            (json!({"resourceType": "CarePlan", "period": {"start": "2015"}}), true, true),
            (json!({"resourceType": "Condition", "onsetDateTime": "2010", "recordedDate": "2020"}), true, true),
            (json!({"resourceType": "Condition", "onsetDateTime": "2010", "abatementDateTime": "2015"}), true, false),
            (json!({"resourceType": "Condition", "recordedDate": "2020"}), true, true),
            (
                json!({"resourceType": "AllergyIntolerance", "recordedDate": "2010", "onsetDateTime": "2005"}),
                true,
                true,
            ),
            (json!({"resourceType": "MedicationRequest", "status": "active", "authoredOn": "2015"}), true, true),
            (json!({"resourceType": "MedicationRequest", "status": "stopped", "authoredOn": "2015"}), true, false),
            (json!({"resourceType": "Patient", "birthDate": "1960"}), true, true),
            (json!({"resourceType": "Immunization", "occurrenceString": "as a child"}), true, true),
        ] {
            assert_eq!((in_year(&resource, "2015"), in_year(&resource, "2020")), (in_2015, in_2020), "{resource}");
        }
    }
}
