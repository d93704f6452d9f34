//! One file per screen: handlers, and a pure function from a view model to markup.

pub mod audit;
pub mod chart;
pub mod home;
pub mod lock;
pub mod note;
pub mod paper;
pub mod password;
pub mod photo;
pub mod phrases;
pub mod place;
pub mod preferences;
pub mod problem;
pub mod registration;
pub mod search;
pub mod settings;
pub mod setup;
pub mod sign_in;
pub mod templates;
pub mod tokens;
mod trail;
pub mod user;
pub mod users;
