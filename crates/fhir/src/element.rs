//! Reading any element by name: the getters every typed view is made of.
//!
//! An [`Element`] borrows from a parsed body. Paths are FHIR element names joined by dots; where an element repeats, [`Element::get`]
//! takes the first and [`Element::each`] takes all.
//!
//! ```
//! let body = fhir::element::Body::parse(br#"{"code":{"coding":[{"code":"E11.9"}],"text":"Diabetes"}}"#)?;
//! assert_eq!(body.root().text("code.coding.code"), Some("E11.9"));
//! # Ok::<(), fhir::json::JsonError>(())
//! ```

use crate::json::{self, JsonError};
use crate::{Key, Kind};
use serde_json::Value;

/// A parsed resource that may be looked at but not printed.
pub struct Body(Value);

impl Body {
    /// Reads a stored or sent body.
    ///
    /// # Errors
    /// When it is not JSON as [`json::parse`] requires.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        json::parse(bytes).map(Self)
    }

    /// The resource itself.
    #[must_use]
    pub fn root(&self) -> Element<'_> {
        Element(&self.0)
    }

    /// The value, for the editors of [`crate::edit`].
    #[must_use]
    pub fn into_value(self) -> Value {
        self.0
    }
}

impl From<Value> for Body {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

/// One element of a resource.
#[derive(Clone, Copy)]
pub struct Element<'a>(&'a Value);

impl<'a> Element<'a> {
    /// The value itself, for code of this crate's kind that edits or indexes.
    #[must_use]
    pub fn value(self) -> &'a Value {
        self.0
    }

    /// The element at a path, the first where one repeats.
    #[must_use]
    pub fn get(self, path: &str) -> Option<Element<'a>> {
        let mut at = self.first()?;
        for name in path.split('.') {
            at = Element(member(at.0, name)?).first()?;
        }
        Some(at)
    }

    /// Every element at a path, through repetitions.
    #[must_use]
    pub fn each(self, path: &str) -> Vec<Element<'a>> {
        let mut found = vec![self];
        for name in path.split('.') {
            found = found
                .into_iter()
                .filter_map(|element| member(element.0, name))
                .flat_map(|value| match value {
                    Value::Array(items) => items.iter().map(Element).collect(),
                    one => vec![Element(one)],
                })
                .collect();
        }
        found
    }

    /// The text of a string element at a path; blank text counts as none.
    #[must_use]
    pub fn text(self, path: &str) -> Option<&'a str> {
        self.get(path)?.as_text()
    }

    /// This element's own text.
    #[must_use]
    pub fn as_text(self) -> Option<&'a str> {
        self.0.as_str().filter(|text| !text.trim().is_empty())
    }

    /// A number as written, such as `1.50`.
    #[must_use]
    pub fn number(self, path: &str) -> Option<&'a str> {
        match self.get(path)?.0 {
            Value::Number(number) => Some(number.as_str()),
            _ => None,
        }
    }

    /// A boolean.
    #[must_use]
    pub fn flag(self, path: &str) -> Option<bool> {
        self.get(path)?.0.as_bool()
    }

    /// A choice element such as `value[x]`: its type as the name says it (`Quantity`), and the element.
    #[must_use]
    pub fn choice(self, name: &str) -> Option<(&'a str, Element<'a>)> {
        self.0.as_object()?.iter().find_map(|(member, value)| {
            let suffix = member.strip_prefix(name)?;
            suffix.starts_with(|c: char| c.is_ascii_uppercase()).then_some((suffix, Element(value)))
        })
    }

    /// The resource type, when this is a resource.
    #[must_use]
    pub fn kind(self) -> Option<Kind> {
        Kind::parse(self.text("resourceType")?)
    }

    /// What a reference element at a path points to, when it is a relative reference.
    #[must_use]
    pub fn reference(self, path: &str) -> Option<Key> {
        Key::parse(self.get(path)?.text("reference")?)
    }

    /// An extension by its address.
    #[must_use]
    pub fn extension(self, url: &str) -> Option<Element<'a>> {
        self.each("extension").into_iter().find(|extension| extension.text("url") == Some(url))
    }

    /// A contained resource by its local id, as `#med` refers to it.
    #[must_use]
    pub fn contained(self, local: &str) -> Option<Element<'a>> {
        let id = local.strip_prefix('#')?;
        self.each("contained").into_iter().find(|resource| resource.text("id") == Some(id))
    }

    /// The words of a CodeableConcept at a path: its text, else the first display, else the first code.
    #[must_use]
    pub fn words(self, path: &str) -> Option<String> {
        self.get(path)?.concept_words()
    }

    /// The words of this CodeableConcept, Coding, or plain string.
    #[must_use]
    pub fn concept_words(self) -> Option<String> {
        if let Some(text) = self.as_text() {
            return Some(text.trim().to_owned());
        }
        let coding = || self.each("coding");
        self.text("text")
            .or_else(|| self.text("display"))
            .or_else(|| coding().into_iter().find_map(|c| c.text("display")))
            .or_else(|| coding().into_iter().find_map(|c| c.text("code")))
            .or_else(|| self.text("code"))
            .map(|text| text.trim().to_owned())
    }

    /// The code of this system in a CodeableConcept at a path.
    #[must_use]
    pub fn code_of(self, path: &str, system: &str) -> Option<&'a str> {
        self.each(path)
            .into_iter()
            .flat_map(|concept| concept.each("coding"))
            .find(|coding| coding.text("system") == Some(system))
            .and_then(|coding| coding.text("code"))
    }

    /// Whether a CodeableConcept at a path (or any of its repetitions) has this code, whatever its system.
    #[must_use]
    pub fn has_code(self, path: &str, code: &str) -> bool {
        self.each(path)
            .into_iter()
            .any(|concept| concept.each("coding").into_iter().any(|coding| coding.text("code") == Some(code)))
    }

    /// Members of an object in order, or nothing.
    pub fn members(self) -> impl Iterator<Item = (&'a str, Element<'a>)> {
        self.0.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), Element(value)))
    }

    /// Items of a list in order, or nothing.
    pub fn items(self) -> impl Iterator<Item = Element<'a>> {
        self.0.as_array().into_iter().flatten().map(Element)
    }

    /// A primitive as text: strings bare, numbers and booleans as written; `None` for objects and lists.
    #[must_use]
    pub fn primitive(self) -> Option<String> {
        match self.0 {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.as_str().to_owned()),
            Value::Bool(true) => Some("yes".to_owned()),
            Value::Bool(false) => Some("no".to_owned()),
            _ => None,
        }
    }

    fn first(self) -> Option<Element<'a>> {
        match self.0 {
            Value::Array(items) => items.iter().find(|item| !item.is_null()).map(Element),
            Value::Null => None,
            _ => Some(self),
        }
    }
}

/// A member by its name. Elements have few members: looking along them is quicker than working out where a name's hash would be.
fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.as_object()?.iter().find_map(|(known, value)| (known == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> Body {
        Body::parse(text.as_bytes()).expect("test body")
    }

    #[test]
    fn paths_go_through_repetitions() {
        let body = body(r#"{"name":[{"given":["Ana","María"]},{"given":["Lee"]}]}"#);
        assert_eq!(body.root().text("name.given"), Some("Ana"));
        let all: Vec<_> = body.root().each("name.given").iter().filter_map(|e| e.as_text()).collect();
        assert_eq!(all, ["Ana", "María", "Lee"]);
        assert!(body.root().text("name.family").is_none());
        assert!(body.root().text("name.given.x").is_none());
    }

    #[test]
    fn numbers_keep_their_text_and_choices_their_type() {
        let body = body(r#"{"valueSet":1,"valueQuantity":{"value":1.50,"unit":"mg"},"deceasedBoolean":true}"#);
        assert_eq!(body.root().number("valueQuantity.value"), Some("1.50"));
        let (name, _) = body.root().choice("deceased").expect("choice");
        assert_eq!(name, "Boolean");
        assert!(body.root().choice("dec").is_none(), "a choice's type begins with a capital");
    }

    #[test]
    fn words_prefer_text_then_display_then_code() {
        let body = body(
            r#"{"a":{"text":" As said ","coding":[{"code":"1","display":"One"}]},"b":{"coding":[{"code":"2"},{"display":"Two"}]},
            "c":{"coding":[{"code":"3"}]},"d":{"text":"  "}}"#,
        );
        let root = body.root();
        assert_eq!(root.words("a").as_deref(), Some("As said"));
        assert_eq!(root.words("b").as_deref(), Some("Two"));
        assert_eq!(root.words("c").as_deref(), Some("3"));
        assert_eq!(root.words("d"), None);
    }
}
