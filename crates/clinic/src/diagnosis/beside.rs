//! What a code would stand beside: the other active diagnoses of a chart, and whether the tabular list lets them stand together.

use crate::chart::Row;
use fhir::Key;
use reference::icd10cm::{Conflict, Icd10cm, SYSTEM};

/// ICD-10-CM codes of what is active on the problem list or was diagnosed in this visit, but for one entry.
#[must_use]
pub fn active_codes(conditions: &[Row], visit: Option<&Key>, but: Option<&Key>) -> Vec<String> {
    let counts = |row: &&Row| {
        let root = row.root();
        let active = ["active", "recurrence", "relapse"].iter().any(|code| root.has_code("clinicalStatus", code));
        let refused = ["entered-in-error", "refuted"].iter().any(|code| root.has_code("verificationStatus", code));
        let listed =
            !root.has_code("category", "encounter-diagnosis") || root.has_code("category", "problem-list-item");
        let of_visit = visit.is_some() && root.reference("encounter").as_ref() == visit;
        active && !refused && (listed || of_visit) && Some(&row.key) != but
    };
    let code = |row: &Row| row.root().code_of("code", SYSTEM).map(str::to_owned);
    let mut codes: Vec<String> = conditions.iter().filter(counts).filter_map(code).collect();
    codes.sort();
    codes.dedup();
    codes
}

/// Excludes1 notes between a code and others: shown before it is saved, in the note's own words.
#[must_use]
pub fn conflicts<'a>(codes: &'a Icd10cm, code: &str, others: &[String]) -> Vec<Conflict<'a>> {
    others.iter().filter_map(|other| codes.excludes1(code, other)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_1_diabetes_is_not_coded_beside_type_2() {
        let codes = reference::icd10cm::builtin();
        let others = ["E10.9".to_owned(), "I10".to_owned()];
        let found = conflicts(codes, "E11.9", &others);
        assert_eq!(found.len(), 1, "{found:?}");
        let pair = found.first().map(|conflict| (conflict.of.as_str(), conflict.excluded.as_str()));
        assert!(pair == Some(("E11.9", "E10.9")) || pair == Some(("E10.9", "E11.9")), "{found:?}");
        assert!(found.iter().all(|conflict| conflict.words.to_lowercase().contains("diabetes")));
    }
}
