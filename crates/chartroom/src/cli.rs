//! What can be typed. No secret is ever an argument: keys and passphrases come from files or standard input.

pub mod reference;

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// An electronic medical record for a practice.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 import had rejects, 4 audit chain broken, \
    5 no such practice, 6 key missing or wrong, 7 practice open elsewhere, 8 address in use, 9 bad certificate, \
    10 database writer ended while serving: start again, 11 check found what is left unmended"
)]
pub struct Cli {
    /// How to write logs, to standard error.
    #[arg(long, global = true, value_enum, default_value = "text")]
    pub log_format: LogFormat,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make an empty practice and its key; prints the recovery key once.
    Init(Place),
    /// Serve a practice to browsers and API clients.
    Serve(ServeArgs),
    /// Make a synthetic practice (once) and serve it.
    Demo(DemoArgs),
    /// Take in files and folders of FHIR bundles and NDJSON.
    Import(ImportArgs),
    /// Tokens of API clients.
    Token(TokenArgs),
    /// Accounts of people.
    User(UserArgs),
    /// Prove the audit trail, entry by entry.
    VerifyAudit(Place),
    /// Prove the audit trail and every signed note of a stopped practice (on PostgreSQL also of a running one).
    Verify(Place),
    /// Compare records, charts, indexes and audit trail with one another, also of a practice that is open.
    Check(CheckArgs),
    /// Make every index of a stopped practice anew (of a running one: `serve --reindex`).
    Reindex(Place),
    /// Copy a whole stopped practice to another folder or PostgreSQL database; cut short, the same copy goes on.
    Copy(CopyArgs),
    /// Code systems: list them, search them, take in another year's.
    Reference(reference::ReferenceArgs),
    /// The key that opens a practice.
    Key(KeyArgs),
}

/// `check`
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// The practice.
    #[command(flatten)]
    pub place: Place,
    /// Put right what follows from what is kept; a practice in a folder must be stopped.
    #[arg(long)]
    pub repair: bool,
    /// Write the findings as one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `copy`
#[derive(Debug, Clone, Args)]
pub struct CopyArgs {
    /// The practice: its folder, or the URL of its PostgreSQL database.
    #[arg(long, value_name = "WHERE")]
    pub from: String,
    /// Where to: a folder or an empty PostgreSQL database that holds nothing, or a copy of this practice that was cut short.
    #[arg(long, value_name = "WHERE")]
    pub to: String,
    /// The file with the practice's key (default: `chartroom/key` in your configuration folder).
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from_passphrase_stdin", "from_recovery_key_stdin"])]
    pub from_key_file: Option<PathBuf>,
    /// Read the practice's passphrase from standard input.
    #[arg(long, conflicts_with = "from_recovery_key_stdin")]
    pub from_passphrase_stdin: bool,
    /// Read the practice's recovery key from standard input.
    #[arg(long)]
    pub from_recovery_key_stdin: bool,
    /// The file with the key that is to open the copy (the same default): made, unless it is there.
    #[arg(long, value_name = "FILE", conflicts_with = "to_passphrase_stdin")]
    pub to_key_file: Option<PathBuf>,
    /// Read the passphrase that is to open the copy from standard input (after the practice's secret: one line each).
    #[arg(long)]
    pub to_passphrase_stdin: bool,
    /// The file with the password of the database user of `--from`.
    #[arg(long, value_name = "FILE")]
    pub from_password_file: Option<PathBuf>,
    /// The file with the password of the database user of `--to`.
    #[arg(long, value_name = "FILE")]
    pub to_password_file: Option<PathBuf>,
    /// Certificates (PEM) to trust for `--from` instead of the system's.
    #[arg(long, value_name = "FILE")]
    pub from_ca: Option<PathBuf>,
    /// Certificates (PEM) to trust for `--to` instead of the system's.
    #[arg(long, value_name = "FILE")]
    pub to_ca: Option<PathBuf>,
}

impl CopyArgs {
    /// The practice.
    #[must_use]
    pub fn from_place(&self) -> Place {
        Place {
            at: At::named(&self.from, &self.from_password_file, &self.from_ca),
            key_file: self.from_key_file.clone(),
            passphrase_stdin: self.from_passphrase_stdin,
            recovery_key_stdin: self.from_recovery_key_stdin,
        }
    }

    /// The copy.
    #[must_use]
    pub fn to_place(&self) -> Place {
        Place {
            at: At::named(&self.to, &self.to_password_file, &self.to_ca),
            key_file: self.to_key_file.clone(),
            passphrase_stdin: self.to_passphrase_stdin,
            recovery_key_stdin: false,
        }
    }
}

/// `key`
#[derive(Debug, Args)]
pub struct KeyArgs {
    /// What to do.
    #[command(subcommand)]
    pub act: KeyAct,
}

/// `key …`
#[derive(Debug, Subcommand)]
pub enum KeyAct {
    /// Let a new key file or passphrase open a stopped practice, and the old one no more.
    Rotate {
        /// The practice, and what opens it until now (the recovery key too).
        #[command(flatten)]
        place: Place,
        /// The new secret.
        #[command(flatten)]
        new: NewSecret,
    },
}

/// What is to open a practice from now on.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub struct NewSecret {
    /// The new key file: made, unless it is there.
    #[arg(long, value_name = "FILE")]
    pub new_key_file: Option<PathBuf>,
    /// Read the new passphrase from standard input (after the old secret, when that is read from there too: one line each).
    #[arg(long)]
    pub new_passphrase_stdin: bool,
}

/// Which practice, and what opens it.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// Where it is kept.
    #[command(flatten)]
    pub at: At,
    /// The file with its key (default: `chartroom/key` in your configuration folder).
    #[arg(long, value_name = "FILE", env = "CHARTROOM_KEY_FILE", conflicts_with_all = ["passphrase_stdin", "recovery_key_stdin"])]
    pub key_file: Option<PathBuf>,
    /// Read a passphrase from standard input instead of a key file.
    #[arg(long, conflicts_with = "recovery_key_stdin")]
    pub passphrase_stdin: bool,
    /// Read the recovery key that `init` printed from standard input.
    #[arg(long)]
    pub recovery_key_stdin: bool,
}

/// Where a practice is kept: in a folder of its own, or in a PostgreSQL database.
#[derive(Debug, Clone, Args)]
pub struct At {
    /// The practice's folder.
    #[arg(long, value_name = "DIR", required_unless_present = "database")]
    pub data: Option<PathBuf>,
    /// Or its PostgreSQL database, such as postgres://chartroom@db.example.org/practice (TLS, the server's name checked).
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    pub database: Option<String>,
    /// How the database is reached.
    #[command(flatten)]
    pub postgres: PostgresArgs,
}

impl At {
    /// A folder, or a database by its URL.
    fn named(place: &str, password_file: &Option<PathBuf>, ca: &Option<PathBuf>) -> Self {
        let url = ["postgres://", "postgresql://"].iter().any(|scheme| place.starts_with(scheme));
        let postgres = PostgresArgs {
            database_password_file: password_file.clone(),
            database_ca: ca.clone(),
            ..PostgresArgs::default()
        };
        Self { data: (!url).then(|| place.into()), database: url.then(|| place.to_owned()), postgres }
    }
}

/// How a PostgreSQL database is reached.
#[derive(Debug, Clone, Default, Args)]
pub struct PostgresArgs {
    /// The file with the database user's password, readable by you alone (never put it into the URL).
    #[arg(long, value_name = "FILE", requires = "database")]
    pub database_password_file: Option<PathBuf>,
    /// Certificates (PEM) to trust instead of the system's.
    #[arg(long, value_name = "FILE", requires = "database")]
    pub database_ca: Option<PathBuf>,
    /// Connections that read at once, at most.
    #[arg(long, value_name = "N", requires = "database", value_parser = clap::value_parser!(u16).range(1..=200))]
    pub database_readers: Option<u16>,
    /// Seconds after which one reading is ended as too costly.
    #[arg(long, value_name = "S", requires = "database", value_parser = clap::value_parser!(u16).range(1..=600))]
    pub database_read_limit: Option<u16>,
}

/// `serve`
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// The practice.
    #[command(flatten)]
    pub place: Place,
    /// How to listen.
    #[command(flatten)]
    pub listen: ListenArgs,
    /// Make every index anew meanwhile; its progress goes to standard error.
    #[arg(long)]
    pub reindex: bool,
}

/// How to listen.
#[derive(Debug, Clone, Args)]
pub struct ListenArgs {
    /// The address to listen on.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The TLS certificate chain, PEM; read again when it changes.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Its private key, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// The address of a proxy that speaks TLS to browsers; its X-Forwarded-For is believed, nobody else's.
    #[arg(long, value_name = "IP", conflicts_with = "tls_cert")]
    pub behind_proxy: Option<IpAddr>,
}

/// `demo`
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// How many patients.
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub patients: u32,
    /// The address to listen on (loopback only).
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The folder to keep it in; a second start reuses it.
    #[arg(long, value_name = "DIR", default_value = "chartroom-demo")]
    pub data: PathBuf,
    /// Keep its record in this empty PostgreSQL database; the folder then holds its key and sign-ins alone.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// How the database is reached.
    #[command(flatten)]
    pub postgres: PostgresArgs,
}

/// `import`
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    /// The stopped practice's folder.
    #[arg(long, value_name = "DIR", required_unless_present_any = ["to", "database"])]
    pub data: Option<PathBuf>,
    /// Or its PostgreSQL database.
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    pub database: Option<String>,
    /// How the database is reached.
    #[command(flatten)]
    pub postgres: PostgresArgs,
    /// The file with its key (default: `chartroom/key` in your configuration folder).
    #[arg(long, value_name = "FILE", env = "CHARTROOM_KEY_FILE", conflicts_with = "passphrase_stdin")]
    pub key_file: Option<PathBuf>,
    /// Read a passphrase from standard input instead of a key file.
    #[arg(long)]
    pub passphrase_stdin: bool,
    /// A running practice instead: its address, such as `http://127.0.0.1:8080`.
    #[arg(long, value_name = "URL", conflicts_with_all = ["data", "database", "dry_run"], requires = "token_file")]
    pub to: Option<String>,
    /// The file with the API token for `--to`.
    #[arg(long, value_name = "FILE", requires = "to")]
    pub token_file: Option<PathBuf>,
    /// Read, check and compare everything; store nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Files, and folders with `.json` and `.ndjson` files.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// `token`
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// What to do.
    #[command(subcommand)]
    pub act: TokenAct,
}

/// `token …`
#[derive(Debug, Subcommand)]
pub enum TokenAct {
    /// Make a token; prints it once.
    Create {
        /// The practice.
        #[command(flatten)]
        place: Place,
        /// What it is for.
        #[arg(long)]
        name: String,
        /// SMART v2 scopes, such as `system/*.cruds` or `system/Patient.rs system/Observation.rs`.
        #[arg(long)]
        scope: String,
        /// Days until it ends; without, it does not.
        #[arg(long)]
        days: Option<u32>,
    },
    /// List the tokens.
    List {
        /// The practice.
        #[command(flatten)]
        place: Place,
    },
    /// End a token.
    Revoke {
        /// The practice.
        #[command(flatten)]
        place: Place,
        /// Its name.
        name: String,
    },
}

/// `user`
#[derive(Debug, Args)]
pub struct UserArgs {
    /// What to do.
    #[command(subcommand)]
    pub act: UserAct,
}

/// `user …`
#[derive(Debug, Subcommand)]
pub enum UserAct {
    /// Make an account; prints its one-time password.
    Add {
        /// The practice.
        #[command(flatten)]
        place: Place,
        /// What is typed at sign-in.
        username: String,
        /// The name shown.
        #[arg(long)]
        name: String,
        /// front-desk, nurse, clinician, manager or privacy-officer.
        #[arg(long)]
        role: String,
        /// The id of their Practitioner resource.
        #[arg(long, default_value = "")]
        practitioner: String,
    },
    /// List the accounts.
    List {
        /// The practice.
        #[command(flatten)]
        place: Place,
    },
    /// Give an account a one-time password: for the manager who is locked out.
    ResetPassword {
        /// The practice.
        #[command(flatten)]
        place: Place,
        /// Whose.
        username: String,
    },
    /// End an account.
    Disable {
        /// The practice.
        #[command(flatten)]
        place: Place,
        /// Whose.
        username: String,
    },
}
