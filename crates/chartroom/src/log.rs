//! Logs: to standard error, ids only. What is logged is chosen with `CHARTROOM_LOG` (such as `info,web=debug`).

use crate::cli::LogFormat;
use tracing_subscriber::EnvFilter;

/// Starts logging. A second start (in a test's process) changes nothing.
pub fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_env("CHARTROOM_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let _already = match format {
        LogFormat::Text => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
}
