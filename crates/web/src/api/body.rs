//! The body of a request: its type and length are looked at before it is read.

use crate::error::ApiError;
use crate::state::App;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use bytes::Bytes;
use fhir::{Issue, IssueType};
use serde_json::Value;

/// A body that was read, with the media type it came as.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Lower case, without parameters; empty when none was named.
    pub media_type: String,
    /// What was sent.
    pub bytes: Bytes,
}

impl FromRequest<App> for Sent {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, Self::Rejection> {
        let limit = app.config.api_limit;
        let headers = request.headers();
        let length =
            headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
        if length.is_some_and(|length| usize::try_from(length).is_ok_and(|length| length > limit)) {
            return Err(too_large(limit));
        }
        let media_type = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let bytes = axum::body::to_bytes(request.into_body(), limit).await.map_err(|_| too_large(limit))?;
        Ok(Self { media_type, bytes })
    }
}

impl Sent {
    /// The resource that was sent.
    ///
    /// # Errors
    /// 415 for another media type; 400 for what is no FHIR JSON.
    pub fn resource(&self) -> Result<Value, ApiError> {
        if !matches!(self.media_type.as_str(), "application/fhir+json" | "application/json" | "text/json") {
            return Err(unsupported("Send the resource as application/fhir+json."));
        }
        Ok(clinic::record::read_body(&self.bytes)?)
    }

    /// The JSON Patch that was sent.
    ///
    /// # Errors
    /// 415 for another media type; 400 for what is no JSON.
    pub fn patch(&self) -> Result<Value, ApiError> {
        if self.media_type != "application/json-patch+json" {
            return Err(unsupported("Send the patch as application/json-patch+json (RFC 6902)."));
        }
        fhir::json::parse(&self.bytes).map_err(|e| ApiError::new(StatusCode::BAD_REQUEST, vec![Issue::from(&e)]))
    }
}

fn unsupported(text: &str) -> ApiError {
    ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, vec![Issue::error(IssueType::NotSupported, text)])
}

fn too_large(limit: usize) -> ApiError {
    let text = format!("A request may be at most {} MB long.", limit >> 20);
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, vec![Issue::error(IssueType::TooLong, text)])
}
