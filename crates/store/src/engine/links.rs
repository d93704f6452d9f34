//! Page links: where a page ended and what it was pinned to, sealed so that a link neither shows nor can be made to say anything.

use crate::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fhir::search::Query;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

/// A row's value by which it is sorted.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Value {
    Integer(i64),
    Real(f64),
    Text(String),
    /// An id in short form.
    Blob(Vec<u8>),
}

/// The place after which the next page begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor {
    /// The newest version of the record when the first page was read: later changes are not part of this search.
    pub pin: i64,
    /// The last row's sort values.
    pub after: Vec<Value>,
}

impl Cursor {
    /// Seals it for one search: with another the link does not open.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn seal(&self, key: &LinkKey, query: &Query) -> Result<String> {
        key.seal(encode(self), &fingerprint(query))
    }

    /// Opens a link of this search.
    ///
    /// # Errors
    /// [`Error::BadCursor`] for anything else.
    pub fn open(key: &LinkKey, query: &Query, link: &str) -> Result<Self> {
        decode(&key.open(link, &fingerprint(query))?).ok_or(Error::BadCursor)
    }
}

/// What page links are sealed with.
pub struct LinkKey(LessSafeKey);

/// Told apart from every search's fingerprint by its length.
const WORDS: &[u8] = b"the words of a search";

impl LinkKey {
    /// From 32 secret bytes.
    ///
    /// # Errors
    /// When they are not 32.
    pub fn new(bytes: &[u8]) -> Result<Self> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, bytes);
        key.map(|key| Self(LessSafeKey::new(key)))
            .map_err(|_| Error::Broken("the key of page links is damaged".to_owned()))
    }

    /// Seals a search's words.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn seal_words(&self, words: &str) -> Result<String> {
        self.seal(words.as_bytes().to_vec(), WORDS)
    }

    /// Opens a search's words.
    ///
    /// # Errors
    /// [`Error::BadCursor`] for anything else.
    pub fn open_words(&self, link: &str) -> Result<String> {
        String::from_utf8(self.open(link, WORDS)?).map_err(|_| Error::BadCursor)
    }

    /// Seals bytes for one purpose.
    fn seal(&self, mut sealed: Vec<u8>, purpose: &[u8]) -> Result<String> {
        let broken = |_| Error::Broken("a page link could not be sealed".to_owned());
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(broken)?;
        let unique = Nonce::assume_unique_for_key(nonce);
        self.0.seal_in_place_append_tag(unique, Aad::from(purpose), &mut sealed).map_err(broken)?;
        sealed.splice(..0, nonce);
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Opens what was sealed for this purpose.
    fn open(&self, link: &str, purpose: &[u8]) -> Result<Vec<u8>> {
        let mut sealed = URL_SAFE_NO_PAD.decode(link).map_err(|_| Error::BadCursor)?;
        let (nonce, rest) = sealed.split_at_mut_checked(NONCE_LEN).ok_or(Error::BadCursor)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Error::BadCursor)?;
        let plain = self.0.open_in_place(nonce, Aad::from(purpose), rest).map_err(|_| Error::BadCursor)?;
        Ok(plain.to_vec())
    }
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
