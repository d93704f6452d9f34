//! Tests of one value, as conditions on a row of the index table that holds it.

use super::sql::{Sql, asked};
use crate::index::{hash, short};
use fhir::search::fold::fold;
use fhir::search::period::Period;
use fhir::search::query::{Compare, DateTest, QuantityTest, TextTest, TokenTest, UnitTest};

/// Year-long, in microseconds: a stretch longer than this is looked for apart, so that ordinary ones are found by a bounded range.
const LONG: i64 = 366 * 86_400_000_000;
/// As many letters of a text are in its index.
const INDEXED: usize = 64;

/// Conditions on `t`, a row of `idx_token`, but for the parameter.
pub(crate) fn token(sql: &mut Sql, test: &TokenTest) {
    if let Some(code) = &test.code {
        sql.push(" AND t.code = ").bind(&*short(&asked(code)));
    }
    if let Some(system) = &test.system {
        // A plain code's system is implied by its value set, so any system asked for may be it.
        sql.push(" AND (SELECT w.system IS NULL OR w.system = ").bind(system.as_str());
        sql.push(" FROM term w WHERE w.id = t.term)");
    }
}

/// [`token`] on `o`, the second row of a pair.
pub(crate) fn other_token(sql: &mut Sql, test: &TokenTest) {
    if let Some(code) = &test.code {
        sql.push(" AND o.code = ").bind(&*short(&asked(code)));
    }
    if let Some(system) = &test.system {
        sql.push(" AND (SELECT w.system IS NULL OR w.system = ").bind(system.as_str());
        sql.push(" FROM term w WHERE w.id = o.term)");
    }
}

/// Conditions on `t`, a row of `idx_token`: the words of its code, or one of them, begin so.
pub(crate) fn words(sql: &mut Sql, folded: &str) {
    sql.push(" AND (SELECT ");
    worded(sql, folded);
    sql.push(" FROM term w WHERE w.id = t.term)");
}

/// Condition on `w`, a row of `term`: its words, or one of them, begin so.
pub(crate) fn worded(sql: &mut Sql, folded: &str) {
    sql.push("(starts_with(w.text, ").bind(folded);
    sql.push(") OR strpos(w.text, ' ' || ").bind(folded).push(") > 0)");
}

/// Conditions on `s`, a row of `idx_string`.
pub(crate) fn text(sql: &mut Sql, test: &TextTest) {
    match test {
        TextTest::Begins(folded) => {
            let indexed = beginning(folded);
            sql.push(" AND left(s.folded, 64) >= ").bind(&*indexed);
            if let Some(after) = after_prefix(&indexed) {
                sql.push(" AND left(s.folded, 64) < ").bind(&*after);
            }
            if indexed.len() < folded.len() {
                sql.push(" AND starts_with(s.folded, ").bind(folded.as_str()).push(")");
            }
        }
        TextTest::Exact(exact) => {
            let kept: String = exact.chars().take(200).collect();
            sql.push(" AND left(s.folded, 64) = ").bind(&*beginning(&fold(&kept)));
            sql.push(" AND s.exact = ").bind(&*kept);
        }
        TextTest::Contains(folded) => {
            sql.push(" AND strpos(s.folded, ").bind(folded.as_str()).push(") > 0");
        }
    }
}

fn beginning(folded: &str) -> String {
    asked(folded).chars().take(INDEXED).collect()
}

/// The least text after every text that begins so, in the order of code points, which is that of UTF-8's bytes.
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
        sql.push("(d.low >= ").bind(from).push(" AND d.low < ").bind(until).push(" AND d.high <= ").bind(until);
        sql.push(")");
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
        sql.push(" AND q.unit = ANY(ARRAY(SELECT u.id FROM unit u WHERE ");
        unit_of(sql, unit);
        sql.push("))");
    }
}

fn unit_of(sql: &mut Sql, unit: &UnitTest) {
    let code = unit.code.as_str();
    match &unit.system {
        Some(system) => {
            sql.push("u.system = ").bind(system.as_str());
            if !code.is_empty() {
                sql.push(" AND u.code = ").bind(code);
            }
        }
        // Without a system the words of the unit match too (R4: [number]||[code]).
        None => {
            sql.push("u.code = ").bind(code).push(" OR u.unit = ").bind(code);
        }
    }
}

/// Condition on `i`, a row of `idx_uri`.
pub(crate) fn uri(sql: &mut Sql, uri: &str) {
    let kept: String = uri.chars().take(200).collect();
    sql.push(" AND i.uri = ").bind(hash(&[&kept]));
}
