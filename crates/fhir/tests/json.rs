//! The JSON reader and writer: what is refused, where it says so, and that nothing else changes.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use fhir::json::{JsonProblem, MAX_DEPTH, parse, write};
use proptest::prelude::*;
use serde_json::Value;

fn problem(text: &str) -> (JsonProblem, usize, usize, String) {
    let error = parse(text.as_bytes()).unwrap_err();
    (error.problem, error.line, error.column, error.path)
}

fn canonical(text: &str) -> String {
    String::from_utf8(write(&parse(text.as_bytes()).unwrap())).unwrap()
}

#[test]
fn numbers_keep_their_text_but_for_a_capital_e() {
    for (sent, kept) in [
        ("[1.50]", "[1.50]"),
        ("[-0, 0.00, 1e5]", "[-0,0.00,1e5]"),
        ("[1E5, 1.0E-10, 2E+3]", "[1e5,1.0e-10,2e+3]"),
        ("[123456789012345678901234567890.123456789]", "[123456789012345678901234567890.123456789]"),
        ("[1e999999]", "[1e999999]"),
    ] {
        assert_eq!(canonical(sent), kept);
    }
}

#[test]
fn strings_and_order_are_kept() {
    assert_eq!(
        canonical(r#" { "z" : "é\u00e9\/\n\t\u0001\"\\" , "a" : [ ] } "#),
        r#"{"z":"éé/\n\t\u0001\"\\","a":[]}"#
    );
    assert_eq!(canonical(r#"["\ud83d\ude00"]"#), r#"["😀"]"#);
    assert_eq!(canonical("\u{feff}{}"), "{}");
}

#[test]
fn duplicates_are_refused_wherever_they_are() {
    assert_eq!(problem(r#"{"a":1,"a":2}"#), (JsonProblem::DuplicateName, 1, 8, "a".into()));
    assert_eq!(
        problem("{\"name\":[{},\n {\"given\":1,\"giv\\u0065n\":2}]}"),
        (JsonProblem::DuplicateName, 2, 13, "name[1].given".into())
    );
}

#[test]
fn the_reserved_marker_of_serde_json_is_refused() {
    assert_eq!(problem(r#"{"x":{"$serde_json::private::Number":"1"}}"#).0, JsonProblem::ReservedName);
    assert_eq!(problem(r#"{"$serde_json::private::RawValue":"1"}"#).0, JsonProblem::ReservedName);
}

#[test]
fn depth_is_bounded() {
    let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
    assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
    assert_eq!(problem(&nested(MAX_DEPTH + 1)).0, JsonProblem::TooDeep);
    assert_eq!(problem(&"[".repeat(1_000_000)).0, JsonProblem::TooDeep);
    assert_eq!(problem(&r#"{"a":"#.repeat(100_000)).0, JsonProblem::TooDeep);
}

#[test]
fn each_mistake_is_named() {
    use JsonProblem as P;
    for (text, expected) in [
        ("", P::Empty),
        (" \n ", P::Empty),
        ("{} {}", P::TrailingData),
        ("{", P::UnexpectedEnd),
        ("[1,", P::UnexpectedEnd),
        ("\"abc", P::UnexpectedEnd),
        ("{\"a\"", P::UnexpectedEnd),
        ("-", P::UnexpectedEnd),
        ("[1,]", P::ExpectedValue),
        ("{a:1}", P::ExpectedName),
        ("{\"a\":1,}", P::ExpectedName),
        ("{\"a\" 1}", P::ExpectedColon),
        ("{\"a\":1 2}", P::ExpectedCommaOrBrace),
        ("[1 2]", P::ExpectedCommaOrBracket),
        ("[01]", P::InvalidNumber),
        ("[1.]", P::InvalidNumber),
        ("[.5]", P::ExpectedValue),
        ("[+1]", P::ExpectedValue),
        ("[1e]", P::InvalidNumber),
        ("[NaN]", P::ExpectedValue),
        ("[tru]", P::ExpectedValue),
        ("[\"\t\"]", P::ControlCharacter),
        ("[\"\\x\"]", P::InvalidEscape),
        ("[\"\\u12g4\"]", P::InvalidEscape),
        ("[\"\\ud800\"]", P::LoneSurrogate),
        ("[\"\\ud800\\u0041\"]", P::LoneSurrogate),
        ("[\"\\udc00\"]", P::LoneSurrogate),
    ] {
        assert_eq!(problem(text).0, expected, "{text:?}");
    }
    assert_eq!(parse(b"{\"a\":\"\xff\"}").unwrap_err().problem, P::NotUtf8);
}

#[test]
fn errors_never_repeat_what_was_sent() {
    let error = parse(br#"{"Miller, Anna 4 May 1962":{"a":"Secret" oops}}"#).unwrap_err();
    let told = format!("{error} {}", error.path);
    assert!(!told.contains("Anna") && !told.contains("Secret"), "{told}");
    assert_eq!(error.path, "?");
}

/// JSON text of any shape, with whitespace and escapes of every kind.
fn any_text() -> impl Strategy<Value = String> {
    let number = "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,12})?(e[+-]?[0-9]{1,3})?";
    let string =
        prop_oneof!["[ -~&&[^\"\\\\]]{0,8}", Just("\\u00e9\\n\\\"\\/".to_owned()), Just("é\\ud83d\\ude00".to_owned())]
            .prop_map(|s| format!("\"{s}\""));
    let leaf =
        prop_oneof![number.prop_map(|n| n), string, Just("null".into()), Just("true".into()), Just("false".into())];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|items| format!("[ {} ]", items.join(" ,\n"))),
            prop::collection::vec(inner, 0..6).prop_map(|items| {
                let members: Vec<_> = items.iter().enumerate().map(|(i, v)| format!("\"m{i}\" :\t{v}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn agrees_with_serde_json(text in any_text()) {
        let ours = parse(text.as_bytes()).unwrap();
        // The other reader rewrites exponents; values without one are compared exactly.
        if !text.contains('e') {
            prop_assert_eq!(&ours, &serde_json::from_str::<Value>(&text).unwrap());
            prop_assert_eq!(write(&ours), serde_json::to_vec(&ours).unwrap());
        }
        prop_assert_eq!(parse(&write(&ours)).unwrap(), ours);
    }

    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn accepts_nothing_serde_json_refuses(text in "[\\[\\]{}:,\"a1.eE+\\-\\\\u0 ]{0,24}") {
        if parse(text.as_bytes()).is_ok() {
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok());
        }
    }
}
