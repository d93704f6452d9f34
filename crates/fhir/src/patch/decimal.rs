//! Equality as RFC 6902 has it for `test`: numbers by their value, objects whatever their order.

use serde_json::Value;

pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || matches!((parts(a.as_str()), parts(b.as_str())), (Some(a), Some(b)) if a == b)
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

/// A number as sign, digits without zeros at either end, and the power of ten of the last digit. `None` when the exponent is
/// beyond 64 bits.
fn parts(text: &str) -> Option<(bool, String, i64)> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (negative, mantissa) = mantissa.strip_prefix('-').map_or((false, mantissa), |rest| (true, rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let trimmed = digits.trim_end_matches('0');
    if trimmed.trim_start_matches('0').is_empty() {
        return Some((false, String::new(), 0));
    }
    let zeros = i64::try_from(digits.len() - trimmed.len()).ok()?;
    let power = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?.checked_add(zeros)?;
    Some((negative, trimmed.trim_start_matches('0').to_owned(), power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_by_value() {
        let number = |text: &str| crate::json::parse(text.as_bytes()).unwrap();
        for (a, b, equal) in [
            ("1.5", "1.50", true),
            ("1.5", "15e-1", true),
            ("100", "1e2", true),
            ("0", "-0.0", true),
            ("0e5", "0", true),
            ("1", "-1", false),
            ("1", "10", false),
            ("0.1", "0.10000000000000000001", false),
            ("12345678901234567890123", "12345678901234567890124", false),
            ("1e99999999999999999999", "1", false),
        ] {
            assert_eq!(same(&number(a), &number(b)), equal, "{a} {b}");
        }
    }
}
