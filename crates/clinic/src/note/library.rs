//! The templates a practice offers: those that ship, less those it hides, and those it wrote. A shipped one stays as it is; to change it,
//! the practice copies it.

use super::kinds::NoteKind;
use super::live;
use super::phrase::unseen;
use super::template::{NotATemplate, Template, parse, templates};
use crate::access::{Action, Caller};
use crate::account::{check_name, is_invisible};
use crate::error::{Error, FieldError, Result};
use std::collections::HashMap;
use store::Store;
use store::accounts::AccountChange;
use store::audit::Entry;
use store::texts::{KeptText, TextChange, TextKey, TextKind};

/// A shipped template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipped {
    /// As it ships.
    pub template: Template,
    /// Whether the practice hides it.
    pub hidden: bool,
    /// The version that says so; 0: it was never hidden.
    pub version: u32,
}

/// A template of the practice's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// What it says.
    pub template: Template,
    /// Its version.
    pub version: u32,
}

/// Every template of a practice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Library {
    /// In the order they are offered.
    pub shipped: Vec<Shipped>,
    /// By title.
    pub own: Vec<Own>,
}

impl Library {
    /// Reads it.
    ///
    /// # Errors
    /// What the store says.
    pub async fn read(store: &dyn Store) -> Result<Self> {
        let hidden = store.texts(TextKind::Hidden).await?;
        let hidden: HashMap<_, _> =
            hidden.iter().map(|kept| (kept.key.name.as_str(), (kept.text.is_some(), kept.version))).collect();
        let shipped = templates().into_iter().map(|template| {
            let (hidden, version) = hidden.get(template.slug.as_str()).copied().unwrap_or_default();
            Shipped { template, hidden, version }
        });
        let own = store.texts(TextKind::Template).await?;
        let mut own: Vec<_> = own.iter().filter_map(read).collect();
        own.sort_by_key(|own| own.template.title.to_lowercase());
        Ok(Self { shipped: shipped.collect(), own })
    }

    /// What notes are begun from: the practice's own first.
    pub fn offered(&self) -> impl Iterator<Item = &Template> {
        let shipped = self.shipped.iter().filter(|shipped| !shipped.hidden).map(|shipped| &shipped.template);
        self.own.iter().map(|own| &own.template).chain(shipped)
    }

    /// One of these.
    #[must_use]
    pub fn named(&self, slug: &str) -> Option<&Template> {
        self.offered().find(|template| template.slug == slug)
    }

    /// A name that no template has or had, made of a title.
    fn free(&self, title: &str, before: &[KeptText]) -> String {
        let letters = title.to_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), " ");
        let words: Vec<_> = letters.split_whitespace().take(6).collect();
        let stem = if words.is_empty() { "template".to_owned() } else { words.join("-") };
        let taken = |slug: &str| {
            RESERVED.contains(&slug)
                || before.iter().any(|kept| kept.key.name == slug)
                || self.shipped.iter().any(|shipped| shipped.template.slug == slug)
        };
        let numbered = (2..).map(|number: u32| format!("{stem}-{number}"));
        std::iter::once(stem.clone()).chain(numbered).find(|slug| !taken(slug)).unwrap_or(stem)
    }
}

/// Words of addresses.
const RESERVED: [&str; 1] = ["new"];

/// Sections and their texts, in characters, at most: twenty printed pages.
const MOST_CHARS: usize = 80_000;

fn read(kept: &KeptText) -> Option<Own> {
    let template = parse(&kept.key.name, kept.text.as_deref()?).ok()?;
    Some(Own { template, version: kept.version })
}

/// A template as it is typed into its form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplateForm {
    /// Its title.
    pub title: String,
    /// Its sort of note, by its slug.
    pub kind: String,
    /// Where its checklist comes from; may be empty.
    pub source: String,
    /// The sections: a line `## Heading`, then the text.
    pub sections: String,
}

impl TemplateForm {
    /// What a template says, to be changed.
    #[must_use]
    pub fn of(template: &Template) -> Self {
        let section = |(heading, text): &(String, String)| format!("## {heading}\n{text}\n");
        Self {
            title: template.title.clone(),
            kind: template.kind.slug.to_owned(),
            source: template.source.clone(),
            sections: template.sections.iter().map(section).collect(),
        }
    }

    /// The template's text, checked.
    fn checked(&self) -> std::result::Result<String, Vec<FieldError>> {
        let mut problems = Vec::new();
        let mut keep = |checked: std::result::Result<String, FieldError>| match checked {
            Ok(text) => text,
            Err(problem) => {
                problems.push(problem);
                String::new()
            }
        };
        let title = keep(check_name("title", &self.title, "Title"));
        let source = keep(check_source(&self.source));
        let kind = NoteKind::of(&self.kind).filter(|kind| kind.slug != "addendum");
        if kind.is_none() {
            problems.push(wrong("kind", "Sort of note: choose one".to_owned()));
        }
        let sections = self.sections.replace("\r\n", "\n");
        let text =
            format!("# {title}\nkind: {}\nsource: {source}\n{sections}", kind.map_or("progress", |kind| kind.slug));
        problems.extend(check_sections(&sections, &text));
        if problems.is_empty() { Ok(text) } else { Err(problems) }
    }
}

/// One line, which may be empty.
fn check_source(text: &str) -> std::result::Result<String, FieldError> {
    let source = text.trim();
    if source.chars().count() > 400 || source.contains(is_invisible) {
        return Err(wrong("source", "Source: write one line of at most 400 characters".to_owned()));
    }
    Ok(source.to_owned())
}

/// Lines that stand before the sections in a template's text.
const HEAD: usize = 3;

fn check_sections(sections: &str, text: &str) -> Option<FieldError> {
    if sections.chars().count() > MOST_CHARS {
        return Some(wrong("sections", format!("Sections: at most {MOST_CHARS} characters")));
    }
    if let Some((at, _)) = sections.lines().enumerate().find(|(_, line)| !line.trim().is_empty())
        && !sections.lines().nth(at).is_some_and(|line| line.starts_with("## "))
    {
        let problem = format!("Sections, line {}: begin with a heading, for example ## Plan", at + 1);
        return Some(wrong("sections", problem));
    }
    if let Some(hidden) = unseen(sections) {
        return Some(wrong("sections", hidden.problem.replacen("Text", "Sections", 1)));
    }
    if let Some((line, word)) = live::unknown(sections) {
        let problem = format!("Sections, line {line}: {word} is no live value. There are {}", live::typed());
        return Some(wrong("sections", problem));
    }
    let told = |NotATemplate { line, problem }| {
        wrong("sections", format!("Sections, line {}: {problem}", line.saturating_sub(HEAD).max(1)))
    };
    parse("checked", text).map(|_read| ()).map_err(told).err()
}

fn wrong(field: &'static str, problem: String) -> FieldError {
    FieldError { field, problem }
}

fn key(kind: TextKind, slug: &str) -> TextKey {
    TextKey { kind, owner: None, name: slug.to_owned() }
}

/// Keeps a template of the practice: a new one, or (by its name and the version that was shown) another version of one. Answers its name.
///
/// # Errors
/// [`Error::NotPermitted`]; [`Error::Fields`]; [`Error::NotFound`] when it is none of the practice's own; [`Error::Stale`].
pub async fn keep(
    store: &dyn Store,
    caller: &Caller,
    changed: Option<(&str, u32)>,
    form: &TemplateForm,
) -> Result<String> {
    permitted(caller)?;
    let text = form.checked().map_err(Error::Fields)?;
    let (slug, based_on) = match changed {
        Some((slug, version)) => {
            store.text(&key(TextKind::Template, slug)).await?.ok_or(Error::NotFound)?;
            (slug.to_owned(), version)
        }
        None => {
            let before = store.texts(TextKind::Template).await?;
            (Library::read(store).await?.free(&form.title, &before), 0)
        }
    };
    change(store, caller, "template.keep", key(TextKind::Template, &slug), (based_on, Some(text))).await?;
    Ok(slug)
}

/// Takes a template of the practice away. Its versions stay.
///
/// # Errors
/// [`Error::NotPermitted`]; [`Error::Stale`].
pub async fn remove(store: &dyn Store, caller: &Caller, slug: &str, version: u32) -> Result<()> {
    permitted(caller)?;
    change(store, caller, "template.remove", key(TextKind::Template, slug), (version, None)).await
}

/// Hides a shipped template, or offers it again.
///
/// # Errors
/// [`Error::NotPermitted`]; [`Error::NotFound`] when none ships under this name; [`Error::Conflict`] for the addendum; [`Error::Stale`].
pub async fn hide(store: &dyn Store, caller: &Caller, slug: &str, hidden: bool, version: u32) -> Result<()> {
    permitted(caller)?;
    let template = templates().into_iter().find(|template| template.slug == slug).ok_or(Error::NotFound)?;
    if template.kind.slug == "addendum" {
        return Err(Error::Conflict("addenda need this template: it is not hidden".to_owned()));
    }
    let action = if hidden { "template.hide" } else { "template.show" };
    change(store, caller, action, key(TextKind::Hidden, slug), (version, hidden.then(String::new))).await
}

/// Every version of a template of the practice, newest first.
///
/// # Errors
/// [`Error::NotPermitted`]; [`Error::NotFound`] when it is not there.
pub async fn versions(store: &dyn Store, caller: &Caller, slug: &str) -> Result<Vec<KeptText>> {
    permitted(caller)?;
    let versions = store.text_versions(&key(TextKind::Template, slug)).await?;
    if versions.first().is_some_and(|newest| newest.text.is_some()) { Ok(versions) } else { Err(Error::NotFound) }
}

fn permitted(caller: &Caller) -> Result<()> {
    if caller.may(Action::Manage) { Ok(()) } else { Err(Error::NotPermitted) }
}

async fn change(
    store: &dyn Store,
    caller: &Caller,
    action: &str,
    key: TextKey,
    (based_on, text): (u32, Option<String>),
) -> Result<()> {
    let audit = Entry { detail: key.name.clone(), ..caller.entry(action) };
    let change = TextChange { key, based_on, text, by: caller.actor.id };
    Ok(store.change(AccountChange::KeepText(change), audit).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(sections: &str) -> TemplateForm {
        TemplateForm {
            title: "Foot check".into(),
            kind: "progress".into(),
            source: String::new(),
            sections: sections.into(),
        }
    }

    #[test]
    fn every_shipped_template_comes_back_from_its_form_as_it_was() {
        for template in templates().into_iter().filter(|template| template.kind.slug != "addendum") {
            let form = TemplateForm::of(&template);
            let text = form.checked().expect(&template.slug);
            assert_eq!(parse(&template.slug, &text).expect("a template"), template);
        }
    }

    #[test]
    fn what_is_wrong_is_told_by_its_line_among_the_sections() {
        let said = |sections: &str| match form(sections).checked() {
            Err(problems) => problems.into_iter().map(|problem| problem.problem).collect::<Vec<_>>().join("; "),
            Ok(_) => String::new(),
        };
        assert_eq!(said("## Feet\r\n*** .vitals\n"), "");
        assert!(said("\nFeet\n## Plan").contains("line 2: begin with a heading"));
        assert!(said("## Feet\n\n## ").contains("line 3: a section needs a heading"), "{}", said("## Feet\n\n## "));
        assert!(said("").contains("a template has a section"));
        assert!(said("## Feet\nPulses .pulse").contains("line 2: .pulse is no live value"));
        let empty = TemplateForm::default().checked().expect_err("refused");
        assert_eq!(empty.iter().map(|problem| problem.field).collect::<Vec<_>>(), ["title", "kind", "sections"]);
        let many = "## A\n".repeat(25);
        assert!(said(&many).contains("line 25"), "{}", said(&many));
    }

    #[test]
    fn a_template_s_name_is_made_of_its_title_and_nobody_else_s() {
        let library = Library {
            shipped: templates().into_iter().map(|template| Shipped { template, hidden: false, version: 0 }).collect(),
            own: Vec::new(),
        };
        assert_eq!(library.free("Foot check (yearly)", &[]), "foot-check-yearly");
        assert_eq!(library.free("Diabetes", &[]), "diabetes-2");
        assert_eq!(library.free("New", &[]), "new-2");
        assert_eq!(library.free("足", &[]), "template");
    }
}
