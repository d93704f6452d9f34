//! The index tables by the kind of test they answer: where a test's rows are, and what they call their resource and part.

use super::sql::Sql;
use super::test;
use fhir::search::parameters::Param;
use fhir::search::query::Test;

/// An index table under its short name, as fragments.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    /// ` FROM table WHERE parameter = `
    from: &'static str,
    /// The resource its rows are of.
    pub(crate) place: &'static str,
    /// That it is `r`.
    pub(crate) here: &'static str,
    /// That it is that of `t`, in the same repetition.
    pub(crate) beside_token: &'static str,
}

pub(crate) const TOKEN: Table = Table {
    from: " FROM idx_token t WHERE t.param = ",
    place: "t.patient, t.rid",
    // The whole key but for term and part, when the code is known: one look-up.
    here: " AND t.patient = r.patient AND t.date = r.date AND t.rid = r.rid",
    beside_token: "",
};
/// The second token of a pair.
pub(crate) const OTHER_TOKEN: Table = Table {
    from: " FROM idx_token o WHERE o.param = ",
    place: "o.patient, o.rid",
    here: " AND o.patient = r.patient AND o.date = r.date AND o.rid = r.rid",
    beside_token: " AND o.patient = t.patient AND o.date = t.date AND o.rid = t.rid AND o.part = t.part",
};
pub(crate) const STRING: Table = Table {
    from: " FROM idx_string s WHERE s.param = ",
    place: "s.patient, s.rid",
    here: " AND s.patient = r.patient AND s.rid = r.rid",
    beside_token: " AND s.patient = t.patient AND s.rid = t.rid AND s.part = t.part",
};
pub(crate) const DATE: Table = Table {
    from: " FROM idx_date d WHERE d.param = ",
    place: "d.patient, d.rid",
    here: " AND d.patient = r.patient AND d.rid = r.rid",
    beside_token: " AND d.patient = t.patient AND d.rid = t.rid AND d.part = t.part",
};
pub(crate) const QUANTITY: Table = Table {
    from: " FROM idx_quantity q WHERE q.param = ",
    place: "q.patient, q.rid",
    here: " AND q.patient = r.patient AND q.rid = r.rid",
    beside_token: " AND q.patient = t.patient AND q.rid = t.rid AND q.part = t.part",
};
pub(crate) const REFERENCE: Table = Table {
    from: " FROM idx_reference f WHERE f.param = ",
    place: "f.patient, f.rid",
    here: " AND f.patient = r.patient AND f.rid = r.rid",
    beside_token: " AND f.patient = t.patient AND f.rid = t.rid AND f.part = t.part",
};
pub(crate) const URI: Table = Table {
    from: " FROM idx_uri i WHERE i.param = ",
    place: "i.patient, i.rid",
    here: " AND i.patient = r.patient AND i.rid = r.rid",
    beside_token: " AND i.patient = t.patient AND i.rid = t.rid AND i.part = t.part",
};

impl Table {
    /// ` FROM table WHERE it is of this parameter`
    pub(crate) fn from(self, sql: &mut Sql, param: Param) {
        sql.push(self.from).bind(i64::from(param.0));
    }

    /// Where a test's values are.
    pub(crate) fn of(test: &Test) -> Self {
        match test {
            Test::Token(_) | Test::Identifier(_) | Test::Words(_) => TOKEN,
            Test::Text(_) => STRING,
            Test::Date(_) => DATE,
            Test::Quantity(_) => QUANTITY,
            Test::Reference(_) => REFERENCE,
            Test::Uri(_) => URI,
        }
    }
}

/// ` AND the row meets the test`, on a row of the test's table. What a reference names is for the caller.
pub(crate) fn meets(sql: &mut Sql, test: &Test) {
    match test {
        Test::Token(token) | Test::Identifier(token) => test::token(sql, token),
        Test::Words(words) => test::words(sql, words),
        Test::Text(text) => test::text(sql, text),
        Test::Date(date) => test::date(sql, date),
        Test::Quantity(quantity) => test::quantity(sql, quantity),
        Test::Uri(uri) => test::uri(sql, uri),
        Test::Reference(_) => {}
    }
}
