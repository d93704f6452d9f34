//! What an account must say of itself.

use crate::error::FieldError;
use crate::{Error, Result};
use fhir::Id;
use store::accounts::User;
use store::{Actor, Role};

/// An account as it is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserForm {
    /// User name.
    pub username: String,
    /// Name shown.
    pub display_name: String,
    /// Role, as its slug.
    pub role: String,
    /// Id of a Practitioner resource, [`NEW_PRACTITIONER`], or empty.
    pub practitioner: String,
}

/// An account that may be made or changed so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedUser {
    /// Lower case.
    pub username: String,
    /// Trimmed.
    pub display_name: String,
    /// The role.
    pub role: Role,
    /// The link.
    pub practitioner: Link,
}

/// What stands in place of an id for a Practitioner to be made from the account's name. No id has such a letter.
pub const NEW_PRACTITIONER: &str = "+new";

/// Which Practitioner an account's holder is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// None: charts do not name them.
    None,
    /// One of the practice.
    To(Id),
    /// One made for them.
    New,
}

/// Checks a form, every field at once.
///
/// # Errors
/// [`Error::Fields`].
pub fn check_user(form: &UserForm) -> Result<CheckedUser> {
    let mut problems = Vec::new();
    let username = keep(&mut problems, check_username(&form.username));
    let display_name = keep(&mut problems, check_name("display_name", &form.display_name, "Name"));
    let role = keep(&mut problems, check_role(&form.role));
    let practitioner = keep(&mut problems, check_practitioner(&form.practitioner));
    match (username, display_name, role, practitioner) {
        (Some(username), Some(display_name), Some(role), Some(practitioner)) => {
            Ok(CheckedUser { username, display_name, role, practitioner })
        }
        _ => Err(Error::Fields(problems)),
    }
}

pub(super) fn keep<T>(problems: &mut Vec<FieldError>, checked: std::result::Result<T, FieldError>) -> Option<T> {
    checked.map_err(|problem| problems.push(problem)).ok()
}

fn check_username(text: &str) -> std::result::Result<String, FieldError> {
    let name = text.trim().to_lowercase();
    let fits = name.len() >= 2
        && name.len() <= 64
        && name.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_' | '@'));
    if fits {
        return Ok(name);
    }
    Err(FieldError {
        field: "username",
        problem: "User name: write 2 to 64 letters (a to z), digits, dots, hyphens, for example ama.okafor".to_owned(),
    })
}

/// A name shown to others: one line of ordinary text, without characters that hide, reorder or imitate.
pub(crate) fn check_name(field: &'static str, text: &str, label: &str) -> std::result::Result<String, FieldError> {
    let name = text.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(FieldError { field, problem: format!("{label}: write 1 to 100 characters") });
    }
    if name.chars().any(is_invisible) {
        return Err(FieldError {
            field,
            problem: format!(
                "{label}: it has characters that cannot be seen (control or direction marks): type it anew"
            ),
        });
    }
    Ok(name)
}

/// Control characters, and the format characters that reorder or hide text (Unicode Standard Annex 9; zero-width characters).
pub(crate) fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

fn check_role(slug: &str) -> std::result::Result<Role, FieldError> {
    Role::parse(slug).filter(|role| *role != Role::Integration).ok_or_else(|| FieldError {
        field: "role",
        problem: "Role: choose one. Programs get a token instead of an account".to_owned(),
    })
}

fn check_practitioner(text: &str) -> std::result::Result<Link, FieldError> {
    let text = text.trim();
    let text = text.strip_prefix("Practitioner/").unwrap_or(text);
    match text {
        "" => Ok(Link::None),
        NEW_PRACTITIONER => Ok(Link::New),
        text => Id::parse(text).map(Link::To).map_err(|_| FieldError {
            field: "practitioner",
            problem: "Practitioner: choose one of the list".to_owned(),
        }),
    }
}

/// A user as the audit trail names them.
#[must_use]
pub fn actor(user: &User) -> Actor {
    Actor { id: user.id, name: user.username.clone(), role: Some(user.role), practitioner: user.practitioner.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(form: &UserForm) -> Vec<&'static str> {
        match check_user(form) {
            Err(Error::Fields(problems)) => problems.into_iter().map(|problem| problem.field).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        assert_eq!(fields(&UserForm::default()), ["username", "display_name", "role"]);
        let form = UserForm {
            username: "Ama.Okafor ".to_owned(),
            display_name: "Dr Ama Okafor".to_owned(),
            role: "clinician".to_owned(),
            practitioner: "Practitioner/p-1".to_owned(),
        };
        assert_eq!(check_user(&form).expect("fits").username, "ama.okafor");
        for (field, value) in [
            ("username", "a b"),
            ("username", "<script>"),
            ("username", "müller"),
            ("display_name", "a\u{202e}b"),
            ("display_name", "a\nb"),
            ("role", "integration"),
            ("role", "Manager"),
            ("practitioner", "a/b"),
        ] {
            let mut bad = form.clone();
            match field {
                "username" => bad.username = value.to_owned(),
                "display_name" => bad.display_name = value.to_owned(),
                "role" => bad.role = value.to_owned(),
                _ => bad.practitioner = value.to_owned(),
            }
            assert_eq!(fields(&bad), [field], "{value}");
        }
    }

    #[test]
    fn names_of_the_world_are_taken_as_they_are() {
        for name in ["O’Brien-Ńowak", "佐藤 花子", "עומר", "Dr. med. Ünal <Ward 3>"] {
            assert_eq!(check_name("display_name", name, "Name").expect("fits"), name);
        }
    }
}
