//! The index tables by the kind of test they answer: where a test's rows are, and what they call their resource and part.

use super::sql::Sql;
use super::test;
use fhir::search::parameters::Param;
use fhir::search::query::{Test, TokenTest};

/// ` FROM table WHERE parameter and test AND `, for tests whose rows are kept by resource, and for tokens.
pub(crate) fn from(sql: &mut Sql, param: Param, test: &Test) {
    let number = i64::from(param.0);
    match test {
        Test::Token(token) | Test::Identifier(token) => {
            sql.push(" FROM idx_token t WHERE t.param = ").bind(number);
            test::token(sql, token);
        }
        Test::Text(text) => {
            sql.push(" FROM idx_string s WHERE s.param = ").bind(number);
            test::text(sql, text);
        }
        Test::Date(date) => {
            sql.push(" FROM idx_date d WHERE d.param = ").bind(number);
            test::date(sql, date);
        }
        Test::Quantity(quantity) => {
            sql.push(" FROM idx_quantity q WHERE q.param = ").bind(number);
            test::quantity(sql, quantity);
        }
        Test::Uri(uri) => {
            sql.push(" FROM idx_uri i WHERE i.param = ").bind(number);
            test::uri(sql, uri);
        }
        Test::Words(_) | Test::Reference(_) => {
            // Made by `set` and `probe` themselves.
            sql.push(" FROM resource x WHERE 0");
        }
    }
    sql.push(" AND ");
}

pub(crate) fn rid_of(test: &Test) -> &'static str {
    match test {
        Test::Token(_) | Test::Identifier(_) => "t.rid",
        Test::Text(_) => "s.rid",
        Test::Date(_) => "d.rid",
        Test::Quantity(_) => "q.rid",
        Test::Uri(_) => "i.rid",
        Test::Words(_) | Test::Reference(_) => "x.rid",
    }
}

pub(crate) fn part_of(test: &Test) -> &'static str {
    match test {
        Test::Text(_) => "s.part",
        Test::Date(_) => "d.part",
        Test::Quantity(_) => "q.part",
        Test::Uri(_) => "i.part",
        _ => "0",
    }
}

/// [`test::token`] on the second row of a pair.
pub(crate) fn other_token(sql: &mut Sql, test: &TokenTest) {
    if let Some(code) = &test.code {
        sql.push(" AND o.code = ").bind(code.clone());
    }
    if let Some(system) = &test.system {
        sql.push(" AND EXISTS(SELECT 1 FROM term w WHERE w.id = o.term AND (w.system = ").bind(system.clone());
        sql.push(" OR w.system IS NULL))");
    }
}

pub(crate) fn bind_all(sql: &mut Sql, numbers: &[i64]) {
    for (place, number) in numbers.iter().enumerate() {
        if place > 0 {
            sql.push(", ");
        }
        sql.bind(*number);
    }
}
