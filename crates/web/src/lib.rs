//! The interface: pages for people, FHIR for programs, over HTTP.
//!
//! [`routes::table`] is the table of contents: every address with its policy and handler. [`app`] folds it into a router in which
//! [`guard`] runs each route's policy before its handler, so that no address exists outside the table or without a policy.

pub mod address;
pub mod api;
pub mod asset;
pub mod caller;
pub mod component;
pub mod compress;
pub mod cookie;
pub mod csrf;
pub mod direction;
pub mod error;
pub mod form;
pub mod guard;
pub mod headers;
pub mod health;
pub mod page;
pub mod routes;
pub mod said;
pub mod secret;
pub mod state;
pub mod upload;

pub use caller::{Signed, Ui};
pub use error::{ApiError, PageError};
pub use routes::app;
pub use state::{App, Config};
