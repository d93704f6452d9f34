//! Any entry of a chart, corrected: marked as entered in error, restored, or moved to the patient it belongs to.

mod commands;
mod files;
mod nursing;

pub use commands::{MoveTo, Named, mark_error, may_correct, move_entry, restore};
