//! Filing a document in a chart: a scan, a photo or a text, told by its bytes.

mod commands;
mod form;
mod kinds;
mod paper;

pub use commands::{Filing, file};
pub use form::FilingForm;
pub use kinds::{DocumentKind, KINDS, offered};
pub use paper::{MOST_BYTES, Paper, tell};
