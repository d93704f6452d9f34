//! How far a long command is: a bar for people, a line now and then for files and pipes. On standard error.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

/// Plain lines come so often.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// The progress of one command.
pub(super) struct Bar {
    bar: ProgressBar,
    plain: bool,
    started: Instant,
    told: Instant,
    what: &'static str,
}

impl Bar {
    /// Begins. `of` is the whole, in whatever unit [`Bar::set`] counts; `what` is what is counted aloud, such as `resources`.
    pub(super) fn new(of: u64, what: &'static str) -> Self {
        let plain = !std::io::stderr().is_terminal();
        let bar = if plain { ProgressBar::hidden() } else { ProgressBar::new(of) };
        bar.set_length(of);
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent:>3} %  {msg}, {eta} left") {
            bar.set_style(style);
        }
        let now = Instant::now();
        Self { bar, plain, started: now, told: now, what }
    }

    /// So far: the position against the whole, and the count that is told.
    pub(super) fn set(&mut self, position: u64, count: u64) {
        self.bar.set_position(position);
        let seconds = self.started.elapsed().as_secs_f64();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rate for people"
        )]
        let rate = if seconds > 0.0 { (count as f64 / seconds) as u64 } else { 0 };
        if !self.plain {
            self.bar.set_message(format!("{count} {}, {rate} a second", self.what));
        } else if self.told.elapsed() >= LINE_EVERY {
            self.told = Instant::now();
            let (of, left) = (self.bar.length().unwrap_or(position).max(1), self.left(position, seconds));
            eprintln!("{} %, {count} {}, {rate} a second, about {left} s left", position * 100 / of, self.what);
        }
    }

    /// So far, where the whole is known only on the way, and counted in what is told.
    pub(super) fn set_of(&mut self, count: u64, of: u64) {
        self.bar.set_length(of);
        self.set(count, count);
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate for people"
    )]
    fn left(&self, position: u64, seconds: f64) -> u64 {
        let of = self.bar.length().unwrap_or(position);
        if position == 0 { 0 } else { (seconds * (of.saturating_sub(position)) as f64 / position as f64) as u64 }
    }

    /// Done: the bar goes.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
