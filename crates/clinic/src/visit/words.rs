//! Words that people type into a chart: kept as typed, but nothing that cannot be seen.

/// One line, its spaces folded; may be empty.
///
/// # Errors
/// Why it cannot be taken.
pub fn line(typed: &str, longest: usize) -> Result<String, String> {
    let text = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    allowed(text, longest)
}

/// Lines, kept; may be empty.
///
/// # Errors
/// Why they cannot be taken.
pub fn lines(typed: &str, longest: usize) -> Result<String, String> {
    let text: Vec<_> = typed.trim().lines().map(str::trim_end).collect();
    allowed(text.join("\n"), longest)
}

fn allowed(text: String, longest: usize) -> Result<String, String> {
    if text.chars().count() > longest {
        return Err(format!("shorten it to {longest} characters"));
    }
    if text.chars().any(|c| c != '\n' && c != '\t' && crate::account::is_invisible(c)) {
        return Err("it has characters that cannot be seen; type it anew".to_owned());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_seen_is_kept() {
        assert_eq!(line("  two \n words ", 20).as_deref(), Ok("two words"));
        assert_eq!(lines(" one  \r\n\ttwo \n", 20).as_deref(), Ok("one\n\ttwo"));
        assert!(lines("a\u{0}b", 20).is_err() && line("a\u{202e}b", 20).is_err() && line("toolong", 6).is_err());
    }
}
