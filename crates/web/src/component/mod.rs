//! What pages are made of: each a function from values to markup.

pub mod form;
pub mod layout;
