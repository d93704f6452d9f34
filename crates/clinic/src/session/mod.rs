//! Being signed in: opening a session, locking and unlocking it, ending it.

mod commands;
mod standing;

pub use commands::{Attempt, SignIn, Unlocked, lock, nobody, reauthenticate, sign_in, sign_out, unlock};
pub use standing::{LONGEST, Standing, standing};
