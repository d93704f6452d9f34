//! The only map from what can go wrong to what is answered: a page for people, an OperationOutcome for programs. What happened
//! inside is logged here, once, without patient data, and never shown.

use crate::caller::Ui;
use crate::component::layout;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use clinic::{Error, FieldError};
use fhir::{Issue, IssueType};
use maud::{Markup, html};

/// An error on its way to a person.
#[derive(Debug, Clone)]
pub struct PageError {
    status: StatusCode,
    title: &'static str,
    /// What it means and what to do.
    text: String,
    problems: Vec<String>,
    /// The page of ours that says it instead, where there is a better place for it.
    instead: Option<String>,
}

impl PageError {
    fn new(status: StatusCode, title: &'static str, text: impl Into<String>) -> Self {
        Self { status, title, text: text.into(), problems: Vec::new(), instead: None }
    }

    /// 404.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found", "There is nothing at this address, or it is not for you to see.")
    }

    /// 400: the chart was asked for as of a day in the future.
    #[must_use]
    pub fn day_to_come() -> Self {
        let text = "At the end of this day: the day asked for has not been yet, so nothing can be said of the chart on it. \
                    Go back and choose today or an earlier day.";
        Self::new(StatusCode::BAD_REQUEST, "A day that has not been", text)
    }

    /// 403: the form was not sent from a page of ours, or that page is too old.
    #[must_use]
    pub fn foreign_form() -> Self {
        let text = "This form was not sent from a page of this practice, or the page was open too long. Nothing was saved. \
                    Go back, reload the page and try again.";
        Self::new(StatusCode::FORBIDDEN, "Not accepted", text)
    }

    /// 403: the set-up link was used, is over, or never was.
    #[must_use]
    pub fn bad_link() -> Self {
        let text = "This link does not open anything any more. Restart the server: it prints a new one while nobody manages the practice.";
        Self::new(StatusCode::FORBIDDEN, "Link not valid", text)
    }

    /// 413.
    #[must_use]
    pub fn too_long(limit: usize) -> Self {
        let size = if limit < 1 << 20 { format!("{} KB", limit >> 10) } else { format!("{} MB", limit >> 20) };
        let text = format!("What was sent is longer than {size}. Nothing was saved. Go back and send less.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Too long", text)
    }

    /// 408: the body stopped arriving.
    #[must_use]
    pub fn cut_short() -> Self {
        let text = "The form did not arrive whole. Nothing was saved. Go back and send it again.";
        Self::new(StatusCode::REQUEST_TIMEOUT, "Cut short", text)
    }

    /// 422: the body is no form.
    #[must_use]
    pub fn bad_form() -> Self {
        let text = "The form could not be read. Nothing was saved. Go back, reload the page and try again.";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Not understood", text)
    }

    /// 405.
    #[must_use]
    pub fn wrong_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Not possible", "This address does not take that kind of request.")
    }

    /// 500, logged: something that our own code must never let happen.
    #[must_use]
    pub fn fault(what: &str) -> Self {
        tracing::error!(what, "fault");
        let text = "Something went wrong on our side. Try again; if it stays, tell whoever runs Chartroom here.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong", text)
    }

    /// Its status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    fn view(&self) -> Markup {
        layout::gate(self.title, &html! { (self.said()) p { a class="btn" href="/" { "To the first page" } } })
    }

    fn said(&self) -> Markup {
        html! {
            p { (self.text) }
            @if !self.problems.is_empty() {
                ul { @for problem in &self.problems { li { (problem) } } }
            }
        }
    }

    /// The same for somebody who is signed in: with the navigation, so that it is no dead end.
    #[must_use]
    pub fn framed(&self, ui: &Ui) -> Response {
        let body = html! {
            main id="main" class="page narrow" {
                header class="page-head" { h1 { (self.title) } }
                section class="card" { div class="pad prose" { (self.said()) } }
            }
        };
        (self.status, layout::page(ui, self.title, None, &body)).into_response()
    }
}

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        let said = error.to_string();
        match error {
            Error::NotPermitted => {
                let text = "Your role does not allow this. The attempt was recorded.";
                Self::new(StatusCode::FORBIDDEN, "Not permitted", text)
            }
            Error::NotFound => Self::not_found(),
            Error::Gone => Self::new(StatusCode::GONE, "Deleted", "This entry was deleted."),
            Error::Fields(fields) => Self {
                problems: fields.into_iter().map(|field| field.problem).collect(),
                ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "To correct", "Nothing was saved. Go back and correct:")
            },
            Error::Malformed(issues) | Error::Invalid(issues) => Self {
                problems: issues.into_iter().map(|issue| issue.text).collect(),
                ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Not valid", "Nothing was saved.")
            },
            Error::SeveralMatch => Self::new(StatusCode::CONFLICT, "Not possible now", capital(&said)),
            Error::WrongPatient => Self::new(StatusCode::CONFLICT, "Another patient", capital(&said)),
            Error::NotYet(patient, _) => Self {
                instead: Some(format!("/patients/{patient}/changes?show=early")),
                ..Self::new(StatusCode::CONFLICT, "Not possible now", capital(&said))
            },
            Error::Conflict(_) => Self::new(StatusCode::CONFLICT, "Not possible now", capital(&said)),
            Error::Stale => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "Changed meanwhile",
                format!("{}. Reload and try again.", capital(&said)),
            ),
            Error::VersionMissing => Self::new(
                StatusCode::PRECONDITION_REQUIRED,
                "Version missing",
                "Nothing was saved. Reload and try again.",
            ),
            Error::InEntry(_, error) => Self::from(*error),
            Error::Store(error) => Self::from(error),
        }
    }
}

impl From<store::Error> for PageError {
    fn from(error: store::Error) -> Self {
        let status = store_status(&error);
        if status.is_server_error() {
            tracing::error!(%error, "store");
        }
        let said = capital(&error.to_string());
        match status {
            StatusCode::FORBIDDEN => Self::from(Error::NotPermitted),
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::INSUFFICIENT_STORAGE => {
                Self::new(status, "The disk is full", "Nothing was saved. Tell whoever runs Chartroom here.")
            }
            _ if matches!(error, store::Error::Unknown) => Self::new(
                status,
                "Perhaps saved",
                "The database went away while it was saving. Look whether it was saved before you enter it again.",
            ),
            status if status.is_server_error() => Self::new(
                status,
                "Cannot answer now",
                "The database cannot answer. Nothing was saved. Try again; if it stays, tell whoever runs Chartroom here.",
            ),
            status => Self::new(status, "Not possible", said),
        }
    }
}

impl From<crate::secret::NoRandomness> for PageError {
    fn from(error: crate::secret::NoRandomness) -> Self {
        Self::fault(&error.to_string())
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        match &self.instead {
            Some(address) => Redirect::to(address).into_response(),
            None => {
                let mut response = (self.status, self.view()).into_response();
                // The guard knows who asked, and shows it to them within the frame.
                response.extensions_mut().insert(self);
                response
            }
        }
    }
}

/// An error on its way to a program, as an OperationOutcome.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    issues: Vec<Issue>,
}

impl ApiError {
    /// An outcome of these issues.
    #[must_use]
    pub fn new(status: StatusCode, issues: Vec<Issue>) -> Self {
        Self { status, issues }
    }

    /// An outcome of one issue.
    #[must_use]
    pub fn one(status: StatusCode, code: IssueType, problem: impl Into<String>) -> Self {
        Self::new(status, vec![Issue::error(code, problem)])
    }

    /// 401.
    #[must_use]
    pub fn unauthenticated(problem: &str) -> Self {
        Self::one(StatusCode::UNAUTHORIZED, IssueType::Login, problem)
    }

    /// 403.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::one(StatusCode::FORBIDDEN, IssueType::Forbidden, "this token's scope does not allow this")
    }

    /// 404.
    #[must_use]
    pub fn not_found() -> Self {
        Self::one(StatusCode::NOT_FOUND, IssueType::NotFound, "not found")
    }

    /// 404: there is no such operation.
    #[must_use]
    pub fn unknown_operation() -> Self {
        let text = "this server has no such operation here: its CapabilityStatement (/fhir/metadata) lists them";
        Self::one(StatusCode::NOT_FOUND, IssueType::NotSupported, text)
    }

    /// 404: R4 has no such resource type.
    #[must_use]
    pub fn unknown_type() -> Self {
        Self::one(StatusCode::NOT_FOUND, IssueType::NotSupported, "FHIR R4 has no resource type of this name")
    }

    /// 405.
    #[must_use]
    pub fn wrong_method() -> Self {
        Self::one(StatusCode::METHOD_NOT_ALLOWED, IssueType::NotSupported, "this address does not take that method")
    }

    /// 500, logged.
    #[must_use]
    pub fn fault(what: &str) -> Self {
        tracing::error!(what, "fault");
        Self::one(StatusCode::INTERNAL_SERVER_ERROR, IssueType::Exception, "something went wrong on the server")
    }

    /// Its status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The OperationOutcome.
    #[must_use]
    pub fn outcome(&self) -> serde_json::Value {
        fhir::outcome::operation_outcome(&self.issues)
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        let said = error.to_string();
        match error {
            Error::NotPermitted => Self::forbidden(),
            Error::NotFound => Self::not_found(),
            Error::Gone => Self::one(StatusCode::GONE, IssueType::Deleted, said),
            Error::Fields(fields) => {
                let issue = |field: FieldError| Issue::error(IssueType::BusinessRule, field.problem);
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, fields.into_iter().map(issue).collect())
            }
            Error::Malformed(issues) => Self::new(StatusCode::BAD_REQUEST, issues),
            Error::Invalid(issues) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, issues),
            Error::SeveralMatch => Self::one(StatusCode::PRECONDITION_FAILED, IssueType::MultipleMatches, said),
            Error::WrongPatient | Error::Conflict(_) | Error::NotYet(..) => {
                Self::one(StatusCode::CONFLICT, IssueType::Conflict, said)
            }
            Error::Stale => Self::one(StatusCode::PRECONDITION_FAILED, IssueType::Conflict, said),
            Error::VersionMissing => Self::one(StatusCode::PRECONDITION_REQUIRED, IssueType::Required, said),
            Error::InEntry(index, error) => {
                let Self { status, issues } = Self::from(*error);
                let placed = |issue: Issue| {
                    if issue.expression.is_empty() { issue.at(format!("Bundle.entry[{index}]")) } else { issue }
                };
                Self::new(status, issues.into_iter().map(placed).collect())
            }
            Error::Store(error) => Self::from(error),
        }
    }
}

impl From<store::Error> for ApiError {
    fn from(error: store::Error) -> Self {
        let status = store_status(&error);
        if status.is_server_error() {
            tracing::error!(%error, "store");
        }
        let code = match status {
            StatusCode::FORBIDDEN => return Self::forbidden(),
            StatusCode::NOT_FOUND => IssueType::NotFound,
            StatusCode::INSUFFICIENT_STORAGE => IssueType::NoStore,
            // What to do about it is in its words, and they name nothing.
            _ if matches!(error, store::Error::Unknown) => {
                return Self::one(status, IssueType::Transient, error.to_string());
            }
            status if status.is_server_error() => {
                return Self::one(status, IssueType::Transient, "the database cannot answer");
            }
            StatusCode::BAD_REQUEST if matches!(error, store::Error::TooCostly) => IssueType::TooCostly,
            StatusCode::BAD_REQUEST => IssueType::Value,
            _ => IssueType::Conflict,
        };
        Self::one(status, code, error.to_string())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.outcome())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/fhir+json; charset=utf-8"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"chartroom\""));
        }
        response
    }
}

/// The status of each store error (architecture.md, "Decided: Answers").
fn store_status(error: &store::Error) -> StatusCode {
    use store::Error as E;
    match error {
        E::NotPermitted => StatusCode::FORBIDDEN,
        E::Stale { .. } | E::TextChanged => StatusCode::PRECONDITION_FAILED,
        E::DraftElsewhere | E::DraftClosed | E::DraftChanged => StatusCode::CONFLICT,
        E::Exists(_)
        | E::WrongPatient(_)
        | E::ChartNotEmpty(_)
        | E::ChartHasDrafts(_)
        | E::Taken(_)
        | E::LastManager => StatusCode::CONFLICT,
        E::Missing(_) | E::IdempotencyMismatch => StatusCode::UNPROCESSABLE_ENTITY,
        E::TooCostly | E::BadCursor => StatusCode::BAD_REQUEST,
        E::Full => StatusCode::INSUFFICIENT_STORAGE,
        E::Unaudited | E::Locked(_) | E::Unreachable(_) | E::Unknown | E::WrongKey | E::Newer { .. } | E::Broken(_) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}
