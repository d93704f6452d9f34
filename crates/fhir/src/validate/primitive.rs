//! The R4 primitive types (hl7.org/fhir/R4/datatypes.html#primitive): JSON form, pattern and range.

use super::narrative;
use crate::IssueType;
use crate::date::{FhirDate, Precision, clock_parts};
use crate::definitions::Primitive;
use serde_json::Value;

/// R4: "Strings SHALL NOT exceed 1MB (1024*1024 characters) in size".
const MAX_STRING: usize = 1024 * 1024;

/// Why a value is not of its type.
pub(super) struct Fault {
    pub code: IssueType,
    /// Completes "'birthDate' must be …".
    pub expected: &'static str,
}

pub(super) fn check(primitive: Primitive, value: &Value) -> Result<(), Fault> {
    use Primitive as P;
    match primitive {
        P::Boolean => expect(value.is_boolean(), IssueType::Structure, "true or false, without quotes"),
        P::Integer => number(
            value,
            |text| integer(text).is_some(),
            "a whole number from -2147483648 to 2147483647, without quotes",
        ),
        P::PositiveInt => number(
            value,
            |text| integer(text).is_some_and(|n| n > 0),
            "a whole number from 1 to 2147483647, without quotes",
        ),
        P::UnsignedInt => number(
            value,
            |text| integer(text).is_some_and(|n| n >= 0),
            "a whole number from 0 to 2147483647, without quotes",
        ),
        // JSON's own number pattern is R4's. An exponent beyond this is no measure of anything, and nothing could show it.
        P::Decimal => number(
            value,
            bounded,
            "a decimal number, without quotes, with an exponent from -1000 to 1000 if it has one",
        ),
        _ => match value {
            Value::String(text) => string(primitive, text),
            _ => Err(Fault { code: IssueType::Structure, expected: text_words(primitive) }),
        },
    }
}

fn expect(holds: bool, code: IssueType, expected: &'static str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault { code, expected }) }
}

fn number(value: &Value, holds: impl Fn(&str) -> bool, expected: &'static str) -> Result<(), Fault> {
    match value {
        Value::Number(number) => expect(holds(number.as_str()), IssueType::Value, expected),
        _ => Err(Fault { code: IssueType::Structure, expected }),
    }
}

fn bounded(decimal: &str) -> bool {
    let exponent = decimal.split_once(['e', 'E']).map(|(_, exponent)| exponent.parse::<i32>());
    exponent.is_none_or(|exponent| exponent.is_ok_and(|power| (-1000..=1000).contains(&power)))
}

/// `-?(0|[1-9][0-9]*)` within 32 bits.
fn integer(text: &str) -> Option<i32> {
    text.bytes().all(|b| b.is_ascii_digit() || b == b'-').then(|| text.parse().ok()).flatten()
}

fn string(primitive: Primitive, text: &str) -> Result<(), Fault> {
    use Primitive as P;
    if matches!(primitive, P::String | P::Markdown | P::Code)
        && text.len() > MAX_STRING
        && text.chars().count() > MAX_STRING
    {
        return Err(Fault { code: IssueType::TooLong, expected: "at most 1,048,576 characters long" });
    }
    if primitive == P::Xhtml {
        return narrative::check(text).map_err(|expected| Fault { code: IssueType::Invalid, expected });
    }
    expect(holds(primitive, text), IssueType::Value, text_words(primitive))
}

fn holds(primitive: Primitive, text: &str) -> bool {
    use Primitive as P;
    match primitive {
        P::String | P::Markdown => plain_text(text),
        P::Code => code(text),
        P::Uri | P::Url | P::Canonical => !text.is_empty() && no_space(text),
        P::Id => id(text),
        P::Oid => oid(text),
        P::Uuid => text.strip_prefix("urn:uuid:").is_some_and(uuid),
        P::Date => FhirDate::parse(text).is_some_and(|date| date.precision() != Precision::Moment),
        P::DateTime => FhirDate::parse(text).is_some(),
        P::Instant => FhirDate::parse(text).is_some_and(|date| date.precision() == Precision::Moment),
        P::Time => clock_parts(text).is_some(),
        P::Base64Binary => base64(text),
        _ => true,
    }
}

fn text_words(primitive: Primitive) -> &'static str {
    use Primitive as P;
    match primitive {
        P::String | P::Markdown => "a text in double quotes, not empty and without control characters",
        P::Code => "a code: a text without spaces at its ends or two in a row",
        P::Uri | P::Url | P::Canonical => "an address (URI): not empty and without spaces",
        P::Id => "an id: 1 to 64 letters, digits, '-' or '.'",
        P::Oid => "an OID, such as urn:oid:2.16.840.1",
        P::Uuid => "a UUID in small letters, such as urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
        P::Date => "a date that exists: YYYY, YYYY-MM or YYYY-MM-DD",
        P::DateTime => {
            "a date that exists: YYYY, YYYY-MM, YYYY-MM-DD, or with a time YYYY-MM-DDThh:mm:ss and zone (Z or ±hh:mm)"
        }
        P::Instant => "a moment: YYYY-MM-DDThh:mm:ss and zone (Z or ±hh:mm)",
        P::Time => "a time of day: hh:mm:ss",
        P::Base64Binary => "base64: letters, digits, '+', '/', in groups of four",
        P::Xhtml => "a narrative: a <div> of restricted HTML",
        _ => "a value of its type",
    }
}

/// Not empty, and no control characters but tab, line feed and carriage return.
fn plain_text(text: &str) -> bool {
    !text.is_empty() && !text.bytes().any(|b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r'))
}

/// Whitespace as the patterns' `\s` has it.
fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C)
}

fn no_space(text: &str) -> bool {
    !text.bytes().any(|b| is_space(b) || b < 0x20)
}

/// `[^\s]+(\s[^\s]+)*`
fn code(text: &str) -> bool {
    let mut after_space = true;
    for b in text.bytes() {
        let space = is_space(b);
        if (space && after_space) || (b < 0x20 && !space) {
            return false;
        }
        after_space = space;
    }
    !after_space
}

pub(super) fn id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

/// `urn:oid:[0-2](\.(0|[1-9][0-9]*))+`
pub(super) fn oid(text: &str) -> bool {
    let Some(mut arcs) = text.strip_prefix("urn:oid:").map(|rest| rest.split('.')) else { return false };
    let first = arcs.next();
    let mut more = 0;
    let arc =
        |arc: &str| !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit()) && (arc == "0" || !arc.starts_with('0'));
    let rest = arcs.inspect(|_| more += 1).all(arc);
    matches!(first, Some("0" | "1" | "2")) && rest && more > 0
}

/// Groups of 8, 4, 4, 4 and 12 hexadecimal digits in small letters.
fn uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// Standard alphabet in groups of four, `=` only at the end, whitespace anywhere.
fn base64(text: &str) -> bool {
    let (mut digits, mut padding) = (0usize, 0usize);
    for b in text.bytes() {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => digits += 1,
            b'=' => padding += 1,
            _ if is_space(b) => {}
            _ => return false,
        }
    }
    digits > 0 && padding <= 2 && (digits + padding).is_multiple_of(4)
}
