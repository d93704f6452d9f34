//! A visit: it is started, moves from state to state, and what is measured and asked at its beginning is recorded in it.
//!
//! A chart's forms name the patient, the version of what they showed, and the visit: [`crate::shown`] checks them, whatever the form.

pub mod commands;
pub mod kinds;
pub mod moment;
pub mod room;
pub mod rooming;
pub mod start;
pub mod state;
pub mod vital;
pub mod words;

pub use commands::{Change, Starting, change_state, desk, offered, start};
pub use room::{Outcome, Room, room};
pub use start::StartForm;
pub use state::State;
