//! What is copied: parts of a practice, their rows, and how rows are hashed.

use bytes::Bytes;
use ring::digest::Context;

/// A part of what a practice keeps. Parts are copied in this order, each in the order of its key, which is its first column (of answers
/// and drafts the first two, of revisions the first four).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Name, value as text (bytes in hexadecimal).
    Settings,
    /// Id, user name, name, role, practitioner, password hash, whether it must be changed, disabled when, made when, preferences.
    Users,
    /// Id, name, secret's hash, scope, made when, ends when, revoked when, used when.
    Tokens,
    /// Name, next: those that do not follow from other rows.
    Counters,
    /// Actor, key, request's hash, versions, answer, when.
    Answers,
    /// Every resource ever named: number, type, id.
    Resources,
    /// Place in the sequence, resource, type, version, chart, the chart it left, when, whether it is a deletion, body.
    Versions,
    /// Id, chart, author, whether it is open, changed when, the draft of a note.
    Drafts,
    /// Draft, section, revision, chart, what was saved.
    Revisions,
    /// Rows of the audit trail: first entry, last, the entries with their hashes.
    Entries,
    /// Last entry covered, when, hash, signature.
    Checkpoints,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A number; a time in microseconds since 1970; 1 for yes.
    Number,
    /// A text.
    Text,
    /// Bytes, such as a UUID's.
    Bytes,
}

/// A value.
#[derive(Clone, PartialEq, Eq)]
pub enum Field {
    /// None.
    Nothing,
    /// Of [`Sort::Number`].
    Number(i64),
    /// Of [`Sort::Text`].
    Text(String),
    /// Of [`Sort::Bytes`].
    Bytes(Bytes),
}

/// Values in the order of the part's columns.
#[derive(Clone, PartialEq, Eq)]
pub struct Row(pub Vec<Field>);

impl Part {
    /// All, in the order they are copied in.
    pub const ALL: [Self; 11] = [
        Self::Settings,
        Self::Users,
        Self::Tokens,
        Self::Counters,
        Self::Answers,
        Self::Resources,
        Self::Versions,
        Self::Drafts,
        Self::Revisions,
        Self::Entries,
        Self::Checkpoints,
    ];

    /// What its rows are called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Users => "accounts",
            Self::Tokens => "tokens",
            Self::Counters => "counters",
            Self::Answers => "answers to retries",
            Self::Resources => "resources",
            Self::Versions => "versions",
            Self::Drafts => "drafts of notes",
            Self::Revisions => "texts of drafts",
            Self::Entries => "audit entries",
            Self::Checkpoints => "audit checkpoints",
        }
    }

    /// Whether rows are only ever added at its end, so that a copy goes on where it was cut short. Others are small and copied anew.
    #[must_use]
    pub fn only_grows(self) -> bool {
        matches!(self, Self::Resources | Self::Versions | Self::Entries | Self::Checkpoints)
    }

    /// Its columns.
    #[must_use]
    pub fn columns(self) -> &'static [Sort] {
        use Sort::{Bytes, Number, Text};
        match self {
            Self::Settings => &[Text, Text],
            Self::Users => &[Bytes, Text, Text, Text, Text, Text, Number, Number, Number, Text],
            Self::Tokens => &[Bytes, Text, Bytes, Text, Number, Number, Number, Number],
            Self::Counters => &[Text, Number],
            Self::Answers => &[Bytes, Text, Bytes, Text, Text, Number],
            Self::Resources => &[Number, Number, Text],
            Self::Versions => &[Number, Number, Number, Number, Number, Number, Number, Number, Bytes],
            Self::Drafts => &[Bytes, Number, Bytes, Number, Number, Text],
            Self::Revisions => &[Bytes, Text, Number, Number, Text],
            Self::Entries => &[Number, Number, Bytes],
            Self::Checkpoints => &[Number, Number, Bytes, Bytes],
        }
    }

    /// How many of its columns are its key.
    #[must_use]
    pub fn key(self) -> usize {
        match self {
            Self::Answers | Self::Drafts => 2,
            Self::Revisions => 4,
            _ => 1,
        }
    }
}

impl Row {
    /// A number of it.
    #[must_use]
    pub fn number(&self, at: usize) -> Option<i64> {
        if let Some(Field::Number(number)) = self.0.get(at) { Some(*number) } else { None }
    }

    /// A text of it.
    #[must_use]
    pub fn text(&self, at: usize) -> Option<&str> {
        if let Some(Field::Text(text)) = self.0.get(at) { Some(text) } else { None }
    }

    /// Bytes of it.
    #[must_use]
    pub fn bytes(&self, at: usize) -> Option<&[u8]> {
        if let Some(Field::Bytes(bytes)) = self.0.get(at) { Some(bytes) } else { None }
    }

    /// Adds it to a hash: each value with what it is and its length, so that no two rows hash alike.
    pub(super) fn hash(&self, context: &mut Context) {
        context.update(&self.0.len().to_be_bytes());
        for field in &self.0 {
            let (sort, number);
            let bytes: &[u8] = match field {
                Field::Nothing => {
                    sort = 0;
                    &[]
                }
                Field::Number(value) => {
                    (sort, number) = (1, value.to_be_bytes());
                    &number
                }
                Field::Text(text) => {
                    sort = 2;
                    text.as_bytes()
                }
                Field::Bytes(bytes) => {
                    sort = 3;
                    bytes
                }
            };
            context.update(&[sort]);
            context.update(&bytes.len().to_be_bytes());
            context.update(bytes);
        }
    }
}
