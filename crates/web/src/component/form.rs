//! Forms: a field with its label, hint and error; the summary of errors above.

use clinic::FieldError;
use maud::{Markup, html};

/// One field of text.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    /// Its name and id.
    pub name: &'a str,
    /// The label.
    pub label: &'a str,
    /// What is there now.
    pub value: &'a str,
    /// A line of help, or empty.
    pub hint: &'a str,
    /// `text`, `password`, `date`, …
    pub kind: &'a str,
    /// For the browser: `off`, `username`, `current-password`, `new-password`, `one-time-code`.
    pub autocomplete: &'a str,
    /// Whether it must be filled in.
    pub required: bool,
    /// Whether it has the focus when the page opens: on pages that are one form.
    pub autofocus: bool,
    /// Its width: `short`, `long`, or empty.
    pub size: &'a str,
}

impl<'a> Field<'a> {
    /// A required line of text.
    #[must_use]
    pub fn text(name: &'a str, label: &'a str, value: &'a str) -> Self {
        Self {
            name,
            label,
            value,
            hint: "",
            kind: "text",
            autocomplete: "off",
            required: true,
            autofocus: false,
            size: "",
        }
    }

    /// A required password, never filled in by us.
    #[must_use]
    pub fn password(name: &'a str, label: &'a str, autocomplete: &'a str) -> Self {
        Self { kind: "password", autocomplete, ..Self::text(name, label, "") }
    }

    /// With a line of help.
    #[must_use]
    pub fn hint(self, hint: &'a str) -> Self {
        Self { hint, ..self }
    }

    /// With the focus when the page opens, even over the summary of what is to be mended: where only this field can be.
    #[must_use]
    pub fn focused(self) -> Self {
        Self { autofocus: true, ..self }
    }

    /// May stay empty.
    #[must_use]
    pub fn optional(self) -> Self {
        Self { required: false, ..self }
    }

    /// Its width: `short` or `long`.
    #[must_use]
    pub fn size(self, size: &'a str) -> Self {
        Self { size, ..self }
    }

    /// What the browser may fill in.
    #[must_use]
    pub fn autocomplete(self, autocomplete: &'a str) -> Self {
        Self { autocomplete, ..self }
    }

    /// The field, with its error if it has one.
    #[must_use]
    pub fn view(&self, errors: &[FieldError]) -> Markup {
        let control = html! {
            input id=(self.name) name=(self.name) type=(self.kind) value=[(self.kind != "password").then_some(self.value)]
                autocomplete=(self.autocomplete) required[self.required] autofocus[self.autofocus]
                aria-invalid=[wrong(self.name, errors).then_some("true")]
                aria-describedby=[described_by(self.name, self.hint, errors)];
        };
        wrapped(self, errors, &control)
    }
}

/// A choice of one among (value, label), which may stay empty.
#[must_use]
pub fn select(name: &str, label: &str, value: &str, choices: &[(&str, &str)], errors: &[FieldError]) -> Markup {
    one_of(Field::text(name, label, value).optional(), choices, errors)
}

/// A choice that must be made.
#[must_use]
pub fn needed(name: &str, label: &str, value: &str, choices: &[(&str, &str)], errors: &[FieldError]) -> Markup {
    one_of(Field::text(name, label, value), choices, errors)
}

/// Several lines of text, which may stay empty.
#[must_use]
pub fn area(name: &str, label: &str, value: &str, longest: usize, errors: &[FieldError]) -> Markup {
    let control = html! {
        textarea id=(name) name=(name) rows="3" maxlength=(longest) autocomplete="off" aria-invalid=[wrong(name, errors).then_some("true")]
            aria-describedby=[described_by(name, "", errors)] { (value) }
    };
    wrapped(&Field::text(name, label, value).optional(), errors, &control)
}

fn one_of(field: Field<'_>, choices: &[(&str, &str)], errors: &[FieldError]) -> Markup {
    let Field { name, value, .. } = field;
    let control = html! {
        select id=(name) name=(name) aria-invalid=[wrong(name, errors).then_some("true")]
            aria-describedby=[described_by(name, "", errors)] {
            @for (choice, words) in choices {
                option value=(choice) selected[*choice == value] { (words) }
            }
        }
    };
    wrapped(&field, errors, &control)
}

/// A box to tick.
#[must_use]
pub fn check(name: &str, label: &str, ticked: bool) -> Markup {
    html! {
        div class="field check" {
            input type="checkbox" id=(name) name=(name) value="yes" checked[ticked];
            label for=(name) { (label) }
        }
    }
}

/// The list of what is to be mended, which takes the focus. Nothing when there is nothing.
#[must_use]
pub fn error_summary(errors: &[FieldError]) -> Markup {
    let heading = match errors.len() {
        1 => "1 thing to mend before going on".to_owned(),
        count => format!("{count} things to mend before going on"),
    };
    html! {
        @if !errors.is_empty() {
            div class="error-summary" role="alert" tabindex="-1" {
                h2 { (heading) }
                ul { @for error in errors { li { a href={ "#" (error.field) } { (error.problem) } } } }
            }
        }
    }
}

fn wrapped(field: &Field<'_>, errors: &[FieldError], control: &Markup) -> Markup {
    let Field { name, label, hint, size, .. } = *field;
    let classes = ["field", size, if wrong(name, errors) { "invalid" } else { "" }];
    html! {
        div class=(classes.iter().filter(|class| !class.is_empty()).copied().collect::<Vec<_>>().join(" ")) {
            label for=(name) { (label) @if field.required { " " span class="req" { "required" } } }
            @if !hint.is_empty() { p class="hint" id={ (name) "-hint" } { (hint) } }
            @for error in errors.iter().filter(|error| error.field == name) {
                p class="error" id={ (name) "-error" } { (error.problem) }
            }
            (control)
        }
    }
}

fn wrong(name: &str, errors: &[FieldError]) -> bool {
    errors.iter().any(|error| error.field == name)
}

fn described_by(name: &str, hint: &str, errors: &[FieldError]) -> Option<String> {
    let hint = (!hint.is_empty()).then(|| format!("{name}-hint"));
    let error = wrong(name, errors).then(|| format!("{name}-error"));
    let both: Vec<String> = hint.into_iter().chain(error).collect();
    (!both.is_empty()).then(|| both.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_tied_to_its_field_and_hostile_values_stay_text() {
        let errors = [FieldError { field: "name", problem: "Name: missing".to_owned() }];
        let view = Field::text("name", "Name", "\"><script>").hint("As written").view(&errors).into_string();
        assert!(view.contains(r#"aria-describedby="name-hint name-error""#));
        assert!(view.contains(r#"aria-invalid="true""#));
        assert!(view.contains("&quot;&gt;&lt;script&gt;"));
        assert!(error_summary(&errors).into_string().contains("href=\"#name\""));
        assert_eq!(error_summary(&[]).into_string(), "");
    }

    #[test]
    fn a_password_is_never_written_back() {
        let field = Field { value: "secret words", ..Field::password("password", "Password", "current-password") };
        assert!(!field.view(&[]).into_string().contains("secret"));
    }
}
