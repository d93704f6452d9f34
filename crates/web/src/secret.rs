//! Randomness: the one place of this crate that asks the system for it.

use clinic::account::Secret;
use ring::rand::{SecureRandom, SystemRandom};

/// The system could not give random bytes; nothing secret can be made.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandomness;

/// 256 random bits.
///
/// # Errors
/// [`NoRandomness`] when the system has none to give.
pub fn bits() -> Result<[u8; 32], NoRandomness> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// A new secret: a session, a token, a set-up link, a one-time password.
///
/// # Errors
/// [`NoRandomness`] when the system has none to give.
pub fn new() -> Result<Secret, NoRandomness> {
    bits().map(Secret::from_bytes)
}

/// 16 random bytes to salt a password with.
///
/// # Errors
/// [`NoRandomness`] when the system has none to give.
pub fn salt() -> Result<[u8; 16], NoRandomness> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}
