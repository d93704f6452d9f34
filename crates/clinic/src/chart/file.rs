//! The files of a chart: found, their bytes decoded, told by what they are.

use super::binary::belongs;
use super::commands::{Ask, Loaded};
use super::document::{Attachment, Document, Place, Shown, inline_bytes, sniff};
use super::row::Row;
use crate::error::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fhir::{Id, Key, Kind};

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
        let key = Key::new(kind, Id::parse(id).map_err(|_| Error::NotFound)?);
        let found = self.find_entry(&key, &[]).await?;
        let (loaded, row) = found.for_decision();
        let document = Document::of(row, &loaded.reading);
        let files = self.contents(row, "content.attachment", &document.files).await?;
        let (loaded, row) = self.release(found, "document").await?;
        let sections = row.root().each("section").into_iter().filter_map(section).collect();
        Ok((loaded, DocumentPage { document, files, sections }))
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

/// A section's heading and its narrative as plain text.
fn section(section: fhir::Element<'_>) -> Option<(String, String)> {
    let heading = section.text("title").map(str::to_owned).or_else(|| section.words("code")).unwrap_or_default();
    let text = section.text("text.div").map(plain)?;
    Some((heading, text))
}

/// Narrative markup as text: tags become line breaks where they end a block, and are dropped elsewhere. Never rendered as markup.
#[must_use]
pub fn plain(markup: &str) -> String {
    let mut text = String::with_capacity(markup.len());
    let mut rest = markup;
    // What a browser would not show is not part of the text.
    let unseen;
    if ["<style", "<script", "<head", "<!--"].iter().any(|start| markup.to_ascii_lowercase().contains(start)) {
        unseen = without_unseen(markup);
        rest = &unseen;
    }
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let Some((tag, after)) = after.split_once('>') else {
            rest = "";
            break;
        };
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        let block = ["p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol"];
        if block.contains(&name.to_ascii_lowercase().as_str()) && !text.ends_with('\n') && !text.is_empty() {
            text.push('\n');
        } else if ["td", "th"].contains(&name.as_str()) && tag.starts_with('/') {
            text.push(' ');
        }
        rest = after;
    }
    text.push_str(rest);
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&nbsp;", "\u{a0}"),
        ("&amp;", "&"),
    ];
    entities.iter().fold(text.trim().to_owned(), |text, (entity, c)| text.replace(entity, c))
}

/// Leaves out comments and the elements whose content is not text.
fn without_unseen(markup: &str) -> String {
    let mut kept = markup.to_owned();
    for (start, end) in [("<!--", "-->"), ("<style", "</style>"), ("<script", "</script>"), ("<head", "</head>")] {
        while let Some(from) = kept.to_ascii_lowercase().find(start) {
            let rest = kept.get(from..).unwrap_or_default().to_ascii_lowercase();
            let until = rest.find(end).map_or(kept.len(), |at| from + at + end.len());
            kept.replace_range(from..until, "");
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn narrative_becomes_text() {
        assert_eq!(plain("<div xmlns=\"x\"><p>One &amp; <b>two</b></p><p>three</p></div>"), "One & two\nthree");
        assert_eq!(plain("a &lt;script&gt; b"), "a <script> b");
        assert_eq!(plain("broken <b"), "broken");
        assert_eq!(plain("<html><head><title>T</title></head><style>p{}</style><p>Seen<!-- not --></p>"), "Seen");
        assert_eq!(plain("a<script>alert(1)</script>b"), "ab");
    }
}
