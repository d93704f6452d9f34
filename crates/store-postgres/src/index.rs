//! The index tables, written beside each current version. Why they are laid out so: docs/adr/0006-index-layout.md and 0009-postgresql.md.
//!
//! Every row names its chart first and its resource by number. Only current versions have rows: a new version's rows replace those of
//! the version before. Tokens are kept by value, then chart, then date: a chart's results of one code, newest first, are one range.
//! Everything else is kept by resource, with an index by value.

use std::borrow::Cow;

/// The index tables, created with the database. A new search parameter is a reindex, not a migration.
///
/// PostgreSQL limits what an index entry may hold to a third of a page: a long code stands as [`short`] says, a long text is indexed by
/// its first 64 letters (a condition names `left(folded, 64)` beside `folded`).
pub(crate) const TABLES: &str = r#"
-- What a code's row says beside the code: its system (NULL: implied by its value set) and, for a code with words, both. The id is a
-- hash of them all, so that every machine makes the same.
CREATE TABLE term(id bigint PRIMARY KEY, system text COLLATE "C", code text COLLATE "C" NOT NULL, text text COLLATE "C" NOT NULL);
CREATE TABLE unit(id bigint PRIMARY KEY, system text COLLATE "C" NOT NULL, code text COLLATE "C" NOT NULL, unit text COLLATE "C" NOT NULL);
CREATE TABLE idx_token(
    patient bigint NOT NULL,     -- 0: in no chart
    rid bigint NOT NULL,
    date bigint NOT NULL,        -- resource.date
    term bigint NOT NULL,
    param smallint NOT NULL,
    part integer NOT NULL,      -- the repetition, for composites
    code text COLLATE "C" NOT NULL,
    PRIMARY KEY(param, code, patient, date, rid, part, term)
);
CREATE INDEX idx_token_of ON idx_token(patient, rid);
CREATE TABLE idx_date(
    patient bigint NOT NULL, rid bigint NOT NULL, low bigint NOT NULL, high bigint NOT NULL,
    param smallint NOT NULL, part integer NOT NULL,
    PRIMARY KEY(patient, rid, param, low, high, part)
);
CREATE INDEX idx_date_value ON idx_date(param, low, high, patient, rid);
CREATE TABLE idx_string(
    patient bigint NOT NULL, rid bigint NOT NULL,
    n integer NOT NULL,          -- counts the texts of a resource
    param smallint NOT NULL, part integer NOT NULL,
    folded text COLLATE "C" NOT NULL, exact text COLLATE "C" NOT NULL,
    PRIMARY KEY(patient, rid, n)
);
CREATE INDEX idx_string_value ON idx_string(param, left(folded, 64), patient, rid);
CREATE TABLE idx_quantity(
    patient bigint NOT NULL, rid bigint NOT NULL, low double precision NOT NULL, high double precision NOT NULL, unit bigint NOT NULL,
    param smallint NOT NULL, part integer NOT NULL,
    PRIMARY KEY(patient, rid, param, low, high, unit, part)
);
CREATE INDEX idx_quantity_value ON idx_quantity(param, low, high, patient, rid);
CREATE TABLE idx_reference(
    patient bigint NOT NULL, rid bigint NOT NULL, target bigint NOT NULL,
    date bigint NOT NULL,        -- resource.date: what refers to somebody, newest first, is one range
    param smallint NOT NULL, part integer NOT NULL,
    PRIMARY KEY(patient, rid, param, target, part)
);
CREATE INDEX idx_reference_target ON idx_reference(target, param, date, rid, patient);
CREATE TABLE idx_uri(
    patient bigint NOT NULL, rid bigint NOT NULL, uri bigint NOT NULL, param smallint NOT NULL, part integer NOT NULL,
    PRIMARY KEY(patient, rid, param, uri, part)
);
CREATE INDEX idx_uri_value ON idx_uri(param, uri, patient, rid);
-- Words as `words` makes them: no dictionary of PostgreSQL's.
CREATE TABLE words(
    patient bigint NOT NULL, rid bigint NOT NULL, narrative tsvector NOT NULL, content tsvector NOT NULL,
    PRIMARY KEY(patient, rid)
);
CREATE INDEX words_narrative ON words USING gin(narrative);
CREATE INDEX words_content ON words USING gin(content);
"#;

/// Letters of a text that an index may hold.
const SHORT: usize = 256;

/// A code (or key of the search box) as it stands in an index: a very long one by its beginning and its hash. Whoever looks it up
/// shortens it too.
pub(crate) fn short(code: &str) -> Cow<'_, str> {
    let code = clean(code);
    if code.len() <= SHORT {
        return code;
    }
    let beginning: String = code.chars().take(SHORT / 4).collect();
    Cow::Owned(format!("{beginning}…{:016x}", hash(&[&code])))
}

/// PostgreSQL's text cannot hold the character 0; no one searches for it.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { Cow::Borrowed(text) }
}

/// The first 63 bits of SHA-256 over texts and their lengths: an id that needs no lookup.
pub(crate) fn hash(parts: &[&str]) -> i64 {
    let mut bytes = Vec::with_capacity(128);
    for part in parts {
        bytes.extend_from_slice(&part.len().to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    let sum = ring::digest::digest(&ring::digest::SHA256, &bytes);
    let first = sum.as_ref().iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    i64::try_from(first >> 1).unwrap_or_default()
}

/// Bytes of a word, by PostgreSQL's limit: a longer one is not kept.
pub(crate) const WORD: usize = 2_000;

/// The words of a text as the full-text table holds them, each once, with a blank between. A question's words are made the same way
/// (`fhir::search::fold::words`).
pub(crate) fn word_list(text: &str) -> String {
    /// PostgreSQL's limit for the words of one text together.
    const ALL: usize = 900_000;
    let mut words = fhir::search::fold::words(text);
    words.retain(|word| word.len() <= WORD);
    words.sort_unstable();
    words.dedup();
    let mut bytes = 0;
    let kept = words.iter().take_while(|word| {
        bytes += word.len() + 4;
        bytes <= ALL
    });
    kept.map(String::as_str).collect::<Vec<_>>().join(" ")
}
