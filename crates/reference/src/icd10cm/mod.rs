//! ICD-10-CM: what a code says, what stands above and below it, what must not stand beside it, and finding it by words.
//!
//! Official source: the tabular list and code descriptions of the National Center for Health Statistics and the Centers for Medicare &
//! Medicaid Services (public domain). Codes are taken with or without their dot, in either case.

mod axes;
mod code;
mod excludes;
mod notes;
mod order;
pub mod pack;
mod search;
mod text;
mod versions;

pub use axes::{Axis, Kind, Narrowed};
pub use code::with_dot;
pub use excludes::Conflict;
pub use notes::{Heading, Note, NoteKind};
pub use order::{Fault, read_order};
pub use search::Hit;
pub use versions::{Answer, Versions};

use code::Code;
use jiff::civil::Date;
use notes::Notes;
use search::Index;
use std::sync::{Arc, LazyLock, OnceLock};
use text::Texts;

const PACK: &[u8] = include_bytes!("../../data/icd10cm/icd10cm.bin.gz");

/// The code system's FHIR address.
pub const SYSTEM: &str = "http://hl7.org/fhir/sid/icd-10-cm";

static BUILTIN: LazyLock<Arc<Icd10cm>> = LazyLock::new(|| Arc::new(pack::read(PACK).unwrap_or_default()));

/// The edition that this program carries. Read when it is first asked for; a test holds that it can be read.
#[must_use]
pub fn builtin() -> &'static Arc<Icd10cm> {
    &BUILTIN
}

/// Which edition of the codes, and for which visits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// What it is called, such as `FY2026, April 2026`.
    pub name: String,
    /// The first day of the visits it is for.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Where it comes from.
    pub source: String,
}

impl Default for Edition {
    fn default() -> Self {
        Self { name: String::new(), from: Date::ZERO, to: Date::ZERO, source: String::new() }
    }
}

/// One edition of ICD-10-CM.
#[derive(Default)]
pub struct Icd10cm {
    edition: Edition,
    /// In order, so that what stands below a code follows it.
    codes: Vec<Code>,
    billable: Vec<bool>,
    texts: Texts,
    notes: Notes,
    index: OnceLock<Index>,
}

impl Icd10cm {
    /// Which edition this is.
    #[must_use]
    pub fn edition(&self) -> &Edition {
        &self.edition
    }

    /// How many codes it has, categories included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// How many codes are billable.
    #[must_use]
    pub fn billable_count(&self) -> usize {
        self.billable.iter().filter(|it| **it).count()
    }

    /// A code's entry; `None` for what is no code of this edition.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<Entry<'_>> {
        let code = Code::parse(code)?;
        self.codes.binary_search(&code).ok().map(|row| self.entry(row))
    }

    /// Every code, in order.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        (0..self.codes.len()).map(|row| self.entry(row))
    }

    /// Reads what the first search would have to make ready, so that nobody waits for it.
    pub fn warm(&self) {
        let _made = self.index();
    }

    fn entry(&self, row: usize) -> Entry<'_> {
        Entry { all: self, row }
    }

    fn code(&self, row: usize) -> Code {
        self.codes.get(row).copied().unwrap_or_default()
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(self))
    }

    /// The rows of a code and all that stands below it.
    fn subtree(&self, row: usize) -> std::ops::Range<usize> {
        let code = self.code(row);
        let rest = self.codes.get(row..).unwrap_or_default();
        row..row + rest.partition_point(|other| other.starts_with(code))
    }

    /// The nearest code above: a seventh character's placeholders `X` may stand between.
    fn parent_row(&self, row: usize) -> Option<usize> {
        let mut code = self.code(row);
        while let Some(shorter) = code.shorter() {
            code = shorter;
            if let Ok(found) = self.codes.binary_search(&code) {
                return Some(found);
            }
        }
        None
    }
}

/// A code of an edition.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    all: &'a Icd10cm,
    row: usize,
}

impl<'a> Entry<'a> {
    /// As it is written, such as `S52.501A`.
    #[must_use]
    pub fn code(self) -> String {
        self.all.code(self.row).dotted()
    }

    /// What it stands for, in full.
    #[must_use]
    pub fn words(self) -> String {
        self.all.texts.long(self.row)
    }

    /// The same in at most 60 characters, with the publisher's abbreviations.
    #[must_use]
    pub fn short(self) -> String {
        self.all.texts.short(self.row)
    }

    /// Whether it may stand on a claim as it is.
    #[must_use]
    pub fn billable(self) -> bool {
        self.all.billable.get(self.row).copied().unwrap_or(false)
    }

    /// What it is a kind of.
    #[must_use]
    pub fn parent(self) -> Option<Entry<'a>> {
        self.all.parent_row(self.row).map(|row| self.all.entry(row))
    }

    /// The codes right below it, in order.
    pub fn children(self) -> impl Iterator<Item = Entry<'a>> {
        let (all, parent) = (self.all, self.row);
        let below = all.subtree(parent).skip(1);
        below.filter(move |row| all.parent_row(*row) == Some(parent)).map(|row| all.entry(row))
    }

    /// Everything below it, in order.
    pub fn descendants(self) -> impl Iterator<Item = Entry<'a>> {
        let all = self.all;
        all.subtree(self.row).skip(1).map(|row| all.entry(row))
    }

    /// Chapter and blocks it stands in, the widest first.
    pub fn headings(self) -> impl Iterator<Item = Heading<'a>> {
        self.all.notes.headings_of(self.all.code(self.row))
    }

    /// Its own notes, in the tabular list's order.
    pub fn notes(self) -> impl Iterator<Item = Note<'a>> {
        self.all.notes.at_row(self.row)
    }

    /// The notes that hold for it: its own, then those of the codes above, then those of its blocks and chapter.
    #[must_use]
    pub fn notes_with_inherited(self) -> Vec<Note<'a>> {
        let mut found: Vec<Note<'a>> = Vec::new();
        let mut at = Some(self);
        while let Some(entry) = at {
            found.extend(entry.notes());
            at = entry.parent();
        }
        found.extend(self.all.notes.of_headings(self.all.code(self.row)));
        found
    }

    /// Other names of the condition, from the tabular list.
    pub fn inclusion_terms(self) -> impl Iterator<Item = &'a str> {
        self.notes().filter(|note| note.kind == NoteKind::Inclusion).map(|note| note.words)
    }
}

impl std::fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.code(), self.words())
    }
}

impl PartialEq for Entry<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.row == other.row && std::ptr::eq(self.all, other.all)
    }
}
