//! The table of contents: every address, with its policy and its handler. Nothing is served that is not here.

use crate::error::{ApiError, PageError};
use crate::guard::{self, Guard};
use crate::page::{self, chart, note, paper, problem, sign_in};
use crate::state::App;
use crate::{asset, headers, health, said};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::{Method, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use clinic::Action;
use tower_http::catch_panic::CatchPanicLayer;

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Anybody.
    Open,
    /// Anybody signed in, even while locked or before a needed change of password.
    AnySession,
    /// Anybody signed in.
    SignedIn,
    /// Those signed in whose role allows the action.
    Page(Action),
    /// API clients whose token allows the action; its scope bounds them further.
    Api(Action),
}

/// One line of the table.
pub struct Route {
    /// The method; GET answers HEAD too.
    pub method: Method,
    /// The path, with `{parameters}`.
    pub path: &'static str,
    /// Who may come in.
    pub policy: Policy,
    /// What answers.
    pub handler: MethodRouter<App>,
}

/// Where a form may bring a file.
const UPLOADS: [&str; 1] = ["/patients/{id}/documents/new"];

/// Every address.
#[rustfmt::skip]
#[must_use]
pub fn table() -> Vec<Route> {
    use Action::{Audit, CheckIn, FileDocuments, Manage, OwnAccesses, ReadClinical, ReadDocuments, ReadIdentity};
    use Action::{AssignDrafts, WriteClinical, WriteIdentity, WriteNotes, WriteObservations};
    use Policy::{AnySession, Open, Page, SignedIn};
    let mut all = vec![
        // The program itself
        get ("/health/live",             Open,                          health::live),
        get ("/health/ready",            Open,                          health::ready),
        get ("/static/{file}",           Open,                          asset::show),

        // Coming in and going out
        get ("/sign-in",                 Open,                          sign_in::show),
        post("/sign-in",                 Open,                          sign_in::save),
        get ("/lock",                    AnySession,                    page::lock::show),
        post("/lock",                    AnySession,                    page::lock::save),
        post("/unlock",                  AnySession,                    page::lock::unlock),
        post("/still-here",              SignedIn,                      page::lock::still_here),
        post("/sign-out",                AnySession,                    sign_in::sign_out),
        post("/sign-out/everywhere",     AnySession,                    sign_in::sign_out_everywhere),

        get ("/setup/{secret}",          Open,                          page::setup::show),
        post("/setup/{secret}",          Open,                          page::setup::save),
        get ("/password",                AnySession,                    page::password::show),
        post("/password",                AnySession,                    page::password::save),

        // First pages
        get ("/",                        SignedIn,                      page::home::show),
        get ("/preferences",             SignedIn,                      page::preferences::show),
        post("/preferences",             SignedIn,                      page::preferences::save),

        // The manager's pages
        get ("/users",                   Page(Manage),                  page::users::show),
        post("/users",                   Page(Manage),                  page::users::create),
        get ("/users/new",               Page(Manage),                  page::users::new),
        get ("/users/{id}",              Page(Manage),                  page::user::show),
        post("/users/{id}",              Page(Manage),                  page::user::save),
        post("/users/{id}/cosigner",     Page(Manage),                  page::user::set_cosigner),
        post("/users/{id}/disable",      Page(Manage),                  page::user::disable),
        post("/users/{id}/enable",       Page(Manage),                  page::user::enable),
        post("/users/{id}/end-sessions", Page(Manage),                  page::user::end_sessions),
        post("/users/{id}/reset-password", Page(Manage),                page::user::reset_password),
        get ("/tokens",                  Page(Manage),                  page::tokens::show),
        post("/tokens",                  Page(Manage),                  page::tokens::create),
        post("/tokens/{id}/revoke",      Page(Manage),                  page::tokens::revoke),
        get ("/settings",                Page(Manage),                  page::settings::show),
        post("/settings",                Page(Manage),                  page::settings::save),

        get ("/shared-phrases",          Page(Manage),                  page::phrases::shared),
        post("/shared-phrases",          Page(Manage),                  page::phrases::save_shared),
        get ("/shared-phrases/{name}",   Page(Manage),                  page::phrases::shared_one),
        get ("/templates",               Page(Manage),                  page::templates::show),
        post("/templates",               Page(Manage),                  page::templates::save),
        get ("/templates/new",           Page(Manage),                  page::templates::new),
        get ("/templates/{template}",    Page(Manage),                  page::templates::one),
        post("/templates/{template}/hide",   Page(Manage),              page::templates::hide),
        post("/templates/{template}/remove", Page(Manage),              page::templates::remove),

        // Who did what
        get ("/audit",                   Page(Audit),                   page::audit::show),
        post("/audit",                   Page(Audit),                   page::audit::search),
        post("/audit/csv",               Page(Audit),                   page::audit::export),
        get ("/audit/mine",              Page(OwnAccesses),             page::audit::mine),
        post("/audit/mine",              Page(OwnAccesses),             page::audit::search_mine),
        post("/audit/mine/csv",          Page(OwnAccesses),             page::audit::export_mine),

        // Finding and registering patients
        get ("/search",                  Page(ReadIdentity),            page::search::show),
        post("/search",                  Page(ReadIdentity),            page::search::find),
        post("/search/palette",          Page(ReadIdentity),            page::search::palette),
        get ("/patients/new",            Page(WriteIdentity),           page::registration::new),
        post("/patients/new",            Page(WriteIdentity),           page::registration::register),
        get ("/patients/{id}/edit",      Page(WriteIdentity),           page::registration::edit),
        post("/patients/{id}/edit",      Page(WriteIdentity),           page::registration::save),
        get ("/patients/{id}/photo",     Page(ReadIdentity),            page::photo::show),

        // Notes that are not signed yet
        get ("/drafts",                  Page(WriteNotes),              note::list::mine),
        get ("/drafts/all",              Page(AssignDrafts),            note::list::all),
        post("/journal-key",             Page(WriteNotes),              note::saving::journal_key),
        get ("/phrases",                 Page(WriteNotes),              page::phrases::mine),
        post("/phrases",                 Page(WriteNotes),              page::phrases::save_mine),
        get ("/phrases/{name}",          Page(WriteNotes),              page::phrases::my_one),

        // Codes of diagnoses, of no patient
        post("/diagnoses/find",          Page(WriteClinical),           problem::find::find),

        // The chart
        get ("/patients/{id}",                                      Page(ReadIdentity), chart::summary::show),
        get ("/patients/{id}/timeline",                             Page(ReadClinical), chart::timeline::show),
        get ("/patients/{id}/visits",                               Page(ReadClinical), chart::visits::show),
        get ("/patients/{id}/visits/new",                           Page(CheckIn),      chart::visit_start::new),
        post("/patients/{id}/visits/new",                           Page(CheckIn),      chart::visit_start::start),
        get ("/visits/{visit}/rooming",                             Page(WriteObservations), chart::rooming::show),
        post("/visits/{visit}/rooming",                             Page(WriteObservations), chart::rooming::save),
        post("/visits/{visit}/status",                              Page(CheckIn),      chart::visit_state::save),
        post("/visits/{visit}/diagnoses",                           Page(WriteClinical), chart::visit_diagnoses::save),
        get ("/visits/{visit}",                                     Page(ReadClinical), chart::workspace::show),
        get ("/visits/{visit}/paper",                               Page(ReadClinical), paper::visit::show),
        get ("/patients/{id}/notes",                                Page(ReadClinical), chart::documents::notes),
        get ("/patients/{id}/notes/new",                            Page(WriteNotes),   note::begin::show),
        post("/patients/{id}/notes/new",                            Page(WriteNotes),   note::begin::save),
        get ("/patients/{id}/notes/{note}",                         Page(ReadClinical), note::signed::show),
        post("/patients/{id}/notes/{note}/cosign",                  Page(WriteNotes),   note::cosign::save),
        get ("/patients/{id}/notes/{note}/paper",                   Page(ReadClinical), paper::note::show),
        get ("/patients/{id}/notes/{note}/seen",                    Page(ReadClinical), note::seen::show),
        get ("/patients/{id}/drafts/{draft}",                       Page(ReadClinical), note::editor::show),
        post("/patients/{id}/drafts/{draft}",                       Page(WriteNotes),   note::saving::save),
        post("/patients/{id}/drafts/{draft}/phrase",                Page(WriteNotes),   note::saving::phrase),
        post("/patients/{id}/drafts/{draft}/sign",                  Page(WriteNotes),   note::sign::save),
        post("/patients/{id}/drafts/{draft}/discard",               Page(WriteNotes),   note::discard::save),
        get ("/patients/{id}/drafts/{draft}/move",                  Page(WriteNotes),   note::moving::choose),
        post("/patients/{id}/drafts/{draft}/move",                  Page(WriteNotes),   note::moving::find),
        get ("/patients/{id}/drafts/{draft}/move/{to}",             Page(WriteNotes),   note::moving::confirm),
        post("/patients/{id}/drafts/{draft}/move/{to}",             Page(WriteNotes),   note::moving::save),
        post("/patients/{id}/drafts/{draft}/reassign",              Page(AssignDrafts), note::discard::reassign),
        get ("/patients/{id}/problems",                             Page(ReadClinical), chart::problems::show),
        get ("/patients/{id}/problems/new",                         Page(WriteClinical), problem::new::show),
        post("/patients/{id}/problems/new",                         Page(WriteClinical), problem::new::save),
        get ("/patients/{id}/problems/{condition}",                 Page(ReadClinical), problem::one::show),
        post("/patients/{id}/problems/{condition}",                 Page(WriteClinical), problem::one::save),
        post("/patients/{id}/problems/{condition}/promote",         Page(WriteClinical), problem::one::promote),
        post("/patients/{id}/problems/{condition}/resolve",         Page(WriteClinical), problem::one::resolve),
        get ("/patients/{id}/medicines",                            Page(ReadClinical), chart::medicines::show),
        get ("/patients/{id}/allergies",                            Page(ReadClinical), chart::allergies::show),
        get ("/patients/{id}/allergies/new",                        Page(WriteObservations), chart::allergy_form::new),
        post("/patients/{id}/allergies/new",                        Page(WriteObservations), chart::allergy_form::save),
        post("/patients/{id}/allergies/none",                       Page(WriteObservations), chart::allergy_form::none),
        get ("/patients/{id}/allergies/{allergy}",                  Page(WriteObservations), chart::allergy_form::edit),
        post("/patients/{id}/allergies/{allergy}",                  Page(WriteObservations), chart::allergy_form::change),
        get ("/patients/{id}/vitals",                               Page(ReadClinical), chart::vitals::show),
        get ("/patients/{id}/results",                              Page(ReadClinical), chart::results::show),
        get ("/patients/{id}/results/{observation}",                Page(ReadClinical), chart::test_page::show),
        get ("/patients/{id}/reports/{report}",                     Page(ReadClinical), chart::results::report),
        get ("/patients/{id}/immunizations",                        Page(ReadClinical), chart::immunizations::show),
        get ("/patients/{id}/procedures",                           Page(ReadClinical), chart::procedures::show),
        get ("/patients/{id}/documents",                            Page(ReadDocuments), chart::documents::show),
        get ("/patients/{id}/documents/new",                        Page(FileDocuments), chart::filing::new),
        post("/patients/{id}/documents/new",                        Page(FileDocuments), chart::filing::file),
        get ("/patients/{id}/documents/{document}",                 Page(ReadDocuments), chart::documents::one),
        get ("/patients/{id}/files/{kind}/{entry}/{number}",        Page(ReadDocuments), chart::documents::file),
        get ("/patients/{id}/history",                              Page(ReadClinical), chart::history::show),
        get ("/patients/{id}/history/{section}/new",                Page(WriteObservations), chart::history_form::new),
        post("/patients/{id}/history/{section}/new",                Page(WriteObservations), chart::history_form::save),
        get ("/patients/{id}/history/{section}/{entry}",            Page(WriteObservations), chart::history_form::edit),
        post("/patients/{id}/history/{section}/{entry}",            Page(WriteObservations), chart::history_form::change),
        post("/patients/{id}/history/{section}/reviewed",           Page(WriteObservations), chart::history_review::reviewed),
        post("/patients/{id}/history/{section}/none",               Page(WriteObservations), chart::history_review::none),
        get ("/patients/{id}/changes",                              Page(ReadClinical), chart::changes::show),
        get ("/patients/{id}/changes/{kind}/{entry}",               Page(ReadClinical), chart::entry::show),
        post("/patients/{id}/changes/{kind}/{entry}/error",         Page(WriteObservations), chart::entry::mark_error),
        post("/patients/{id}/changes/{kind}/{entry}/restore",       Page(WriteObservations), chart::entry::restore),
        get ("/patients/{id}/changes/{kind}/{entry}/move",          Page(WriteClinical), chart::moving::choose),
        post("/patients/{id}/changes/{kind}/{entry}/move",          Page(WriteClinical), chart::moving::find),
        get ("/patients/{id}/changes/{kind}/{entry}/move/{to}",     Page(WriteClinical), chart::moving::confirm),
        post("/patients/{id}/changes/{kind}/{entry}/move/{to}",     Page(WriteClinical), chart::moving::save),
        get ("/patients/{id}/access",                               Page(OwnAccesses),  chart::access::show),
    ];
    all.extend(crate::api::routes::table());
    all
}

fn get<H, T>(path: &'static str, policy: Policy, handler: H) -> Route
where
    H: Handler<T, App>,
    T: 'static,
{
    Route { method: Method::GET, path, policy, handler: on(MethodFilter::GET, handler) }
}

fn post<H, T>(path: &'static str, policy: Policy, handler: H) -> Route
where
    H: Handler<T, App>,
    T: 'static,
{
    Route { method: Method::POST, path, policy, handler: on(MethodFilter::POST, handler) }
}

/// The application: the table, each route behind its guard, and what every answer carries.
pub fn app(app: App) -> Router {
    let mut router = Router::new();
    for Route { path, policy, handler, .. } in table() {
        let limit = match policy {
            Policy::Api(_) => app.config.api_limit,
            _ if UPLOADS.contains(&path) => app.config.upload_limit,
            _ => app.config.form_limit,
        };
        let guard = Guard { app: app.clone(), policy, path, limit };
        let guarded: MethodRouter<App> = handler
            .layer::<_, std::convert::Infallible>(from_fn_with_state(guard, guard::check))
            .layer(DefaultBodyLimit::max(limit));
        router = router.route(path, caught(path, guarded));
    }
    router
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(CatchPanicLayer::custom(|_| PageError::fault("panic").into_response()))
        .layer(from_fn(said::once))
        .layer(from_fn(crate::direction::pages))
        .layer(from_fn(crate::compress::pages))
        .layer(from_fn_with_state(app.clone(), headers::add))
        .with_state(app)
}

/// A fault on an address of the API is told to a program, not shown as a page.
fn caught<S: Clone + Send + Sync + 'static>(path: &str, handler: MethodRouter<S>) -> MethodRouter<S> {
    if !is_api(path) {
        return handler;
    }
    handler.layer(CatchPanicLayer::custom(|_| ApiError::fault("panic").into_response()))
}

async fn nothing_here(uri: Uri) -> Response {
    if is_api(uri.path()) { ApiError::not_found().into_response() } else { PageError::not_found().into_response() }
}

async fn wrong_method(uri: Uri) -> Response {
    if is_api(uri.path()) {
        ApiError::wrong_method().into_response()
    } else {
        PageError::wrong_method().into_response()
    }
}

fn is_api(path: &str) -> bool {
    path == "/fhir" || path.starts_with("/fhir/")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "the panic is what is tested")]
    use super::*;
    use axum::body::Body;
    use tower::ServiceExt as _;

    async fn broken() -> Response {
        panic!("a fault")
    }

    #[tokio::test]
    async fn a_fault_of_the_api_is_an_operation_outcome() {
        let router: Router = Router::new()
            .route("/fhir/{kind}", caught("/fhir/{kind}", axum::routing::get(broken)))
            .layer(CatchPanicLayer::custom(|_| PageError::fault("panic").into_response()));
        let request = axum::http::Request::get("/fhir/Patient").body(Body::empty()).expect("a request");
        let response = router.oneshot(request).await.expect("an answer");
        assert_eq!(response.status(), 500);
        let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
        assert_eq!(kind, Some("application/fhir+json; charset=utf-8"));
    }
}
