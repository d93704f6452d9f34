//! Documents and notes: what was filed, and its content shown safely.

use super::row::{Handle, Reading, Row, spoken};
use super::when::When;
use crate::document::KINDS;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fhir::edit::note::{SIGNED, awaits_cosignature};
use fhir::{Element, Key, Kind};

/// One attached file, described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its place among the entry's attachments.
    pub number: usize,
    /// Its title, where given.
    pub title: Option<String>,
    /// The type it says it has. What it is served as is decided by its bytes ([`sniff`]).
    pub content_type: String,
    /// Size in bytes, where known.
    pub size: Option<u64>,
    /// Where its bytes are.
    pub place: Place,
}

/// Where an attachment's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the entry itself.
    Here,
    /// In a Binary of this practice.
    Binary(Key),
    /// Elsewhere: shown as text, never fetched.
    Elsewhere(String),
    /// Nowhere.
    Missing,
}

impl Attachment {
    /// The attachments at a path.
    #[must_use]
    pub fn all(root: Element<'_>, path: &str) -> Vec<Self> {
        root.each(path).into_iter().enumerate().map(|(number, attachment)| Self::of(number, attachment)).collect()
    }

    pub(super) fn of(number: usize, attachment: Element<'_>) -> Self {
        let place = if attachment.text("data").is_some() {
            Place::Here
        } else if let Some(url) = attachment.text("url") {
            match Key::parse(url).filter(|key| key.kind == Kind::BINARY) {
                Some(key) => Place::Binary(key),
                None => Place::Elsewhere(url.to_owned()),
            }
        } else {
            Place::Missing
        };
        let size = attachment.number("size").and_then(|size| size.parse().ok());
        let inline =
            || attachment.text("data").and_then(|data| u64::try_from(data.trim_end_matches('=').len() * 3 / 4).ok());
        Self {
            number,
            title: attachment.text("title").map(str::to_owned),
            content_type: attachment.text("contentType").unwrap_or_default().to_owned(),
            size: size.or_else(inline),
            place,
        }
    }

    /// What sort of file it says it is.
    #[must_use]
    pub fn kind_words(&self) -> &str {
        match self.content_type.split(';').next().unwrap_or_default() {
            "application/pdf" => "PDF",
            "text/plain" | "text/html" | "application/xhtml+xml" | "text/xml" | "application/xml" => "Text",
            "image/png" | "image/jpeg" | "image/gif" | "image/webp" => "Image",
            "" => "File",
            other => other,
        }
    }

    /// Whether it says it is text, or says nothing.
    #[must_use]
    pub fn is_text(&self) -> bool {
        let kind = self.content_type.as_str();
        kind.is_empty() || kind.starts_with("text/") || kind.starts_with("application/xhtml")
    }

    /// The size in words.
    #[must_use]
    pub fn size_words(&self) -> Option<String> {
        let size = self.size?;
        Some(match size {
            0..1024 => format!("{size}\u{a0}bytes"),
            1024..1_048_576 => format!("{}\u{a0}KB", size.div_ceil(1024)),
            _ => format!("{}.{}\u{a0}MB", size / 1_048_576, size % 1_048_576 * 10 / 1_048_576),
        })
    }
}

/// One document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its entry.
    pub entry: Handle,
    /// Its title: description, else type, else the first attachment's title.
    pub title: String,
    /// Its type in words.
    pub kind: Option<String>,
    /// Its category in words.
    pub category: Option<String>,
    /// Its date.
    pub when: Option<When>,
    /// Who wrote it.
    pub by: Option<String>,
    /// `Superseded`, `Awaiting cosignature` …; none when current and final.
    pub status: Option<String>,
    /// Its files.
    pub files: Vec<Attachment>,
    /// Whether it is a note: written text of a note's type. Whatever came as a file (a letter, a scan) is a filed document, whatever its type.
    pub note: bool,
    /// Whether it stands for a note that was signed here, of the same id.
    pub signed: bool,
}

/// LOINC document types that are notes: US Core "clinical note" value set (6.1), and the general note codes.
const NOTE_TYPES: [&str; 12] = [
    "18842-5", "11488-4", "34117-2", "11506-3", "28570-0", "18748-4", "11502-2", "34108-1", "34111-5", "34109-9",
    "51847-2", "34748-4",
];

impl Document {
    /// Reads a DocumentReference (or Composition).
    #[must_use]
    pub fn of(row: &Row, reading: &Reading) -> Self {
        let root = row.root();
        let clock = &reading.clock;
        let files = Self::files(root);
        // A kind of ours has our words for it, whoever filed it: one kind is one line of the filter.
        let known = || KINDS.iter().find(|kind| kind.loinc.is_some_and(|(code, _)| root.has_code("type", code)));
        let office = known().filter(|kind| kind.administrative).map(|kind| kind.words.to_owned());
        let kind = office.or_else(|| root.words("type"));
        let title = root
            .text("description")
            .or_else(|| root.text("title"))
            .map(str::to_owned)
            .or_else(|| files.iter().find_map(|file| file.title.clone()))
            .or_else(|| kind.clone());
        let coded =
            root.has_code("category", "clinical-note") || NOTE_TYPES.iter().any(|code| root.has_code("type", code));
        let status = root
            .text("docStatus")
            .filter(|status| *status != "final")
            .or_else(|| root.text("status").filter(|status| !["current", "final"].contains(status)));
        Self {
            entry: row.handle(clock),
            title: title.unwrap_or_else(|| "Document without a title".to_owned()),
            kind,
            category: root.words("category"),
            // The day a document bears; `date` is when it was filed (R4), which for others is all there is.
            when: ["content.attachment.creation", "date", "context.period.start"]
                .into_iter()
                .find_map(|path| When::get(root, path, clock)),
            by: reading.names.all(root, "author"),
            status: if awaits_cosignature(root.value()) {
                Some("Awaiting cosignature".to_owned())
            } else {
                status.map(spoken)
            },
            signed: root.extension(SIGNED).is_some(),
            note: row.key.kind == Kind::COMPOSITION || coded && files.iter().all(Attachment::is_text),
            files,
        }
    }

    fn files(root: Element<'_>) -> Vec<Attachment> {
        let mut files = Attachment::all(root, "content.attachment");
        files.iter_mut().enumerate().for_each(|(number, file)| file.number = number);
        files
    }
}

/// The bytes of an attachment kept in the entry itself.
#[must_use]
pub fn inline_bytes(root: Element<'_>, path: &str, number: usize) -> Option<Vec<u8>> {
    let data = root.each(path).into_iter().nth(number)?.text("data")?;
    let compact: String = data.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(compact).ok()
}

/// What a file may be shown as, told from its bytes and never from what it says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Text to be escaped.
    Text,
    /// A PDF.
    Pdf,
    /// A picture every browser draws; SVG is not one, it can act.
    Picture(&'static str),
    /// Anything else: only ever downloaded.
    Other,
}

impl Shown {
    /// The media type it is served with.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Pdf => "application/pdf",
            Self::Picture(kind) => kind,
            Self::Other => "application/octet-stream",
        }
    }

    /// The ending of a downloaded file's name.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Pdf => "pdf",
            Self::Picture("image/png") => "png",
            Self::Picture("image/jpeg") => "jpg",
            Self::Picture("image/gif") => "gif",
            Self::Picture("image/webp") => "webp",
            Self::Picture(_) | Self::Other => "bin",
        }
    }
}

/// Tells a file by its first bytes. Said type decides only between text and unknown: text that says it is HTML, XML, SVG or RTF is not
/// shown as a page but as the text it is, and only when it is valid UTF-8 without control characters.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Shown {
    match bytes {
        [b'%', b'P', b'D', b'F', b'-', ..] => Shown::Pdf,
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Shown::Picture("image/png"),
        [0xff, 0xd8, 0xff, ..] => Shown::Picture("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Shown::Picture("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Shown::Picture("image/webp"),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) if !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}')) => {
                Shown::Text
            }
            _ => Shown::Other,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_what_their_bytes_are() {
        assert_eq!(sniff(b"%PDF-1.7 ..."), Shown::Pdf);
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n..."), Shown::Picture("image/png"));
        assert_eq!(sniff(b"\xff\xd8\xff\xe0"), Shown::Picture("image/jpeg"));
        assert_eq!(sniff("Dear Dr Núñez,\r\n".as_bytes()), Shown::Text);
        assert_eq!(sniff(b"\x00\x01\x02"), Shown::Other);
        // What could act in a browser is only ever text.
        assert_eq!(sniff(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), Shown::Text);
        assert_eq!(sniff(b"<html><script>alert(1)</script>"), Shown::Text);
        assert_eq!(sniff(b"GIF89x<script>"), Shown::Text);
    }
}
