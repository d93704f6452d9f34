//! Answers: status, the headers of a version, stored bytes.

use super::Facts;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use fhir::Key;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The media type of every answer.
pub const FHIR_JSON: HeaderValue = HeaderValue::from_static("application/fhir+json; charset=utf-8");

/// An answer that is a body alone.
#[must_use]
pub fn json(status: StatusCode, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, FHIR_JSON);
    response
}

/// An answer about one version: `ETag` and `Last-Modified`, and the body if there is one.
#[must_use]
pub fn version(status: StatusCode, number: u32, recorded_at: Timestamp, body: Option<Bytes>) -> Response {
    let mut response = match body {
        Some(body) => json(status, body),
        None => empty(status),
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{number}\"")) {
        headers.insert(header::ETAG, tag);
    }
    if let Ok(date) = HeaderValue::from_str(&http_date(recorded_at)) {
        headers.insert(header::LAST_MODIFIED, date);
    }
    response
}

/// An answer without a body.
#[must_use]
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Says where a version stands.
pub fn locate(response: &mut Response, facts: &Facts, key: &Key, version: u32) {
    if let Ok(place) = HeaderValue::from_str(&format!("{}/{key}/_history/{version}", facts.base)) {
        response.headers_mut().insert(header::LOCATION, place);
    }
}

/// A time as HTTP writes it (RFC 9110, 5.6.7): `Sun, 22 Nov 2026 22:10:00 GMT`.
#[must_use]
pub fn http_date(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Whether what the client holds is this version still (`If-None-Match`, else `If-Modified-Since`; RFC 9110, 13.2.2).
#[must_use]
pub fn is_unchanged(facts: &Facts, version: u32, recorded_at: Timestamp) -> bool {
    if let Some(tags) = &facts.if_none_match {
        return tags == "*" || tags.split(',').any(|tag| clinic::record::bundle::parse_tag(tag) == Some(version));
    }
    let Some(since) = &facts.if_modified_since else { return false };
    let since = jiff::fmt::rfc2822::parse(since).map(|zoned| zoned.timestamp());
    since.is_ok_and(|since| recorded_at.as_second() <= since.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_http_does() {
        let at = Timestamp::from_second(784_111_777).expect("time");
        assert_eq!(http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
