//! Attachment, Annotation, Narrative.

use base64::Engine as _;

view! {
    /// Content given in place or elsewhere: a PDF, an image, a text.
    Attachment {
        /// MIME type.
        content_type: text = "contentType",
        /// Language of the content.
        language: text = "language",
        /// The content itself, base64.
        data: text = "data",
        /// Where the content is, such as `Binary/123`.
        url: text = "url",
        /// Number of bytes, as written.
        size: number = "size",
        /// SHA-1 of the content, base64.
        hash: text = "hash",
        /// What to call it.
        title: text = "title",
        /// When it was made.
        creation: date = "creation",
    }
}

impl Attachment<'_> {
    /// The content given in place, decoded.
    #[must_use]
    pub fn bytes(self) -> Option<Vec<u8>> {
        decode_base64(self.data()?)
    }
}

/// Base64 as FHIR writes it: standard alphabet, padded, whitespace allowed anywhere.
#[must_use]
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let packed: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    base64::engine::general_purpose::STANDARD.decode(packed).ok()
}

view! {
    /// A remark, with who made it and when.
    Annotation {
        /// Who, by name.
        author_text: text = "authorString",
        /// Who, by reference.
        author_reference: one Reference = "authorReference",
        /// When.
        time: date = "time",
        /// The remark (markdown).
        text: text = "text",
    }
}

impl<'a> Annotation<'a> {
    /// The author's name, where it is written.
    #[must_use]
    pub fn author(self) -> Option<&'a str> {
        self.author_text().or_else(|| self.author_reference().and_then(super::Reference::display))
    }
}

view! {
    /// The resource told in restricted HTML.
    Narrative {
        /// `generated`, `extensions`, `additional` or `empty`.
        status: text = "status",
        /// The `<div>`; show it only after validation accepted it.
        div: text = "div",
    }
}
