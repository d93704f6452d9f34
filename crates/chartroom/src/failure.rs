//! How a command can end. The codes are part of the interface: others script against them.

use std::path::Path;

/// The result of a command.
pub type Outcome<T = ()> = Result<T, Failure>;

/// Why a command did not do what it was asked, in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// What to tell; empty when it was told already.
    pub text: String,
}

impl Failure {
    /// 1: anything without a code of its own.
    pub const OTHER: u8 = 1;
    /// 3: an import had rejects.
    pub const REJECTED: u8 = 3;
    /// 4: the audit chain does not hold.
    pub const BAD_AUDIT: u8 = 4;
    /// 5: `--data` names no practice, or one that is there already.
    pub const DATA: u8 = 5;
    /// 6: the key is missing, readable by others, or wrong.
    pub const KEY: u8 = 6;
    /// 7: another program has the practice open.
    pub const IN_USE: u8 = 7;
    /// 8: the address cannot be listened on.
    pub const LISTEN: u8 = 8;
    /// 9: the certificate or its key cannot be used.
    pub const CERTIFICATE: u8 = 9;

    /// 10: the database's writer ended while serving: to be started again.
    pub const WRITER: u8 = 10;

    /// 11: a check found what is not as it must be, and is so still.
    pub const UNSOUND: u8 = 11;

    /// With a code.
    #[must_use]
    pub fn new(code: u8, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }

    /// Anything without a code of its own.
    #[must_use]
    pub fn other(text: impl Into<String>) -> Self {
        Self::new(Self::OTHER, text)
    }

    /// No practice in this folder.
    #[must_use]
    pub fn no_practice(dir: &Path) -> Self {
        let dir = dir.display();
        Self::new(
            Self::DATA,
            format!("{dir} holds no practice: name its folder, or make one with `chartroom init --data {dir}`"),
        )
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        let code = match error {
            store::Error::Locked(_) => Self::IN_USE,
            store::Error::WrongKey => Self::KEY,
            _ => Self::OTHER,
        };
        let text = match error {
            store::Error::Broken(text) => text,
            other => other.to_string(),
        };
        Self::new(code, text)
    }
}

impl From<clinic::Error> for Failure {
    fn from(error: clinic::Error) -> Self {
        match error {
            clinic::Error::Fields(fields) => {
                let problems: Vec<String> = fields.into_iter().map(|field| field.problem).collect();
                Self::other(problems.join("; "))
            }
            clinic::Error::Store(error) => error.into(),
            other => Self::other(other.to_string()),
        }
    }
}

impl From<web::secret::NoRandomness> for Failure {
    fn from(error: web::secret::NoRandomness) -> Self {
        Self::other(error.to_string())
    }
}
