//! Pages over a whole practice in process: what a user of each screen relies on.

mod finding;
mod registering;
