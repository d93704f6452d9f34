//! Looking through the audit trail: all of it for the privacy officer, their own accesses for others.

mod actions;
mod commands;
mod csv;
mod event;
mod events;
mod fold;
mod form;

pub use actions::{ACTIONS, words};
pub use commands::{AuditPage, Row, Whose, export, search};
pub use csv::table as csv;
pub use events::{event, events};
pub use fold::{folded, sort};
pub use form::{AuditForm, MOST_EXPORTED, PER_PAGE};
