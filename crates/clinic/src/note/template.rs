//! Templates: which sections a note has and what stands in them to begin with.
//!
//! A template is a small text: `# Title`, lines `kind:` and `source:`, then `## Section` and its text, in which `***` marks what is to be
//! filled in and a word such as `.vitals` that ends a line brings the chart's value when the note is begun.

use super::kinds::NoteKind;

/// A template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its name in addresses and forms.
    pub slug: String,
    /// Its title, which becomes the note's.
    pub title: String,
    /// The sort of note.
    pub kind: &'static NoteKind,
    /// Where its checklist comes from.
    pub source: String,
    /// Heading and text of each section.
    pub sections: Vec<(String, String)>,
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct NotATemplate {
    /// From 1.
    pub line: usize,
    /// What is expected.
    pub problem: &'static str,
}

/// Those that ship: slug and text.
const SHIPPED: &[(&str, &str)] = &[
    ("adult-visit", include_str!("templates/adult-visit.txt")),
    ("history-physical", include_str!("templates/history-physical.txt")),
    ("diabetes", include_str!("templates/diabetes.txt")),
    ("hypertension", include_str!("templates/hypertension.txt")),
    ("upper-respiratory", include_str!("templates/upper-respiratory.txt")),
    ("back-pain", include_str!("templates/back-pain.txt")),
    ("well-woman", include_str!("templates/well-woman.txt")),
    ("child-infant", include_str!("templates/child-infant.txt")),
    ("child-early", include_str!("templates/child-early.txt")),
    ("child-school", include_str!("templates/child-school.txt")),
    ("adolescent", include_str!("templates/adolescent.txt")),
    ("pre-operative", include_str!("templates/pre-operative.txt")),
    ("telephone", include_str!("templates/telephone.txt")),
    ("procedure", include_str!("templates/procedure.txt")),
    ("nurse", include_str!("templates/nurse.txt")),
    ("letter", include_str!("templates/letter.txt")),
    ("addendum", include_str!("templates/addendum.txt")),
];

/// Sections at most.
const MOST_SECTIONS: usize = 24;

/// The templates that ship, in the order they are offered.
#[must_use]
pub fn templates() -> Vec<Template> {
    SHIPPED.iter().filter_map(|(slug, text)| parse(slug, text).ok()).collect()
}

/// Reads a template.
///
/// # Errors
/// [`NotATemplate`] naming the line.
pub fn parse(slug: &str, text: &str) -> Result<Template, NotATemplate> {
    let (mut title, mut kind, mut source) = (None, None, String::new());
    let mut sections: Vec<(String, String)> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let wrong = |problem| Err(NotATemplate { line: at + 1, problem });
        if let Some(heading) = line.strip_prefix("## ") {
            if heading.trim().is_empty() || sections.len() == MOST_SECTIONS {
                return wrong("a section needs a heading, and a note has 24 sections at most");
            }
            sections.push((heading.trim().to_owned(), String::new()));
        } else if let Some((_, text)) = sections.last_mut() {
            text.push_str(line);
            text.push('\n');
        } else if let Some(words) = line.strip_prefix("# ") {
            title = Some(words.trim().to_owned());
        } else if let Some(slug) = line.strip_prefix("kind:") {
            match NoteKind::of(slug.trim()) {
                Some(known) => kind = Some(known),
                None => {
                    return wrong("kind: is one of progress, history-physical, procedure, telephone, letter, nurse");
                }
            }
        } else if let Some(words) = line.strip_prefix("source:") {
            words.trim().clone_into(&mut source);
        } else if !line.trim().is_empty() {
            return wrong("before the first section stand only `# Title`, `kind:` and `source:`");
        }
    }
    let end = |problem| NotATemplate { line: text.lines().count().max(1), problem };
    for (_, text) in &mut sections {
        text.truncate(text.trim_end().len());
    }
    Ok(Template {
        slug: slug.to_owned(),
        title: title.filter(|title| !title.is_empty()).ok_or_else(|| end("a template begins with `# Title`"))?,
        kind: kind.ok_or_else(|| end("a template says its `kind:`"))?,
        source,
        sections: if sections.is_empty() { return Err(end("a template has a section: `## Plan`")) } else { sections },
    })
}

/// A section's name within its note: lower-case words of its heading, and its place, so that no two are alike.
#[must_use]
pub fn section_name(place: usize, heading: &str) -> String {
    let letters: String =
        heading.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let words: Vec<&str> = letters.split('-').filter(|word| !word.is_empty()).collect();
    format!("{}-{}", place + 1, words.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_template_reads() {
        for (slug, text) in SHIPPED {
            let template = parse(slug, text).unwrap_or_else(|error| panic!("{slug}: {error}"));
            assert!(!template.source.is_empty(), "{slug} names its source");
        }
    }

    #[test]
    fn what_is_no_template_is_told_by_its_line() {
        let wrong = |text: &str| parse("x", text).expect_err("refused").line;
        assert_eq!(wrong("# A\nkind: poem\n## Plan\n"), 2);
        assert_eq!(wrong("# A\nkind: progress\nhello\n"), 3);
        assert_eq!(wrong("kind: progress\n## Plan"), 2);
        assert_eq!(wrong("# A\nkind: progress"), 2);
        let read =
            parse("x", "# A\nkind: progress\nsource: me\n## Plan\none\n\n*** two\n\n## Next\n").expect("a template");
        assert_eq!(read.sections, [("Plan".into(), "one\n\n*** two".into()), ("Next".into(), String::new())]);
        assert_eq!(section_name(1, "Review of systems (ROS)"), "2-review-of-systems-ros");
    }
}
