//! Values of search parameters, from text to tests. R4 3.1.1 (search.html): escapes, prefixes, precision.

use super::fold::{contact, fold, soundex};
use super::parameters::{Definition, ValueType};
use super::period::Period;
use super::query::{Compare, DateTest, QuantityTest, Test, TextTest, TokenTest, UnitTest};
use crate::{Id, Key, Kind};

/// Why a value is refused, in words that follow "the value ".
pub(crate) type Refusal = String;

/// Splits at an unescaped character; the escapes stay (`\,` `\$` `\|` `\\`).
pub(crate) fn split(text: &str, at: char) -> Vec<&str> {
    let (mut escaped, mut start, mut parts) = (false, 0, Vec::new());
    for (place, c) in text.char_indices() {
        if c == at && !escaped {
            parts.extend(text.get(start..place));
            start = place + c.len_utf8();
        }
        escaped = c == '\\' && !escaped;
    }
    parts.extend(text.get(start..));
    parts
}

/// Takes the escapes away.
pub(crate) fn unescape(text: &str) -> String {
    let (mut plain, mut letters) = (String::with_capacity(text.len()), text.chars());
    while let Some(c) = letters.next() {
        match c {
            '\\' => plain.extend(letters.next()),
            c => plain.push(c),
        }
    }
    plain
}

/// The test of one value of a parameter, without modifier.
pub(crate) fn test(definition: &Definition, text: &str, zero: i64) -> Result<Test, Refusal> {
    if text.is_empty() {
        return Err("is empty".to_owned());
    }
    match definition.value {
        ValueType::Token => token(definition, text).map(Test::Token),
        ValueType::String => string(definition, text).map(Test::Text),
        ValueType::Date => date(text, zero).map(Test::Date),
        ValueType::Quantity => quantity(text).map(Test::Quantity),
        ValueType::Reference => reference(definition, None, text),
        ValueType::Uri => Ok(Test::Uri(unescape(text))),
        ValueType::Composite => Err("belongs to a composite".to_owned()),
    }
}

pub(crate) fn token(definition: &Definition, text: &str) -> Result<TokenTest, Refusal> {
    let fold_code = |code: &str| {
        let plain = unescape(code);
        if definition.contact { contact(&plain) } else { plain.trim().to_lowercase() }
    };
    let parts = split(text, '|');
    let (system, code) = match parts.as_slice() {
        [code] => (None, *code),
        [system, code] => (Some(unescape(system)), *code),
        _ => return Err("is not a token: give code, system|code, system| or |code".to_owned()),
    };
    let code = (!code.is_empty()).then(|| fold_code(code)).filter(|code| !code.is_empty());
    if code.is_none() && system.as_ref().is_none_or(String::is_empty) {
        return Err("has neither a system nor a code".to_owned());
    }
    Ok(TokenTest { system, code })
}

fn string(definition: &Definition, text: &str) -> Result<TextTest, Refusal> {
    let plain = unescape(text);
    if definition.phonetic {
        return soundex(&plain)
            .map(TextTest::Exact)
            .ok_or_else(|| "has no Latin letters to compare by sound".to_owned());
    }
    let folded = fold(&plain);
    if folded.is_empty() { Err("is blank".to_owned()) } else { Ok(TextTest::Begins(folded)) }
}

/// R4's two-letter prefixes; no prefix means `eq`.
fn prefix(text: &str) -> (Compare, &str) {
    const PREFIXES: [(&str, Compare); 9] = [
        ("eq", Compare::Equal),
        ("ne", Compare::NotEqual),
        ("gt", Compare::Greater),
        ("lt", Compare::Less),
        ("ge", Compare::AtLeast),
        ("le", Compare::AtMost),
        ("sa", Compare::StartsAfter),
        ("eb", Compare::EndsBefore),
        ("ap", Compare::About),
    ];
    PREFIXES
        .iter()
        .find_map(|(word, compare)| Some((*compare, text.strip_prefix(word)?)))
        .unwrap_or((Compare::Equal, text))
}

/// `now`, in microseconds, is what `ap` measures distance from (R4: 10 % of the gap between now and the date).
pub(crate) fn date(text: &str, now: i64) -> Result<DateTest, Refusal> {
    let (compare, written) = prefix(text);
    let mut period = Period::parse(&unescape(written)).ok_or_else(|| {
        "is not a date: give YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a zone, after eq, ne, gt, lt, ge, le, sa, eb or ap"
            .to_owned()
    })?;
    if compare == Compare::About {
        let gap = now.saturating_sub(period.from).unsigned_abs() / 10;
        let gap = i64::try_from(gap).unwrap_or(i64::MAX);
        period = Period { from: period.from.saturating_sub(gap), until: period.until.saturating_add(gap) };
    }
    Ok(DateTest { compare, period })
}

pub(crate) fn quantity(text: &str) -> Result<QuantityTest, Refusal> {
    let (compare, rest) = prefix(text);
    let parts = split(rest, '|');
    let (number, unit) = match parts.as_slice() {
        [number] => (*number, None),
        [number, system, code] if system.is_empty() && code.is_empty() => (*number, None),
        [number, system, code] => {
            let system = (!system.is_empty()).then(|| unescape(system));
            (*number, Some(UnitTest { system, code: unescape(code) }))
        }
        _ => return Err("is not a quantity: give a number, or number|system|code".to_owned()),
    };
    let (value, half) = decimal(number).ok_or_else(|| "has no number where one is expected".to_owned())?;
    let half = if compare == Compare::About { value.abs() / 10.0 } else { half };
    Ok(QuantityTest { compare, value, low: value - half, high: value + half, unit })
}

/// A decimal, and half the size of its last written digit: `100` ± 0.5, `5.40` ± 0.005, `5.4e-3` ± 0.000 05. A power of ten without
/// decimals counts one digit more, as in R4's own example: `1e2` is [95, 105).
fn decimal(text: &str) -> Option<(f64, f64)> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(m, e)| (m, Some(e)));
    let digits = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let sound = (!whole.is_empty() || !fraction.is_empty())
        && (whole.len() + fraction.len() <= 40)
        && whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
    let power: i32 = exponent.unwrap_or("0").parse().ok().filter(|e: &i32| e.abs() <= 300)?;
    let value: f64 = text.parse().ok().filter(|v: &f64| sound && v.is_finite())?;
    let decimals = if exponent.is_some() { fraction.len().max(1) } else { fraction.len() };
    Some((value, 0.5 * 10_f64.powi(power - i32::try_from(decimals).ok()?)))
}

/// A reference: `Type/id`, an id, or a URL. `target` is the type named by a modifier.
pub(crate) fn reference(definition: &Definition, target: Option<Kind>, text: &str) -> Result<Test, Refusal> {
    let plain = unescape(text);
    let allowed =
        |kind: &Kind| definition.only.is_none_or(|only| only == *kind) && target.is_none_or(|target| target == *kind);
    if let Some(key) = Key::parse(&plain) {
        return if allowed(&key.kind) {
            Ok(Test::Reference(vec![key]))
        } else {
            Err(format!("names a {} where that type is not asked for", key.kind))
        };
    }
    if let Ok(id) = Id::parse(&plain) {
        let kinds: Vec<Kind> = match definition.only.or(target) {
            Some(kind) => vec![kind],
            None => definition.targets.iter().copied().filter(allowed).collect(),
        };
        return Ok(Test::Reference(kinds.into_iter().map(|kind| Key::new(kind, id.clone())).collect()));
    }
    if plain.contains(':') && !plain.contains(char::is_whitespace) {
        return Ok(Test::Uri(plain));
    }
    Err("is not a reference: give Type/id, an id or a URL".to_owned())
}
