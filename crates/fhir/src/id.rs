//! Logical ids and the key of a resource.

use crate::Kind;
use std::fmt;

/// A FHIR logical id: 1 to 64 of `A-Z a-z 0-9 - .` (R4 `id`). Opaque to every reader.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(Box<str>);

/// The text is not a FHIR id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id has 1 to 64 letters, digits, '-' or '.'")]
pub struct InvalidId;

impl Id {
    /// Checks and keeps an id.
    ///
    /// # Errors
    /// When the text is empty, longer than 64, or has another character.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
        if (1..=64).contains(&text.len()) && text.bytes().all(legal) { Ok(Self(text.into())) } else { Err(InvalidId) }
    }

    /// The id of a UUID, in its usual hyphenated form.
    #[must_use]
    pub fn from_uuid(uuid: uuid::Uuid) -> Self {
        Self(uuid.hyphenated().to_string().into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What names one resource: its type and id, written `Observation/7f2…`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The resource type.
    pub kind: Kind,
    /// The logical id, unique within its type.
    pub id: Id,
}

impl Key {
    /// Names a resource.
    #[must_use]
    pub fn new(kind: Kind, id: Id) -> Self {
        Self { kind, id }
    }

    /// Reads a relative reference such as `Patient/123` or `Patient/123/_history/2` (the version is dropped).
    #[must_use]
    pub fn parse(reference: &str) -> Option<Self> {
        let mut parts = reference.split('/');
        let key = Self { kind: Kind::parse(parts.next()?)?, id: Id::parse(parts.next()?).ok()? };
        match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => Some(key),
            (Some("_history"), Some(version), None) if !version.is_empty() => Some(key),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.id)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Ids typed by what they name, so that a visit's id cannot stand where a patient's belongs.
macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident, $kind:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub struct $name(Id);

        impl $name {
            /// Wraps an id known to name this type.
            #[must_use]
            pub fn new(id: Id) -> Self {
                Self(id)
            }

            /// Checks and wraps text.
            ///
            /// # Errors
            /// As [`Id::parse`].
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                Id::parse(text).map(Self)
            }

            /// The bare id.
            #[must_use]
            pub fn id(&self) -> &Id {
                &self.0
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The key of the resource it names.
            #[must_use]
            pub fn key(&self) -> Key {
                Key::new($kind, self.0.clone())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0.as_str())
            }
        }
    };
}

typed_id!(
    /// The id of a Patient: also names a patient compartment, which is one chart.
    PatientId,
    Kind::PATIENT
);
typed_id!(
    /// The id of an Encounter.
    VisitId,
    Kind::ENCOUNTER
);
typed_id!(
    /// The id of a Practitioner.
    PractitionerId,
    Kind::PRACTITIONER
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_r4() {
        assert!(Id::parse("a-1.B").is_ok());
        for bad in ["", "a b", "a/b", "é", &"x".repeat(65)] {
            assert_eq!(Id::parse(bad), Err(InvalidId));
        }
    }

    #[test]
    fn keys_read_relative_references() {
        let key = Key::parse("Patient/p1/_history/3").expect("a versioned reference names its resource");
        assert_eq!(key.to_string(), "Patient/p1");
        for bad in ["Patient", "Patient/", "Nonsense/1", "Patient/1/x", "http://h/Patient/1", "Patient/1/_history/"] {
            assert_eq!(Key::parse(bad), None, "{bad}");
        }
    }
}
