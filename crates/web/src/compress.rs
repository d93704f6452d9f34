//! Pages are sent compressed: a chart over a slow line is read sooner, and stays within its 80 KB.
//!
//! Only whole HTML pages of some size: the API sends stored bytes as they are, assets are compressed when built, and the small pages
//! before sign-in, the only ones that repeat what a link's author wrote (`next`), keep one length whatever secret stands beside it.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;

use crate::error::PageError;

/// Smaller pages are sent as they are.
const FROM_BYTES: usize = 6 * 1024;
/// A third of the default's time for nearly its size.
const LEVEL: u32 = 4;

/// Compresses an HTML answer for a browser that takes gzip.
pub async fn pages(request: Request, next: Next) -> Response {
    let wanted = takes_gzip(request.headers());
    let response = next.run(request).await;
    let html =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !wanted || !html || response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // Our own pages, whole in memory already: there is no length to fear.
    let Ok(page) = to_bytes(body, usize::MAX).await else { return PageError::fault("page body").into_response() };
    parts.headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    match (page.len() >= FROM_BYTES).then(|| gzip(&page)).and_then(Result::ok) {
        Some(small) => {
            parts.headers.remove(header::CONTENT_LENGTH);
            parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            Response::from_parts(parts, Body::from(small))
        }
        None => Response::from_parts(parts, Body::from(page)),
    }
}

fn gzip(page: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(page.len() / 4), Compression::new(LEVEL));
    encoder.write_all(page)?;
    encoder.finish()
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        name.trim() == "gzip" && weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) != Some(0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn gzip_is_sent_only_to_those_who_take_it() {
        for (accepts, expected) in [
            ("gzip, deflate, br", true),
            ("br;q=1, gzip;q=0.5", true),
            ("gzip;q=0", false),
            ("identity", false),
            ("xgzip", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepts));
            assert_eq!(takes_gzip(&headers), expected, "{accepts}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn what_is_compressed_reads_back_whole() {
        let page = "<tr><td>146/79 mmHg</td></tr>".repeat(1000);
        let small = gzip(page.as_bytes()).expect("memory");
        let mut back = String::new();
        flate2::read::GzDecoder::new(&*small).read_to_string(&mut back).expect("gzip");
        assert_eq!(back, page);
        assert!(small.len() * 20 < page.len());
    }
}
