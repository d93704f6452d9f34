//! Dot phrases that people write: their own, and those of the practice, which the manager keeps. In the editor they are typed as the live
//! ones are; what stands in them may be live in turn. A personal phrase comes before the practice's of the same name, and none has the
//! name of a live one.

use super::live::{self, PHRASES};
use crate::access::{Action, Caller};
use crate::account::is_invisible;
use crate::error::{Error, FieldError, Result};
use jiff::Timestamp;
use store::Store;
use store::accounts::AccountChange;
use store::audit::Entry;
use store::texts::{KeptText, TextChange, TextKey, TextKind};
use uuid::Uuid;

/// Whose phrases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The caller's own.
    Mine,
    /// The practice's.
    Practice,
}

impl Of {
    /// What it takes to change them.
    #[must_use]
    pub fn needs(self) -> Action {
        match self {
            Self::Mine => Action::WriteNotes,
            Self::Practice => Action::Manage,
        }
    }

    fn key(self, caller: &Caller, name: &str) -> TextKey {
        let owner = (self == Self::Mine).then_some(caller.actor.id);
        TextKey { kind: TextKind::Phrase, owner, name: name.to_owned() }
    }
}

/// A phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    /// What is typed, without the dot.
    pub name: String,
    /// What it brings.
    pub text: String,
    /// Its version.
    pub version: u32,
    /// Who wrote that.
    pub by: Uuid,
    /// When.
    pub at: Timestamp,
}

impl Saying {
    fn of(kept: KeptText) -> Option<Self> {
        let KeptText { key, version, text, by, at } = kept;
        Some(Self { name: key.name, text: text?, version, by, at })
    }
}

/// The phrases somebody may type beside the live ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sayings {
    /// Their own, by name.
    pub own: Vec<Saying>,
    /// The practice's, by name.
    pub practice: Vec<Saying>,
}

impl Sayings {
    /// Of an account.
    ///
    /// # Errors
    /// What the store says.
    pub async fn read(store: &dyn Store, account: Uuid) -> Result<Self> {
        let mut sayings = Self::default();
        for kept in store.texts(TextKind::Phrase).await? {
            let list = match kept.key.owner {
                None => &mut sayings.practice,
                Some(owner) if owner == account => &mut sayings.own,
                Some(_) => continue,
            };
            list.extend(Saying::of(kept));
        }
        Ok(sayings)
    }

    /// The phrase of a name: one's own before the practice's.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Saying> {
        self.own.iter().chain(&self.practice).find(|saying| saying.name == name)
    }

    /// Every name that is typed in a note, live ones first.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.own.iter().chain(&self.practice).map(|saying| saying.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        PHRASES.iter().map(|phrase| phrase.name).chain(names).collect()
    }
}

/// A phrase as it is typed into its form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PhraseForm {
    /// Its name.
    pub name: String,
    /// What it brings.
    pub text: String,
    /// The version that was shown; 0 for a new one.
    pub version: u32,
}

/// Characters of a phrase at most: two printed pages.
pub const MOST_CHARS: usize = 8000;

/// Keeps a phrase, new or changed.
///
/// # Errors
/// [`Error::NotPermitted`]; [`Error::Fields`]; [`Error::Stale`] when it was changed since it was shown.
pub async fn keep(store: &dyn Store, caller: &Caller, of: Of, form: &PhraseForm) -> Result<String> {
    permitted(caller, of)?;
    let name = form.name.trim().trim_start_matches('.').to_lowercase();
    let text = form.text.replace("\r\n", "\n").trim_end().to_owned();
    let problems: Vec<_> = check_name(&name).into_iter().chain(check_text(&text)).collect();
    if !problems.is_empty() {
        return Err(Error::Fields(problems));
    }
    let key = of.key(caller, &name);
    let mut based_on = form.version;
    if based_on == 0 {
        match store.text(&key).await? {
            Some(there) if there.text.is_some() => {
                return Err(Error::Fields(vec![wrong("name", format!("Name: there is a phrase .{name} already"))]));
            }
            // It was taken away: it is written anew.
            taken => based_on = taken.map_or(0, |taken| taken.version),
        }
    }
    change(store, caller, "phrase.keep", TextChange { key, based_on, text: Some(text), by: caller.actor.id }).await?;
    Ok(name)
}

/// Takes a phrase away. Its versions stay.
///
/// # Errors
/// [`Error::NotPermitted`]; [`Error::Stale`].
pub async fn remove(store: &dyn Store, caller: &Caller, of: Of, name: &str, version: u32) -> Result<()> {
    permitted(caller, of)?;
    let change_ = TextChange { key: of.key(caller, name), based_on: version, text: None, by: caller.actor.id };
    change(store, caller, "phrase.remove", change_).await
}

/// Every version of a phrase, newest first; none when it is not there.
///
/// # Errors
/// [`Error::NotPermitted`]; [`Error::NotFound`].
pub async fn versions(store: &dyn Store, caller: &Caller, of: Of, name: &str) -> Result<Vec<KeptText>> {
    permitted(caller, of)?;
    let versions = store.text_versions(&of.key(caller, name)).await?;
    if versions.first().is_some_and(|newest| newest.text.is_some()) { Ok(versions) } else { Err(Error::NotFound) }
}

fn permitted(caller: &Caller, of: Of) -> Result<()> {
    if caller.may(of.needs()) { Ok(()) } else { Err(Error::NotPermitted) }
}

async fn change(store: &dyn Store, caller: &Caller, action: &str, text: TextChange) -> Result<()> {
    let whose = if text.key.owner.is_some() { "own" } else { "of the practice" };
    let audit = Entry { detail: format!(".{} ({whose})", text.key.name), ..caller.entry(action) };
    Ok(store.change(AccountChange::KeepText(text), audit).await?)
}

fn check_name(name: &str) -> Option<FieldError> {
    let fits = (2..=24).contains(&name.len())
        && name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit());
    if !fits {
        let problem = "Name: write 2 to 24 letters (a to z) and digits, beginning with a letter, for example lungs";
        return Some(wrong("name", problem.to_owned()));
    }
    let live = PHRASES.iter().find(|phrase| phrase.name == name)?;
    Some(wrong("name", format!("Name: .{name} brings {} from the chart already; choose another", live.brings)))
}

fn check_text(text: &str) -> Option<FieldError> {
    let count = text.chars().count();
    if text.trim().is_empty() || count > MOST_CHARS {
        return Some(wrong("text", format!("Text: write 1 to {MOST_CHARS} characters")));
    }
    unseen(text).or_else(|| {
        let (line, word) = live::unknown(text)?;
        let problem = format!("Text, line {line}: {word} is no live value. There are {}", live::typed());
        Some(wrong("text", problem))
    })
}

/// What cannot be seen would come into notes unread.
pub(super) fn unseen(text: &str) -> Option<FieldError> {
    let hidden = |letter: char| is_invisible(letter) && letter != '\n' && letter != '\t';
    let line = text.lines().position(|line| line.contains(hidden))? + 1;
    let problem = "it has characters that cannot be seen (control or direction marks): type it anew";
    Some(wrong("text", format!("Text, line {line}: {problem}")))
}

fn wrong(field: &'static str, problem: String) -> FieldError {
    FieldError { field, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_plain_and_of_no_live_value() {
        for name in ["lungs", "ros2", "nl"] {
            assert_eq!(check_name(name), None, "{name}");
        }
        for name in ["", "x", "2ros", "lung sounds", "lungs-clear", "müde", "a2345678901234567890123456"] {
            assert!(check_name(name).is_some(), "{name}");
        }
        let taken = check_name("vitals").expect("taken").problem;
        assert!(taken.contains("the newest of each vital sign"), "{taken}");
    }

    #[test]
    fn a_text_says_where_it_is_wrong() {
        assert_eq!(check_text("Clear.\n\n\t***\n.vitals"), None);
        assert!(check_text(" \n ").is_some() && check_text(&"x".repeat(MOST_CHARS + 1)).is_some());
        let said = |text: &str| check_text(text).expect("refused").problem;
        assert!(said("One\nTwo .vitels").contains("line 2: .vitels is no live value"));
        assert!(said("One\nT\u{202e}wo").contains("line 2"));
    }

    #[test]
    fn one_s_own_comes_before_the_practice_s() {
        let saying = |name: &str, text: &str| Saying {
            name: name.into(),
            text: text.into(),
            version: 1,
            by: Uuid::nil(),
            at: Timestamp::UNIX_EPOCH,
        };
        let sayings = Sayings {
            own: vec![saying("lungs", "own")],
            practice: vec![saying("heart", "shared"), saying("lungs", "shared")],
        };
        let text = |name: &str| sayings.named(name).map(|saying| saying.text.as_str());
        assert_eq!((text("lungs"), text("heart"), text("skin")), (Some("own"), Some("shared"), None));
        let names = sayings.names();
        assert_eq!(&names[PHRASES.len()..], ["heart", "lungs"]);
    }
}
