//! The program. What it does is in the library of the same name; here it only starts and says how it ended.

use clap::Parser as _;
use std::process::ExitCode;

/// Requests are made of many small allocations on several threads; the system's allocator spends a tenth of a read on them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
