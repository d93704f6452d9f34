//! Page links: where a page ended and what it was pinned to, sealed so that a link neither shows nor can be made to say anything.

use crate::connection::sql_error;
use fhir::search::Query;
use ring::digest::{SHA256, digest};
use rusqlite::Connection;
use rusqlite::types::Value;
use store::engine::link;
use store::{Error, Result};

/// The place after which the next page begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cursor {
    /// The newest version of the record when the first page was read: later changes are not part of this search.
    pub(crate) pin: i64,
    /// The last row's sort values.
    pub(crate) after: Vec<Value>,
}

impl Cursor {
    /// Seals it for one search: with another the link does not open.
    pub(crate) fn seal(&self, db: &Connection, query: &Query) -> Result<String> {
        seal(db, encode(self), &fingerprint(query))
    }

    /// Opens a link of this search.
    pub(crate) fn open(db: &Connection, query: &Query, link: &str) -> Result<Self> {
        decode(&open(db, link, &fingerprint(query))?).ok_or(Error::BadCursor)
    }
}

/// Told apart from every search's fingerprint by its length.
const WORDS: &[u8] = b"the words of a search";

/// Seals a search's words.
pub(crate) fn seal_words(db: &Connection, words: &str) -> Result<String> {
    seal(db, words.as_bytes().to_vec(), WORDS)
}

/// Opens a search's words.
pub(crate) fn open_words(db: &Connection, link: &str) -> Result<String> {
    String::from_utf8(open(db, link, WORDS)?).map_err(|_| Error::BadCursor)
}

fn seal(db: &Connection, bytes: Vec<u8>, purpose: &[u8]) -> Result<String> {
    link::seal(&key(db)?, bytes, purpose)
}

fn open(db: &Connection, text: &str, purpose: &[u8]) -> Result<Vec<u8>> {
    link::open(&key(db)?, text, purpose)
}

fn key(db: &Connection) -> Result<Vec<u8>> {
    db.prepare_cached("SELECT key FROM link_key")
        .and_then(|mut key| key.query_row([], |row| row.get(0)))
        .map_err(sql_error)
}

fn fingerprint(query: &Query) -> [u8; 32] {
    let mut sum = [0; 32];
    sum.copy_from_slice(digest(&SHA256, format!("{query:?}").as_bytes()).as_ref());
    sum
}

fn encode(cursor: &Cursor) -> Vec<u8> {
    let mut bytes = cursor.pin.to_be_bytes().to_vec();
    let mut put = |tag: u8, content: &[u8]| {
        bytes.push(tag);
        bytes.extend_from_slice(&u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend(content.iter().take(usize::from(u16::MAX)));
    };
    for value in &cursor.after {
        match value {
            Value::Null => put(0, &[]),
            Value::Integer(number) => put(1, &number.to_be_bytes()),
            Value::Real(number) => put(2, &number.to_be_bytes()),
            Value::Text(text) => put(3, text.as_bytes()),
            Value::Blob(bytes) => put(4, bytes),
        }
    }
    bytes
}

fn decode(bytes: &[u8]) -> Option<Cursor> {
    let (pin, mut rest) = bytes.split_first_chunk::<8>()?;
    let mut after = Vec::new();
    while let Some(([tag, high, low], more)) = rest.split_first_chunk::<3>() {
        let (content, more) = more.split_at_checked(usize::from(u16::from_be_bytes([*high, *low])))?;
        after.push(match tag {
            0 => Value::Null,
            1 => Value::Integer(i64::from_be_bytes(content.try_into().ok()?)),
            2 => Value::Real(f64::from_be_bytes(content.try_into().ok()?)),
            3 => Value::Text(String::from_utf8(content.to_vec()).ok()?),
            4 => Value::Blob(content.to_vec()),
            _ => return None,
        });
        rest = more;
    }
    rest.is_empty().then_some(Cursor { pin: i64::from_be_bytes(*pin), after })
}
