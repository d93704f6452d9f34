//! One file per screen: handlers, and a pure function from a view model to markup.

pub mod chart;
pub mod home;
pub mod lock;
pub mod photo;
pub mod place;
pub mod registration;
pub mod search;
pub mod sign_in;
