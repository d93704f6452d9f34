//! Paper: a page of the record as PDF, for the patient or the file. What is printed is told in [`Block`]s; how it looks is one
//! template, `paper.typ`, set by Typst. Identity and "Page n of m" stand on every page. The files conform to PDF/UA-1 (ISO 14289-1:2014),
//! so that a screen reader finds headings, lists and tables.
//!
//! The record's words reach the template as data, never as markup: hostile text is printed as it was written.

mod letters;
mod press;

pub use press::{Error, pdf};
use serde::Serialize;

/// The size of the sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Size {
    /// 210 × 297 mm (ISO 216:2007).
    #[serde(rename = "a4")]
    A4,
    /// 8.5 × 11 in (ANSI/ASME Y14.1).
    #[serde(rename = "us-letter")]
    Letter,
}

/// Whose paper it is: on every page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Whose {
    /// `LARSEN, Liam`.
    pub name: String,
    /// `23-Dec-1979 (46 y)`.
    pub born: String,
    /// `Female`.
    pub sex: String,
    /// `100 007`.
    pub record_number: String,
}

/// One document to be printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Paper {
    /// The sheets.
    pub size: Size,
    /// What it is: `Visit summary`.
    pub title: String,
    /// The practice's name.
    pub practice: String,
    /// The practice's address and telephone, at the head of the first page; lines.
    pub contact: String,
    /// Whose it is.
    pub patient: Whose,
    /// `Printed 22-Nov-2026 09:00 by Dr Ama Okafor`.
    pub printed: String,
    /// Words across every page of what must not be taken for a valid paper: `Entered in error`.
    pub across: Option<String>,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A piece of a paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// A section's heading.
    Heading {
        /// Its words.
        text: String,
    },
    /// Free text; its lines and empty lines are kept.
    Text {
        /// The text.
        text: String,
    },
    /// Said of the paper itself: quieter than its content.
    Remark {
        /// The text.
        text: String,
    },
    /// What must not be overlooked: framed.
    Warning {
        /// The text.
        text: String,
    },
    /// Pairs of a label and a value.
    Facts {
        /// The pairs.
        facts: Vec<(String, String)>,
    },
    /// A list of points.
    Points {
        /// The points.
        points: Vec<String>,
    },
    /// A table. Its head stands again on each page.
    Table {
        /// The heads of the columns, each with its share of the width.
        columns: Vec<(String, u8)>,
        /// The rows: as many cells as columns.
        rows: Vec<Vec<String>>,
    },
}

impl Block {
    /// A heading.
    pub fn heading(text: impl Into<String>) -> Self {
        Self::Heading { text: text.into() }
    }

    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// A remark.
    pub fn remark(text: impl Into<String>) -> Self {
        Self::Remark { text: text.into() }
    }
}
