//! Quantities in other units than the one asked for: the same amount is found however it was recorded.

use crate::connection::sql_error;
use fhir::search::query::{QuantityTest, Test, UnitTest};
use fhir::units;
use rusqlite::Connection;
use store::Result;

/// The system of UCUM's codes.
const UCUM: &str = "http://unitsofmeasure.org";

/// The tests, and those of quantities also in every comparable UCUM unit that is stored: 1 g is found as 1000 mg.
pub(crate) fn in_every_unit(db: &Connection, any: &[Test]) -> Result<Vec<Test>> {
    let mut all = Vec::with_capacity(any.len());
    for test in any {
        all.push(test.clone());
        if let Test::Quantity(QuantityTest { unit: Some(UnitTest { system: Some(system), code }), .. }) = test
            && system == UCUM
            && !code.is_empty()
        {
            for other in stored_units(db).map_err(sql_error)? {
                all.extend(converted(test, code, &other));
            }
        }
    }
    Ok(all)
}

/// The UCUM codes that stored quantities have.
fn stored_units(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = db.prepare_cached("SELECT DISTINCT code FROM unit WHERE system = ?1")?;
    let rows = statement.query_map([UCUM], |row| row.get(0))?;
    rows.collect()
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
