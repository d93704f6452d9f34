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

/// Whether words say that there is nothing: as an entry they would stand there as one, an allergy to "nil" in the banner.
#[must_use]
pub fn denies(words: &str) -> bool {
    let folded = words.trim().trim_end_matches(['.', '!', ' ']).to_lowercase();
    let starts = ["no known ", "no history of", "denies ", "denied "];
    let none_of = folded.starts_with("no ") && (folded.ends_with(" allergies") || folded.ends_with(" allergy"));
    NOTHING.contains(&folded.as_str()) || none_of || starts.iter().any(|start| folded.starts_with(start))
}

/// What is written for nothing, in lower case.
const NOTHING: [&str; 24] = [
    "none",
    "none known",
    "none reported",
    "none recorded",
    "nil",
    "nil known",
    "no",
    "n/a",
    "n.a",
    "na",
    "not applicable",
    "nothing",
    "nothing known",
    "nka",
    "nkda",
    "nkfa",
    "no allergies",
    "no allergy",
    "denies",
    "denied",
    "negative",
    "unremarkable",
    "-",
    "0",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_nothing_are_known_and_names_that_begin_like_them_are_not_taken_for_them() {
        let nothing =
            ["nil", "n/a", "No.", "nothing", "NKDA", "None known.", "denies allergies", "No known drug allergies"];
        for words in nothing.into_iter().chain(["no drug allergies", "No history of asthma", "N.A."]) {
            assert!(denies(words), "{words}");
        }
        for words in
            ["Nonoxynol", "Nickel", "Naproxen", "Nil by mouth tape", "Penicillin", "No light perception, left eye", ""]
        {
            assert!(!denies(words), "{words}");
        }
    }

    #[test]
    fn what_can_be_seen_is_kept() {
        assert_eq!(line("  two \n words ", 20).as_deref(), Ok("two words"));
        assert_eq!(lines(" one  \r\n\ttwo \n", 20).as_deref(), Ok("one\n\ttwo"));
        assert!(lines("a\u{0}b", 20).is_err() && line("a\u{202e}b", 20).is_err() && line("toolong", 6).is_err());
    }
}
