//! A page's form is taken only from a page of ours: the browser says so (`Sec-Fetch-Site`, or else `Origin`), and the form
//! carries a token only such a page knows.
//!
//! Signed in, the token is the session's. Before sign-in it is derived from a cookie of its own, so that nobody can sign a browser
//! in as somebody else from another site.

use crate::cookie::Cookie;
use crate::upload;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, header};
use bytes::Bytes;
use clinic::account::Secret;
use ring::digest::{SHA256, digest};

/// The form field's name.
pub const FIELD: &str = "csrf";
/// The header a script sends instead.
pub const HEADER: &str = "x-csrf-token";

/// Whether the browser says the request comes from a page of ours. One that says nothing is refused: every browser of these years sends
/// at least one of the two with a form, and a token may have leaked.
/// Our own pages send `Origin: null` under `Referrer-Policy: no-referrer`, so `Sec-Fetch-Site` is asked first.
#[must_use]
pub fn same_origin(headers: &HeaderMap, uri: &Uri) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    match (headers.get(header::ORIGIN), host(headers, uri)) {
        (Some(origin), Some(host)) => origin
            .to_str()
            .ok()
            .and_then(|origin| origin.split_once("://"))
            .is_some_and(|(scheme, rest)| matches!(scheme, "http" | "https") && rest.eq_ignore_ascii_case(host)),
        _ => false,
    }
}

/// The host asked for: HTTP/1 names it in a header, HTTP/2 in the address.
fn host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    headers.get(header::HOST).and_then(|host| host.to_str().ok()).or_else(|| uri.authority().map(Authority::as_str))
}

/// The token of a session.
#[must_use]
pub fn of_session(session: &store::accounts::Session) -> String {
    Secret::from_bytes(session.csrf).to_text()
}

/// The token of a form shown before sign-in, from the value of its cookie.
#[must_use]
pub fn of_form_cookie(value: &str) -> String {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, format!("chartroom form {value}").as_bytes()).as_ref());
    Secret::from_bytes(bytes).to_text()
}

/// The token this request should carry.
#[must_use]
pub fn expected(session: Option<&store::accounts::Session>, headers: &HeaderMap) -> Option<String> {
    session.map(of_session).or_else(|| Cookie::Form.read(headers).map(of_form_cookie))
}

/// The token this request does carry: the header's, or the field of its form.
pub async fn carried(headers: &HeaderMap, body: &Bytes) -> Option<String> {
    if let Some(token) = headers.get(HEADER) {
        return token.to_str().ok().map(str::to_owned);
    }
    if upload::is(headers) {
        return upload::field(headers, body.clone(), FIELD).await;
    }
    let form = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    if !form.starts_with("application/x-www-form-urlencoded") {
        return None;
    }
    let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(body).ok()?;
    fields.into_iter().find(|(name, _)| name == FIELD).map(|(_, value)| value)
}

/// Compares in constant time.
#[must_use]
pub fn matches(expected: &str, carried: &str) -> bool {
    // Digests have one length and reveal nothing of where two tokens part.
    digest(&SHA256, expected.as_bytes()).as_ref() == digest(&SHA256, carried.as_bytes()).as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(pairs: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().expect("header"));
        }
        same_origin(&headers, &Uri::from_static("/"))
    }

    #[test]
    fn the_browser_says_where_a_form_comes_from() {
        assert!(said(&[("host", "h:1"), ("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(said(&[("host", "h:1"), ("origin", "http://h:1")]));
        assert!(!said(&[("host", "h:1")]), "who says nothing is not believed");
        for bad in ["cross-site", "same-site", "none"] {
            assert!(!said(&[("host", "h:1"), ("sec-fetch-site", bad), ("origin", "http://h:1")]), "{bad}");
        }
        for bad in ["null", "http://h:2", "http://evil.example", "file://h:1", "h:1", ""] {
            assert!(!said(&[("host", "h:1"), ("origin", bad)]), "{bad}");
        }
        assert!(!said(&[("origin", "http://h:1")]));
    }
}
