//! The commands of `chartroom`: making a practice, serving it, and what only the person at the machine may do.
//!
//! `cli` says what can be typed, `command/` has one file per command, `server/` listens, `practice` opens a practice, `keys` finds its secret, `failure` lists how
//! a command can end.

pub mod cli;
pub mod command;
pub mod failure;
pub mod keys;
pub mod log;
pub mod practice;
pub mod server;

pub use cli::Cli;
pub use failure::{Failure, Outcome};

use cli::Command;

/// Runs a command.
///
/// # Errors
/// What went wrong in one line, with its exit code.
pub fn run(cli: Cli) -> Outcome {
    log::start(cli.log_format);
    let runtime = tokio::runtime::Runtime::new().map_err(|error| Failure::other(format!("cannot start: {error}")))?;
    runtime.block_on(async {
        match cli.command {
            Command::Init(args) => command::init::run(&args).await,
            Command::Serve(args) => command::serve::run(args).await,
            Command::Demo(args) => command::demo::run(args).await,
            Command::Import(args) => command::import::run(args).await,
            Command::Token(args) => command::token::run(args).await,
            Command::User(args) => command::user::run(args).await,
            Command::VerifyAudit(args) => command::verify_audit::run(&args).await,
            Command::Verify(args) => command::verify::run(&args).await,
            Command::Check(args) => command::check::run(&args).await,
            Command::Reindex(args) => command::check::reindex(&args).await,
            Command::Copy(args) => command::copy::run(&args).await,
            Command::Reference(args) => command::reference::run(args).await,
            Command::Key(args) => command::key::run(args).await,
        }
    })
}
