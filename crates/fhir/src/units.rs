//! Units of measure (UCUM 2.2): is a code valid, what is a value in another unit, and one form for searching by quantity.
//!
//! Decimals come and go as text: nothing passes through a float unless the unit's own scale does (pH, decibel).
//!
//! ```
//! use fhir::units;
//! assert!(units::is_valid("mmol/L") && !units::is_valid("mmol per litre"));
//! assert_eq!(units::convert("98.6", "[degF]", "Cel").unwrap(), "37");
//! assert_eq!(units::convert("1.50", "g/dL", "g/L").unwrap(), "15");
//! ```

use octofhir_ucum::{
    AdvancedConversionContext, ErrorKind, Number, convert_with_context, get_canonical_units, is_comparable, validate,
};

/// Longer codes are refused unread: no real unit comes near.
const MAX_CODE: usize = 200;

/// Why a value cannot be converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// A code is not UCUM.
    #[error("the unit is not a UCUM code")]
    UnknownUnit,
    /// Mass into length, or mass into amount of substance without knowing the substance.
    #[error("the units measure different things, so one cannot be converted into the other")]
    NotComparable,
    /// The value is not a decimal, or the result is beyond what can be written.
    #[error("the value is not a number that can be converted")]
    NotANumber,
}

/// Whether a code is valid UCUM (case sensitive).
#[must_use]
pub fn is_valid(code: &str) -> bool {
    !code.is_empty() && code.len() <= MAX_CODE && validate(code).is_ok()
}

/// Whether values in these units can be converted into each other.
#[must_use]
pub fn are_comparable(one: &str, other: &str) -> bool {
    is_valid(one) && is_valid(other) && is_comparable(one, other).unwrap_or(false)
}

/// A decimal in another unit, to 20 significant digits (15 for logarithmic scales). The result has no trailing zeros: how many
/// digits to show is the caller's to decide. A dose is never converted by itself.
///
/// # Errors
/// A unit that is not UCUM, units of different kinds, or text that is not a decimal.
pub fn convert(value: &str, from: &str, to: &str) -> Result<String, UnitError> {
    if [from, to].iter().any(|code| code.is_empty() || code.len() > MAX_CODE) {
        return Err(UnitError::UnknownUnit);
    }
    let exact = Number::parse(value).ok_or(UnitError::NotANumber)?;
    let result =
        convert_with_context(exact.to_f64(), from, to, &AdvancedConversionContext::default()).map_err(|error| {
            match error.kind {
                ErrorKind::DimensionMismatch { .. } | ErrorKind::ConversionError { .. } => UnitError::NotComparable,
                ErrorKind::OutOfDomain { .. }
                | ErrorKind::NonFiniteValue { .. }
                | ErrorKind::PrecisionOverflow { .. } => UnitError::NotANumber,
                _ => UnitError::UnknownUnit,
            }
        })?;
    let number = match (result.factor, result.offset) {
        (Some(factor), Some(offset)) => exact.checked_mul(factor).and_then(|scaled| scaled.checked_add(offset)),
        _ => Number::from_f64(result.value),
    };
    number.and_then(text).ok_or(UnitError::NotANumber)
}

/// A value in base units, so that 1 g and 1000 mg are found as the same amount.
#[derive(Debug, Clone, PartialEq)]
pub struct Canonical {
    /// The value, decimal text.
    pub value: String,
    /// The same as a float, for range indexes.
    pub number: f64,
    /// Product of base units, such as `g.m-3`.
    pub unit: String,
}

/// The canonical form of a quantity; `None` when the unit is not UCUM or has a scale without base units (pH, decibel).
#[must_use]
pub fn canonical(value: &str, code: &str) -> Option<Canonical> {
    if code.is_empty() || code.len() > MAX_CODE {
        return None;
    }
    let base = get_canonical_units(code).ok()?;
    let number = Number::parse(value)?.checked_mul(base.factor)?.checked_add(base.offset)?;
    Some(Canonical { value: text(number)?, number: number.to_f64(), unit: base.unit }).filter(|c| c.number.is_finite())
}

/// R4 asks for 18 digits; beyond 20, factors such as 5/9 leave noise.
const DIGITS: u32 = 20;

/// Rounded half away from zero, with no trailing zeros.
fn rounded((mut digits, mut exponent): (i128, i32)) -> Option<(i128, i32)> {
    let limit = 10i128.pow(DIGITS);
    if digits.abs() >= limit {
        let extra = digits.unsigned_abs().ilog10() + 1 - DIGITS;
        let unit = 10i128.checked_pow(extra)?;
        let half = if digits < 0 { -unit / 2 } else { unit / 2 };
        digits = digits.checked_add(half)? / unit;
        exponent = exponent.checked_add(i32::try_from(extra).ok()?)?;
    }
    while digits != 0 && digits % 10 == 0 {
        digits /= 10;
        exponent = exponent.checked_add(1)?;
    }
    Some((digits, exponent))
}

/// Plain decimal text within 40 digits, else with an exponent.
fn text(number: Number) -> Option<String> {
    let (digits, exponent) = rounded(number.to_integer_and_exponent())?;
    let (sign, digits) = if digits < 0 { ("-", digits.unsigned_abs().to_string()) } else { ("", digits.to_string()) };
    let length = i32::try_from(digits.len()).ok()?;
    if digits == "0" {
        return Some(digits);
    }
    let point = length.checked_add(exponent)?;
    Some(match (exponent, point) {
        (0.., ..=40) => format!("{sign}{digits}{}", "0".repeat(usize::try_from(exponent).ok()?)),
        (_, 1..=40) => {
            let (whole, fraction) = digits.split_at_checked(usize::try_from(point).ok()?)?;
            format!("{sign}{whole}.{fraction}")
        }
        (_, -12..=0) => format!("{sign}0.{}{digits}", "0".repeat(usize::try_from(-point).ok()?)),
        _ => format!("{sign}{digits}e{exponent}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clinical_conversions_are_exact() {
        for (value, from, to, result) in [
            ("180", "[lb_av]", "kg", "81.6466266"),
            ("70.5", "[in_i]", "cm", "179.07"),
            ("120", "mm[Hg]", "kPa", "15.99864"),
            ("0.1", "mg", "ug", "100"),
            ("7.0", "%", "1", "0.07"),
            ("37.0", "Cel", "[degF]", "98.6"),
            ("98.6", "[degF]", "Cel", "37"),
            ("-40", "[degF]", "Cel", "-40"),
            ("1", "m", "[ft_i]", "3.2808398950131233596"),
            ("12345678901234567890", "mg", "g", "12345678901234567.89"),
            ("1e-7", "s", "s", "0.0000001"),
        ] {
            assert_eq!(convert(value, from, to).as_deref(), Ok(result), "{value} {from} to {to}");
        }
    }

    #[test]
    fn what_cannot_be_converted_is_told() {
        assert_eq!(convert("1", "kg", "m"), Err(UnitError::NotComparable));
        assert_eq!(convert("1", "[iU]", "mg"), Err(UnitError::NotComparable));
        assert_eq!(convert("1", "furlongs", "m"), Err(UnitError::UnknownUnit));
        assert_eq!(convert("1", "", "m"), Err(UnitError::UnknownUnit));
        assert_eq!(convert("one", "m", "m"), Err(UnitError::NotANumber));
        assert_eq!(convert("0", "mol/L", "[pH]"), Err(UnitError::NotANumber));
        assert!(!is_valid(&"(".repeat(500)) && !is_valid("tablets") && is_valid("{tablet}"));
    }

    #[test]
    fn one_amount_has_one_canonical_form() {
        assert_eq!(canonical("1", "g"), canonical("1000", "mg"));
        assert_eq!(canonical("5.4", "mg/dL").map(|c| (c.value, c.unit)), Some(("54".into(), "g.m-3".into())));
        assert_eq!(canonical("7", "[pH]"), None);
        assert_eq!(canonical("1", "nonsense"), None);
    }
}
