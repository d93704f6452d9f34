//! The notes of the tabular list, and its chapters and blocks.

use super::code::Code;

/// What a note is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteKind {
    /// Another name of the condition.
    Inclusion,
    /// What a category includes.
    Includes,
    /// Never coded together with this.
    Excludes1,
    /// Not part of this; may be coded beside it.
    Excludes2,
    /// The underlying condition comes first.
    CodeFirst,
    /// A further code is to be added.
    UseAdditional,
    /// A further code may be needed, in either order.
    CodeAlso,
    /// Anything else.
    Other,
}

impl NoteKind {
    const LETTERS: [(Self, char); 8] = [
        (Self::Inclusion, 'i'),
        (Self::Includes, 'n'),
        (Self::Excludes1, '1'),
        (Self::Excludes2, '2'),
        (Self::CodeFirst, 'f'),
        (Self::UseAdditional, 'u'),
        (Self::CodeAlso, 'a'),
        (Self::Other, 'o'),
    ];

    /// The letter it has in the pack.
    #[must_use]
    pub fn letter(self) -> char {
        Self::LETTERS.iter().find(|(kind, _)| *kind == self).map_or('o', |(_, letter)| *letter)
    }

    pub(crate) fn of_letter(letter: &str) -> Option<Self> {
        Self::LETTERS.iter().find(|(_, known)| letter.chars().eq([*known])).map(|(kind, _)| *kind)
    }
}

/// A note in the tabular list's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note<'a> {
    /// What it is for.
    pub kind: NoteKind,
    /// What it says.
    pub words: &'a str,
}

/// A chapter or a block of categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heading<'a> {
    /// Its first category, such as `A00`.
    pub first: &'a str,
    /// Its last one.
    pub last: &'a str,
    /// What it is called.
    pub title: &'a str,
    /// Whether it is a chapter.
    pub chapter: bool,
}

/// A piece of [`Notes::text`].
#[derive(Clone, Copy)]
pub(crate) struct Piece {
    start: u32,
    end: u32,
}

pub(crate) struct KeptHeading {
    pub first: Code,
    pub last: Code,
    title: Piece,
    chapter: bool,
}

/// Where a note stands: a row, or a heading by its place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Row(u32),
    Heading(u32),
}

struct KeptNote {
    place: Place,
    kind: NoteKind,
    words: Piece,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Notes {
    text: String,
    headings: Vec<KeptHeading>,
    /// By place; at one place in the tabular list's order.
    notes: Vec<KeptNote>,
}

impl Notes {
    /// Reads the pack's lines, `place TAB letter TAB words`: a chapter (`C`), a block (`B`), or a note. `row` finds a code's row; a note
    /// of a code that is not there is left out (an imported edition may have fewer). `None` when a line cannot be read.
    pub fn read(text: String, row: impl Fn(Code) -> Option<usize>) -> Option<Self> {
        let mut read = Self::default();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let mut parts = line.trim_end_matches('\n').splitn(3, '\t');
            let (place, letter, words) = (parts.next()?, parts.next()?, parts.next()?);
            let from = start + place.len() + letter.len() + 2;
            let words = Piece { start: u32::try_from(from).ok()?, end: u32::try_from(from + words.len()).ok()? };
            start += line.len();
            if let "C" | "B" = letter {
                let (first, last) = place.split_once('-').unwrap_or((place, place));
                let (first, last) = (Code::parse(first)?, Code::parse(last)?);
                read.headings.push(KeptHeading { first, last, title: words, chapter: letter == "C" });
                continue;
            }
            let kind = NoteKind::of_letter(letter)?;
            let place = if place == "." {
                // Of the heading above it.
                Place::Heading(u32::try_from(read.headings.len().checked_sub(1)?).ok()?)
            } else {
                let Some(row) = row(Code::parse(place)?) else { continue };
                Place::Row(u32::try_from(row).ok()?)
            };
            read.notes.push(KeptNote { place, kind, words });
        }
        read.notes.sort_by_key(|note| note.place);
        read.text = text;
        Some(read)
    }

    /// The pack's lines.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn words(&self, piece: Piece) -> &str {
        self.text.get(piece.start as usize..piece.end as usize).unwrap_or_default()
    }

    pub fn at(&self, place: Place) -> impl Iterator<Item = Note<'_>> {
        let start = self.notes.partition_point(|note| note.place < place);
        let rest = self.notes.get(start..).unwrap_or_default();
        rest.iter()
            .take_while(move |note| note.place == place)
            .map(|note| Note { kind: note.kind, words: self.words(note.words) })
    }

    pub fn at_row(&self, row: usize) -> impl Iterator<Item = Note<'_>> {
        self.at(Place::Row(u32::try_from(row).unwrap_or(u32::MAX)))
    }

    /// The headings a code stands under: chapter, then blocks from the widest to the narrowest.
    fn places_of(&self, code: Code) -> Vec<u32> {
        let under = |heading: &KeptHeading| {
            let last = heading.last;
            heading.first <= code && (code <= last || code.starts_with(last))
        };
        let numbered = (0u32..).zip(&self.headings).filter(|(_, heading)| under(heading));
        let mut found: Vec<(u32, &KeptHeading)> = numbered.collect();
        found.sort_by_key(|(_, heading)| (!heading.chapter, heading.first, std::cmp::Reverse(heading.last)));
        found.into_iter().map(|(number, _)| number).collect()
    }

    pub fn headings_of(&self, code: Code) -> impl Iterator<Item = Heading<'_>> {
        let found = self.places_of(code).into_iter();
        found.filter_map(|number| self.headings.get(number as usize)).map(|kept| Heading {
            first: kept.first.bare(),
            last: kept.last.bare(),
            title: self.words(kept.title),
            chapter: kept.chapter,
        })
    }

    /// The notes of the headings a code stands under, from the narrowest to the chapter.
    pub fn of_headings(&self, code: Code) -> impl Iterator<Item = Note<'_>> {
        self.places_of(code).into_iter().rev().flat_map(|number| self.at(Place::Heading(number)))
    }

    /// Every note of a row, with the row.
    pub fn of_rows(&self) -> impl Iterator<Item = (usize, Note<'_>)> {
        self.notes.iter().filter_map(|note| match note.place {
            Place::Row(row) => Some((row as usize, Note { kind: note.kind, words: self.words(note.words) })),
            Place::Heading(_) => None,
        })
    }
}
