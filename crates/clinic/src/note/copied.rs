//! How much of a text is still what was copied from another note.

use std::collections::HashMap;

/// Lines with words: how many are still as they were copied, and how many there are. A line that was edited is the writer's own.
#[must_use]
pub fn share(text: &str, copied: &str) -> (usize, usize) {
    let mut left: HashMap<&str, usize> = HashMap::new();
    for line in lines(copied) {
        *left.entry(line).or_default() += 1;
    }
    let (mut same, mut all) = (0, 0);
    for line in lines(text) {
        all += 1;
        if let Some(count) = left.get_mut(line).filter(|count| **count > 0) {
            *count -= 1;
            same += 1;
        }
    }
    (same, all)
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn an_edited_line_is_no_copy() {
        let copied = "Asthma, stable\nNo smoking\n\nNo smoking";
        assert_eq!(share(copied, copied), (3, 3));
        assert_eq!(share("Asthma, worse\nNo smoking", copied), (1, 2));
        assert_eq!(
            share("No smoking\nNo smoking\nNo smoking", copied),
            (2, 3),
            "a line counts as often as it was copied"
        );
        assert_eq!(share("", copied), (0, 0));
    }
}
