//! The filing form, checked field by field.

use super::kinds::DocumentKind;
use super::paper::{Paper, tell};
use crate::error::FieldError;
use jiff::civil::Date;

/// Longest title or sender, in characters.
const LONGEST: usize = 200;

/// The form as typed, with the file that came with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilingForm {
    /// What it is called; empty: its kind's words.
    pub title: String,
    /// Slug of a [`DocumentKind`].
    pub kind: String,
    /// The day it bears, `YYYY-MM-DD`.
    pub day: String,
    /// Who wrote it, in words; may be empty.
    pub from: String,
    /// The file's name on the sender's machine. It is only compared, never kept.
    pub file_name: String,
}

/// A form that may be filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What it is called.
    pub title: String,
    /// Its kind.
    pub kind: &'static DocumentKind,
    /// The day it bears.
    pub day: Date,
    /// Who wrote it.
    pub from: String,
    /// What the file is.
    pub paper: Paper,
}

/// Checks a form and its file, every field at once. `kinds` are those the caller may file.
///
/// # Errors
/// Every field to mend, in the order of the form.
pub fn check(
    form: &FilingForm,
    bytes: &[u8],
    mut kinds: impl Iterator<Item = &'static DocumentKind>,
    today: Date,
) -> Result<Checked, Vec<FieldError>> {
    let mut problems = Vec::new();
    let mut wrong = |field, problem: String| problems.push(FieldError { field, problem });
    let paper = tell(&form.file_name, bytes).map_err(|why| wrong("file", format!("File: {why}"))).ok();
    let kind = kinds.find(|kind| kind.slug == form.kind);
    if kind.is_none() {
        wrong("kind", "Kind: choose one of the list".to_owned());
    }
    let title = line("Title", &form.title).map_err(|why| wrong("title", why)).ok();
    let day = form.day.trim().parse::<Date>().ok().filter(|day| *day <= today && day.year() >= 1880);
    if day.is_none() {
        wrong("day", "Date: choose the day it bears; it cannot be to come".to_owned());
    }
    let from = line("From", &form.from).map_err(|why| wrong("from", why)).ok();
    match (paper, kind, title, day, from) {
        (Some(paper), Some(kind), Some(title), Some(day), Some(from)) => {
            let title = if title.is_empty() { kind.words.to_owned() } else { title };
            Ok(Checked { title, kind, day, from, paper })
        }
        _ => Err(problems),
    }
}

/// One line of text that shows all it holds; may be empty.
fn line(label: &str, typed: &str) -> Result<String, String> {
    let text = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > LONGEST {
        return Err(format!("{label}: shorten it to {LONGEST} characters"));
    }
    if text.chars().any(crate::account::is_invisible) {
        return Err(format!("{label}: it has characters that cannot be seen; type it anew"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::super::kinds::KINDS;
    use super::*;

    fn form() -> FilingForm {
        FilingForm {
            kind: "consent".into(),
            day: "2026-11-20".into(),
            file_name: "a.pdf".into(),
            ..FilingForm::default()
        }
    }

    fn problems(form: &FilingForm, bytes: &[u8], kinds: &'static [DocumentKind]) -> Vec<&'static str> {
        let checked = check(form, bytes, kinds.iter(), jiff::civil::date(2026, 11, 22));
        checked.err().unwrap_or_default().into_iter().map(|error| error.field).collect()
    }

    const PDF: &[u8] = b"%PDF-1.7 %%EOF";

    #[test]
    fn a_title_left_out_is_the_kind_s_words() {
        let checked = check(&form(), PDF, KINDS.iter(), jiff::civil::date(2026, 11, 22)).expect("good");
        assert_eq!((checked.title.as_str(), checked.paper), ("Consent", Paper::Pdf));
    }

    #[test]
    fn every_wrong_field_is_named_in_the_order_of_the_form() {
        assert_eq!(problems(&FilingForm::default(), b"", &KINDS), ["file", "kind", "day"]);
        for (change, field) in [
            (FilingForm { day: "2026-11-23".into(), ..form() }, "day"),
            (FilingForm { day: "20.11.2026".into(), ..form() }, "day"),
            (FilingForm { title: "x".repeat(201), ..form() }, "title"),
            (FilingForm { title: "a\u{202e}b".into(), ..form() }, "title"),
            (FilingForm { from: "a\u{0}b".into(), ..form() }, "from"),
        ] {
            assert_eq!(problems(&change, PDF, &KINDS), [field]);
        }
        assert_eq!(problems(&form(), PDF, &KINDS[..2]), ["kind"], "not one of those this caller may file");
    }
}
