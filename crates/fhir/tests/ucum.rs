//! The UCUM functional tests (Grahame Grieve, 2008-2021): validity and conversion. Display names and arithmetic of units, which the
//! file also tests, are not ours to offer.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod shared;

use fhir::units;

fn attribute<'a>(case: &'a str, name: &str) -> Option<&'a str> {
    let start = case.find(&format!(" {name}=\""))? + name.len() + 3;
    case.get(start..)?.split('"').next()
}

/// The case elements of a section, without those commented out.
fn cases(xml: &str, section: &str) -> Vec<String> {
    let mut text = xml.to_owned();
    while let Some(start) = text.find("<!--") {
        let end = text[start..].find("-->").map_or(text.len(), |end| start + end + 3);
        text.replace_range(start..end, "");
    }
    let inside = text.split(&format!("<{section}>")).nth(1).unwrap().split(&format!("</{section}>")).next().unwrap();
    inside
        .split("<case")
        .skip(1)
        .map(|case| case.split("/>").next().unwrap().replace(['\t', '\n', '\r'], " "))
        .collect()
}

/// Equal as far as the expected text is written.
fn close(found: &str, expected: &str) -> bool {
    let (found_number, number): (f64, f64) = (found.parse().unwrap(), expected.parse().unwrap());
    let mantissa = expected.split(['e', 'E']).next().unwrap();
    let digits = mantissa.chars().filter(char::is_ascii_digit).collect::<String>();
    let significant = i32::try_from(digits.trim_start_matches('0').len()).unwrap().min(15);
    (found_number - number).abs() <= number.abs() * 10f64.powi(1 - significant) / 2.0 * 1.000_001
}

#[test]
fn the_published_tests_pass() {
    let Some(path) = shared::find("ucum/UcumFunctionalTests.xml") else { return };
    let xml = std::fs::read_to_string(path).unwrap();
    let (mut passed, mut failed) = (0, Vec::new());
    let mut judge =
        |id: &str, holds: bool, words: String| if holds { passed += 1 } else { failed.push((id.to_owned(), words)) };
    for case in cases(&xml, "validation") {
        let (id, unit) = (attribute(&case, "id").unwrap(), attribute(&case, "unit").unwrap());
        let unit = unit.replace("&quot;", "\"").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">");
        let valid = attribute(&case, "valid") == Some("true");
        judge(
            id,
            units::is_valid(&unit) == valid,
            format!("{unit} should be {}", if valid { "valid" } else { "invalid" }),
        );
    }
    for case in cases(&xml, "conversion") {
        let part = |name| attribute(&case, name).unwrap();
        let found = units::convert(part("value"), part("srcUnit"), part("dstUnit"));
        let holds = found.as_ref().is_ok_and(|found| close(found, part("outcome")));
        judge(
            part("id"),
            holds,
            format!("{} {} in {}: {found:?}, not {}", part("value"), part("srcUnit"), part("dstUnit"), part("outcome")),
        );
    }
    println!("UCUM functional tests: {passed} passed, {} failed", failed.len());
    assert!(failed.is_empty(), "{failed:#?}");
}
