//! Counting what the test runners did, for the closing line.

use std::fmt;
use std::ops::AddAssign;

/// How many tests passed, failed and were skipped.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

impl Totals {
    /// A suite that could not be run at all.
    pub const FAILED: Self = Self { passed: 0, failed: 1, skipped: 0 };

    /// A test that found nothing to test against passes with one line `skipped: …`: it is counted as skipped, not as passed.
    pub fn told_skipped(&mut self, times: usize) {
        let times = times.min(self.passed);
        self.passed -= times;
        self.skipped += times;
    }

    /// Adds what one line of `cargo test` tells: `test result: ok. 5 passed; 0 failed; 1 ignored; …`.
    pub fn read_libtest(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else {
            return;
        };
        for count in counts.split("; ") {
            match count.trim().split_once(' ') {
                Some((number, "passed")) => self.passed += number.parse().unwrap_or(0),
                Some((number, "failed")) => self.failed += number.parse().unwrap_or(0),
                Some((number, "ignored")) => self.skipped += number.parse().unwrap_or(0),
                _ => {}
            }
        }
    }

    /// Adds what one line of Node's test runner tells: `ℹ pass 12`, or `# pass 12` where its reporter is TAP.
    pub fn read_node(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [sign, kind, number] = words[..] else { return };
        let Ok(number) = number.parse::<usize>() else { return };
        match (sign, kind) {
            ("ℹ" | "#", "pass") => self.passed += number,
            ("ℹ" | "#", "fail" | "cancelled") => self.failed += number,
            ("ℹ" | "#", "skipped" | "todo") => self.skipped += number,
            _ => {}
        }
    }

    /// Reads cargo-nextest's JUnit file, which also keeps what passing tests printed.
    pub fn from_junit(xml: &str) -> Self {
        let mut totals = Self::default();
        for case in xml.split("<testcase ").skip(1) {
            if case.contains("<failure") || case.contains("<error") {
                totals.failed += 1;
            } else if skip_lines(case).next().is_some() {
                // However often it says so.
                totals.skipped += 1;
            } else {
                totals.passed += 1;
            }
        }
        totals
    }
}

/// The lines by which tests say that they had nothing to test against.
pub fn skip_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(|line| line.rsplit_once('>').map_or(line, |(_, rest)| rest))
        .filter(|line| line.starts_with("skipped: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_tests_summary_is_counted() {
        let mut totals = Totals::default();
        totals.read_libtest("running 6 tests");
        totals.read_libtest(
            "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
        );
        totals.read_libtest(
            "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
        );
        assert_eq!(totals, Totals { passed: 7, failed: 3, skipped: 1 });
    }

    #[test]
    fn nodes_summary_is_counted_whatever_its_reporter() {
        let mut totals = Totals::default();
        for line in
            ["ℹ tests 9", "ℹ pass 5", "ℹ fail 1", "ℹ cancelled 1", "ℹ skipped 2", "# pass 3", "✔ a test of 12 (3ms)"]
        {
            totals.read_node(line);
        }
        assert_eq!(totals, Totals { passed: 8, failed: 2, skipped: 2 });
    }

    #[test]
    fn a_test_that_had_nothing_to_test_against_is_not_a_pass() {
        let xml = "<testsuite><testcase name=\"a\"></testcase><testcase name=\"b\"><failure/></testcase>\n\
                   <testcase name=\"c\"><system-out>running 1 test\nskipped: no shared data\nskipped: no shared data\n\
                   ok</system-out></testcase></testsuite>";
        assert_eq!(Totals::from_junit(xml), Totals { passed: 1, failed: 1, skipped: 1 });
    }

    #[test]
    fn the_closing_line_is_the_plain_one() {
        assert_eq!(Totals { passed: 3, failed: 0, skipped: 1 }.to_string(), "3 passed, 0 failed, 1 skipped");
    }
}
