//! The rows that a new current version is found by, as columns for one statement per table; and the removal of the rows before.

use crate::index::{clean, hash, short, word_list};
use crate::line::{Bulk, Param};
use fhir::Key;
use fhir::index::{Index, Token};
use fhir::search::parameters::Param as SearchParam;
use std::borrow::Cow;
use store::{Error, Result};

/// The resource whose rows are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The chart it is in.
    pub(crate) patient: i64,
    pub(crate) rid: i64,
    /// Its clinical date (`resource.date`).
    pub(crate) date: i64,
}

/// Removes all rows of resources, named by chart and number: whatever they were found by, and whichever program wrote it.
pub(crate) const ERASE: [&str; 7] = [
    "DELETE FROM idx_token t USING unnest($1::int8[], $2::int8[]) q(patient, rid) WHERE t.patient = q.patient AND t.rid = q.rid",
    "DELETE FROM idx_date t USING unnest($1::int8[], $2::int8[]) q(patient, rid) WHERE t.patient = q.patient AND t.rid = q.rid",
    "DELETE FROM idx_string t USING unnest($1::int8[], $2::int8[]) q(patient, rid) WHERE t.patient = q.patient AND t.rid = q.rid",
    "DELETE FROM idx_quantity t USING unnest($1::int8[], $2::int8[]) q(patient, rid) WHERE t.patient = q.patient AND t.rid = q.rid",
    "DELETE FROM idx_reference t USING unnest($1::int8[], $2::int8[]) q(patient, rid) WHERE t.patient = q.patient AND t.rid = q.rid",
    "DELETE FROM idx_uri t USING unnest($1::int8[], $2::int8[]) q(patient, rid) WHERE t.patient = q.patient AND t.rid = q.rid",
    "DELETE FROM words t USING unnest($1::int8[], $2::int8[]) q(patient, rid) WHERE t.patient = q.patient AND t.rid = q.rid",
];

const TERMS: &str = "INSERT INTO term(id, system, code, text)
    SELECT * FROM unnest($1::int8[], $2::text[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING";
const TOKENS: &str = "INSERT INTO idx_token(patient, rid, date, param, part, code, term)
    SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int2[], $5::int4[], $6::text[], $7::int8[]) ON CONFLICT DO NOTHING";
const DATES: &str = "INSERT INTO idx_date(patient, rid, param, part, low, high)
    SELECT * FROM unnest($1::int8[], $2::int8[], $3::int2[], $4::int4[], $5::int8[], $6::int8[]) ON CONFLICT DO NOTHING";
const STRINGS: &str = "INSERT INTO idx_string(patient, rid, param, part, n, folded, exact)
    SELECT * FROM unnest($1::int8[], $2::int8[], $3::int2[], $4::int4[], $5::int4[], $6::text[], $7::text[])";
const UNITS: &str = "INSERT INTO unit(id, system, code, unit)
    SELECT * FROM unnest($1::int8[], $2::text[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING";
const QUANTITIES: &str = "INSERT INTO idx_quantity(patient, rid, param, part, low, high, unit)
    SELECT * FROM unnest($1::int8[], $2::int8[], $3::int2[], $4::int4[], $5::float8[], $6::float8[], $7::int8[]) ON CONFLICT DO NOTHING";
const REFERENCES: &str = "INSERT INTO idx_reference(patient, rid, param, part, date, target)
    SELECT * FROM unnest($1::int8[], $2::int8[], $3::int2[], $4::int4[], $5::int8[], $6::int8[]) ON CONFLICT DO NOTHING";
const URIS: &str = "INSERT INTO idx_uri(patient, rid, param, part, uri)
    SELECT * FROM unnest($1::int8[], $2::int8[], $3::int2[], $4::int4[], $5::int8[]) ON CONFLICT DO NOTHING";
const WORDS: &str = "INSERT INTO words(patient, rid, narrative, content)
    SELECT q.patient, q.rid, array_to_tsvector(string_to_array(q.narrative, ' ')), array_to_tsvector(string_to_array(q.content, ' '))
    FROM unnest($1::int8[], $2::int8[], $3::text[], $4::text[]) q(patient, rid, narrative, content)";

/// A column of texts.
type Texts<'a> = Vec<Cow<'a, str>>;

/// Columns that most index tables share.
#[derive(Default)]
struct Common {
    patients: Vec<i64>,
    rids: Vec<i64>,
    params: Vec<i16>,
    parts: Vec<i32>,
}

impl Common {
    fn push(&mut self, at: Place, param: SearchParam, part: u16) {
        self.patients.push(at.patient);
        self.rids.push(at.rid);
        self.params.push(i16::try_from(param.0).unwrap_or(i16::MAX));
        self.parts.push(i32::from(part));
    }
}

/// The rows of new current versions, as columns.
#[derive(Default)]
pub(crate) struct IndexRows<'a> {
    terms: (Vec<i64>, Vec<Option<Cow<'a, str>>>, Texts<'a>, Texts<'a>),
    tokens: (Common, Vec<i64>, Texts<'a>, Vec<i64>),
    dates: (Common, Vec<i64>, Vec<i64>),
    strings: (Common, Vec<i32>, Texts<'a>, Texts<'a>),
    units: (Vec<i64>, Texts<'a>, Texts<'a>, Texts<'a>),
    quantities: (Common, Vec<f64>, Vec<f64>, Vec<i64>),
    references: (Common, Vec<i64>, Vec<i64>),
    uris: (Common, Vec<i64>),
    words: (Vec<i64>, Vec<i64>, Vec<String>, Vec<String>),
}

impl<'a> IndexRows<'a> {
    /// Adds what a version is found by. `number` says the number of what it refers to.
    pub(crate) fn add(&mut self, at: Place, index: &'a Index, number: &dyn Fn(&Key) -> Option<i64>) -> Result<()> {
        for token in &index.tokens {
            self.token(at, token);
        }
        for row in &index.dates {
            self.dates.0.push(at, row.param, row.part);
            self.dates.1.push(row.period.from);
            self.dates.2.push(row.period.until);
        }
        for (n, row) in index.strings.iter().enumerate() {
            self.strings.0.push(at, row.param, row.part);
            self.strings.1.push(i32::try_from(n).unwrap_or(i32::MAX));
            self.strings.2.push(clean(&row.folded));
            self.strings.3.push(clean(&row.exact));
        }
        for row in &index.quantities {
            let unit = hash(&[&row.system, &row.code, &row.unit]);
            self.units.0.push(unit);
            self.units.1.push(clean(&row.system));
            self.units.2.push(clean(&row.code));
            self.units.3.push(clean(&row.unit));
            self.quantities.0.push(at, row.param, row.part);
            self.quantities.1.push(row.low);
            self.quantities.2.push(row.high);
            self.quantities.3.push(unit);
        }
        for row in &index.references {
            let target = number(&row.target)
                .ok_or_else(|| Error::Broken("a reference names what was not looked up".to_owned()))?;
            self.references.0.push(at, row.param, row.part);
            self.references.1.push(at.date);
            self.references.2.push(target);
        }
        for row in &index.uris {
            self.uris.0.push(at, row.param, row.part);
            self.uris.1.push(hash(&[&row.uri]));
        }
        if !(index.narrative.is_empty() && index.content.is_empty()) {
            self.words.0.push(at.patient);
            self.words.1.push(at.rid);
            self.words.2.push(word_list(&index.narrative));
            self.words.3.push(word_list(&index.content));
        }
        Ok(())
    }

    fn token(&mut self, at: Place, token: &'a Token) {
        let term = term(token);
        self.terms.0.push(term);
        self.terms.1.push(token.system.as_deref().map(clean));
        self.terms.2.push(if token.text.is_empty() { Cow::Borrowed("") } else { short(&token.code) });
        self.terms.3.push(clean(&token.text));
        self.tokens.0.push(at, token.param, token.part);
        self.tokens.1.push(at.date);
        self.tokens.2.push(short(&token.code));
        self.tokens.3.push(term);
    }

    /// One statement for each table that has rows.
    pub(crate) fn bulks(&self) -> Vec<Bulk<'_>> {
        let Self { terms, tokens, dates, strings, units, quantities, references, uris, words } = self;
        let mut bulks = Vec::new();
        if !terms.0.is_empty() {
            bulks.push(Bulk::new(TERMS, [&terms.0 as Param<'_>, &terms.1, &terms.2, &terms.3]));
            let Common { patients, rids, params, parts } = &tokens.0;
            bulks
                .push(Bulk::new(TOKENS, [patients as Param<'_>, rids, &tokens.1, params, parts, &tokens.2, &tokens.3]));
        }
        if !dates.1.is_empty() {
            let Common { patients, rids, params, parts } = &dates.0;
            bulks.push(Bulk::new(DATES, [patients as Param<'_>, rids, params, parts, &dates.1, &dates.2]));
        }
        if !strings.1.is_empty() {
            let Common { patients, rids, params, parts } = &strings.0;
            let columns: [Param<'_>; 7] = [patients, rids, params, parts, &strings.1, &strings.2, &strings.3];
            bulks.push(Bulk::new(STRINGS, columns));
        }
        if !quantities.1.is_empty() {
            bulks.push(Bulk::new(UNITS, [&units.0 as Param<'_>, &units.1, &units.2, &units.3]));
            let Common { patients, rids, params, parts } = &quantities.0;
            let columns: [Param<'_>; 7] = [patients, rids, params, parts, &quantities.1, &quantities.2, &quantities.3];
            bulks.push(Bulk::new(QUANTITIES, columns));
        }
        if !references.1.is_empty() {
            let Common { patients, rids, params, parts } = &references.0;
            bulks.push(Bulk::new(
                REFERENCES,
                [patients as Param<'_>, rids, params, parts, &references.1, &references.2],
            ));
        }
        if !uris.1.is_empty() {
            let Common { patients, rids, params, parts } = &uris.0;
            bulks.push(Bulk::new(URIS, [patients as Param<'_>, rids, params, parts, &uris.1]));
        }
        if !words.0.is_empty() {
            bulks.push(Bulk::new(WORDS, [&words.0 as Param<'_>, &words.1, &words.2, &words.3]));
        }
        bulks
    }
}

/// The id of what a token's row says beside its code.
pub(crate) fn term(token: &Token) -> i64 {
    match &token.system {
        None => hash(&["implied"]),
        Some(system) if token.text.is_empty() => hash(&[system]),
        Some(system) => hash(&[system, &token.code, &token.text]),
    }
}
