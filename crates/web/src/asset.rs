//! What the browser loads, embedded in the program: content-addressed, so kept for ever, and sent compressed where that helps.

use axum::extract::OriginalUri;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// `GET /static/{file}`
pub async fn show(OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    let Some(file) = assets::find(uri.path()) else { return StatusCode::NOT_FOUND.into_response() };
    let common = [
        (header::CONTENT_TYPE, file.media_type),
        (header::CACHE_CONTROL, assets::CACHE_CONTROL),
        (header::VARY, "accept-encoding"),
    ];
    match file.brotli.filter(|_| takes_brotli(&headers)) {
        Some(small) => (common, [(header::CONTENT_ENCODING, "br")], small).into_response(),
        None => (common, file.bytes).into_response(),
    }
}

/// Whether `Accept-Encoding` names `br` without a zero weight.
fn takes_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        parts.next() == Some("br")
            && !parts.any(|weight| weight.replace(' ', "").starts_with("q=0") && !weight.contains('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_is_sent_only_to_those_who_take_it() {
        let takes = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().expect("header"));
            takes_brotli(&headers)
        };
        assert!(takes("gzip, deflate, br, zstd"));
        assert!(takes("br;q=0.5"));
        assert!(!takes("gzip"));
        assert!(!takes("br;q=0, gzip"));
        assert!(!takes_brotli(&HeaderMap::new()));
    }
}
