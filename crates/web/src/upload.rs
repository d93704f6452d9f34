//! A form that brings a file (`multipart/form-data`, RFC 7578), read from a body that is whole already.

use crate::error::PageError;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use futures_util::stream;
use multer::Multipart;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// Fields of a form, at most.
const FIELDS: usize = 32;
/// Bytes of a typed field, at most.
const LONGEST: usize = 64 * 1024;

/// What came.
#[derive(Debug, Default)]
pub struct Upload {
    /// What was typed, by field; the first of each name.
    pub fields: BTreeMap<String, String>,
    /// The name the file has on the sender's machine; empty when none was chosen.
    pub file_name: String,
    /// The file's bytes.
    pub file: Bytes,
}

impl Upload {
    /// A typed field; empty when it was not sent.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

/// Whether a body is such a form.
#[must_use]
pub fn is(headers: &HeaderMap) -> bool {
    boundary(headers).is_some()
}

/// One typed field, looked for no further than the first file: our forms send their token before it.
pub async fn field(headers: &HeaderMap, body: Bytes, name: &str) -> Option<String> {
    let mut form = open(headers, body)?;
    for _ in 0..FIELDS {
        let field = form.next_field().await.ok()??;
        match (field.name() == Some(name), field.file_name()) {
            (_, Some(_)) => return None,
            (true, None) => return field.text().await.ok().filter(|text| text.len() <= LONGEST),
            (false, None) => {}
        }
    }
    None
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    multer::parse_boundary(headers.get(header::CONTENT_TYPE)?.to_str().ok()?).ok()
}

fn open(headers: &HeaderMap, body: Bytes) -> Option<Multipart<'static>> {
    let boundary = boundary(headers)?;
    Some(Multipart::new(stream::once(async { Ok::<_, Infallible>(body) }), boundary))
}

/// Everything, or nothing when the form is cut off, is no form, or brings more than ours do.
async fn read(headers: &HeaderMap, body: Bytes) -> Option<Upload> {
    let mut form = open(headers, body)?;
    let mut upload = Upload::default();
    for _ in 0..=FIELDS {
        let Some(field) = form.next_field().await.ok()? else { return Some(upload) };
        let name = field.name()?.to_owned();
        match field.file_name().map(str::to_owned) {
            Some(file_name) if upload.file_name.is_empty() && upload.file.is_empty() => {
                upload.file = field.bytes().await.ok()?;
                upload.file_name = file_name;
            }
            Some(_) => return None,
            None => {
                let text = field.text().await.ok().filter(|text| text.len() <= LONGEST)?;
                upload.fields.entry(name).or_insert(text);
            }
        }
    }
    None
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let headers = request.headers().clone();
        let body = Bytes::from_request(request, state).await.map_err(|_| PageError::cut_short())?;
        read(&headers, body).await.ok_or_else(PageError::bad_form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(kind: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_TYPE, kind.parse().expect("a header"))])
    }

    const FORM: &str = "--X\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\ntoken\r\n\
        --X\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nCard, front\r\n\
        --X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"card.png\"\r\nContent-Type: image/png\r\n\r\n\x01\r\n--\r\n\
        --X--\r\n";

    #[tokio::test]
    async fn fields_and_the_file_come_apart() {
        let headers = headers("multipart/form-data; boundary=X");
        let upload = read(&headers, Bytes::from(FORM)).await.expect("whole");
        assert_eq!((upload.text("title"), upload.text("other")), ("Card, front", ""));
        assert_eq!((upload.file_name.as_str(), upload.file.as_ref()), ("card.png", &b"\x01\r\n--"[..]));
        assert_eq!(field(&headers, Bytes::from(FORM), "csrf").await.as_deref(), Some("token"));
    }

    #[tokio::test]
    async fn what_is_cut_off_anywhere_is_no_form() {
        let headers = headers("multipart/form-data; boundary=X");
        for end in 0..FORM.len() - 4 {
            assert!(read(&headers, Bytes::copy_from_slice(&FORM.as_bytes()[..end])).await.is_none(), "cut at {end}");
        }
    }

    #[tokio::test]
    async fn a_token_after_a_file_more_files_and_other_bodies_are_not_taken() {
        let form = headers("multipart/form-data; boundary=X");
        let file = "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n";
        let token = "--X\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\ntoken\r\n";
        assert_eq!(field(&form, Bytes::from([file, token, "--X--\r\n"].concat()), "csrf").await, None);
        assert!(read(&form, Bytes::from([file, file, "--X--\r\n"].concat())).await.is_none());
        assert!(read(&form, Bytes::from([token.repeat(40).as_str(), "--X--\r\n"].concat())).await.is_none());
        for kind in ["application/x-www-form-urlencoded", "multipart/form-data", "multipart/mixed; boundary=X", ""] {
            assert!(!is(&headers(kind)), "{kind}");
            assert!(read(&headers(kind), Bytes::from(FORM)).await.is_none(), "{kind}");
        }
    }
}
