//! Quantities in other units than the one asked for: the same amount is found however it was recorded.

use fhir::search::query::{QuantityTest, Test, UnitTest};
use fhir::units;

/// The system of UCUM's codes.
pub const UCUM: &str = "http://unitsofmeasure.org";

/// The tests, and those of quantities also in every comparable UCUM unit that is stored: 1 g is found as 1000 mg.
/// `stored` tells the UCUM codes that stored quantities have; it is asked only where one matters.
///
/// # Errors
/// What `stored` returns.
pub fn in_every_unit<S: IntoIterator<Item = String>, E>(
    any: &[Test],
    mut stored: impl FnMut() -> Result<S, E>,
) -> Result<Vec<Test>, E> {
    let mut all = Vec::with_capacity(any.len());
    for test in any {
        all.push(test.clone());
        if let Some(code) = ucum(test) {
            all.extend(stored()?.into_iter().filter_map(|other| converted(test, code, &other)));
        }
    }
    Ok(all)
}

/// The UCUM code a test names.
#[must_use]
pub fn ucum(test: &Test) -> Option<&str> {
    match test {
        Test::Quantity(QuantityTest { unit: Some(UnitTest { system: Some(system), code }), .. })
            if system == UCUM && !code.is_empty() =>
        {
            Some(code)
        }
        _ => None,
    }
}

/// A quantity's test in another unit; `None` for the same unit and for one of another kind.
fn converted(test: &Test, from: &str, to: &str) -> Option<Test> {
    let Test::Quantity(test) = test else { return None };
    if from == to || !units::are_comparable(from, to) {
        return None;
    }
    let convert = |value: f64| units::convert(&value.to_string(), from, to).ok()?.parse::<f64>().ok();
    Some(Test::Quantity(QuantityTest {
        compare: test.compare,
        value: convert(test.value)?,
        low: convert(test.low)?,
        high: convert(test.high)?,
        unit: Some(UnitTest { system: Some(UCUM.to_owned()), code: to.to_owned() }),
    }))
}
