//! The parts of an address, as axum reads them; one that is no UTF-8 is answered as the API answers.

use crate::error::ApiError;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use fhir::IssueType;
use serde::de::DeserializeOwned;

/// The parts of an address.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let text = "The address cannot be read: it is not valid UTF-8.";
        let read = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        let axum::extract::Path(named) =
            read.map_err(|_| ApiError::one(StatusCode::BAD_REQUEST, IssueType::Value, text))?;
        Ok(Self(named))
    }
}
