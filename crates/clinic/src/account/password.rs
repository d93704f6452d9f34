//! Passwords: how they are chosen (NIST SP 800-63B-4, 2025, section 3.1.1: length, a blocklist, no rules of composition) and kept
//! (argon2id, RFC 9106; parameters of the OWASP Password Storage Cheat Sheet, 2025: 19 MiB, 2 passes, 1 lane).

use super::common;
use argon2::password_hash::{PasswordHash, SaltString};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

/// Shortest password, in characters, while there is no second factor.
pub const SHORTEST: usize = 15;
/// Longest password, in bytes: far beyond any passphrase, and nobody can make us hash megabytes.
pub const LONGEST: usize = 1024;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// Hashing at once, so that a flood of sign-ins takes neither all memory nor every core.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// The hash of no password: verified when the user is unknown, so that both cases take as long. Same parameters as ours.
const OF_NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Y2hhcnRyb29tLW5vYm9keQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What comparing a password with a hash said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Whether it is the password.
    pub right: bool,
    /// Whether it was kept with other parameters than today's and should be hashed anew.
    pub outdated: bool,
}

/// Hashing failed: out of memory or a damaged hash.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("passwords cannot be checked now")]
pub struct CannotHash;

fn ours() -> Result<Argon2<'static>, CannotHash> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).map_err(|_| CannotHash)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password under 16 bytes of salt. Takes some 20 ms of a core.
///
/// # Errors
/// [`CannotHash`].
pub fn hash(password: &str, salt: &[u8; 16]) -> Result<String, CannotHash> {
    let salt = SaltString::encode_b64(salt).map_err(|_| CannotHash)?;
    ours()?.hash_password(password.as_bytes(), &salt).map(|hash| hash.to_string()).map_err(|_| CannotHash)
}

/// Compares a password with a stored hash, or with nobody's: then it takes as long and is never right.
///
/// # Errors
/// [`CannotHash`] when the stored hash is damaged.
pub fn verify(password: &str, stored: Option<&str>) -> Result<Verified, CannotHash> {
    let parsed = PasswordHash::new(stored.unwrap_or(OF_NOBODY)).map_err(|_| CannotHash)?;
    let right = ours()?.verify_password(password.as_bytes(), &parsed).is_ok() && stored.is_some();
    let today = ours()?;
    let outdated = Params::try_from(&parsed).map_or(true, |params| {
        (params.m_cost(), params.t_cost(), params.p_cost())
            != (today.params().m_cost(), today.params().t_cost(), today.params().p_cost())
    });
    Ok(Verified { right, outdated })
}

/// [`hash`], away from the threads that answer requests.
///
/// # Errors
/// [`CannotHash`].
pub async fn hash_aside(password: String, salt: [u8; 16]) -> Result<String, CannotHash> {
    aside(move || hash(&password, &salt)).await
}

/// [`verify`], away from the threads that answer requests.
///
/// # Errors
/// [`CannotHash`].
pub async fn verify_aside(password: String, stored: Option<String>) -> Result<Verified, CannotHash> {
    aside(move || verify(&password, stored.as_deref())).await
}

async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CannotHash> + Send + 'static,
) -> Result<T, CannotHash> {
    let _turn = AT_ONCE.acquire().await.map_err(|_| CannotHash)?;
    tokio::task::spawn_blocking(work).await.map_err(|_| CannotHash)?
}

/// Whether a password may be chosen. `context` is what an attacker would try first here: user name, own name, practice.
///
/// # Errors
/// What is wrong and what is expected.
pub fn acceptable(password: &str, context: &[&str]) -> Result<(), String> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(format!(
            "The password has {length} characters: use at least {SHORTEST}, for example four or five unrelated words"
        ));
    }
    if password.len() > LONGEST {
        return Err(format!("The password is too long: use at most {LONGEST} bytes"));
    }
    if common::is_common(password, context) {
        return Err("This password is easily guessed (a common password, a repeated pattern, or your own or the practice's name): \
                    choose four or five unrelated words"
            .to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_says_its_parameters_and_knows_its_password() {
        let kept = hash("correct horse battery", &[1; 16]).expect("hash");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(
            verify("correct horse battery", Some(&kept)).expect("verify"),
            Verified { right: true, outdated: false }
        );
        assert!(!verify("correct horse batterz", Some(&kept)).expect("verify").right);
        assert!(!verify("correct horse battery", None).expect("verify").right);
        assert!(!verify("", None).expect("verify").right);
    }

    #[test]
    fn weaker_parameters_are_noticed() {
        let params = Params::new(8 * 1024, 1, 1, Some(32)).expect("params");
        let salt = SaltString::encode_b64(&[2; 16]).expect("salt");
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let kept = weak.hash_password(b"correct horse battery", &salt).expect("hash").to_string();
        assert_eq!(
            verify("correct horse battery", Some(&kept)).expect("verify"),
            Verified { right: true, outdated: true }
        );
    }

    #[test]
    fn length_decides_not_composition() {
        let context = ["dr.okafor", "Elm Street Practice"];
        for good in [
            "amber kettle forty orbit",
            "ünïcödé ist völlig erlaubt",
            "🐙🦑🐠🐡🦀🦞🦐🐳🐬🦭🐊🐢🦎🐍🦖",
            &"lorem ipsum dolor ".repeat(8),
        ] {
            assert_eq!(acceptable(good, &context), Ok(()), "{good}");
        }
        for bad in [
            "",
            "short",
            "fourteen chars",
            "passwordpassword",
            "aaaaaaaaaaaaaaaaaaaa",
            "1234567890123456",
            "qwertyuiopasdfgh",
        ] {
            assert!(acceptable(bad, &context).is_err(), "{bad}");
        }
        for bad in ["dr.okafor2026!!!", "ElmStreetPractice1", "Elm Street Practice 2026"] {
            assert!(acceptable(bad, &context).is_err(), "{bad}");
        }
        assert!(acceptable(&"x1 ".repeat(400), &context).is_err());
    }
}
