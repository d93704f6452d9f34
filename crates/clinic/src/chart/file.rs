//! The files of a chart: found, their bytes decoded, told by what they are.

use super::binary::belongs;
use super::commands::{Ask, Loaded};
use super::document::{Attachment, Document, Place, Shown, inline_bytes, sniff};
use super::plain::plain;
use super::row::Row;
use crate::error::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fhir::{Id, Key, Kind};
use store::Sealed;

/// Text up to this size is shown in the page; longer text is only downloaded.
const TEXT_SHOWN: usize = 256 * 1024;

/// One file with its bytes.
pub struct File {
    /// What it is, told by its bytes.
    pub shown: Shown,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a file is, and its text when it is text; none when its bytes are not here.
pub type Content = Option<(Shown, Option<String>)>;

/// A document with the files that can be shown in its page.
pub struct DocumentPage {
    /// The document.
    pub document: Document,
    /// What each file holds.
    pub files: Vec<Content>,
    /// Sections of a Composition: heading and text.
    pub sections: Vec<(String, String)>,
}

impl Ask<'_> {
    /// A document with its text.
    ///
    /// # Errors
    /// As [`Ask::load`].
    pub async fn document(&self, kind: Kind, id: &str) -> Result<(Loaded, DocumentPage)> {
        self.release(self.find_document(kind, id).await?, "document").await
    }

    /// As [`Ask::document`], still sealed: to be released with what is shown beside it.
    ///
    /// # Errors
    /// As [`Ask::load`].
    pub async fn find_document(&self, kind: Kind, id: &str) -> Result<Sealed<(Loaded, DocumentPage)>> {
        let key = Key::new(kind, Id::parse(id).map_err(|_| Error::NotFound)?);
        let found = self.find_entry(&key, &[]).await?;
        let (loaded, row) = found.for_decision();
        let document = Document::of(row, &loaded.reading);
        let files = self.contents(row, "content.attachment", &document.files).await?;
        Ok(found.map(|(loaded, row)| {
            let sections = sections(&row);
            (loaded, DocumentPage { document, files, sections })
        }))
    }

    /// What the attachments at a path hold. Used under the seal of the entry that names them.
    pub(super) async fn contents(&self, row: &Row, path: &str, files: &[Attachment]) -> Result<Vec<Content>> {
        let mut contents = Vec::with_capacity(files.len());
        for file in files {
            let marked_up = file.content_type.contains("html") || file.content_type.contains("xml");
            contents.push(self.bytes(row, path, file).await?.map(|bytes| described(&bytes, marked_up)));
        }
        Ok(contents)
    }

    /// One file of a document or report.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none, or its bytes are elsewhere.
    pub async fn file(&self, kind: Kind, id: &str, number: usize) -> Result<File> {
        let path = match kind {
            Kind::DOCUMENT_REFERENCE => "content.attachment",
            Kind::DIAGNOSTIC_REPORT => "presentedForm",
            _ => return Err(Error::NotFound),
        };
        let key = Key::new(kind, Id::parse(id).map_err(|_| Error::NotFound)?);
        let found = self.find_entry(&key, &[]).await?;
        let (_, row) = found.for_decision();
        let attachments = Attachment::all(row.root(), path);
        let attachment = attachments.get(number).ok_or(Error::NotFound)?;
        let bytes = self.bytes(row, path, attachment).await?.ok_or(Error::NotFound)?;
        self.release(found, "file").await?;
        Ok(File { shown: sniff(&bytes), bytes })
    }

    /// The bytes of an attachment, when they are in this practice. Used under the seal of the entry that names it.
    async fn bytes(&self, row: &Row, path: &str, attachment: &Attachment) -> Result<Option<Vec<u8>>> {
        match &attachment.place {
            Place::Here => Ok(inline_bytes(row.root(), path, attachment.number)),
            Place::Binary(key) => {
                let permit = self.permit()?;
                let Some(stored) = self.store.read(&permit, key).await? else { return Ok(None) };
                let stored = stored.for_decision();
                // A Binary of another chart is not shown here, whatever the document says.
                if !belongs(self.store, self.caller, &self.patient, stored).await? {
                    return Ok(None);
                }
                let data = Row::read(stored).and_then(|row| row.root().text("data").map(str::to_owned));
                Ok(data.and_then(|data| STANDARD.decode(data.split_ascii_whitespace().collect::<String>()).ok()))
            }
            Place::Elsewhere(_) | Place::Missing => Ok(None),
        }
    }
}

/// Marked-up text is shown as the text it holds: never as markup.
fn described(bytes: &[u8], marked_up: bool) -> (Shown, Option<String>) {
    let shown = sniff(bytes);
    let text = (shown == Shown::Text && bytes.len() <= TEXT_SHOWN).then(|| String::from_utf8_lossy(bytes).into_owned());
    (shown, text.map(|text| if marked_up { plain(&text) } else { text }))
}

/// The sections of a Composition: heading and text.
pub(super) fn sections(note: &Row) -> Vec<(String, String)> {
    note.root().each("section").into_iter().filter_map(section).collect()
}

/// A section's heading and its narrative as plain text.
fn section(section: fhir::Element<'_>) -> Option<(String, String)> {
    let heading = section.text("title").map(str::to_owned).or_else(|| section.words("code")).unwrap_or_default();
    let text = section.text("text.div").map(plain)?;
    Some((heading, text))
}
