//! What was measured, as medians with their spread.

use std::time::Duration;

/// Times of single operations.
#[derive(Debug, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Adds a time.
    pub fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Adds all of another.
    pub fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that this share (0 to 1) of the operations did not exceed, in milliseconds.
    #[must_use]
    pub fn quantile(&mut self, share: f64) -> f64 {
        self.0.sort_unstable();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let at = ((self.0.len().saturating_sub(1)) as f64 * share).round() as usize;
        self.0.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }
}

/// CPU time this process has used, in seconds (user and system); 0 where the system does not tell.
#[must_use]
pub fn cpu_seconds() -> f64 {
    let Ok(text) = std::fs::read_to_string("/proc/self/stat") else { return 0.0 };
    let Some((_, rest)) = text.rsplit_once(')') else { return 0.0 };
    let ticks = |at: usize| rest.split_whitespace().nth(at).and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0);
    // Fields 14 and 15 of proc(5) stat, in hundredths of a second on Linux.
    (ticks(11) + ticks(12)) / 100.0
}

/// Resident memory of a process (`self` or its id), in MB; 0 where the system does not tell.
#[must_use]
pub fn resident_mb(process: &str) -> f64 {
    let Ok(text) = std::fs::read_to_string(format!("/proc/{process}/status")) else { return 0.0 };
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
