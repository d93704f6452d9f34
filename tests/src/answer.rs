//! What the application answered.

use axum::http::{HeaderMap, Response};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use serde_json::Value;

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    pub(crate) async fn of(response: Response<axum::body::Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Self { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).expect("UTF-8")
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// A header's text, or nothing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// Where it leads to.
    #[must_use]
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The value of the first attribute `name="…"` after `after` in the page, entities read back.
    #[must_use]
    pub fn attribute(&self, after: &str, name: &str) -> Option<String> {
        let page = self.text();
        let rest = page.split_once(after)?.1;
        let value = rest.split_once(&format!("{name}=\""))?.1.split_once('"')?.0;
        Some(value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    }

    /// The form token the page carries.
    #[must_use]
    pub fn csrf(&self) -> Option<String> {
        self.attribute("<meta name=\"csrf\"", "content")
    }
}
