//! Who gets in, who does not, and what the browser is told.

mod accounts;
mod forms;
mod headers;
mod policy;
mod reviewed;
mod setup;
mod sign_in;
mod trail;
