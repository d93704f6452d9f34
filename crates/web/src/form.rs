//! A page's urlencoded form as a typed value.

use crate::error::PageError;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

/// The fields of a form. Give every field of `T` a `#[serde(default)]` where it may be missing: what is missing is for the command
/// to name; only a body that is no form at all is refused here, with 422.
#[derive(Debug, Clone, Copy, Default)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        match axum::Form::<T>::from_request(request, state).await {
            Ok(axum::Form(fields)) => Ok(Self(fields)),
            Err(_) => Err(PageError::bad_form()),
        }
    }
}
