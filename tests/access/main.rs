//! Who gets in, who does not, and what the browser is told.

mod sign_in;
