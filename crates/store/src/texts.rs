//! Texts that a practice keeps beside its records: phrases, templates of notes, whose notes need whose cosignature. Each stands at a
//! place, version by version; a change names the version it was made of. They are kept among the settings.

use crate::error::{Error, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What sort of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextKind {
    /// What a dot and its name bring into a note.
    Phrase,
    /// A template of notes.
    Template,
    /// A shipped template that is not offered: the text says nothing.
    Hidden,
    /// Who cosigns the notes of its owner: the text is the account.
    Cosigner,
}

impl TextKind {
    fn slug(self) -> &'static str {
        match self {
            Self::Phrase => "phrase",
            Self::Template => "template",
            Self::Hidden => "hidden",
            Self::Cosigner => "cosigner",
        }
    }

    /// What the names of the settings begin with that hold the newest versions of this kind.
    #[must_use]
    pub fn prefix(self) -> String {
        format!("text:{}:", self.slug())
    }
}

/// Where a text stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextKey {
    /// What sort.
    pub kind: TextKind,
    /// Whose; the practice's when nobody's.
    pub owner: Option<Uuid>,
    /// Its name among its owner's: small letters, digits and hyphens.
    pub name: String,
}

impl TextKey {
    fn place(&self) -> String {
        let owner = self.owner.map_or_else(|| "practice".to_owned(), |owner| owner.to_string());
        format!("{owner}:{}", self.name)
    }

    /// The setting that holds its newest version.
    #[must_use]
    pub fn setting(&self) -> String {
        format!("{}{}", self.kind.prefix(), self.place())
    }

    /// What the names of the settings begin with that hold each version, newest or not.
    #[must_use]
    pub fn versions(&self) -> String {
        format!("text-version:{}:{}:", self.kind.slug(), self.place())
    }
}

/// A version of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptText {
    /// Where it stands.
    pub key: TextKey,
    /// From 1.
    pub version: u32,
    /// What it says; nothing: it was taken away.
    pub text: Option<String>,
    /// Who wrote this version.
    pub by: Uuid,
    /// When.
    pub at: Timestamp,
}

/// A change of a text.
#[derive(Clone, PartialEq, Eq)]
pub struct TextChange {
    /// Where.
    pub key: TextKey,
    /// The version it was made of; 0: there was none.
    pub based_on: u32,
    /// What it is to say; nothing takes it away.
    pub text: Option<String>,
    /// Who.
    pub by: Uuid,
}

impl TextChange {
    /// The settings that a change makes, when it was made of what stands (`now`, as the setting has it): name and value.
    ///
    /// # Errors
    /// [`Error::TextChanged`] when another version stands; [`Error::Broken`] when what stands cannot be read.
    pub fn settings(&self, now: Option<&str>, at: Timestamp) -> Result<[(String, String); 2]> {
        let standing = now.map(read).transpose()?.map_or(0, |kept| kept.version);
        if standing != self.based_on {
            return Err(Error::TextChanged);
        }
        let (key, text) = (self.key.clone(), self.text.clone());
        let version = standing.saturating_add(1);
        let kept = KeptText { key, version, text, by: self.by, at };
        let value =
            serde_json::to_string(&kept).map_err(|e| Error::Broken(format!("a text cannot be written: {e}")))?;
        // Numbers of one length stand in their order.
        Ok([(self.key.setting(), value.clone()), (format!("{}{version:09}", self.key.versions()), value)])
    }
}

/// What a setting holds.
///
/// # Errors
/// [`Error::Broken`].
pub fn read(value: &str) -> Result<KeptText> {
    serde_json::from_str(value).map_err(|_| Error::Broken("a kept text cannot be read".to_owned()))
}

/// What the names that begin with `prefix` end before: every such name is at least `prefix` and less than this.
#[must_use]
pub fn end_of(prefix: &str) -> String {
    // A prefix ends with a colon; a semicolon is what comes next.
    format!("{};", prefix.trim_end_matches(':'))
}
