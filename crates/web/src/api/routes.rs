//! The API's part of the table of contents.

use super::{bundle_in, everything, history, metadata, read, search, validate, write};
use crate::routes::{Policy, Route};
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, on};
use clinic::Action;

use crate::state::App;

/// Every address of the API.
#[rustfmt::skip]
#[must_use]
pub fn table() -> Vec<Route> {
    const API: Policy = Policy::Api(Action::UseApi);
    vec![
        // What this server does
        route(Method::GET,    "/fhir/metadata",                        Policy::Open, metadata::show),

        // Everything
        route(Method::POST,   "/fhir",                                 API, bundle_in::post),
        route(Method::POST,   "/fhir/",                                API, bundle_in::post),
        route(Method::GET,    "/fhir/_history",                        API, history::of_all),

        // A type
        route(Method::GET,    "/fhir/{kind}",                          API, search::get),
        route(Method::POST,   "/fhir/{kind}",                          API, write::create),
        route(Method::PUT,    "/fhir/{kind}",                          API, write::update_matching),
        route(Method::PATCH,  "/fhir/{kind}",                          API, write::patch_matching),
        route(Method::DELETE, "/fhir/{kind}",                          API, write::delete_matching),
        route(Method::POST,   "/fhir/{kind}/_search",                  API, search::post),
        route(Method::GET,    "/fhir/{kind}/_history",                 API, history::of_type),
        route(Method::POST,   "/fhir/{kind}/$validate",                API, validate::of_type),

        // One resource
        route(Method::GET,    "/fhir/{kind}/{id}",                     API, read::read),
        route(Method::PUT,    "/fhir/{kind}/{id}",                     API, write::update),
        route(Method::PATCH,  "/fhir/{kind}/{id}",                     API, write::patch),
        route(Method::DELETE, "/fhir/{kind}/{id}",                     API, write::delete),
        route(Method::GET,    "/fhir/{kind}/{id}/_history",            API, history::of_one),
        route(Method::GET,    "/fhir/{kind}/{id}/_history/{version}",  API, read::version),
        route(Method::GET,    "/fhir/{kind}/{id}/$validate",           API, validate::stored),
        route(Method::POST,   "/fhir/{kind}/{id}/$validate",           API, validate::of_one),
        route(Method::GET,    "/fhir/{kind}/{id}/$everything",         API, everything::show),
        route(Method::POST,   "/fhir/{kind}/{id}/$everything",         API, everything::post),

        // A patient's compartment
        route(Method::GET,    "/fhir/{kind}/{id}/{of}",                API, search::get_within),
        route(Method::POST,   "/fhir/{kind}/{id}/{of}/_search",        API, search::post_within),
    ]
}

fn route<H, T>(method: Method, path: &'static str, policy: Policy, handler: H) -> Route
where
    H: Handler<T, App>,
    T: 'static,
{
    let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
    Route { method, path, policy, handler: on(filter, handler) }
}
