//! The compact form an edition is kept in: gzip over sections, each led by its length (32 bits, little-endian like all numbers).
//!
//! 1. `icd10cm 1`, then name, first day, last day, source: one line each.
//! 2. The different words of all descriptions, a line each; a word's number is its line.
//! 3. Codes: seven characters without the dot, filled with spaces, and `1` or `0` for billable.
//! 4. Long descriptions: per code the number of its words (8 bits), then the words' numbers (16 bits).
//! 5. Short ones likewise; none where it is the long one.
//! 6. Notes: `place TAB letter TAB words`, a line each. `C` and `B` are chapters and blocks (`A00-B99`); a note's place is its code, or `.`
//!    for the chapter or block above it.

use super::code::Code;
use super::notes::Notes;
use super::text::{Gathering, Lines, Texts, Words};
use super::{Edition, Icd10cm};
use flate2::{Compression, GzBuilder, read::GzDecoder};
use std::io::{Read, Write};

const MAGIC: &str = "icd10cm 1";
/// A larger edition is none: this one has 6 MB.
const LARGEST: u64 = 64 << 20;

/// A pack that cannot be read, or rows that do not fit into one.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("this is not an ICD-10-CM edition as Chartroom keeps them")]
pub struct Unreadable;

/// A code on its way into an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// With or without its dot.
    pub code: String,
    /// Whether it may stand on a claim.
    pub billable: bool,
    /// What it stands for.
    pub long: String,
    /// The same, short.
    pub short: String,
}

impl Icd10cm {
    /// An edition of these codes, in any order. `notes` as in the pack's sixth section.
    ///
    /// # Errors
    /// What is not a code, a code given twice, or a description of more than 255 words.
    pub fn of(edition: Edition, mut rows: Vec<Row>, notes: &str) -> Result<Self, Unreadable> {
        rows.sort_by_cached_key(|row| Code::parse(&row.code));
        let mut made = Self { edition, ..Self::default() };
        let mut texts = Gathering::default();
        for row in &rows {
            let code = Code::parse(&row.code).ok_or(Unreadable)?;
            let countable = |text: &str| text.split_whitespace().count() <= usize::from(u8::MAX);
            let fits = made.codes.last() != Some(&code) && countable(&row.long) && countable(&row.short);
            if !fits || !texts.push(&row.long, &row.short) {
                return Err(Unreadable);
            }
            made.codes.push(code);
            made.billable.push(row.billable);
        }
        made.texts = texts.done();
        made.notes = read_notes(notes.to_owned(), &made.codes)?;
        Ok(made)
    }

    /// The pack of it: the same edition makes the same bytes.
    ///
    /// # Errors
    /// When memory cannot be written to, which does not happen.
    pub fn pack(&self) -> std::io::Result<Vec<u8>> {
        let Edition { name, from, to, source } = &self.edition;
        let words: String = (0..self.texts.words.len()).map(|n| format!("{}\n", self.texts.words.get(n))).collect();
        let codes = self.codes.iter().zip(&self.billable);
        let codes: Vec<u8> = codes.flat_map(|(code, yes)| code.0.into_iter().chain([b'0' + u8::from(*yes)])).collect();
        let lines = |lines: &Lines| -> Vec<u8> {
            let each = || (0..self.codes.len()).map(|row| lines.get(row));
            let lengths = each().map(|line| u8::try_from(line.len()).unwrap_or(u8::MAX));
            lengths.chain(each().flatten().flat_map(|number| number.to_le_bytes())).collect()
        };
        // No name and no time within, so that the same edition gives the same bytes.
        let mut packed = GzBuilder::new().write(Vec::new(), Compression::best());
        for section in [
            format!("{MAGIC}\n{name}\n{from}\n{to}\n{source}").into_bytes(),
            words.into_bytes(),
            codes,
            lines(&self.texts.long),
            lines(&self.texts.short),
            self.notes.text().as_bytes().to_vec(),
        ] {
            packed.write_all(&u32::try_from(section.len()).map_err(std::io::Error::other)?.to_le_bytes())?;
            packed.write_all(&section)?;
        }
        packed.finish()
    }
}

/// Reads a pack.
///
/// # Errors
/// [`Unreadable`].
pub fn read(packed: &[u8]) -> Result<Icd10cm, Unreadable> {
    let mut bytes = Vec::new();
    GzDecoder::new(packed).take(LARGEST).read_to_end(&mut bytes).map_err(|_| Unreadable)?;
    parse(&bytes).ok_or(Unreadable)
}

fn parse(bytes: &[u8]) -> Option<Icd10cm> {
    let mut rest = bytes;
    let mut section = || -> Option<&[u8]> {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (section, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        rest = after;
        Some(section)
    };
    let edition = parse_edition(std::str::from_utf8(section()?).ok()?)?;
    let mut words = Words::default();
    std::str::from_utf8(section()?).ok()?.lines().for_each(|word| words.push(word));
    let (rows, []) = section()?.as_chunks::<8>() else { return None };
    let codes: Vec<Code> = rows.iter().map(|[a, b, c, d, e, f, g, _]| Code([*a, *b, *c, *d, *e, *f, *g])).collect();
    let billable = rows.iter().map(|[.., yes]| *yes == b'1').collect();
    if !codes.is_sorted_by(|a, b| a < b) {
        return None;
    }
    let long = parse_lines(section()?, codes.len(), words.len())?;
    let short = parse_lines(section()?, codes.len(), words.len())?;
    let notes = read_notes(String::from_utf8(section()?.to_vec()).ok()?, &codes).ok()?;
    let texts = Texts { words, long, short };
    Some(Icd10cm { edition, codes, billable, texts, notes, ..Icd10cm::default() })
}

fn parse_edition(text: &str) -> Option<Edition> {
    let mut lines = text.lines();
    (lines.next()? == MAGIC).then_some(())?;
    let name = lines.next()?.to_owned();
    let (from, to) = (lines.next()?.parse().ok()?, lines.next()?.parse().ok()?);
    Some(Edition { name, from, to, source: lines.next().unwrap_or_default().to_owned() })
}

fn parse_lines(section: &[u8], rows: usize, known: usize) -> Option<Lines> {
    let (lengths, numbers) = section.split_at_checked(rows)?;
    let (numbers, []) = numbers.as_chunks::<2>() else { return None };
    let words: Vec<u16> = numbers.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect();
    let ends: Vec<u32> = lengths
        .iter()
        .scan(0, |end, length| {
            *end += u32::from(*length);
            Some(*end)
        })
        .collect();
    let whole = ends.last().copied().unwrap_or(0) as usize == words.len();
    (whole && words.iter().all(|number| usize::from(*number) < known)).then_some(Lines { words, ends })
}

fn read_notes(text: String, codes: &[Code]) -> Result<Notes, Unreadable> {
    Notes::read(text, |code| codes.binary_search(&code).ok()).ok_or(Unreadable)
}
