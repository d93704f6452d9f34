//! Binary: content by itself.

use super::decode_base64;

resource! {
    /// R4 Binary.
    Binary {
        /// MIME type.
        content_type: text = "contentType",
        /// What it belongs to, which decides who may see it.
        security_context: one Reference = "securityContext",
        /// The content, base64.
        data: text = "data",
    }
}

impl Binary<'_> {
    /// The content.
    #[must_use]
    pub fn bytes(self) -> Option<Vec<u8>> {
        decode_base64(self.data()?)
    }
}
