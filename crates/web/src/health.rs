//! For whoever watches the machine: is it up, can it serve. Neither says anything about the practice.

use crate::state::App;
use axum::extract::State;
use axum::http::StatusCode;

/// `GET /health/live`: the program answers.
pub async fn live() -> &'static str {
    "live\n"
}

/// `GET /health/ready`: the database answers and can be written too.
pub async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    match app.store.ready().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database cannot answer\n")
        }
    }
}
