//! Pages over a whole practice in process: what a user of each screen relies on.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

mod allergies;
mod beginning;
mod charting;
mod complete;
mod correcting;
mod cosigning;
mod diagnosing;
mod filing;
mod finding;
mod forging;
mod history;
mod merged;
mod misplacing;
mod noting;
mod papers;
mod phrasing;
mod printing;
mod registering;
mod rooming;
mod saving;
mod support;
mod taking_home;
mod templating;
mod visiting;
mod vitals;
mod withholding;
mod workspace;
