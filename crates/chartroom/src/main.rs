//! The program. What it does is in the library of the same name; here it only starts and says how it ended.

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let command = chartroom::Cli::parse();
    match chartroom::run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.text.is_empty() {
                eprintln!("chartroom: {}", failure.text);
            }
            ExitCode::from(failure.code)
        }
    }
}
