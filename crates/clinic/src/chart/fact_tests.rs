use super::*;
use crate::chart::bands::Who;
use crate::chart::row::Names;
use crate::chart::when::Clock;
use fhir::{Body, Id, Kind};
use jiff::tz::TimeZone;

fn said(body: &str) -> Vec<(String, String)> {
    let body = Body::parse(body.as_bytes()).expect("body");
    let clock = Clock { zone: TimeZone::UTC, today: jiff::civil::date(2026, 11, 22) };
    let reading = Reading { clock, names: Names::default(), who: Who::default() };
    let own = Key::new(Kind::PATIENT, Id::parse("p").expect("id"));
    facts(body.root(), &own, &reading).into_iter().map(|fact| (fact.label, fact.words.replace('\u{a0}', " "))).collect()
}

fn line(label: &str, words: &str) -> (String, String) {
    (label.to_owned(), words.to_owned())
}

#[test]
fn a_problem_reads_as_a_nurse_would_say_it() {
    let body = r#"{"resourceType":"Condition","id":"c","meta":{"versionId":"1"},
        "clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},
        "verificationStatus":{"coding":[{"system":"s","code":"confirmed","display":"Confirmed"}]},
        "category":[{"coding":[{"system":"s","code":"problem-list-item","display":"Problem List Item"}]}],
        "code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"E11.9","display":"Type 2 diabetes mellitus"}],"text":"Diabetes"},
        "subject":{"reference":"Patient/p"},"onsetDateTime":"2019-08","recordedDate":"2019-08-30",
        "recorder":{"reference":"Practitioner/x","display":"Rosa Quiroga, MA"},
        "note":[{"text":"Diet first","time":"2019-08-30T10:00:00Z","authorString":"Dr Tran"}]}"#;
    assert_eq!(
        said(body),
        [
            line("Status", "Active"),
            line("Certainty", "Confirmed"),
            line("Kind", "Problem list item"),
            line("Problem", "Diabetes (ICD-10-CM E11.9)"),
            line("Began", "Aug-2019"),
            line("Recorded on", "30-Aug-2019"),
            line("Recorded by", "Rosa Quiroga, MA"),
            line("Note", "Diet first (Dr Tran, 30-Aug-2019 10:00)"),
        ]
    );
}

#[test]
fn groups_are_one_line_each_and_numbers_keep_their_text() {
    let body = r#"{"resourceType":"Observation","status":"final","code":{"text":"Blood pressure"},"effectiveDateTime":"2026-02-13T08:05:00Z",
        "component":[{"code":{"text":"Systolic"},"valueQuantity":{"value":120.0,"unit":"mmHg"}},
            {"code":{"text":"Diastolic"},"valueQuantity":{"value":75,"unit":"mmHg"}}],
        "referenceRange":[{"low":{"value":90,"unit":"mmHg"},"high":{"value":140,"unit":"mmHg"}}]}"#;
    assert_eq!(
        said(body),
        [
            line("Status", "Final"),
            line("Test", "Blood pressure"),
            line("When", "13-Feb-2026 08:05"),
            line("Part", "Systolic: 120.0 mmHg"),
            line("Part", "Diastolic: 75 mmHg"),
            line("Reference range", "90 mmHg to 140 mmHg"),
        ]
    );
    let order = r#"{"resourceType":"MedicationRequest","status":"on-hold","medicationReference":{"reference":"Medication/m"},
        "dosageInstruction":[{"text":"Take 1 tablet by mouth once a day","route":{"text":"oral"}}],
        "dispenseRequest":{"numberOfRepeatsAllowed":3,"quantity":{"value":90}},"substitution":{"allowedBoolean":false}}"#;
    assert_eq!(
        said(order),
        [
            line("Status", "On hold"),
            line("Medicine", "Medication on record"),
            line("How to take", "Take 1 tablet by mouth once a day"),
            line("Supply", "Refills: 3; Quantity: 90"),
            line("Substitution", "No"),
        ]
    );
}

#[test]
fn repeated_lines_are_counted_and_file_content_is_not_poured_out() {
    let body = format!(
        r#"{{"resourceType":"DiagnosticReport","result":[{{"reference":"Observation/a"}},{{"reference":"Observation/b"}}],
        "presentedForm":[{{"contentType":"application/pdf","title":"Report","data":"{}"}}]}}"#,
        "A".repeat(4000)
    );
    assert_eq!(said(&body), [line("Results", "Result on record (× 2)"), line("File", "Report, PDF, 3 KB")]);
}

#[test]
fn a_correction_tells_its_reason() {
    let body = r#"{"resourceType":"Procedure","status":"entered-in-error","extension":[{"url":"urn:chartroom:entered-in-error","extension":[
        {"url":"reason","valueString":"Another patient"},{"url":"by","valueString":"Dr Tran"},{"url":"at","valueInstant":"2026-01-02T03:04:05Z"}]}]}"#;
    assert_eq!(
        said(body),
        [
            line("Status", "Entered in error"),
            line("Entered in error", "Reason: Another patient; By: Dr Tran; When: 02-Jan-2026 03:04"),
        ]
    );
}

#[test]
fn only_what_is_said_otherwise_is_a_difference() {
    let fact = |label: &str, words: &str| Fact { label: label.to_owned(), words: words.to_owned() };
    let differ = |label: &str, before: Option<&str>, after: Option<&str>| Difference {
        label: label.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    };
    let before = [fact("Status", "Active"), fact("Note", "One"), fact("Note", "Two"), fact("Began", "2019")];
    let after = [
        fact("Status", "Resolved"),
        fact("Note", "New"),
        fact("Note", "Two"),
        fact("Note", "One"),
        fact("Ended", "2024"),
    ];
    assert_eq!(
        differences(&before, &after),
        [
            differ("Status", Some("Active"), Some("Resolved")),
            differ("Note", None, Some("New")),
            differ("Ended", None, Some("2024")),
            differ("Began", Some("2019"), None),
        ]
    );
    assert!(differences(&before, &before).is_empty());
}
