//! Tests of one value, as conditions on a row of the index table that holds it.

use super::sql::Sql;
use crate::index::hash;
use fhir::search::period::Period;
use fhir::search::query::{Compare, DateTest, QuantityTest, TextTest, TokenTest, UnitTest};

/// Year-long, in microseconds: a stretch longer than this is looked for apart, so that ordinary ones are found by a bounded range.
const LONG: i64 = 366 * 86_400_000_000;

/// Conditions on `t`, a row of `idx_token`, but for the parameter.
pub(crate) fn token(sql: &mut Sql, test: &TokenTest) {
    if let Some(code) = &test.code {
        sql.push(" AND t.code = ").bind(code.clone());
    }
    if let Some(system) = &test.system {
        sql.push(" AND EXISTS(SELECT 1 FROM term w WHERE w.id = t.term AND (w.system = ").bind(system.clone());
        // A plain code's system is implied by its value set, so any system asked for may be it.
        sql.push(" OR w.system IS NULL))");
    }
}

/// Conditions on `w`, a row of `term`: its words, or one of them, begin so.
pub(crate) fn words(sql: &mut Sql, folded: &str) {
    sql.push("(substr(w.text, 1, length(").bind(folded.to_owned());
    sql.push(")) = ").bind(folded.to_owned());
    sql.push(" OR instr(w.text, ' ' || ").bind(folded.to_owned()).push(") > 0)");
}

/// Conditions on `s`, a row of `idx_string`.
pub(crate) fn text(sql: &mut Sql, test: &TextTest) {
    match test {
        TextTest::Begins(folded) => {
            sql.push(" AND s.folded >= ").bind(folded.clone());
            if let Some(after) = after_prefix(folded) {
                sql.push(" AND s.folded < ").bind(after);
            }
        }
        TextTest::Exact(exact) => {
            let kept: String = exact.chars().take(200).collect();
            sql.push(" AND s.folded = ").bind(fhir::search::fold::fold(&kept)).push(" AND s.exact = ").bind(kept);
        }
        TextTest::Contains(folded) => {
            sql.push(" AND instr(s.folded, ").bind(folded.clone()).push(") > 0");
        }
    }
}

/// The least text after every text that begins so. SQLite compares UTF-8 bytes, which is the order of code points.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut letters: Vec<char> = prefix.chars().collect();
    while let Some(last) = letters.pop() {
        let next = match u32::from(last) + 1 {
            0xD800 => 0xE000,
            next => next,
        };
        if let Some(next) = char::from_u32(next) {
            letters.push(next);
            return Some(letters.into_iter().collect());
        }
    }
    None
}

/// Conditions on `d`, a row of `idx_date` (R4's table of prefixes; the same as `DateTest::meets`).
pub(crate) fn date(sql: &mut Sql, test: &DateTest) {
    let Period { from, until } = test.period;
    let after = |sql: &mut Sql| {
        // Ends after: it begins no earlier than a year before that, or is one of the few long ones.
        sql.push("(d.high > ").bind(until).push(" AND d.low >= ").bind(until.saturating_sub(LONG));
        sql.push(" OR d.high > ").bind(until).push(" AND d.low < ").bind(until.saturating_sub(LONG)).push(")");
    };
    let within = |sql: &mut Sql| {
        sql.push("(d.low >= ")
            .bind(from)
            .push(" AND d.low < ")
            .bind(until)
            .push(" AND d.high <= ")
            .bind(until)
            .push(")");
    };
    sql.push(" AND ");
    match test.compare {
        Compare::Equal => within(sql),
        Compare::NotEqual => {
            sql.push("NOT ");
            within(sql);
        }
        Compare::Greater => after(sql),
        Compare::Less => {
            sql.push("d.low < ").bind(from);
        }
        Compare::AtLeast => {
            sql.push("(");
            after(sql);
            sql.push(" OR ");
            within(sql);
            sql.push(")");
        }
        Compare::AtMost => {
            sql.push("(d.low < ").bind(from).push(" OR ");
            within(sql);
            sql.push(")");
        }
        Compare::StartsAfter => {
            sql.push("d.low >= ").bind(until);
        }
        Compare::EndsBefore => {
            sql.push("d.high <= ").bind(from).push(" AND d.low < ").bind(from);
        }
        Compare::About => {
            sql.push("d.low < ").bind(until).push(" AND d.high > ").bind(from);
        }
    }
}

/// Conditions on `q`, a row of `idx_quantity` (the same as `QuantityTest::meets`).
pub(crate) fn quantity(sql: &mut Sql, test: &QuantityTest) {
    let within = |sql: &mut Sql| {
        sql.push("(q.low >= ").bind(test.low).push(" AND q.low <= ").bind(test.high);
        sql.push(" AND (q.high = q.low AND q.low < ").bind(test.high).push(" OR q.high > q.low AND q.high <= ");
        sql.bind(test.high).push("))");
    };
    sql.push(" AND ");
    match test.compare {
        Compare::Equal => within(sql),
        Compare::NotEqual => {
            sql.push("NOT ");
            within(sql);
        }
        Compare::Greater => {
            sql.push("q.high > ").bind(test.value);
        }
        Compare::Less => {
            sql.push("q.low < ").bind(test.value);
        }
        Compare::AtLeast => {
            sql.push("q.high >= ").bind(test.value);
        }
        Compare::AtMost => {
            sql.push("q.low <= ").bind(test.value);
        }
        Compare::StartsAfter => {
            sql.push("q.low > ").bind(test.value);
        }
        Compare::EndsBefore => {
            sql.push("q.high < ").bind(test.value);
        }
        Compare::About => {
            sql.push("q.low <= ").bind(test.high).push(" AND q.high >= ").bind(test.low);
        }
    }
    if let Some(unit) = &test.unit {
        sql.push(" AND q.unit IN (SELECT u.id FROM unit u WHERE ");
        unit_of(sql, unit);
        sql.push(")");
    }
}

fn unit_of(sql: &mut Sql, unit: &UnitTest) {
    match &unit.system {
        Some(system) => {
            sql.push("u.system = ").bind(system.clone());
            if !unit.code.is_empty() {
                sql.push(" AND u.code = ").bind(unit.code.clone());
            }
        }
        // Without a system the words of the unit match too (R4: [number]||[code]).
        None => {
            sql.push("u.code = ").bind(unit.code.clone()).push(" OR u.unit = ").bind(unit.code.clone());
        }
    }
}

/// Condition on `i`, a row of `idx_uri`.
pub(crate) fn uri(sql: &mut Sql, uri: &str) {
    let kept: String = uri.chars().take(200).collect();
    sql.push(" AND i.uri = ").bind(hash(&[&kept]));
}
