//! R4 `OperationOutcome`, built from issues.

use crate::issue::Issue;
use serde_json::{Map, Value};

/// An `OperationOutcome` telling these issues in order. R4 requires at least one: none becomes "no issues found".
#[must_use]
pub fn operation_outcome(issues: &[Issue]) -> Value {
    let all_well = [Issue::information("No issues found.")];
    let issues = if issues.is_empty() { &all_well } else { issues };
    let mut outcome = Map::new();
    outcome.insert("resourceType".into(), "OperationOutcome".into());
    outcome.insert("issue".into(), issues.iter().map(issue_value).collect());
    Value::Object(outcome)
}

fn issue_value(issue: &Issue) -> Value {
    let mut value = Map::new();
    value.insert("severity".into(), issue.severity.code().into());
    value.insert("code".into(), issue.code.code().into());
    if !issue.text.is_empty() {
        value.insert("details".into(), serde_json::json!({ "text": issue.text }));
        value.insert("diagnostics".into(), issue.text.as_str().into());
    }
    if !issue.expression.is_empty() {
        value.insert("expression".into(), serde_json::json!([issue.expression]));
    }
    Value::Object(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::IssueType;

    #[test]
    fn tells_severity_code_words_and_place() {
        let issue = Issue::error(IssueType::Required, "A status is required.").at("Observation.status");
        let expected = r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"required","details":{"text":"A status is required."},"diagnostics":"A status is required.","expression":["Observation.status"]}]}"#;
        assert_eq!(operation_outcome(&[issue]).to_string(), expected);
    }

    #[test]
    fn without_issues_says_so() {
        let outcome = operation_outcome(&[]);
        assert_eq!(outcome["issue"][0]["severity"], "information");
    }
}
