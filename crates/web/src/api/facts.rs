//! What a request says about itself, read once: who asks, the address of this server, and what it prefers to get back.

use crate::error::ApiError;
use crate::state::App;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use clinic::Caller;
use fhir::{Issue, IssueType};

/// What a write answers with (`Prefer: return=…`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Return {
    /// Nothing but the headers.
    Minimal,
    /// The resource as stored.
    #[default]
    Representation,
    /// An OperationOutcome.
    Outcome,
}

/// What `If-Match` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfMatch {
    /// This version.
    Version(u32),
    /// `*`: whatever is there.
    Any,
    /// Something that is the tag of no version.
    Other,
}

impl IfMatch {
    fn read(tag: &str) -> Self {
        match clinic::record::bundle::parse_tag(tag) {
            Some(version) => Self::Version(version),
            None if tag == "*" => Self::Any,
            None => Self::Other,
        }
    }
}

/// The facts of one request.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Who asks.
    pub caller: Caller,
    /// The base address, such as `https://practice.example/fhir`.
    pub base: String,
    /// What a write answers with, when the request says.
    pub prefer: Option<Return>,
    /// `Prefer: handling=strict`: what is not supported is refused instead of told as a warning.
    pub strict: bool,
    /// The query, undecoded, without `?`.
    pub query: String,
    /// `If-Match`.
    pub if_match: Option<IfMatch>,
    /// `If-None-Match`, as sent.
    pub if_none_match: Option<String>,
    /// `If-Modified-Since`, as sent.
    pub if_modified_since: Option<String>,
    /// `If-None-Exist`, without a leading `?`.
    pub if_none_exist: Option<String>,
    /// The retry guard's key.
    pub idempotency_key: Option<String>,
}

impl FromRequestParts<App> for Facts {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let caller =
            parts.extensions.get::<Caller>().cloned().ok_or_else(|| ApiError::fault("no caller on this route"))?;
        let query = parts.uri.query().unwrap_or_default();
        let headers = &parts.headers;
        accepts_json(headers, query)?;
        let prefer = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        let mut facts = Self {
            caller,
            base: base(app, headers),
            prefer: None,
            strict: false,
            query: query.to_owned(),
            if_match: condition(headers, &header::IF_MATCH)?.map(IfMatch::read),
            if_none_match: text(headers, &header::IF_NONE_MATCH).map(str::to_owned),
            if_modified_since: text(headers, &header::IF_MODIFIED_SINCE).map(str::to_owned),
            if_none_exist: condition(headers, &IF_NONE_EXIST)?.map(|query| query.trim_start_matches('?').to_owned()),
            idempotency_key: condition(headers, &IDEMPOTENCY_KEY)?.map(str::to_owned),
        };
        for wish in prefer.flat_map(|value| value.split([',', ';'])) {
            match wish.trim() {
                "return=minimal" => facts.prefer = Some(Return::Minimal),
                "return=representation" => facts.prefer = Some(Return::Representation),
                "return=OperationOutcome" => facts.prefer = Some(Return::Outcome),
                "handling=strict" => facts.strict = true,
                _ => {}
            }
        }
        Ok(facts)
    }
}

static IF_NONE_EXIST: HeaderName = HeaderName::from_static("if-none-exist");
static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
}

/// A header that a write turns on: where it is given but says nothing that can be read, leaving it out would write what must not be.
fn condition<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ApiError> {
    let mut given = headers.get_all(name).iter();
    let Some(value) = given.next() else { return Ok(None) };
    let read = value.to_str().ok().map(str::trim).filter(|text| !text.is_empty());
    match (read, given.next()) {
        (Some(text), None) => Ok(Some(text)),
        _ => {
            let text = format!(
                "The header {name} must be given once, in ASCII (percent-encoded where it is a search), and not be empty."
            );
            Err(ApiError::one(StatusCode::BAD_REQUEST, IssueType::Value, text))
        }
    }
}

/// This server's address as the client wrote it, so that links lead back the way it came.
pub(super) fn base(app: &App, headers: &HeaderMap) -> String {
    let host = text(headers, &header::HOST).unwrap_or_default();
    let sound = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    let scheme = if app.config.https { "https" } else { "http" };
    if sound { format!("{scheme}://{host}/fhir") } else { "/fhir".to_owned() }
}

/// JSON is the one form we speak: `_format` decides before `Accept`.
pub(super) fn accepts_json(headers: &HeaderMap, query: &str) -> Result<(), ApiError> {
    if let Some(format) = query.split('&').find_map(|pair| pair.strip_prefix("_format=")) {
        let format = percent_encoding::percent_decode_str(format).decode_utf8_lossy().replace(' ', "+");
        return if is_json(&format) { Ok(()) } else { Err(not_acceptable()) };
    }
    let mut wanted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
    if wanted.peek().is_none() || wanted.any(|value| value.split(',').any(is_json)) {
        return Ok(());
    }
    Err(not_acceptable())
}

/// Whether a media range covers FHIR JSON.
fn is_json(range: &str) -> bool {
    let name = range.split(';').next().unwrap_or_default().trim();
    matches!(name, "json" | "application/fhir+json" | "application/json" | "text/json" | "application/*" | "*/*")
}

fn not_acceptable() -> ApiError {
    let text = "This server answers in JSON: accept application/fhir+json.";
    ApiError::new(StatusCode::NOT_ACCEPTABLE, vec![Issue::error(IssueType::NotSupported, text)])
}
